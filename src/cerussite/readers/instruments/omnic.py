"""Thermo OMNIC .spa: one spectrum, with interferograms where they were kept."""

from datetime import datetime, timedelta

import numpy as np

from cerussite.readers.instruments.blocks import Block, BlockQuantity
from cerussite.readers.instruments.content import MAX_POINTS, Content
from cerussite.readers.instruments.spectrum_file import SpectrumFile

_MARK = b"Spectral Data File"
_HEADER, _VALUES, _SAMPLE, _BACKGROUND = 2, 3, 102, 103
_UNITS = {1: "cm-1", 2: "data points", 3: "nm", 4: "um", 32: "Raman shift (cm-1)"}
#: Codes of the ordinate. Sources disagree on 12, log(1/R) or Kubelka-Munk: it is
#: left open.
_QUANTITIES: dict[int, tuple[str, BlockQuantity, float]] = {
    11: ("reflectance", "reflectance", 100.0),
    12: ("log(1/R) or Kubelka-Munk", "unknown", 1.0),
    16: ("transmittance", "transmittance", 100.0),
    17: ("absorbance", "absorbance", 1.0),
    20: ("Kubelka-Munk", "other", 1.0),
    21: ("reflectance", "reflectance", 1.0),
    22: ("detector signal", "raw", 1.0),
    26: ("photoacoustic", "other", 1.0),
    31: ("Raman intensity", "other", 1.0),
}


def recognise(head: bytes) -> bool:
    """
    Tell whether a file begins as .spa files do.

    Parameters
    ----------
    head : bytes
        The first bytes.

    Returns
    -------
    bool
        True for the mark of the format.
    """
    return head.startswith(_MARK)


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
        The spectrum, or the interferogram where the file holds no spectrum, and
        the interferograms of sample and background.
    """
    sections = _sections(content)
    header_at, _ = _section(content, sections, _HEADER, "a header")
    values_at, size = _section(content, sections, _VALUES, "values")
    n_points, x_code, y_code, first, last = content.unpack(
        "<4xIB3xB3xff", header_at, "the header"
    )
    if not 2 <= n_points <= MAX_POINTS or 4 * n_points > size:
        content.refuse(f"{n_points} points in {size} bytes", "four bytes a point")
    if not (np.isfinite(first) and np.isfinite(last)):
        content.refuse(f"an axis from {first:g} to {last:g}", "finite numbers")
    unit = _UNITS.get(x_code, f"unit {x_code}")
    name, quantity, divisor = _QUANTITIES.get(
        y_code, (f"ordinate {y_code}", "other", 1.0)
    )
    if unit == "data points":
        name, quantity = "interferogram", "interferogram"
    axis = np.linspace(first, last, n_points)
    values = content.array("<f4", n_points, values_at, "the values")
    main = Block(name, quantity, axis, unit, values[np.newaxis], divisor=divisor)
    n_scans, n_background = content.unpack("<I12xI", header_at + 36, "the header")
    return SpectrumFile(
        content.path,
        "OMNIC .spa",
        (main, *_interferograms(content, sections)),
        main,
        date=_date(content),
        reference=f"background of {n_background} scans" if n_background else "",
        n_scans=n_scans or None,
        metadata=_metadata(content, sections),
        warnings=()
        if quantity != "interferogram"
        else ("an interferogram, no spectrum",),
    )


def _sections(content: Content) -> list[tuple[int, int, int]]:
    """Key, place and size of each section."""
    (n_sections,) = content.unpack("<H", 294, "the number of sections")
    entries = (
        content.unpack("<BxII", 304 + 16 * number, "the table of sections")
        for number in range(n_sections)
    )
    return [(key, at, size) for key, at, size in entries]


def _section(
    content: Content, sections: list[tuple[int, int, int]], key: int, what: str
) -> tuple[int, int]:
    places = [(at, size) for found, at, size in sections if found == key]
    if not places:
        content.refuse(f"no section with {what}", "a spectrum")
    return places[0]


def _interferograms(
    content: Content, sections: list[tuple[int, int, int]]
) -> list[Block]:
    names = {_SAMPLE: "sample interferogram", _BACKGROUND: "background interferogram"}
    blocks = []
    for key, name in names.items():
        places = [(at, size) for found, at, size in sections if found == key]
        if not places or places[0][1] < 8:
            continue
        at, size = places[0]
        values = content.array("<f4", size // 4, at, name)
        axis = np.arange(values.size, dtype=float)
        blocks.append(Block(name, "interferogram", axis, "data points", values[None]))
    return blocks


def _date(content: Content) -> str:
    """Time of measurement, Greenwich mean time: seconds since the end of 1899."""
    (seconds,) = content.unpack("<I", 296, "the date")
    if seconds == 0:
        return ""
    when = datetime(1899, 12, 31) + timedelta(seconds=seconds)
    return f"{when.isoformat()}Z"


def _metadata(content: Content, sections: list[tuple[int, int, int]]) -> dict[str, str]:
    metadata = {"title": content.text(30, 256, "the title")}
    for key, name in ((27, "history"), (4, "comment")):
        for found, at, size in sections:
            if found == key and name not in metadata:
                metadata[name] = content.text(at, size, name)
    return metadata
