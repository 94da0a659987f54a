"""Spectral Evolution .sed: text with a header and named columns."""

import re

from cerussite.readers.instruments.blocks import Block
from cerussite.readers.instruments.content import Content
from cerussite.readers.instruments.spectrum_file import SpectrumFile
from cerussite.readers.instruments.text import decode, lines_of, numbers
from cerussite.readers.instruments.words import (
    choose_block,
    quantity_in_words,
    unique_names,
)

_COLUMNS = re.compile(r"^Columns\s*\[\d+\]\s*:", re.MULTILINE)


def recognise(head: bytes) -> bool:
    """
    Tell whether a file begins as .sed files do.

    Parameters
    ----------
    head : bytes
        The first bytes.

    Returns
    -------
    bool
        True for a comment first and a line ``Columns [n]:`` before the data.
    """
    start = decode(head)
    return start.startswith("Comment:") and _COLUMNS.search(start) is not None


def read(content: Content) -> SpectrumFile:
    """
    Read all columns; the heading of the reflectance says whether it is percent.

    Parameters
    ----------
    content : Content
        The file.

    Returns
    -------
    SpectrumFile
        One block a column. Without a column of reflectance the target is chosen,
        as the raw numbers it is.
    """
    lines = lines_of(decode(content.data))
    start = next((at for at, line in enumerate(lines) if line.strip() == "Data:"), -1)
    if start < 0 or start + 1 >= len(lines):
        content.refuse("no line Data: with columns after it", "them")
    header = _fields(lines[:start])
    names = [name.strip() for name in lines[start + 1].split("\t")]
    if len(names) < 2 or not names[0].lower().startswith("wvl"):
        content.refuse(f"columns {names}"[:100], "Wvl and at least one more")
    table = numbers(content, lines[start + 2 :], start + 3, n_columns=len(names))
    _check_channels(content, header.get("Channels", ""), len(table))
    blocks = []
    for at, name in enumerate(unique_names(names[1:]), start=1):
        quantity, divisor = quantity_in_words(name)
        values = table[:, at][None]
        blocks.append(Block(name, quantity, table[:, 0], "nm", values, divisor=divisor))
    chosen = choose_block([b for b in blocks if b.quantity == "reflectance"])
    warnings: tuple[str, ...] = ()
    if chosen is None:
        chosen = blocks[-1]
        warnings = (f"no column of reflectance, only {', '.join(names[1:])}",)
    return SpectrumFile(
        content.path,
        "Spectral Evolution .sed",
        tuple(blocks),
        chosen,
        instrument=header.get("Instrument", ""),
        date=f"{_last(header, 'Date')} {_last(header, 'Time')}".strip(),
        reference=_reference(header),
        position=_position(header),
        n_scans=_n_scans(_last(header, "Averages")),
        metadata=header,
        warnings=warnings,
    )


def _fields(lines: list[str]) -> dict[str, str]:
    pairs = (line.split(":", 1) for line in lines if ":" in line)
    return {key.strip(): value.strip() for key, value in pairs}


def _last(header: dict[str, str], key: str) -> str:
    """The header lists reference and target; the target is the measurement."""
    return header.get(key, "").rsplit(",", 1)[-1].strip()


def _check_channels(content: Content, stated: str, found: int) -> None:
    if stated.isdecimal() and int(stated) != found:
        content.refuse(
            f"{found} lines of data", f"{stated} channels", "the file is cut or damaged"
        )


def _reference(header: dict[str, str]) -> str:
    taken = f"{header.get('Date', '')} {header.get('Time', '')}".split(",")[0]
    correction = header.get("Calibrated Reference Correction File", "none")
    said = "" if correction == "none" else f", corrected by {correction}"
    return f"white reference of {taken.strip()}{said}" if taken.strip() else ""


def _position(header: dict[str, str]) -> tuple[float, float] | None:
    try:
        latitude, longitude = float(header["Latitude"]), float(header["Longitude"])
    except (KeyError, ValueError):
        return None
    if abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return latitude, longitude


def _n_scans(written: str) -> int | None:
    return int(written) if written.isdecimal() and len(written) < 9 else None
