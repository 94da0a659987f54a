"""The floor every method has to clear: the mean of the calibration set."""

from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from cerussite.core.types import FloatArray


class CalibrationMean(RegressorMixin, BaseEstimator):
    """
    Predict the mean of the calibration values, whatever the spectrum.

    Attributes
    ----------
    mean_ : ndarray of shape (n_responses,)
        Mean of the measured calibration values, in the unit of ``y``.

    Examples
    --------
    >>> X, y = np.zeros((3, 2)), np.array([1.0, 3.0, np.nan])
    >>> CalibrationMean().fit(X, y).predict(X[:1])
    array([2.])
    """

    def fit(self, X: FloatArray, y: FloatArray, *, groups: object = None) -> Self:  # noqa: ARG002 - the contract of all estimators
        """
        Take the mean of each response over the rows where it was measured.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_wavelengths)
            Spectra; only their number is used.
        y : ndarray of shape (n_samples,) or (n_samples, n_responses)
            Measured values; NaN where not measured.
        groups : None
            Not used.

        Returns
        -------
        CalibrationMean
            The fitted estimator.
        """
        validate_data(self, X)
        y = np.asarray(y, dtype=np.float64)
        self.mean_ = np.nanmean(y.reshape(len(y), -1), axis=0)
        self.is_single_ = y.ndim == 1
        return self

    def predict(self, X: FloatArray) -> FloatArray:
        """
        Repeat the mean for each sample.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_wavelengths)
            Spectra; only their number is used.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_responses)
            As many columns as ``y`` had, in its unit.
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False)
        predicted = np.tile(self.mean_, (len(X), 1))
        return predicted[:, 0] if self.is_single_ else predicted
