"""A CSV file of a results folder, read and checked."""

from pathlib import Path

import pandas as pd

from cerussite.core.errors import UnreadableFileError

_TEXT = frozenset(
    {
        *("sample_id", "response", "method", "against", "scheme", "fold", "metric"),
        *("unit", "group", "verdict", "reason", "attribution", "feature"),
        *("constituent", "source_response", "through", "scale"),
    }
)


def read_table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """
    Read a table and refuse one that lacks columns or numbers.

    Parameters
    ----------
    path : Path
        A CSV file.
    columns : tuple of str
        Columns that it must have; others are kept.

    Returns
    -------
    DataFrame
        Columns of text are text, the others of ``columns`` numbers.

    Raises
    ------
    UnreadableFileError
        If the file is no table, or a column is missing or holds no numbers.
    """
    try:
        # Without `keep_default_na` a response called NA would turn into a gap.
        table = pd.read_csv(
            path,
            dtype=dict.fromkeys(_TEXT, "str"),
            keep_default_na=False,
            na_values={
                name: ["", "nan", "NaN"] for name in columns if name not in _TEXT
            },
        )
    except (ValueError, UnicodeDecodeError) as error:
        msg = f"{path}: is no table of comma-separated values ({error})"
        raise UnreadableFileError(msg) from error
    _check_columns(path, table, columns)
    return table


def _check_columns(path: Path, table: pd.DataFrame, columns: tuple[str, ...]) -> None:
    missing = [name for name in columns if name not in table]
    if missing:
        msg = (
            f"{path}: has no column {', '.join(missing)}; expected {', '.join(columns)}"
        )
        raise UnreadableFileError(msg)
    for name in columns:
        is_number = pd.api.types.is_numeric_dtype(table[name])
        if name not in _TEXT and len(table) and not is_number:
            bad = table[name][pd.to_numeric(table[name], errors="coerce").isna()]
            msg = f"{path}: column {name} holds {bad.dropna().iloc[0]!r}, not a number"
            raise UnreadableFileError(msg)
