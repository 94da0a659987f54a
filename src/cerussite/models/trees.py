"""Forests and boosted trees on averages of neighbouring bands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestRegressor

from cerussite.core.types import FloatArray, IntArray
from cerussite.explanation import TreeMap, Trees
from cerussite.models.base import Calibration
from cerussite.models.machines import Machine
from cerussite.models.pooling import pooled
from cerussite.models.tree_maps import tree_map_of
from cerussite.models.views import Block

#: Preprocessing unless another is named: trees need no averaging over scalings.
TREE_PREPROCESSING = "snv_savgol1"


@dataclass(frozen=True, eq=False)
class ForestMachine:
    """
    A fitted random forest as plain arrays, all nodes of all trees in one row.

    Plain arrays are read from a file without running anything, and a damaged
    one ends in an error, not outside the memory of the process.

    Attributes
    ----------
    n_bands : int
        Largest number of averages of bands.
    depth : int
        Steps from a root to the deepest leaf.
    roots : ndarray of shape (n_trees,)
        Positions of the roots.
    features, left, right : ndarray of shape (n_nodes,)
        Average that is compared, and where to go; a leaf leads to itself.
    thresholds, values : ndarray of shape (n_nodes,)
        Go left at most up to this; mean response of the node.
    """

    n_bands: int
    depth: int
    roots: IntArray
    features: IntArray
    left: IntArray
    right: IntArray
    thresholds: FloatArray
    values: FloatArray

    @classmethod
    def of(cls, forest: RandomForestRegressor, n_bands: int) -> Self:
        """
        Take a forest of scikit-learn apart.

        Parameters
        ----------
        forest : RandomForestRegressor
            Fitted on pooled bands and one response.
        n_bands : int
            Largest number of averages of bands.

        Returns
        -------
        ForestMachine
            Predicts what the forest does.
        """
        trees = [tree.tree_ for tree in forest.estimators_]
        roots = np.cumsum([0] + [tree.node_count for tree in trees])[:-1]
        own = np.concatenate([np.arange(tree.node_count) for tree in trees])
        shift = np.repeat(roots, [tree.node_count for tree in trees])

        is_leaf = _joined(trees, "children_left") < 0
        return cls(
            n_bands,
            max(tree.max_depth for tree in trees),
            roots,
            np.where(is_leaf, 0, _joined(trees, "feature")),
            np.where(is_leaf, own, _joined(trees, "children_left")) + shift,
            np.where(is_leaf, own, _joined(trees, "children_right")) + shift,
            _joined(trees, "threshold"),
            _joined(trees, "value"),
        )

    def predict(self, block: Block) -> FloatArray:
        """
        Predict the new rows.

        Parameters
        ----------
        block : Block
            Rows of the view it was fitted on.

        Returns
        -------
        ndarray of shape (n_new,)
            On the scale the machine was fitted on.
        """
        # scikit-learn grows its trees on single precision.
        new = pooled(block.new, self.n_bands).astype(np.float32)
        rows = np.arange(len(new))[:, np.newaxis]
        nodes = np.broadcast_to(self.roots, (len(new), len(self.roots)))
        for _ in range(self.depth):
            goes_left = new[rows, self.features[nodes]] <= self.thresholds[nodes]
            nodes = np.where(goes_left, self.left[nodes], self.right[nodes])
        return self.values[nodes].mean(axis=1)

    def trees(self) -> Trees:
        """
        The forest for explanations.

        Returns
        -------
        Trees
            Predict from pooled bands what the forest does.
        """
        return Trees(
            self.roots,
            self.features,
            self.left,
            self.right,
            self.thresholds,
            self.values[:, np.newaxis] / self.roots.size,
            np.zeros(1),
            is_single=True,
        )


def _joined(trees: Sequence[Any], name: str) -> NDArray[Any]:
    return np.concatenate([getattr(tree, name).ravel() for tree in trees])


class RandomForest(Calibration):
    """
    Random forest on averages of neighbouring bands.

    Predictions never leave the range of the calibration responses.

    Parameters
    ----------
    n_trees : int
        Number of trees.
    max_features : float
        Share of the averages that each split may choose from.
    n_bands : int
        Number of averages of neighbouring bands.
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
        Who deals the folds and grows the trees.

    Attributes
    ----------
    terms_ : list of list of Term
        Summands of each response.
    out_of_fold_ : ndarray of shape (n_calibration, n_responses)
        Out-of-fold predictions of the calibration rows.

    References
    ----------
    .. [1] Breiman, L. (2001). Random forests. Machine Learning 45, 5-32.
    """

    def __init__(  # noqa: PLR0913 - scikit-learn stores each option
        self,
        *,
        n_trees: int = 100,
        max_features: float = 0.33,
        n_bands: int = 200,
        preprocessing: str | Sequence[str] = TREE_PREPROCESSING,
        standardise: bool | Sequence[bool] = False,
        response_transform: str = "none",
        sharpness: float = 4.0,
        n_folds: int = 5,
        random_state: Any = 0,
    ) -> None:
        self.n_trees = n_trees
        self.max_features = max_features
        self.n_bands = n_bands
        self.preprocessing = preprocessing
        self.standardise = standardise
        self.response_transform = response_transform
        self.sharpness = sharpness
        self.n_folds = n_folds
        self.random_state = random_state

    def tree_map(self) -> TreeMap:
        """
        Trees and the bins they compare, for explanations.

        Returns
        -------
        TreeMap
            See :func:`cerussite.models.tree_maps.tree_map_of`.
        """
        return tree_map_of(self)

    def _paths(self, block: Block, Z: FloatArray) -> FloatArray:
        machines = [self._machine(block, z, 0) for z in Z.T]
        return np.column_stack([m.predict(block) for m in machines])[np.newaxis]

    def _machine(self, block: Block, z: FloatArray, setting: int) -> Machine:
        del setting
        forest = RandomForestRegressor(
            n_estimators=self.n_trees,
            max_features=self.max_features,
            random_state=_seed(self.random_state),
        )
        forest.fit(pooled(block.fitted, self.n_bands), z)
        return ForestMachine.of(forest, self.n_bands)

    def _describe(self, setting: int) -> str:
        del setting
        return f"{self.n_trees} trees"


@dataclass(frozen=True, eq=False)
class BoostedMachine:
    """
    Fitted boosted trees.

    Attributes
    ----------
    model : str
        LightGBM's own text form of the trees.
    n_bands : int
        Largest number of averages of bands.
    """

    model: str
    n_bands: int

    def predict(self, block: Block) -> FloatArray:
        """
        Predict the new rows.

        Parameters
        ----------
        block : Block
            Rows of the view it was fitted on.

        Returns
        -------
        ndarray of shape (n_new,)
            On the scale the machine was fitted on.
        """
        new = pooled(block.new, self.n_bands)
        return np.asarray(self._booster().predict(new))

    def trees(self) -> Trees:
        """
        The trees for explanations.

        Returns
        -------
        Trees
            Predict from pooled bands what the booster does.
        """
        return Trees.of(self._booster())

    def _booster(self) -> Any:
        from lightgbm import Booster  # noqa: PLC0415 - takes a second to import

        return Booster(model_str=self.model)


class BoostedTrees(Calibration):
    """
    Gradient boosted trees on averages of neighbouring bands.

    The number of rounds is chosen in inner folds; the rest is set for small
    calibration sets.

    Parameters
    ----------
    rounds : sequence of int
        Numbers of trees tried.
    learning_rate : float
        Share of each tree that is added.
    n_leaves : int
        Leaves of a tree.
    n_bands : int
        Number of averages of neighbouring bands.
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
        Who deals the folds and grows the trees.

    Attributes
    ----------
    terms_ : list of list of Term
        Summands of each response.
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
        rounds: Sequence[int] = (25, 50, 100, 200, 400),
        learning_rate: float = 0.05,
        n_leaves: int = 8,
        n_bands: int = 200,
        preprocessing: str | Sequence[str] = TREE_PREPROCESSING,
        standardise: bool | Sequence[bool] = False,
        response_transform: str = "none",
        sharpness: float = 4.0,
        n_folds: int = 5,
        random_state: Any = 0,
    ) -> None:
        self.rounds = rounds
        self.learning_rate = learning_rate
        self.n_leaves = n_leaves
        self.n_bands = n_bands
        self.preprocessing = preprocessing
        self.standardise = standardise
        self.response_transform = response_transform
        self.sharpness = sharpness
        self.n_folds = n_folds
        self.random_state = random_state

    def tree_map(self) -> TreeMap:
        """
        Trees and the bins they compare, for explanations.

        Returns
        -------
        TreeMap
            See :func:`cerussite.models.tree_maps.tree_map_of`.
        """
        return tree_map_of(self)

    def _paths(self, block: Block, Z: FloatArray) -> FloatArray:
        new = pooled(block.new, self.n_bands)
        paths = np.empty((len(self.rounds), len(new), Z.shape[1]))
        for k, z in enumerate(Z.T):
            booster = self._boosted(block, z, max(self.rounds))
            for setting, n_rounds in enumerate(self.rounds):
                paths[setting, :, k] = booster.predict(new, num_iteration=n_rounds)
        return paths

    def _machine(self, block: Block, z: FloatArray, setting: int) -> Machine:
        booster = self._boosted(block, z, self.rounds[setting])
        return BoostedMachine(booster.model_to_string(), self.n_bands)

    def _boosted(self, block: Block, z: FloatArray, n_rounds: int) -> Any:
        import lightgbm  # noqa: PLC0415 - takes a second to import

        options = {
            "objective": "l2",
            "learning_rate": self.learning_rate,
            "num_leaves": self.n_leaves,
            "min_data_in_leaf": 3,
            "feature_fraction": 0.3,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "lambda_l2": 1.0,
            "seed": _seed(self.random_state),
            "deterministic": True,
            "num_threads": 1,
            "verbosity": -1,
        }
        rows = lightgbm.Dataset(pooled(block.fitted, self.n_bands), label=z)
        return lightgbm.train(options, rows, num_boost_round=n_rounds)

    def _describe(self, setting: int) -> str:
        return f"{self.rounds[setting]} rounds"


def _seed(random_state: Any) -> int:
    # Neither forest nor LightGBM takes a generator.
    if isinstance(random_state, int | np.integer):
        return int(random_state)
    return int(np.random.default_rng(random_state).integers(2**31 - 1))
