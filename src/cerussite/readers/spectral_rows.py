"""Rows of a table gathered into a matrix of spectra and columns of text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from cerussite.core.errors import UnreadableFileError
from cerussite.core.types import FloatArray, IntArray
from cerussite.readers.cells import NotANumberError, parse_number
from cerussite.readers.rows import Row
from cerussite.readers.sources import Table

#: Rows held as text at once; bounds the memory above the matrix itself.
_BLOCK = 256


@dataclass(frozen=True)
class Gathered:
    """
    Content of a table below its header.

    Attributes
    ----------
    numbers : ndarray of int, shape (n_rows,)
        Lines or rows in the file.
    text : list of list of str
        One list a row, the cells of the columns that are no bands.
    values : ndarray of shape (n_rows, n_wavelengths) or None
        Spectra in the order of the positions; NaN where the cell is empty.
    n_left_out : int
        Rows left out because they hold no spectrum.
    """

    numbers: IntArray
    text: list[list[str]]
    values: FloatArray | None
    n_left_out: int = 0


@dataclass(frozen=True)
class Wanted:
    """
    What to gather.

    Attributes
    ----------
    text : list of int
        Positions of columns kept as text.
    bands : list of int
        Positions of spectral columns, in increasing wavelength; may be empty.
    decimal : {".", ","}
        Decimal mark.
    skip : int or None
        Number of a row that is no sample, such as the row of units.
    drop_empty : bool
        Leave out rows whose bands are all empty, instead of keeping them as NaN.
    """

    text: list[int]
    bands: list[int]
    decimal: str = "."
    skip: int | None = None
    drop_empty: bool = False


def gather(table: Table, wanted: Wanted) -> Gathered:
    """
    Read the rows below the header in bounded memory.

    Parameters
    ----------
    table : Table
        The table.
    wanted : Wanted
        Columns to keep and how to read numbers.

    Returns
    -------
    Gathered
        All rows of the table.

    Raises
    ------
    UnreadableFileError
        If a band holds text, or there is no row.
    """
    numbers: list[int] = []
    text: list[list[str]] = []
    blocks: list[FloatArray] = []
    n_left_out = 0
    for rows, block in _blocks(table, wanted):
        empty = np.logical_and(np.isnan(block).all(axis=1), wanted.drop_empty)
        kept = np.logical_not(empty)
        n_left_out += int(empty.sum())
        blocks.append(block[kept])
        for row, keep in zip(rows, kept, strict=True):
            if keep:
                numbers.append(row.number)
                text.append([row.cells[at].strip() for at in wanted.text])
    if not numbers:
        what = "no row with a spectrum" if n_left_out else "no rows"
        msg = f"{table.path}: {what} below the header; expected one row a sample"
        raise UnreadableFileError(msg)
    values = _stacked(blocks) if wanted.bands else None
    return Gathered(np.array(numbers), text, values, n_left_out)


def _blocks(table: Table, wanted: Wanted) -> Iterator[tuple[list[Row], FloatArray]]:
    rows: list[Row] = []
    for row in table.rows():
        if row.number == wanted.skip:
            continue
        rows.append(row)
        if len(rows) == _BLOCK:
            yield rows, _matrix(table, rows, wanted)
            rows = []
    if rows:
        yield rows, _matrix(table, rows, wanted)


def _matrix(table: Table, rows: list[Row], wanted: Wanted) -> FloatArray:
    block = np.empty((len(rows), len(wanted.bands)))
    if not wanted.bands:
        return block
    pick = itemgetter(*wanted.bands)
    for at, row in enumerate(rows):
        try:
            block[at] = list(map(float, _pointed(pick(row.cells), wanted.decimal)))
        except ValueError:
            block[at] = _carefully(table, row, wanted)
    return block


def _pointed(cells: Sequence[str], decimal: str) -> Sequence[str]:
    if decimal == ".":
        return cells
    joined = "\x1f".join(cells).replace(".", " ").replace(",", ".")
    return joined.split("\x1f")


def _carefully(table: Table, row: Row, wanted: Wanted) -> list[float]:
    values = []
    for at in wanted.bands:
        try:
            values.append(parse_number(row.cells[at], wanted.decimal))
        except NotANumberError as error:
            msg = f"{table.place(row.number, at)}: {error}; correct the cell"
            raise UnreadableFileError(msg) from error
    return values


def _stacked(blocks: list[FloatArray]) -> FloatArray:
    # Blocks are let go one by one, so that memory is not doubled.
    n_rows = sum(len(block) for block in blocks)
    values = np.empty((n_rows, blocks[0].shape[1]))
    end = n_rows
    while blocks:
        block = blocks.pop()
        values[end - len(block) : end] = block
        end -= len(block)
    return values


def find_decimal(table: Table, positions: list[int]) -> str:
    """
    Decimal mark of a table, from its first hundred rows.

    Parameters
    ----------
    table : Table
        The table.
    positions : list of int
        Columns that hold numbers.

    Returns
    -------
    {".", ","}
        The point where no number has a mark.

    Raises
    ------
    UnreadableFileError
        If both marks occur.
    """
    seen: dict[str, str] = {}
    for _, row in zip(range(100), table.rows(), strict=False):
        for at in positions:
            cell = row.cells[at].strip().lstrip("<").strip()
            for mark in ".,":
                if mark in seen or cell.count(mark) != 1:
                    continue
                if cell.replace(mark, "").lstrip("+-").isdecimal():
                    seen[mark] = f"{row.cells[at]!r} in {table.place(row.number, at)}"
    if len(seen) == 2:
        msg = (
            f"{table.path}: decimal point and decimal comma side by side ("
            f"{seen['.']}; {seen[',']}); expected one; correct the file, or say "
            "which it is (decimal)"
        )
        raise UnreadableFileError(msg)
    return next(iter(seen), ".")
