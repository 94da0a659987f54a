"""ASD FieldSpec and LabSpec: one binary file a scan, all versions of its layout."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from cerussite.core.types import FloatArray
from cerussite.readers.instruments.blocks import Block, BlockQuantity
from cerussite.readers.instruments.content import Content, plain_text
from cerussite.readers.instruments.spectrum_file import SpectrumFile

_VERSIONS = {b"ASD": 1} | {b"as%d" % number: number for number in range(2, 9)}
_HEADER = 484
_QUANTITIES: dict[int, BlockQuantity] = {
    0: "raw",
    1: "reflectance",
    2: "radiance",
    4: "irradiance",
    6: "transmittance",
    8: "absorbance",
}
_NAMES = ("raw", "reflectance", "radiance", "no units", "irradiance", "QI")
_FORMATS = {0: "<f4", 1: "<i4", 2: "<f8"}
_INSTRUMENTS = {
    1: "PSII",
    2: "LabSpec VNIR",
    3: "FieldSpec VNIR",
    4: "FieldSpec FR",
    5: "FieldSpec NIR",
    6: "CHEM",
    7: "FieldSpec FR unattended",
}


@dataclass(frozen=True)
class _Header:
    """The fields of the 484 bytes in front of the spectra that values depend on."""

    version: int
    data_type: int
    first: float
    step: float
    kind: str
    n_channels: int


def recognise(head: bytes) -> bool:
    """
    Tell whether a file begins as ASD files do.

    Parameters
    ----------
    head : bytes
        The first bytes.

    Returns
    -------
    bool
        True for the signs of versions 1 to 8.
    """
    return head[:3] in _VERSIONS


def read(content: Content) -> SpectrumFile:
    """
    Read a scan: the sample, the white reference, and their ratio.

    Reflectance is sample over reference wherever the file says that a reference
    was taken, whatever type of data it was saved as; version 1 stores reflectance
    itself. Detectors are not matched at their splices.

    Parameters
    ----------
    content : Content
        The file.

    Returns
    -------
    SpectrumFile
        Blocks ``sample`` and, where stored, ``reference`` and ``reflectance``.
    """
    header = _header(content)
    axis = header.first + header.step * np.arange(header.n_channels)
    sample = content.array(header.kind, header.n_channels, _HEADER, "the spectrum")
    stated: BlockQuantity = _QUANTITIES.get(header.data_type, "other")
    at = _HEADER + header.n_channels * np.dtype(header.kind).itemsize
    if header.version == 1:
        blocks = [Block("sample", stated, axis, "nm", sample[np.newaxis])]
        return _file(content, header, blocks, "", ())
    is_taken, reference, text = _reference(content, header, at)
    blocks, warnings = _blocks(sample, reference, axis, stated, is_taken=is_taken)
    return _file(content, header, blocks, text, warnings)


def _header(content: Content) -> _Header:
    version = _VERSIONS[content.data[:3]]
    (data_type,) = content.unpack("<B", 186, "the type of data")
    first, step = content.unpack("<ff", 191, "the wavelengths")
    (number_format,) = content.unpack("<B", 199, "the format of numbers")
    (n_channels,) = content.unpack("<H", 204, "the number of channels")
    if number_format not in _FORMATS:
        content.refuse(f"numbers in format {number_format}", "0, 1 or 2")
    if not (0 < first < 1e5 and 0 < step < 1e3):
        content.refuse(
            f"wavelengths from {first:g} in steps of {step:g} nm", "positive ones"
        )
    kind = _FORMATS[number_format]
    return _Header(version, data_type, first, step, kind, n_channels)


def _reference(
    content: Content, header: _Header, at: int
) -> tuple[bool, FloatArray, str]:
    (is_taken,) = content.unpack("<H", at, "the reference flag")
    (length,) = content.unpack("<h", at + 18, "the text on the reference")
    text = content.text(at + 20, max(length, 0), "the text on the reference")
    values = content.array(
        header.kind, header.n_channels, at + 20 + max(length, 0), "the reference"
    )
    return is_taken != 0, values, text


def _blocks(
    sample: FloatArray,
    reference: FloatArray,
    axis: FloatArray,
    stated: BlockQuantity,
    *,
    is_taken: bool,
) -> tuple[list[Block], tuple[str, ...]]:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = (sample / reference)[np.newaxis]
    stored = Block("reference", "raw", axis, "nm", reference[np.newaxis])
    if is_taken:
        quantity: BlockQuantity = (
            "transmittance" if stated == "transmittance" else "reflectance"
        )
        counts = Block("sample", "raw", axis, "nm", sample[np.newaxis])
        return [Block(quantity, quantity, axis, "nm", ratio), counts, stored], ()
    own = Block("sample", stated, axis, "nm", sample[np.newaxis])
    other = Block("ratio", "other", axis, "nm", ratio)
    warning = (
        f"no white reference was taken (saved as {stated}): sample over the stored "
        "reference is no reflectance"
    )
    return [own, stored, other], (warning,)


def _file(
    content: Content,
    header: _Header,
    blocks: list[Block],
    reference: str,
    warnings: tuple[str, ...],
) -> SpectrumFile:
    data = content.data
    instrument_type, number = data[431], int.from_bytes(data[400:402], "little")
    splices = content.unpack("<ff", 444, "the splices")
    n_scans = int.from_bytes(data[429:431], "little")
    known = header.data_type < len(_NAMES)
    return SpectrumFile(
        content.path,
        f"ASD version {header.version}",
        tuple(blocks),
        blocks[0],
        instrument=f"{_INSTRUMENTS.get(instrument_type, 'ASD')} {number}",
        date=_date(content),
        reference=reference,
        splices=tuple(float(nm) for nm in splices if 300 < nm < 3000),
        n_scans=n_scans or None,
        metadata={
            "comment": plain_text(data[3:160]),
            "data_type": _NAMES[header.data_type] if known else str(header.data_type),
            "integration_time_ms": str(int.from_bytes(data[390:394], "little")),
            "gain_swir1": str(int.from_bytes(data[436:438], "little")),
            "gain_swir2": str(int.from_bytes(data[438:440], "little")),
        },
        warnings=warnings,
    )


def _date(content: Content) -> str:
    """Time of the scan from the fields of C's ``struct tm``."""
    second, minute, hour, day, month, year = content.unpack("<6h", 160, "the date")
    try:
        when = datetime(year + 1900, month + 1, day, hour, minute, second)
    except ValueError:
        return ""
    return when.isoformat()
