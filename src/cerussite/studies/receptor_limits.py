"""Detection limits and relative errors of species, from a table or as given."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from cerussite.apportionment import duplicate_error_fractions
from cerussite.core.errors import InvalidConcentrationError, UnreadableFileError
from cerussite.core.types import FloatArray
from cerussite.readers.cells import NotANumberError, parse_number
from cerussite.readers.sources import Table, open_table
from cerussite.studies.apportionment_plan import Duplicates, ReceptorTables
from cerussite.studies.receptor_tables import Columns, read_numbers, split_unit


def read_limits(
    given: Path | Mapping[str, float] | None,
) -> tuple[dict[str, float], dict[str, float]]:
    """
    Detection limits and error fractions by species.

    Parameters
    ----------
    given : Path or mapping of str to float or None
        A table as :class:`~cerussite.studies.apportionment_plan.ReceptorTables`
        describes it, or the limits themselves.

    Returns
    -------
    limits : dict of str to float
        In the unit of the concentrations.
    fractions : dict of str to float
        Those that the table holds; may be empty.

    Raises
    ------
    UnreadableFileError
        If the table is of neither kind.
    """
    if given is None:
        return {}, {}
    if isinstance(given, Mapping):
        return dict(given), {}
    table = open_table(given)
    heads = [head.lower() for head in table.header]
    if "species" in heads and "detection_limit" in heads:
        limits = _column(table, heads, "detection_limit")
        has_errors = "error_fraction" in heads
        return limits, _column(table, heads, "error_fraction") if has_errors else {}
    rows = [row for row in table.rows() if any(cell.strip() for cell in row.cells)]
    if not 1 <= len(rows) <= 2:
        msg = (
            f"{given}: {len(rows)} rows below the header; expected columns species and "
            "detection_limit, or a column a species with limits in the first row and "
            "errors in percent in the second"
        )
        raise UnreadableFileError(msg)
    names = [split_unit(head)[0] for head in table.header]
    found = [
        {
            name: _number(table, row.number, row.cells[at])
            for at, name in enumerate(names)
            if name
        }
        for row in rows
    ]
    percent = found[1] if len(found) == 2 else {}
    return found[0], {name: value / 100 for name, value in percent.items()}


def error_fractions(
    data: ReceptorTables,
    species: Sequence[str],
    *,
    tabled: Mapping[str, float],
) -> FloatArray:
    """
    Relative standard deviation of each species.

    Parameters
    ----------
    data : ReceptorTables
        Says where it comes from.
    species : sequence of str
        Species that are needed.
    tabled : mapping of str to float
        Fractions from the table of limits.

    Returns
    -------
    ndarray of shape (n_species,)
        Dimensionless.
    """
    if data.duplicates is not None:
        return _of_duplicates(data.duplicates, species)
    given = tabled if data.error_fraction is None else data.error_fraction
    if isinstance(given, float):
        return np.full(len(species), given)
    return by_species(given, species, "error fraction")


def by_species(
    given: Mapping[str, float], species: Sequence[str], what: str
) -> FloatArray:
    """
    Values in the order of species.

    Parameters
    ----------
    given : mapping of str to float
        Values by species; more than are needed do not matter.
    species : sequence of str
        Species that are needed.
    what : str
        For the message.

    Returns
    -------
    ndarray of shape (n_species,)
        One value a species.

    Raises
    ------
    InvalidConcentrationError
        If one is missing.
    """
    missing = [name for name in species if name not in given]
    if missing:
        msg = (
            f"no {what} of {', '.join(missing[:5])}{' ...' if missing[5:] else ''}; "
            f"expected one for each of {len(species)} species (error_fraction, "
            "detection_limits)"
        )
        raise InvalidConcentrationError(msg)
    return np.array([given[name] for name in species], dtype=np.float64)


def _of_duplicates(given: Duplicates, species: Sequence[str]) -> FloatArray:
    limits, _ = read_limits(given.detection_limits)
    first, second = (
        read_numbers(
            given.file, Columns(species=tuple(f"{head}{name}" for name in species))
        ).values
        for head in (given.first, given.second)
    )
    found = []
    for column, name in enumerate(species):
        pair = (values[:, [column]] for values in (first, second))
        try:
            own = duplicate_error_fractions(
                *pair, detection_limits=np.array([limits.get(name, 0.0)])
            )
        except InvalidConcentrationError as error:
            # The room counts species; users know them by name.
            said = str(error).replace("species 0", name)
            msg = f"{given.file}: {said} (duplicates), or leave it out (leave_out)"
            raise InvalidConcentrationError(msg) from error
        found.append(float(own[0]))
    return np.array(found)


def _column(table: Table, heads: list[str], name: str) -> dict[str, float]:
    at, value = heads.index("species"), heads.index(name)
    return {
        row.cells[at].strip(): _number(table, row.number, row.cells[value])
        for row in table.rows()
    }


def _number(table: Table, number: int, text: str) -> float:
    try:
        found = parse_number(text)
    except NotANumberError as error:
        msg = f"{table.place(number)}: {error}"
        raise UnreadableFileError(msg) from error
    if not found >= 0:
        msg = (
            f"{table.place(number)}: found {text!r}; expected a number, not below zero"
        )
        raise UnreadableFileError(msg)
    return found
