"""Plain columns of text: an axis and one spectrum or many, as software exports them."""

import re

import numpy as np

from cerussite.readers.instruments.blocks import Block, BlockQuantity
from cerussite.readers.instruments.content import Content
from cerussite.readers.instruments.spectrum_file import SpectrumFile
from cerussite.readers.instruments.text import decode, lines_of, numbers, split_cells
from cerussite.readers.instruments.words import quantity_in_words, unit_in_words

_NUMBER = re.compile(r"\s*[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?\s*")
#: Lines in front of the data, and lines that must be data to know them as such.
_MAX_HEADER, _ENOUGH = 60, 10
_COMMENTS = ("#", "; ")


def recognise(head: bytes) -> bool:
    """
    Tell whether a file is text that soon turns into columns of numbers.

    Parameters
    ----------
    head : bytes
        The first bytes.

    Returns
    -------
    bool
        True where ten lines of as many numbers follow each other and the first
        of them rise or fall.
    """
    if b"\0" in head:
        return False
    lines = lines_of(decode(head))
    # The last line of a beginning may be cut.
    return _start(lines[:-1] if len(head) >= 1 << 16 else lines) is not None


def read(content: Content) -> SpectrumFile:
    """
    Read all columns; what they hold is the caller's to say unless their names do.

    Parameters
    ----------
    content : Content
        The file.

    Returns
    -------
    SpectrumFile
        One block with a spectrum a column.
    """
    lines = lines_of(decode(content.data))
    found = _start(lines)
    if found is None:
        content.refuse("no columns of numbers", "an axis and a spectrum")
    start, separator = found
    comments = [line for line in lines[start:] if line.startswith(_COMMENTS)]
    data = ["" if line.startswith(_COMMENTS) else line for line in lines[start:]]
    n_columns = len(split_cells(data[0], separator))
    table = numbers(content, data, start + 1, n_columns=n_columns, separator=separator)
    names = split_cells(lines[start - 1], separator) if start else []
    names = [name.strip() for name in names] if len(names) == n_columns else []
    header = [line.strip() for line in lines[:start] + comments if line.strip()]
    quantity, divisor = _quantity(names[1:2] if len(names) == 2 else header)
    unit = unit_in_words(names[0]) if names else ""
    block = Block(
        "columns",
        quantity,
        table[:, 0],
        unit if unit in {"nm", "um", "cm-1"} else "",
        np.ascontiguousarray(table[:, 1:].T),
        labels=tuple(names[1:]),
        divisor=divisor,
    )
    return SpectrumFile(
        content.path,
        "columns of text",
        (block,),
        block,
        metadata={"header": "\n".join(header)[:4000]} if header else {},
    )


def _quantity(said: list[str]) -> tuple[BlockQuantity, float]:
    """What a short line of its own in front of the data states, if anything."""
    for line in said[:5]:
        quantity, divisor = quantity_in_words(line)
        if len(line) <= 30 and quantity not in {"unknown", "other"}:
            return quantity, divisor
    return "unknown", 1.0


def _start(lines: list[str]) -> tuple[int, str | None] | None:
    """Where columns begin, and what separates them."""
    for at in range(min(_MAX_HEADER, len(lines))):
        for separator in ("\t", ";", ",", None):
            block = [line for line in lines[at : at + _ENOUGH] if line.strip()]
            rows = [split_cells(line, separator) for line in block]
            if len(rows) == _ENOUGH and _is_table(rows):
                return at, separator
    return None


def _is_table(rows: list[list[str]]) -> bool:
    width = len(rows[0])
    if width < 2 or any(len(row) != width for row in rows):
        return False
    if not all(_NUMBER.fullmatch(cell) for row in rows for cell in row):
        return False
    axis = np.array([float(row[0].replace(",", ".")) for row in rows])
    steps = np.diff(axis)
    return bool((steps > 0).all() or (steps < 0).all())
