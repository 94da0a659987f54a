"""What a sensor with broader bands would have measured."""

import numpy as np

from cerussite.core.errors import InvalidSpectraError
from cerussite.core.types import FloatArray


def sensor_response(
    X: FloatArray, wavelengths: FloatArray, responses: FloatArray
) -> FloatArray:
    r"""
    Band values :math:`\sum_i r_i x_i \Delta_i / \sum_i r_i \Delta_i` of a sensor.

    For sensors whose response functions are published as tables. Detectors
    average light, so use it on reflectance, not on absorbance.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_wavelengths)
        Spectra, usually reflectance (dimensionless).
    wavelengths : ndarray of shape (n_wavelengths,)
        Band centres in nm, strictly increasing; need not be equally spaced.
    responses : ndarray of shape (n_wavelengths, n_bands)
        Relative response of each sensor band at ``wavelengths``, >= 0; scaled
        to a sum of one here.

    Returns
    -------
    ndarray of shape (n_samples, n_bands)
        Values of the sensor bands; a flat spectrum stays flat.

    Raises
    ------
    InvalidSpectraError
        If responses do not match the wavelengths, are negative, or all zero.

    Notes
    -----
    :math:`\Delta` are the widths of the trapezoidal rule.

    Examples
    --------
    >>> import numpy as np
    >>> X, wavelengths = np.array([[1.0, 2.0, 4.0]]), np.array([1.0, 2.0, 3.0])
    >>> sensor_response(X, wavelengths, np.array([[0.0], [1.0], [2.0]]))
    array([[3.]])
    """
    if responses.shape[:1] != wavelengths.shape or responses.ndim != 2:
        msg = (
            f"responses of shape {responses.shape} for {wavelengths.size} wavelengths; "
            f"expected ({wavelengths.size}, n_bands)"
        )
        raise InvalidSpectraError(msg)
    widths = np.convolve(np.diff(wavelengths), [0.5, 0.5])
    weights = responses * widths[:, np.newaxis]
    total = weights.sum(axis=0)
    if not ((responses >= 0).all() and (total > 0).all()):
        msg = (
            "responses hold negative or missing values, or a band without any; "
            "expected values >= 0 and at least one above 0 in each column"
        )
        raise InvalidSpectraError(msg)
    return X @ (weights / total).astype(np.result_type(X, np.float32))


def band_response(
    X: FloatArray, wavelengths: FloatArray, centres: FloatArray, fwhm: FloatArray
) -> FloatArray:
    r"""
    Band values of a sensor with Gaussian bands, :math:`e^{-4 \ln 2 (d / FWHM)^2}`.

    The usual model of a spectrometer or an imaging sensor of which only centres
    and widths are known. Detectors average light, so use it on reflectance.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_wavelengths)
        Spectra, usually reflectance (dimensionless).
    wavelengths : ndarray of shape (n_wavelengths,)
        Band centres in nm, strictly increasing; need not be equally spaced.
    centres : ndarray of shape (n_bands,)
        Centres of the sensor's bands in nm.
    fwhm : ndarray of shape (n_bands,) or float
        Full width at half maximum of the sensor's bands in nm.

    Returns
    -------
    ndarray of shape (n_samples, n_bands)
        Values of the sensor bands; a flat spectrum stays flat.

    Raises
    ------
    InvalidSpectraError
        If a sensor band reaches beyond the spectra (one FWHM to either side of
        its centre, 98 % of its response), or is narrower than their spacing.

    Notes
    -----
    The width of the bands of ``X`` itself is not taken off: it should be much
    smaller than ``fwhm``.

    Examples
    --------
    >>> import numpy as np
    >>> wavelengths = np.arange(400.0, 501.0)
    >>> X = wavelengths[np.newaxis] / 100
    >>> print(band_response(X, wavelengths, np.array([450.0]), 20.0).round(6))
    [[4.5]]
    """
    widths = np.broadcast_to(np.asarray(fwhm, dtype=np.float64), centres.shape)
    spacing = float(np.diff(wavelengths).max())
    low, high = wavelengths[0], wavelengths[-1]
    inside = (centres - widths >= low) & (centres + widths <= high)
    bad = np.flatnonzero(~(inside & (widths >= spacing)))
    if bad.size:
        centre, width = centres[bad[0]], widths[bad[0]]
        msg = (
            f"{bad.size} sensor bands cannot be formed (first: {centre:g} nm, FWHM "
            f"{width:g} nm) from {low:g} to {high:g} nm with a spacing of up to "
            f"{spacing:g} nm; expected one FWHM of spectrum on either side and a FWHM "
            "not below the spacing; leave these bands out"
        )
        raise InvalidSpectraError(msg)
    distance = (wavelengths[:, np.newaxis] - centres) / widths
    return sensor_response(X, wavelengths, np.exp(-4.0 * np.log(2.0) * distance**2))
