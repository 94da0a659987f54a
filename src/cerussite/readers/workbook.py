"""Workbooks: one sheet as rows of text."""

import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from cerussite.core.errors import UnreadableFileError
from cerussite.readers.rows import Row, Rows

#: A formula whose result no program has stored; it would read as an empty cell.
# Cells of type "str" are computed: their result is an empty text.
_UNCOMPUTED = re.compile(
    rb'<c (?![^>]*t="str")[^>]*><f(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v></v>|</c>)'
)
#: A limit with a decimal comma; three digits behind it might be thousands.
_POINTED_LIMIT = re.compile(r"^(\s*<\s*\d+),(\d{1,2}|\d{4,})$")


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
    _refuse_uncomputed(path)
    name = _choose_sheet(path, sheet)
    return Rows(partial(_rows, path, name), "row", f"sheet {name!r}")


def _load(path: Path) -> openpyxl.Workbook:
    try:
        with warnings.catch_warnings():
            # Styles and data validation that openpyxl does not know are no data.
            warnings.simplefilter("ignore", UserWarning)
            return openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError) as error:
        msg = f"{path}: no XLSX workbook ({error}); save it as XLSX or CSV"
        raise UnreadableFileError(msg) from error


def _refuse_uncomputed(path: Path) -> None:
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if not name.startswith("xl/worksheets/sheet"):
                continue
            if _UNCOMPUTED.search(archive.read(name)):
                msg = (
                    f"{path}: {name} holds formulas without stored results; expected "
                    "values; open and save it in a spreadsheet program, or paste values"
                )
                raise UnreadableFileError(msg)


def _choose_sheet(path: Path, sheet: str | None) -> str:
    book = _load(path)
    try:
        names = [page.title for page in book.worksheets]
        if sheet is not None and sheet not in names:
            msg = f"{path}: no sheet {sheet!r}; expected one of {', '.join(names)}"
            raise UnreadableFileError(msg)
        filled = [page.title for page in book.worksheets if _has_content(page)]
    finally:
        book.close()
    if sheet is not None:
        return sheet
    if len(filled) > 1:
        msg = (
            f"{path}: {len(filled)} sheets with content ({', '.join(filled)}); "
            "expected one; say which (sheet)"
        )
        raise UnreadableFileError(msg)
    return (filled or names)[0]


def _has_content(page: object) -> bool:
    rows = page.iter_rows(values_only=True)  # type: ignore[attr-defined]
    return any(cell is not None for row in rows for cell in row)


def _rows(path: Path, sheet: str) -> Iterator[Row]:
    book = _load(path)
    try:
        width = 0
        page = book[sheet].iter_rows(values_only=True)
        for number, values in enumerate(page, start=1):
            cells = _texts(values)
            if not any(map(str.strip, cells)):
                continue
            width = width or len(cells)
            # Workbooks do not store empty cells at the end of a row.
            yield Row(number, cells + [""] * (width - len(cells)))
    finally:
        book.close()


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
