"""An estimator with intervals around any other estimator."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import (
    BaseEstimator,
    MetaEstimatorMixin,
    MultiOutputMixin,
    RegressorMixin,
)
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import BoolArray, FloatArray, IntArray
from cerussite.evaluation.conformal.distributions import (
    exceedance_probability,
    predictive_draws,
    predictive_quantile,
)
from cerussite.evaluation.conformal.fold_models import (
    Recipe,
    back,
    fit_fold_models,
    forward,
)
from cerussite.evaluation.conformal.limits import prediction_intervals
from cerussite.evaluation.conformal.members import bootstrap_rows, split_rows, unseen_by
from cerussite.evaluation.conformal.predictions import Predictions
from cerussite.evaluation.conformal.residuals import (
    calibration_residuals,
    class_names,
    flags,
    numbered,
)
from cerussite.evaluation.splits import Labels, inner_folds


class ConformalRegressor(
    MetaEstimatorMixin, MultiOutputMixin, RegressorMixin, BaseEstimator
):
    r"""
    Conformal intervals, probabilities and draws around any estimator.

    Fits clones of the estimator so that each calibration row is predicted by
    clones that have not seen it, and hands the residuals to
    :func:`prediction_intervals` and its siblings. Where out-of-fold predictions
    are already at hand, those functions need no further fit.

    Parameters
    ----------
    estimator : estimator
        Anything with ``fit(X, y)`` and ``predict(X)``.
    method : {"cross", "split", "bootstrap"}
        CV+ with ``n_folds`` fits; one fit that leaves ``calibration_share`` of
        the rows for calibration; or jackknife+-after-bootstrap with
        ``n_members`` fits.
    difficulty : {"none", "neighbours", "spread"}
        What intervals widen with: nothing, the distance to the nearest fitted
        rows, or the disagreement of ``n_members`` bootstrap fits. It is learnt
        on the rows of each fit alone.
    grouped : bool
        Whether new samples come from sites that ``groups`` of :meth:`fit` does
        not hold.
    log : bool or sequence of bool
        Whether the logarithm is fitted and compared, for all or for each
        response; predictions are then medians.
    per_response : bool
        Whether each response is fitted on its own, on the rows where it was
        measured, which any estimator can do. ``False`` hands all responses with
        their NaN to one estimator that knows what to do with them.
    n_folds, n_members, n_neighbours : int
        Folds of ``"cross"``; bootstrap samples; neighbours of a sample.
    calibration_share : float
        Share of the rows, or sites, that ``"split"`` leaves out of the fit.
    random_state : int or Generator
        Who deals and draws.

    Attributes
    ----------
    residuals_ : CalibrationResiduals
        Of all calibration rows; ``to_json`` stores them.
    fold_models_ : FoldModels
        Fitted clones, and who has not seen what.
    n_features_in_ : int
        Number of wavelengths or covariates seen in :meth:`fit`.

    Notes
    -----
    An estimator that takes ``groups`` in ``fit`` is given them.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import Ridge
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(1200, 3))
    >>> y = X.sum(axis=1) + rng.normal(size=1200)
    >>> model = ConformalRegressor(Ridge()).fit(X[:200], y[:200])
    >>> lower, upper = model.predict_interval(X[200:], level=0.9)
    >>> print(np.mean((lower <= y[200:]) & (y[200:] <= upper)).round(1))
    0.9
    """

    def __init__(  # noqa: PLR0913 - scikit-learn stores each option
        self,
        estimator: Any,
        *,
        method: str = "cross",
        difficulty: str = "none",
        grouped: bool = False,
        log: bool | Sequence[bool] = False,
        per_response: bool = True,
        n_folds: int = 10,
        n_members: int = 30,
        n_neighbours: int = 5,
        calibration_share: float = 0.5,
        random_state: Any = 0,
    ) -> None:
        self.estimator = estimator
        self.method = method
        self.difficulty = difficulty
        self.grouped = grouped
        self.log = log
        self.per_response = per_response
        self.n_folds = n_folds
        self.n_members = n_members
        self.n_neighbours = n_neighbours
        self.calibration_share = calibration_share
        self.random_state = random_state

    def fit(
        self,
        X: FloatArray,
        y: Any,
        *,
        groups: Labels | None = None,
        classes: Labels | None = None,
    ) -> Self:
        """
        Fit all members and take the residuals of the rows they have not seen.

        Refuses missing groups where ``grouped``, labels that do not fit, unknown
        options and responses that cannot be fitted in every fold.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Spectra or covariates, one row a specimen.
        y : ndarray of shape (n_samples,) or (n_samples, n_responses)
            Responses; NaN where not measured.
        groups : array_like of shape (n_samples,), optional
            Labels, such as sites, that no fold splits.
        classes : array_like of shape (n_samples,), optional
            Classes that are to be covered each on its own.

        Returns
        -------
        Self
            The fitted regressor.
        """
        X = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        responses = self._responses(y, len(X))
        labels = self._labels(groups, len(X))
        is_log = flags(self.log, responses.shape[1])
        rng = np.random.default_rng(self.random_state)
        recipe, rows = self._recipe(), self._rows(labels, rng)
        scaled = forward(responses, is_log)
        self.fold_models_ = fit_fold_models(
            recipe,
            X,
            scaled,
            groups=labels,
            rows=rows,
            is_log=is_log,
            rng=rng,
            own_spread=(self.method, self.difficulty) == ("bootstrap", "spread"),
        )
        self.final_ = (
            recipe.member(X, scaled, labels) if self.method == "cross" else None
        )
        kept = np.asarray(unseen_by(rows, len(X)).any(axis=1))
        predicted, difficulty = self.fold_models_.out_of_fold(X[kept])
        self.residuals_ = calibration_residuals(
            responses[kept],
            predicted,
            difficulty=difficulty,
            groups=labels[kept] if self.grouped else None,
            classes=_part(classes, kept),
            log=is_log.tolist(),
        )
        return self

    def predict(self, X: FloatArray) -> FloatArray:
        """
        Predict responses.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Spectra or covariates.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_responses)
            By a fit on all rows, the only fit of a split, or the mean of
            bootstrap fits; in the unit and shape of ``y``.
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        models = self.fold_models_
        values = models.values(X) if self.final_ is None else [self.final_.predict(X)]
        return self._shaped(back(np.mean(values, axis=0), models.is_log))

    def predict_interval(
        self,
        X: FloatArray,
        *,
        level: float,
        joint: bool = False,
        classes: Labels | None = None,
    ) -> tuple[FloatArray, FloatArray]:
        """
        Limits that hold the values of new samples; see :func:`prediction_intervals`.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Spectra or covariates.
        level : float
            Nominal coverage.
        joint : bool
            Whether of all responses of a sample at once.
        classes : array_like of shape (n_samples,), optional
            Classes, where :meth:`fit` had them.

        Returns
        -------
        tuple of (ndarray, ndarray)
            Lower and upper limits in the unit and shape of ``y``.
        """
        predictions = self._predictions(X, classes)
        lower, upper = prediction_intervals(
            self.residuals_, predictions, level=level, joint=joint
        )
        return self._shaped(lower), self._shaped(upper)

    def predict_exceedance(
        self,
        X: FloatArray,
        *,
        threshold: FloatArray | float,
        classes: Labels | None = None,
    ) -> FloatArray:
        """
        Probability of values above a threshold; see :func:`exceedance_probability`.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Spectra or covariates.
        threshold : float or ndarray of shape (n_responses,)
            In the unit of ``y``.
        classes : array_like of shape (n_samples,), optional
            Classes, where :meth:`fit` had them.

        Returns
        -------
        ndarray of the shape of ``y``
            Between 0 and 1.
        """
        predictions = self._predictions(X, classes)
        return self._shaped(
            exceedance_probability(self.residuals_, predictions, threshold=threshold)
        )

    def predict_quantile(
        self,
        X: FloatArray,
        *,
        probability: float,
        classes: Labels | None = None,
    ) -> FloatArray:
        """
        Value not exceeded with a probability; see :func:`predictive_quantile`.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Spectra or covariates.
        probability : float
            Between 0 and 1.
        classes : array_like of shape (n_samples,), optional
            Classes, where :meth:`fit` had them.

        Returns
        -------
        ndarray of the shape of ``y``
            In its unit.
        """
        predictions = self._predictions(X, classes)
        return self._shaped(
            predictive_quantile(self.residuals_, predictions, probability=probability)
        )

    def predict_draws(
        self,
        X: FloatArray,
        *,
        n_draws: int,
        random_state: int | np.random.Generator,
        classes: Labels | None = None,
    ) -> FloatArray:
        """
        Joint draws of all responses; see :func:`predictive_draws`.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Spectra or covariates.
        n_draws : int
            Number of draws.
        random_state : int or Generator
            Who draws.
        classes : array_like of shape (n_samples,), optional
            Classes, where :meth:`fit` had them.

        Returns
        -------
        ndarray of shape (n_draws, n_samples) or (n_draws, n_samples, n_responses)
            In the unit of ``y``.
        """
        predictions = self._predictions(X, classes)
        draws = predictive_draws(
            self.residuals_, predictions, n_draws=n_draws, random_state=random_state
        )
        return self._shaped(draws)

    def _responses(self, y: Any, n_samples: int) -> FloatArray:
        if y is None:
            msg = "requires y to be passed, but the target y is None"
            raise InvalidStudyError(msg)
        checked = check_array(
            y,
            dtype=np.float64,
            ensure_2d=False,
            ensure_all_finite="allow-nan",
            input_name="y",
        )
        if len(checked) != n_samples:
            msg = (
                f"{len(checked)} rows of y for {n_samples} samples; expected one each; "
                "inconsistent numbers of samples cannot be matched"
            )
            raise InvalidStudyError(msg)
        self._is_single = checked.ndim == 1
        return checked.reshape(n_samples, -1)

    def _labels(self, groups: Labels | None, n_samples: int) -> IntArray:
        if groups is None and self.grouped:
            msg = (
                "no groups for grouped intervals; expected the site of each sample: "
                "pass groups to fit, or set grouped=False where new samples come from "
                "the same places"
            )
            raise InvalidStudyError(msg)
        if groups is None:
            return np.arange(n_samples)
        return numbered(groups, n_samples, what="groups")

    def _recipe(self) -> Recipe:
        return Recipe(
            self.estimator,
            per_response=self.per_response,
            difficulty=self.difficulty,
            n_members=self.n_members,
            n_neighbours=self.n_neighbours,
        )

    def _rows(self, labels: IntArray, rng: np.random.Generator) -> list[IntArray]:
        if self.method == "cross":
            folds = inner_folds(labels, n_folds=self.n_folds, random_state=rng)
            return [rows for rows, _ in folds]
        if self.method == "bootstrap":
            return [bootstrap_rows(labels, rng) for _ in range(self.n_members)]
        if self.method == "split":
            share = self.calibration_share
            return [split_rows(labels, calibration_share=share, rng=rng)]
        msg = f"method {self.method!r}; expected 'split', 'cross' or 'bootstrap'"
        raise InvalidStudyError(msg)

    def _predictions(self, X: FloatArray, classes: Labels | None) -> Predictions:
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        return self.fold_models_.predictions(X, classes)

    def _shaped(self, values: FloatArray) -> FloatArray:
        return values[..., 0] if self._is_single else values


def _part(labels: Labels | None, rows: BoolArray) -> Labels | None:
    if labels is None:
        return None
    return class_names(labels, rows.size)[rows]
