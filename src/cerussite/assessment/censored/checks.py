"""What a censored sample must hold."""

import numpy as np
from numpy.typing import ArrayLike

from cerussite.core.errors import InvalidConcentrationError
from cerussite.core.types import BoolArray, FloatArray

#: Detected values that differ, without which no distribution can be fitted.
MIN_DETECTED = 3
#: Share of censored values above which no distribution is fitted: Helsel, D. R.
#: (2012). Statistics for Censored Environmental Data Using Minitab and R. Wiley.
MAX_CENSORED = 0.8


def checked_cells(
    values: ArrayLike, is_censored: ArrayLike
) -> tuple[FloatArray, BoolArray]:
    """
    Values and mask as arrays of one shape, every measured value positive.

    Parameters
    ----------
    values : array_like
        Concentrations, in one unit; where censored, the detection limit; NaN
        where not measured.
    is_censored : array_like of bool, same shape
        True where the concentration lies somewhere below the limit in ``values``.

    Returns
    -------
    tuple of (ndarray, ndarray of bool)
        In the shape given.

    Raises
    ------
    InvalidConcentrationError
        If shapes differ, the mask is not Boolean, a value is zero, negative or
        infinite, or a censored value has no limit.
    """
    checked = np.asarray(values, dtype=np.float64)
    mask = np.asarray(is_censored)
    if mask.dtype != np.bool_ or mask.shape != checked.shape:
        msg = (
            f"is_censored of type {mask.dtype} and shape {mask.shape} for values of "
            f"shape {checked.shape}; expected one True or False a value"
        )
        raise InvalidConcentrationError(msg)
    missing = np.isnan(checked)
    if (missing & mask).any():
        msg = (
            f"{int((missing & mask).sum())} censored values have no detection limit; "
            "expected the limit in values; look it up in the laboratory report"
        )
        raise InvalidConcentrationError(msg)
    bad = ~missing & ~(np.isfinite(checked) & (checked > 0))
    if bad.any():
        msg = (
            f"{int(bad.sum())} values are zero, negative or infinite (first: "
            f"{checked[bad][0]:g}); expected positive concentrations and limits; mark "
            "a value below its detection limit as censored and give the limit"
        )
        raise InvalidConcentrationError(msg)
    return checked, mask


def checked_sample(
    values: ArrayLike, is_censored: ArrayLike
) -> tuple[FloatArray, BoolArray]:
    """
    The measured values of one element, and which of them are censored.

    Parameters
    ----------
    values : array_like of shape (n_samples,)
        Concentrations or detection limits; NaN where not measured.
    is_censored : array_like of bool, shape (n_samples,)
        True where ``values`` holds a detection limit.

    Returns
    -------
    tuple of (ndarray, ndarray of bool)
        Of the measured samples.

    Raises
    ------
    InvalidConcentrationError
        If the values are not those of one element, or none was measured.
    """
    checked, mask = checked_cells(values, is_censored)
    if checked.ndim != 1:
        msg = f"values of shape {checked.shape}; expected those of one element (n_samples,)"
        raise InvalidConcentrationError(msg)
    measured = ~np.isnan(checked)
    if not measured.any():
        msg = f"none of {checked.size} values was measured; expected at least one"
        raise InvalidConcentrationError(msg)
    return checked[measured], mask[measured]


def unsupported(values: FloatArray, is_censored: BoolArray) -> str:
    """
    Why no distribution can be fitted to a sample.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        Measured concentrations or limits.
    is_censored : ndarray of bool, shape (n_samples,)
        True where ``values`` holds a limit.

    Returns
    -------
    str
        The reason; empty where a distribution can be fitted.

    Examples
    --------
    >>> import numpy as np
    >>> unsupported(np.array([1.0, 2.0, 2.0]), np.array([True, False, False]))
    '1 different detected values; a distribution needs at least 3'
    """
    n_different = len(np.unique(values[~is_censored]))
    if n_different < MIN_DETECTED:
        return (
            f"{n_different} different detected values; a distribution needs at least "
            f"{MIN_DETECTED}"
        )
    if is_censored.mean() > MAX_CENSORED:
        return (
            f"{100 * is_censored.mean():.0f} % of the values are censored; a "
            f"distribution is fitted up to {100 * MAX_CENSORED:.0f} %"
        )
    return ""
