"""Ocean Optics text of SpectraSuite, OOIBase32, OceanView and Jaz."""

import re

import numpy as np

from cerussite.core.types import FloatArray
from cerussite.readers.instruments.blocks import Block, BlockQuantity
from cerussite.readers.instruments.content import Content
from cerussite.readers.instruments.spectrum_file import SpectrumFile
from cerussite.readers.instruments.text import decode, lines_of, numbers

#: The words between the marks are translated, their order too.
_MARK = re.compile(r">>>>>.*<<<<<")
_JAZ: dict[str, tuple[str, BlockQuantity]] = {
    "D": ("dark", "raw"),
    "R": ("reference", "raw"),
    "S": ("sample", "raw"),
    "P": ("processed", "unknown"),
}


def recognise(head: bytes) -> bool:
    """
    Tell whether a file begins as these files do.

    Parameters
    ----------
    head : bytes
        The first bytes.

    Returns
    -------
    bool
        True where a line ``>>>>>...<<<<<`` begins the data.
    """
    return any(_MARK.match(line) for line in lines_of(decode(head[:8192])))


def read(content: Content) -> SpectrumFile:
    """
    Read all columns.

    The file does not say what a processed spectrum is, nor, but for OceanView and
    Jaz, that the axis is wavelength: the caller does.

    Parameters
    ----------
    content : Content
        The file.

    Returns
    -------
    SpectrumFile
        The processed spectrum and, of a Jaz, dark, reference and sample.
    """
    lines = lines_of(decode(content.data))
    marks = [at for at, line in enumerate(lines) if _MARK.match(line)]
    start, end = marks[0] + 1, (marks[1] if len(marks) > 1 else len(lines))
    pairs = (line.split(":", 1) for line in lines[: marks[0]] if ":" in line)
    header = {key.strip(): value.strip() for key, value in pairs}
    names = lines[start].split() if start < len(lines) else []
    is_jaz = names[:1] == ["W"] and set(names[1:]) <= set(_JAZ)
    start += is_jaz
    n_columns = len(names) if is_jaz else 2
    table = numbers(content, lines[start:end], start + 1, n_columns=n_columns)
    is_view = lines[0].startswith("Data from ")
    warnings = _check_count(content, header, len(table), len(marks), is_view=is_view)
    is_wavelength = is_jaz or header.get("XAxis mode") == "Wavelengths"
    blocks = _blocks(
        table, names[1:] if is_jaz else ["P"], "nm" if is_wavelength else ""
    )
    return SpectrumFile(
        content.path,
        "Ocean Optics text",
        blocks,
        blocks[-1],
        instrument=_of(
            header, "Spectrometer Serial Number", "Spectrometers", "Spectrometer"
        ),
        date=_of(header, "Date", "Fecha"),
        reference=_reference(header),
        n_scans=_n_scans(_of(header, "Spectra Averaged", "Scans to average")),
        metadata=header,
        warnings=warnings,
    )


def _of(header: dict[str, str], *names: str) -> str:
    return next((header[name] for name in names if header.get(name)), "")


def _reference(header: dict[str, str]) -> str:
    stated = header.get("Reference Spectrum Present", "")
    return f"reference spectrum present: {stated}" if stated else ""


def _n_scans(written: str) -> int | None:
    match = re.match(r"\d{1,8}\b", written)
    return int(match[0]) if match else None


def _check_count(
    content: Content,
    header: dict[str, str],
    found: int,
    n_marks: int,
    *,
    is_view: bool,
) -> tuple[str, ...]:
    stated = next(
        (text for key, text in header.items() if key.startswith("Number of Pixels")), ""
    )
    if not stated.isdecimal() or len(stated) > 8 or int(stated) == found:
        return ()
    if not is_view and n_marks < 2:
        content.refuse(
            f"{found} lines of data", f"{stated} pixels", "the file is cut or damaged"
        )
    return (f"{found} lines of data where the header says {stated} pixels",)


def _blocks(table: FloatArray, names: list[str], unit: str) -> tuple[Block, ...]:
    blocks = []
    for at, name in enumerate(names, start=1):
        label, quantity = _JAZ[name]
        values = np.ascontiguousarray(table[:, at])[np.newaxis]
        blocks.append(Block(label, quantity, table[:, 0], unit, values))
    return tuple(blocks)
