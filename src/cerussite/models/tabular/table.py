"""What a table of covariates is, and how it is checked."""

from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype
from sklearn.utils.validation import validate_data

from cerussite.core.errors import InvalidStudyError
from cerussite.models.checks import MIN_ROWS


def check_table(estimator: Any, X: Any, *, reset: bool) -> pd.DataFrame:
    """
    Covariates as a data frame of numbers and text, NaN allowed.

    Parameters
    ----------
    estimator : object
        Learns, or compares, the number and the names of the columns.
    X : DataFrame or array_like of shape (n_samples, n_features)
        Numbers, truth values, categories or text; NaN where not known.
    reset : bool
        Whether the columns are learnt (in ``fit``) or compared (in ``predict``).

    Returns
    -------
    DataFrame
        Numbers as 64-bit floats, all else as text with None where not known.

    Raises
    ------
    InvalidStudyError
        If a column is neither numbers nor text, a number is infinite, or there
        are too few rows to learn from.
    """
    least = MIN_ROWS if reset else 1
    if not isinstance(X, pd.DataFrame):
        values = validate_data(
            estimator,
            X,
            reset=reset,
            dtype=np.float64,
            ensure_all_finite="allow-nan",
            ensure_min_samples=least,
        )
        return pd.DataFrame(values)
    validate_data(estimator, X, reset=reset, skip_check_array=True)
    if len(X) < least or not X.shape[1]:
        msg = (
            f"a table of {len(X)} samples and {X.shape[1]} feature(s) "
            f"(shape={X.shape}) while a minimum of {least} samples and 1 feature is "
            "required; give more rows or columns"
        )
        raise InvalidStudyError(msg)
    columns = {k: _column(X.iloc[:, k], name) for k, name in enumerate(X.columns)}
    table = pd.DataFrame(columns, index=pd.RangeIndex(len(X)))
    return table.set_axis(X.columns, axis="columns")


def is_text(column: pd.Series) -> bool:
    """
    Whether a checked column holds text.

    Parameters
    ----------
    column : Series
        Of a table that :func:`check_table` returned.

    Returns
    -------
    bool
        False for numbers.
    """
    return not is_numeric_dtype(column.dtype)


def positions_of(table: pd.DataFrame, names: Any, *, what: str) -> list[int]:
    """
    Where named columns stand.

    Parameters
    ----------
    table : DataFrame
        Covariates.
    names : sequence of str or int
        Names of columns; positions where the table has no names.
    what : str
        What they are, for the message.

    Returns
    -------
    list of int
        Positions in the order of ``names``.

    Raises
    ------
    InvalidStudyError
        If one is missing, or named twice.

    Examples
    --------
    >>> positions_of(pd.DataFrame({"a": [1.0], "b": [2.0]}), ["b"], what="drift")
    [1]
    """
    names = list(names)
    missing = [name for name in names if name not in table.columns]
    if missing or len(set(names)) < len(names):
        known = ", ".join(map(str, table.columns[:12]))
        msg = (
            f"{what}: {names} with {missing} not in the table; expected different "
            f"columns among {known}"
        )
        raise InvalidStudyError(msg)
    at = {name: k for k, name in enumerate(table.columns)}
    return [at[name] for name in names]


def _column(column: pd.Series, name: object) -> pd.Series:
    """Floats, or text as objects with None where not known; refuses all else."""
    column = column.reset_index(drop=True)
    if is_numeric_dtype(column.dtype) or is_bool_dtype(column.dtype):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        n_infinite = int(np.isinf(values).sum())
        if n_infinite:
            msg = (
                f"column {name!r}: {n_infinite} infinite values (inf); expected finite "
                "numbers, NaN where not known"
            )
            raise InvalidStudyError(msg)
        return pd.Series(values)
    known = column.notna().to_numpy()
    values = column.astype(object).to_numpy(copy=True)
    odd = [value for value in values[known] if not isinstance(value, str)]
    if odd:
        msg = (
            f"column {name!r} holds {odd[0]!r}; argument must be a string or a "
            "number; convert dates and mixed columns first"
        )
        raise InvalidStudyError(msg)
    values[~known] = None
    # As objects, for pandas would make text of one length out of it.
    return pd.Series(values).astype(object)
