"""Tables of concentrations or uncertainties: numbers by sample and species."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cerussite.core.errors import UnreadableFileError
from cerussite.core.types import BoolArray, FloatArray
from cerussite.readers.cells import NotANumberError, is_missing, parse_measured
from cerussite.readers.columns import is_known_unit
from cerussite.readers.epa_pmf import MISSING_CODE
from cerussite.readers.rows import Row
from cerussite.readers.sources import Table, open_table
from cerussite.readers.spectral_rows import find_decimal

#: A name, then a unit in brackets.
_HEADER = re.compile(r"(?P<name>.+?)\s*[(\[]\s*(?P<unit>[^()\[\]]+?)\s*[)\]]")
#: Headers of columns that are no species, by what they hold.
_ROLES = {
    "date": ("date", "datetime", "date/time", "sample date", "sampling date"),
    "easting": ("easting",),
    "northing": ("northing",),
    "longitude": ("longitude", "lon", "long"),
    "latitude": ("latitude", "lat"),
}


@dataclass(frozen=True)
class Columns:
    """
    Which columns of a table are what.

    Attributes
    ----------
    sample_id : tuple of str
        Columns that name a sample; the first column if empty.
    roles : dict of str to str
        Columns of date, easting, northing, longitude, latitude and labels, by
        what they hold.
    species : tuple of str
        Species to take, by name or header; all others if empty.
    leave_out : tuple of str
        Columns not to take.
    sheet : str or None
        Sheet of a workbook.
    limits : dict of str to float
        What ``<LOD`` stands for, by species.
    """

    sample_id: tuple[str, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)
    species: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    sheet: str | None = None
    limits: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class NumberTable:
    """
    Numbers of a table.

    Attributes
    ----------
    path : Path
        The file.
    sample_ids : tuple of str
        Names of the rows.
    species : tuple of str
        Names of the columns, without units.
    units : dict of str to str
        Units that headers state.
    values : ndarray of shape (n_samples, n_species)
        NaN where empty or -999; the limit where below it.
    is_censored : ndarray of bool, shape (n_samples, n_species)
        Where a cell says ``<``.
    texts : dict of str to list of str
        Cells of the columns with a role.
    notes : tuple of str
        What was decided.
    """

    path: Path
    sample_ids: tuple[str, ...]
    species: tuple[str, ...]
    units: dict[str, str]
    values: FloatArray
    is_censored: BoolArray
    texts: dict[str, list[str]]
    notes: tuple[str, ...]


def read_numbers(path: Path, columns: Columns) -> NumberTable:
    """
    Read a table with one row a sample and one column a species.

    Parameters
    ----------
    path : Path
        CSV, TSV, XLSX or Parquet.
    columns : Columns
        Which columns are what.

    Returns
    -------
    NumberTable
        Rows in the order of the file; rows without any number are left out, and
        a note says so.

    Raises
    ------
    UnreadableFileError
        If a column is not there, a sample occurs twice, or a cell is no number.
    """
    table = open_table(path, sheet=columns.sheet)
    names = [split_unit(head) for head in table.header]
    id_at = [_position(table, name, "sample_id") for name in columns.sample_id] or [0]
    roles = _roles(table, columns.roles)
    taken = _species(table, columns, {*id_at, *roles.values()})
    decimal = find_decimal(table, taken)
    rows, empty = [], 0
    for row in table.rows():
        if all(is_missing(row.cells[at]) for at in taken):
            empty += 1
        else:
            rows.append(row)
    if not rows:
        msg = f"{path}: no row with numbers; expected one row a sample"
        raise UnreadableFileError(msg)
    cells = [
        [
            _cell(table, row, at, decimal, columns.limits.get(names[at][0]))
            for at in taken
        ]
        for row in rows
    ]
    values = np.array([[value for value, _ in row] for row in cells], dtype=np.float64)
    ids = tuple(" ".join(row.cells[at].strip() for at in id_at) for row in rows)
    _check_ids(table, ids, rows)
    notes = list(table.notes)
    if not columns.sample_id:
        notes.append(f"samples are named by the first column, {table.column_name(0)!r}")
    if empty:
        notes.append(f"{empty} rows without any number were left out")
    return NumberTable(
        Path(path),
        ids,
        tuple(names[at][0] for at in taken),
        {names[at][0]: names[at][1] for at in taken},
        np.where(values == MISSING_CODE, np.nan, values),
        np.array([[flag for _, flag in row] for row in cells]),
        {role: [row.cells[at].strip() for row in rows] for role, at in roles.items()},
        tuple(notes),
    )


def split_unit(header: str) -> tuple[str, str]:
    """
    Name and unit of a header.

    Parameters
    ----------
    header : str
        Such as ``"Ni (mg/kg)"``.

    Returns
    -------
    tuple of (str, str)
        The unit is empty where there is none.

    Examples
    --------
    >>> split_unit("Ni (mg/kg)"), split_unit("PM2.5 [µg/m³]"), split_unit("Cr(VI)")
    (('Ni', 'mg/kg'), ('PM2.5', 'µg/m³'), ('Cr(VI)', ''))
    """
    found = _HEADER.fullmatch(header)
    if found and ("/" in found["unit"] or is_known_unit(found["unit"])):
        return found["name"], found["unit"]
    return header, ""


def _roles(table: Table, given: Mapping[str, str]) -> dict[str, int]:
    """Positions of columns by what they hold; usual names where nothing is said."""
    roles = {role: _position(table, name, role) for role, name in given.items()}
    lowered = [head.lower() for head in table.header]
    for role, names in _ROLES.items():
        at = next((lowered.index(name) for name in names if name in lowered), None)
        if role not in roles and at is not None:
            roles[role] = at
    for pair in (("easting", "northing"), ("longitude", "latitude")):
        if len(set(pair) & set(roles)) == 1:
            # A lone coordinate is none; it stays out of the species all the same.
            roles["other"] = roles.pop(next(iter(set(pair) & set(roles))))
    return roles


def _species(table: Table, columns: Columns, others: set[int]) -> list[int]:
    left_out = [_position(table, name, "leave_out") for name in columns.leave_out]
    if columns.species:
        taken = [_position(table, name, "species") for name in columns.species]
    else:
        at_all = range(len(table.header))
        taken = [at for at in at_all if at not in others and table.header[at]]
    taken = [at for at in taken if at not in left_out]
    names = [split_unit(table.header[at])[0] for at in taken]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated or len(taken) < 2:
        what = f"species {repeated[0]!r} twice" if repeated else f"{len(taken)} species"
        msg = f"{table.path}: found {what}; expected two or more, each once"
        raise UnreadableFileError(msg)
    return taken


def _position(table: Table, name: str, key: str) -> int:
    plain = [split_unit(head)[0] for head in table.header]
    for names in (table.header, plain):
        if name in names:
            return list(names).index(name)
    shown = ", ".join(head for head in table.header[:12] if head)
    more = " ..." if len(table.header) > 12 else ""
    msg = f"{key}: {table.path} has no column {name!r}; expected one of {shown}{more}"
    raise UnreadableFileError(msg)


def _cell(
    table: Table, row: Row, at: int, decimal: str, limit: float | None
) -> tuple[float, bool]:
    try:
        measured = parse_measured(row.cells[at], decimal=decimal, limit=limit)
    except NotANumberError as error:
        msg = (
            f"{table.place(row.number, at)}: {error}; or leave the column out "
            "(leave_out), or list the species (species)"
        )
        raise UnreadableFileError(msg) from error
    return measured.value, measured.is_censored


def _check_ids(table: Table, ids: Sequence[str], rows: Sequence[Row]) -> None:
    first: dict[str, int] = {}
    for name, row in zip(ids, rows, strict=True):
        if not name:
            msg = f"{table.place(row.number)}: no sample id; expected one in every row"
            raise UnreadableFileError(msg)
        if name in first:
            msg = (
                f"{table.path}: sample {name!r} in {table.noun} {first[name]} and "
                f"{row.number}; expected each once: name more columns that tell "
                "samples apart (sample_id)"
            )
            raise UnreadableFileError(msg)
        first[name] = row.number
