"""Samples that cover the spectral space: Kennard-Stone and DUPLEX."""

import numpy as np
from scipy.spatial.distance import cdist

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray, IntArray

#: Rows whose distances to all others are held at once.
_BLOCK = 512


def kennard_stone(X: FloatArray, n: int) -> IntArray:
    """
    Positions of samples spread evenly, in the order of choice.

    Starts with the two samples farthest apart; each next one is the sample
    farthest from its nearest chosen one. Extreme samples, outliers among them,
    come first. Euclidean distance in ``X``: pass scores of principal components
    (whitened for Mahalanobis distance) rather than raw spectra.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scores, covariates or spectra on comparable scales; finite.
    n : int
        Samples to choose, 2 to n_samples.

    Returns
    -------
    ndarray of int, shape (n,)
        Positions in the order of choice; of equals the first one.

    Raises
    ------
    InvalidStudyError
        If ``n`` is below 2 or above the number of samples.

    References
    ----------
    .. [1] Kennard, R. W. and Stone, L. A. (1969). Computer aided design of
       experiments. Technometrics 11(1), 137-148.

    Examples
    --------
    >>> import numpy as np
    >>> kennard_stone(np.array([[0.0], [1.0], [6.0], [10.0]]), 3)
    array([0, 3, 2])
    """
    if not 2 <= n <= len(X):
        msg = f"{n} of {len(X)} samples asked for; expected 2 to {len(X)}"
        raise InvalidStudyError(msg)
    free = np.ones(len(X), dtype=bool)
    chosen, nearest = _start(X, free)
    while len(chosen) < n:
        _add_farthest(X, chosen, nearest, free)
    return np.array(chosen)


def duplex(X: FloatArray, n: int) -> tuple[IntArray, IntArray]:
    """
    Positions of two sets, calibration and test, that cover the same space.

    The two samples farthest apart go into the first set, the two farthest apart
    of the rest into the second; then the sets take turns, each taking the sample
    farthest from its own nearest member. Both sets reach to the borders, so
    that errors on the second one are errors of interpolation: too kind a test
    for samples from elsewhere.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scores, covariates or spectra on comparable scales; finite. Snee [1]_
        standardises and orthogonalises them first: pass whitened scores for that.
    n : int
        Samples in each set, 2 to half of n_samples.

    Returns
    -------
    tuple of two ndarray of int, shape (n,)
        Positions of the first and of the second set, in the order of choice;
        samples in neither are left over.

    Raises
    ------
    InvalidStudyError
        If ``n`` is below 2 or above half the number of samples.

    References
    ----------
    .. [1] Snee, R. D. (1977). Validation of regression models: methods and
       examples. Technometrics 19(4), 415-428.

    Examples
    --------
    >>> import numpy as np
    >>> duplex(np.array([[0.0], [1.0], [4.0], [6.0], [9.0], [10.0]]), 3)
    (array([0, 5, 2]), array([1, 4, 3]))
    """
    if not 2 <= n <= len(X) // 2:
        msg = (
            f"two sets of {n} of {len(X)} samples asked for; expected 2 to "
            f"{len(X) // 2} in each"
        )
        raise InvalidStudyError(msg)
    free = np.ones(len(X), dtype=bool)
    first, near_first = _start(X, free)
    second, near_second = _start(X, free)
    while len(second) < n:
        _add_farthest(X, first, near_first, free)
        _add_farthest(X, second, near_second, free)
    return np.array(first), np.array(second)


def _start(X: FloatArray, free: np.ndarray) -> tuple[list[int], FloatArray]:
    positions = np.flatnonzero(free)
    a, b = positions[list(_farthest_pair(X[positions]))]
    free[[a, b]] = False
    return [int(a), int(b)], cdist(X, X[[a, b]]).min(axis=1)


def _farthest_pair(X: FloatArray) -> tuple[int, int]:
    best, pair = -1.0, (0, 1)
    for start in range(0, len(X), _BLOCK):
        distances = cdist(X[start : start + _BLOCK], X)
        row, column = np.unravel_index(distances.argmax(), distances.shape)
        if distances[row, column] > best:
            best, pair = distances[row, column], (start + int(row), int(column))
    # All samples alike: the diagonal comes first, and any two do.
    return pair if pair[0] != pair[1] else (0, 1)


def _add_farthest(
    X: FloatArray, chosen: list[int], nearest: FloatArray, free: np.ndarray
) -> None:
    # Distances are >= 0, so -1 keeps taken samples out.
    new = int(np.where(free, nearest, -1.0).argmax())
    chosen.append(new)
    free[new] = False
    np.minimum(nearest, cdist(X, X[[new]])[:, 0], out=nearest)
