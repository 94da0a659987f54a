"""Bruker OPUS: every spectrum of a file, told apart by its block."""

import struct
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from cerussite.core.errors import UnreadableFileError
from cerussite.readers.instruments.blocks import Block, BlockQuantity
from cerussite.readers.instruments.content import Content
from cerussite.readers.instruments.opus_layout import OpusBlock, checked_layout
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

    Raises
    ------
    UnreadableFileError
        If the library is not installed, or the file is damaged or holds no
        spectrum of a sample.
    """
    layout = checked_layout(content)
    uncompensated = {block.start for block in layout if block.is_uncompensated}
    try:
        opened = _open(content, layout)
        drafts = [
            (data.label + (_BEFORE if data.block.start in uncompensated else ""), data)
            for data in opened.spectra
            # Results of a search in a library have no axis.
            if "dxu" in data.params.keys()  # noqa: SIM118 - no mapping
        ]
        names = unique_names([name for name, _ in drafts])
        blocks = tuple(
            _block(name, data) for name, (_, data) in zip(names, drafts, strict=True)
        )
        details = _details(opened)
        dates = [_date(dict(data.params.items())) for _, data in drafts]
    except UnreadableFileError:
        raise  # a ValueError, too
    except _FAILURES as error:
        content.refuse(f"blocks that do not fit together ({error})", "a sound file")
    if not any(_is_of_sample(block) for block in blocks):
        held = ", ".join(block.name for block in blocks) or "no spectrum at all"
        content.refuse(f"no spectrum of a sample, but {held}", "one", "choose another")
    chosen = _choose(blocks)
    date = "" if chosen is None else dates[names.index(chosen.name)]
    return SpectrumFile(
        content.path,
        "Bruker OPUS",
        blocks,
        chosen,
        date=date,
        warnings=_other_versions(blocks, chosen),
        **details,
    )


@dataclass(frozen=True)
class _Opened:
    """What the library made of a file."""

    spectra: list[Any]
    parameters: Any
    of_reference: Any


def _open(content: Content, layout: list[OpusBlock]) -> _Opened:
    """Parameters and spectra by the library; texts and reports are passed over."""
    try:
        from brukeropus.file import block as library  # type: ignore[import-untyped] # noqa: PLC0415 - optional
        from brukeropus.file.data import Data, DataSeries  # type: ignore[import-untyped] # noqa: PLC0415 - optional
        from brukeropus.file.params import Parameters  # type: ignore[import-untyped] # noqa: PLC0415 - optional
        from brukeropus.file.parse import get_block_type  # type: ignore[import-untyped] # noqa: PLC0415 - optional
    except ModuleNotFoundError as error:
        msg = (
            f"{content.path}: a Bruker OPUS file; reading it needs the library "
            "brukeropus; install it (pip install 'cerussite[instruments]'), or export "
            "the file as JCAMP-DX"
        )
        raise UnreadableFileError(msg) from error
    blocks = []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for entry in layout:
            kind = get_block_type(entry.code)
            block = library.FileBlock(content.data, kind, entry.size, entry.start)
            if block.is_param() or block.is_data() or block.is_data_series():
                block.parse()
                blocks += [] if block.parse_error else [block]
        pairs = library.pair_data_and_status_blocks(blocks)
        spectra = [
            (DataSeries if data.is_data_series() else Data)(
                data, status, key=data.get_data_key(), vel=0
            )
            for data, status in pairs
        ]
    rest = [block for block in blocks if isinstance(block.data, dict)]
    of_reference = [block for block in rest if block.is_rf_param()]
    of_sample = [block for block in rest if block.is_sm_param()]
    return _Opened(spectra, Parameters(of_sample), Parameters(of_reference))


def _block(name: str, data: Any) -> Block:
    quantity = _QUANTITIES.get(data.key.split("_")[0], "other")
    if "Derivative" in data.label:
        quantity = "other"
    values = np.atleast_2d(np.asarray(data.y, dtype=float))
    if data.block.is_data_series() and np.any(np.asarray(data.params.csf) != 1):
        msg = f"a series with scales {data.params.csf}, which no known file has"
        raise ValueError(msg)
    axis = np.asarray(data.x, dtype=float)
    if not (2 <= axis.size == values.shape[1] and np.isfinite(axis).all()):
        msg = f"{values.shape[1]} values for {axis.size} points"
        raise ValueError(msg)
    unit = _UNITS.get(data.params.dxu, f"OPUS unit {data.params.dxu}")
    return Block(name, quantity, axis, unit, values)


def _other_versions(blocks: tuple[Block, ...], chosen: Block | None) -> tuple[str, ...]:
    """The same spectrum before or after the compensation of the atmosphere."""
    return tuple(
        f"also holds {block.name!r}, which differs"
        for block in blocks
        if chosen is not None
        and block is not chosen
        and block.quantity == chosen.quantity
        and _is_of_sample(block)
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


def _date(said: dict[str, Any]) -> str:
    return f"{said.get('dat', '')} {said.get('tim', '')}".strip()


def _details(opened: _Opened) -> dict[str, Any]:
    """What the parameters say about the measurement."""
    said = dict(opened.parameters.items())
    n_reference = dict(opened.of_reference.items()).get("nsr")
    n_scans = said.get("nss")
    return {
        "instrument": str(said.get("ins", "")).strip(),
        "reference": f"background of {n_reference} scans" if n_reference else "",
        "n_scans": n_scans if isinstance(n_scans, int) and n_scans > 0 else None,
        "metadata": {key: str(value)[:500] for key, value in said.items()},
    }
