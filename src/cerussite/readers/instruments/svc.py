"""Spectra Vista .sig: text with the radiance of reference and target, and percent."""

import re
from itertools import pairwise

from cerussite.core.types import FloatArray
from cerussite.readers.instruments.blocks import Block, BlockQuantity
from cerussite.readers.instruments.content import Content
from cerussite.readers.instruments.spectrum_file import SpectrumFile
from cerussite.readers.instruments.text import decode, lines_of, numbers
from cerussite.readers.instruments.words import quantity_in_words

_MARK = b"/*** Spectra Vista SIG Data ***/"
_REMOVED = re.compile(r"Overlap:\s*Remove\s*@\s*([\d.]+)\s*,\s*([\d.]+)")
_DEGREES = re.compile(r"(\d{2,3})(\d{2}\.\d+)([NSEW])")


def recognise(head: bytes) -> bool:
    """
    Tell whether a file begins as .sig files do.

    Parameters
    ----------
    head : bytes
        The first bytes.

    Returns
    -------
    bool
        True for the mark of the format.
    """
    return head.lstrip(b"\xef\xbb\xbf \r\n").startswith(_MARK)


def read(content: Content) -> SpectrumFile:
    """
    Read reflectance, and what it was calculated from.

    Raw files keep the overlap of the detectors: their wavelengths go back.

    Parameters
    ----------
    content : Content
        The file.

    Returns
    -------
    SpectrumFile
        Blocks ``reflectance`` (percent), ``reference`` and ``target``.
    """
    lines = lines_of(decode(content.data))
    start = next((at for at, line in enumerate(lines) if line.startswith("data=")), -1)
    if start < 0:
        content.refuse("no line data=", "it in front of the spectrum")
    header = _fields(lines[:start])
    table = numbers(content, lines[start + 1 :], start + 2, n_columns=4)
    axis = table[:, 0]
    reference, target = (_stored(header, at) for at in (0, 1))
    blocks = (
        Block(
            "reflectance", "reflectance", axis, "nm", table[:, 3][None], divisor=100.0
        ),
        Block("reference", reference, axis, "nm", table[:, 1][None]),
        Block("target", target, axis, "nm", table[:, 2][None]),
    )
    splices, warnings = _splices(axis, header.get("factors", ""))
    return SpectrumFile(
        content.path,
        "SVC .sig",
        blocks,
        blocks[0],
        instrument=header.get("instrument", ""),
        date=_second(header.get("time", "")),
        reference=f"white reference of {header['time'].split(',')[0].strip()}"
        if "time" in header
        else "",
        position=_position(header),
        splices=splices,
        metadata=header,
        warnings=warnings,
    )


def _fields(lines: list[str]) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in lines if "=" in line)
    return {key.strip(): value.strip() for key, value in pairs}


def _second(value: str) -> str:
    """The header lists reference and target; the target is the measurement."""
    return value.rsplit(",", 1)[-1].strip()


def _stored(header: dict[str, str], at: int) -> BlockQuantity:
    units = header.get("units", "").split(",")
    quantity = quantity_in_words(units[at])[0] if at < len(units) else "unknown"
    return "raw" if quantity == "unknown" else quantity


def _splices(
    axis: FloatArray, factors: str
) -> tuple[tuple[float, ...], tuple[str, ...]]:
    removed = _REMOVED.search(factors)
    steps_back = [(a, b) for a, b in pairwise(axis) if b <= a]
    if steps_back:
        places = tuple(float(a + b) / 2 for a, b in steps_back)
        warning = (
            f"the ranges of {len(steps_back) + 1} detectors overlap: wavelengths go back "
            "and values of two detectors stand side by side"
        )
        return places, (warning,)
    if removed is None:
        return (), ()
    return (float(removed[1]), float(removed[2])), ()


def _position(header: dict[str, str]) -> tuple[float, float] | None:
    degrees = []
    for key, limit in (("latitude", 90.0), ("longitude", 180.0)):
        match = _DEGREES.fullmatch(_second(header.get(key, "")))
        if match is None:
            return None
        value = float(match[1]) + float(match[2]) / 60.0
        if value > limit:
            return None
        degrees.append(-value if match[3] in "SW" else value)
    return degrees[0], degrees[1]
