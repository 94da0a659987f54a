"""Tables of EPA PMF 5: what goes in, and what came out, for comparison."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from cerussite.core.errors import UnreadableFileError
from cerussite.core.types import FloatArray
from cerussite.readers.cells import is_missing, parse_number
from cerussite.readers.delimited import open_delimited
from cerussite.readers.rows import Row
from cerussite.readers.workbook import open_workbook

#: EPA PMF writes and reads this where a value is missing.
MISSING_CODE = -999.0


@dataclass(frozen=True, eq=False)
class PmfTables:
    """
    Concentrations and uncertainties as EPA PMF takes them.

    Attributes
    ----------
    concentrations, uncertainties : ndarray of shape (n_samples, n_species)
        In the units of the file; NaN where missing.
    species : tuple of str
        Names of the columns.
    sample_ids : tuple of str
        Site, date or what else names a row; joined by a space.
    """

    concentrations: FloatArray
    uncertainties: FloatArray
    species: tuple[str, ...]
    sample_ids: tuple[str, ...]


def read_pmf_workbook(
    path: Path | str,
    *,
    id_columns: Sequence[str],
    sheets: tuple[str, str] = ("Conc", "Unc"),
) -> PmfTables:
    """
    Concentrations and uncertainties from two sheets of a workbook.

    Parameters
    ----------
    path : Path or str
        XLSX file; save older XLS files as XLSX first.
    id_columns : sequence of str
        Columns that name a sample, such as ``["Site", "Date"]``.
    sheets : tuple of two str
        Names of the sheets.

    Returns
    -------
    PmfTables
        Rows in the order of the file; empty cells and -999 are missing.
    """
    path = Path(path)
    tables = [
        _table(
            list(open_workbook(path, sheet).iterate()), id_columns, f"{path}: {sheet}"
        )
        for sheet in sheets
    ]
    return _matched(*tables, where=str(path))


def read_pmf_files(
    concentrations: Path | str, uncertainties: Path | str, *, id_columns: Sequence[str]
) -> PmfTables:
    """
    Concentrations and uncertainties from two text files.

    Parameters
    ----------
    concentrations, uncertainties : Path or str
        Delimited text with the same columns and rows.
    id_columns : sequence of str
        Columns that name a sample, such as ``["Date"]``.

    Returns
    -------
    PmfTables
        Rows in the order of the files; empty cells and -999 are missing.
    """
    tables = [
        _table(list(open_delimited(Path(path)).iterate()), id_columns, str(path))
        for path in (concentrations, uncertainties)
    ]
    return _matched(*tables, where=f"{concentrations} and {uncertainties}")


def read_pmf_profiles(path: Path | str) -> pd.DataFrame:
    """
    Factor profiles that EPA PMF 5 wrote.

    Parameters
    ----------
    path : Path or str
        ``*_base.xlsx`` or ``*_Constrained.xlsx``.

    Returns
    -------
    DataFrame
        Row a species, column a factor; concentration of the species at the mean
        contribution, the first of the three blocks of the sheet.
    """
    return _block(Path(path), "Profiles", "factor profiles")


def read_pmf_contributions(path: Path | str) -> pd.DataFrame:
    """
    Factor contributions that EPA PMF 5 wrote.

    Parameters
    ----------
    path : Path or str
        ``*_base.xlsx`` or ``*_Constrained.xlsx``.

    Returns
    -------
    DataFrame
        Row a sample, column a factor; normalised to mean one, the first block of
        the sheet. NaN where the file says -999.
    """
    return _block(Path(path), "Contributions", "factor contributions")


def _table(rows: list[Row], id_columns: Sequence[str], where: str) -> pd.DataFrame:
    if not rows:
        msg = f"{where}: no rows; expected a header and samples"
        raise UnreadableFileError(msg)
    header = [name.strip() for name in rows[0].cells]
    unknown = [name for name in id_columns if name not in header]
    if unknown or not id_columns:
        msg = (
            f"{where}: no column {', '.join(unknown) or 'that names samples'}; expected "
            f"some of {', '.join(header[:8])} (id_columns)"
        )
        raise UnreadableFileError(msg)
    at = [header.index(name) for name in id_columns]
    kept = [column for column, name in enumerate(header) if name and column not in at]
    names = [" ".join(_cell(row, column) for column in at) for row in rows[1:]]
    values = [
        [_number(row, column, header[column], where) for column in kept]
        for row in rows[1:]
    ]
    return pd.DataFrame(values, index=names, columns=[header[each] for each in kept])


def _number(row: Row, column: int, name: str, where: str) -> float:
    text = _cell(row, column)
    if is_missing(text):
        return np.nan
    try:
        value = parse_number(text)
    except ValueError as error:
        msg = f"{where}: {name} in row {row.number} is {text!r}; expected a number"
        raise UnreadableFileError(msg) from error
    return np.nan if value == MISSING_CODE else value


def _cell(row: Row, column: int) -> str:
    """Content of a cell; rows of a workbook may be short."""
    return row.cells[column].strip() if column < len(row.cells) else ""


def _matched(
    concentrations: pd.DataFrame, uncertainties: pd.DataFrame, *, where: str
) -> PmfTables:
    for mine, other, what in (
        (concentrations.columns, uncertainties.columns, "species"),
        (concentrations.index, uncertainties.index, "samples"),
    ):
        if list(mine) != list(other):
            apart = sorted(set(mine) ^ set(other))
            msg = (
                f"{where}: {what} of concentrations and uncertainties differ "
                f"({', '.join(map(str, apart[:5])) or 'in their order'}); expected the "
                "same in the same order"
            )
            raise UnreadableFileError(msg)
    return PmfTables(
        concentrations.to_numpy(dtype=float),
        uncertainties.to_numpy(dtype=float),
        tuple(concentrations.columns),
        tuple(map(str, concentrations.index)),
    )


def _block(path: Path, sheet: str, title: str) -> pd.DataFrame:
    """First titled block: a row of factor names, then a label and numbers a row."""
    rows = list(open_workbook(path, sheet).iterate())
    starts = [at for at, row in enumerate(rows) if title in _cell(row, 0).lower()]
    if not starts:
        msg = (
            f"{path}: no {title!r} in column A of sheet {sheet!r}; expected a result "
            "workbook of EPA PMF 5"
        )
        raise UnreadableFileError(msg)
    stop = starts[1] if len(starts) > 1 else len(rows)
    block = rows[starts[0] + 1 : stop]
    factors = (
        [cell.strip() for cell in block[0].cells[2:] if cell.strip()] if block else []
    )
    body = [row for row in block[1:] if _cell(row, 1)]
    if not factors or not body:
        msg = (
            f"{path}: sheet {sheet!r} has {len(factors)} factors and {len(body)} rows "
            f"below {title!r}; expected factor names from column C and labels in B"
        )
        raise UnreadableFileError(msg)
    where = f"{path}: {sheet}"
    values = [
        [_number(row, at + 2, factor, where) for at, factor in enumerate(factors)]
        for row in body
    ]
    labels = [_cell(row, 1) for row in body]
    return pd.DataFrame(values, index=labels, columns=factors)
