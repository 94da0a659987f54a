"""Regression on order statistics for several detection limits."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from cerussite.assessment.censored.checks import checked_sample, unsupported
from cerussite.core.errors import InvalidConcentrationError
from cerussite.core.types import BoolArray, FloatArray, IntArray


def plotting_positions(values: FloatArray, is_censored: BoolArray) -> FloatArray:
    r"""
    Weibull plotting positions of a sample with several detection limits.

    With :math:`A_j` values detected from the limit :math:`j` up to the next,
    :math:`B_j` values below it, detected or not, and :math:`C_j` censored at it,
    the limit is exceeded with the probability
    :math:`P_j = P_{j+1} + (1 - P_{j+1}) A_j / (A_j + B_j)` [1]_. Detected values
    divide the room between two limits evenly, censored ones that below theirs.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        Concentrations, or limits where censored.
    is_censored : ndarray of bool, shape (n_samples,)
        True where ``values`` holds a limit.

    Returns
    -------
    ndarray of shape (n_samples,)
        Cumulative probabilities between 0 and 1, in the order of ``values``.

    References
    ----------
    .. [1] Helsel, D. R. and Cohn, T. A. (1988). Estimation of descriptive
       statistics for multiply censored water quality data. Water Resources
       Research 24(12), 1997-2004.

    Examples
    --------
    One limit, exceeded with probability 1/2:

    >>> values = np.array([2.0, 2.0, 3.0, 4.0])
    >>> plotting_positions(values, np.array([True, True, False, False])) * 6
    array([1., 2., 4., 5.])
    """
    # The room below the lowest limit belongs to no limit, and may be empty.
    limits = np.append(0.0, np.unique(values[is_censored]))
    room = np.searchsorted(limits, values, side="right") - 1
    exceeded = _exceedances(values, is_censored, limits, room)
    positions = np.empty(values.size)
    for j in range(limits.size):
        below, above = 1 - exceeded[j], exceeded[j] - exceeded[j + 1]
        hidden = np.flatnonzero(is_censored & (room == j))
        seen = np.flatnonzero(~is_censored & (room == j))
        positions[hidden] = below * _ranks(values[hidden]) / (hidden.size + 1)
        positions[seen] = below + above * _ranks(values[seen]) / (seen.size + 1)
    return positions


def _exceedances(
    values: FloatArray, is_censored: BoolArray, limits: FloatArray, room: IntArray
) -> FloatArray:
    exceeded = np.zeros(limits.size + 1)
    for j in range(limits.size - 1, 0, -1):
        lies_below = np.where(is_censored, values <= limits[j], values < limits[j])
        n_above = int(np.count_nonzero(~is_censored & (room == j)))
        n_below = int(np.count_nonzero(lies_below))
        share = n_above / (n_above + n_below)
        exceeded[j] = exceeded[j + 1] + (1 - exceeded[j + 1]) * share
    exceeded[0] = 1.0
    return exceeded


def _ranks(values: FloatArray) -> FloatArray:
    ranks = np.empty(values.size)
    ranks[np.argsort(values, kind="stable")] = np.arange(1, values.size + 1)
    return ranks


def regression_on_order_statistics(
    values: ArrayLike, is_censored: ArrayLike
) -> FloatArray:
    """
    The sample with censored values filled in from a line through the detected.

    Robust regression on order statistics [1]_, [2]_: logarithms of detected values
    are regressed on the normal quantiles of their plotting positions; censored
    values take what the line says at theirs. Statistics of the whole sample are
    meaningful, single filled-in values are not: which sample holds which is
    arbitrary.

    Parameters
    ----------
    values : array_like of shape (n_samples,)
        Concentrations; where censored, the detection limit; NaN where not
        measured.
    is_censored : array_like of bool, shape (n_samples,)
        True where the concentration lies below the limit in ``values``.

    Returns
    -------
    ndarray of shape (n_measured,)
        Detected values as they are and filled-in ones, in the order of the
        measured samples.

    Raises
    ------
    InvalidConcentrationError
        If more than 80 % of the values are censored, or fewer than three
        different values were detected.

    References
    ----------
    .. [1] Helsel, D. R. and Cohn, T. A. (1988). Water Resources Research 24(12),
       1997-2004.
    .. [2] Lee, L. and Helsel, D. (2005). Statistical analysis of water-quality data
       containing multiple detection limits: S-language software for regression on
       order statistics. Computers & Geosciences 31(10), 1241-1248.

    Examples
    --------
    Detected values stay; censored ones continue their line:

    >>> filled = regression_on_order_statistics(
    ...     [2.0, 2.0, 4.0, 8.0, 16.0], [True, True, False, False, False]
    ... )
    >>> filled[2:].tolist(), bool((filled[:2] < 2.0).all())
    ([4.0, 8.0, 16.0], True)
    """
    checked, mask = checked_sample(values, is_censored)
    if reason := unsupported(checked, mask):
        msg = f"{reason}; report how many values exceed the highest limit instead"
        raise InvalidConcentrationError(msg)
    return filled_in(checked, mask)


def filled_in(values: FloatArray, is_censored: BoolArray) -> FloatArray:
    """
    Censored values filled in, without checks.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        Positive concentrations or limits.
    is_censored : ndarray of bool, shape (n_samples,)
        True where ``values`` holds a limit; at least two different detected
        values.

    Returns
    -------
    ndarray of shape (n_samples,)
        In the order given.
    """
    if not is_censored.any():
        return values
    quantiles = ndtri(plotting_positions(values, is_censored))
    seen, logs = quantiles[~is_censored], np.log(values[~is_censored])
    centred = seen - seen.mean()
    slope = centred @ logs / (centred @ centred)
    line = np.exp(logs.mean() + slope * (quantiles - seen.mean()))
    return np.where(is_censored, line, values)
