"""What a table is and holds, before anyone relies on it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from cerussite.core.errors import CerussiteError, UnreadableFileError
from cerussite.core.spectra import Spectra
from cerussite.core.types import AxisUnit
from cerussite.readers.assembly import Request, read_survey
from cerussite.readers.cells import NotANumberError, is_missing, parse_measured
from cerussite.readers.headers import StatedBands, stated_bands
from cerussite.readers.inspection import MOST_READ, MOST_SHOWN, printable
from cerussite.readers.quantities import FileQuantity
from cerussite.readers.rows import Row
from cerussite.readers.sources import Table, open_table
from cerussite.readers.spectral_rows import find_decimal
from cerussite.readers.units_row import find_units_row

#: Columns that are described one by one.
_MOST_COLUMNS = 40
#: Different texts of a column that are counted.
_MOST_TEXTS = 1000


@dataclass
class _Column:
    """What the cells of a column hold, as far as they were seen."""

    name: str
    unit: str = ""
    n_missing: int = 0
    n_numbers: int = 0
    n_below: int = 0
    low: float = math.inf
    high: float = -math.inf
    texts: frozenset[str] = frozenset()

    def see(self, cell: str, decimal: str) -> None:
        """Count a cell."""
        if is_missing(cell):
            self.n_missing += 1
            return
        try:
            value, is_below = parse_measured(cell, decimal=decimal, limit=math.nan)
        except NotANumberError:
            if len(self.texts) < _MOST_TEXTS:
                self.texts |= {cell.strip()}
            return
        self.n_numbers += 1
        self.n_below += is_below
        if math.isfinite(value):
            self.low, self.high = min(self.low, value), max(self.high, value)

    def text(self) -> str:
        """The column in one line."""
        parts = []
        if self.n_numbers:
            span = f" {self.low:g} to {self.high:g}" if self.low <= self.high else ""
            parts.append(f"{self.n_numbers} numbers{span}")
        if self.n_below:
            parts.append(f"{self.n_below} of them below a limit")
        if self.texts:
            many = "or more " if len(self.texts) == _MOST_TEXTS else ""
            first = ", ".join(sorted(self.texts)[:3])
            rest = " ..." if len(self.texts) > 3 else ""
            parts.append(f"{len(self.texts)} {many}different texts ({first}{rest})")
        if self.n_missing:
            parts.append(f"{self.n_missing} empty")
        unit = f" [{self.unit}]" if self.unit else ""
        return f"{self.name}{unit}: {', '.join(parts) or 'nothing'}"


@dataclass(frozen=True, eq=False)
class TableInspection:
    """
    What a table is and holds.

    Attributes
    ----------
    path : Path
        The file.
    n_bytes : int
        Its size.
    n_rows : int
        Rows below the header, a row of units left out.
    n_columns : int
        Columns of the header.
    bands : str
        The spectral columns in one line; empty where none were found.
    columns : tuple of str
        All others, a line each.
    warnings : tuple of str
        What is unclear, and why a study cannot use the table as it is.
    spectra : Spectra or None
        The first few spectra as a study would take them; None where it cannot.
    """

    path: Path
    n_bytes: int
    n_rows: int
    n_columns: int
    bands: str = ""
    columns: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    spectra: Spectra | None = None

    def text(self) -> str:
        """
        Everything but the spectra, for people.

        Returns
        -------
        str
            Lines of text without control characters.
        """
        size = f"{self.n_rows} rows, {self.n_columns} columns, {self.n_bytes} bytes"
        lines = [
            f"{self.path}: table, {size}",
            f"spectra: {self.bands or 'no columns that are named as bands'}",
        ]
        if self.columns:
            lines.append("other columns:")
            lines.extend(f"    {text}" for text in self.columns[:_MOST_COLUMNS])
        if len(self.columns) > _MOST_COLUMNS:
            lines.append(f"    and {len(self.columns) - _MOST_COLUMNS} more")
        lines.extend(f"warning: {text}" for text in self.warnings)
        return "\n".join(printable(line) for line in lines)


def inspect_table(
    path: str | Path,
    *,
    quantity: FileQuantity | None = None,
    axis_unit: AxisUnit | None = None,
    sheet: str | None = None,
) -> TableInspection:
    """
    Look at a table without deciding anything.

    Parameters
    ----------
    path : str or Path
        CSV, TSV, XLSX or Parquet table.
    quantity : {"reflectance", "reflectance_percent", "absorbance"}, optional
        What its bands hold, where their names do not say.
    axis_unit : {"nm", "cm-1"}, optional
        Unit of its bands, where their names do not say.
    sheet : str, optional
        Sheet of a workbook with more than one.

    Returns
    -------
    TableInspection
        What it is and holds; what a study would stumble over stands among the
        warnings. What is no table at all is refused.
    """
    warnings: list[str] = []
    table = _readable(open_table(path, sheet=sheet), warnings)
    warnings += table.notes
    bands = _bands(table, warnings)
    units = find_units_row(table, list(range(len(table.header))))
    others = sorted(
        set(range(len(table.header))) - set(bands.positions if bands else ())
    )
    decimal = _decimal(table, list(range(len(table.header))), warnings)
    n_rows, columns = _columns(table, others, units, decimal)
    spectra = None
    if bands is not None:
        request = Request(quantity=quantity, axis_unit=axis_unit)
        spectra = _first_spectra(table, request, units, warnings)
    return TableInspection(
        table.path,
        table.path.stat().st_size,
        n_rows,
        len(table.header),
        "" if bands is None else _describe(table, bands, units, decimal),
        tuple(column.text() for column in columns),
        tuple(dict.fromkeys(warnings)),
        spectra,
    )


def _readable(table: Table, warnings: list[str]) -> Table:
    # The table up to the first row that breaks off.
    def rows() -> Iterator[Row]:
        try:
            yield from table.rows()
        except UnreadableFileError as error:
            warnings.append(f"read up to here only: {error}")

    return replace(table, rows=rows)


def _bands(table: Table, warnings: list[str]) -> StatedBands | None:
    try:
        return stated_bands(table.header, source=str(table.path))
    except UnreadableFileError as error:
        warnings.append(_reason(table, error))
        return None


def _decimal(table: Table, positions: list[int], warnings: list[str]) -> str:
    try:
        return find_decimal(table, positions)
    except UnreadableFileError as error:
        warnings.append(_reason(table, error))
        return "."


def _columns(
    table: Table, positions: list[int], units: Row | None, decimal: str
) -> tuple[int, list[_Column]]:
    columns = [
        _Column(table.column_name(at), "" if units is None else units.cells[at].strip())
        for at in positions
    ]
    n_rows = 0
    for row in table.rows():
        if units is not None and row.number == units.number:
            continue
        n_rows += 1
        for column, at in zip(columns, positions, strict=True):
            column.see(row.cells[at], decimal)
    return n_rows, columns


def _describe(table: Table, bands: StatedBands, units: Row | None, decimal: str) -> str:
    column = _Column("")
    for row in islice(table.rows(), MOST_READ):
        if units is None or row.number != units.number:
            for at in bands.positions:
                column.see(row.cells[at], decimal)
    unit = f" {bands.unit}" if bands.unit else " (unit not stated)"
    steps = np.abs(np.diff(bands.numbers))
    low, high = (f"{step:.6g}" for step in (steps.min(), steps.max()))
    return (
        f"{bands.numbers.size} bands from {bands.numbers[0]:g} to "
        f"{bands.numbers[-1]:g}{unit} in steps of "
        f"{low if low == high else f'{low} to {high}'}, "
        f"{bands.quantity or 'quantity not stated'}; the first {MOST_READ} rows hold "
        f"{column.text().removeprefix(': ')}"
    )


def _first_spectra(
    table: Table, request: Request, units: Row | None, warnings: list[str]
) -> Spectra | None:
    skipped = None if units is None else units.number
    rows = [row for row in islice(table.rows(), MOST_SHOWN) if row.number != skipped]
    first = replace(table, rows=lambda: iter(rows))
    try:
        return read_survey(first, request).spectra
    except CerussiteError as error:
        warnings.append(_reason(table, error))
        return None


def _reason(table: Table, error: Exception) -> str:
    return str(error).removeprefix(f"{table.path}: ")
