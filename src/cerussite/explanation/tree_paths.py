"""Shapley values of trees from the paths to their leaves."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from cerussite.core.types import FloatArray, IntArray
from cerussite.explanation.trees import Trees

#: Elements of one block of leaves times samples.
_BLOCK = 2_000_000


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
