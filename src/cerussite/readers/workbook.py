"""Workbooks: one sheet as rows of text."""

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from cerussite.core.errors import CerussiteError, UnreadableFileError
from cerussite.readers.rows import Row, Rows

#: A formula whose result no program has stored; it would read as an empty cell.
# Cells of type "str" are computed: their result is an empty text.
_UNCOMPUTED = re.compile(
    rb'<c (?![^>]*t="str")[^>]*><f(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v></v>|</c>)'
)
#: A limit with a decimal comma; three digits behind it might be thousands.
_POINTED_LIMIT = re.compile(r"^(\s*<\s*\d+),(\d{1,2}|\d{4,})$")

#: Content above this size is looked at before it is unpacked.
_LARGE = 1 << 25
#: Spreadsheets shrink five to twenty times; what shrinks more holds no data.
_MOST_SHRUNK = 100
#: Parts of a workbook that are read whole: texts, styles, lists of sheets.
_LARGEST_PART = 1 << 28
#: Cells of a sheet of any size; larger files may have more.
_MANY_CELLS = 10_000_000
#: Rows of a sheet, by the limits of spreadsheet programs.
_MOST_ROWS = 1 << 20
#: Bytes of a sheet that are searched at once, and the longest formula across two.
_CHUNK, _OVERLAP = 1 << 20, 1 << 14
#: What reading a damaged workbook ends in; SyntaxError is the parent of XML errors.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)


def open_workbook(path: Path, sheet: str | None = None) -> Rows:
    """
    Open one sheet of an XLSX workbook.

    Parameters
    ----------
    path : Path
        The workbook.
    sheet : str, optional
        Its sheet; needed where more than one has content.

    Returns
    -------
    Rows
        Rows with the numbers the spreadsheet shows.
    """
    with _reading(path):
        _refuse_bomb(path)
        _refuse_uncomputed(path)
        name = _choose_sheet(path, sheet)
    return Rows(partial(_rows, path, name), "row", f"sheet {name!r}")


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turn whatever a damaged workbook ends in into one refusal."""
    try:
        yield
    except CerussiteError:
        raise
    except _DAMAGE as error:
        msg = f"{path}: no XLSX workbook ({error}); save it as XLSX or CSV"
        raise UnreadableFileError(msg) from error


@contextmanager
def _opened(path: Path) -> Iterator[openpyxl.Workbook]:
    # A workbook that cannot be loaded leaves its file open, unless it is given one.
    with path.open("rb") as file:
        with warnings.catch_warnings():
            # Styles and data validation that openpyxl does not know are no data.
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        try:
            yield book
        finally:
            book.close()


def _refuse_bomb(path: Path) -> None:
    """Refuse content that would fill the memory, by the sizes the archive states."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
    size = sum(part.file_size for part in parts)
    packed = max(sum(part.compress_size for part in parts), 1)
    if size > _LARGE and size > _MOST_SHRUNK * packed:
        msg = (
            f"{path}: {packed} bytes that unpack to {size}, {size // packed} times as "
            f"many; expected a workbook, at most {_MOST_SHRUNK} times; do not open it, "
            "or save the sheet as CSV where you trust it"
        )
        raise UnreadableFileError(msg)
    for part in parts:
        if part.file_size > _LARGEST_PART and not _is_sheet(part.filename):
            msg = (
                f"{path}: {part.filename} unpacks to {part.file_size >> 20} MiB; "
                f"expected {_LARGEST_PART >> 20} at most; save the sheet as CSV"
            )
            raise UnreadableFileError(msg)


def _is_sheet(name: str) -> bool:
    return name.startswith("xl/worksheets/sheet")


def _refuse_uncomputed(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        for name in filter(_is_sheet, archive.namelist()):
            if _has_uncomputed(archive, name):
                msg = (
                    f"{path}: {name} holds formulas without stored results; expected "
                    "values; open and save it in a spreadsheet program, or paste values"
                )
                raise UnreadableFileError(msg)


def _has_uncomputed(archive: zipfile.ZipFile, name: str) -> bool:
    with archive.open(name) as sheet:
        before = b""
        while chunk := sheet.read(_CHUNK):
            if _UNCOMPUTED.search(before + chunk):
                return True
            before = chunk[-_OVERLAP:]
    return False


def _choose_sheet(path: Path, sheet: str | None) -> str:
    with _opened(path) as book:
        names = [page.title for page in book.worksheets]
        if sheet is not None and sheet not in names:
            msg = f"{path}: no sheet {sheet!r}; expected one of {', '.join(names)}"
            raise UnreadableFileError(msg)
        filled = [page.title for page in book.worksheets if _has_content(path, page)]
    if sheet is not None:
        return sheet
    if not names:
        msg = f"{path}: no sheet of cells; expected one; save the table as CSV"
        raise UnreadableFileError(msg)
    if len(filled) > 1:
        msg = (
            f"{path}: {len(filled)} sheets with content ({', '.join(filled)}); "
            "expected one; say which (sheet)"
        )
        raise UnreadableFileError(msg)
    return (filled or names)[0]


def _has_content(path: Path, page: Any) -> bool:
    return next(_filled(path, page), None) is not None


def _filled(path: Path, page: Any) -> Iterator[tuple[int, Sequence[object]]]:
    """Rows with content, as many cells as a file of this size can hold."""
    most = max(_MANY_CELLS, path.stat().st_size * _MOST_SHRUNK)
    if (page.max_row or 0) * (page.max_column or 0) > most:
        # Formatted to the edge of the sheet: its cells say themselves where they are.
        page.reset_dimensions()
    n_cells = 0
    for number, row in enumerate(page.iter_rows(values_only=True), start=1):
        n_cells += len(row)
        if number > _MOST_ROWS or n_cells > most:
            msg = (
                f"{path}: sheet {page.title!r} reaches to row {number} with {n_cells} "
                "cells, more than a file of its size can hold; expected the range that "
                "is filled; copy the table to a new sheet"
            )
            raise UnreadableFileError(msg)
        if row and any(cell is not None for cell in row):
            yield number, row


def _rows(path: Path, sheet: str) -> Iterator[Row]:
    with _reading(path), _opened(path) as book:
        width = 0
        for number, values in _filled(path, book[sheet]):
            cells = _texts(values)
            if not any(map(str.strip, cells)):
                continue
            width = width or len(cells)
            # Workbooks do not store empty cells at the end of a row.
            yield Row(number, cells + [""] * (width - len(cells)))


def _texts(values: Sequence[object]) -> list[str]:
    cells = [_text(value) for value in values]
    if any(isinstance(value, float) for value in values):
        # Number cells have no decimal mark; a limit typed as text may have a comma.
        return [_POINTED_LIMIT.sub(r"\1.\2", cell) for cell in cells]
    return cells


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
