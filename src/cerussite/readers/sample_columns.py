"""Columns about samples: ids, groups, coordinates, and all that is kept."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cerussite.core.errors import InvalidSurveyError, UnreadableFileError
from cerussite.core.types import FloatArray
from cerussite.readers.cells import NotANumberError, is_missing, parse_number
from cerussite.readers.columns import find_column
from cerussite.readers.sources import Table
from cerussite.readers.text_columns import TextColumns

#: Columns of a survey's samples with a meaning.
ROLES = ("specimen", "group", "easting", "northing")
_COORDINATES = ("easting", "northing")


def read_samples(
    text: TextColumns,
    *,
    sample_id: str | int | None,
    roles: Mapping[str, str | int],
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """
    Read everything about the samples that is neither band nor response.

    Parameters
    ----------
    text : TextColumns
        Cells of the columns that are neither band nor response.
    sample_id : str, int or None
        Column of the ids; ``sample_id`` where there is one, else the samples
        are called by their lines.
    roles : mapping of str to str or int
        Columns of ``specimen``, ``group``, ``easting`` and ``northing``; those
        not named here are taken from columns of these names.

    Returns
    -------
    samples : DataFrame of n_rows rows
        Indexed by ``sample_id``, which may repeat.
    notes : tuple of str
        What was decided.

    Raises
    ------
    InvalidSurveyError
        If one coordinate is given without the other, or they are degrees.
    """
    table = text.table
    ids, used, notes = _ids(text, sample_id)
    found, taken_as = _roles(text, roles)
    notes += taken_as
    columns: dict[str, Any] = {}
    for role, position in found.items():
        is_coordinate = role in _COORDINATES
        cells = text.cells[position]
        columns[role] = _coordinate(text, position) if is_coordinate else _labels(cells)
    if sum(role in found for role in _COORDINATES) == 1:
        msg = f"{table.path}: only one of easting and northing; expected both or none"
        raise InvalidSurveyError(msg)
    _refuse_degrees(table, columns)
    for position, cells in text.cells.items():
        is_blank = not table.header[position] and not any(cells)
        if is_blank or position in {*found.values(), used}:
            continue
        name = table.column_name(position)
        if name in columns or name in ROLES:
            name = f"{name} (column {position + 1})"
        columns[name] = _kept(cells, text.decimal)
    index = pd.Index(ids, name="sample_id", dtype=object)
    return pd.DataFrame(columns, index=index), notes


def _ids(
    text: TextColumns, sample_id: str | int | None
) -> tuple[list[str], int | None, tuple[str, ...]]:
    table = text.table
    if sample_id is None and "sample_id" not in table.header:
        ids = [f"{table.noun} {number}" for number in text.numbers]
        note = (
            "no column of sample ids named: samples are called by their "
            f"{table.noun}s, and replicates cannot be told"
        )
        return ids, None, (note,)
    position = find_column(table, "sample_id" if sample_id is None else sample_id)
    if position not in text.cells:
        msg = (
            f"{table.path}: {table.column_name(position)!r} cannot be the sample id: "
            "it is read as a band or a response; expected a column of its own"
        )
        raise UnreadableFileError(msg)
    ids = list(text.cells[position])
    for row, name in enumerate(ids):
        if is_missing(name):
            msg = (
                f"{text.place(row, position)}: found {name!r}; expected a "
                "sample id; give the sample one, or delete the row"
            )
            raise UnreadableFileError(msg)
    return ids, position, ()


def _roles(
    text: TextColumns, roles: Mapping[str, str | int]
) -> tuple[dict[str, int], tuple[str, ...]]:
    table = text.table
    found, notes = {}, []
    for role in ROLES:
        if role in roles:
            found[role] = find_column(table, roles[role])
        elif role in table.header:
            found[role] = find_column(table, role)
            notes.append(f"column {role!r} read as {role}")
        if role in found and found[role] not in text.cells:
            msg = (
                f"{table.path}: {table.column_name(found[role])!r} cannot be {role}: it "
                "is read as a band or a response; expected a column of its own"
            )
            raise UnreadableFileError(msg)
    return found, tuple(notes)


def _labels(cells: Sequence[str]) -> np.ndarray:
    return np.array([None if is_missing(cell) else cell for cell in cells], object)


def _coordinate(text: TextColumns, position: int) -> FloatArray:
    cells = text.cells[position]
    values = np.empty(len(cells))
    for row, cell in enumerate(cells):
        try:
            values[row] = parse_number(cell, text.decimal)
        except NotANumberError as error:
            msg = f"{text.place(row, position)}: {error}"
            raise UnreadableFileError(msg) from error
    return values


def _refuse_degrees(table: Table, columns: Mapping[str, Any]) -> None:
    if "easting" not in columns or "northing" not in columns:
        return
    east, north = (np.abs(columns[role]) for role in _COORDINATES)
    if np.isnan(east).all() or np.isnan(north).all():
        return
    if np.nanmax(east) <= 360 and np.nanmax(north) <= 90:
        msg = (
            f"{table.path}: easting up to {np.nanmax(east):g} and northing up to "
            f"{np.nanmax(north):g} look like degrees; expected projected coordinates "
            "in m; project longitude and latitude first, or leave them as columns"
        )
        raise InvalidSurveyError(msg)


def _kept(cells: Sequence[str], decimal: str) -> object:
    # Codes such as 007 would lose their zeros as numbers.
    if any(len(cell) > 1 and cell[0] == "0" and cell.isdecimal() for cell in cells):
        return _labels(cells)
    try:
        return np.array([parse_number(cell, decimal) for cell in cells])
    except NotANumberError:
        return _labels(cells)
