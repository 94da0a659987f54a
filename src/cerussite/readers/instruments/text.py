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


def has_decimal_comma(rows: Sequence[Sequence[str]]) -> bool:
    """
    Whether the numbers of columns that no comma separates have a decimal comma.

    Parameters
    ----------
    rows : sequence of sequences of str
        The cells.

    Returns
    -------
    bool
        True where some cell has a comma and none has a point.
    """
    cells = [cell for row in rows for cell in row]
    return any("," in cell for cell in cells) and not any("." in cell for cell in cells)


def numbers(
    content: Content, rows: Sequence[Sequence[str]], n_columns: int, first_line: int
) -> FloatArray:
    """
    Columns of numbers.

    Parameters
    ----------
    content : Content
        The file, for messages.
    rows : sequence of sequences of str
        The cells of each line.
    n_columns : int
        How many cells a line must have.
    first_line : int
        Number of the first line in the file, for messages.

    Returns
    -------
    ndarray of shape (n_rows, n_columns)
        The numbers, whether with a decimal point or, all of them, with a comma.
    """
    if not rows:
        content.refuse("no lines of data", "a spectrum")
    wrong = next((at for at, row in enumerate(rows) if len(row) != n_columns), None)
    if wrong is not None:
        content.refuse(
            f"{len(rows[wrong])} columns in line {first_line + wrong}",
            f"{n_columns} as in the others",
            "the file is cut or damaged",
        )
    comma = has_decimal_comma(rows)
    table = np.empty((len(rows), n_columns))
    for at, row in enumerate(rows):
        try:
            table[at] = [float(c.replace(",", ".") if comma else c) for c in row]
        except ValueError:
            content.refuse(f"{row!r} in line {first_line + at}"[:200], "numbers")
    if not np.isfinite(table).all():
        at = int(np.argmax(~np.isfinite(table).all(axis=1)))
        content.refuse(
            f"{rows[at]!r} in line {first_line + at}"[:200], "finite numbers"
        )
    return table
