"""Text files of instruments: lines, and columns of numbers."""

import re
from collections.abc import Sequence

import numpy as np

from cerussite.core.types import FloatArray
from cerussite.readers.instruments.content import Content

_LINE_ENDS = re.compile(r"\r\n|\r|\n")


def decode(data: bytes) -> str:
    """
    Text of a file in UTF-8, or in Latin-1 where it is not.

    Parameters
    ----------
    data : bytes
        All of it or its beginning.

    Returns
    -------
    str
        The text without a byte order mark.
    """
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", errors="replace")
    # DOS programs end a text with this sign.
    data = data.rstrip(b"\x1a")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def lines_of(text: str) -> list[str]:
    """
    Lines of a text, whatever ends them.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    list of str
        Lines without their ends.
    """
    return _LINE_ENDS.split(text)


def split_cells(line: str, separator: str | None) -> list[str]:
    """
    Cells of a line.

    Parameters
    ----------
    line : str
        The line.
    separator : str or None
        What separates them; None for any number of spaces.

    Returns
    -------
    list of str
        The cells as they are written.
    """
    return line.strip().split(separator)


def numbers(
    content: Content,
    lines: Sequence[str],
    first_line: int,
    *,
    n_columns: int,
    separator: str | None = None,
) -> FloatArray:
    """
    Columns of numbers, with a decimal point or, all of them, with a comma.

    Parameters
    ----------
    content : Content
        The file, for messages.
    lines : sequence of str
        Lines of data; empty ones do not count.
    first_line : int
        Number of the first of them in the file, for messages.
    n_columns : int
        How many cells a line must have.
    separator : str, optional
        What separates them; any number of spaces by default.

    Returns
    -------
    ndarray of shape (n_rows, n_columns)
        Finite numbers.
    """
    filled = [(at, line) for at, line in enumerate(lines, first_line) if line.strip()]
    if not filled:
        content.refuse("no lines of data", "a spectrum", "the file is cut or damaged")
    comma = separator != "," and has_decimal_comma([line for _, line in filled])
    table = np.empty((len(filled), n_columns))
    for row, (number, line) in enumerate(filled):
        cells = split_cells(line.replace(",", ".") if comma else line, separator)
        if len(cells) != n_columns:
            content.refuse(
                f"{len(cells)} columns in line {number}",
                f"{n_columns} as in the others",
                "the file is cut or damaged",
            )
        try:
            table[row] = [float(cell) for cell in cells]
        except ValueError:
            content.refuse(f"{line[:60]!r} in line {number}", "numbers")
    _check_finite(content, table, [number for number, _ in filled])
    return table


def has_decimal_comma(lines: Sequence[str]) -> bool:
    """
    Whether numbers in lines that no comma separates have a decimal comma.

    Parameters
    ----------
    lines : sequence of str
        The lines.

    Returns
    -------
    bool
        True where some line has a comma and none has a point.
    """
    return any("," in line for line in lines) and not any("." in line for line in lines)


def _check_finite(content: Content, table: FloatArray, places: Sequence[int]) -> None:
    finite = np.isfinite(table).all(axis=1)
    if not finite.all():
        number = places[int(np.argmin(finite))]
        content.refuse(f"a value that is not finite in line {number}", "numbers")
