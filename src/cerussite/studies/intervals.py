"""Prediction intervals from residuals that the predicted samples had no part in."""

from collections.abc import Iterator

import numpy as np

from cerussite.core.types import FloatArray, IntArray
from cerussite.evaluation import conformal_half_width, residuals_needed
from cerussite.studies.series import Series


def half_widths(
    series: Series, y: FloatArray, specimens: IntArray, *, level: float
) -> list[FloatArray]:
    """
    Half-width of the interval of each test set.

    Parameters
    ----------
    series : Series
        Predictions of one method under one scheme.
    y : ndarray of shape (n_samples, n_responses)
        Observed values.
    specimens : ndarray of shape (n_samples,)
        Labels of physical samples; the first row of each counts.
    level : float
        Nominal coverage.

    Returns
    -------
    list of ndarray of shape (n_responses,)
        One a split; NaN where residuals are too few for the level.
    """
    first = np.unique(specimens, return_index=True)[1]
    return [half_width(pool[first], level=level) for pool in residual_pools(series, y)]


def half_width(residuals: FloatArray, *, level: float) -> FloatArray:
    """
    Conformal half-width, or none where residuals are too few for the level.

    Parameters
    ----------
    residuals : ndarray of shape (n_specimens, n_responses)
        Observed minus predicted; NaN where there is none.
    level : float
        Nominal coverage.

    Returns
    -------
    ndarray of shape (n_responses,)
        In the unit of each response; NaN where there is none.
    """
    n_known = np.count_nonzero(~np.isnan(residuals), axis=0)
    is_enough = n_known >= residuals_needed(level)
    return conformal_half_width(np.where(is_enough, residuals, np.nan), level=level)


def residual_pools(series: Series, y: FloatArray) -> Iterator[FloatArray]:
    """
    Residuals of other samples for each split, one a sample.

    Where a repeat has several folds they are those of its other folds. Single
    splits take, for each sample outside the test set, the residual in the next
    repeat that has tested it.

    Parameters
    ----------
    series : Series
        Predictions of one method under one scheme.
    y : ndarray of shape (n_samples, n_responses)
        Observed values.

    Yields
    ------
    ndarray of shape (n_samples, n_responses)
        Observed minus predicted; NaN in the rows of the test set and where
        there is no residual.
    """
    repeat_of = {at: i for i, group in enumerate(series.repeats) for at in group}
    by_repeat = np.full((len(series.repeats), *y.shape), np.nan)
    for at, (split, predicted) in enumerate(
        zip(series.splits, series.predicted, strict=True)
    ):
        by_repeat[repeat_of[at], split.test] = y[split.test] - predicted
    for at, split in enumerate(series.splits):
        own = repeat_of[at]
        pool = by_repeat[own].copy()
        pool[split.test] = np.nan
        if len(series.repeats[own]) == 1:
            pool = _from_later_repeats(by_repeat, own)
            pool[split.test] = np.nan
        yield pool


def _from_later_repeats(by_repeat: FloatArray, own: int) -> FloatArray:
    # First residual of each sample in the repeats after this one, in a circle.
    pool = np.full(by_repeat.shape[1:], np.nan)
    for residuals in np.roll(by_repeat, -own - 1, axis=0)[:-1]:
        pool = np.where(np.isnan(pool), residuals, pool)
    return pool
