"""Conditioned Latin hypercube: samples that repeat the distributions of all."""

import numpy as np

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray, IntArray

#: Last temperature; the first is 1, about the change one exchange can make. Cooling
#: over all steps ended lower than a fixed factor every ten steps, which freezes early.
_LAST_TEMPERATURE = 0.01


def latin_hypercube_objective(X: FloatArray, positions: IntArray) -> float:
    """
    How far chosen samples are from a Latin hypercube of all; 0 is best.

    Two sums with weight one: for each variable and each of ``n`` classes with
    equally many samples, how far the number of chosen ones is from one; and the
    absolute differences between the correlation matrices of all and of the
    chosen samples.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Covariates or scores, finite.
    positions : ndarray of int, shape (n,)
        Chosen samples, two or more.

    Returns
    -------
    float
        The objective; smaller is better.

    Notes
    -----
    A variable that is constant among the chosen samples counts as
    uncorrelated.

    References
    ----------
    .. [1] Minasny, B. and McBratney, A. B. (2006). A conditioned Latin hypercube
       method for sampling in the presence of ancillary information. Computers &
       Geosciences 32(9), 1378-1388.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[1.0], [2.0], [3.0], [4.0]])
    >>> latin_hypercube_objective(X, np.array([0, 3]))
    0.0
    >>> latin_hypercube_objective(X, np.array([0, 1]))
    2.0
    """
    classes = _classes(X, len(positions))
    return _objective(X[positions], classes[positions], _correlation(X))


def conditioned_latin_hypercube(
    X: FloatArray,
    n: int,
    *,
    random_state: int | np.random.Generator,
    n_iterations: int = 10_000,
) -> IntArray:
    """
    Positions of samples whose covariates are distributed like those of all.

    Simulated annealing exchanges chosen samples for others, half of the time
    those in the most crowded classes, and returns the best set it met. For a
    handful of covariates or scores; where extremes matter more than frequency,
    use :func:`cerussite.preprocessing.kennard_stone`.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Covariates or scores of all candidates, finite, none constant.
    n : int
        Samples to choose, 2 to n_samples.
    random_state : int or Generator
        Seed or source of random numbers.
    n_iterations : int
        Exchanges that are tried; about 0.03 ms each.

    Returns
    -------
    ndarray of int, shape (n,)
        Positions, increasing.

    Raises
    ------
    InvalidStudyError
        If ``n`` is out of range, or a covariate is constant.

    Notes
    -----
    The temperature falls from 1 to 0.01 by a constant factor a step.

    References
    ----------
    .. [1] Minasny, B. and McBratney, A. B. (2006). A conditioned Latin hypercube
       method for sampling in the presence of ancillary information. Computers &
       Geosciences 32(9), 1378-1388.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.arange(8.0)[:, np.newaxis]
    >>> chosen = conditioned_latin_hypercube(X, 4, random_state=0, n_iterations=200)
    >>> chosen // 2
    array([0, 1, 2, 3])
    """
    constant = np.flatnonzero(np.ptp(X, axis=0) == 0)
    if not 2 <= n <= len(X) or constant.size:
        msg = (
            f"{n} of {len(X)} samples, constant covariates {constant.tolist()}; expected "
            f"2 to {len(X)} samples and covariates that differ; leave constant ones out"
        )
        raise InvalidStudyError(msg)
    if n == len(X):
        return np.arange(n)
    rng = np.random.default_rng(random_state)
    classes, target = _classes(X, n), _correlation(X)
    order = rng.permutation(len(X))
    current = best = _objective(X[order[:n]], classes[order[:n]], target)
    chosen = order[:n].copy()
    for step in range(n_iterations):
        swap = _exchange(classes[order[:n]], len(X), rng)
        order[swap] = order[swap[::-1]]
        proposed = _objective(X[order[:n]], classes[order[:n]], target)
        temperature = _LAST_TEMPERATURE ** (step / n_iterations)
        if rng.random() < np.exp(min(0.0, (current - proposed) / temperature)):
            current = proposed
        else:
            order[swap] = order[swap[::-1]]
        if current < best:
            best, chosen = current, order[:n].copy()
    return np.sort(chosen)


def _classes(X: FloatArray, n: int) -> IntArray:
    # Class of each value among n with equally many samples; upper ends are open.
    inner = np.quantile(X, np.arange(1, n) / n, axis=0)
    columns = zip(inner.T, X.T, strict=True)
    return np.column_stack([np.searchsorted(q, x, side="right") for q, x in columns])


def _counts(classes: IntArray) -> IntArray:
    n, n_features = classes.shape
    flat = classes + n * np.arange(n_features)
    return np.bincount(flat.ravel(), minlength=n * n_features).reshape(n_features, n)


def _correlation(X: FloatArray) -> FloatArray:
    centred = X - X.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    scaled = centred / np.where(length > 0, length, 1.0)
    return scaled.T @ scaled


def _objective(X: FloatArray, classes: IntArray, target: FloatArray) -> float:
    uneven = np.abs(_counts(classes) - 1).sum()
    return float(uneven + np.abs(_correlation(X) - target).sum())


def _exchange(classes: IntArray, n_samples: int, rng: np.random.Generator) -> IntArray:
    # Positions in the order to exchange: one among the chosen, one among the rest.
    n, n_features = classes.shape
    leaving = rng.integers(n)
    if rng.random() < 0.5:
        crowd = _counts(classes)[np.arange(n_features), classes].sum(axis=1)
        leaving = rng.choice(np.flatnonzero(crowd == crowd.max()))
    return np.array([leaving, rng.integers(n, n_samples)])
