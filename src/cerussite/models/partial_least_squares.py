"""Partial least squares, for every number of components at once."""

import contextlib
import io
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from ikpls.fast_cross_validation.numpy import PLS as FastCrossValidation  # noqa: N811 - its name in ikpls says too little
from ikpls.numpy import PLS as ImprovedKernelPLS  # noqa: N811 - two classes of one name

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray
from cerussite.explanation import LinearMap
from cerussite.models.base import PREPROCESSING, Calibration
from cerussite.models.linear_maps import linear_map_of
from cerussite.models.machines import LinearMachine, Machine
from cerussite.models.tuning import Folds
from cerussite.models.views import Block, View

RULES = ("minimum", "one_standard_error")


def cross_validated_components(
    X: FloatArray,
    y: FloatArray,
    *,
    folds: Folds,
    n_components: int,
    standardise: bool = False,
) -> FloatArray:
    """
    Out-of-fold predictions of partial least squares, all numbers of components.

    Centring and scaling are learnt in each fold again; cross-products of the
    whole set are made once and those of each fold taken off [1]_.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Spectra.
    y : ndarray of shape (n_samples, n_responses)
        Responses without gaps; several share their components (PLS2).
    folds : sequence of (ndarray, ndarray)
        Positions to fit on and to predict; the latter cover all rows once.
    n_components : int
        Largest number of components; at most the rank of the smallest fold.
    standardise : bool
        Whether each band of ``X`` is divided by its standard deviation.

    Returns
    -------
    ndarray of shape (n_components, n_samples, n_responses)
        Predictions with 1, 2, ... components.

    References
    ----------
    .. [1] Engstrøm, O.-C. G. and Jensen, M. H. (2025). Fast partition-based
       cross-validation with centering and scaling for X'X and X'Y. Journal of
       Chemometrics 39(3), e70008.
    """
    labels = np.empty(len(X), dtype=int)
    for fold, (_, held_out) in enumerate(folds):
        labels[held_out] = fold
    engine = FastCrossValidation(
        algorithm=1 if len(X) <= X.shape[1] else 2,
        scale_X=standardise,
        scale_Y=False,
    )
    with _quiet():
        parts = engine.cross_validate(
            X, y, n_components, labels, _predictions, n_jobs=1, verbose=0
        )
    paths = np.empty((n_components, *y.shape))
    for fold, predictions in parts.items():
        paths[:, labels == fold] = predictions
    return paths


class PartialLeastSquares(Calibration):
    """
    Partial least squares regression, one response at a time (PLS1).

    The number of components is chosen in inner folds for each view and
    response. By default predictions are averaged over views, weighted by how
    well each did in the inner folds; ``sharpness=float("inf")`` keeps the best
    alone, as partial least squares is commonly used.

    Parameters
    ----------
    n_components : int
        Largest number of components tried.
    rule : {"minimum", "one_standard_error"}
        Take the number of least error, or the smallest one within a standard
        error of it [2]_. The former validates better on the data in
        ``docs/models.md``.
    preprocessing : str or sequence of str
        Recipes averaged over, of :data:`cerussite.preprocessing.RECIPES`.
    standardise : bool or sequence of bool
        Scalings averaged over: bands as they are, or each of variance one.
    response_transform : {"none", "log", "auto"}
        Scale that is learnt; predictions return by smearing. ``"auto"`` averages
        over both, weighted as the views are.
    sharpness : float
        Exponent of the weights in the average; see
        :func:`cerussite.models.tuning.weights_of`.
    n_folds : int
        Number of inner folds.
    random_state : int or Generator
        Who deals the folds.

    Attributes
    ----------
    terms_ : list of list of Term
        Summands of each response.
    out_of_fold_ : ndarray of shape (n_calibration, n_responses)
        Out-of-fold predictions of the calibration rows.

    References
    ----------
    .. [1] Dayal, B. S. and MacGregor, J. F. (1997). Improved PLS algorithms.
       Journal of Chemometrics 11(1), 73-85.
    .. [2] Hastie, T., Tibshirani, R. and Friedman, J. (2009). The Elements of
       Statistical Learning, section 7.10. Springer.
    """

    def __init__(  # noqa: PLR0913 - scikit-learn stores each option
        self,
        *,
        n_components: int = 30,
        rule: str = "minimum",
        preprocessing: str | Sequence[str] = PREPROCESSING,
        standardise: bool | Sequence[bool] = (False, True),
        response_transform: str = "none",
        sharpness: float = 4.0,
        n_folds: int = 5,
        random_state: Any = 0,
    ) -> None:
        self.n_components = n_components
        self.rule = rule
        self.preprocessing = preprocessing
        self.standardise = standardise
        self.response_transform = response_transform
        self.sharpness = sharpness
        self.n_folds = n_folds
        self.random_state = random_state

    def _fit(self, rows: dict[str, FloatArray], y: FloatArray, groups: Any) -> None:
        if self.rule not in RULES:
            msg = f"rule {self.rule!r}; expected one of {', '.join(RULES)}"
            raise InvalidStudyError(msg)
        super()._fit(rows, y, groups)

    def _cross_validated(
        self, view: View, Z: FloatArray, folds: Folds
    ) -> FloatArray | None:
        n_rows, n_features = view.preprocessed.shape
        if n_rows <= n_features:
            return None  # rotated folds are small, and shared with other methods
        X = view.scaling(view.preprocessed)
        fewest = min(len(fitted) for fitted, _ in folds)
        n_components = min(self.n_components, fewest - 1, n_features)
        columns = [
            cross_validated_components(
                X,
                z[:, np.newaxis],
                folds=folds,
                n_components=n_components,
                standardise=view.is_standardised,
            )
            for z in Z.T
        ]
        return np.concatenate(columns, axis=2)

    def linear_map(self) -> LinearMap:
        """
        Coefficients on spectra as read, for explanations.

        Returns
        -------
        LinearMap
            See :func:`cerussite.models.linear_maps.linear_map_of`.
        """
        return linear_map_of(self)

    def _paths(self, block: Block, Z: FloatArray) -> FloatArray:
        n_components = min(self.n_components, len(block.variances))
        columns = [
            _fitted(block.scores, z, n_components).predict(block.new_scores)
            for z in Z.T
        ]
        return np.concatenate(columns, axis=2)

    def _choice(self, errors: FloatArray) -> int:
        best = super()._choice(errors)
        if self.rule == "minimum":
            return best
        means = errors.mean(axis=1)
        allowance = errors[best].std(ddof=1) / np.sqrt(errors.shape[1])
        return int(np.argmax(means <= means[best] + allowance))

    def _machine(self, block: Block, z: FloatArray, setting: int) -> Machine:
        n_components = min(setting + 1, len(block.variances))
        weights = _fitted(block.scores, z, n_components).B[-1, :, 0]
        return LinearMachine(block.axes @ weights, float(z.mean()))

    def _describe(self, setting: int) -> str:
        return f"{setting + 1} components"


def _fitted(scores: FloatArray, z: FloatArray, n_components: int) -> ImprovedKernelPLS:
    engine = ImprovedKernelPLS(algorithm=1, scale_X=False, scale_Y=False)
    with _quiet():
        engine.fit(scores, z[:, np.newaxis], n_components)
    return engine


def _predictions(y: FloatArray, predictions: FloatArray) -> FloatArray:  # noqa: ARG001 - ikpls passes both
    return predictions


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep progress off the terminal; components beyond the rank change nothing."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.filterwarnings("ignore", message=".*are identical to predictions.*")
        yield
