"""The objective as a function of the profiles alone, to second order."""

from dataclasses import dataclass

import numpy as np

from cerussite.apportionment.nonnegative import masked_normal
from cerussite.apportionment.problem import Point, Problem
from cerussite.core.types import BoolArray, FloatArray

#: Numbers held at once while curvature is summed over samples (64 MB).
BLOCK = 8_000_000


@dataclass(frozen=True, eq=False)
class LocalModel:
    """
    Quadratic model of the objective in scaled profiles, about a point.

    Attributes
    ----------
    position : ndarray of shape (n_unknowns,)
        Profiles that may differ from zero, times ``scale``.
    descent : ndarray of shape (n_unknowns,)
        Minus half the gradient, in scaled profiles.
    curvature : ndarray of shape (n_unknowns, n_unknowns)
        Half the second derivatives; a step along a profile has been given
        curvature one, for it changes nothing.
    scale : ndarray of shape (n_unknowns,)
        Gives each unknown, alone, curvature one.
    chosen : ndarray of bool, shape (n_factors, n_species)
        Which elements of the profiles are the unknowns.
    """

    position: FloatArray
    descent: FloatArray
    curvature: FloatArray
    scale: FloatArray
    chosen: BoolArray

    def profiles(self, position: FloatArray) -> FloatArray:
        """
        Profiles at a scaled position.

        Parameters
        ----------
        position : ndarray of shape (n_unknowns,)
            Not negative.

        Returns
        -------
        ndarray of shape (n_factors, n_species)
            Zero where fixed.
        """
        found = np.zeros(self.chosen.shape)
        found[self.chosen] = position / self.scale
        return found


def local_model(problem: Problem, point: Point, *, is_exact: bool) -> LocalModel:
    r"""
    Quadratic model by variable projection.

    Contributions follow the profiles: :math:`Q(F) = \min_{G \ge 0} Q(G, F)`. Its
    curvature is that of the profiles less what the contributions of the samples
    make up for, :math:`H = \sum_i (P_i - B_i A_i^{-1} B_i^T)` over the factors
    that contribute to sample :math:`i` [1]_.

    Parameters
    ----------
    problem : Problem
        What is minimised.
    point : Point
        Profiles with their best contributions.
    is_exact : bool
        Whether terms with residuals are kept in :math:`B_i` (Newton); without
        them the curvature cannot be negative (Gauss-Newton).

    Returns
    -------
    LocalModel
        About the point.

    References
    ----------
    .. [1] Golub, G. H. and Pereyra, V. (1973). The differentiation of
       pseudo-inverses and nonlinear least squares problems whose variables
       separate. SIAM Journal on Numerical Analysis 10(2), 413-432.
    """
    shape = point.profiles.shape
    descent = point.contributions.T @ (point.weights * point.residuals)
    curvature, diagonal = _curvature(point, is_exact)
    if problem.penalty is not None:
        wish = problem.penalty(point.profiles)
        descent, curvature = descent + wish.descent, curvature + wish.matrix
    chosen = np.ones(shape, bool) if problem.may_differ is None else problem.may_differ
    scale = np.sqrt(np.maximum(diagonal, 1e-12 * diagonal.max()))
    curvature = _gauged(curvature / np.outer(scale, scale), point.profiles, scale)
    kept = np.flatnonzero(chosen)
    return LocalModel(
        (point.profiles * scale.reshape(shape)).ravel()[kept],
        descent.ravel()[kept] / scale[kept],
        curvature[np.ix_(kept, kept)],
        scale[kept],
        chosen,
    )


def _curvature(point: Point, is_exact: bool) -> tuple[FloatArray, FloatArray]:
    """Curvature of the reduced objective, and its diagonal at fixed contributions."""
    n_factors, n_species = point.profiles.shape
    g = point.contributions
    pairs = (g[:, :, None] * g[:, None, :]).reshape(len(g), -1).T @ point.weights
    pairs = pairs.reshape(n_factors, n_factors, n_species)
    blocks = np.zeros((n_factors, n_species, n_factors, n_species))
    species = np.arange(n_species)
    blocks[:, species, :, species] = pairs.transpose(2, 0, 1)
    curvature = blocks.reshape(n_factors * n_species, -1)
    n_block = max(1, BLOCK // (n_factors**2 * n_species))
    for start in range(0, len(g), n_block):
        made_up = _made_up(point, slice(start, start + n_block), is_exact)
        curvature -= made_up.T @ made_up
    return curvature, np.einsum("kkj->kj", pairs).ravel()


def _made_up(point: Point, rows: slice, is_exact: bool) -> FloatArray:
    """Roots of what contributions make up for: (samples x factors, unknowns)."""
    g, w = point.contributions[rows], point.weights[rows]
    n_factors, n_species = point.profiles.shape
    root = np.linalg.cholesky(masked_normal(point.normal[rows], g > 0))
    sides = np.hstack([point.profiles, np.eye(n_factors)])
    solved = np.linalg.solve(root, np.where((g > 0)[:, :, None], sides, 0.0))
    # Axes: sample, factor that responds, factor and species that are changed.
    made_up = (solved[:, :, :n_species] * w[:, None, :])[:, :, None, :] * g[
        :, None, :, None
    ]
    if is_exact:
        weighted = w * point.residuals[rows]
        made_up -= solved[:, :, n_species:, None] * weighted[:, None, None, :]
    return made_up.reshape(-1, n_factors * n_species)


def _gauged(
    curvature: FloatArray, profiles: FloatArray, scale: FloatArray
) -> FloatArray:
    """Curvature one along each profile: its length is a matter of the scale."""
    n_species = profiles.shape[1]
    along = profiles * scale.reshape(profiles.shape)
    for factor, direction in enumerate(along):
        length = float(np.linalg.norm(direction))
        if length > 0:
            block = slice(factor * n_species, (factor + 1) * n_species)
            unit = direction / length
            curvature[block, block] += np.outer(unit, unit)
    return curvature
