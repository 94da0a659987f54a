"""The row of units that laboratories put under the header."""

from itertools import islice

from cerussite.readers.cells import NotANumberError, is_missing, parse_measured
from cerussite.readers.columns import is_known_unit
from cerussite.readers.rows import Row
from cerussite.readers.sources import Table

_AXIS = frozenset({"nm", "cm-1"})


def find_units_row(table: Table, measured: list[int]) -> Row | None:
    """
    The first row below the header, if it holds units and no data.

    Parameters
    ----------
    table : Table
        The table.
    measured : list of int
        Positions of the columns that hold numbers: bands and responses.

    Returns
    -------
    Row or None
        The row when no measured column of it holds a number or a limit, and
        at least one holds a known unit; ``1`` counts as the unit of pH here.
    """
    row = next(islice(table.rows(), 1), None)
    if row is None:
        return None
    cells = [row.cells[position].strip() for position in measured]
    texts = [cell for cell in cells if not is_missing(cell) and cell != "1"]
    if any(map(_is_value, texts)):
        return None
    return row if any(text in _AXIS or is_known_unit(text) for text in texts) else None


def _is_value(cell: str) -> bool:
    for decimal in ".,":
        try:
            parse_measured(cell, decimal=decimal, limit=0.0)
        except NotANumberError:
            continue
        return True
    return False
