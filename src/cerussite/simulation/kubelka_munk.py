"""Reflectance of thick layers that absorb and scatter."""

import numpy as np

from cerussite.core.types import FloatArray


def reflectance(absorption_ratio: FloatArray) -> FloatArray:
    r"""
    Reflectance of an opaque layer, :math:`1 + q - \sqrt{q^2 + 2 q}`.

    Parameters
    ----------
    absorption_ratio : ndarray of any shape
        :math:`q = K/S`, absorption over scattering coefficient, >= 0.

    Returns
    -------
    ndarray of the same shape
        Fraction of the light that returns, between 0 and 1.

    References
    ----------
    .. [1] Kubelka, P. and Munk, F. (1931). Ein Beitrag zur Optik der
       Farbanstriche. Zeitschrift für technische Physik 12, 593-601.

    Examples
    --------
    >>> reflectance(np.array([0.0, 0.25]))
    array([1. , 0.5])
    """
    root = np.sqrt(absorption_ratio * (absorption_ratio + 2.0))
    return 1.0 + absorption_ratio - root


def remission(reflected: float) -> float:
    r"""
    Remission function :math:`K/S = (1 - R)^2 / 2R`, the inverse of reflectance.

    Parameters
    ----------
    reflected : float
        Reflectance :math:`R` of an opaque layer, between 0 and 1.

    Returns
    -------
    float
        Absorption over scattering coefficient.

    References
    ----------
    .. [1] Kubelka, P. and Munk, F. (1931). Ein Beitrag zur Optik der
       Farbanstriche. Zeitschrift für technische Physik 12, 593-601.

    Examples
    --------
    >>> remission(0.5)
    0.25
    """
    return (1.0 - reflected) ** 2 / (2.0 * reflected)
