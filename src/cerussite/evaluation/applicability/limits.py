"""Limits that new samples from the same population rarely exceed."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy import stats

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray


def hotelling_limit(*, n_calibration: int, n_components: int, level: float) -> float:
    r"""
    Limit of Hotelling's T² for samples that the calibration has not seen.

    .. math:: \frac{A (n^2 - 1)}{n (n - A)} F_{level}(A, n - A)

    Exact for normal scores on fixed axes with variances estimated from the
    calibration. Axes chosen for their large variance make T² of new samples a
    little smaller, heavy tails make it larger: :func:`ranked_limit` of left-out
    values knows both.

    Parameters
    ----------
    n_calibration : int
        Calibration samples :math:`n`.
    n_components : int
        Principal components :math:`A`, fewer than samples.
    level : float
        Share of new samples within.

    Returns
    -------
    float
        Dimensionless.

    Raises
    ------
    InvalidStudyError
        If there are no components, or no more samples than components, or the
        level is no fraction.

    References
    ----------
    .. [1] Tracy, N. D., Young, J. C. and Mason, R. L. (1992). Multivariate control
       charts for individual observations. Journal of Quality Technology 24(2),
       88-95.

    Examples
    --------
    >>> round(hotelling_limit(n_calibration=20, n_components=1, level=0.95), 4)
    4.5998
    """
    if msg := _impossible(n_calibration, n_components) or no_fraction(level):
        raise InvalidStudyError(msg)
    rest = n_calibration - n_components
    factor = n_components * (n_calibration**2 - 1) / (n_calibration * rest)
    return float(factor * stats.f.ppf(level, n_components, rest))


@dataclass(frozen=True)
class ResidualMoments:
    r"""
    Sums of powers of the eigenvalues of a residual covariance.

    Attributes
    ----------
    first, second, third : float
        :math:`\theta_k = \sum_j \lambda_j^k` for k = 1, 2, 3, over the
        eigenvalues that the components leave.
    """

    first: float
    second: float
    third: float

    @classmethod
    def of_eigenvalues(cls, eigenvalues: FloatArray) -> Self:
        """
        Moments of known eigenvalues.

        Parameters
        ----------
        eigenvalues : ndarray of shape (n_residual,)
            Variances along the directions left to the residual.

        Returns
        -------
        ResidualMoments
            Their sums of powers.

        Examples
        --------
        >>> import numpy as np
        >>> ResidualMoments.of_eigenvalues(np.array([2.0, 1.0]))
        ResidualMoments(first=3.0, second=5.0, third=9.0)
        """
        return cls(*(float((eigenvalues**k).sum()) for k in (1, 2, 3)))

    @classmethod
    def of_residuals(cls, residuals: FloatArray) -> Self:
        r"""
        Moments without bias, from residuals of samples left out of the fit.

        Eigenvalues of a sample covariance spread: with hundreds of bands and a
        hundred samples their :math:`\theta_2` is about
        :math:`\theta_1^2 / n` too large. Products of *different* samples have no
        such bias: :math:`\theta_2` is the mean of :math:`(e_i^\top e_j)^2` and
        :math:`\theta_3` that of
        :math:`e_i^\top e_j \, e_j^\top e_k \, e_k^\top e_i`.

        Parameters
        ----------
        residuals : ndarray of shape (n_samples, n_wavelengths)
            Residuals with expectation zero, each from components fitted
            without the sample.

        Returns
        -------
        ResidualMoments
            Estimates; the second and third may be negative by chance where
            there are very few samples.

        Raises
        ------
        InvalidStudyError
            If there are fewer than three samples.

        References
        ----------
        .. [1] Chen, S. X., Zhang, L.-X. and Zhong, P.-S. (2010). Tests for
           high-dimensional covariance matrices. Journal of the American
           Statistical Association 105(490), 810-819.
        """
        n = len(residuals)
        if n < 3:
            msg = f"residuals of {n} samples; expected at least 3 different ones"
            raise InvalidStudyError(msg)
        products = residuals @ residuals.T
        first = float(np.trace(products)) / n
        np.fill_diagonal(products, 0.0)
        pairs, triples = n * (n - 1), n * (n - 1) * (n - 2)
        squared = products @ products
        third = float((squared * products).sum()) / triples
        return cls(first, float(np.trace(squared)) / pairs, third)


def box_limit(moments: ResidualMoments, *, level: float) -> float:
    r"""
    Limit of the squared residual norm Q by a scaled chi-squared distribution.

    .. math:: g \, \chi^2_{level}(h), \quad g = \theta_2 / \theta_1, \quad
              h = \theta_1^2 / \theta_2

    Parameters
    ----------
    moments : ResidualMoments
        Of normal residuals.
    level : float
        Share of new samples within.

    Returns
    -------
    float
        In the squared unit of the residuals.

    Raises
    ------
    InvalidStudyError
        If a moment is not positive or the level is no fraction.

    References
    ----------
    .. [1] Box, G. E. P. (1954). Some theorems on quadratic forms applied in the
       study of analysis of variance problems, I. Annals of Mathematical
       Statistics 25(2), 290-302.

    Examples
    --------
    >>> import numpy as np
    >>> moments = ResidualMoments.of_eigenvalues(np.array([9, 4, 1, 0.25, 0.04]))
    >>> round(box_limit(moments, level=0.95), 1)
    42.2
    """
    if msg := _senseless(moments, level):
        raise InvalidStudyError(msg)
    scale = moments.second / moments.first
    freedom = moments.first**2 / moments.second
    return float(scale * stats.chi2.ppf(level, freedom))


def jackson_mudholkar_limit(moments: ResidualMoments, *, level: float) -> float:
    r"""
    Limit of the squared residual norm Q by a power that is nearly normal.

    .. math:: \theta_1 \left[ 1 + h_0 \left( \frac{z \sqrt{2 \theta_2}}{\theta_1}
              + \frac{\theta_2 (h_0 - 1)}{\theta_1^2} \right) \right]^{1 / h_0},
              \quad h_0 = 1 - \frac{2 \theta_1 \theta_3}{3 \theta_2^2}

    Good where a few eigenvalues of similar size remain. Where one large
    eigenvalue stands on a long flat tail (hundreds of noisy bands) :math:`h_0`
    turns negative and the limit is too high; :func:`box_limit` holds better.

    Parameters
    ----------
    moments : ResidualMoments
        Of normal residuals.
    level : float
        Share of new samples within.

    Returns
    -------
    float
        In the squared unit of the residuals.

    Raises
    ------
    InvalidStudyError
        If a moment is not positive, the level is no fraction, or the power is
        so negative that the approximation has no value.

    Notes
    -----
    For negative :math:`h_0` the paper takes the lower normal quantile; written
    with the sign of :math:`h_0` taken out of its square root, as here, one
    formula with the upper quantile :math:`z` serves both.

    References
    ----------
    .. [1] Jackson, J. E. and Mudholkar, G. S. (1979). Control procedures for
       residuals associated with principal component analysis. Technometrics
       21(3), 341-349.

    Examples
    --------
    >>> import numpy as np
    >>> moments = ResidualMoments.of_eigenvalues(np.array([9, 4, 1, 0.25, 0.04]))
    >>> round(jackson_mudholkar_limit(moments, level=0.95), 1)
    42.7
    """
    if msg := _senseless(moments, level):
        raise InvalidStudyError(msg)
    first, second = moments.first, moments.second
    power = 1 - 2 * first * moments.third / (3 * second**2)
    step = stats.norm.ppf(level) * math.sqrt(2 * second) / first
    step += second * (power - 1) / first**2
    if power * step <= -1:
        msg = (
            f"power {power:.2f} of the residual moments; too negative for the normal "
            "approximation; take the limit after Box"
        )
        raise InvalidStudyError(msg)
    # exp of log1p/power tends to exp(step) where the power is zero.
    exponent = step if power == 0 else math.log1p(power * step) / power
    return first * math.exp(exponent)


def matched_limit(values: FloatArray, *, level: float) -> float:
    r"""
    Limit from a scaled chi-squared distribution with the moments of left-out values.

    :math:`g \, \chi^2_{level}(h)` with :math:`g = v / 2m` and
    :math:`h = 2 m^2 / v` from mean and variance [1]_. Reaches levels for which
    :func:`ranked_limit` has too few values.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        T², Q or another statistic at or above zero, of samples left out.
    level : float
        Share of new samples within.

    Returns
    -------
    float
        In the unit of the values; their mean where they are all equal.

    Raises
    ------
    InvalidStudyError
        If there are fewer than two values, one is negative or not finite, or
        the level is no fraction.

    Notes
    -----
    The variance has n - 1 in the denominator.

    References
    ----------
    .. [1] Nomikos, P. and MacGregor, J. F. (1995). Multivariate SPC charts for
       monitoring batch processes. Technometrics 37(1), 41-59.

    Examples
    --------
    >>> import numpy as np
    >>> round(matched_limit(np.array([0.0, 2.0]), level=0.95), 2)  # 1 chi-squared(1)
    3.84
    """
    if msg := _unusable(values) or no_fraction(level):
        raise InvalidStudyError(msg)
    mean, variance = float(values.mean()), float(values.var(ddof=1))
    if np.ptp(values) == 0:
        return mean
    scale, freedom = variance / (2 * mean), 2 * mean**2 / variance
    return float(scale * stats.chi2.ppf(level, freedom))


def samples_ranked(level: float) -> int:
    """
    Fewest left-out values from which :func:`ranked_limit` reaches a level.

    Parameters
    ----------
    level : float
        Share of new samples within.

    Returns
    -------
    int
        Number of samples.

    Raises
    ------
    InvalidStudyError
        If the level is no fraction.

    Examples
    --------
    >>> samples_ranked(0.95), samples_ranked(0.99)
    (19, 99)
    """
    if msg := no_fraction(level):
        raise InvalidStudyError(msg)
    return max(1, math.ceil(round(level / (1 - level), 9)))


def ranked_limit(values: FloatArray, *, level: float) -> float:
    r"""
    Limit from the ranks of left-out values, whatever their distribution.

    The :math:`\lceil (n + 1) \, level \rceil`-th smallest value: a new sample
    drawn like the calibration exceeds it with a probability of at most
    ``1 - level``, up to the little by which the fit without a sample differs
    from the fit with it.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        A statistic of samples, each left out of the fit that judged it.
    level : float
        Share of new samples within.

    Returns
    -------
    float
        In the unit of the values.

    Raises
    ------
    InvalidStudyError
        If there are too few values for the level, one is not finite, or the
        level is no fraction.

    References
    ----------
    .. [1] Vovk, V., Gammerman, A. and Shafer, G. (2005). Algorithmic Learning in
       a Random World. Springer.

    Examples
    --------
    >>> import numpy as np
    >>> ranked_limit(np.arange(1.0, 20.0), level=0.95)
    19.0
    """
    needed = samples_ranked(level)
    if values.ndim != 1 or values.size < needed or not np.isfinite(values).all():
        msg = (
            f"values of shape {values.shape}, {int(np.isfinite(values).sum())} of them "
            f"finite; expected at least {needed} in one row for level {level:g}"
        )
        raise InvalidStudyError(msg)
    rank = math.ceil(round((values.size + 1) * level, 9))
    return float(np.sort(values)[rank - 1])


def no_fraction(level: float) -> str | None:
    """
    What is wrong with a level, if anything.

    Parameters
    ----------
    level : float
        Share of new samples within a limit.

    Returns
    -------
    str or None
        Text of an error.
    """
    if 0 < level < 1:
        return None
    return f"level {level:g}; expected a fraction between 0 and 1, such as 0.95"


def _impossible(n_calibration: int, n_components: int) -> str | None:
    if 1 <= n_components < n_calibration:
        return None
    return (
        f"{n_components} components of {n_calibration} calibration samples; expected "
        "at least one and fewer than samples"
    )


def _senseless(moments: ResidualMoments, level: float) -> str | None:
    if not (moments.first > 0 and moments.second > 0):
        return (
            f"residual moments {moments.first:g} and {moments.second:g}; expected "
            "values above zero; take fewer components or more samples"
        )
    return no_fraction(level)


def _unusable(values: FloatArray) -> str | None:
    if values.ndim != 1 or values.size < 2:
        return f"values of shape {values.shape}; expected at least two in one row"
    if not (np.isfinite(values).all() and values.min() >= 0):
        return "values below zero or not finite; expected a statistic at or above zero"
    return None
