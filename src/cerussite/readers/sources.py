"""Rows of a table as text, whatever kind of file holds it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path
from typing import Self

from cerussite.core.errors import UnreadableFileError
from cerussite.readers.delimited import open_delimited
from cerussite.readers.parquet import open_parquet
from cerussite.readers.rows import Row, Rows
from cerussite.readers.workbook import open_workbook

#: How a file that is something else betrays itself by its first bytes.
_MAGIC = {
    b"PK\x03\x04": "an XLSX workbook or another zip archive",
    b"\xd0\xcf\x11\xe0": "an old XLS workbook; save it as XLSX or CSV",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF document",
}


@dataclass(frozen=True)
class Table:
    """
    A header and what reads the rows below it.

    Attributes
    ----------
    path : Path
        The file.
    header : list of str
        Names of the columns without outer spaces; an empty name is kept empty.
    rows : callable
        Gives a fresh iterator over the rows below the header; empty rows are
        left out, the others have as many cells as the header.
    noun : {"line", "row"}
        What the number of a row is called where the user sees it.
    notes : tuple of str
        What was decided about the file.
    """

    path: Path
    header: list[str]
    rows: Callable[[], Iterator[Row]]
    noun: str
    notes: tuple[str, ...] = ()

    def place(self, number: int, column: int | None = None) -> str:
        """
        Where something stands, as the user finds it.

        Parameters
        ----------
        number : int
            Line or row in the file, counted from 1.
        column : int, optional
            Position of the column, counted from 0.

        Returns
        -------
        str
            File, line and column.
        """
        where = f"{self.path}, {self.noun} {number}"
        if column is None:
            return where
        return f"{where}, column {self.column_name(column)!r}"

    def narrowed(self, positions: list[int]) -> Self:
        """
        The same table with some of its columns.

        Parameters
        ----------
        positions : list of int
            Positions of at least two columns, counted from 0.

        Returns
        -------
        Table
            Its columns in the order asked for.
        """
        pick = itemgetter(*positions)

        def _rows() -> Iterator[Row]:
            return (Row(row.number, list(pick(row.cells))) for row in self.rows())

        return replace(self, header=list(pick(self.header)), rows=_rows)

    def filtered(self, position: int, values: frozenset[str]) -> Self:
        """
        The same table with the rows that hold one of some values.

        Parameters
        ----------
        position : int
            Position of the column that decides, counted from 0.
        values : frozenset of str
            What it may hold.

        Returns
        -------
        Table
            The rows chosen.
        """

        def _rows() -> Iterator[Row]:
            rows = self.rows()
            return (row for row in rows if row.cells[position].strip() in values)

        return replace(self, rows=_rows)

    def column_name(self, position: int) -> str:
        """
        Name of a column; one without a name is called by its number.

        Parameters
        ----------
        position : int
            Position of the column, counted from 0.

        Returns
        -------
        str
            The name in the header, or ``"column 3"`` for the third.
        """
        return self.header[position] or f"column {position + 1}"


def open_table(
    path: str | Path, *, sheet: str | None = None, delimiter: str | None = None
) -> Table:
    """
    Open a CSV, TSV, XLSX or Parquet table.

    Parameters
    ----------
    path : str or Path
        The file; the ending says what it is, ``.gz`` after ``.csv`` is allowed.
    sheet : str, optional
        Sheet of a workbook; needed where more than one has content.
    delimiter : str, optional
        What separates the columns of a text file; found from the first lines
        where not given.

    Returns
    -------
    Table
        The header and its rows.

    Raises
    ------
    UnreadableFileError
        If the file is missing, empty, of another kind, or has one column only.
    """
    path = Path(path)
    if not path.is_file():
        msg = f"{path}: no such file; expected a CSV, TSV, XLSX or Parquet table"
        raise UnreadableFileError(msg)
    ending = path.suffix.lower()
    if ending in {".xlsx", ".xlsm"}:
        opened = open_workbook(path, sheet)
    elif ending in {".parquet", ".pq"}:
        opened = open_parquet(path)
    else:
        _refuse_binary(path)
        opened = open_delimited(path, delimiter)
    return _with_header(path, opened)


def _refuse_binary(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(4)
    if start in _MAGIC:
        msg = (
            f"{path}: named {path.suffix or 'without ending'} but holds {_MAGIC[start]}"
            "; expected text; give the file its right name or export it as CSV"
        )
        raise UnreadableFileError(msg)


def _with_header(path: Path, opened: Rows) -> Table:
    first = next(opened.iterate(), None)
    if first is None:
        msg = f"{path}: the file is empty; expected a header and one row a sample"
        raise UnreadableFileError(msg)
    header = [" ".join(cell.split()) for cell in first.cells]
    while header and not header[-1]:
        header.pop()
    if len(header) < 2:
        msg = (
            f"{path}: one column only, {header[0][:40]!r}, with {opened.separator}; "
            "expected columns separated by comma, semicolon or tab; check the "
            "delimiter, and delete lines above the header"
        )
        raise UnreadableFileError(msg)
    width = max(len(header), len(first.cells))
    names = header + [""] * (width - len(header))

    def rows() -> Iterator[Row]:
        below = opened.iterate()
        next(below)
        return (_fitted(path, row, width, opened.noun) for row in below)

    return Table(path, names, rows, opened.noun, opened.notes)


def _fitted(path: Path, row: Row, width: int, noun: str) -> Row:
    cells = row.cells
    if len(cells) == width:
        return row
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        return Row(row.number, cells[:width])
    msg = (
        f"{path}, {noun} {row.number}: found {len(cells)} of the {width} cells that "
        "the header has; expected as many; look for a missing or an extra separator, or a decimal "
        "comma in a file separated by commas"
    )
    raise UnreadableFileError(msg)
