"""Ocean Optics .ProcSpec: a zip archive with one spectrum as XML."""

import io
import re
import zipfile
import zlib

import numpy as np

from cerussite.core.types import FloatArray
from cerussite.readers.instruments.blocks import Block, BlockQuantity
from cerussite.readers.instruments.content import Content
from cerussite.readers.instruments.spectrum_file import SpectrumFile

#: The text of one spectrum is far smaller, whatever an archive claims or unpacks.
_MAX_TEXT = 1 << 25
_DOUBLES = r"\s*((?:<double>[^<]{1,40}</double>\s*)+)"
_NUMBER = re.compile(r"<double>([^<]{1,40})</double>")
#: The text is searched, not parsed: it is no valid XML and may hold entities.
_WAVELENGTHS = re.compile(rf"<channelWavelengths>{_DOUBLES}")
_PROCESSED = re.compile(rf"<processedPixels>{_DOUBLES}")
_Y_UNITS = re.compile(r"<yUnits class=\"[\w.]*?\.(\w+?)(?:Intensity)?Descriptor\"")
_QUANTITIES: dict[str, tuple[BlockQuantity, float]] = {
    "Transmission": ("transmittance", 100.0),
    "Reflection": ("reflectance", 100.0),
    "Absorbance": ("absorbance", 1.0),
    "Counts": ("raw", 1.0),
}
_FAILURES = (
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


def recognise(head: bytes) -> bool:
    """
    Tell whether a file begins as .ProcSpec files do.

    Parameters
    ----------
    head : bytes
        The first bytes.

    Returns
    -------
    bool
        True for a zip archive whose first member is one of Ocean Optics'.
    """
    return head.startswith(b"PK\x03\x04") and head[30:33] in {b"ps_", b"OOI"}


def read(content: Content) -> SpectrumFile:
    """
    Read the processed spectrum.

    Parameters
    ----------
    content : Content
        The file.

    Returns
    -------
    SpectrumFile
        One block in the unit that the file states.
    """
    text = _text(content)
    axis = _doubles(content, _WAVELENGTHS, text, "wavelengths")
    values = _doubles(content, _PROCESSED, text, "a processed spectrum")
    if axis.size != values.size:
        content.refuse(f"{values.size} values for {axis.size} wavelengths", "one each")
    end = next(_PROCESSED.finditer(text)).end()
    units = _Y_UNITS.search(text, end) or _Y_UNITS.search(text)
    name = units[1] if units else "processed"
    quantity, divisor = _QUANTITIES.get(name, ("unknown", 1.0))
    block = Block(name, quantity, axis, "nm", values[np.newaxis], divisor=divisor)
    return SpectrumFile(
        content.path,
        "Ocean Optics .ProcSpec",
        (block,),
        block,
        instrument=_tag(text, "spectrometerSerialNumber"),
        n_scans=int(_tag(text, "scansToAverage") or 0) or None,
        metadata={
            tag: _tag(text, tag)
            for tag in ("integrationTime", "boxcarWidth", "userName")
        },
    )


def _text(content: Content) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content.data)) as archive:
            names = [name for name in archive.namelist() if name.startswith("ps_")]
            data = b""
            if names:
                with archive.open(names[0]) as member:
                    data = member.read(_MAX_TEXT + 1)
    except _FAILURES as error:
        content.refuse(f"a damaged archive ({error})", "a zip archive")
    if not names:
        content.refuse("an archive without ps_*.xml", "one spectrum of SpectraSuite")
    if len(data) > _MAX_TEXT:
        content.refuse(f"{names[0]} of more than {_MAX_TEXT >> 20} MiB", "one spectrum")
    return data.decode("latin-1")


def _doubles(
    content: Content, pattern: re.Pattern[str], text: str, what: str
) -> FloatArray:
    match = pattern.search(text)
    if match is None:
        content.refuse(f"no {what}", "them in the file")
    try:
        numbers = np.array([float(each) for each in _NUMBER.findall(match[1])])
    except ValueError:
        content.refuse(f"{what} that are no numbers", "numbers")
    if not np.isfinite(numbers).all():
        content.refuse(f"{what} that are not finite", "numbers")
    return numbers


def _tag(text: str, tag: str) -> str:
    match = re.search(rf"<{tag}>([^<]{{0,200}})</{tag}>", text)
    return match[1].strip() if match else ""
