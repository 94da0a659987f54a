"""The table of contents of an OPUS file, checked before a library reads the file."""

import struct
from dataclasses import dataclass

from cerussite.readers.instruments.content import Content

#: A type without family that holds parameters of the sample all the same.
_SAMPLE_PARAMETERS = 1 << 19
_SERIES = 2
#: Reports and the table of contents itself, which are passed over.
_NO_DATA = (0, 13)
_MAX_BLOCKS = 1000


@dataclass(frozen=True)
class OpusBlock:
    """
    One entry of the table of contents.

    Attributes
    ----------
    code : int
        Type of the block, 32 bits.
    size : int
        Bytes.
    start : int
        Where it begins.
    """

    code: int
    size: int
    start: int

    @property
    def is_uncompensated(self) -> bool:
        """
        Whether a spectrum is from before the compensation of the atmosphere.

        Returns
        -------
        bool
            True where the last byte of the type is 64.
        """
        return self.code >> 24 == 64


def checked_layout(content: Content) -> list[OpusBlock]:
    """
    Table of contents in which every block lies inside the file.

    A library that reads parameters and series trusts their sizes: a negative one
    would hold it for ever, a huge one fill the memory. What it will read is
    therefore walked through here first.

    Parameters
    ----------
    content : Content
        The file.

    Returns
    -------
    list of OpusBlock
        All entries.
    """
    start, n_entries = content.unpack("<ii", 12, "the table of contents")
    if not 0 < n_entries <= _MAX_BLOCKS:
        content.refuse(f"room for {n_entries} blocks", f"1 to {_MAX_BLOCKS}")
    blocks: list[OpusBlock] = []
    for number in range(n_entries):
        if start + 12 * (number + 1) > len(content.data):
            break
        code, words, at = content.unpack(
            "<Iii", start + 12 * number, "the table of contents"
        )
        if at <= 0:
            break
        _check_place(content, words, at)
        blocks.append(OpusBlock(code, 4 * words, at))
    total = sum(block.size for block in blocks)
    if total > 2 * len(content.data):
        content.refuse(
            f"blocks of {total} bytes in a file of {len(content.data)}",
            "blocks side by side",
        )
    for block in blocks:
        _check_inside(content, block)
    return blocks


def _check_place(content: Content, words: int, at: int) -> None:
    if words < 0 or at + 4 * words > len(content.data) + 3:
        content.refuse(
            f"a block at bytes {at} to {at + 4 * words} of a file of "
            f"{len(content.data)} bytes",
            "it inside the file",
            "the file is cut or damaged",
        )


def _check_inside(content: Content, block: OpusBlock) -> None:
    family = block.code >> 4 & 0x3F
    if family or block.code & 0x3FFFFF == _SAMPLE_PARAMETERS:
        _check_parameters(content, block)
    elif block.code >> 19 & 0x7 == _SERIES and block.code >> 10 & 0x7F not in _NO_DATA:
        _check_series(content, block)


def _check_parameters(content: Content, block: OpusBlock) -> None:
    data = content.data[block.start : block.start + block.size]
    at = 0
    while at + 8 <= len(data) and data[at : at + 3] != b"END":
        kind, words = struct.unpack_from("<hh", data, at + 4)
        if words < 0:
            content.refuse(f"a parameter of {words} words", "a size of 0 or more")
        if data[at : at + 3] == b"DPF" and kind == 0 and at + 12 <= len(data):
            (number_format,) = struct.unpack_from("<i", data, at + 8)
            if number_format not in {1, 2}:
                content.refuse(f"numbers in format {number_format}", "1 or 2")
        if data[at : at + 3] == b"NPT" and kind == 0 and at + 12 <= len(data):
            (n_points,) = struct.unpack_from("<i", data, at + 8)
            if not 0 <= 4 * n_points <= len(content.data):
                content.refuse(
                    f"{n_points} points in {len(content.data)} bytes",
                    "four bytes a point",
                )
        at += 8 + 2 * words


def _check_series(content: Content, block: OpusBlock) -> None:
    header = content.unpack("<6i", block.start, "the header of a series")
    _, n_spectra, offset, data_size, info_size, n_runs = header
    is_sound = (
        min(n_spectra, offset, data_size, info_size, n_runs) >= 0
        and 24 + 8 * n_runs <= block.size
        and data_size * n_spectra <= len(content.data)
        and n_spectra * max(info_size, 1) <= len(content.data)
    )
    if not is_sound:
        content.refuse(
            f"a series of {n_spectra} spectra of {data_size} bytes in {block.size}",
            "it inside its block",
        )
