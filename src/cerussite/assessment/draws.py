"""Draws of an index: intervals, and the probability that a bound is exceeded."""

import numpy as np

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray


def interval_of_draws(
    draws: FloatArray, *, level: float = 0.9
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """
    Median and interval of draws.

    Quantiles are order statistics: one of the draws, not a mean of two. They
    therefore follow every increasing transform, and the interval of an index
    that rises with the concentration is the index of its interval.

    Parameters
    ----------
    draws : ndarray of shape (n_draws, ...)
        Draws in any unit; NaN in all draws where nothing was measured.
    level : float
        Probability inside the interval, the rest shared by both sides.

    Returns
    -------
    tuple of (ndarray, ndarray, ndarray), each of shape (...)
        Lower end, median and upper end in the unit of the draws.

    Raises
    ------
    InvalidStudyError
        If the level is not between 0 and 1, or there is no draw.

    References
    ----------
    .. [1] Hyndman, R. J. and Fan, Y. (1996). Sample quantiles in statistical
       packages. The American Statistician 50(4), 361-365, definition 1.

    Examples
    --------
    >>> import numpy as np
    >>> draws = np.arange(1.0, 101.0)[:, np.newaxis]
    >>> interval_of_draws(draws, level=0.9)
    (array([5.]), array([50.]), array([95.]))
    """
    if not 0 < level < 1 or draws.ndim < 1 or not len(draws):
        msg = f"interval at level {level:g} of {draws.shape} draws; expected 0 < level < 1"
        raise InvalidStudyError(msg)
    shares = np.array([(1 - level) / 2, 0.5, (1 + level) / 2])
    # 1e-9 keeps 0.95 * 100 at position 95 whatever the last bit says.
    at = np.maximum(np.ceil(shares * len(draws) - 1e-9).astype(int) - 1, 0)
    last = np.ascontiguousarray(np.moveaxis(draws, 0, -1))
    # Sorting doubles is vectorised and overtakes a partition at three places.
    ordered = np.sort(last, axis=-1)
    lower, median, upper = (ordered[..., position] for position in at)
    return lower, median, upper


def probability_above(draws: FloatArray, bound: FloatArray | float) -> FloatArray:
    """
    Share of draws above a bound: P(index > bound) or P(C > guideline).

    Parameters
    ----------
    draws : ndarray of shape (n_draws, ...)
        Draws of an index or of concentrations; NaN in all draws where nothing
        was measured.
    bound : float or ndarray that broadcasts to shape (...)
        Bound in the unit of the draws.

    Returns
    -------
    ndarray of shape (...)
        Probability; NaN where nothing was measured.

    Examples
    --------
    >>> import numpy as np
    >>> probability_above(np.array([[0.5], [1.5], [2.5], [3.5]]), 1.0)
    array([0.75])
    """
    share = np.count_nonzero(draws > bound, axis=0) / len(draws)
    return np.where(np.isnan(draws[0]), np.nan, share)
