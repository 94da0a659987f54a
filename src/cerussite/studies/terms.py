"""Figures of single folds whose mean is the pooled figure, for honest intervals."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from cerussite.core.types import FloatArray, IntArray
from cerussite.evaluation import log_rmse_contributions, r2_contributions
from cerussite.studies.series import Series

_Terms: TypeAlias = Callable[[FloatArray, FloatArray, FloatArray, IntArray], FloatArray]


def fold_terms(series: Series, y: FloatArray, metric: str) -> FloatArray:
    """
    One term a fold and repeat; over the folds of a repeat they average to it.

    Figures pooled over a repeat have no spread inside the repeat, and repeats
    of the same samples resemble each other. Terms of folds give the
    differences that the corrected interval of Nadeau and Bengio needs.

    Parameters
    ----------
    series : Series
        Predictions of one method under one scheme.
    y : ndarray of shape (n_samples, n_responses)
        Observed values.
    metric : str
        One of :data:`TERMS`. ``r2`` and ``ccc`` are ratios to first order, for
        the spread of one method; ``r2_contributions`` are for the difference
        of two methods on the same folds.

    Returns
    -------
    ndarray of shape (n_splits, n_responses)
        In the order of the splits.
    """
    terms = np.full((len(series.splits), y.shape[1]), np.nan)
    for positions in series.repeats:
        rows, predicted, folds = series.pooled(positions)
        limits = series.pooled_limits(positions)
        terms[positions] = TERMS[metric](y[rows], predicted, limits, folds)
    return terms


def _sums(values: FloatArray, folds: IntArray) -> FloatArray:
    sums = np.zeros((int(folds.max()) + 1, values.shape[1]))
    np.add.at(sums, folds, np.nan_to_num(values, nan=0.0))
    return sums


def _shares(values: FloatArray, folds: IntArray) -> FloatArray:
    # Their mean over the folds is the mean of all values that are there.
    sums = _sums(values, folds)
    n_values = np.count_nonzero(~np.isnan(values), axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return len(sums) * sums / n_values


def _one_minus_ratio(
    upper: FloatArray, lower: FloatArray, folds: IntArray
) -> FloatArray:
    # 1 - sum(upper) / sum(lower) to first order: folds whose scatter is large
    # have large errors too, and the two make up for each other in the ratio.
    upper_sums, lower_sums = _sums(upper, folds), _sums(lower, folds)
    with np.errstate(invalid="ignore", divide="ignore"):
        total = lower_sums.sum(axis=0)
        ratio = upper_sums.sum(axis=0) / total
        deviations = upper_sums - ratio * lower_sums
        return 1.0 - ratio - len(lower_sums) * deviations / total


def _r2(
    y: FloatArray, predicted: FloatArray, _: FloatArray, folds: IntArray
) -> FloatArray:
    return _one_minus_ratio((y - predicted) ** 2, (y - _mean(y)) ** 2, folds)


def _ccc(
    y: FloatArray, predicted: FloatArray, _: FloatArray, folds: IntArray
) -> FloatArray:
    # CCC = 1 - SSE / D, with D the scatter of both and the distance of their means.
    seen = np.where(np.isnan(y), np.nan, predicted)
    means = _mean(y), _mean(seen)
    scatter = (y - means[0]) ** 2 + (seen - means[1]) ** 2 + (means[0] - means[1]) ** 2
    return _one_minus_ratio(
        (y - predicted) ** 2, np.where(np.isnan(y), np.nan, scatter), folds
    )


def _mean(values: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore"):
        return np.nansum(values, axis=0) / np.count_nonzero(~np.isnan(values), axis=0)


def _coverage(
    y: FloatArray, _: FloatArray, limits: FloatArray, folds: IntArray
) -> FloatArray:
    lower, upper = limits
    counts = ~np.isnan(y) & ~np.isnan(lower)
    return _shares(np.where(counts, (lower <= y) & (y <= upper), np.nan), folds)


#: Terms by what they average to.
TERMS: dict[str, _Terms] = {
    "log_rmse": lambda y, predicted, _, folds: log_rmse_contributions(
        y, predicted, folds
    ),
    "mae": lambda y, predicted, _, folds: _shares(np.abs(y - predicted), folds),
    "bias": lambda y, predicted, _, folds: _shares(predicted - y, folds),
    "r2": _r2,
    "r2_contributions": lambda y, predicted, _, folds: r2_contributions(
        y, predicted, folds
    ),
    "ccc": _ccc,
    "coverage": _coverage,
}
