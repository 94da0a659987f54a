"""Columns of text below a header, with the places of their cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cerussite.core.types import IntArray
from cerussite.readers.sources import Table


@dataclass(frozen=True)
class TextColumns:
    """
    Cells of the columns that are no bands.

    Attributes
    ----------
    table : Table
        Where they come from.
    cells : mapping of int to sequence of str
        Cells of each column by its position.
    numbers : ndarray of int, shape (n_rows,)
        Lines or rows in the file.
    decimal : {".", ","}
        Decimal mark.
    """

    table: Table
    cells: Mapping[int, Sequence[str]]
    numbers: IntArray
    decimal: str

    def place(self, row: int, position: int | None = None) -> str:
        """
        Where a cell stands, as the user finds it.

        Parameters
        ----------
        row : int
            Position of the row, counted from 0.
        position : int, optional
            Position of the column, counted from 0.

        Returns
        -------
        str
            File, line and column.
        """
        return self.table.place(int(self.numbers[row]), position)
