"""One answer from the analyses of several imputed data sets."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t

from cerussite.core.errors import InvalidStudyError


@dataclass(frozen=True)
class PooledEstimate:
    """
    An estimate pooled over imputations.

    Attributes
    ----------
    value : float
        Mean over the imputations.
    standard_error : float
        From within and between imputations.
    lower, upper : float
        Interval of Student's t.
    degrees_of_freedom : float
        Infinite where the imputations agree.
    share_of_imputation : float
        Part of the variance that is due to the censored values.
    """

    value: float
    standard_error: float
    lower: float
    upper: float
    degrees_of_freedom: float
    share_of_imputation: float


def pool_imputations(
    estimates: ArrayLike, variances: ArrayLike, *, level: float = 0.95
) -> PooledEstimate:
    r"""
    Rubin's rules: :math:`T = \bar U + (1 + 1/m) B`.

    Parameters
    ----------
    estimates : array_like of shape (n_imputations,)
        The statistic in each imputed data set.
    variances : array_like of shape (n_imputations,)
        Its squared standard error there.
    level : float
        Nominal coverage of the interval.

    Returns
    -------
    PooledEstimate
        Mean of the estimates; :math:`\bar U` is the mean variance, :math:`B` the
        variance of the estimates.

    Raises
    ------
    InvalidStudyError
        If there are fewer than two imputations, or lengths differ.

    References
    ----------
    .. [1] Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys.
       Wiley, New York.

    Examples
    --------
    Within 1, between 1, so T = 1 + 4/3 and df = 2 (1 + 3/4)²:

    >>> pooled = pool_imputations([1.0, 2.0, 3.0], [1.0, 1.0, 1.0])
    >>> pooled.value, round(3 * pooled.standard_error**2, 9)
    (2.0, 7.0)
    >>> pooled.degrees_of_freedom
    6.125
    """
    q, u = np.asarray(estimates, float), np.asarray(variances, float)
    if q.ndim != 1 or q.shape != u.shape or q.size < 2:
        msg = (
            f"estimates of shape {q.shape} and variances of shape {u.shape}; expected "
            "one of each for two or more imputations"
        )
        raise InvalidStudyError(msg)
    m, within = q.size, float(u.mean())
    between = (1 + 1 / m) * float(q.var(ddof=1))
    total = within + between
    degrees = (m - 1) * (1 + within / between) ** 2 if between > 0 else np.inf
    error = float(np.sqrt(total))
    half = float(t.ppf((1 + level) / 2, degrees)) * error
    value = float(q.mean())
    share = between / total if total > 0 else 0.0
    return PooledEstimate(
        value, error, value - half, value + half, float(degrees), share
    )
