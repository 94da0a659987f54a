"""Text tables: encoding, separator and lines as a text editor counts them."""

import codecs
import csv
import gzip
import io
import re
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from cerussite.core.errors import UnreadableFileError
from cerussite.readers.rows import Row, Rows

#: Separators in the order they are tried: a comma may be a decimal mark.
DELIMITERS = {"\t": "tab", ";": "semicolon", ",": "comma"}
_SEPARATOR_LINE = re.compile(r'\s*"?\s*sep\s*=\s*"?(?P<separator>\t|[^\s"])"?\s*"?\s*')
_CHUNK = 1 << 20


def open_delimited(path: Path, delimiter: str | None = None) -> Rows:
    """
    Open a text table.

    Parameters
    ----------
    path : Path
        A text file, or the same compressed as ``.gz``.
    delimiter : str, optional
        Separator of the columns; found from a first line ``sep=,`` or from the
        first lines where not given.

    Returns
    -------
    Rows
        Rows with the numbers of their lines.
    """
    encoding, notes = _encoding(path)
    separator = delimiter or _sniff(path, encoding)
    words = DELIMITERS.get(separator, repr(separator))
    return Rows(
        partial(_rows, path, encoding, separator),
        "line",
        f"{words} as separator",
        notes,
    )


def _open_bytes(path: Path) -> BinaryIO:
    if path.suffix.lower() == ".gz":
        return cast("BinaryIO", gzip.open(path, "rb"))
    return path.open("rb")


def _open_text(path: Path, encoding: str) -> TextIO:
    return io.TextIOWrapper(_open_bytes(path), encoding=encoding, newline="")


def _encoding(path: Path) -> tuple[str, tuple[str, ...]]:
    with _open_bytes(path) as file:
        if file.read(2) in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
            return "utf-16", ()
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "latin-1", ("text is not UTF-8: read as Latin-1",)
    return "utf-8-sig", ()


def _sniff(path: Path, encoding: str) -> str:
    with _open_text(path, encoding) as file:
        lines = [line for line in islice(file, 200) if line.strip()][:20]
    if not lines:
        return ","
    stated = _SEPARATOR_LINE.fullmatch(lines[0].rstrip("\r\n"))
    if stated:
        return stated["separator"]
    for delimiter in DELIMITERS:
        widths = {len(cells) for cells in csv.reader(lines, delimiter=delimiter)}
        if len(widths) == 1 and widths != {1}:
            return delimiter
    # Ragged whichever way: the reader of rows will say where.
    return max(DELIMITERS, key=lines[0].count)


def _rows(path: Path, encoding: str, delimiter: str) -> Iterator[Row]:
    with _open_text(path, encoding) as file:
        reader = csv.reader(file, delimiter=delimiter)
        before = 0
        try:
            for cells in reader:
                number, before = before + 1, reader.line_num
                if number == 1 and _is_separator_line(cells, delimiter):
                    continue
                if any(map(str.strip, cells)):
                    yield Row(number, cells)
        except csv.Error as error:
            msg = (
                f"{path}, line {reader.line_num}: {error}; expected a text table; "
                "look for an unclosed quotation mark"
            )
            raise UnreadableFileError(msg) from error


def _is_separator_line(cells: list[str], delimiter: str) -> bool:
    return bool(_SEPARATOR_LINE.fullmatch(delimiter.join(cells)))
