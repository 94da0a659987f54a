"""Spectra of shared standards on two instruments, and what they can carry."""

from abc import abstractmethod
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray

#: Parts into which the standards are dealt to choose the number of components.
N_FOLDS = 10
#: Fewer standards cannot say anything about those that are left out.
FEWEST = 3


class Standardisation(TransformerMixin, BaseEstimator):
    """What the methods that learn from shared standards have in common."""

    n_components: int | None

    def fit(self, X: FloatArray, y: FloatArray) -> Self:
        """
        Learn from standards that were measured on both instruments.

        Parameters
        ----------
        X : ndarray of shape (n_standards, n_wavelengths)
            Spectra from the secondary instrument, one a standard: average
            replicate scans first.
        y : ndarray of shape (n_standards, n_primary_wavelengths)
            Spectra of the same standards, in the same order, from the primary
            instrument, in the same quantity.

        Returns
        -------
        Self
            The fitted transformer.

        Raises
        ------
        InvalidStudyError
            If there are fewer than three standards, more components than they
            or the bands can carry, or bands that do not match.
        """
        X, y = validate_data(
            self, X, y, dtype=np.float64, multi_output=True, y_numeric=True
        )
        y = np.asarray(y, dtype=np.float64).reshape(len(X), -1)
        if len(X) < FEWEST:
            msg = (
                f"n_samples={len(X)} standards; expected {FEWEST} or more, and about 30 "
                "to learn from; measure more standards on both instruments"
            )
            raise InvalidStudyError(msg)
        self._check(X, y)
        self.n_components_ = self._number(X, y)
        self._learn(X, y, self.n_components_)
        return self

    def transform(self, X: FloatArray) -> FloatArray:
        """
        Spectra as the primary instrument would have recorded them.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_wavelengths)
            Spectra from the secondary instrument.

        Returns
        -------
        ndarray of shape (n_samples, n_primary_wavelengths)
            For a calibration made on the primary instrument.
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        return self._apply(X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.target_tags.multi_output = True
        tags.target_tags.single_output = False
        return tags

    def _number(self, X: FloatArray, y: FloatArray) -> int:
        if self.n_components is not None:
            most = self._most(X)
            if not 1 <= self.n_components <= most:
                msg = (
                    f"n_components {self.n_components} for {len(X)} standards; expected "
                    f"1 to {most}; take fewer, or measure more standards"
                )
                raise InvalidStudyError(msg)
            return int(self.n_components)
        fold = np.arange(len(X)) % min(N_FOLDS, len(X))
        parts = [(X[fold != k], y[fold != k], X[fold == k], y[fold == k])
                 for k in range(fold.max() + 1)]  # fmt: skip
        most = min(self._most(part[0]) for part in parts)
        squared = sum(self._squared_errors(*part, most=most) for part in parts)
        return int(np.argmin(squared)) + 1

    def _check(self, X: FloatArray, y: FloatArray) -> None:
        """Refuse bands that do not match; nothing is asked where any will do."""

    @abstractmethod
    def _most(self, X: FloatArray) -> int:
        """Largest number of components that standards can carry."""

    @abstractmethod
    def _squared_errors(
        self, X: FloatArray, y: FloatArray, X_out: FloatArray, y_out: FloatArray,
        *, most: int,
    ) -> FloatArray:  # fmt: skip
        """Sums of squared errors of standards left out with 1 to ``most`` components."""

    @abstractmethod
    def _learn(self, X: FloatArray, y: FloatArray, n_components: int) -> None:
        """Store what was learnt."""

    @abstractmethod
    def _apply(self, X: FloatArray) -> FloatArray:
        """Standardise checked spectra."""


def refuse_other_bands(X: FloatArray, y: FloatArray) -> None:
    """
    Refuse standards whose bands are not the same on both instruments.

    Parameters
    ----------
    X, y : ndarray of shape (n_standards, n_wavelengths)
        Spectra from the secondary and the primary instrument.

    Raises
    ------
    InvalidStudyError
        If the numbers of bands differ.
    """
    if X.shape[1] != y.shape[1]:
        msg = (
            f"{X.shape[1]} bands on the secondary, {y.shape[1]} on the primary "
            "instrument; expected the same; bring both to one grid first "
            "(cerussite.preprocessing.resample)"
        )
        raise InvalidStudyError(msg)


def squared_shape(residual: FloatArray) -> float:
    """
    Sum of squared errors about the mean error of each spectrum.

    Parameters
    ----------
    residual : ndarray of shape (n_samples, n_wavelengths)
        Errors of standardised spectra.

    Returns
    -------
    float
        What is left when every spectrum may move up or down as a whole: packing
        and distance move it anew in every scan, so that no method can know.
    """
    return float(np.square(residual - residual.mean(axis=1, keepdims=True)).sum())
