"""Data set yamsys: 94 soils of West African yam landscapes, MIR and metals."""

from pathlib import Path

import numpy as np
import pandas as pd

from cerussite.core.survey import Survey
from cerussite.core.types import FloatArray
from cerussite.readers.named.record import (
    Column,
    DatasetRecord,
    PublicFile,
    check_option,
    responses_of,
    spectra_on_wavenumbers,
    survey_of,
)
from cerussite.readers.rda import RObject, read_rda

_COMMON = (
    Column("C", "C", "g/kg"),
    Column("N", "N", "g/kg"),
    Column("pH", "pH", "1", "water"),
    Column("CEC_eff", "CEC", "cmol/kg", "effective"),
    Column("clay", "clay", "%"),
    Column("silt", "silt", "%"),
    Column("sand", "sand", "%"),
)
_METALS = {
    "xrf": (
        Column("Fe_tot", "Fe", "g/kg", "xrf"),
        Column("Mn_tot", "Mn", "mg/kg", "xrf"),
        Column("Zn_tot", "Zn", "mg/kg", "xrf"),
        Column("Cu_tot", "Cu", "mg/kg", "xrf"),
        Column("Al_tot", "Al", "g/kg", "xrf"),
        Column("Si_tot", "Si", "g/kg", "xrf"),
        Column("K_tot", "K", "g/kg", "xrf"),
        Column("Ca_tot", "Ca", "g/kg", "xrf"),
        Column("P_tot", "P", "mg/kg", "xrf"),
    ),
    "dtpa": tuple(
        Column(f"{metal}_DTPA", metal, "mg/kg", "dtpa")
        for metal in ("Fe", "Mn", "Zn", "Cu")
    ),
}

YAMSYS = DatasetRecord(
    name="yamsys",
    title="Soils of yam landscapes in Burkina Faso and Cote d'Ivoire, MIR",
    role="target",
    n_samples=94,
    axis="499-3997 cm-1 at 2.04 cm-1, absorbance",
    responses=tuple(column.response for column in (*_METALS["xrf"], *_COMMON)),
    address="https://github.com/philipp-baumann/simplerspec",
    licence="GPL (simplerspec; GPL-3 in yamsys-soilspec-publication)",
    citation=(
        "Baumann, P., Lee, J., Frossard, E. et al. (2021). Estimation of soil "
        "properties with mid-infrared soil spectroscopy across yam production "
        "landscapes in West Africa. SOIL 7, 717-731. doi:10.5194/soil-7-717-2021"
    ),
    file=PublicFile(
        name="soilspec_yamsys.rda",
        folder="yamsys",
        sha256="a1d5e826197eda4dcf6b1fe952acbf7ffec1622537ba24ded044652626573066",
        address=(
            "https://raw.githubusercontent.com/philipp-baumann/simplerspec/"
            "60e120130ce83cfab34115bbfa369ea200b366b4/data/soilspec_yamsys.rda"
        ),
    ),
    notes=(
        (
            "Total Mn is read as mg/kg (59 to 1146): the metadata say g/kg, which the "
            "values and the raw XRF table contradict."
        ),
        (
            "group = site, five of them; sb and sb_icraf lie in one landscape (column "
            "landscape), so leaving out one of the two does not leave out the landscape."
        ),
        (
            "pH is in water, measured on 80 samples. pH in BaCl2 (2.4 to 4.6, about three "
            "units lower) is not offered: the provider does not explain the difference."
        ),
    ),
)


def load_yamsys(path: Path, *, procedure: str = "xrf", scans: str = "mean") -> Survey:
    """
    Read the West African soils.

    Parameters
    ----------
    path : Path
        The published .rda file.
    procedure : {"xrf", "dtpa"}
        Total metals by X-ray fluorescence, or those that DTPA extracts; one
        survey holds one of them, for both are named by the element.
    scans : {"mean", "replicates"}
        Mean absorbance of each soil, or all 284 scans that share a specimen.

    Returns
    -------
    Survey
        94 soils or 284 scans, in file order.
    """
    check_option(YAMSYS.name, "procedure", procedure, _METALS)
    check_option(YAMSYS.name, "scans", scans, ("mean", "replicates"))
    frame = read_rda(path)["soilspec_yamsys"].columns()
    absorbance = np.stack([scan.content for scan in frame["spc"].content])
    table = _table(frame)
    notes = ["Each scan is a row; rows of one soil share a specimen and its analyses."]
    if scans == "mean":
        absorbance = _mean_scan(absorbance, table["specimen"])
        table = table.drop_duplicates("specimen").set_index("specimen")
        notes = ["Each spectrum is the mean absorbance of two to six replicate scans."]
    labels = ["specimen", "group", "landscape", "country"]
    return survey_of(
        YAMSYS,
        samples=table[[label for label in labels if label in table]],
        measured=responses_of(table, [*_METALS[procedure], *_COMMON]),
        spectra=spectra_on_wavenumbers(
            absorbance, frame["wavenumbers"].content[0].content
        ),
        notes=notes,
    )


def _table(frame: dict[str, RObject]) -> pd.DataFrame:
    nested = {"spc", "wavenumbers", "metadata"}
    table = pd.DataFrame({k: v.content for k, v in frame.items() if k not in nested})
    return table.rename(
        columns={"sample_id": "specimen", "site": "group", "site_comb": "landscape"}
    ).set_index("unique_id")


def _mean_scan(absorbance: FloatArray, specimens: pd.Series) -> FloatArray:
    scans = pd.DataFrame(absorbance).groupby(specimens.to_numpy(), sort=False)
    return scans.mean().to_numpy()
