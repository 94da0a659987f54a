"""What all classical calibrations share: checks, tuning, averaging, saving."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray
from cerussite.models.checks import (
    MIN_ROWS,
    check_responses,
    check_some,
    folds_of,
    measured_together,
)
from cerussite.models.machines import Machine
from cerussite.models.storage import Stored
from cerussite.models.terms import Blocks, as_flags, learn
from cerussite.models.tuning import Folds
from cerussite.models.views import Block, View, fit_recipes

#: Preprocessings that are averaged unless others are named.
PREPROCESSING = ("none", "snv", "savgol1", "snv_savgol1")


class SpectralRegressor(Stored, MultiOutputMixin, RegressorMixin, BaseEstimator, ABC):
    """
    Contract of calibrations: checks before, shapes after.

    Subclasses learn in ``_fit`` and predict from prepared spectra in
    ``_predict``.

    Attributes
    ----------
    n_features_in_ : int
        Number of wavelengths seen in :meth:`fit`.
    recipes_ : dict of str to transformer
        Fitted preprocessings.
    out_of_fold_ : ndarray of shape (n_calibration, n_responses)
        Predictions of calibration rows by fits of inner folds that have not
        seen them; NaN where not measured. Settings were chosen on them, so
        their errors are slightly too small.
    """

    preprocessing: str | Sequence[str]
    standardise: bool | Sequence[bool]

    def fit(self, X: FloatArray, y: Any, *, groups: Any = None) -> Self:
        """
        Learn the calibration and everything that is chosen for it.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_wavelengths)
            Spectra as read.
        y : ndarray of shape (n_samples,) or (n_samples, n_responses)
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
        X = validate_data(self, X, dtype=np.float64, ensure_min_samples=MIN_ROWS)
        checked = check_responses(y)
        _check_lengths(X, checked, groups)
        self._is_single_ = checked.ndim == 1
        responses = checked.reshape(len(checked), -1)
        names = self.preprocessing
        names = (names,) if isinstance(names, str) else tuple(names)
        check_some("preprocessing", names)
        check_some("standardise", as_flags(self.standardise))
        self.recipes_ = fit_recipes(X, names)
        rows = {name: step.transform(X) for name, step in self.recipes_.items()}
        self._fit(rows, responses, groups)
        return self

    def predict(self, X: FloatArray) -> FloatArray:
        """
        Predict responses.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_wavelengths)
            Spectra on the wavelengths, and in the quantity, of the calibration.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_responses)
            In the unit and the number of dimensions of the ``y`` given to
            :meth:`fit`.
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        predictions = self._predict(Blocks(X, self.recipes_))
        return predictions[:, 0] if self._is_single_ else predictions

    @abstractmethod
    def _fit(self, rows: dict[str, FloatArray], y: FloatArray, groups: Any) -> None:
        """Learn from preprocessed rows."""

    @abstractmethod
    def _predict(self, blocks: Blocks) -> FloatArray:
        """Predict all responses, (n_samples, n_responses)."""


class Calibration(SpectralRegressor):
    """
    A family of regressions, tuned in inner folds and averaged over views.

    Attributes
    ----------
    terms_ : list of list of Term
        Summands of each response: view, setting, weight and fitted machine.
    """

    response_transform: str
    sharpness: float
    n_folds: int
    random_state: Any
    #: Whether predictions compare new spectra with the calibration rows.
    needs_rows = False

    def _fit(self, rows: dict[str, FloatArray], y: FloatArray, groups: Any) -> None:
        fit_methods([self], rows, y, groups)

    def _predict(self, blocks: Blocks) -> FloatArray:
        return blocks.predict(self.terms_)

    @abstractmethod
    def _paths(self, block: Block, Z: FloatArray) -> FloatArray:
        """Predictions of the new rows, (n_settings, n_new, n_columns)."""

    @abstractmethod
    def _machine(self, block: Block, z: FloatArray, setting: int) -> Machine:
        """Machine with one setting, fitted on the rows of a block."""

    @abstractmethod
    def _describe(self, setting: int) -> str:
        """Setting in words."""

    def _cross_validated(
        self, view: View, Z: FloatArray, folds: Folds
    ) -> FloatArray | None:
        # A family with a faster way of its own takes it here.
        del view, Z, folds
        return None

    def _choice(self, errors: FloatArray) -> int:
        return int(errors.mean(axis=1).argmin())


def fit_methods(
    methods: Sequence[Calibration],
    rows: dict[str, FloatArray],
    y: FloatArray,
    groups: Any,
) -> None:
    """
    Fit several methods on the same views and folds, those of the first.

    Parameters
    ----------
    methods : sequence of Calibration
        Get ``terms_`` and ``out_of_fold_``.
    rows : dict of str to ndarray of shape (n_samples, n_features)
        Calibration spectra after each recipe.
    y : ndarray of shape (n_samples, n_responses)
        Responses; NaN where not measured.
    groups : array_like of shape (n_samples,), or None
        Labels that folds never split.
    """
    leader = methods[0]
    for method in methods:
        method.terms_ = [[] for _ in range(y.shape[1])]
        method.out_of_fold_ = np.full(y.shape, np.nan)
    for measured, responses in measured_together(y):
        folds = folds_of(
            groups, measured, n_folds=leader.n_folds, random_state=leader.random_state
        )
        here = {name: values[measured] for name, values in rows.items()}
        learnt = learn(methods, here, y[measured], responses, folds)
        for method, of_method in zip(methods, learnt, strict=True):
            for response, (terms, out_of_fold) in of_method.items():
                method.terms_[response] = terms
                method.out_of_fold_[measured, response] = out_of_fold


def _check_lengths(X: FloatArray, y: FloatArray, groups: Any) -> None:
    for name, n in (("y", len(y)), ("groups", None if groups is None else len(groups))):
        if n is not None and n != len(X):
            msg = (
                f"{n} rows of {name} for {len(X)} spectra; expected one each; "
                "inconsistent numbers of samples cannot be matched"
            )
            raise InvalidStudyError(msg)
