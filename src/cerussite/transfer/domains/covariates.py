"""Numbers and labels of a table of covariates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray


@dataclass(frozen=True, eq=False)
class Covariates:
    """
    Covariates of some samples, by kind.

    Attributes
    ----------
    numbers : ndarray of shape (n_samples, n_numeric)
        NaN where missing.
    labels : ndarray of object, shape (n_samples, n_categorical)
        Text; None where missing.
    """

    numbers: FloatArray
    labels: NDArray[Any]


def split_covariates(X: Any, categorical: Sequence[str | int]) -> Covariates:
    """
    Numbers and labels of a table.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_samples, n_features)
        Covariates; NaN or None where missing.
    categorical : sequence of str or int
        Columns that hold categories: names in a DataFrame, positions in an array.

    Returns
    -------
    Covariates
        Columns in the order of ``X``.

    Raises
    ------
    InvalidStudyError
        If a categorical column is not there, or another holds text or infinite
        numbers; the message names the column.

    Examples
    --------
    >>> table = pd.DataFrame({"depth": [1.0, np.nan], "stratum": ["Bay", None]})
    >>> split_covariates(table, ["stratum"]).labels.tolist()
    [['Bay'], [None]]
    """
    table = X if isinstance(X, pd.DataFrame) else pd.DataFrame(X)
    absent = [name for name in categorical if name not in table.columns]
    if absent:
        known = ", ".join(map(str, table.columns))
        msg = f"categorical: no column {absent[0]!r}; expected one of {known}"
        raise InvalidStudyError(msg)
    numbers, labels = [], []
    for name in table.columns:
        if name in categorical:
            labels.append(_labels(table[name]))
        else:
            numbers.append(_numbers(table[name]))
    return Covariates(
        _stacked(numbers, len(table), np.float64), _stacked(labels, len(table), object)
    )


def _stacked(columns: list[NDArray[Any]], n: int, kind: Any) -> NDArray[Any]:
    stacked = np.empty((n, len(columns)), dtype=kind)
    for k, column in enumerate(columns):
        stacked[:, k] = column
    return stacked


def _numbers(column: pd.Series) -> FloatArray:
    try:
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        msg = (
            f"covariate {column.name!r} holds something other than numbers ({error}); "
            "expected numbers: declare it in categorical, or convert it"
        )
        raise InvalidStudyError(msg) from error
    if np.isinf(values).any():
        msg = (
            f"covariate {column.name!r} holds infinite numbers; expected finite ones, or "
            "NaN where missing"
        )
        raise InvalidStudyError(msg)
    return values


def _labels(column: pd.Series) -> NDArray[Any]:
    missing = column.isna().to_numpy()
    values = column.to_numpy(dtype=object)
    labels = [
        None if is_missing else _label(value)
        for is_missing, value in zip(missing, values, strict=True)
    ]
    return np.array(labels, dtype=object)


def _label(value: Any) -> str:
    # 3 and 3.0 are one category: a column with a missing value turns to floats.
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)
