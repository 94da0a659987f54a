"""Prediction intervals from errors that the predicted samples had no part in."""

from collections.abc import Iterator

import numpy as np

from cerussite.core.types import FloatArray, IntArray
from cerussite.evaluation import ErrorModel, learn_error_model
from cerussite.studies.series import Series


def limits_of(
    series: Series,
    y: FloatArray,
    specimens: IntArray,
    *,
    level: float,
    groups: np.ndarray | None = None,
) -> list[FloatArray]:
    """
    Limits of the predictions of each test set.

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
    groups : ndarray of shape (n_samples,) or None
        Sites that the folds of the scheme leave out whole.

    Returns
    -------
    list of ndarray of shape (2, n_test, n_responses)
        Lower and upper limits, one array a split; NaN where residuals are too
        few for the level.
    """
    limits = []
    pools = left_out_pools(series, len(y))
    for pool, predicted in zip(pools, series.predicted, strict=True):
        errors = error_model(pool, y, specimens, level=level, groups=groups)
        limits.append(np.stack(errors.intervals(predicted, level=level)))
    return limits


def error_model(
    predicted: FloatArray,
    y: FloatArray,
    specimens: IntArray,
    *,
    level: float,
    groups: np.ndarray | None,
) -> ErrorModel:
    """
    Errors of left-out specimens, each counted once.

    Parameters
    ----------
    predicted : ndarray of shape (n_samples, n_responses)
        Predictions by models that had not seen the sample; NaN where there is
        none.
    y : ndarray of shape (n_samples, n_responses)
        Observed values.
    specimens : ndarray of shape (n_samples,)
        Labels of physical samples; the first row of each counts.
    level : float
        Nominal coverage.
    groups : ndarray of shape (n_samples,) or None
        Sites that the models had not seen either.

    Returns
    -------
    ErrorModel
        For the predictions of other samples.
    """
    first = np.unique(specimens, return_index=True)[1]
    return learn_error_model(
        y[first],
        predicted[first],
        level=level,
        groups=None if groups is None else groups[first],
    )


def left_out_pools(series: Series, n_samples: int) -> Iterator[FloatArray]:
    """
    Predictions of left-out samples that speak for each split, one a sample.

    Where a repeat has several folds they are those of its other folds. Single
    splits take, for each sample outside the test set, the prediction in the
    next repeat that has tested it.

    Parameters
    ----------
    series : Series
        Predictions of one method under one scheme.
    n_samples : int
        Number of samples of the target.

    Yields
    ------
    ndarray of shape (n_samples, n_responses)
        Predictions; NaN in the rows of the test set and where there is none.
    """
    predicted = by_repeat(series, n_samples)
    for own, positions in enumerate(series.repeats):
        for at in positions:
            pool = predicted[own].copy()
            if len(positions) == 1:
                pool = first_known(np.roll(predicted, -own - 1, axis=0)[:-1])
            pool[series.splits[at].test] = np.nan
            yield pool


def by_repeat(series: Series, n_samples: int) -> FloatArray:
    """
    Predictions of each repeat in the order of the samples.

    Parameters
    ----------
    series : Series
        Predictions of one method under one scheme.
    n_samples : int
        Number of samples of the target.

    Returns
    -------
    ndarray of shape (n_repeats, n_samples, n_responses)
        NaN where a repeat has not tested a sample.
    """
    shape = (len(series.repeats), n_samples, series.predicted[0].shape[1])
    found = np.full(shape, np.nan)
    for repeat, positions in enumerate(series.repeats):
        for at in positions:
            found[repeat, series.splits[at].test] = series.predicted[at]
    return found


def first_known(predicted: FloatArray) -> FloatArray:
    """
    First prediction of each sample over repeats.

    Parameters
    ----------
    predicted : ndarray of shape (n_repeats, n_samples, n_responses)
        Predictions; NaN where a repeat has not tested a sample.

    Returns
    -------
    ndarray of shape (n_samples, n_responses)
        NaN where no repeat has.
    """
    pool = np.full(predicted.shape[1:], np.nan)
    for one in predicted:
        pool = np.where(np.isnan(pool), one, pool)
    return pool
