"""Random forests and extremely randomised trees on covariates."""

from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor
from sklearn.utils.validation import check_is_fitted

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray
from cerussite.explanation import TreeMap, Trees
from cerussite.models.tabular.base import Rows, TunedTabular
from cerussite.models.tabular.encoder import TableEncoder
from cerussite.models.tabular.seeds import seed_of
from cerussite.models.tabular.tree_maps import tree_map_of

#: How trees are grown.
GROWTHS = ("bootstrap", "random_splits")
#: Rows sent down the trees at once, so that large maps fit into memory.
_ROWS = 1000


class TabularForest(TunedTabular):
    """
    Random forest on covariates; predictions never leave the range seen.

    Parameters
    ----------
    growth : {"bootstrap", "random_splits"}
        Best splits of resampled rows [1]_, or extremely randomised trees: random
        splits of all rows [2]_, smoother and faster.
    n_trees : int
        Number of trees.
    max_features : float
        Share of the encoded covariates that each split may choose from.
    min_leaf_rows : int
        Fewest rows of a leaf.
    is_shared : bool
        One forest for all responses that were measured on the same rows, each
        scaled to variance one, instead of one a response: as many times faster
        as there are responses.
    has_indicators : bool
        A column for each covariate with gaps that says where they were.
    response_transform : {"log", "none", "yeo_johnson"}
        Scale that is learnt.
    estimate : {"mean", "median"}
        What is predicted from it: the mean, by smearing, or the median.
    n_folds : int
        Number of inner folds, for the out-of-fold predictions.
    random_state : int or Generator
        Who deals the folds and grows the trees.

    Attributes
    ----------
    forests_ : list of Trees
        Fitted forests as plain arrays.
    responses_ : list of ndarray of int
        Responses of each forest.
    encoder_ : TableEncoder
        What was learnt of the table.
    out_of_fold_ : ndarray of shape (n_calibration, n_responses)
        Out-of-fold predictions of the calibration rows.

    References
    ----------
    .. [1] Breiman, L. (2001). Random forests. Machine Learning 45, 5-32.
    .. [2] Geurts, P., Ernst, D. and Wehenkel, L. (2006). Extremely randomized
       trees. Machine Learning 63, 3-42.
    """

    def __init__(  # noqa: PLR0913 - scikit-learn stores each option
        self,
        *,
        growth: str = "bootstrap",
        n_trees: int = 300,
        max_features: float = 0.33,
        min_leaf_rows: int = 2,
        is_shared: bool = False,
        has_indicators: bool = False,
        response_transform: str = "log",
        estimate: str = "mean",
        n_folds: int = 5,
        random_state: Any = 0,
    ) -> None:
        self.growth = growth
        self.n_trees = n_trees
        self.max_features = max_features
        self.min_leaf_rows = min_leaf_rows
        self.is_shared = is_shared
        self.has_indicators = has_indicators
        self.response_transform = response_transform
        self.estimate = estimate
        self.n_folds = n_folds
        self.random_state = random_state

    def tree_map(self) -> TreeMap:
        """
        Trees on the encoded covariates, for explanations.

        Give explanations ``encoder_.transform(X)`` and ``encoder_.names_``.

        Returns
        -------
        TreeMap
            Predicts what the calibration does, or its logarithm where one was
            learnt.
        """
        check_is_fitted(self)
        constants = self._smearing()
        terms = [
            (int(k), one.plus(constants[[k]]))
            for responses, trees in zip(self.responses_, self.forests_, strict=True)
            for k, one in zip(responses, _each(trees), strict=True)
        ]
        return tree_map_of(self, terms)

    def _encoder(self) -> TableEncoder:
        # Trees do not see scales.
        return TableEncoder(
            logs="none", is_scaled=False, has_indicators=self.has_indicators
        )

    def _prepare(self, X: FloatArray, Z: FloatArray, groups: Any) -> None:
        del X, Z, groups
        self.forests_: list[Trees] = []
        self.responses_: list[Any] = []

    def _paths(self, rows: Rows, new: FloatArray) -> FloatArray:
        found = [predicted(trees, new) for trees in self._grow(rows)]
        return np.hstack(found)[np.newaxis]

    def _store(self, rows: Rows) -> None:
        grown = self._grow(rows)
        self.forests_ += grown
        self.responses_ += np.split(rows.responses, len(grown))

    def _evaluate(self, X: FloatArray) -> FloatArray:
        predictions = np.empty((len(X), self.residuals_.shape[1]))
        for responses, trees in zip(self.responses_, self.forests_, strict=True):
            predictions[:, responses] = predicted(trees, X)
        return predictions

    def _grow(self, rows: Rows) -> list[Trees]:
        if self.is_shared:
            return [self._forest(rows.X, rows.Z)]
        return [self._forest(rows.X, z[:, np.newaxis]) for z in rows.Z.T]

    def _forest(self, X: FloatArray, Z: FloatArray) -> Trees:
        if self.growth not in GROWTHS:
            msg = f"growth {self.growth!r}; expected one of {', '.join(GROWTHS)}"
            raise InvalidStudyError(msg)
        kind = (
            RandomForestRegressor if self.growth == "bootstrap" else ExtraTreesRegressor
        )
        spread = Z.std(axis=0)
        scale = np.where(spread > 0, spread, 1.0)
        forest = kind(
            n_estimators=self.n_trees,
            max_features=self.max_features,
            min_samples_leaf=self.min_leaf_rows,
            random_state=seed_of(self.random_state),
        )
        scaled = (Z - Z.mean(axis=0)) / scale
        forest.fit(X, scaled if Z.shape[1] > 1 else scaled[:, 0])
        trees = Trees.of(forest)
        return replace(
            trees,
            features=trees.features.astype(np.int32),
            left=trees.left.astype(np.int32),
            right=trees.right.astype(np.int32),
            leaf_values=trees.leaf_values * scale,
            constant=Z.mean(axis=0),
        )


def predicted(trees: Trees, X: FloatArray) -> FloatArray:
    """
    Predictions of plain trees, rows in batches.

    Parameters
    ----------
    trees : Trees
        One or more responses.
    X : ndarray of shape (n_samples, n_encoded)
        Encoded covariates without gaps.

    Returns
    -------
    ndarray of shape (n_samples, n_columns)
        Sum over trees.
    """
    parts = [trees.predict(X[k : k + _ROWS]) for k in range(0, len(X), _ROWS)]
    return np.concatenate(parts)


def _each(trees: Trees) -> list[Trees]:
    """The trees for each response alone."""
    return [
        replace(trees, leaf_values=values[:, np.newaxis], constant=trees.constant[[k]])
        for k, values in enumerate(trees.leaf_values.T)
    ]
