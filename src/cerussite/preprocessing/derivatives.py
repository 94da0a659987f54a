"""Smoothing and derivatives along the bands."""

import numpy as np
from scipy.linalg import toeplitz
from scipy.signal import savgol_filter

from cerussite.core.errors import InvalidSpectraError, InvalidStudyError
from cerussite.core.types import FloatArray


def savitzky_golay(
    X: FloatArray,
    *,
    window: int,
    degree: int,
    derivative: int = 0,
    spacing: float = 1.0,
) -> FloatArray:
    """
    Smooth, or derive, by a polynomial fitted in a moving window.

    Derivatives remove baselines and separate overlapping bands, and they raise
    the noise: widen the window where spectra are noisy. Bands must be equally
    spaced.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_wavelengths)
        Spectra (dimensionless).
    window : int
        Bands in the window; odd, more than ``degree``.
    degree : int
        Degree of the polynomial.
    derivative : int
        Order of the derivative; 0 smooths.
    spacing : float
        Distance of two bands. With 1.0 the derivative is per band; pass the
        distance in nm to have it per nm.

    Returns
    -------
    ndarray of shape (n_samples, n_wavelengths)
        Smoothed values or derivatives, per ``spacing ** derivative``.

    Raises
    ------
    InvalidStudyError
        If the window is even or not wider than the degree, or the derivative is
        of higher order than the polynomial.
    InvalidSpectraError
        If there are fewer bands than the window is wide.

    Notes
    -----
    In the half window at either end the polynomial of the first or last full
    window is evaluated (``mode="interp"`` of SciPy): no band is lost or padded.

    References
    ----------
    .. [1] Savitzky, A. and Golay, M. J. E. (1964). Smoothing and differentiation
       of data by simplified least squares procedures. Analytical Chemistry
       36(8), 1627-1639.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[0.0, 1.0, 4.0, 9.0, 16.0]])
    >>> print(savitzky_golay(X, window=3, degree=2, derivative=1).round(6))
    [[0. 2. 4. 6. 8.]]
    """
    if window % 2 == 0 or window <= degree or not 0 <= derivative <= degree:
        msg = (
            f"window {window}, degree {degree}, derivative {derivative}; expected an "
            "odd window wider than the degree and a derivative of 0 to the degree"
        )
        raise InvalidStudyError(msg)
    if msg := _shortage(X, window):
        raise InvalidSpectraError(msg)
    return savgol_filter(
        X, window, degree, deriv=derivative, delta=spacing, axis=1, mode="interp"
    )


def gap_derivative(
    X: FloatArray, *, gap: int, segment: int, derivative: int = 1
) -> FloatArray:
    """
    Difference of segment means that lie a gap apart (Norris-Williams), per band.

    The segment smooths, the gap sets the width of the features that are seen.
    Only bands with a full stencil are returned, so the result is narrower than
    ``X``: its first column belongs to band
    ``(derivative * (gap + segment) + segment - 1) // 2``.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_wavelengths)
        Spectra on equally spaced bands (dimensionless).
    gap : int
        Bands between two neighbouring segments; odd, so that the result is
        centred on a band.
    segment : int
        Bands averaged in a segment; odd; 1 for no smoothing.
    derivative : int
        Order of the derivative, 1 or more.

    Returns
    -------
    ndarray of shape (n_samples, n_wavelengths - derivative * (gap + segment) - segment + 1)
        Derivative per band to the power ``derivative``.

    Raises
    ------
    InvalidStudyError
        If gap or segment is not odd and positive, or the order is below 1.
    InvalidSpectraError
        If there are fewer bands than the stencil is wide.

    References
    ----------
    .. [1] Norris, K. H. and Williams, P. C. (1984). Optimization of mathematical
       treatments of raw near-infrared signal in the measurement of protein in
       hard red spring wheat. Cereal Chemistry 61(2), 158-165.
    .. [2] Hopkins, D. W. (2001). What is a Norris derivative? NIR news 12(3), 3-5.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[0.0, 2.0, 4.0, 6.0, 10.0]])
    >>> gap_derivative(X, gap=1, segment=1)
    array([[2., 2., 3.]])
    """
    if min(gap, segment) < 1 or gap % 2 == 0 or segment % 2 == 0 or derivative < 1:
        msg = (
            f"gap {gap}, segment {segment}, derivative {derivative}; expected gap "
            "and segment odd and positive, and a derivative of order 1 or more"
        )
        raise InvalidStudyError(msg)
    lag = gap + segment
    if msg := _shortage(X, derivative * lag + segment):
        raise InvalidSpectraError(msg)
    # The cumulative sum runs in float64: its rounding would show in float32.
    total = np.cumsum(X, axis=1, dtype=np.float64)
    total = np.concatenate([np.zeros((len(X), 1)), total], axis=1)
    means = (total[:, segment:] - total[:, :-segment]) / segment
    for _ in range(derivative):
        means = (means[:, lag:] - means[:, :-lag]) / lag
    return means.astype(np.result_type(X, np.float32), copy=False)


def fractional_derivative(X: FloatArray, *, order: float) -> FloatArray:
    r"""
    Grünwald-Letnikov derivative :math:`\sum_k (-1)^k \binom{\alpha}{k} x_{j-k}`.

    Orders between the integers trade resolution for noise gradually [1]_. The
    sum reaches back to the first band, and the spectrum counts as zero before
    it: the first columns show this start, not the sample.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_wavelengths)
        Spectra on equally spaced bands (dimensionless).
    order : float
        Order :math:`\alpha` of the derivative, 0 or more: 0 returns the spectra,
        1 the difference from the band before.

    Returns
    -------
    ndarray of shape (n_samples, n_wavelengths)
        Derivative per band to the power ``order``.

    Raises
    ------
    InvalidStudyError
        If the order is negative.

    References
    ----------
    .. [1] Schmitt, J. M. (1998). Fractional derivative analysis of diffuse
       reflectance spectra. Applied Spectroscopy 52(6), 840-846.

    Examples
    --------
    >>> import numpy as np
    >>> fractional_derivative(np.array([[1.0, 1.0, 1.0]]), order=0.5)
    array([[1.   , 0.5  , 0.375]])
    """
    if not order >= 0:
        msg = f"order {order} of a derivative; expected 0 or more"
        raise InvalidStudyError(msg)
    n_wavelengths = X.shape[1]
    k = np.arange(1, n_wavelengths)
    weights = np.cumprod(np.concatenate([[1.0], (k - 1 - order) / k]))
    first_row = np.zeros(n_wavelengths)
    first_row[:1] = weights[:1]
    return X @ toeplitz(weights, first_row).T.astype(np.result_type(X, np.float32))


def _shortage(X: FloatArray, n_needed: int) -> str:
    if X.shape[1] >= n_needed:
        return ""
    return (
        f"{X.shape[1]} bands; expected at least {n_needed} for this window; take "
        "a narrower window, or spectra with more bands"
    )
