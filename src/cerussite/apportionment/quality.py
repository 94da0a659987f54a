"""How well a factorisation fits: Q true, Q robust, Q expected."""

import numpy as np

from cerussite.apportionment.problem import OUTLIER
from cerussite.apportionment.receptor_data import ReceptorData
from cerussite.core.types import FloatArray


def q_true(scaled_residuals: FloatArray) -> float:
    """
    Sum of squared scaled residuals.

    Parameters
    ----------
    scaled_residuals : ndarray of shape (n_samples, n_species)
        Residual over uncertainty; NaN where missing.

    Returns
    -------
    float
        Dimensionless; smaller is a closer fit.

    Examples
    --------
    >>> import numpy as np
    >>> q_true(np.array([[1.0, -6.0, np.nan]]))
    37.0
    """
    return float(np.nansum(scaled_residuals**2))


def q_robust(scaled_residuals: FloatArray) -> float:
    r"""
    Sum of :math:`r^2` up to :math:`|r| = 4` and of :math:`4 |r|` beyond.

    A residual beyond four uncertainties counts with the weight
    :math:`4 / |r|` that robust mode gives it [1]_.

    Parameters
    ----------
    scaled_residuals : ndarray of shape (n_samples, n_species)
        Residual over uncertainty; NaN where missing.

    Returns
    -------
    float
        Dimensionless; smaller is a closer fit.

    Notes
    -----
    Robust mode does not minimise this sum, which has a kink at four, but
    Huber's function, :math:`8 |r| - 16` beyond four: its minimum is where
    reweighting with :math:`4 / |r|` comes to rest.

    References
    ----------
    .. [1] Paatero, P. (1997). Least squares formulation of robust non-negative
       factor analysis. Chemometrics and Intelligent Laboratory Systems 37(1),
       23-35.

    Examples
    --------
    >>> import numpy as np
    >>> q_robust(np.array([[1.0, -6.0, np.nan]]))
    25.0
    """
    size = np.abs(scaled_residuals)
    return float(np.nansum(np.where(size <= OUTLIER, size**2, OUTLIER * size)))


def q_expected(data: ReceptorData, n_factors: int) -> int:
    r"""
    Number of values of strong species less that of elements of the factors.

    .. math:: Q_{exp} = n_{values} - p \, (n_{samples} + n_{species})

    Parameters
    ----------
    data : ReceptorData
        What is factorised; missing values are not counted.
    n_factors : int
        Number :math:`p`.

    Returns
    -------
    int
        About what Q is where uncertainties are right; may be negative for very
        few species, and then says nothing.

    References
    ----------
    .. [1] Norris, G. et al. (2014). EPA Positive Matrix Factorization (PMF) 5.0
       Fundamentals and User Guide. EPA/600/R-14/108.
    """
    n_values = int(data.is_measured[:, data.is_strong].sum())
    return n_values - n_factors * sum(data.concentrations.shape)
