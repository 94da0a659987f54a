"""Predictions from another instrument, corrected by a straight line."""

from typing import Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_array, check_is_fitted

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray

#: A line through fewer standards fits whatever they are.
FEWEST = 3


class SlopeBiasCorrection(BaseEstimator):
    r"""
    Correct predictions by :math:`y = a + b \, \hat y`, one line a response.

    For instruments that differ in gain and offset only: the spectra stay as they
    are, the calibration is applied to them, and its predictions for the standards
    are regressed on what they should be [1]_. A shifted axis, another resolution
    or other samples than the standards ask for more.

    Attributes
    ----------
    slope_, intercept_ : ndarray of shape (n_responses,)
        The lines.

    References
    ----------
    .. [1] Bouveresse, E., Hartmann, C., Massart, D. L., Last, I. R. and
       Prebble, K. A. (1996). Standardization of near-infrared spectrometric
       instruments. Analytical Chemistry 68(6), 982-990.

    Examples
    --------
    >>> import numpy as np
    >>> predicted, measured = np.array([1.0, 2.0, 4.0]), np.array([3.0, 5.0, 9.0])
    >>> line = SlopeBiasCorrection().fit(predicted, measured)
    >>> print(line.transform(np.array([10.0])).round(6))
    [21.]
    """

    def fit(self, X: FloatArray, y: FloatArray) -> Self:
        """
        Learn the lines from standards.

        Parameters
        ----------
        X : ndarray of shape (n_standards,) or (n_standards, n_responses)
            Predictions of the calibration from the secondary instrument.
        y : ndarray of the same shape
            Predictions from the primary instrument, or analyses; NaN where not
            measured.

        Returns
        -------
        Self
            The fitted correction.

        Raises
        ------
        InvalidStudyError
            If the shapes differ, or a response has fewer than three standards or
            predictions that are all the same.
        """
        predicted = check_array(X, dtype=np.float64, ensure_2d=False)
        wanted = check_array(
            y, dtype=np.float64, ensure_2d=False, ensure_all_finite="allow-nan"
        )
        if predicted.shape != wanted.shape:
            msg = (
                f"predictions of shape {predicted.shape} for values of shape "
                f"{wanted.shape}; expected one of each"
            )
            raise InvalidStudyError(msg)
        columns = zip(_columns(predicted).T, _columns(wanted).T, strict=True)
        lines = [_line(*column, number) for number, column in enumerate(columns)]
        self.slope_, self.intercept_ = np.array(lines).T
        return self

    def transform(self, X: FloatArray) -> FloatArray:
        """
        Corrected predictions.

        Parameters
        ----------
        X : ndarray of shape (n_samples,) or (n_samples, n_responses)
            Predictions of the calibration from the secondary instrument.

        Returns
        -------
        ndarray of the same shape
            In the unit of the response.

        Raises
        ------
        InvalidStudyError
            If there are other responses than in :meth:`fit`.
        """
        check_is_fitted(self)
        predicted = check_array(X, dtype=np.float64, ensure_2d=False)
        columns = _columns(predicted)
        if columns.shape[1] != self.slope_.size:
            msg = (
                f"predictions of {columns.shape[1]} responses; expected the "
                f"{self.slope_.size} that the lines were learnt for"
            )
            raise InvalidStudyError(msg)
        return (self.intercept_ + self.slope_ * columns).reshape(predicted.shape)


def _columns(values: FloatArray) -> FloatArray:
    return values[:, np.newaxis] if values.ndim == 1 else values


def _line(predicted: FloatArray, wanted: FloatArray, number: int) -> FloatArray:
    """Slope and intercept of least squares."""
    measured = ~np.isnan(wanted)
    x, y = predicted[measured], wanted[measured]
    if x.size < FEWEST or np.ptp(x) == 0:
        msg = (
            f"response {number}: {x.size} standards with {np.unique(x).size} different "
            f"predictions; expected {FEWEST} standards or more that differ; measure "
            "more"
        )
        raise InvalidStudyError(msg)
    centred = x - x.mean()
    slope = (centred @ y) / (centred @ centred)
    return np.array([slope, y.mean() - slope * x.mean()])
