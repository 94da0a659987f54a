"""Which format a file has, from its content; the suffix proves nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cerussite.readers.instruments import asd
from cerussite.readers.instruments.content import Content
from cerussite.readers.instruments.spectrum_file import SpectrumFile


@dataclass(frozen=True)
class Format:
    """
    A format that is read whole into memory.

    Attributes
    ----------
    name : str
        Name for messages.
    recognise : callable
        Whether the first bytes of a file are those of the format.
    read : callable
        Reads the file.
    """

    name: str
    recognise: Callable[[bytes], bool]
    read: Callable[[Content], SpectrumFile]


#: Formats in the order they are asked: the surest signs first.
FORMATS = (Format("ASD", asd.recognise, asd.read),)


def recognise(path: Path, head: bytes) -> Format | None:
    """
    Format of a file.

    Parameters
    ----------
    path : Path
        The file; its name is not looked at.
    head : bytes
        Its first bytes.

    Returns
    -------
    Format or None
        None where no format knows the bytes as its own.
    """
    del path
    return next((known for known in FORMATS if known.recognise(head)), None)
