"""Average of calibrations on tables."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from cerussite.core.types import FloatArray
from cerussite.models.tabular.base import TabularRegressor
from cerussite.models.tabular.forest import TabularForest
from cerussite.models.tabular.gaussian_process import TabularGaussianProcess
from cerussite.models.tabular.support_vectors import TabularSupportVectors


class TabularConsensus(TabularRegressor):
    """
    Average of several families on the scale that is learnt.

    Without members: a Gaussian process without a kernel of places, a forest and
    support vector regression. Name the members to give the process coordinates,
    or to take boosted trees instead.

    Parameters
    ----------
    members : sequence of TabularRegressor, optional
        Unfitted; their own options count, while folds and scale of the
        responses are those of the consensus.
    response_transform : {"log", "none", "yeo_johnson"}
        Scale that is learnt and averaged on.
    estimate : {"mean", "median"}
        What is predicted from it: the mean, by smearing, or the median.
    n_folds : int
        Number of inner folds.
    random_state : int or Generator
        Who deals the folds and grows the trees.

    Attributes
    ----------
    members_ : list of TabularRegressor
        Fitted members; they predict on the learnt scale.
    out_of_fold_ : ndarray of shape (n_calibration, n_responses)
        Out-of-fold predictions of the calibration rows.
    """

    def __init__(
        self,
        *,
        members: Sequence[TabularRegressor] | None = None,
        response_transform: str = "log",
        estimate: str = "mean",
        n_folds: int = 5,
        random_state: Any = 0,
    ) -> None:
        self.members = members
        self.response_transform = response_transform
        self.estimate = estimate
        self.n_folds = n_folds
        self.random_state = random_state

    def _learn(self, table: pd.DataFrame, Z: FloatArray, groups: Any) -> FloatArray:
        members = self.members or (
            TabularGaussianProcess(),
            TabularForest(),
            TabularSupportVectors(),
        )
        shared = {
            "response_transform": "none",
            "estimate": "median",
            "n_folds": self.n_folds,
            "random_state": self.random_state,
        }
        self.members_ = [clone(member).set_params(**shared) for member in members]
        for member in self.members_:
            member.fit(table, Z, groups=groups)
        return np.mean([member.out_of_fold_ for member in self.members_], axis=0)

    def _predict(self, table: pd.DataFrame) -> FloatArray:
        return np.mean([member.predict(table) for member in self.members_], axis=0)
