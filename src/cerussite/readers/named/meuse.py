"""Data sets meuse and meuse-grid: four metals in topsoils of a flood plain."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from cerussite.core.survey import Survey
from cerussite.core.types import FloatArray
from cerussite.readers.named.record import (
    Column,
    DatasetRecord,
    PublicFile,
    category,
    responses_of,
    survey_of,
    table_of,
)

_CRS = "EPSG:28992"
_COLUMNS = (
    Column("cadmium", "Cd", "mg/kg"),
    Column("copper", "Cu", "mg/kg"),
    Column("lead", "Pb", "mg/kg"),
    Column("zinc", "Zn", "mg/kg"),
)
#: Lowest reported cadmium in mg/kg; the package wrote half of it for zero.
_LOWEST_CADMIUM = 0.4
_CLASSES = {"flooding_frequency": ("1", "2", "3"), "soil": ("1", "2", "3")}
_ADDRESS = "https://github.com/edzer/sp"
_LICENCE = "GPL-2 or later (R package sp)"
_CITATION = (
    "Rikken, M. G. J. and Van Rijn, R. P. G. (1993). Soil pollution with heavy metals: "
    "in inquiry into spatial variation, cost of mapping and the risk evaluation of "
    "copper, cadmium, lead and zinc in the floodplains of the Meuse west of Stein. "
    "Utrecht University; Burrough, P. A. and McDonnell, R. A. (1998). Principles of "
    "Geographical Information Systems. Oxford University Press; Pebesma, E. and "
    "Bivand, R., R package sp"
)
_DERIVED = (
    "Read from a derived table, to be had from a mirror only: meuse.rda and "
    "meuse.grid.rda of the R package sp 1.6-0, written as .csv without change."
)

MEUSE = DatasetRecord(
    name="meuse",
    title="Topsoils of the flood plain of the Meuse near Stein",
    role="table",
    n_samples=155,
    axis="position, elevation, distance to the river, organic matter, soil, flooding",
    responses=tuple(column.response for column in _COLUMNS),
    address=_ADDRESS,
    licence=_LICENCE,
    citation=_CITATION,
    file=PublicFile(
        name="meuse.csv",
        folder="meuse",
        sha256="54b640190d0f358a0ebdeab92d1ecb791e06bdcf96b551c59b0c41087a4e97e2",
        shelf="geochem",
    ),
    notes=(
        _DERIVED,
        (
            "The package wrote 0.2 mg/kg for cadmium of zero, half the lowest other "
            "value: read as censored below 0.4 mg/kg (21 stations)."
        ),
        (
            "Composite samples of 15 m x 15 m; digestion not stated. distance_share is "
            "that of the nearest cell of the grid, 0 to 1; distance_m was measured in "
            "the field and is not on the grid. Elevation is in m above the river bed. "
            "Two values of organic matter and one of land use are missing."
        ),
    ),
)
MEUSE_GRID = DatasetRecord(
    name="meuse-grid",
    title="Flood plain of the Meuse near Stein, cells of 40 m",
    role="grid",
    n_samples=3103,
    axis="position, distance to the river, soil, flooding",
    responses=(),
    address=_ADDRESS,
    licence=_LICENCE,
    citation=_CITATION,
    file=PublicFile(
        name="meuse_grid.csv",
        folder="meuse",
        sha256="0585239559aed9f4f706ddcb069a01d70a63b1507f866e925a402d5b81617a4f",
        shelf="geochem",
    ),
    notes=(_DERIVED,),
)


def load_meuse(path: Path) -> Survey:
    """
    Read the topsoils of the flood plain of the Meuse.

    Parameters
    ----------
    path : Path
        The derived .csv file.

    Returns
    -------
    Survey
        155 stations.
    """
    table = pd.read_csv(path)
    table.index = pd.Index([f"meuse-{row:03d}" for row in table["row"]])
    responses, y = responses_of(table, _COLUMNS)
    is_censored = np.zeros(y.shape, bool)
    is_censored[:, 0] = y[:, 0] < _LOWEST_CADMIUM
    y = np.where(is_censored, _LOWEST_CADMIUM, y)
    survey = survey_of(MEUSE, samples=_positions(table), measured=(responses, y))
    covariates = _covariates(table).assign(
        elevation_m=table["elev"].astype("float64"),
        distance_m=table["dist.m"].astype("float64"),
        organic_matter_percent=table["om"].astype("float64"),
        limed=category(table["lime"]),
        land_use=category(table["landuse"]),
    )
    survey = table_of(survey, covariates=covariates, crs=_CRS)
    return replace(survey, is_censored=is_censored)


def load_meuse_grid(path: Path) -> Survey:
    """
    Read the cells of the flood plain of the Meuse.

    Parameters
    ----------
    path : Path
        The derived .csv file.

    Returns
    -------
    Survey
        3103 cells without responses; ``part_a`` and ``part_b`` halve the area.
    """
    table = pd.read_csv(path)
    table.index = pd.Index([f"cell-{row + 1:04d}" for row in range(len(table))])
    samples = _positions(table).assign(part_a=table["part.a"], part_b=table["part.b"])
    nothing: FloatArray = np.empty((len(table), 0))
    survey = survey_of(MEUSE_GRID, samples=samples, measured=((), nothing))
    return table_of(survey, covariates=_covariates(table), crs=_CRS)


def _positions(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {"easting": table["x"].astype(float), "northing": table["y"].astype(float)}
    )


def _covariates(table: pd.DataFrame) -> pd.DataFrame:
    """What stations and cells share, with the same categories."""
    classes = {"flooding_frequency": table["ffreq"], "soil": table["soil"]}
    coded = {
        name: pd.Categorical(values.astype(str), categories=_CLASSES[name])
        for name, values in classes.items()
    }
    return pd.DataFrame({"distance_share": table["dist"], **coded}, index=table.index)
