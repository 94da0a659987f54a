"""The bytes of a file, read so that no header can point beyond them."""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from cerussite.core.errors import UnreadableFileError
from cerussite.core.types import FloatArray

#: Files of one measurement are read whole; none of them is as large as this.
MAX_BYTES = 1 << 28
#: Points that one file may hold in memory; headers that claim more are refused.
MAX_POINTS = 1 << 24


@dataclass(frozen=True, eq=False)
class Content:
    """
    A file that was read whole.

    Attributes
    ----------
    path : Path
        Where it was read from, for messages.
    data : bytes
        All of it.
    """

    path: Path
    data: bytes

    def refuse(self, found: str, expected: str, remedy: str = "") -> NoReturn:
        """
        Raise an error that names the file.

        Parameters
        ----------
        found, expected, remedy : str
            What was found, what was expected and what to do.

        Raises
        ------
        UnreadableFileError
            Always.
        """
        remedy = remedy or "export it again from the instrument's software"
        msg = f"{self.path}: {found}; expected {expected}; {remedy}"
        raise UnreadableFileError(msg)

    def unpack(self, layout: str, offset: int, what: str) -> tuple[Any, ...]:
        """
        Numbers at a place of the file.

        Parameters
        ----------
        layout : str
            Layout in the language of :mod:`struct`.
        offset : int
            Where they begin.
        what : str
            What they are, for the message.

        Returns
        -------
        tuple
            The numbers.
        """
        self._check(offset, struct.calcsize(layout), what)
        return struct.unpack_from(layout, self.data, offset)

    def array(self, kind: str, count: int, offset: int, what: str) -> FloatArray:
        """
        An array at a place of the file.

        Parameters
        ----------
        kind : str
            Type of the numbers in the language of NumPy, for example ``"<f4"``.
        count : int
            How many.
        offset : int
            Where they begin.
        what : str
            What they are, for the message.

        Returns
        -------
        ndarray of shape (count,)
            The numbers as float64.
        """
        if count < 1:
            self.refuse(f"{count} values of {what}", "at least one")
        self._check(offset, count * np.dtype(kind).itemsize, what)
        with np.errstate(invalid="ignore"):  # a damaged number may signal
            return np.frombuffer(self.data, kind, count, offset).astype(float)

    def text(self, offset: int, length: int, what: str) -> str:
        """
        Text at a place of the file, up to its first zero byte.

        Parameters
        ----------
        offset : int
            Where it begins.
        length : int
            How many bytes it may fill.
        what : str
            What it is, for the message.

        Returns
        -------
        str
            The text without outer spaces.
        """
        self._check(offset, length, what)
        return plain_text(self.data[offset : offset + length])

    def _check(self, offset: int, size: int, what: str) -> None:
        if offset < 0 or size < 0 or offset + size > len(self.data):
            found = (
                f"{what} at bytes {offset} to {offset + size} of a file of "
                f"{len(self.data)} bytes"
            )
            self.refuse(found, "it inside the file", "the file is cut or damaged")


def plain_text(data: bytes) -> str:
    r"""
    Text of a fixed field: up to its first zero byte, without outer spaces.

    Parameters
    ----------
    data : bytes
        The field.

    Returns
    -------
    str
        Printable characters in Latin-1.

    Examples
    --------
    >>> plain_text(b" FieldSpec 4 \x00\x03rest")
    'FieldSpec 4'
    """
    text = data.split(b"\0", 1)[0].decode("latin-1")
    return "".join(
        sign for sign in text if sign.isprintable() or sign in "\n\t"
    ).strip()
