"""What a calibration set must hold."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.utils.validation import check_array

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray, IntArray
from cerussite.evaluation import inner_folds

#: Rows without which neither folds nor a scale make sense.
MIN_ROWS = 5


def check_responses(y: Any) -> FloatArray:
    """
    Responses as numbers, NaN allowed, measured often enough to learn from.

    Parameters
    ----------
    y : array_like of shape (n_samples,) or (n_samples, n_responses)
        Responses; NaN where not measured.

    Returns
    -------
    ndarray of shape (n_samples,) or (n_samples, n_responses)
        In the shape given.

    Raises
    ------
    InvalidStudyError
        If a response was measured on fewer than :data:`MIN_ROWS` rows.
    """
    checked = check_array(
        y,
        dtype=np.float64,
        ensure_2d=False,
        ensure_all_finite="allow-nan",
        input_name="y",
    )
    n_measured = np.count_nonzero(~np.isnan(checked), axis=0)
    rare = np.flatnonzero(n_measured < MIN_ROWS)
    if rare.size:
        n_rare = np.atleast_1d(n_measured)[rare[0]]
        msg = (
            f"response {rare[0]} was measured on {n_rare} of {len(checked)} rows; "
            f"expected at least {MIN_ROWS}; leave the response out or analyse more "
            "samples"
        )
        raise InvalidStudyError(msg)
    return checked


def check_some(name: str, options: Sequence[Any]) -> None:
    """
    Refuse an empty list of options.

    Parameters
    ----------
    name : str
        Name of the parameter.
    options : sequence
        What was given.

    Raises
    ------
    InvalidStudyError
        If there are none.
    """
    if not options:
        msg = f"{name}: nothing named; expected at least one; leave it out for the default"
        raise InvalidStudyError(msg)


def measured_together(y: FloatArray) -> list[tuple[IntArray, IntArray]]:
    """
    Responses that were measured on the same rows.

    Parameters
    ----------
    y : ndarray of shape (n_samples, n_responses)
        Responses; NaN where not measured.

    Returns
    -------
    list of (ndarray, ndarray)
        Rows where measured, and the responses measured there.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.array([[1.0, np.nan, 3.0], [2.0, 5.0, 1.0]])
    >>> [(r.tolist(), c.tolist()) for r, c in measured_together(y)]
    [([1], [1]), ([0, 1], [0, 2])]
    """
    patterns, members = np.unique(~np.isnan(y.T), axis=0, return_inverse=True)
    return [
        (np.flatnonzero(pattern), np.flatnonzero(members == k))
        for k, pattern in enumerate(patterns)
    ]


def folds_of(
    groups: Sequence[Any] | None, rows: IntArray, *, n_folds: int, random_state: Any
) -> list[tuple[IntArray, IntArray]]:
    """
    Inner folds over some rows; as many as there are groups where those are fewer.

    Parameters
    ----------
    groups : sequence of n_samples labels, or None
        Labels that must not be split; None where rows are independent.
    rows : ndarray of int
        Positions of the rows in use.
    n_folds : int
        Number of folds wanted.
    random_state : int or Generator
        Who decides which group falls into which fold.

    Returns
    -------
    list of (ndarray, ndarray)
        Positions within ``rows`` to fit on and to choose on.

    Raises
    ------
    InvalidStudyError
        If all rows lie in one group.
    """
    labels = rows if groups is None else np.asarray(groups)[rows]
    n_groups = len(np.unique(labels))
    if n_groups < 2:
        msg = (
            f"the {len(rows)} rows where a response was measured lie in one group; "
            "expected at least two groups to choose settings on; give finer groups"
        )
        raise InvalidStudyError(msg)
    return inner_folds(
        labels, n_folds=min(n_folds, n_groups), random_state=random_state
    )
