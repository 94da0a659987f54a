"""Scatter: what grain size and packing do to a spectrum, and its removal."""

from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from cerussite.core.errors import InvalidSpectraError, InvalidStudyError
from cerussite.core.types import FloatArray


def standard_normal_variate(X: FloatArray) -> FloatArray:
    """
    Centre and scale each spectrum by its own mean and standard deviation.

    Removes additive and multiplicative scatter without a reference spectrum.
    What is left says nothing about the overall level: where brightness itself
    carries the answer, as for organic carbon in dark soils, it is lost.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_wavelengths)
        Spectra, usually absorbance (dimensionless).

    Returns
    -------
    ndarray of shape (n_samples, n_wavelengths)
        Spectra of zero mean and unit standard deviation.

    Raises
    ------
    InvalidSpectraError
        If a spectrum is constant, for it has no scale to divide by.

    Notes
    -----
    The standard deviation has ``n_wavelengths - 1`` in the denominator, as in [1]_.

    References
    ----------
    .. [1] Barnes, R. J., Dhanoa, M. S. and Lister, S. J. (1989). Standard normal
       variate transformation and de-trending of near-infrared diffuse
       reflectance spectra. Applied Spectroscopy 43(5), 772-777.

    Examples
    --------
    >>> import numpy as np
    >>> standard_normal_variate(np.array([[1.0, 2.0, 3.0]]))
    array([[-1.,  0.,  1.]])
    """
    if msg := _constancy(X):
        raise InvalidSpectraError(msg)
    centred = X - X.mean(axis=1, keepdims=True)
    return centred / X.std(axis=1, ddof=1, keepdims=True)


def detrend(X: FloatArray, *, degree: int = 2) -> FloatArray:
    """
    Subtract from each spectrum its least-squares polynomial over the bands.

    Removes the baseline and its curvature, which follow packing and particle
    size [1]_; usually after :func:`standard_normal_variate`. The polynomial runs
    over band numbers: where bands are not equally spaced, resample first.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_wavelengths)
        Spectra, usually absorbance (dimensionless).
    degree : int
        Degree of the polynomial; 2 as in [1]_, 1 removes a straight line.

    Returns
    -------
    ndarray of shape (n_samples, n_wavelengths)
        What the polynomial leaves.

    Raises
    ------
    InvalidStudyError
        If the degree is negative, or there are no more bands than coefficients.

    References
    ----------
    .. [1] Barnes, R. J., Dhanoa, M. S. and Lister, S. J. (1989). Standard normal
       variate transformation and de-trending of near-infrared diffuse
       reflectance spectra. Applied Spectroscopy 43(5), 772-777.

    Examples
    --------
    >>> import numpy as np
    >>> detrend(np.array([[1.0, 0.0, 1.0, 2.0]]), degree=0)
    array([[ 0., -1.,  0.,  1.]])
    """
    n_wavelengths = X.shape[1]
    if degree < 0 or n_wavelengths <= degree + 1:
        msg = (
            f"degree {degree} for {n_wavelengths} bands; expected a degree of 0 or "
            "more and more bands than its coefficients; take a lower degree"
        )
        raise InvalidStudyError(msg)
    # Positions in [-1, 1] keep the Vandermonde matrix well conditioned.
    position = np.linspace(-1.0, 1.0, n_wavelengths)
    basis = np.linalg.qr(np.vander(position, degree + 1))[0].astype(
        np.result_type(X, np.float32)
    )
    return X - (X @ basis) @ basis.T


class MultiplicativeScatterCorrection(
    OneToOneFeatureMixin, TransformerMixin, BaseEstimator
):
    """
    Regress each spectrum on the mean calibration spectrum and undo the fit.

    Each spectrum is modelled as offset + slope times the reference [1]_; offset
    and slope are taken out. Suited to samples of similar composition, where the
    mean spectrum stands for all; spectra keep their unit.

    Attributes
    ----------
    reference_ : ndarray of shape (n_wavelengths,)
        Mean of the calibration spectra.
    n_features_in_ : int
        Number of bands seen in :meth:`fit`.

    References
    ----------
    .. [1] Geladi, P., MacDougall, D. and Martens, H. (1985). Linearization and
       scatter-correction for near-infrared reflectance spectra of meat. Applied
       Spectroscopy 39(3), 491-500.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[1.0, 2.0, 3.0], [3.0, 4.0, 5.0]])
    >>> correction = MultiplicativeScatterCorrection().fit(X)
    >>> correction.transform(np.array([[0.0, 4.0, 8.0]]))
    array([[2., 3., 4.]])
    """

    def fit(self, X: FloatArray, y: object = None) -> Self:  # noqa: ARG002 - scikit-learn
        """
        Learn the reference spectrum from the calibration set alone.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_wavelengths)
            Calibration spectra.
        y : object
            Ignored; scikit-learn passes it.

        Returns
        -------
        Self
            The fitted transformer.

        Raises
        ------
        InvalidSpectraError
            If the mean calibration spectrum is constant.
        """
        X = validate_data(
            self, X, dtype=[np.float64, np.float32], ensure_min_features=2
        )
        self.reference_ = X.mean(axis=0)
        if np.ptp(self.reference_) == 0:
            msg = (
                "the mean calibration spectrum is constant; expected one with bands "
                "that differ; check the spectra, or use another correction"
            )
            raise InvalidSpectraError(msg)
        return self

    def transform(self, X: FloatArray) -> FloatArray:
        """
        Correct spectra against the reference learned in :meth:`fit`.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_wavelengths)
            Spectra of the same quantity as the calibration spectra.

        Returns
        -------
        ndarray of shape (n_samples, n_wavelengths)
            Corrected spectra.

        Raises
        ------
        InvalidSpectraError
            If a spectrum is constant, for it cannot follow the reference.
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
        if msg := _constancy(X):
            raise InvalidSpectraError(msg)
        reference = self.reference_ - self.reference_.mean()
        centred = X - X.mean(axis=1, keepdims=True)
        slope = centred @ reference / (reference @ reference)
        return centred / slope[:, np.newaxis] + self.reference_.mean()


def _constancy(X: FloatArray) -> str:
    constant = np.flatnonzero(np.ptp(X, axis=1) == 0)
    if not constant.size:
        return ""
    return (
        f"spectra {constant[:5].tolist()} are constant ({constant.size} in all); "
        "expected bands that differ; drop them before the correction of scatter"
    )
