"""Ranges of the calibration samples, band by band or covariate by covariate."""

from dataclasses import dataclass

import numpy as np

from cerussite.core.errors import InvalidSpectraError
from cerussite.core.types import FloatArray
from cerussite.evaluation.applicability.matrices import matrix_flaw


@dataclass(frozen=True, eq=False)
class CalibrationRange:
    """
    Lowest and highest calibration value of each feature.

    Attributes
    ----------
    lowest, highest : ndarray of shape (n_features,)
        In the unit of the feature.
    """

    lowest: FloatArray
    highest: FloatArray

    def excess(self, X: FloatArray) -> FloatArray:
        """
        How far values lie outside the range, as a share of its width.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            New samples.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            0 inside; 1 is one width of the range below or above it.

        Raises
        ------
        InvalidSpectraError
            If the features are others or a value is missing.

        Notes
        -----
        A feature that is constant over the calibration has no width; the mean
        width of the others stands in, or 1 where all are constant.
        """
        if msg := matrix_flaw(X, n_features=self.lowest.size):
            raise InvalidSpectraError(msg)
        width = self.highest - self.lowest
        mean_width = float(width[width > 0].mean()) if width.any() else 1.0
        width = np.where(width > 0, width, mean_width)
        outside = np.maximum(self.lowest - X, X - self.highest)
        return np.maximum(outside, 0.0) / width


def range_of(X: FloatArray) -> CalibrationRange:
    """
    Range of each feature over the calibration samples.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Calibration spectra or covariates.

    Returns
    -------
    CalibrationRange
        Lowest and highest values.

    Raises
    ------
    InvalidSpectraError
        If there are no samples or a value is missing.

    Examples
    --------
    >>> import numpy as np
    >>> known = range_of(np.array([[0.0, 5.0], [2.0, 9.0]]))
    >>> known.excess(np.array([[3.0, 6.0]]))
    array([[0.5, 0. ]])
    """
    if msg := matrix_flaw(X):
        raise InvalidSpectraError(msg)
    if not len(X):
        msg = "no calibration samples; expected at least one"
        raise InvalidSpectraError(msg)
    return CalibrationRange(X.min(axis=0), X.max(axis=0))
