"""Least squares and quadratic problems whose unknowns are not negative."""

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from cerussite.core.types import BoolArray, FloatArray

#: Ridge, relative to the diagonal, that keeps collinear profiles solvable.
RIDGE = 1e-11
#: Gradients below this share of the largest are rounding.
ROUNDING = 1e-10


def coordinate_sweeps(
    normal: FloatArray, target: FloatArray, start: FloatArray, *, n_sweeps: int
) -> FloatArray:
    r"""
    Sweeps of hierarchical alternating least squares over many small problems.

    Each unknown in turn takes its best value, the others held: the objective
    :math:`x^T A x - 2 b^T x` never rises [1]_.

    Parameters
    ----------
    normal : ndarray of shape (n_problems, n_unknowns, n_unknowns)
        Matrices :math:`A`, positive semidefinite.
    target : ndarray of shape (n_problems, n_unknowns)
        Vectors :math:`b`.
    start : ndarray of shape (n_problems, n_unknowns)
        Not negative; an unknown without curvature keeps this value.
    n_sweeps : int
        Passes over all unknowns.

    Returns
    -------
    ndarray of shape (n_problems, n_unknowns)
        Not negative.

    References
    ----------
    .. [1] Gillis, N. and Glineur, F. (2012). Accelerated multiplicative updates
       and hierarchical ALS algorithms for nonnegative matrix factorization.
       Neural Computation 24(4), 1085-1105.

    Examples
    --------
    >>> import numpy as np
    >>> coordinate_sweeps(
    ...     np.array([[[2.0, 0.0], [0.0, 4.0]]]),
    ...     np.array([[3.0, -1.0]]),
    ...     np.zeros((1, 2)),
    ...     n_sweeps=1,
    ... )
    array([[1.5, 0. ]])
    """
    rows = np.ascontiguousarray(normal.transpose(1, 2, 0))
    b = np.ascontiguousarray(target.T)
    x = np.array(start.T, order="C")
    curvature = np.einsum("kki->ki", rows)
    inverse = np.divide(1.0, curvature, out=np.zeros_like(b), where=curvature > 0)
    for _ in range(n_sweeps):
        for k in range(len(x)):
            step = b[k] - np.einsum("li,li->i", rows[k], x)
            x[k] = np.maximum(x[k] + step * inverse[k], 0.0)
    return np.ascontiguousarray(x.T)


def least_squares_rows(
    normal: FloatArray, target: FloatArray, start: FloatArray
) -> FloatArray:
    r"""
    Exact non-negative minimisers of many small quadratic problems at once.

    The active-set method of [1]_, started from a guess: the objective
    :math:`x^T A x - 2 b^T x` of no problem ever rises.

    Parameters
    ----------
    normal : ndarray of shape (n_problems, n_unknowns, n_unknowns)
        Matrices :math:`A`, positive semidefinite.
    target : ndarray of shape (n_problems, n_unknowns)
        Vectors :math:`b`.
    start : ndarray of shape (n_problems, n_unknowns)
        Not negative; a good guess saves time and changes nothing else.

    Returns
    -------
    ndarray of shape (n_problems, n_unknowns)
        Not negative.

    References
    ----------
    .. [1] Lawson, C. L. and Hanson, R. J. (1974). Solving least squares problems.
       Prentice-Hall, chapter 23.

    Examples
    --------
    >>> import numpy as np
    >>> least_squares_rows(
    ...     np.array([[[2.0, 1.0], [1.0, 2.0]]]),
    ...     np.array([[4.0, -1.0]]),
    ...     np.zeros((1, 2)),
    ... )
    array([[2., 0.]])
    """
    x, passive = start.copy(), start > 0
    diagonal = np.einsum("ikk->ik", normal)
    scale = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    least = ROUNDING * np.abs(target / scale).max(axis=1)
    rows = np.arange(len(x))
    for _ in range(10 * target.shape[1]):
        solved = _passive_solutions(normal[rows], target[rows], passive[rows])
        is_blocked = (passive[rows] & (solved <= 0)).any(axis=1)
        blocked, done = rows[is_blocked], rows[~is_blocked]
        _move_to_boundary(x, passive, blocked, solved[is_blocked])
        x[done] = solved[~is_blocked]
        gain = target[done] - np.einsum("ikl,il->ik", normal[done], x[done])
        gain = np.where(passive[done], -np.inf, gain / scale[done])
        best = gain.argmax(axis=1)
        grows = np.take_along_axis(gain, best[:, None], axis=1)[:, 0] > least[done]
        passive[done[grows], best[grows]] = True
        rows = np.concatenate([blocked, done[grows]])
        if rows.size == 0:
            break
    return x


def _passive_solutions(
    normal: FloatArray, target: FloatArray, passive: BoolArray
) -> FloatArray:
    """Unconstrained minimisers over the passive unknowns, zero elsewhere."""
    masked = masked_normal(normal, passive)
    b = np.where(passive, target, 0.0)
    return np.linalg.solve(masked, b[:, :, None])[:, :, 0]


def masked_normal(normal: FloatArray, passive: BoolArray) -> FloatArray:
    """
    Matrices with rows and columns outside the passive set those of the identity.

    Parameters
    ----------
    normal : ndarray of shape (n_problems, n_unknowns, n_unknowns)
        Positive semidefinite matrices.
    passive : ndarray of bool, shape (n_problems, n_unknowns)
        Unknowns that are solved for.

    Returns
    -------
    ndarray of shape (n_problems, n_unknowns, n_unknowns)
        Positive definite: the diagonal carries a ridge of :data:`RIDGE`.

    Examples
    --------
    >>> import numpy as np
    >>> masked_normal(np.full((1, 2, 2), 3.0), np.array([[False, False]]))
    array([[[1., 0.],
            [0., 1.]]])
    """
    masked = np.where(passive[:, :, None] & passive[:, None, :], normal, 0.0)
    diagonal = np.einsum("ikk->ik", masked)
    diagonal[...] = np.where(passive, diagonal * (1 + RIDGE), 1.0)
    diagonal[diagonal <= 0] = 1.0
    return masked


def _move_to_boundary(
    x: FloatArray, passive: BoolArray, rows: np.ndarray, solved: FloatArray
) -> None:
    """Go as far towards the solutions as no unknown turns negative; in place."""
    if rows.size == 0:
        return
    here, leaves = x[rows], passive[rows] & (solved <= 0)
    reach = np.full(here.shape, np.inf)
    np.divide(here, here - solved, out=reach, where=leaves & (here > solved))
    reach[leaves & (here <= solved)] = 0.0
    share = reach.min(axis=1, keepdims=True)
    stops = leaves & (reach <= share)
    x[rows] = np.where(stops, 0.0, np.maximum(here + share * (solved - here), 0.0))
    passive[rows] &= ~stops


def bounded_minimiser(
    curvature: FloatArray, target: FloatArray, passive: BoolArray
) -> FloatArray | None:
    r"""
    Minimiser of :math:`x^T H x - 2 c^T x` over all :math:`x \ge 0`.

    Block principal pivoting with the safeguard of [1]_, for one problem of some
    hundred unknowns.

    Parameters
    ----------
    curvature : ndarray of shape (n_unknowns, n_unknowns)
        Matrix :math:`H`, symmetric; positive definite where an answer is wanted.
    target : ndarray of shape (n_unknowns,)
        Vector :math:`c`.
    passive : ndarray of bool, shape (n_unknowns,)
        Guess of the unknowns above zero.

    Returns
    -------
    ndarray of shape (n_unknowns,) or None
        None where the matrix turns out not to be positive definite, or too
        ill-conditioned to settle which unknowns are zero.

    References
    ----------
    .. [1] Kim, J. and Park, H. (2011). Fast nonnegative matrix factorization: an
       active-set-like method and comparisons. SIAM Journal on Scientific
       Computing 33(6), 3261-3281.

    Examples
    --------
    >>> import numpy as np
    >>> bounded_minimiser(np.eye(2), np.array([1.5, -1.0]), np.array([False, True]))
    array([1.5, 0. ])
    """
    passive = passive.copy()
    fewest, patience = target.size + 1, 3
    least = ROUNDING * float(np.abs(target).max(initial=0.0))
    for _ in range(100):
        x = _solution_on(curvature, target, passive)
        if x is None:
            return None
        wrong = np.where(passive, x < 0, target - curvature @ x > least)
        n_wrong = int(np.count_nonzero(wrong))
        if n_wrong == 0:
            return x
        if n_wrong < fewest:
            fewest, patience = n_wrong, 3
        elif patience > 0:
            patience -= 1
        else:  # one at a time cannot cycle
            wrong[: np.flatnonzero(wrong)[-1]] = False
        passive ^= wrong
    return None


def _solution_on(
    curvature: FloatArray, target: FloatArray, passive: BoolArray
) -> FloatArray | None:
    """Minimiser over the passive unknowns; None without positive curvature."""
    x, chosen = np.zeros(target.size), np.flatnonzero(passive)
    if chosen.size == 0:
        return x
    try:
        factor = cho_factor(
            curvature[np.ix_(chosen, chosen)], lower=True, check_finite=False
        )
    except np.linalg.LinAlgError:
        return None
    x[chosen] = cho_solve(factor, target[chosen], check_finite=False)
    return x
