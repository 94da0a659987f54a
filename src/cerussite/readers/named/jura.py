"""Data sets jura and jura-grid: seven metals in topsoils of the Swiss Jura."""

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
    survey_of,
    table_of,
)

_METALS = ("Cd", "Co", "Cr", "Cu", "Ni", "Pb", "Zn")
_LAND_USES = ("Forest", "Pasture", "Meadow", "Tillage")
_ROCKS = ("Argovian", "Kimmeridgian", "Sequanian", "Portlandian", "Quaternary")
_PARTS = {"prediction": "jura_pred.csv", "validation": "jura_val.csv"}
_ADDRESS = "https://github.com/cran/gstat/blob/e65dbf2a/data/jura.rda"
_LICENCE = "GPL-2 or later (R package gstat)"
_CITATION = (
    "Goovaerts, P. (1997). Geostatistics for Natural Resources Evaluation. Oxford "
    "University Press, appendix C; Atteia, O., Dubois, J.-P. and Webster, R. (1994). "
    "Environmental Pollution 86, 315-327; Webster, R., Atteia, O. and Dubois, J.-P. "
    "(1994). European Journal of Soil Science 45, 205-218"
)
_NOTES = (
    (
        "Read from derived tables, to be had from a mirror only: jura.rda of the R "
        "package gstat 2.1-5, written as .csv without change."
    ),
    (
        "easting and northing are those of a local grid, km turned into m: no "
        "reference system is given (crs is empty). Longitude and latitude (WGS 84) are "
        "covariates."
    ),
)

JURA = DatasetRecord(
    name="jura",
    title="Topsoils of the Swiss Jura, 14.5 km2 near La Chaux-de-Fonds",
    role="table",
    n_samples=359,
    axis="position, land use, rock",
    responses=_METALS,
    address=_ADDRESS,
    licence=_LICENCE,
    citation=_CITATION,
    file=None,
    notes=(
        *_NOTES,
        (
            "259 stations for prediction and 100 for validation (column part): compare "
            "with published work on that split. Digestion and detection limits are not "
            "stated. Tillage and Portlandian have fewer than ten stations each."
        ),
    ),
    files=(
        PublicFile(
            name="jura_pred.csv",
            folder="jura",
            sha256="2eee2e4cb009b49d26109a8d85a2d2e9a4d97fb42b33615cc110aedd14d5fcf9",
            shelf="geochem",
        ),
        PublicFile(
            name="jura_val.csv",
            folder="jura",
            sha256="6a576aa58bcafd3b037c44bf65a414c57e0bbf5ee5a6ba9fc52d79451cda848c",
            shelf="geochem",
        ),
    ),
)
JURA_GRID = DatasetRecord(
    name="jura-grid",
    title="Land use and rock of the Swiss Jura, cells of 50 m",
    role="grid",
    n_samples=5957,
    axis="position, land use, rock",
    responses=(),
    address=_ADDRESS,
    licence=_LICENCE,
    citation=_CITATION,
    file=PublicFile(
        name="jura_grid.csv",
        folder="jura",
        sha256="2c7c22882fffcf89e48c31cd2af49be9b817a2630e90046a0ddedcab96d6a7ed",
        shelf="geochem",
    ),
    notes=_NOTES,
)


def load_jura(path: Path, *, part: str = "all") -> Survey:
    """
    Read the topsoils of the Swiss Jura.

    Parameters
    ----------
    path : Path
        Folder of the derived tables.
    part : {"all", "prediction", "validation"}
        Which stations.

    Returns
    -------
    Survey
        259 stations for prediction, 100 for validation, or both in this order.
    """
    check_option(JURA.name, "part", part, ("all", *_PARTS))
    chosen = list(_PARTS) if part == "all" else [part]
    tables = [pd.read_csv(path / _PARTS[name]).assign(part=name) for name in chosen]
    table = pd.concat(
        [
            each.set_axis([f"{name}-{row + 1:03d}" for row in range(len(each))])
            for name, each in zip(chosen, tables, strict=True)
        ]
    )
    survey = survey_of(
        JURA,
        samples=_positions(table).assign(part=table["part"]),
        measured=responses_of(table, [Column(m, m, "mg/kg") for m in _METALS]),
    )
    return table_of(survey, covariates=_covariates(table))


def load_jura_grid(path: Path) -> Survey:
    """
    Read land use and rock of the Swiss Jura.

    Parameters
    ----------
    path : Path
        The derived .csv file.

    Returns
    -------
    Survey
        5957 cells without responses.
    """
    table = pd.read_csv(path)
    table.index = pd.Index([f"cell-{row + 1:04d}" for row in range(len(table))])
    nothing: FloatArray = np.empty((len(table), 0))
    survey = survey_of(JURA_GRID, samples=_positions(table), measured=((), nothing))
    return table_of(survey, covariates=_covariates(table))


def _positions(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {"easting": table["Xloc"] * 1e3, "northing": table["Yloc"] * 1e3}
    )


def _covariates(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "longitude": table["long"],
            "latitude": table["lat"],
            # The same categories for stations and cells, whichever occur.
            "land_use": pd.Categorical(table["Landuse"], categories=_LAND_USES),
            "rock": pd.Categorical(table["Rock"], categories=_ROCKS),
        }
    )
