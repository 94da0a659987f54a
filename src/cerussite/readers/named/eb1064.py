"""Data set eb1064: peatland pool sediments and litter, MIR and elements by WD-XRF."""

from dataclasses import replace
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

_ELEMENTS = [
    "Pb",
    "Zn",
    "Cu",
    "Cr",
    "Mn",
    "Fe",
    "Ti",
    "As",
    "Na",
    "Mg",
    "Al",
    "Si",
    "P",
    "S",
    "Cl",
    "K",
    "Ca",
    "Br",
    "Rb",
    "Sr",
    "Ba",
]
_COLUMNS = [
    *(Column(f"{element}_mgkg", element, "mg/kg", "wd_xrf") for element in _ELEMENTS),
    Column("C_pct", "C", "%", "elemental_analysis"),
    Column("N_pct", "N", "%", "elemental_analysis"),
]

EB1064 = DatasetRecord(
    name="eb1064",
    title="Pool sediments and litter of the Grande plee Bleue peatland, MIR",
    role="target",
    n_samples=78,
    axis="600-4001 cm-1 at 1.93 cm-1, absorbance",
    responses=tuple(column.response for column in _COLUMNS),
    address=(
        "https://github.com/henningte/eb1149/tree/"
        "8d3730d5660249231ee34991ded18ced137fbdf2/data/raw_data/eb1064"
    ),
    licence="CC0, attribution requested",
    citation=(
        "Arsenault, J. et al. (2024). Data: Zenodo, doi:10.5281/zenodo.10581235; "
        "Biogeosciences 21, 3491-3507, doi:10.5194/bg-21-3491-2024. Compendium: "
        "Teickner, H., Arsenault, J., Galka, M. and Knorr, K.-H. (2025), "
        "https://github.com/henningte/eb1149"
    ),
    file=PublicFile(
        name="eb1064_mir_unique.parquet",
        folder="eb1064",
        sha256="8f9b7537da76441f80f6b30a15b79ccacd84f0fe2e87c08e39fcbcbd8b07563d",
    ),
    notes=(
        (
            "Read from a derived table, to be had from a mirror only: the public originals "
            "are d_mir.rds, data.rds and samples.rds at the address. Derivation: long "
            "table pivoted, empty spectra left out, 140 rows reduced to the 78 that "
            "differ. The originals repeat each initial measurement for every replicate; "
            "such copies would leak between folds."
        ),
        (
            "Elements by wavelength-dispersive XRF; units mg/kg, and mass fractions for K, "
            "Ca and Fe, are inferred from magnitudes and from the same laboratory's "
            "other data, not stated in the files."
        ),
        (
            "A zero stands for 'below detection' and the limit is not published: read as "
            "censored below the smallest value reported for the element, an upper bound "
            "of the limit if every value above it was reported."
        ),
        (
            "As follows Pb closely (Spearman 0.97): the As K-alpha and Pb L-alpha lines "
            "overlap at 10.5 keV, so As is probably contaminated by Pb. Our inference; "
            "do not read a calibration of As as one of arsenic."
        ),
        "group = pool (sediment) or species and place of incubation (litter).",
    ),
)


def load_eb1064(path: Path) -> Survey:
    """
    Read the peatland sediments and litter.

    Parameters
    ----------
    path : Path
        The derived Parquet table.

    Returns
    -------
    Survey
        36 sediments and 42 litter samples.
    """
    table = pd.read_parquet(path)
    table.index = pd.Index([f"eb1064-{number}" for number in table["id_sample"]])
    responses, y = responses_of(table, _COLUMNS)
    is_censored = y == 0
    positive = np.where(is_censored, np.inf, y)
    y = np.where(is_censored, positive.min(axis=0, initial=np.inf), y)
    bands = [name for name in table.columns if name.startswith("wn_")]
    kept = ["group", "sample_type", "incubation_duration", "n_copies"]
    survey = survey_of(
        EB1064,
        samples=table[kept],
        measured=(responses, y),
        spectra=spectra_on_wavenumbers(
            table[bands].to_numpy(np.float64), (float(name[3:]) for name in bands)
        ),
    )
    return replace(survey, is_censored=is_censored)
