"""AvaSoft text: named columns with a row of units, decimal point or comma."""

import re

from cerussite.readers.instruments.blocks import Block
from cerussite.readers.instruments.content import Content
from cerussite.readers.instruments.spectrum_file import SpectrumFile
from cerussite.readers.instruments.text import decode, lines_of, numbers
from cerussite.readers.instruments.words import (
    choose_block,
    quantity_in_words,
    unique_names,
    unit_in_words,
)

_NAMES = re.compile(r"^Wave\s*;", re.MULTILINE)


def recognise(head: bytes) -> bool:
    """
    Tell whether a file begins as AvaSoft's text does.

    Parameters
    ----------
    head : bytes
        The first bytes.

    Returns
    -------
    bool
        True where a line of column names begins ``Wave ;``.
    """
    text = decode(head[:4096])
    return _NAMES.search("\n".join(lines_of(text))) is not None


def read(content: Content) -> SpectrumFile:
    """
    Read all columns in the units of the row below their names.

    Parameters
    ----------
    content : Content
        The file.

    Returns
    -------
    SpectrumFile
        One block a column.
    """
    lines = lines_of(decode(content.data))
    start = next(at for at, line in enumerate(lines) if _NAMES.match(line))
    names = [name.strip() for name in lines[start].split(";")]
    units = lines[start + 1].split(";") if start + 1 < len(lines) else []
    if len(units) != len(names) or "[" not in units[0]:
        content.refuse("column names without a row of units", "[nm] and the others")
    data = lines[start + 2 :]
    table = numbers(content, data, start + 3, n_columns=len(names), separator=";")
    blocks = []
    for at, name in enumerate(unique_names(names[1:]), start=1):
        quantity, divisor = quantity_in_words(units[at])
        if quantity in {"unknown", "other"}:
            quantity = quantity_in_words(name)[0]
        blocks.append(
            Block(
                name,
                quantity,
                table[:, 0],
                unit_in_words(units[0].strip().strip("[]")),
                table[:, at][None],
                divisor=divisor,
            )
        )
    pairs = (line.split(":", 1) for line in lines[:start] if ":" in line)
    header = {key.strip(): value.strip() for key, value in pairs}
    average = re.match(r"\d{1,8}\b", header.get("Average", ""))
    return SpectrumFile(
        content.path,
        "AvaSoft text",
        tuple(blocks),
        choose_block(blocks),
        instrument=header.get("Data measured with spectrometer serial number", ""),
        n_scans=int(average[0]) if average else None,
        metadata=header,
    )
