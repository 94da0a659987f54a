"""
Tables in R's .rda files: as much of the format as published data need.

The general reader of the format, ``rdata`` 1.1, refuses data frames that hold a
matrix, as two of the three published files read here do, and takes 20 times as long
for the third; it is the comparison in the tests.
"""

import bz2
import gzip
import lzma
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cerussite.core.errors import UnreadableFileError

_OPENERS: dict[bytes, Callable[[bytes], bytes]] = {
    b"BZh": bz2.decompress,
    b"\x1f\x8b\x08": gzip.decompress,
    b"\xfd7z": lzma.decompress,
}
_BROKEN = (struct.error, ValueError, IndexError, OSError, EOFError, lzma.LZMAError)
_HAS_ATTRIBUTES, _HAS_TAG = 0x200, 0x400
_SYMBOL, _PAIRLIST, _CHARACTER = 1, 2, 9
_LOGICAL, _INTEGER, _DOUBLE, _STRINGS, _LIST = 10, 13, 14, 16, 19
_POINTER, _NIL, _REFERENCE = 22, 254, 255
_UTF8_OR_ASCII = (1 << 3 | 1 << 6) << 12
_WORD = struct.Struct(">i")


@dataclass(frozen=True, eq=False)
class RObject:
    """
    A vector, list or data frame as R stored it.

    Attributes
    ----------
    content : ndarray or list
        Numbers, texts (None where missing) or, in a list, further objects.
    attributes : dict
        R's attributes by name: ``names``, ``dim``, ``dimnames``, ``class`` ...
    """

    content: Any
    attributes: dict[str, "RObject"] = field(default_factory=dict)

    def columns(self) -> dict[str, "RObject"]:
        """
        Members of a named list or columns of a data frame.

        Returns
        -------
        dict
            Objects by name, in file order.
        """
        return dict(zip(self.attributes["names"].content, self.content, strict=True))

    def matrix(self) -> np.ndarray:
        """
        Numbers in the shape that R keeps beside them.

        Returns
        -------
        ndarray of shape (n_rows, n_columns)
            R stores columns one after the other.
        """
        shape = tuple(self.attributes["dim"].content)
        return np.asarray(self.content).reshape(shape, order="F")

    def column_names(self) -> list[str]:
        """
        Names of the columns of a matrix.

        Returns
        -------
        list of str
            Second member of ``dimnames``.
        """
        return list(self.attributes["dimnames"].content[1].content)


def read_rda(path: Path) -> dict[str, RObject]:
    """
    Objects in a file that R's ``save`` wrote.

    Reads vectors, lists and data frames in binary format, versions 2 and 3;
    functions and environments are refused. Nothing in the file is executed.
    Made for files with millions of short vectors, which take a second here and
    many in general readers.

    Parameters
    ----------
    path : Path
        File with the extension .rda or .RData.

    Returns
    -------
    dict of str to RObject
        Objects by the name they were saved under.

    Raises
    ------
    UnreadableFileError
        If the file is no binary .rda, breaks off or holds other types.

    References
    ----------
    .. [1] R Core Team, R Internals, section "Serialization Formats".
    """
    content = path.read_bytes()
    try:
        content = _OPENERS.get(content[:3], bytes)(content)
        reader = _Reader(content)
        reader.skip_header()
        saved = reader.read()
    except _BROKEN as error:
        msg = (
            f"{path}: {error}; expected a binary file that R's save() wrote; "
            "download it again"
        )
        raise UnreadableFileError(msg) from error
    if not isinstance(saved, dict):
        msg = f"{path}: holds one unnamed object; expected named ones (save, not dput)"
        raise UnreadableFileError(msg)
    return saved


class _Reader:
    """Walk R's serialization from front to back."""

    def __init__(self, stored: bytes) -> None:
        self.stored = stored
        self.position = 0
        self.symbols: list[Any] = []

    def skip_header(self) -> None:
        if self.stored[:7] not in {b"RDX2\nX\n", b"RDX3\nX\n"}:
            msg = f"begins with {self.stored[:7]!r}"
            raise ValueError(msg)
        self.position = 19
        if self.stored[3:4] == b"3":
            self.position += 4 + self.integer(19)

    def integer(self, position: int) -> int:
        return int(_WORD.unpack_from(self.stored, position)[0])

    def word(self) -> int:
        self.position += 4
        return int(_WORD.unpack_from(self.stored, self.position - 4)[0])

    def read(self) -> Any:
        flags = self.word()
        kind = flags & 0xFF
        if kind in {_NIL, _REFERENCE, _SYMBOL}:
            return self.symbol(kind, flags)
        if kind == _CHARACTER:
            return self.text(flags)
        if kind == _PAIRLIST:
            return self.pairs(flags)
        if kind == _POINTER:
            return self.pointer(flags)
        return self.vector(kind, flags)

    def symbol(self, kind: int, flags: int) -> Any:
        if kind == _NIL:
            return None
        if kind == _REFERENCE:
            return self.symbols[(flags >> 8 or self.word()) - 1]
        self.symbols.append(self.read())
        return self.symbols[-1]

    def text(self, flags: int) -> str | None:
        length = self.word()
        if length < 0:
            return None
        self.position += length
        encoding = "utf-8" if flags & _UTF8_OR_ASCII else "latin-1"
        return self.stored[self.position - length : self.position].decode(encoding)

    def pairs(self, flags: int) -> dict[str, Any]:
        found = {}
        while flags & 0xFF == _PAIRLIST:
            if flags & _HAS_ATTRIBUTES:
                self.read()
            tag = self.read() if flags & _HAS_TAG else ""
            found[tag] = self.read()
            flags = self.word()
        return found

    def pointer(self, flags: int) -> None:
        self.symbols.append(None)
        self.read()
        self.read()
        if flags & _HAS_ATTRIBUTES:
            self.read()

    def vector(self, kind: int, flags: int) -> RObject:
        length = self.word()
        if kind == _DOUBLE:
            values: Any = _quiet(self.numbers(length, ">f8", np.float64))
        elif kind in {_INTEGER, _LOGICAL}:
            values = self.numbers(length, ">i4", np.int32)
        elif kind == _STRINGS:
            values = [self.text(self.word()) for _ in range(length)]
        elif kind == _LIST:
            values = self.scalars(length)
            if values is None:
                values = [self.read() for _ in range(length)]
        else:
            msg = f"holds R type {kind} at byte {self.position}"
            raise ValueError(msg)
        attributes = self.read() if flags & _HAS_ATTRIBUTES else None
        return RObject(values, attributes or {})

    def numbers(self, length: int, form: str, dtype: type) -> np.ndarray:
        start = self.position
        self.position += length * int(form[-1])
        return np.frombuffer(self.stored, form, length, start).astype(dtype)

    def scalars(self, length: int) -> np.ndarray | None:
        layout = np.dtype([("flags", ">i4"), ("length", ">i4"), ("value", ">f8")])
        end = self.position + length * layout.itemsize
        if length == 0 or end > len(self.stored):
            return None
        table = np.frombuffer(self.stored, layout, length, self.position)
        if np.any(table["flags"] != _DOUBLE) or np.any(table["length"] != 1):
            return None
        self.position = end
        return _quiet(table["value"].astype(np.float64))


def _quiet(numbers: np.ndarray) -> np.ndarray:
    # R marks missing numbers by a signalling NaN, at which arithmetic warns.
    numbers[np.isnan(numbers)] = np.nan
    return numbers
