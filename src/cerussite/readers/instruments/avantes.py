"""AvaSoft 6 .TRM: sample, reference and dark in single precision."""

import struct

import numpy as np

from cerussite.core.types import FloatArray
from cerussite.readers.instruments.blocks import Block
from cerussite.readers.instruments.content import Content
from cerussite.readers.instruments.spectrum_file import SpectrumFile

#: Numbers in front of the values and behind them.
_HEADER, _FOOTER = 19, 3
_VERSION = 60.0


def recognise(head: bytes) -> bool:
    """
    Tell whether a file begins as .TRM files do.

    Parameters
    ----------
    head : bytes
        The first bytes.

    Returns
    -------
    bool
        True for the version, a serial number and a range of pixels where they
        belong.
    """
    if len(head) < 4 * (_HEADER + _FOOTER):
        return False
    numbers = struct.unpack_from(f"<{_HEADER}f", head)
    serial, (first, last) = numbers[6:15], numbers[15:17]
    return (
        numbers[0] == _VERSION
        and all(32 <= sign < 127 and sign == int(sign) for sign in serial)
        and 0 <= first < last < 1e5
    )


def read(content: Content) -> SpectrumFile:
    """
    Read the ratio of sample and reference over dark, and what it is made of.

    The file does not say whether light was transmitted or reflected.

    Parameters
    ----------
    content : Content
        The file.

    Returns
    -------
    SpectrumFile
        The ratio in percent, and sample, reference and dark in counts.
    """
    header = content.array("<f4", _HEADER, 0, "the header")
    first, last = int(header[15]), int(header[16])
    n_points = last - first + 1
    expected = 4 * (_HEADER + 3 * n_points + _FOOTER)
    if len(content.data) != expected:
        content.refuse(
            f"{len(content.data)} bytes for pixels {first} to {last}",
            f"{expected}",
            "the file is cut or damaged",
        )
    pixels = np.arange(first, last + 1, dtype=float)
    axis = np.polynomial.polynomial.polyval(pixels, header[1:6])
    values = content.array("<f4", 3 * n_points, 4 * _HEADER, "the values")
    if not (np.isfinite(axis).all() and np.isfinite(values).all()):
        content.refuse("values that are not finite", "a sound file")
    blocks = _blocks(axis, *values.reshape(n_points, 3).T)
    _, average, _ = content.array("<f4", 3, expected - 4 * _FOOTER, "the footer")
    return SpectrumFile(
        content.path,
        "AvaSoft .TRM",
        blocks,
        blocks[0],
        instrument="".join(chr(int(sign)) for sign in header[6:15]),
        n_scans=int(average) if 1 <= average < 1e6 else None,
    )


def _blocks(
    axis: FloatArray, sample: FloatArray, reference: FloatArray, dark: FloatArray
) -> tuple[Block, ...]:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = 100 * (sample - dark) / (reference - dark)
    return (
        Block(
            "transmittance or reflectance",
            "unknown",
            axis,
            "nm",
            ratio[np.newaxis],
            divisor=100.0,
        ),
        Block("sample", "raw", axis, "nm", sample[np.newaxis]),
        Block("reference", "raw", axis, "nm", reference[np.newaxis]),
        Block("dark", "raw", axis, "nm", dark[np.newaxis]),
    )
