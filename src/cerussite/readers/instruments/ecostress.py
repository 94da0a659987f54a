"""ECOSTRESS spectral library: text with a header that says what the columns are."""

import re

from cerussite.readers.instruments.blocks import Block
from cerussite.readers.instruments.content import Content
from cerussite.readers.instruments.spectrum_file import SpectrumFile
from cerussite.readers.instruments.text import decode, lines_of, numbers
from cerussite.readers.instruments.words import quantity_in_words, unit_in_words

_UNITS = re.compile(r"^[XY] Units\s*:", re.MULTILINE)


def recognise(head: bytes) -> bool:
    """
    Tell whether a file begins as those of the library do.

    Parameters
    ----------
    head : bytes
        The first bytes.

    Returns
    -------
    bool
        True for a name first and the units of both columns after it.
    """
    return head.lstrip().startswith(b"Name:") and len(_UNITS.findall(decode(head))) >= 2


def read(content: Content) -> SpectrumFile:
    """
    Read the spectrum of a file.

    Parameters
    ----------
    content : Content
        The file.

    Returns
    -------
    SpectrumFile
        One block in the units its header states.
    """
    lines = lines_of(decode(content.data))
    start = next(
        (at for at, line in enumerate(lines) if re.match(r"\s*[\d.+-]", line)),
        len(lines),
    )
    pairs = (line.split(":", 1) for line in lines[:start] if ":" in line)
    header = {key.strip(): value.strip() for key, value in pairs}
    table = numbers(content, lines[start:], start + 1, n_columns=2)
    stated = header.get("Number of X Values", "")
    if stated.isdecimal() and int(stated) != len(table):
        content.refuse(f"{len(table)} lines of data", f"{stated} as its header says")
    y_label = header.get("Y Units", "")
    quantity, divisor = quantity_in_words(y_label)
    block = Block(
        y_label or "spectrum",
        quantity,
        table[:, 0],
        unit_in_words(header.get("X Units", "")),
        table[:, 1][None],
        labels=(header.get("Name", ""),),
        divisor=divisor,
    )
    return SpectrumFile(
        content.path,
        "ECOSTRESS text",
        (block,),
        block,
        date=header.get("Collection Date", "").replace("N/A", ""),
        metadata=header,
    )
