"""Gradient boosted trees on covariates, with gaps and categories as they are."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray
from cerussite.explanation import TreeMap, Trees
from cerussite.models.tabular.base import Rows, TunedTabular
from cerussite.models.tabular.encoder import TableEncoder
from cerussite.models.tabular.seeds import seed_of
from cerussite.models.tabular.tree_maps import tree_map_of

#: Numbers of trees tried; each is read off the longest run.
ROUNDS = (50, 100, 200, 400, 600, 800)
#: Leaves of a tree tried.
LEAVES = (15,)


class TabularBoostedTrees(TunedTabular):
    """
    Gradient boosted trees, one booster a response.

    Gaps go the way that lowers the error at each split, and categories are
    split into sets [1]_; neither is filled or spread before.

    Parameters
    ----------
    rounds : sequence of int
        Numbers of trees tried.
    n_leaves : sequence of int
        Numbers of leaves tried; each multiplies the time.
    learning_rate : float
        Share of each tree that is added.
    max_features : float
        Share of the covariates that each tree may choose from.
    min_leaf_rows : int
        Fewest rows of a leaf.
    response_transform : {"log", "none", "yeo_johnson"}
        Scale that is learnt.
    estimate : {"mean", "median"}
        What is predicted from it: the mean, by smearing, or the median.
    n_folds : int
        Number of inner folds.
    random_state : int or Generator
        Who deals the folds and grows the trees.

    Attributes
    ----------
    boosters_ : list of str
        LightGBM's own text form of the trees of each response.
    encoder_ : TableEncoder
        What was learnt of the table.
    out_of_fold_ : ndarray of shape (n_calibration, n_responses)
        Out-of-fold predictions of the calibration rows.

    References
    ----------
    .. [1] Ke, G. et al. (2017). LightGBM: a highly efficient gradient boosting
       decision tree. Advances in Neural Information Processing Systems 30.
    """

    def __init__(  # noqa: PLR0913 - scikit-learn stores each option
        self,
        *,
        rounds: Sequence[int] = ROUNDS,
        n_leaves: Sequence[int] = LEAVES,
        learning_rate: float = 0.04,
        max_features: float = 0.5,
        min_leaf_rows: int = 10,
        response_transform: str = "log",
        estimate: str = "mean",
        n_folds: int = 5,
        random_state: Any = 0,
    ) -> None:
        self.rounds = rounds
        self.n_leaves = n_leaves
        self.learning_rate = learning_rate
        self.max_features = max_features
        self.min_leaf_rows = min_leaf_rows
        self.response_transform = response_transform
        self.estimate = estimate
        self.n_folds = n_folds
        self.random_state = random_state

    def tree_map(self) -> TreeMap:
        """
        Trees on the encoded covariates, for explanations.

        Returns
        -------
        TreeMap
            Predicts what the calibration does, or its logarithm where one was
            learnt.

        Raises
        ------
        InvalidStudyError
            If the calibration rows held categories or gaps, which explanations
            of trees cannot follow.
        """
        check_is_fitted(self)
        if self.encoder_.levels_ or self.encoder_.has_gaps_.any():
            msg = (
                "boosted trees that split categories or gaps; expected numbers "
                "without gaps; explain a TabularForest, or use occlusion"
            )
            raise InvalidStudyError(msg)
        constants = self._smearing()
        trees = [
            (k, Trees.of(_booster(text)).plus(constants[[k]]))
            for k, text in enumerate(self.boosters_)
        ]
        return tree_map_of(self, trees)

    def _encoder(self) -> TableEncoder:
        return TableEncoder(
            logs="none", is_scaled=False, is_filled=False, one_hot=False
        )

    def _prepare(self, X: FloatArray, Z: FloatArray, groups: Any) -> None:
        del X, groups
        self.boosters_ = [""] * Z.shape[1]

    def _paths(self, rows: Rows, new: FloatArray) -> FloatArray:
        columns = []
        for z in rows.Z.T:
            boosters = [
                self._grow(rows.X, z, n, max(self.rounds)) for n in self.n_leaves
            ]
            columns.append(
                [
                    booster.predict(new, num_iteration=n_rounds)
                    for booster, n_rounds in product(boosters, self.rounds)
                ]
            )
        return np.moveaxis(np.array(columns), 0, -1)

    def _store(self, rows: Rows) -> None:
        settings = list(product(self.n_leaves, self.rounds))
        for z, response in zip(rows.Z.T, rows.responses, strict=True):
            n_leaves, n_rounds = settings[self.settings_[response]]
            booster = self._grow(rows.X, z, n_leaves, n_rounds)
            self.boosters_[response] = booster.model_to_string()

    def _evaluate(self, X: FloatArray) -> FloatArray:
        columns = [_booster(text).predict(X, num_threads=1) for text in self.boosters_]
        return np.column_stack(columns)

    def _grow(self, X: FloatArray, z: FloatArray, n_leaves: int, n_rounds: int) -> Any:
        import lightgbm  # noqa: PLC0415 - takes a second to import

        options = {
            "objective": "l2",
            "learning_rate": self.learning_rate,
            "num_leaves": n_leaves,
            "min_data_in_leaf": min(self.min_leaf_rows, max(1, len(z) // 10)),
            "feature_fraction": self.max_features,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "lambda_l2": 1.0,
            "seed": seed_of(self.random_state),
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
            "verbosity": -1,
        }
        categories = sorted(self.encoder_.levels_)
        rows = lightgbm.Dataset(X, label=z, categorical_feature=categories or "auto")
        return lightgbm.train(options, rows, num_boost_round=n_rounds)


def _booster(text: str) -> Any:
    from lightgbm import Booster  # noqa: PLC0415 - takes a second to import

    return Booster(model_str=text)
