"""Data set datsoilspc: 391 Australian wheat-belt soils, vis-NIR and texture."""

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

DATSOILSPC = DatasetRecord(
    name="datsoilspc",
    title="Wheat-belt soils of New South Wales and Victoria, vis-NIR",
    role="source",
    n_samples=391,
    axis="350-2500 nm at 1 nm, reflectance",
    responses=("clay", "silt", "sand", "C"),
    address="https://github.com/AlexandreWadoux/soilspec",
    licence="MIT",
    citation=(
        "Wadoux, A. M. J.-C., Malone, B., Minasny, B., Fajardo, M. and McBratney, "
        "A. B. (2021). Soil Spectral Inference with R. Springer; data of Geeves, G. W. "
        "et al. (1994), NSW Department of Conservation and Land Management and CSIRO."
    ),
    file=PublicFile(
        name="datsoilspc.rda",
        folder="datsoilspc",
        sha256="fe9d41c29d9332dbf8f8b6814f49719c4b28b4d03a1ea083df95231fdecd2890",
        address=(
            "https://raw.githubusercontent.com/AlexandreWadoux/soilspec/"
            "cfd1758b3f0b8c9c33a860bac130c47faaa0fb53/data/datsoilspc.rda"
        ),
    ),
    notes=(
        (
            "Clay, silt, sand and total carbon converted from per cent; the provider "
            "states no procedures, and no pH and no metals were published."
        ),
        "Sites are not published: no groups, so only random validation is possible.",
    ),
)


def load_datsoilspc(path: Path) -> Survey:
    """
    Read datsoilspc.

    Parameters
    ----------
    path : Path
        The published .rda file.

    Returns
    -------
    Survey
        391 samples.
    """
    frame = read_rda(path)["datsoilspc"].columns()
    spectra = frame.pop("spc")
    table = pd.DataFrame({name: column.content for name, column in frame.items()})
    return survey_of(
        DATSOILSPC,
        samples=numbered(DATSOILSPC.name, len(table)),
        measured=responses_of(
            table,
            [
                Column("clay", "clay", "%"),
                Column("silt", "silt", "%"),
                Column("sand", "sand", "%"),
                Column("TotalCarbon", "C", "%"),
            ],
        ),
        spectra=Spectra(
            spectra.matrix(),
            np.array(spectra.column_names(), dtype=np.float64),
            "reflectance",
        ),
    )
