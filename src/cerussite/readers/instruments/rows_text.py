"""Exports of laboratory instruments: a table with a spectrum in each row."""

import csv
import io
import re

import numpy as np

from cerussite.readers.instruments.blocks import Block
from cerussite.readers.instruments.content import Content
from cerussite.readers.instruments.spectrum_file import SpectrumFile
from cerussite.readers.instruments.text import decode, lines_of, numbers

#: A column of a spectrum is named by a number alone, or behind X as R writes it.
_BAND = re.compile(r'"?[Xx]?(\d{2,5}(?:\.\d+)?)\s*(nm|cm-1)?"?')
#: Fewer such columns make no spectrum.
_ENOUGH = 20
_SEPARATORS = ("\t", ";", ",")


def recognise(head: bytes) -> bool:
    """
    Tell whether a file begins with the names of a table of spectra.

    Parameters
    ----------
    head : bytes
        The first bytes.

    Returns
    -------
    bool
        True where most names of the first line are rising or falling numbers.
    """
    if b"\0" in head[:4096]:
        return False
    first = lines_of(decode(head))[0]
    return _bands(first) is not None


def read(content: Content) -> SpectrumFile:
    """
    Read the spectra of a table, as FOSS and NIRSystems software exports them.

    Names and laboratory values are left to :func:`cerussite.readers.read_table`.

    Parameters
    ----------
    content : Content
        The file.

    Returns
    -------
    SpectrumFile
        One block with a spectrum a row, labelled by the first column.
    """
    text = decode(content.data)
    found = _bands(lines_of(text)[0])
    if found is None:
        content.refuse("no names of bands", "them in the first line")
    separator, places, unit = found
    try:
        table = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        rows = [row for row in table if any(map(str.strip, row))]
    except csv.Error as error:
        content.refuse(f"a table that breaks off ({error})", "one row a line")
    width = len(rows[0])
    wrong = next((at for at, row in enumerate(rows) if len(row) != width), None)
    if wrong is not None:
        content.refuse(f"{len(rows[wrong])} cells in row {wrong + 1}", f"{width}")
    positions = [at for at, _ in places]
    # A comma that separates cells cannot be a decimal mark, and is none in them.
    lines = ["\t".join(row[at] for at in positions) for row in rows[1:]]
    values = numbers(content, lines, 2, n_columns=len(positions), separator="\t")
    labels = tuple(row[0] for row in rows[1:]) if 0 not in positions else ()
    axis = np.array([number for _, number in places])
    block = Block("rows", "unknown", axis, unit, values, labels=labels)
    others = [name for at, name in enumerate(rows[0]) if at not in set(positions)]
    return SpectrumFile(
        content.path,
        "table of spectra in rows",
        (block,),
        block,
        metadata={"other columns": ", ".join(others)},
    )


def _bands(first: str) -> tuple[str, list[tuple[int, float]], str] | None:
    """Separator, and position and number of each column of a spectrum."""
    for separator in _SEPARATORS:
        names = [name.strip() for name in first.split(separator)]
        matches = [(at, _BAND.fullmatch(name)) for at, name in enumerate(names)]
        places = [(at, float(m[1])) for at, m in matches if m is not None]
        units = {m[2] for _, m in matches if m is not None}
        steps = np.diff([number for _, number in places])
        is_axis = (steps > 0).all() or (steps < 0).all()
        if len(places) >= _ENOUGH and is_axis and len(units) == 1:
            return separator, places, units.pop() or ""
    return None
