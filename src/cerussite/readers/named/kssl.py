"""Data set kssl-mir-500: 500 soils of the US national library, MIR."""

from pathlib import Path

import numpy as np
import pandas as pd

from cerussite.core.survey import Survey
from cerussite.readers.named.record import (
    Column,
    DatasetRecord,
    PublicFile,
    responses_of,
    spectra_on_wavenumbers,
    survey_of,
)

KSSL = DatasetRecord(
    name="kssl-mir-500",
    title="500 soils of the US national library (KSSL, via OSSL), MIR",
    role="source",
    n_samples=500,
    axis="600-4000 cm-1 at 2 cm-1, absorbance",
    responses=("SOC", "clay", "CEC", "K_exchangeable"),
    address="https://pypi.org/project/soilspecdl/0.2.0/",
    licence="CC BY 4.0",
    citation=(
        "Safanelli, J. L. et al. (2025). Open Soil Spectral Library (OSSL). PLoS ONE "
        "20(1), e0296545; spectra and analyses: USDA-NRCS Kellogg Soil Survey "
        "Laboratory; selection: Python package soilspecdl 0.2.0."
    ),
    file=PublicFile(
        name="toy_kssl_mir.csv.gz",
        folder="kssl_mir500",
        sha256="044841268f5f6a12e5472092bf89ec3e7746727c773810577135c78a9ca1fc6b",
        address=(
            "https://files.pythonhosted.org/packages/fc/6a/"
            "d2247e0e8a299d2edd3c0c64e25d44675fadb0949e1370e3a67d24564693/"
            "soilspecdl-0.2.0-py3-none-any.whl"
        ),
        member="soilspecdl/data/toy_kssl_mir.csv.gz",
        archive_sha256=(
            "61d4749194986bdf336d49fb96029491663a283c752e5e4379993bdf1db44639"
        ),
    ),
    notes=(
        (
            "Procedures are USDA method codes as OSSL names them (c729 organic carbon, "
            "a334 clay, a723 CEC, a725 exchangeable potassium)."
        ),
        (
            "Zeros are the provider's values (SOC, clay, potassium); it gives no detection "
            "limits. Sites are not published: only random validation is possible."
        ),
    ),
)


def load_kssl(path: Path) -> Survey:
    """
    Read the 500 soils of the US national library.

    Parameters
    ----------
    path : Path
        The published .csv.gz file.

    Returns
    -------
    Survey
        500 samples.
    """
    table = pd.read_csv(path, index_col="id", dtype={"id": str})
    bands = [name for name in table.columns if name.isdigit()]
    return survey_of(
        KSSL,
        samples=pd.DataFrame(index=table.index),
        measured=responses_of(
            table,
            [
                Column("oc_usda.c729_w.pct", "SOC", "%", "usda_c729"),
                Column("clay.tot_usda.a334_w.pct", "clay", "%", "usda_a334"),
                Column("cec_usda.a723_cmolc.kg", "CEC", "cmol/kg", "usda_a723"),
                Column(
                    "k.ext_usda.a725_cmolc.kg", "K_exchangeable", "cmol/kg", "usda_a725"
                ),
            ],
        ),
        spectra=spectra_on_wavenumbers(
            table[bands].to_numpy(np.float64), map(float, bands)
        ),
    )
