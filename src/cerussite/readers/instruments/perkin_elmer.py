"""PerkinElmer .sp: the block file (PEPE) and the older PE IR."""

import numpy as np

from cerussite.core.types import FloatArray
from cerussite.readers.instruments.blocks import Block
from cerussite.readers.instruments.content import MAX_POINTS, Content, plain_text
from cerussite.readers.instruments.spectrum_file import SpectrumFile
from cerussite.readers.instruments.words import quantity_in_words, unit_in_words

_BLOCKS_AT = 44
_DATA_SET = 120
#: Members of a data set; numbers as PerkinElmer's import tools for MATLAB name them
#: (Westlake and Green 2007), counted without sign.
_RANGE, _N_POINTS, _X_LABEL, _Y_LABEL = 35698, 35701, 35703, 35704
_VALUES, _NAME, _ALIAS = 35708, 35709, 35713


def recognise(head: bytes) -> bool:
    """
    Tell whether a file begins as either kind of .sp file does.

    Parameters
    ----------
    head : bytes
        The first bytes.

    Returns
    -------
    bool
        True for the mark of one of them.
    """
    return head.startswith((b"PEPE2D", b"PE IR  "))


def read(content: Content) -> SpectrumFile:
    """
    Read the spectrum of a file of either kind.

    Parameters
    ----------
    content : Content
        The file.

    Returns
    -------
    SpectrumFile
        One block, by decreasing wavenumber as stored.
    """
    if content.data.startswith(b"PEPE"):
        return _read_blocks(content)
    return _read_old(content)


def _read_blocks(content: Content) -> SpectrumFile:
    members = _members(content)
    first, last = _unpack(content, members, _RANGE, "<2xdd", "the range")
    n_points = int(
        _unpack(content, members, _N_POINTS, "<2xi", "the number of points")[0]
    )
    at, size = members.get(_VALUES, (0, 0))
    if not 2 <= n_points <= MAX_POINTS or size != 6 + 8 * n_points:
        content.refuse(f"{n_points} points in {size - 6} bytes", "eight bytes a point")
    values = content.array("<f8", n_points, at + 6, "the values")
    y_label = _label(content, members, _Y_LABEL)
    x_label = _label(content, members, _X_LABEL)
    block = _block(content, (first, last), (x_label, y_label), values)
    return SpectrumFile(
        content.path,
        "PerkinElmer .sp",
        (block,),
        block,
        metadata={
            "name": _label(content, members, _ALIAS),
            "original": _label(content, members, _NAME),
        },
    )


def _members(content: Content) -> dict[int, tuple[int, int]]:
    """Place and size of the members of the first data set."""
    code, size = content.unpack("<Hi", _BLOCKS_AT, "the data set")
    if code != _DATA_SET:
        content.refuse(f"a block of type {code}", "a data set of even steps")
    at = _BLOCKS_AT + 6
    members: dict[int, tuple[int, int]] = {}
    end = min(_BLOCKS_AT + 6 + size, len(content.data))
    while at + 6 <= end:
        code, size = content.unpack("<Hi", at, "a member")
        if size < 0:
            content.refuse(f"a member of {size} bytes", "a size of 0 or more")
        members.setdefault(code, (at + 6, size))
        at += 6 + size
    return members


def _unpack(
    content: Content,
    members: dict[int, tuple[int, int]],
    code: int,
    layout: str,
    what: str,
) -> tuple[float, ...]:
    if code not in members:
        content.refuse(f"no member with {what}", "one")
    return content.unpack(layout, members[code][0], what)


def _label(content: Content, members: dict[int, tuple[int, int]], code: int) -> str:
    if code not in members:
        return ""
    at, _ = members[code]
    (length,) = content.unpack("<2xH", at, "a label")
    return content.text(at + 4, length, "a label")


def _read_old(content: Content) -> SpectrumFile:
    head, mark, _ = content.data.partition(b"#DATA\r\n")
    _, group, described = head.partition(b"#GR\r\n")
    lines = [plain_text(line) for line in described.split(b"\r\n")]
    if not mark or not group or len(lines) < 7:
        content.refuse("no sections #GR and #DATA", "them in front of the values")
    x_label, y_label = lines[:2]
    try:
        scale, offset, first, step, n_points = (float(line) for line in lines[2:7])
    except ValueError:
        content.refuse(f"{lines[2:7]}"[:100], "five numbers that describe the values")
    if not (2 <= n_points <= MAX_POINTS and n_points == int(n_points)):
        content.refuse(f"{n_points:g} points", f"2 to {MAX_POINTS}")
    count = int(n_points)
    stored = content.array("<i4", count, len(head) + len(mark), "the values")
    ends = first, first + step * (count - 1)
    with np.errstate(all="ignore"):
        values = stored * scale + offset
    block = _block(content, ends, (x_label, y_label), values)
    return SpectrumFile(
        content.path,
        "PerkinElmer .sp (PE IR)",
        (block,),
        block,
        metadata={"header": plain_text(head[64:4096].partition(b"#HDR")[0])},
    )


def _block(
    content: Content,
    ends: tuple[float, float],
    labels: tuple[str, str],
    values: FloatArray,
) -> Block:
    if not (np.abs(ends).max() < 1e30 and np.isfinite(values).all()):
        content.refuse("values that are not finite", "a sound file")
    axis = np.linspace(*ends, values.size)
    unit, (quantity, divisor) = unit_in_words(labels[0]), quantity_in_words(labels[1])
    name = labels[1] or "spectrum"
    return Block(name, quantity, axis, unit, values[np.newaxis], divisor=divisor)
