"""Which format a file has, from its content; the suffix proves nothing."""

from collections.abc import Callable
from dataclasses import dataclass

from cerussite.readers.instruments import (
    asd,
    avantes,
    avantes_text,
    columns_text,
    ecostress,
    jcamp,
    ocean_text,
    omnic,
    opus,
    perkin_elmer,
    proc_spec,
    rows_text,
    spc,
    spectral_evolution,
    svc,
)
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
    is_sure : bool
        Whether the sign of the format cannot be chance: values of an image may
        happen to look like those that are not.
    """

    name: str
    recognise: Callable[[bytes], bool]
    read: Callable[[Content], SpectrumFile]
    is_sure: bool = True


#: Formats in the order they are asked: the surest signs first.
FORMATS = (
    Format("ASD", asd.recognise, asd.read),
    Format("Bruker OPUS", opus.recognise, opus.read),
    Format("JCAMP-DX", jcamp.recognise, jcamp.read),
    Format("OMNIC .spa", omnic.recognise, omnic.read),
    Format("PerkinElmer .sp", perkin_elmer.recognise, perkin_elmer.read),
    Format("SVC .sig", svc.recognise, svc.read),
    Format(
        "Spectral Evolution .sed", spectral_evolution.recognise, spectral_evolution.read
    ),
    Format("ECOSTRESS text", ecostress.recognise, ecostress.read),
    Format("Ocean Optics text", ocean_text.recognise, ocean_text.read),
    Format("Ocean Optics .ProcSpec", proc_spec.recognise, proc_spec.read),
    Format("AvaSoft text", avantes_text.recognise, avantes_text.read),
    Format("AvaSoft .TRM", avantes.recognise, avantes.read, is_sure=False),
    Format("SPC", spc.recognise, spc.read, is_sure=False),
    Format("table of spectra in rows", rows_text.recognise, rows_text.read),
    Format("columns of text", columns_text.recognise, columns_text.read),
)
#: Formats that are known but not read: mark, name, remedy.
UNREAD = (
    (
        b"PK\x03\x04",
        "a workbook or zip archive",
        "read a workbook with read_table, or unpack the archive",
    ),
    (
        b"NIRCAL Project File",
        "a BUCHI NIRCal project",
        "export its spectra from NIRCal as JCAMP-DX or text",
    ),
    (
        b"Spectral Exte File",
        "an OMNIC series",
        "save its spectra in OMNIC one by one as .spa",
    ),
)


def recognise(head: bytes) -> Format | None:
    """
    Format of a file.

    Parameters
    ----------
    head : bytes
        The first bytes of the file; its name is not looked at.

    Returns
    -------
    Format or None
        None where no format knows the bytes as its own.
    """
    return next((known for known in FORMATS if known.recognise(head)), None)
