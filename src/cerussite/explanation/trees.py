"""Regression trees as plain arrays, whoever grew them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray, IntArray

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
