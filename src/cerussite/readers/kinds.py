"""What lies under a path: a folder, an image, a table, or a file of an instrument."""

from pathlib import Path
from typing import Literal, TypeAlias

from cerussite.core.errors import UnreadableFileError
from cerussite.readers.headers import has_bands
from cerussite.readers.instruments import columns_text, envi, read_spectra, rows_text
from cerussite.readers.instruments.recognition import FORMATS, UNREAD, recognise
from cerussite.readers.sources import open_table

#: What can be predicted or looked at.
Kind: TypeAlias = Literal["folder", "image", "file", "table"]

#: Enough to know any format by.
_HEAD = 1 << 16
#: Parquet, gzip, workbooks old and new: what readers of tables speak about.
_TABLES = (b"PAR1", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"PK\x03\x04")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def kind_of(path: str | Path) -> Kind:
    """
    Tell what lies under a path, from the content.

    Parameters
    ----------
    path : str or Path
        A folder or a file.

    Returns
    -------
    {"folder", "image", "file", "table"}
        ``"table"`` for one spectrum a row, and for any other text: its reader says
        what is wrong. ``"file"`` for all that an instrument writes, libraries of
        spectra and plain columns of text among them.

    Raises
    ------
    UnreadableFileError
        If there is nothing, or nothing that is known.
    """
    path = Path(path)
    if path.is_dir():
        return "folder"
    if not path.is_file():
        msg = f"{path}: no such file; {_expected()}; correct the path"
        raise UnreadableFileError(msg)
    with path.open("rb") as opened:
        head = opened.read(_HEAD)
    known = recognise(head)
    is_sure = known is not None and known.is_sure
    if head and not is_sure and envi.header_of(path, head) is not None:
        chosen = read_spectra(path).chosen
        return "image" if chosen is not None and chosen.is_image else "file"
    if known is None:
        return _unknown(path, head)
    if known.read is rows_text.read:
        return "table"
    if known.read is columns_text.read and _is_table(path):
        return "table"
    return "file"


def _unknown(path: Path, head: bytes) -> Kind:
    is_text = b"\0" not in head or head.startswith(_UTF16)
    if head.startswith(_TABLES) or (head and is_text and not _is_unread(head)):
        return "table"
    if not head or _is_unread(head):
        read_spectra(path)  # says what it is and what to do
    msg = f"{path}: not recognised (begins {head[:16]!r}); {_expected()}"
    raise UnreadableFileError(msg)


def _is_unread(head: bytes) -> bool:
    return any(head.startswith(mark) for mark, _, _ in UNREAD)


def _is_table(path: Path) -> bool:
    # Columns of numbers below names of bands are a table with a spectrum a row.
    try:
        return has_bands(open_table(path).header)
    except UnreadableFileError:
        return False


def _expected() -> str:
    names = ", ".join(dict.fromkeys(each.name for each in FORMATS))
    return (
        "expected a table (CSV, TSV, XLSX, Parquet), a file of an instrument "
        f"({names}), a folder of such files, or an ENVI image"
    )
