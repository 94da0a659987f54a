"""Galactic and GRAMS SPC: the present layout in both byte orders, and the old one."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from cerussite.core.types import FloatArray
from cerussite.readers.instruments.blocks import Block, BlockQuantity
from cerussite.readers.instruments.content import Content, plain_text
from cerussite.readers.instruments.spc_labels import labels_of
from cerussite.readers.instruments.spectrum_file import SpectrumFile
from cerussite.readers.instruments.words import choose_block, unique_names

_IS_16_BIT, _IS_MULTIPLE, _OWN_AXES, _OWN_X = 0x01, 0x04, 0x40, 0x80
_ORDERS = {0x4B: "<", 0x4C: ">"}
_OLD = 0x4D
#: Exponent that says that ordinates are stored as they are, in single precision.
_FLOAT = -128
_SUBHEADER = 32


@dataclass(frozen=True)
class _Header:
    """The fields that values depend on, whichever layout they come from."""

    order: str
    flags: int
    exponent: int
    n_points: int
    first: float
    last: float
    n_spectra: int
    data_at: int
    is_old: bool = False


@dataclass(frozen=True)
class _Trace:
    """One spectrum and where it ends in the file."""

    axis: FloatArray
    values: FloatArray
    end: int


def recognise(head: bytes) -> bool:
    """
    Tell whether a file begins as SPC files do.

    Parameters
    ----------
    head : bytes
        The first bytes.

    Returns
    -------
    bool
        True for the mark of one of the layouts over a header that makes sense.
    """
    if len(head) < 256 or head[1] not in {*_ORDERS, _OLD} or head.startswith(b"PK"):
        return False  # a zip archive begins PK, and K is the mark of SPC
    # One byte is a weak sign: the types of the axes must be types, too.
    x_type, y_type = (head[16], head[17]) if head[1] == _OLD else (head[28], head[29])
    return (x_type <= 30 or x_type == 255) and (y_type <= 26 or 128 <= y_type <= 131)


def read(content: Content) -> SpectrumFile:
    """
    Read all spectra of a file.

    The exponent of a spectrum is signed; that in its own header counts only in
    files of several spectra.

    Parameters
    ----------
    content : Content
        The file.

    Returns
    -------
    SpectrumFile
        One block where all spectra share one axis, else one block a spectrum.
    """
    header = _old_header(content) if content.data[1] == _OLD else _header(content)
    traces = _traces(content, header)
    quantity, divisor, unit, y_label = labels_of(
        content.data, header.flags, is_old=header.is_old
    )
    blocks = _blocks(traces, y_label, quantity, unit, divisor)
    return SpectrumFile(
        content.path,
        "SPC, old layout" if header.is_old else "SPC",
        blocks,
        choose_block(blocks),
        instrument="" if header.is_old else plain_text(content.data[45:54]),
        date=_old_date(content) if header.is_old else _date(content, header.order),
        n_scans=_n_scans(content, header),
        metadata=_metadata(content, header),
    )


def _header(content: Content) -> _Header:
    order = _ORDERS[content.data[1]]
    content.unpack("512x", 0, "the header")
    flags, exponent = content.unpack(f"{order}BxxbI", 0, "the header")[:2]
    n_points, first, last, n_spectra = content.unpack(f"{order}IddI", 4, "the header")
    at_least = n_points if flags & _OWN_AXES else 2 * n_points
    if max(at_least, _SUBHEADER * n_spectra) > len(content.data):
        content.refuse(
            f"{n_spectra} spectra of {n_points} points in {len(content.data)} bytes",
            "two bytes a point",
            "the file is cut or damaged",
        )
    _check_axis(content, first, last)
    return _Header(order, flags, exponent, n_points, first, last, n_spectra, 512)


def _old_header(content: Content) -> _Header:
    flags, _, exponent, n_points, first, last = content.unpack(
        "<BBhfff", 0, "the header"
    )
    if not 1 <= n_points <= len(content.data) / 2 or n_points != int(n_points):
        content.refuse(f"{n_points:g} points", "a whole number, two bytes each")
    exponent = exponent - 256 if 128 <= exponent < 256 else exponent
    _check_axis(content, first, last)
    return _Header(
        "<", flags, exponent, int(n_points), first, last, 1, 256, is_old=True
    )


def _check_axis(content: Content, first: float, last: float) -> None:
    if not max(abs(first), abs(last)) < 1e30:
        content.refuse(f"an axis from {first:g} to {last:g}", "sound numbers")


def _traces(content: Content, header: _Header) -> list[_Trace]:
    if header.flags & _OWN_AXES:
        return _traces_with_axes(content, header)
    at = header.data_at
    if header.flags & _OWN_X:
        axis = content.array(f"{header.order}f4", header.n_points, at, "the axis")
        at += 4 * header.n_points
    else:
        axis = np.linspace(header.first, header.last, header.n_points)
    if header.is_old:
        return _old_traces(content, header, axis)
    traces = []
    for number in range(max(header.n_spectra, 1)):
        what = f"spectrum {number + 1} of {max(header.n_spectra, 1)}"
        exponent = _exponent(content, header, at, what)
        values, at = _ordinates(
            content, header, exponent, header.n_points, at + _SUBHEADER
        )
        traces.append(_Trace(axis, values, at))
    return traces


def _old_traces(content: Content, header: _Header, axis: FloatArray) -> list[_Trace]:
    """Spectra one after the other; the first has its header inside the file's."""
    traces: list[_Trace] = []
    at, end = header.data_at - _SUBHEADER, len(content.data)
    is_multiple = bool(header.flags & _IS_MULTIPLE)
    while not traces or (is_multiple and at + _SUBHEADER < end):
        what = f"spectrum {len(traces) + 1}"
        exponent = _exponent(content, header, at, what)
        values, at = _ordinates(content, header, exponent, axis.size, at + _SUBHEADER)
        traces.append(_Trace(axis, values, at))
    return traces


def _traces_with_axes(content: Content, header: _Header) -> list[_Trace]:
    traces: list[_Trace] = []
    at = header.data_at
    places = _directory(content, header)
    for number in range(max(header.n_spectra, 1)):
        what = f"spectrum {number + 1} of {max(header.n_spectra, 1)}"
        at = places[number] if places else at
        exponent = _exponent(content, header, at, what)
        (n_points,) = content.unpack(f"{header.order}I", at + 16, what)
        at += _SUBHEADER
        axis = content.array(f"{header.order}f4", n_points, at, what)
        values, at = _ordinates(content, header, exponent, n_points, at + 4 * n_points)
        traces.append(_Trace(axis, values, at))
    return traces


def _directory(content: Content, header: _Header) -> list[int]:
    """Places of spectra that have axes of their own, where the file lists them."""
    if header.n_points == 0:
        return []
    entries = content.unpack(
        f"{header.order}{'I8x' * header.n_spectra}", header.n_points, "the directory"
    )
    return [int(place) for place in entries]


def _exponent(content: Content, header: _Header, at: int, what: str) -> int:
    _, own = content.unpack("<Bb", at, what)
    content.unpack(f"{_SUBHEADER}x", at, what)
    return int(own) if header.flags & _IS_MULTIPLE else header.exponent


def _ordinates(
    content: Content, header: _Header, exponent: int, n_points: int, at: int
) -> tuple[FloatArray, int]:
    order, what = header.order, "the values of a spectrum"
    if exponent == _FLOAT:
        values = content.array(f"{order}f4", n_points, at, what)
        return values, at + 4 * n_points
    if header.flags & _IS_16_BIT:
        stored = content.array(f"{order}i2", n_points, at, what)
        return np.ldexp(stored, exponent - 16), at + 2 * n_points
    if header.is_old:
        # Two words of 16 bits, the high one first.
        words = content.array("<u2", 2 * n_points, at, what).reshape(-1, 2)
        stored = words[:, 0] * 65536 + words[:, 1]
        stored -= np.where(stored >= 2**31, 2.0**32, 0.0)
    else:
        stored = content.array(f"{order}i4", n_points, at, what)
    return np.ldexp(stored, exponent - 32), at + 4 * n_points


def _blocks(
    traces: list[_Trace],
    name: str,
    quantity: BlockQuantity,
    unit: str,
    divisor: float,
) -> tuple[Block, ...]:
    axis = traces[0].axis
    if all(trace.axis is axis for trace in traces):
        values = np.stack([trace.values for trace in traces])
        return (Block(name, quantity, axis, unit, values, divisor=divisor),)
    names = unique_names([name] * len(traces))
    return tuple(
        Block(
            each, quantity, trace.axis, unit, trace.values[np.newaxis], divisor=divisor
        )
        for each, trace in zip(names, traces, strict=True)
    )


def _date(content: Content, order: str) -> str:
    """Time of measurement, packed in the bits of one number."""
    (bits,) = content.unpack(f"{order}I", 32, "the date")
    parts = (bits >> 20, bits >> 16 & 15, bits >> 11 & 31, bits >> 6 & 31, bits & 63)
    return _iso(*parts)


def _old_date(content: Content) -> str:
    year, month, day, hour, minute = content.unpack("<HBBBB", 18, "the date")
    # Of the top bits the layout makes another use; it writes years from 1900.
    year &= 0x0FFF
    return _iso(year + 1900 if year < 100 else year, month, day, hour, minute)


def _iso(year: int, month: int, day: int, hour: int, minute: int) -> str:
    try:
        return datetime(year, month, day, hour, minute).isoformat(timespec="minutes")
    except ValueError:
        return ""


def _n_scans(content: Content, header: _Header) -> int | None:
    if header.is_old:
        n_scans = content.unpack("<H", 34, "the number of scans")[0]
    elif header.flags & (_OWN_AXES | _OWN_X):
        return None
    else:
        n_scans = content.unpack(f"{header.order}I", 532, "the number of scans")[0]
    return n_scans or None if n_scans < 1 << 24 else None


def _metadata(content: Content, header: _Header) -> dict[str, str]:
    comment = content.data[64:194] if header.is_old else content.data[88:218]
    metadata = {"comment": plain_text(comment)}
    if header.is_old:
        return metadata
    (log_at,) = content.unpack(f"{header.order}I", 248, "the place of the log")
    if 512 <= log_at < len(content.data) - 64:
        (text_at,) = content.unpack(f"{header.order}I", log_at + 8, "the log")
        text = plain_text(content.data[log_at + text_at : log_at + text_at + 65536])
        metadata["log"] = text
    return metadata
