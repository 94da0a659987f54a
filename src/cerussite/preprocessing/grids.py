"""Other wavelengths: resampling, trimming and the joints of detectors."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from scipy.interpolate import CubicSpline

from cerussite.core.errors import InvalidSpectraError, InvalidStudyError
from cerussite.core.types import FloatArray


def resample(
    X: FloatArray,
    wavelengths: FloatArray,
    new_wavelengths: FloatArray,
    *,
    method: Literal["linear", "spline"] = "linear",
) -> FloatArray:
    """
    Values at other wavelengths, interpolated between the bands.

    For a grid as fine as the old one or finer. For a coarser one use
    :func:`cerussite.preprocessing.band_response`, which averages instead of
    picking single bands.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_wavelengths)
        Spectra (dimensionless).
    wavelengths : ndarray of shape (n_wavelengths,)
        Band centres in nm, strictly increasing.
    new_wavelengths : ndarray of shape (n_new,)
        Wavelengths asked for in nm, inside the range of ``wavelengths``.
    method : {"linear", "spline"}
        Straight lines, which never leave the range of the data, or the cubic
        spline (not-a-knot), closer where spectra are smooth.

    Returns
    -------
    ndarray of shape (n_samples, n_new)
        Interpolated spectra; single precision is kept by straight lines only.

    Raises
    ------
    InvalidSpectraError
        If a new wavelength lies outside: nothing is extrapolated.

    Examples
    --------
    >>> import numpy as np
    >>> X, wavelengths = np.array([[1.0, 2.0, 4.0]]), np.array([400.0, 410.0, 420.0])
    >>> resample(X, wavelengths, np.array([405.0, 420.0]))
    array([[1.5, 4. ]])
    """
    low, high = wavelengths[0], wavelengths[-1]
    outside = ~((new_wavelengths >= low) & (new_wavelengths <= high))
    if outside.any():
        msg = (
            f"{int(outside.sum())} new wavelengths lie outside the spectra (first: "
            f"{new_wavelengths[outside][0]:g} nm); expected {low:g} to {high:g} nm; "
            "leave these out, for nothing is extrapolated"
        )
        raise InvalidSpectraError(msg)
    if method == "spline":
        return CubicSpline(wavelengths, X, axis=1)(new_wavelengths)
    left = np.searchsorted(wavelengths, new_wavelengths, side="right") - 1
    left = np.minimum(left, len(wavelengths) - 2)
    weight = (new_wavelengths - wavelengths[left]) / np.diff(wavelengths)[left]
    weight = weight.astype(np.result_type(X, np.float32))
    return X[:, left] * (1 - weight) + X[:, left + 1] * weight


def trim(
    X: FloatArray, wavelengths: FloatArray, *, low: float, high: float
) -> tuple[FloatArray, FloatArray]:
    """
    Bands between two wavelengths, both included.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_wavelengths)
        Spectra (dimensionless).
    wavelengths : ndarray of shape (n_wavelengths,)
        Band centres in nm, strictly increasing.
    low, high : float
        First and last wavelength to keep, in nm.

    Returns
    -------
    tuple of ndarray of shape (n_samples, n_kept) and ndarray of shape (n_kept,)
        Spectra and wavelengths that are left; views, not copies.

    Raises
    ------
    InvalidSpectraError
        If fewer than two bands are left.

    Examples
    --------
    >>> import numpy as np
    >>> X, wavelengths = np.array([[1.0, 2.0, 4.0]]), np.array([400.0, 410.0, 420.0])
    >>> trim(X, wavelengths, low=405.0, high=420.0)
    (array([[2., 4.]]), array([410., 420.]))
    """
    first, last = (
        np.searchsorted(wavelengths, low),
        np.searchsorted(wavelengths, high, side="right"),
    )
    if last - first < 2:
        msg = (
            f"{max(int(last - first), 0)} bands between {low:g} and {high:g} nm; "
            f"expected two or more of {wavelengths[0]:g} to {wavelengths[-1]:g} nm; "
            "take a wider range"
        )
        raise InvalidSpectraError(msg)
    return X[:, first:last], wavelengths[first:last]


def splice_correction(
    X: FloatArray,
    wavelengths: FloatArray,
    *,
    splices: Sequence[float],
    n_bands: int = 10,
) -> FloatArray:
    """
    Remove the steps where one detector of a spectrometer hands over to the next.

    The detector after the first splice is the reference: a straight line
    through its bands next to each splice says where the neighbour should
    meet it, and the whole neighbour is shifted by the difference. For steps
    of an instrument (temperature drift), not for features of a sample.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_wavelengths)
        Spectra, usually reflectance (dimensionless).
    wavelengths : ndarray of shape (n_wavelengths,)
        Band centres in nm, strictly increasing.
    splices : sequence of one or two floats
        Wavelength in nm at which a detector ends: the last band at or below it
        belongs to the detector before. 1000 and 1830 for many ASD FieldSpec;
        the header of the file knows.
    n_bands : int
        Bands of the reference detector that the line is fitted to.

    Returns
    -------
    ndarray of shape (n_samples, n_wavelengths)
        Spectra without steps; the reference detector is unchanged.

    Raises
    ------
    InvalidStudyError
        If there are not one or two increasing splices, or fewer than two bands.
    InvalidSpectraError
        If a detector has no band, or the reference fewer than ``n_bands``.

    Notes
    -----
    The last band before the first splice and the first band after the second
    are both set on the line's value at the splice, as ``spliceCorrection`` of
    the R package prospectr does [1]_.

    References
    ----------
    .. [1] Stevens, A. and Ramirez-Lopez, L. (2013). An introduction to the
       prospectr package. R package vignette.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[5.0, 6.0, 3.0, 4.0, 5.0]])
    >>> wavelengths = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    >>> print(splice_correction(X, wavelengths, splices=[2.0], n_bands=3).round(6))
    [[1. 2. 3. 4. 5.]]
    """
    steps = np.diff(splices)
    if len(splices) not in {1, 2} or not (steps > 0).all() or n_bands < 2:
        msg = (
            f"splices {list(splices)}, n_bands {n_bands}; expected one or two "
            "increasing wavelengths in nm, and two bands or more for a line"
        )
        raise InvalidStudyError(msg)
    ends = np.searchsorted(wavelengths, splices, side="right")
    first, last = ends[0], ends[1] if len(ends) == 2 else len(wavelengths)
    if first == 0 or ends[-1] == len(wavelengths) or last - first < n_bands:
        msg = (
            f"splices {list(splices)} leave {first}, {last - first} and "
            f"{len(wavelengths) - last} bands of {wavelengths[0]:g} to "
            f"{wavelengths[-1]:g} nm; expected bands on both sides of a splice and "
            f"{n_bands} of the reference detector; check the splices"
        )
        raise InvalidSpectraError(msg)
    corrected = X.astype(np.result_type(X, np.float32))
    start, stop = slice(first, first + n_bands), slice(last - n_bands, last)
    at_start = _line(X[:, start], wavelengths[start], wavelengths[first - 1])
    corrected[:, :first] -= (X[:, first - 1] - at_start)[:, np.newaxis]
    if last < len(wavelengths):
        at_stop = _line(X[:, stop], wavelengths[stop], wavelengths[last - 1])
        corrected[:, last:] -= (X[:, last] - at_stop)[:, np.newaxis]
    return corrected


def _line(X: FloatArray, wavelengths: FloatArray, at: float) -> FloatArray:
    centred = wavelengths - wavelengths.mean()
    slope = X @ centred / (centred @ centred)
    return X.mean(axis=1) + slope * (at - wavelengths.mean())
