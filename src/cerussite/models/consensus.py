"""The consensus of several families of regressions."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import clone

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray
from cerussite.models.base import (
    PREPROCESSING,
    Calibration,
    SpectralRegressor,
    fit_methods,
)
from cerussite.models.gaussian_process import GaussianProcess
from cerussite.models.kernel_ridge import KernelRidge
from cerussite.models.partial_least_squares import PartialLeastSquares
from cerussite.models.ridge import SpectralRidge
from cerussite.models.stacking import stacked_weights
from cerussite.models.support_vectors import SupportVectorRegression
from cerussite.models.terms import Blocks

COMBINATIONS = ("mean", "stack")


class Consensus(SpectralRegressor):
    """
    Average of several families of regressions, each tuned in the same folds.

    The families are partial least squares, ridge, kernel ridge, Gaussian process
    and support vector regression. They err differently, so their
    average errs less than any of them on most responses; ``docs/models.md`` has the figures.

    Parameters
    ----------
    members : sequence of Calibration, optional
        Unfitted families; their own grids count, while views, folds and scale
        of the responses are those of the consensus. Without them, the five
        named above.
    combine : {"mean", "stack"}
        Plain mean, or non-negative weights from out-of-fold predictions.
    shrinkage : float
        Pull of stacked weights towards the plain mean; see
        :func:`cerussite.models.stacking.stacked_weights`.
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
    members_ : list of Calibration
        Fitted families.
    weights_ : ndarray of shape (n_members, n_responses)
        Weights of the families; those of a response sum to one.
    out_of_fold_ : ndarray of shape (n_calibration, n_responses)
        Out-of-fold predictions of the calibration rows; stacked weights have
        seen them.
    """

    def __init__(  # noqa: PLR0913 - scikit-learn stores each option
        self,
        *,
        members: Sequence[Calibration] | None = None,
        combine: str = "mean",
        shrinkage: float = 1.0,
        preprocessing: str | Sequence[str] = PREPROCESSING,
        standardise: bool | Sequence[bool] = (False, True),
        response_transform: str = "none",
        sharpness: float = 4.0,
        n_folds: int = 5,
        random_state: Any = 0,
    ) -> None:
        self.members = members
        self.combine = combine
        self.shrinkage = shrinkage
        self.preprocessing = preprocessing
        self.standardise = standardise
        self.response_transform = response_transform
        self.sharpness = sharpness
        self.n_folds = n_folds
        self.random_state = random_state

    def _fit(self, rows: dict[str, FloatArray], y: FloatArray, groups: Any) -> None:
        if self.combine not in COMBINATIONS:
            expected = ", ".join(COMBINATIONS)
            msg = f"combine {self.combine!r}; expected one of {expected}"
            raise InvalidStudyError(msg)
        self.members_ = self._prepared()
        fit_methods(self.members_, rows, y, groups)
        out_of_fold = np.stack([member.out_of_fold_ for member in self.members_])
        self.weights_ = self._weights(out_of_fold, y)
        self.out_of_fold_ = np.einsum("mr,mnr->nr", self.weights_, out_of_fold)

    def _prepared(self) -> list[Calibration]:
        members = self.members or (
            PartialLeastSquares(),
            SpectralRidge(),
            KernelRidge(),
            GaussianProcess(),
            SupportVectorRegression(),
        )
        return [
            clone(member).set_params(
                preprocessing=self.preprocessing,
                standardise=self.standardise,
                response_transform=self.response_transform,
                sharpness=self.sharpness,
                n_folds=self.n_folds,
                random_state=self.random_state,
            )
            for member in members
        ]

    def _weights(self, out_of_fold: FloatArray, y: FloatArray) -> FloatArray:
        n_members, _, n_responses = out_of_fold.shape
        if self.combine == "mean":
            return np.full((n_members, n_responses), 1.0 / n_members)
        columns = []
        for k, observed in enumerate(y.T):
            rows = ~np.isnan(observed)
            columns.append(
                stacked_weights(
                    out_of_fold[:, rows, k].T, observed[rows], shrinkage=self.shrinkage
                )
            )
        return np.column_stack(columns)

    def _predict(self, blocks: Blocks) -> FloatArray:
        predictions = [blocks.predict(member.terms_) for member in self.members_]
        return np.einsum("mr,mnr->nr", self.weights_, np.stack(predictions))
