"""Columns of responses as numbers in their units, with what is censored."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cerussite.core.errors import InvalidConcentrationError, UnreadableFileError
from cerussite.core.types import BoolArray, FloatArray
from cerussite.readers.cells import Measured, NotANumberError, parse_measured
from cerussite.readers.columns import ResponseColumn
from cerussite.readers.text_columns import TextColumns

#: Units whose values may be negative: isotope ratios and plain numbers.
SIGNED_UNITS = frozenset({"permil", "1"})
#: No mass fraction exceeds the whole.
WHOLE = {"mg/kg": 1e6, "g/kg": 1e3}


class MeasuredResponses(NamedTuple):
    """
    What the columns of the responses say.

    Attributes
    ----------
    y : ndarray of shape (n_rows, n_responses)
        Values in the unit inside; NaN where not measured.
    is_censored : ndarray of bool, shape (n_rows, n_responses)
        True where ``y`` holds a detection limit.
    notes : tuple of str
        What the user may want to look at.
    """

    y: FloatArray
    is_censored: BoolArray
    notes: tuple[str, ...]


def read_responses(
    text: TextColumns,
    columns: list[ResponseColumn],
    *,
    ids: list[str],
    negative_is_missing: bool = False,
) -> MeasuredResponses:
    """
    Read the columns of the responses.

    Parameters
    ----------
    text : TextColumns
        Cells of the table.
    columns : list of ResponseColumn
        Where the responses are and in which unit.
    ids : list of str
        Ids of the rows, for messages.
    negative_is_missing : bool, default False
        Whether the source marks what was not measured by negative numbers.

    Returns
    -------
    MeasuredResponses
        Values, censoring and notes.

    Raises
    ------
    InvalidConcentrationError
        If a value is negative, above the whole mass, or no pH.
    """
    shape = (len(ids), len(columns))
    y, is_censored = np.full(shape, np.nan), np.zeros(shape, bool)
    notes: list[str] = []
    for at, column in enumerate(columns):
        cells = text.cells[column.position]
        measured = _measured(text, column)
        y[:, at] = [cell.value * column.factor for cell in measured]
        is_censored[:, at] = [cell.is_censored for cell in measured]
        if negative_is_missing:
            notes.extend(_forget_negative(y[:, at], column))
        bad = _impossible(y[:, at], column)
        if bad is not None:
            row, reason = bad
            where = text.place(row, column.position)
            msg = f"{where} (sample {ids[row]!r}): {reason}"
            raise InvalidConcentrationError(msg)
        notes.extend(_remarks(column, cells, y[:, at], is_censored[:, at]))
    return MeasuredResponses(y, is_censored, tuple(notes))


def _measured(text: TextColumns, column: ResponseColumn) -> list[Measured]:
    measured = []
    for row, cell in enumerate(text.cells[column.position]):
        try:
            measured.append(
                parse_measured(cell, decimal=text.decimal, limit=column.limit)
            )
        except NotANumberError as error:
            msg = f"{text.place(row, column.position)}: {error}"
            raise UnreadableFileError(msg) from error
    return measured


def _forget_negative(values: FloatArray, column: ResponseColumn) -> list[str]:
    negative = values < 0
    values[negative] = np.nan
    if not negative.any():
        return []
    n_negative, name = int(negative.sum()), column.response.name
    return [f"{name}: {n_negative} negative values mark what was not measured"]


def _impossible(values: FloatArray, column: ResponseColumn) -> tuple[int, str] | None:
    name, unit = column.response.name, column.response.unit
    negative = values < 0
    if unit not in SIGNED_UNITS and negative.any():
        row = int(np.argmax(negative))
        return row, (
            f"{name} = {values[row]:g} {unit} ({int(negative.sum())} values so); a "
            "concentration is not negative; write '<limit' below the detection limit, "
            "leave the cell empty where not measured"
        )
    beyond = values > WHOLE.get(unit, np.inf)
    if beyond.any():
        row = int(np.argmax(beyond))
        return row, (
            f"{name} = {values[row]:g} {unit} is more than the whole sample; check the "
            "unit of the column"
        )
    no_ph = (values < 0) | (values > 14)
    if name == "pH" and no_ph.any():
        row = int(np.argmax(no_ph))
        return row, f"pH = {values[row]:g}; expected 0 to 14; correct the cell"
    return None


def _remarks(
    column: ResponseColumn,
    cells: Sequence[str],
    values: FloatArray,
    is_censored: BoolArray,
) -> list[str]:
    name, remarks = column.response.name, []
    n_dots = sum(cell.lower() in {"n.d.", "nd"} for cell in cells)
    if n_dots:
        remarks.append(
            f"{name}: {n_dots} cells 'n.d.' read as not measured; where they mean not "
            "detected write '<limit'"
        )
    n_zero = int(np.sum(values == 0))
    if n_zero and column.response.unit in WHOLE:
        remarks.append(
            f"{name}: {n_zero} values are exactly 0 and kept; where they mean not "
            "detected write '<limit'"
        )
    if is_censored.any():
        remarks.append(f"{name}: {int(is_censored.sum())} values below the limit")
    if np.isnan(values).all():
        remarks.append(f"{name}: measured in no sample")
    return remarks
