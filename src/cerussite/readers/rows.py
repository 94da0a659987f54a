"""One row of a table as text, with the number a user finds it by."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Row(NamedTuple):
    """
    Cells of a row that is not empty.

    Attributes
    ----------
    number : int
        Line (text) or row (workbook, Parquet) in the file, counted from 1.
    cells : list of str
        Content of the cells.
    """

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Rows:
    """
    What opening a file gives: rows, the header being the first.

    Attributes
    ----------
    iterate : callable
        Gives a fresh iterator over the rows that are not empty.
    noun : {"line", "row"}
        What the number of a row is called.
    separator : str
        How columns were told apart, in words.
    notes : tuple of str
        What was decided about the file.
    """

    iterate: Callable[[], Iterator[Row]]
    noun: str
    separator: str
    notes: tuple[str, ...] = ()
