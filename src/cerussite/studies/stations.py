"""A table of stations with concentrations, read as one survey."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from cerussite.assessment import PROCEDURES
from cerussite.core.errors import InvalidConcentrationError, InvalidStudyError
from cerussite.core.survey import Survey
from cerussite.core.types import BoolArray, FloatArray
from cerussite.readers import read_table
from cerussite.readers.sources import open_table
from cerussite.studies.station_columns import find_concentrations, response_options

#: Values that a column must have, by its name: one of them; of every column.
Choice = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class StationTable:
    """
    A table of stations, with what it does not say itself.

    Attributes
    ----------
    path : Path
        CSV, TSV, XLSX or Parquet table with one station a row.
    elements : mapping of str to str
        Symbol to its column, empty text to find it; nothing for all elements that
        the header names.
    units, procedures : mapping of str to str
        By element, and under ``""`` for all others.
    medium : str
        What was sampled: ``"soil"``, ``"marine sediment"`` ...
    only : mapping of str to tuple of str
        Assess the rows that have one of these values in each of these columns.
    sample_id, easting, northing, crs : str or None
        As in :func:`cerussite.readers.read_table`.
    ph, clay, organic_matter : str or None
        Columns of pH, of clay and of organic matter in % of dry mass.
    replicates : {"refuse", "keep"}
        Rows that share an id.
    """

    path: Path
    elements: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    procedures: Mapping[str, str] = field(default_factory=dict)
    medium: str = ""
    only: Choice = field(default_factory=dict)
    sample_id: str | None = None
    easting: str | None = None
    northing: str | None = None
    crs: str | None = None
    ph: str | None = None
    clay: str | None = None
    organic_matter: str | None = None
    replicates: Literal["refuse", "keep"] = "refuse"


@dataclass(frozen=True, eq=False)
class Stations:
    """
    All rows of the table, and which of them are assessed.

    Attributes
    ----------
    survey : Survey
        Elements in mg/kg; every row of the table.
    is_assessed : ndarray of bool, shape (n_rows,)
        Rows that are assessed.
    properties : dict of str to ndarray of shape (n_rows,)
        ``ph``, ``clay`` and ``organic_matter`` where they were asked for.
    medium : str
        What was sampled.
    """

    survey: Survey
    is_assessed: BoolArray
    properties: dict[str, FloatArray]
    medium: str


def read_stations(table: StationTable) -> Stations:
    """
    Read a table of stations.

    Parameters
    ----------
    table : StationTable
        The file, and what it does not say.

    Returns
    -------
    Stations
        Concentrations in mg/kg dry mass.

    Raises
    ------
    InvalidStudyError
        If a procedure is not known, or a choice of rows leaves none.
    InvalidConcentrationError
        If pH, clay or organic matter hold text.
    """  # noqa: DOC502 -- raised where choices are looked up
    _check_procedures(table.procedures)
    roles = ("sample_id", "easting", "northing", "ph", "clay", "organic_matter")
    taken = [name for role in roles if (name := getattr(table, role))]
    columns = find_concentrations(
        open_table(table.path).header, table.elements, taken=[*taken, "sample_id"]
    )
    survey = read_table(
        table.path,
        responses=response_options(
            columns, units=table.units, procedures=table.procedures
        ),
        spectra=False,
        sample_id=table.sample_id,
        easting=table.easting,
        northing=table.northing,
        crs=table.crs,
        replicates=table.replicates,
    )
    properties = {
        role: _numbers(survey, getattr(table, role), role)
        for role in roles[3:]
        if getattr(table, role)
    }
    is_assessed = rows_where(survey, table.only, "only")
    return Stations(survey, is_assessed, properties, table.medium)


def _check_procedures(procedures: Mapping[str, str]) -> None:
    for procedure in procedures.values():
        if procedure not in PROCEDURES:
            msg = (
                f"procedure: {procedure!r} is not known; expected one of "
                f"{', '.join(PROCEDURES)}; leave it out where none fits"
            )
            raise InvalidStudyError(msg)


def _numbers(survey: Survey, column: str, role: str) -> FloatArray:
    values = _column(survey, column, role)
    if not pd.api.types.is_numeric_dtype(values):
        text = pd.to_numeric(values, errors="coerce").isna() & values.notna()
        found = repr(values[text].iloc[0]) if text.any() else "no number"
        msg = f"{role}: column {column!r} holds {found}; expected numbers"
        raise InvalidConcentrationError(msg)
    return values.to_numpy(dtype=np.float64)


def rows_where(survey: Survey, choice: Choice, what: str) -> BoolArray:
    """
    Rows that have one of some values in each of some columns.

    Parameters
    ----------
    survey : Survey
        With the columns of the table.
    choice : mapping of str to tuple of str
        Values by column; nothing chooses all rows.
    what : str
        What the choice is for, for messages.

    Returns
    -------
    ndarray of bool, shape (n_samples,)
        True where chosen.

    Raises
    ------
    InvalidStudyError
        If a column or one of the values is not there, or no row has all of them.

    Examples
    --------
    >>> samples = pd.DataFrame({"year": [2013.0, 2018.0]}, index=["a", "b"])
    >>> survey = Survey(samples, (), np.empty((2, 0)))
    >>> rows_where(survey, {"year": ("2018",)}, "only")
    array([False,  True])
    """
    chosen = np.ones(survey.n_samples, dtype=bool)
    for column, values in choice.items():
        cells = _column(survey, column, what)
        found = np.zeros_like(chosen)
        for value in values:
            same = _equal(cells, value)
            if not same.any():
                known = cells.dropna().unique().tolist()
                more = " ..." if len(known) > 12 else ""
                shown = ", ".join(_text(one) for one in known[:12])
                msg = (
                    f"{what}: no row with {column} = {value!r}; expected one of "
                    f"{shown}{more}"
                )
                raise InvalidStudyError(msg)
            found |= same
        chosen &= found
    if not chosen.any():
        msg = f"{what}: no row has {describe(choice)}; choose fewer conditions"
        raise InvalidStudyError(msg)
    return chosen


def describe(choice: Choice) -> str:
    """
    A choice of rows in words.

    Parameters
    ----------
    choice : mapping of str to tuple of str
        Values by column.

    Returns
    -------
    str
        For messages and the report.

    Examples
    --------
    >>> describe({"stratum": ("Port", "Bay"), "year": ("2018",)})
    'stratum = Port or Bay, year = 2018'
    """
    parts = [f"{column} = {' or '.join(values)}" for column, values in choice.items()]
    return ", ".join(parts)


def _column(survey: Survey, column: str, what: str) -> pd.Series:
    if column not in survey.samples:
        names = [str(name) for name in survey.samples]
        msg = (
            f"{what}: no column {column!r} beside ids and concentrations; expected one "
            f"of {', '.join(names) or 'none'}"
        )
        raise InvalidStudyError(msg)
    return survey.samples[column]


def _equal(cells: pd.Series, value: str) -> BoolArray:
    if pd.api.types.is_numeric_dtype(cells):
        try:
            return (cells == float(value)).to_numpy()
        except ValueError:
            return np.zeros(len(cells), dtype=bool)
    return (cells.astype(str) == value).to_numpy()


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
