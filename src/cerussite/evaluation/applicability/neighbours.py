"""Nearest calibration points of very many new points."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np
from joblib import cpu_count
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from cerussite.core.types import FloatArray, IntArray

#: Elements of the table of squared distances held at once: fits a core's cache.
_BLOCK = 400_000
#: Blocks from which a second thread is worth its start.
_BLOCKS_A_THREAD = 8


class Neighbours(NamedTuple):
    """
    What lies around new points.

    Attributes
    ----------
    distance : ndarray of shape (n_samples,)
        Euclidean distance to the nearest reference point.
    n_near : ndarray of shape (n_samples,)
        Reference points within the radius.
    """

    distance: FloatArray
    n_near: IntArray


def find_neighbours(
    X: FloatArray, reference: FloatArray, *, radius: float = 0.0
) -> Neighbours:
    """
    Distance to the nearest of a few thousand points, and how many are near.

    Compares every pair by one matrix product a block, on all cores, which in ten
    or more dimensions is faster than a tree; memory does not grow with the
    number of samples.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        New points, finite.
    reference : ndarray of shape (n_reference, n_features)
        Points to look among.
    radius : float
        Distance up to which a reference point counts; 0 counts none, which
        takes two thirds of the time.

    Returns
    -------
    Neighbours
        Distances and counts.

    Examples
    --------
    >>> import numpy as np
    >>> points = np.array([[0.0], [3.0], [4.0]])
    >>> find_neighbours(np.array([[2.5]]), points, radius=2.0)
    Neighbours(distance=array([0.5]), n_near=array([2]))
    """
    n_blocks = len(X) * len(reference) / _BLOCK
    n_threads = max(1, min(cpu_count(), int(n_blocks / _BLOCKS_A_THREAD)))
    search = partial(_search, reference=reference, radius=radius)
    if n_threads == 1:
        return search(X)
    # Products this small are slower, when the machine is busy many times slower, if
    # the threads of BLAS share each of them.
    with (
        threadpool_limits(limits=1, user_api="blas"),
        ThreadPoolExecutor(n_threads) as pool,
    ):
        found = list(pool.map(search, np.array_split(X, n_threads)))
    return Neighbours(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def _search(X: FloatArray, reference: FloatArray, radius: float) -> Neighbours:
    # |r|² - 2 x·r in one product: x is extended by a column of ones.
    pairs = np.vstack([-2 * reference.T, (reference**2).sum(axis=1)])
    n_rows = max(1, _BLOCK // len(reference))
    extended = np.ones((n_rows, len(pairs)))
    squares = np.empty((n_rows, len(reference)))
    nearest = np.empty(len(X), dtype=np.intp)
    n_near = np.zeros(len(X), dtype=np.intp)
    for start in range(0, len(X), n_rows):
        rows = slice(start, start + n_rows)
        block = X[rows]
        extended[: len(block), :-1] = block
        found = np.matmul(extended[: len(block)], pairs, out=squares[: len(block)])
        nearest[rows] = found.argmin(axis=1)
        if radius > 0:
            limits = radius**2 - (block**2).sum(axis=1)
            n_near[rows] = np.count_nonzero(found <= limits[:, np.newaxis], axis=1)
    # Differences, unlike the products, lose no digits for points that coincide.
    return Neighbours(_distances(X, reference, nearest), n_near)


def _distances(X: FloatArray, reference: FloatArray, nearest: IntArray) -> FloatArray:
    squares = np.zeros(len(X))
    for column in range(X.shape[1]):
        squares += (X[:, column] - reference[nearest, column]) ** 2
    return np.sqrt(squares)
