"""Data set nirsoil: 825 Walloon soils of the "Chimiometrie 2006" challenge, NIR."""

from pathlib import Path

import numpy as np
import pandas as pd

from cerussite.core.spectra import Spectra
from cerussite.core.survey import Survey
from cerussite.readers.named.record import (
    Column,
    DatasetRecord,
    PublicFile,
    numbered,
    responses_of,
    survey_of,
)
from cerussite.readers.rda import read_rda

NIRSOIL = DatasetRecord(
    name="nirsoil",
    title="Walloon soils of the Chimiometrie 2006 challenge, NIR",
    role="source",
    n_samples=825,
    axis="1100-2498 nm at 2 nm, absorbance",
    responses=("N", "SOC", "CEC"),
    address="https://github.com/l-ramirez-lopez/prospectr",
    licence="MIT",
    citation=(
        "Fernandez Pierna, J. A. and Dardenne, P. (2008). Soil parameter "
        "quantification by NIRS as a chemometric challenge at 'Chimiometrie 2006'. "
        "Chemometrics and Intelligent Laboratory Systems 91, 94-98."
    ),
    file=PublicFile(
        name="NIRsoil.RData",
        folder="nirsoil",
        sha256="fbd4ecf28d1e6d1ac046ad537d887e794102cb16c826ef150798623cc3012479",
        address=(
            "https://raw.githubusercontent.com/l-ramirez-lopez/prospectr/"
            "6637e0e13b3a593c751206b2c38d34730c533d01/data/NIRsoil.RData"
        ),
    ),
    notes=(
        (
            "The column Ciso is carbon by ISO 14235, sulfochromic oxidation, a procedure "
            "for organic carbon: read as SOC and converted from per cent."
        ),
        "CEC in meq/100 g is the same number in cmol/kg; total N converted from g/kg.",
        "The column train tells the challenge's own split (1 = calibration).",
    ),
)


def load_nirsoil(path: Path) -> Survey:
    """
    Read NIRsoil.

    Parameters
    ----------
    path : Path
        The published .RData file.

    Returns
    -------
    Survey
        825 samples; each response is missing for some of them.
    """
    frame = read_rda(path)["NIRsoil"].columns()
    spectra = frame.pop("spc")
    table = pd.DataFrame({name: column.content for name, column in frame.items()})
    return survey_of(
        NIRSOIL,
        samples=numbered(
            NIRSOIL.name, len(table), train=table["train"].to_numpy(np.int64)
        ),
        measured=responses_of(
            table,
            [
                Column("Nt", "N", "g/kg"),
                Column("Ciso", "SOC", "%", "sulfochromic_oxidation"),
                Column("CEC", "CEC", "cmol/kg"),
            ],
        ),
        spectra=Spectra(
            spectra.matrix(),
            np.array(spectra.column_names(), dtype=np.float64),
            "absorbance",
        ),
    )
