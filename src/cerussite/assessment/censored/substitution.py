"""A number in place of each limit: only for those who ask for it."""

import numpy as np
from numpy.typing import ArrayLike

from cerussite.assessment.censored.checks import checked_cells
from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray


def substitute_limits(
    values: ArrayLike, is_censored: ArrayLike, *, fraction: float
) -> tuple[FloatArray, str]:
    """
    Put a fraction of its limit in place of each censored value, and say so.

    Substitution invents data: it can create differences and hide them [1]_. It is
    here because some regulations ask for it.

    Parameters
    ----------
    values : array_like
        Concentrations; where censored, the detection limit; NaN where not
        measured.
    is_censored : array_like of bool, same shape
        True where the concentration lies below the limit in ``values``.
    fraction : float
        Part of the limit, above 0 and at most 1; 0.5 is the most common.

    Returns
    -------
    tuple of (ndarray, str)
        Values in the shape given, and the sentence that the report must print.

    Raises
    ------
    InvalidStudyError
        If the fraction is not above 0 and at most 1.

    References
    ----------
    .. [1] Helsel, D. R. (2006). Fabricating data: how substituting values for
       nondetects can ruin results, and what can be done about it. Chemosphere
       65(11), 2434-2439.

    Examples
    --------
    >>> filled, note = substitute_limits([4.0, 6.0], [True, False], fraction=0.5)
    >>> filled
    array([2., 6.])
    >>> note
    '1 of 2 values lay below their detection limit and were set to 0.5 times the limit'
    """
    if not 0 < fraction <= 1:
        msg = (
            f"fraction: {fraction:g}; expected a part of the limit above 0 and up to 1"
        )
        raise InvalidStudyError(msg)
    checked, mask = checked_cells(values, is_censored)
    note = (
        f"{int(mask.sum())} of {int((~np.isnan(checked)).sum())} values lay below their "
        f"detection limit and were set to {fraction:g} times the limit"
    )
    return np.where(mask, fraction * checked, checked), note
