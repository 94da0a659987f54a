"""What all calibrations on tables of covariates share."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray, IntArray
from cerussite.models.checks import check_responses, folds_of, measured_together
from cerussite.models.storage import Stored
from cerussite.models.tabular.table import check_table
from cerussite.models.tuning import Folds
from cerussite.preprocessing import response_transform

#: What is predicted where a transform of the responses was learnt.
ESTIMATES = ("mean", "median")


class TabularRegressor(Stored, MultiOutputMixin, RegressorMixin, BaseEstimator, ABC):
    """
    Contract of calibrations on tables: checks before, scales and shapes after.

    Subclasses learn and predict on the transformed scale of the responses.

    Attributes
    ----------
    n_features_in_ : int
        Number of covariates seen in :meth:`fit`.
    transform_ : ResponseTransform
        Fitted on the calibration responses.
    residuals_ : ndarray of shape (n_calibration, n_responses)
        Out-of-fold residuals on the transformed scale, for smearing.
    out_of_fold_ : ndarray of shape (n_calibration, n_responses)
        Predictions of calibration rows by fits of inner folds that have not
        seen their responses; NaN where not measured. Settings were chosen on
        them, so their errors are slightly too small.
    """

    response_transform: str
    estimate: str
    n_folds: int
    random_state: Any

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        return tags

    def fit(self, X: Any, y: Any, *, groups: Any = None) -> Self:
        """
        Learn the calibration and everything that is chosen for it.

        Parameters
        ----------
        X : DataFrame or array_like of shape (n_samples, n_features)
            Covariates: numbers and, in a data frame, text; NaN where not known.
        y : array_like of shape (n_samples,) or (n_samples, n_responses)
            Responses; NaN where not measured. Each is learnt from the rows
            where it was measured.
        groups : array_like of shape (n_samples,), optional
            Labels that inner folds never split; without them rows are
            independent.

        Returns
        -------
        Self
            The fitted calibration.

        Raises
        ------
        InvalidStudyError
            If a response was measured too rarely, groups do not match the
            rows, or an option is unknown.
        """
        if y is None:
            msg = "fit requires y to be passed, but the target y is None"
            raise InvalidStudyError(msg)
        table = check_table(self, X, reset=True)
        checked = check_responses(y)
        _check_lengths(table, checked, groups)
        if self.estimate not in ESTIMATES:
            msg = f"estimate {self.estimate!r}; expected one of {', '.join(ESTIMATES)}"
            raise InvalidStudyError(msg)
        self._is_single_ = checked.ndim == 1
        responses = checked.reshape(len(checked), -1)
        self.transform_ = response_transform(self.response_transform).fit(responses)
        Z = self.transform_.transform(responses)
        out_of_fold = self._learn(table, Z, groups)
        self.residuals_ = Z - out_of_fold
        self.out_of_fold_ = self._back(out_of_fold)
        return self

    def predict(self, X: Any) -> FloatArray:
        """
        Predict responses.

        Parameters
        ----------
        X : DataFrame or array_like of shape (n_samples, n_features)
            The covariates given to :meth:`fit`.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_responses)
            In the unit and the number of dimensions of the ``y`` given to
            :meth:`fit`.
        """
        check_is_fitted(self)
        table = check_table(self, X, reset=False)
        predictions = self._back(self._predict(table))
        return predictions[:, 0] if self._is_single_ else predictions

    @abstractmethod
    def _learn(self, table: pd.DataFrame, Z: FloatArray, groups: Any) -> FloatArray:
        """Learn; predictions of the rows by fits that have not seen them."""

    @abstractmethod
    def _predict(self, table: pd.DataFrame) -> FloatArray:
        """Predict all responses on the transformed scale."""

    def _back(self, Z: FloatArray) -> FloatArray:
        if self.estimate == "median":
            return self.transform_.inverse_transform(Z)
        return self.transform_.back_transform(Z, self.residuals_)

    def _smearing(self) -> FloatArray:
        """What the way back adds to each response on the scale that was learnt."""
        if self.response_transform not in {"log", "none"}:
            msg = (
                f"response_transform {self.response_transform!r} leaves neither a sum "
                "nor the logarithm of one to explain; expected 'log' or 'none'; use "
                "occlusion"
            )
            raise InvalidStudyError(msg)
        if self.estimate == "median":
            return np.zeros(self.residuals_.shape[1])
        if self.response_transform == "log":
            return np.log(np.nanmean(np.exp(self.residuals_), axis=0))
        return np.nanmean(self.residuals_, axis=0)


class Rows(NamedTuple):
    """
    Encoded rows and what was measured on them.

    Attributes
    ----------
    X : ndarray of shape (n_rows, n_encoded)
        Encoded covariates.
    Z : ndarray of shape (n_rows, n_columns)
        Responses on the transformed scale, complete.
    responses : ndarray of shape (n_columns,)
        Their positions among all responses.
    """

    X: FloatArray
    Z: FloatArray
    responses: IntArray

    def at(self, rows: IntArray) -> "Rows":
        """
        Some of the rows.

        Parameters
        ----------
        rows : ndarray of int
            Positions.

        Returns
        -------
        Rows
            In the order of ``rows``.
        """
        return Rows(self.X[rows], self.Z[rows], self.responses)


class TunedTabular(TabularRegressor):
    """
    A family of regressions on encoded covariates, tuned in inner folds.

    Responses that were measured on the same rows are learnt together.

    Attributes
    ----------
    encoder_ : TableEncoder
        What was learnt of the table, from all rows and without the responses.
    settings_ : list of int
        Chosen setting of each response.
    """

    def _learn(self, table: pd.DataFrame, Z: FloatArray, groups: Any) -> FloatArray:
        X = self._fit_encoder(table)
        self._prepare(X, Z, groups)
        self.settings_ = [0] * Z.shape[1]
        out_of_fold = np.full(Z.shape, np.nan)
        for measured, rows, folds in self._parts(X, Z, groups):
            best, predictions = self._choose(rows, folds)
            for k, response in enumerate(rows.responses):
                self.settings_[response] = int(best[k])
            out_of_fold[np.ix_(measured, rows.responses)] = predictions
            self._store(rows)
        return out_of_fold

    def _predict(self, table: pd.DataFrame) -> FloatArray:
        return self._evaluate(self._encode(table))

    def _fit_encoder(self, table: pd.DataFrame) -> FloatArray:
        self.encoder_ = self._encoder().fit(table)
        return self.encoder_.transform(table)

    def _encode(self, table: pd.DataFrame) -> FloatArray:
        return self.encoder_.transform(table)

    def _parts(
        self, X: FloatArray, Z: FloatArray, groups: Any
    ) -> Iterator[tuple[IntArray, Rows, Folds]]:
        for measured, responses in measured_together(Z):
            folds = folds_of(
                groups, measured, n_folds=self.n_folds, random_state=self.random_state
            )
            rows = Rows(X[measured], Z[np.ix_(measured, responses)], responses)
            yield measured, rows, folds

    def _choose(self, rows: Rows, folds: Folds) -> tuple[IntArray, FloatArray]:
        """Setting of each column, and what it predicts out of fold."""
        paths = cross_validated(self, rows, folds)
        best = np.square(paths - rows.Z).mean(axis=1).argmin(axis=0)
        chosen = [paths[setting, :, k] for k, setting in enumerate(best)]
        return best, np.column_stack(chosen)

    def _prepare(self, X: FloatArray, Z: FloatArray, groups: Any) -> None:
        """Learn what all folds share; nothing here, others do."""

    @abstractmethod
    def _encoder(self) -> Any:
        """Unfitted encoder of the table."""

    @abstractmethod
    def _paths(self, rows: Rows, new: FloatArray) -> FloatArray:
        """Predictions of the new rows, (n_settings, n_new, n_columns)."""

    @abstractmethod
    def _store(self, rows: Rows) -> None:
        """Fit the chosen settings on all rows and keep what predicts."""

    @abstractmethod
    def _evaluate(self, X: FloatArray) -> FloatArray:
        """Predict all responses from encoded rows."""


def cross_validated(family: TunedTabular, rows: Rows, folds: Folds) -> FloatArray:
    """
    Predictions of every row by fits that have not seen it.

    Parameters
    ----------
    family : TunedTabular
        Whose paths.
    rows : Rows
        Calibration rows.
    folds : sequence of (ndarray, ndarray)
        Positions to fit on and to choose on; the latter cover all rows once.

    Returns
    -------
    ndarray of shape (n_settings, n_rows, n_columns)
        On the transformed scale.
    """
    parts = [family._paths(rows.at(fitted), rows.X[tuning]) for fitted, tuning in folds]
    order = np.argsort(np.concatenate([tuning for _, tuning in folds]))
    return np.concatenate(parts, axis=1)[:, order]


def _check_lengths(table: pd.DataFrame, y: FloatArray, groups: Any) -> None:
    for name, n in (("y", len(y)), ("groups", None if groups is None else len(groups))):
        if n is not None and n != len(table):
            msg = (
                f"{n} rows of {name} for {len(table)} rows of covariates; expected one "
                "each; inconsistent numbers of samples cannot be matched"
            )
            raise InvalidStudyError(msg)
