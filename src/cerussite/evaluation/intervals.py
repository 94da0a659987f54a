"""Conformal half-widths of prediction intervals, and what intervals cover."""

import math

import numpy as np

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray


def residuals_needed(level: float) -> int:
    """
    Fewest residuals from which :func:`conformal_half_width` reaches a level.

    Parameters
    ----------
    level : float
        Nominal coverage of an interval.

    Returns
    -------
    int
        Number of measured values of a response.

    Raises
    ------
    InvalidStudyError
        If the level is not between 0 and 1.

    Examples
    --------
    >>> residuals_needed(0.9), residuals_needed(0.95)
    (9, 19)
    """
    if not 0 < level < 1:
        msg = f"level {level:g}; expected a fraction between 0 and 1, such as 0.9"
        raise InvalidStudyError(msg)
    return max(1, math.ceil(round(level / (1 - level), 9)))


def conformal_half_width(residuals: FloatArray, *, level: float) -> FloatArray:
    r"""
    Half-width :math:`q` of the interval ``predicted`` :math:`\pm q`.

    :math:`q` is the :math:`\lceil (n + 1) \cdot level \rceil`-th smallest
    absolute residual. A new sample drawn like those of the residuals falls
    inside with at least the nominal probability, whatever the distribution of
    errors. Samples of a new site are not drawn like that: take residuals of
    folds that left whole sites out.

    Parameters
    ----------
    residuals : ndarray of shape (n_samples, n_responses)
        Observed minus predicted, each by a model that had not seen the sample
        (calibration folds), one a specimen; NaN where not measured.
    level : float
        Nominal coverage.

    Returns
    -------
    ndarray of shape (n_responses,)
        In the unit of each response; NaN where it was never measured.

    Raises
    ------
    InvalidStudyError
        If a response was measured, but too rarely for the level.

    Notes
    -----
    The guarantee holds for residuals of the very model that predicts. Residuals
    of cross-validation come from models with fewer samples than the final one;
    intervals are then about nominal, a little wide rather than narrow, and the
    bound that can be proven is ``1 - 2 (1 - level)`` for the related CV+ [2]_.
    All samples get one width, low and high concentrations alike.

    References
    ----------
    .. [1] Vovk, V., Gammerman, A. and Shafer, G. (2005). Algorithmic Learning in
       a Random World. Springer.
    .. [2] Barber, R. F., Candes, E. J., Ramdas, A. and Tibshirani, R. J. (2021).
       Predictive inference with the jackknife+. Annals of Statistics 49(1),
       486-507.

    Examples
    --------
    >>> import numpy as np
    >>> conformal_half_width(np.array([[-4.0], [1.0], [2.0]]), level=0.5)
    array([2.])
    """
    needed = residuals_needed(level)
    distances = np.sort(np.abs(residuals), axis=0)
    n_measured = np.count_nonzero(~np.isnan(distances), axis=0)
    few = np.flatnonzero((n_measured > 0) & (n_measured < needed))
    if few.size:
        msg = (
            f"{n_measured[few[0]]} residuals of response {few[0]}; expected at least "
            f"{needed} for intervals at level {level:g}: lower the level or measure "
            "more"
        )
        raise InvalidStudyError(msg)
    # Sorting puts NaN last; rounding keeps 0.55 * 100 from becoming the 56th.
    rank = np.ceil(np.round((n_measured + 1) * level, 9)).astype(np.intp)
    widths = np.full(residuals.shape[1], np.nan)
    known = np.flatnonzero(n_measured > 0)
    widths[known] = distances[rank[known] - 1, known]
    return widths


def coverage(y: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    """
    Fraction of measured values inside their intervals, limits included.

    Neither larger nor smaller is better: nearer to the nominal level is.

    Parameters
    ----------
    y : ndarray of shape (n_samples, n_responses)
        Observed values; NaN where not measured.
    lower, upper : ndarray of shape (n_samples, n_responses)
        Limits of the intervals.

    Returns
    -------
    ndarray of shape (n_responses,)
        Between 0 and 1; NaN where a response was never measured.

    Raises
    ------
    InvalidStudyError
        If shapes differ, or a measured value has no interval or one whose lower
        limit exceeds the upper.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.array([[1.0], [2.0], [3.0], [4.0]])
    >>> coverage(y, np.zeros((4, 1)), np.full((4, 1), 3.0))
    array([0.75])
    """
    if y.ndim != 2 or not y.shape == lower.shape == upper.shape:
        msg = (
            f"observed {y.shape}, lower {lower.shape} and upper limits {upper.shape}; "
            "expected one shape (n_samples, n_responses)"
        )
        raise InvalidStudyError(msg)
    is_measured = ~np.isnan(y)
    n_bad = int(np.count_nonzero(is_measured & ~(lower <= upper)))
    if n_bad:
        msg = (
            f"{n_bad} measured values have no interval or a lower limit above the "
            "upper; expected lower <= upper"
        )
        raise InvalidStudyError(msg)
    is_inside = is_measured & (lower <= y) & (y <= upper)
    with np.errstate(invalid="ignore"):
        return np.count_nonzero(is_inside, axis=0) / np.count_nonzero(
            is_measured, axis=0
        )
