"""Continuum removal: absorption features without the overall shape."""

import numpy as np

from cerussite.core.errors import InvalidSpectraError
from cerussite.core.types import BoolArray, FloatArray, Quantity


def continuum_removal(
    X: FloatArray, wavelengths: FloatArray, *, quantity: Quantity = "reflectance"
) -> FloatArray:
    """
    Spectra relative to the convex hull that lies over them.

    Shows depth and shape of absorption features, such as those of iron oxides
    and clay minerals, whatever the brightness. The hull rests on single bands:
    smooth noisy spectra, and trim noisy ends, first.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_wavelengths)
        Reflectance (> 0) or absorbance (dimensionless).
    wavelengths : ndarray of shape (n_wavelengths,)
        Band centres in nm, strictly increasing.
    quantity : {"reflectance", "absorbance"}
        What ``X`` holds. Reflectance is divided by its upper hull; from
        absorbance its lower hull is subtracted, which is the same operation on
        logarithms with a hull drawn there.

    Returns
    -------
    ndarray of shape (n_samples, n_wavelengths)
        For reflectance values in (0, 1], 1 where the spectrum touches the hull;
        for absorbance values >= 0, 0 there.

    Raises
    ------
    InvalidSpectraError
        If a reflectance is zero or negative, or shapes disagree.

    References
    ----------
    .. [1] Clark, R. N. and Roush, T. L. (1984). Reflectance spectroscopy:
       quantitative analysis techniques for remote sensing applications. Journal
       of Geophysical Research 89(B7), 6329-6340.

    Examples
    --------
    >>> import numpy as np
    >>> X, wavelengths = np.array([[0.5, 0.375, 1.0]]), np.array([400.0, 410.0, 420.0])
    >>> continuum_removal(X, wavelengths)
    array([[1. , 0.5, 1. ]])
    """
    if X.shape[1:] != wavelengths.shape:
        msg = (
            f"X of shape {X.shape}; expected {wavelengths.size} bands, one a wavelength"
        )
        raise InvalidSpectraError(msg)
    if quantity == "absorbance":
        return X + _upper_hull(-X, wavelengths)
    n_bad = int(np.count_nonzero(X <= 0))
    if n_bad:
        msg = (
            f"{n_bad} reflectances are <= 0 and cannot be compared with a continuum; "
            "expected values > 0; drop these spectra or bands, or say that the "
            "values are absorbance"
        )
        raise InvalidSpectraError(msg)
    return X / _upper_hull(X, wavelengths)


def _upper_hull(X: FloatArray, wavelengths: FloatArray) -> FloatArray:
    is_vertex = _hull_vertices(X, wavelengths)
    band = np.arange(X.shape[1])
    left = np.maximum.accumulate(np.where(is_vertex, band, 0), axis=1)
    right = np.where(is_vertex, band, band[-1])[:, ::-1]
    right = np.minimum.accumulate(right, axis=1)[:, ::-1]
    at_left, at_right = (np.take_along_axis(X, i, axis=1) for i in (left, right))
    # At a vertex left and right are the same band and the share is 0 / 1.
    span = np.where(is_vertex, 1.0, wavelengths[right] - wavelengths[left])
    share = ((wavelengths - wavelengths[left]) / span).astype(
        np.result_type(X, np.float32)
    )
    # No value lies above its hull but by rounding.
    return np.maximum(at_left + share * (at_right - at_left), X)


def _hull_vertices(X: FloatArray, wavelengths: FloatArray) -> BoolArray:
    # Andrew's monotone chain, one band at a time for all spectra together.
    n_samples, n_wavelengths = X.shape
    rows = np.arange(n_samples)
    stack = np.zeros((n_samples, n_wavelengths), dtype=np.intp)
    top = np.zeros(n_samples, dtype=np.intp)
    for band in range(1, n_wavelengths):
        waiting = rows[top > 0]
        while waiting.size:
            last = stack[waiting, top[waiting]]
            before = stack[waiting, top[waiting] - 1]
            base = X[waiting, before]
            rise = (X[waiting, last] - base) * (wavelengths[band] - wavelengths[before])
            chord = (X[waiting, band] - base) * (
                wavelengths[last] - wavelengths[before]
            )
            waiting = waiting[rise <= chord]
            top[waiting] -= 1
            waiting = waiting[top[waiting] > 0]
        top += 1
        stack[rows, top] = band
    # Entries above the top are left over; band 0, a vertex of all, stands in.
    on_stack = np.arange(n_wavelengths) <= top[:, np.newaxis]
    is_vertex = np.zeros(X.shape, dtype=bool)
    np.put_along_axis(is_vertex, np.where(on_stack, stack, 0), True, axis=1)
    return is_vertex
