"""Columns of a table by name, and what the caller says about responses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from cerussite.core.errors import InvalidConcentrationError, UnreadableFileError
from cerussite.core.survey import Response
from cerussite.core.units import canonical_unit
from cerussite.readers.sources import Table

#: What a caller says about one response: its column, unit, procedure and limit.
ResponseOptions: TypeAlias = Mapping[str, Any]

_OPTIONS = frozenset({"column", "unit", "procedure", "limit"})
_IN_BRACKETS = re.compile(r".*[(\[]\s*(?P<unit>[^()\[\]]+?)\s*[)\]]\s*")
#: Ways to write units that mean the same as one in ``core.units``.
_SPELLINGS = {
    "-": "1",
    "g.kg-1": "g/kg",
    "mg.kg-1": "mg/kg",
    "ug.kg-1": "ug/kg",
    "µg.kg-1": "µg/kg",
    "cmolc/kg": "cmol/kg",
    "cmol(+)/kg": "cmol/kg",
    "cmolc.kg-1": "cmol/kg",
}


@dataclass(frozen=True)
class ResponseColumn:
    """
    A response and the column it is read from.

    Attributes
    ----------
    response : Response
        Name, unit inside and procedure.
    position : int
        Position of the column in the file, counted from 0.
    factor : float
        Values of the column are multiplied with it.
    limit : float or None
        What ``<LOD`` stands for, in the unit of the column.
    notes : tuple of str
        What was converted.
    """

    response: Response
    position: int
    factor: float
    limit: float | None = None
    notes: tuple[str, ...] = ()


def find_column(table: Table, name: str | int) -> int:
    """
    Position of a column.

    Parameters
    ----------
    table : Table
        The table.
    name : str or int
        Name of the column, or its number counted from 1, which is the way out
        where a name occurs twice.

    Returns
    -------
    int
        Position counted from 0.

    Raises
    ------
    UnreadableFileError
        If there is no such column, or more than one when case and outer
        spaces do not count (``K`` and ``k``).
    """
    if isinstance(name, int):
        if not 1 <= name <= len(table.header):
            msg = f"{table.path}: no column number {name}; expected 1 to "
            raise UnreadableFileError(msg + str(len(table.header)))
        return name - 1
    names = [table.column_name(at) for at in range(len(table.header))]
    wanted = " ".join(name.split())
    found = [at for at, other in enumerate(names) if other.lower() == wanted.lower()]
    if len(found) > 1:
        which = " and ".join(f"{names[at]!r} (column {at + 1})" for at in found)
        msg = (
            f"{table.path}: {name!r} may be {which}; expected one column; rename the "
            "other, or give the number of the column for its name"
        )
        raise UnreadableFileError(msg)
    if not found or names[found[0]] != wanted:
        hint = f"; did you mean {names[found[0]]!r}?" if found else _some(names)
        msg = f"{table.path}: no column {name!r}{hint}"
        raise UnreadableFileError(msg)
    return found[0]


def _some(names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:12])
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return f"; expected one of {shown}{more}"


def response_columns(
    table: Table,
    responses: Mapping[str, ResponseOptions | None],
    units_row: Mapping[int, str],
) -> list[ResponseColumn]:
    """
    Columns of the responses with their units.

    Parameters
    ----------
    table : Table
        The table.
    responses : mapping of str to mapping
        For each response ``column`` (default: its name), ``unit`` (default: what
        the file says), ``procedure`` and ``limit``.
    units_row : mapping of int to str
        Text of the row of units by position; empty where there is none.

    Returns
    -------
    list of ResponseColumn
        In the order of ``responses``.

    Raises
    ------
    UnreadableFileError
        If two responses are read from one column.
    """
    columns = [
        _response_column(table, name, options or {}, units_row)
        for name, options in responses.items()
    ]
    seen: dict[int, str] = {}
    for column in columns:
        other = seen.setdefault(column.position, column.response.name)
        if other != column.response.name:
            msg = (
                f"{table.path}: {other} and {column.response.name} are both read from "
                f"column {table.column_name(column.position)!r}; expected one each"
            )
            raise UnreadableFileError(msg)
    return columns


def _response_column(
    table: Table, name: str, options: ResponseOptions, units_row: Mapping[int, str]
) -> ResponseColumn:
    unknown = sorted(set(options) - _OPTIONS)
    if unknown:
        msg = (
            f"response {name}: unknown key {unknown[0]!r}; expected "
            f"{', '.join(sorted(_OPTIONS))}"
        )
        raise UnreadableFileError(msg)
    position = find_column(table, options.get("column", name))
    unit, notes = _unit(table, name, position, options.get("unit"), units_row)
    inside, factor = canonical_unit(name, unit)
    if inside != unit and factor != 1:
        notes += (f"{name}: {unit} times {factor:g} is {inside}",)
    limit = options.get("limit")
    return ResponseColumn(
        Response(name, inside, str(options.get("procedure") or "")),
        position,
        factor,
        None if limit is None else float(limit),
        notes,
    )


def _unit(
    table: Table,
    name: str,
    position: int,
    given: str | None,
    units_row: Mapping[int, str],
) -> tuple[str, tuple[str, ...]]:
    stated = _stated_units(table, position, units_row)
    known = [(unit, where) for unit, where in stated if _is_unit(name, unit)]
    if given is None and not known:
        found = "".join(f"; {where} says {unit!r}" for unit, where in stated)
        msg = (
            f"response {name} has no unit{found}; expected one such as mg/kg, % or "
            "g/kg ('1' for pH); say it with unit"
        )
        raise InvalidConcentrationError(msg)
    if given is not None:
        known.insert(0, (_spelt(str(given)), "the caller"))
    unit, who = known[0]
    for other, where in known[1:]:
        if canonical_unit(name, other) != canonical_unit(name, unit):
            msg = (
                f"{table.path}: response {name} in {unit} according to {who}, but "
                f"{where} says {other!r}; correct one of them"
            )
            raise InvalidConcentrationError(msg)
    notes = () if given is not None else (f"{name}: unit {unit} taken from {who}",)
    return unit, notes


def _stated_units(
    table: Table, position: int, units_row: Mapping[int, str]
) -> list[tuple[str, str]]:
    stated = []
    if units_row.get(position):
        stated.append((_spelt(units_row[position]), "the row of units"))
    bracketed = _IN_BRACKETS.fullmatch(table.header[position])
    if bracketed:
        stated.append((_spelt(bracketed["unit"]), "the header"))
    return stated


def _spelt(unit: str) -> str:
    unit = unit.strip().replace("μ", "µ").replace("⁻¹", "-1")
    return _SPELLINGS.get(unit.lower().replace(" ", "."), unit)


def is_known_unit(text: str) -> bool:
    """
    Tell whether text is a unit of a property.

    Parameters
    ----------
    text : str
        Content of a cell.

    Returns
    -------
    bool
        True where :mod:`cerussite.core.units` knows it.
    """
    return _is_unit("property", _spelt(text))


def _is_unit(name: str, unit: str) -> bool:
    try:
        canonical_unit(name, unit)
    except InvalidConcentrationError:
        return False
    return True
