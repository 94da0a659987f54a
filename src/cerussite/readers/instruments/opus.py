"""Bruker OPUS: every spectrum of a file, told apart by its block."""

import struct
import warnings
from typing import Any

import numpy as np

from cerussite.core.errors import UnreadableFileError
from cerussite.readers.instruments.blocks import Block, BlockQuantity
from cerussite.readers.instruments.content import Content
from cerussite.readers.instruments.opus_layout import checked_layout
from cerussite.readers.instruments.spectrum_file import SpectrumFile
from cerussite.readers.instruments.words import choose_block, unique_names

_MARK = b"\n\n\xfe\xfe"
_BEFORE = " without atmospheric compensation"
#: What the keys of the library mean; anything else is another quantity.
_QUANTITIES: dict[str, BlockQuantity] = {
    "a": "absorbance",
    "r": "reflectance",
    "t": "transmittance",
    "sm": "single_channel",
    "rf": "single_channel",
    "igsm": "interferogram",
    "igrf": "interferogram",
    "phsm": "raw",
    "phrf": "raw",
}
_UNITS = {"WN": "cm-1", "MI": "um", "NM": "nm", "PNT": "data points"}
#: What a library for these files raises on bytes it cannot make sense of.
_FAILURES = (
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    struct.error,
)


def recognise(head: bytes) -> bool:
    """
    Tell whether a file begins as OPUS files do.

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
    Read all spectra of a file with the library brukeropus.

    Where a file holds a spectrum before and after compensation of the atmosphere,
    the compensated one is chosen, as the instrument's software does.

    Parameters
    ----------
    content : Content
        The file.

    Returns
    -------
    SpectrumFile
        One block a spectrum, single channel or interferogram.
    """
    uncompensated = {
        block.start for block in checked_layout(content) if block.is_uncompensated
    }
    opened = _open(content)
    drafts: list[tuple[str, Block]] = []
    dates: dict[str, str] = {}
    try:
        for key in opened.all_data_keys:
            data = getattr(opened, key)
            if "dxu" not in data.params.keys():  # noqa: SIM118 - no mapping
                continue  # results of a search in a library have no axis
            block = _block(key.split("_")[0], data)
            suffix = _BEFORE if data.block.start in uncompensated else ""
            drafts.append((data.label + suffix, block))
            dates[data.label + suffix] = f"{data.params.dat} {data.params.tim}"
        details = _details(opened)
    except _FAILURES as error:
        content.refuse(f"blocks that do not fit together ({error})", "a sound file")
    blocks = _named(drafts)
    if not any(_is_of_sample(block) for block in blocks):
        held = ", ".join(block.name for block in blocks) or "no spectrum at all"
        content.refuse(f"no spectrum of a sample, but {held}", "one", "choose another")
    chosen = _choose(blocks)
    warned = [
        f"also holds {block.name!r}, which differs"
        for block in blocks
        if chosen is not None
        and block is not chosen
        and block.quantity == chosen.quantity
        and _is_of_sample(block)
    ]
    date = "" if chosen is None else dates.get(chosen.name, "")
    return SpectrumFile(
        content.path,
        "Bruker OPUS",
        blocks,
        chosen,
        date=date,
        warnings=tuple(warned),
        **details,
    )


def _open(content: Content) -> Any:
    try:
        from brukeropus import OPUSFile  # type: ignore[import-untyped] # noqa: PLC0415 - optional
    except ModuleNotFoundError as error:
        msg = (
            f"{content.path}: a Bruker OPUS file; reading it needs the library "
            "brukeropus; install it (pip install 'cerussite[instruments]'), or export "
            "the file as JCAMP-DX"
        )
        raise UnreadableFileError(msg) from error
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return OPUSFile(str(content.path))
    except _FAILURES as error:
        content.refuse(f"a damaged OPUS file ({error})", "a sound one")


def _block(key: str, data: Any) -> Block:
    quantity = _QUANTITIES.get(key, "other")
    values = np.atleast_2d(np.asarray(data.y, dtype=float))
    axis = np.asarray(data.x, dtype=float)
    if not (2 <= axis.size == values.shape[1] and np.isfinite(axis).all()):
        msg = f"{values.shape[1]} values for {axis.size} points"
        raise ValueError(msg)
    unit = _UNITS.get(data.dxu, f"OPUS unit {data.dxu}")
    return Block(data.label, quantity, axis, unit, values)


def _named(drafts: list[tuple[str, Block]]) -> tuple[Block, ...]:
    names = unique_names([name for name, _ in drafts])
    return tuple(
        Block(name, block.quantity, block.axis, block.axis_unit, block.values)
        for name, (_, block) in zip(names, drafts, strict=True)
    )


def _is_of_sample(block: Block) -> bool:
    return "Reference" not in block.name


def _choose(blocks: tuple[Block, ...]) -> Block | None:
    of_sample = [block for block in blocks if _is_of_sample(block)]
    final = [block for block in of_sample if _BEFORE not in block.name]
    best = choose_block([block for block in final if block.quantity != "other"])
    if best is not None and best.quantity in {"absorbance", "reflectance"}:
        return best
    return choose_block(of_sample) or best


def _details(opened: Any) -> dict[str, Any]:
    """What the parameters say about the measurement."""
    said = {key: getattr(opened.params, key) for key in opened.params.keys()}  # noqa: SIM118 - no mapping
    n_scans = said.get("nss")
    n_reference = getattr(opened.rf_params, "nsr", None)
    return {
        "instrument": str(said.get("ins", "")).strip(),
        "reference": f"background of {n_reference} scans" if n_reference else "",
        "n_scans": n_scans if isinstance(n_scans, int) and n_scans > 0 else None,
        "metadata": {key: str(value)[:500] for key, value in said.items()},
    }
