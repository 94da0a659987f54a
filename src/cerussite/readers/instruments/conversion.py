"""From a block of a file to spectra in nm: order, overlaps, units."""

from typing import Literal, TypeAlias

import numpy as np

from cerussite.core.errors import InvalidSpectraError, UnreadableFileError
from cerussite.core.spectra import Spectra
from cerussite.core.types import AxisUnit, BoolArray, FloatArray, IntArray, Quantity
from cerussite.readers.instruments.blocks import Block
from cerussite.readers.quantities import contradiction

#: What to do where the ranges of two detectors overlap.
Overlap: TypeAlias = Literal["refuse", "cut"]


def spectra_of_block(
    block: Block, *, source: str, overlap: Overlap = "refuse", rows: slice = slice(None)
) -> Spectra:
    """
    Reflectance or absorbance of a block, by increasing wavelength.

    Parameters
    ----------
    block : Block
        The block.
    source : str
        Name of the file, for messages.
    overlap : {"refuse", "cut"}, default "refuse"
        What to do where the ranges of two detectors overlap.
    rows : slice, optional
        Spectra, or lines of an image; all by default.

    Returns
    -------
    Spectra
        One spectrum a row; the pixels of an image line by line.

    Raises
    ------
    UnreadableFileError
        If the block holds another quantity or an axis that is not spectral,
        detectors overlap, or values are missing.
    """
    where = f"{source}: block {block.name!r}"
    quantity = _quantity(block, where)
    wavelengths = _wavelengths(block, where)
    bands = _order(wavelengths, block.is_bad, overlap, where)
    values = block.read(rows).reshape(-1, wavelengths.size)[:, bands]
    unit: AxisUnit = "cm-1" if block.axis_unit == "cm-1" else "nm"
    if values.size and np.isfinite(values).all():
        found = contradiction(values, wavelengths[bands], quantity, by_shape=False)
        if found is not None:
            msg = f"{where}: the spectra {found[1]}"
            raise UnreadableFileError(msg)
    try:
        return Spectra(values, wavelengths[bands], quantity, unit)
    except InvalidSpectraError as error:
        msg = f"{where}: {error}"
        raise UnreadableFileError(msg) from error


def _quantity(block: Block, where: str) -> Quantity:
    if block.quantity in {"reflectance", "absorbance"}:
        return block.quantity
    if block.quantity == "unknown":
        msg = (
            f"{where} does not say what it holds; expected reflectance or absorbance; "
            "say it (quantity)"
        )
        raise UnreadableFileError(msg)
    msg = (
        f"{where} holds {block.quantity.replace('_', ' ')}; expected reflectance or "
        "absorbance; choose another block, or export the file as one of them"
    )
    raise UnreadableFileError(msg)


def _wavelengths(block: Block, where: str) -> FloatArray:
    if block.axis_unit not in {"nm", "um", "cm-1"}:
        said = f"is in {block.axis_unit!r}" if block.axis_unit else "has no unit"
        remedy = "choose another block" if block.axis_unit else "say it (axis_unit)"
        msg = f"{where}: the axis {said}; expected nm, um or cm-1; {remedy}"
        raise UnreadableFileError(msg)
    low, high = float(block.axis.min()), float(block.axis.max())
    if not 1e-3 < low <= high < 1e9:
        msg = (
            f"{where}: an axis from {low:g} to {high:g} {block.axis_unit}; expected "
            "positive wavelengths or wavenumbers; the file is damaged"
        )
        raise UnreadableFileError(msg)
    if block.axis_unit == "cm-1":
        return 1e7 / block.axis
    return block.axis * (1e3 if block.axis_unit == "um" else 1.0)


def _order(
    wavelengths: FloatArray, is_bad: BoolArray | None, overlap: Overlap, where: str
) -> IntArray:
    """Positions of the bands to keep, by increasing wavelength."""
    keep = np.arange(wavelengths.size)
    if is_bad is not None:
        keep = keep[~is_bad]
    if keep.size > 1 and wavelengths[keep[0]] > wavelengths[keep[-1]]:
        keep = keep[::-1]
    starts = np.flatnonzero(np.diff(wavelengths[keep]) <= 0) + 1
    if starts.size == 0:
        return keep
    if overlap != "cut":
        before, after = wavelengths[keep[starts[0] - 1]], wavelengths[keep[starts[0]]]
        msg = (
            f"{where}: the axis goes back {starts.size} times, first from {before:g} "
            f"to {after:g} nm, as where two detectors overlap; expected increasing "
            "wavelengths; cut the overlap (overlap='cut'), or match it in the "
            "instrument's software"
        )
        raise UnreadableFileError(msg)
    return _cut(wavelengths, np.split(keep, starts))


def _cut(wavelengths: FloatArray, detectors: list[IntArray]) -> IntArray:
    """End each detector and begin the next in the middle of their overlap."""
    kept = detectors[0]
    for following in detectors[1:]:
        middle = (wavelengths[kept[-1]] + wavelengths[following[0]]) / 2
        kept = np.concatenate(
            [
                kept[wavelengths[kept] < middle],
                following[wavelengths[following] >= middle],
            ]
        )
    return kept
