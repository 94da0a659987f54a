"""One function for any instrument's file."""

from dataclasses import replace
from math import inf
from pathlib import Path
from typing import NoReturn, get_args

import numpy as np

from cerussite.core.errors import UnreadableFileError
from cerussite.readers.instruments import envi
from cerussite.readers.instruments.blocks import Block, BlockQuantity, SpectralUnit
from cerussite.readers.instruments.content import MAX_BYTES, Content
from cerussite.readers.instruments.recognition import FORMATS, UNREAD, recognise
from cerussite.readers.instruments.spectrum_file import SpectrumFile
from cerussite.readers.quantities import BRIGHTEST, FileQuantity

#: Enough to know any format by.
_HEAD = 1 << 16


def read_spectra(
    path: str | Path,
    *,
    block: str | None = None,
    quantity: FileQuantity | None = None,
    axis_unit: SpectralUnit | None = None,
    divisor: float | None = None,
) -> SpectrumFile:
    """
    Read the file of an instrument, whatever its format.

    The format is recognised from the content. What the file says is never
    overruled: ``quantity``, ``axis_unit`` and ``divisor`` are for what it leaves
    open, and contradicting it is an error.

    Parameters
    ----------
    path : str or Path
        The file; for an image or a spectral library in ENVI format either of its
        two files.
    block : str, optional
        Name of the block to choose; needed where several have equal right.
    quantity : {"reflectance", "reflectance_percent", "absorbance"}, optional
        What the chosen block holds, where the file does not say.
    axis_unit : {"nm", "um", "cm-1"}, optional
        Unit of the axis of the chosen block, where the file does not say.
    divisor : float, optional
        What stored values are divided by to give fractions (10 000 for many
        images of integers), where the file does not say.

    Returns
    -------
    SpectrumFile
        All blocks as stored, the chosen one, and what the file says about them;
        :meth:`SpectrumFile.to_spectra` converts.

    Notes
    -----
    Refused (:class:`UnreadableFileError`) is a file that is empty, cut, damaged, of
    an unknown format or without a spectrum, and one that contradicts the caller.
    """
    path = Path(path)
    file = _read(path)
    chosen = file.chosen if block is None else file.block(block)
    if chosen is None:
        return file
    settled = _settle(chosen, str(path), quantity, axis_unit, divisor)
    blocks = tuple(settled if each is chosen else each for each in file.blocks)
    return replace(file, blocks=blocks, chosen=settled)


def _read(path: Path) -> SpectrumFile:
    if not path.is_file():
        what = "a folder" if path.is_dir() else "no such file"
        msg = f"{path}: {what}; expected a file of spectra; correct the path"
        raise UnreadableFileError(msg)
    with path.open("rb") as opened:
        head = opened.read(_HEAD)
        if not head:
            msg = f"{path}: an empty file; expected spectra; copy it again"
            raise UnreadableFileError(msg)
        known = recognise(head)
        header = (
            None if known is not None and known.is_sure else envi.header_of(path, head)
        )
        if header is not None:
            return envi.read(path, header)
        if known is None:
            _refuse_unknown(path, head)
        size = path.stat().st_size
        if size > MAX_BYTES:
            msg = (
                f"{path}: {known.name} of {size} bytes; expected one measurement of at "
                f"most {MAX_BYTES}; split it in the instrument's software"
            )
            raise UnreadableFileError(msg)
        data = head + opened.read(max(size - len(head), 0))
    return known.read(Content(path, data))


def _refuse_unknown(path: Path, head: bytes) -> NoReturn:
    for mark, name, remedy in UNREAD:
        if head.startswith(mark):
            msg = f"{path}: {name}; expected the file of one measurement; {remedy}"
            raise UnreadableFileError(msg)
    names = ", ".join(each.name for each in FORMATS)
    msg = (
        f"{path}: not recognised (begins {head[:16]!r}); expected one of {names}, "
        "ENVI; export it as one of them, or read a table with read_table"
    )
    raise UnreadableFileError(msg)


def _settle(
    block: Block,
    source: str,
    quantity: FileQuantity | None,
    axis_unit: SpectralUnit | None,
    divisor: float | None,
) -> Block:
    """Fill in what the file leaves open, and refuse what contradicts it."""
    where = f"{source}: block {block.name!r}"
    is_open = block.quantity == "unknown" or block.values.dtype.kind in "iu"
    if divisor is not None and not is_open and divisor != block.divisor:
        _contradict(where, f"is stored times {block.divisor:g}", f"{divisor:g}")
    if quantity is not None:
        block = _settle_quantity(block, where, quantity)
    if axis_unit is not None:
        block = _settle_axis(block, where, axis_unit)
    return block if divisor is None else _settle_divisor(block, where, divisor)


def _settle_quantity(block: Block, where: str, quantity: FileQuantity) -> Block:
    _check_name(quantity, get_args(FileQuantity), "quantity")
    plain: BlockQuantity = "absorbance" if quantity == "absorbance" else "reflectance"
    if block.quantity not in {"unknown", plain}:
        _contradict(where, f"holds {block.quantity}", quantity)
    divisor = 100.0 if quantity == "reflectance_percent" else block.divisor
    is_scaled = block.divisor not in {1.0, divisor}
    if is_scaled or (plain == "absorbance" and block.divisor == 100.0):
        _contradict(where, f"is stored times {block.divisor:g}", quantity)
    if quantity == "reflectance_percent" and block.divisor == 1.0:
        _check_percent(block, where)
    return replace(block, quantity=plain, divisor=divisor)


def _check_percent(block: Block, where: str) -> None:
    """Percent that the file does not state must look like percent."""
    highest = float(np.fmax.reduce(block.values[:64], axis=None))
    if highest <= BRIGHTEST:
        msg = (
            f"{where}: values up to {highest:g}; expected percent of a white reference; "
            "they look like fractions: say reflectance"
        )
        raise UnreadableFileError(msg)


def _settle_axis(block: Block, where: str, axis_unit: SpectralUnit) -> Block:
    _check_name(axis_unit, get_args(SpectralUnit), "axis unit")
    if block.axis_unit not in {"", axis_unit}:
        _contradict(where, f"has an axis in {block.axis_unit}", axis_unit)
    return replace(block, axis_unit=axis_unit)


def _settle_divisor(block: Block, where: str, divisor: float) -> Block:
    if not 0 < divisor < inf:
        msg = f"divisor {divisor:g}; expected a number above 0"
        raise UnreadableFileError(msg)
    if block.divisor not in {1.0, divisor}:
        _contradict(where, f"is stored times {block.divisor:g}", f"{divisor:g}")
    return replace(block, divisor=divisor)


def _check_name(found: str, known: tuple[str, ...], what: str) -> None:
    if found not in known:
        msg = f"{what} {found!r}; expected one of {', '.join(known)}"
        raise UnreadableFileError(msg)


def _contradict(where: str, stated: str, asked: str) -> NoReturn:
    msg = (
        f"{where} {stated} in the file's own word; {asked} was asked for; leave it out"
    )
    raise UnreadableFileError(msg)
