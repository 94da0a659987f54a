"""How sure a concentration is: detection limits, duplicates, signal to noise."""

import numpy as np

from cerussite.apportionment.receptor_data import Category
from cerussite.core.errors import InvalidConcentrationError
from cerussite.core.types import BoolArray, FloatArray

#: Mean signal to noise below which a species is bad, or weak (EPA PMF 5.0 guide).
BAD_BELOW, WEAK_BELOW = 0.5, 1.0
#: Standard deviations of a normal distribution in its median absolute deviation.
MEDIAN_ABSOLUTE_DEVIATION = 0.6744897501960817


def limit_uncertainties(
    concentrations: FloatArray,
    *,
    detection_limits: FloatArray,
    error_fractions: FloatArray,
) -> FloatArray:
    r"""
    Uncertainties from detection limits and relative errors, by the rule of EPA PMF.

    .. math:: U = \tfrac56 MDL \;(C \le MDL), \quad
       U = \sqrt{(EF \cdot C)^2 + (MDL/2)^2} \;(C > MDL)

    Parameters
    ----------
    concentrations : ndarray of shape (n_samples, n_species)
        In the unit of the limits; NaN where missing.
    detection_limits : array_like of shape (n_species,)
        Method detection limits, above zero.
    error_fractions : array_like of shape (n_species,)
        Relative standard deviation of an analysis, such as 0.1.

    Returns
    -------
    ndarray of shape (n_samples, n_species)
        In the unit of the concentrations; NaN where missing.

    Raises
    ------
    InvalidConcentrationError
        If a limit is not above zero or a fraction is negative.

    References
    ----------
    .. [1] Norris, G. et al. (2014). EPA Positive Matrix Factorization (PMF) 5.0
       Fundamentals and User Guide. EPA/600/R-14/108, equations 5-1 and 5-2.

    Examples
    --------
    >>> import numpy as np
    >>> limit_uncertainties(
    ...     np.array([[6.0], [40.0]]), detection_limits=[6.0], error_fractions=[0.1]
    ... )
    array([[5.],
           [5.]])
    """
    limits = np.asarray(detection_limits, dtype=float)
    fractions = np.asarray(error_fractions, dtype=float)
    if not ((limits > 0).all() and (fractions >= 0).all()):
        msg = (
            f"detection limits down to {limits.min():g} and error fractions down to "
            f"{fractions.min():g}; expected limits above zero and fractions not below"
        )
        raise InvalidConcentrationError(msg)
    above = np.hypot(fractions * concentrations, limits / 2)
    found = np.where(concentrations <= limits, 5 / 6 * limits, above)
    return np.where(np.isnan(concentrations), np.nan, found)


def halved_where_censored(
    concentrations: FloatArray, is_censored: BoolArray
) -> FloatArray:
    """
    Concentrations with half the detection limit where the value lies below it.

    Goes with :func:`limit_uncertainties`, whose five sixths of the limit make
    the substitution count for little.

    Parameters
    ----------
    concentrations : ndarray of shape (n_samples, n_species)
        Values; the detection limit where censored.
    is_censored : ndarray of bool, shape (n_samples, n_species)
        True below the limit.

    Returns
    -------
    ndarray of shape (n_samples, n_species)
        In the same unit.

    References
    ----------
    .. [1] Polissar, A. V. et al. (1998). Atmospheric aerosol over Alaska: 2.
       Elemental composition and sources. Journal of Geophysical Research
       103(D15), 19045-19057.

    Examples
    --------
    >>> import numpy as np
    >>> halved_where_censored(np.array([[3.0, 4.0]]), np.array([[True, False]]))
    array([[1.5, 4. ]])
    """
    return np.where(is_censored, concentrations / 2, concentrations)


def duplicate_error_fractions(
    first: FloatArray, second: FloatArray, *, detection_limits: FloatArray | None = None
) -> FloatArray:
    r"""
    Relative standard deviation of each species from duplicates.

    With relative differences :math:`d = 2 (a - b) / (a + b)`, the median of
    :math:`|d|` over 0.6745 and the root of two: field duplicates give the error
    of sampling and analysis together, analytical duplicates that of analysis.

    Parameters
    ----------
    first, second : ndarray of shape (n_pairs, n_species)
        The two determinations; NaN where one is missing.
    detection_limits : array_like of shape (n_species,), optional
        Pairs with a value at or below the limit tell nothing and are left out.

    Returns
    -------
    ndarray of shape (n_species,)
        Dimensionless, such as 0.1; zero where more than half of the pairs are
        equal, as rounded values are: add a detection limit then.

    Raises
    ------
    InvalidConcentrationError
        If a species has fewer than three pairs.

    Notes
    -----
    The median keeps a mixed-up pair from setting the error of all; the mean
    square of [1]_ would be 1.5 times larger for one such pair in ten.

    References
    ----------
    .. [1] Hyslop, N. P. and White, W. H. (2009). Estimating precision using
       duplicate measurements. Journal of the Air and Waste Management
       Association 59(9), 1032-1039.

    Examples
    --------
    >>> import numpy as np
    >>> found = duplicate_error_fractions(
    ...     np.array([[9.0], [18.0], [11.0]]), np.array([[11.0], [22.0], [9.0]])
    ... )
    >>> bool(np.isclose(found[0], 0.2 / 0.6744897501960817 / 2**0.5))
    True
    """
    limits = 0.0 if detection_limits is None else np.asarray(detection_limits)
    is_pair = (first > limits) & (second > limits)
    n_pairs = is_pair.sum(axis=0)
    if n_pairs.min() < 3:
        msg = (
            f"species {int(n_pairs.argmin())} has {int(n_pairs.min())} pairs of values "
            "above the limit; expected at least three: give its error fraction yourself"
        )
        raise InvalidConcentrationError(msg)
    pairs = np.where(is_pair, first, np.nan), np.where(is_pair, second, np.nan)
    relative = 2 * np.abs(pairs[0] - pairs[1]) / (pairs[0] + pairs[1])
    median = np.nanmedian(relative, axis=0)
    return median / MEDIAN_ABSOLUTE_DEVIATION / np.sqrt(2)


def signal_to_noise(
    concentrations: FloatArray, uncertainties: FloatArray
) -> FloatArray:
    r"""
    Mean of :math:`(C - U) / U` where the concentration exceeds its uncertainty.

    Values below their uncertainty count as zero.

    Parameters
    ----------
    concentrations : ndarray of shape (n_samples, n_species)
        NaN where missing.
    uncertainties : ndarray of shape (n_samples, n_species)
        In the same unit.

    Returns
    -------
    ndarray of shape (n_species,)
        Dimensionless; larger is better.

    References
    ----------
    .. [1] Norris, G. et al. (2014). EPA Positive Matrix Factorization (PMF) 5.0
       Fundamentals and User Guide. EPA/600/R-14/108, equations 5-3 and 5-4.

    Examples
    --------
    >>> import numpy as np
    >>> signal_to_noise(np.array([[3.0], [0.5]]), np.array([[1.0], [1.0]]))
    array([1.])
    """
    excess = np.maximum(concentrations / uncertainties - 1, 0.0)
    return np.nanmean(np.where(np.isnan(concentrations), np.nan, excess), axis=0)


def signal_categories(ratios: FloatArray) -> tuple[Category, ...]:
    """
    Categories that EPA PMF 5.0 suggests for signal to noise ratios.

    Parameters
    ----------
    ratios : array_like of shape (n_species,)
        As from :func:`signal_to_noise`.

    Returns
    -------
    tuple of {"strong", "weak", "bad"}
        One a species: bad below 0.5, weak below 1.

    Examples
    --------
    >>> signal_categories([0.4, 0.5, 1.0])
    ('bad', 'weak', 'strong')
    """
    return tuple(
        "bad" if ratio < BAD_BELOW else "weak" if ratio < WEAK_BELOW else "strong"
        for ratio in np.asarray(ratios, dtype=float)
    )
