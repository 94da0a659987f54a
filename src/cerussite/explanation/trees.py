"""Shapley values of trees, exact and for all samples at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from scipy import sparse

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray, IntArray
from cerussite.explanation.attribution import Attribution
from cerussite.explanation.contrast import Contrast
from cerussite.explanation.features import Features
from cerussite.explanation.inputs import check_names

#: Elements of one block of leaves times samples.
_BLOCK = 2_000_000
#: Objectives of LightGBM that put a function around the sum of the trees.
_WITH_LINKS = frozenset(
    {"binary", "cross_entropy", "gamma", "multiclass", "multiclassova", "poisson"}
    | {"cross_entropy_lambda", "tweedie"}
)


@dataclass(frozen=True, eq=False)
class Trees:
    """
    Regression trees as plain arrays, all nodes of all trees in one row.

    Attributes
    ----------
    roots : ndarray of shape (n_trees,)
        Positions of the roots.
    features, left, right : ndarray of shape (n_nodes,)
        Column that is compared, and where to go; a leaf leads to itself.
    thresholds : ndarray of shape (n_nodes,)
        Go left at most up to this.
    leaf_values : ndarray of shape (n_nodes, n_responses)
        What a leaf adds to the prediction; those of all trees are summed.
    constant : ndarray of shape (n_responses,)
        What is added to the sum.
    is_single : bool
        Whether columns are rounded to single precision before they are
        compared, as scikit-learn does.
    """

    roots: IntArray
    features: IntArray
    left: IntArray
    right: IntArray
    thresholds: FloatArray
    leaf_values: FloatArray
    constant: FloatArray
    is_single: bool = False

    @classmethod
    def of(cls, model: Any) -> Self:
        """
        Trees of a fitted model.

        Parameters
        ----------
        model : object
            A decision tree or forest of scikit-learn, a LightGBM booster or
            regressor.

        Returns
        -------
        Trees
            Predict what the model does.

        Raises
        ------
        InvalidStudyError
            If the model holds no trees that are understood here.
        """
        booster = getattr(model, "booster_", model)
        if hasattr(booster, "dump_model"):
            return cls._of_booster(booster.dump_model())
        members = getattr(model, "estimators_", [model])
        is_mean = hasattr(members, "__len__") and not hasattr(model, "learning_rate")
        if not is_mean or not all(hasattr(tree, "tree_") for tree in members):
            msg = (
                f"{type(model).__name__} holds no fitted trees that are understood "
                "here; expected a decision tree or averaging forest of scikit-learn or "
                "LightGBM; use occlusion for others"
            )
            raise InvalidStudyError(msg)
        return cls._of_forest([tree.tree_ for tree in members])

    @classmethod
    def _of_forest(cls, trees: Sequence[Any]) -> Self:
        counts = [tree.node_count for tree in trees]
        roots = np.cumsum([0, *counts])[:-1]
        own = np.arange(sum(counts))
        shift = np.repeat(roots, counts)
        left, right, feature, threshold = (
            np.concatenate([getattr(tree, name) for tree in trees])
            for name in ("children_left", "children_right", "feature", "threshold")
        )
        is_leaf = left < 0
        values = np.concatenate([tree.value[:, :, 0] for tree in trees])
        return cls(
            roots,
            np.where(is_leaf, 0, feature),
            np.where(is_leaf, own, left + shift),
            np.where(is_leaf, own, right + shift),
            threshold,
            values / len(trees),
            np.zeros(values.shape[1]),
            is_single=True,
        )

    @classmethod
    def _of_booster(cls, dump: dict[str, Any]) -> Self:
        _check_booster(dump)
        nodes: list[list[float]] = []
        roots = [_walk(tree["tree_structure"], nodes) for tree in dump["tree_info"]]
        table = np.array(nodes)
        feature, left, right = table[:, :3].astype(np.intp).T
        constant = np.zeros(1)
        thresholds, values = table[:, 3], table[:, [4]]
        if dump.get("average_output"):
            values = values / len(roots)
        return cls(np.array(roots), feature, left, right, thresholds, values, constant)

    def plus(self, constant: FloatArray) -> Self:
        """
        The same trees and something more.

        Parameters
        ----------
        constant : ndarray of shape (n_responses,)
            What every prediction gains.

        Returns
        -------
        Trees
            Arrays are shared.
        """
        return replace(self, constant=self.constant + constant)

    @property
    def is_leaf(self) -> np.ndarray:
        """
        Which nodes end a path.

        Returns
        -------
        ndarray of bool, shape (n_nodes,)
            True for leaves.
        """
        return self.left == np.arange(self.left.size)

    def visits(self, X: FloatArray) -> IntArray:
        """
        Number of samples that pass each node.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_columns)
            Samples.

        Returns
        -------
        ndarray of shape (n_nodes,)
            The roots are passed by all.
        """
        total = np.zeros(self.left.size, dtype=np.intp)
        for nodes, fresh in self._descend(X):
            total += np.bincount(nodes[fresh], minlength=total.size)
        return total

    def predict(self, X: FloatArray) -> FloatArray:
        """
        Predictions.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_columns)
            Samples.

        Returns
        -------
        ndarray of shape (n_samples, n_responses)
            Sum over trees.
        """
        *_, (nodes, _) = self._descend(X)
        return self.leaf_values[nodes].sum(axis=1) + self.constant

    def _descend(self, X: FloatArray) -> Iterator[tuple[IntArray, np.ndarray]]:
        """Node of each sample in each tree, level by level, and whether it is new."""
        X = self.rounded(X)
        rows = np.arange(len(X))[:, np.newaxis]
        nodes = np.broadcast_to(self.roots, (len(X), self.roots.size))
        fresh = np.ones(nodes.shape, dtype=bool)
        while fresh.any():
            yield nodes, fresh
            is_left = X[rows, self.features[nodes]] <= self.thresholds[nodes]
            following = np.where(is_left, self.left[nodes], self.right[nodes])
            fresh, nodes = following != nodes, following

    def rounded(self, X: FloatArray) -> FloatArray:
        """
        Samples as the trees compare them.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_columns)
            Samples.

        Returns
        -------
        ndarray of shape (n_samples, n_columns)
            In single or double precision.
        """
        return X.astype(np.float32) if self.is_single else X


@dataclass(frozen=True, eq=False)
class TreeTerm:
    """
    One summand of a prediction.

    Attributes
    ----------
    response : int
        Column of the predictions it belongs to.
    trees : Trees
        With one response.
    weight : float
        Weight in the average.
    prepare : callable
        From spectra as read to the columns the trees compare.
    """

    response: int
    trees: Trees
    weight: float
    prepare: Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, eq=False)
class TreeMap:
    """
    A model as sums of trees on bins of prepared spectra.

    Attributes
    ----------
    terms : tuple of TreeTerm
        Of all responses; their trees share the columns.
    n_responses : int
        Number of responses.
    starts : ndarray of int
        First band of the bin behind each column.
    scale : str
        ``"none"``, or ``"log"`` where the trees predict natural logarithms.
    note : str
        What the bins are.
    """

    terms: tuple[TreeTerm, ...]
    n_responses: int
    starts: IntArray
    scale: str = "none"
    note: str = ""


def tree_shapley(models: Any, contrast: Contrast) -> Attribution:
    r"""
    Shapley values of trees [1]_, exact, in the distribution of the background.

    A leaf counts for a set of known features with the share of background samples
    that would take the unknown turns of its path, as in path-dependent TreeSHAP,
    but with shares counted on the background instead of the training set. The
    baseline is therefore the mean prediction of the background. The sum over sets
    is a polynomial, integrated exactly by Gauss-Legendre quadrature:

    .. math:: \phi_i = \sum_{leaves} v\,(o_i - p_i)
              \int_0^1 \prod_{j \ne i} (t\,o_j + (1 - t)\,p_j)\,dt

    with :math:`o_j` one where the sample takes the turns on feature :math:`j`, and
    :math:`p_j` the share of the background that does.

    Parameters
    ----------
    models : object or sequence
        Fitted: anything with ``tree_map()``, trees and forests of scikit-learn,
        LightGBM; members of an ensemble or refits on other folds.
    contrast : Contrast
        Samples and background. Models with ``tree_map()`` bring their own bins.

    Returns
    -------
    Attribution
        Complete up to rounding.

    References
    ----------
    .. [1] Lundberg, S. M. et al. (2020). From local explanations to global
       understanding with explainable AI for trees. Nature Machine Intelligence 2,
       56-67.
    """
    members = list(models) if isinstance(models, Sequence) else [models]
    if hasattr(members[0], "tree_map"):
        maps = [model.tree_map() for model in members]
        features = _own_bins(maps[0], contrast)
    else:
        maps = [_plain_map(model, contrast.X.shape[1]) for model in members]
        features = contrast.parts
    names = check_names(contrast.responses, maps[0].n_responses)
    found = [_member(one, contrast, features) for one in maps]
    values, predictions, baselines = map(np.stack, zip(*found, strict=True))
    return Attribution(
        "tree_shapley",
        features,
        names,
        values,
        predictions,
        baselines,
        scale=maps[0].scale,
        note=maps[0].note,
    )


def _own_bins(one: TreeMap, contrast: Contrast) -> Features:
    wavelengths = contrast.parts.wavelengths
    if contrast.features is not None or wavelengths is None:
        msg = (
            "the trees compare bins of their own; expected spectra and no features: "
            "leave them out of the contrast"
        )
        raise InvalidStudyError(msg)
    return Features.runs(wavelengths, one.starts)


def _plain_map(model: Any, n_columns: int) -> TreeMap:
    trees = Trees.of(model)
    term = TreeTerm(-1, trees, 1.0, lambda X: X)
    return TreeMap((term,), trees.leaf_values.shape[1], np.arange(n_columns))


def _member(
    one: TreeMap, contrast: Contrast, features: Features
) -> tuple[FloatArray, FloatArray, FloatArray]:
    n_samples, n_responses = len(contrast.X), one.n_responses
    columns = np.zeros((n_samples, one.starts.size, n_responses))
    prediction = np.zeros((n_samples, n_responses))
    baseline = np.zeros(n_responses)
    for term in one.terms:
        own = slice(None) if term.response < 0 else [term.response]
        X, reference = term.prepare(contrast.X), term.prepare(contrast.reference)
        columns[:, :, own] += term.weight * shapley_of_trees(term.trees, X, reference)
        prediction[:, own] += term.weight * term.trees.predict(X)
        baseline[own] += term.weight * term.trees.predict(reference).mean(axis=0)
    is_summed = len(features.names) < one.starts.size
    return features.sums(columns) if is_summed else columns, prediction, baseline


def shapley_of_trees(trees: Trees, X: FloatArray, reference: FloatArray) -> FloatArray:
    """
    Shapley values of the columns that trees compare.

    Parameters
    ----------
    trees : Trees
        The trees.
    X, reference : ndarray of shape (n_samples, n_columns)
        Samples and background.

    Returns
    -------
    ndarray of shape (n_samples, n_columns, n_responses)
        Contributions.
    """
    shares = _shares(trees, trees.visits(reference))
    n_columns = X.shape[1]
    values = np.zeros((len(X), n_columns, trees.leaf_values.shape[1]))
    rounded = trees.rounded(X)
    for paths in _paths(trees, shares).values():
        step = max(1, _BLOCK // (len(X) * paths.features.shape[1]))
        for start in range(0, len(paths.leaves), step):
            part = paths.take(slice(start, start + step))
            gains = _gains(part, rounded)
            for position in range(part.features.shape[1]):
                column = part.features[:, position]
                for k in range(values.shape[2]):
                    spread = sparse.csr_array(
                        (
                            trees.leaf_values[part.leaves, k],
                            (np.arange(column.size), column),
                        ),
                        shape=(column.size, n_columns),
                    )
                    values[:, :, k] += gains[:, :, position] @ spread
    return values


@dataclass(frozen=True, eq=False)
class _Paths:
    """Leaves whose paths compare equally many columns, and the limits they set."""

    leaves: IntArray
    features: IntArray
    above: FloatArray
    upto: FloatArray
    shares: FloatArray

    def take(self, rows: slice) -> "_Paths":
        """Some of the leaves."""
        return _Paths(
            self.leaves[rows],
            self.features[rows],
            self.above[rows],
            self.upto[rows],
            self.shares[rows],
        )


def _gains(paths: _Paths, X: FloatArray) -> FloatArray:
    """Shapley values of unit leaves, (n_samples, n_leaves, n_compared)."""
    own = X[:, paths.features]
    taken = ((own > paths.above) & (own <= paths.upto)).astype(np.float64)
    n = paths.features.shape[1]
    # The product of the others has degree n - 1 in t; these nodes integrate it exactly.
    nodes, weights = np.polynomial.legendre.leggauss((n + 1) // 2)
    total = np.zeros_like(taken)
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        factors = node * taken + (1 - node) * paths.shares
        total += weight * _products_of_others(factors)
    return total * (taken - paths.shares)


def _products_of_others(factors: FloatArray) -> FloatArray:
    before, after = np.ones_like(factors), np.ones_like(factors)
    np.cumprod(factors[..., :-1], axis=-1, out=before[..., 1:])
    after[..., :-1] = np.cumprod(factors[..., :0:-1], axis=-1)[..., ::-1]
    return before * after


def _shares(trees: Trees, visits: IntArray) -> FloatArray:
    """Share of the samples at the parent that come to each node."""
    shares = np.ones(visits.size)
    inner = np.flatnonzero(~trees.is_leaf)
    parents = visits[inner]
    for child in (trees.left[inner], trees.right[inner]):
        # Where no sample comes, any shares that sum to one give the same baseline.
        known = visits[child] / np.where(parents > 0, parents, 1)
        shares[child] = np.where(parents > 0, known, 0.5)
    return shares


def _paths(trees: Trees, shares: FloatArray) -> dict[int, _Paths]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    is_leaf = trees.is_leaf
    for root in trees.roots:
        stack: list[tuple[int, dict[int, tuple[float, float, float]]]] = [
            (int(root), {})
        ]
        while stack:
            node, limits = stack.pop()
            if is_leaf[node]:
                if limits:
                    found.setdefault(len(limits), []).append((node, limits))
                continue
            stack += _turns(trees, shares, node, limits)
    return {n: _as_arrays(leaves) for n, leaves in found.items()}


def _turns(
    trees: Trees,
    shares: FloatArray,
    node: int,
    limits: dict[int, tuple[float, float, float]],
) -> list[tuple[int, dict[int, tuple[float, float, float]]]]:
    column, threshold = int(trees.features[node]), float(trees.thresholds[node])
    low, high, share = limits.get(column, (-np.inf, np.inf, 1.0))
    left, right = int(trees.left[node]), int(trees.right[node])
    to_left = (low, min(high, threshold), share * shares[left])
    to_right = (max(low, threshold), high, share * shares[right])
    return [(left, limits | {column: to_left}), (right, limits | {column: to_right})]


def _as_arrays(leaves: list[tuple[Any, ...]]) -> _Paths:
    limits = np.array([list(found.values()) for _, found in leaves], dtype=np.float64)
    return _Paths(
        np.array([leaf for leaf, _ in leaves]),
        np.array([list(found) for _, found in leaves]),
        limits[:, :, 0],
        limits[:, :, 1],
        limits[:, :, 2],
    )


def _check_booster(dump: dict[str, Any]) -> None:
    objective = str(dump.get("objective", "regression")).split()[0]
    if objective in _WITH_LINKS or dump.get("num_class", 1) > 1:
        msg = (
            f"LightGBM trained for {objective!r}, whose predictions are no sum of "
            "trees; expected a regression; use occlusion"
        )
        raise InvalidStudyError(msg)


def _walk(node: dict[str, Any], nodes: list[list[float]]) -> int:
    """Append a node of a LightGBM dump and all below it; its position."""
    position = len(nodes)
    if "leaf_value" in node and "left_child" not in node:
        nodes.append([0, position, position, 0.0, node["leaf_value"]])
        return position
    if node["decision_type"] != "<=":
        msg = (
            f"LightGBM splits by {node['decision_type']!r}; expected numeric "
            "covariates only: encode categories as numbers"
        )
        raise InvalidStudyError(msg)
    nodes.append([node["split_feature"], 0, 0, node["threshold"], 0.0])
    nodes[position][1] = _walk(node["left_child"], nodes)
    nodes[position][2] = _walk(node["right_child"], nodes)
    return position
