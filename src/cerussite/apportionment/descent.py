"""From one start to a certified minimum, never uphill."""

from dataclasses import dataclass

import numpy as np

from cerussite.apportionment.nonnegative import (
    bounded_minimiser,
    coordinate_sweeps,
    least_squares_rows,
)
from cerussite.apportionment.problem import (
    Point,
    Problem,
    normal_equations,
    point_at,
    rescaled,
)
from cerussite.apportionment.reduced import LocalModel, local_model
from cerussite.core.types import FloatArray

#: Largest error of the optimality conditions of what is called converged.
TOLERANCE = 1e-3
#: Decrease of the objective that is not worth a further step.
NEGLIGIBLE = 1e-6
#: Alternating rounds before second-order steps, and sweeps in each.
N_ROUNDS, N_SWEEPS = 200, 2
#: Damping: where it starts, and the limits between which it moves.
DAMPING, LEAST_DAMPING, MOST_DAMPING = 1e-2, 1e-9, 1e9


@dataclass(frozen=True, eq=False)
class Descent:
    """
    Where one start led to.

    Attributes
    ----------
    point : Point
        The last one; each factor contributes one in the mean.
    optimality : float
        Largest violation of the optimality conditions; see
        :func:`optimality_error`.
    expected_decrease : float
        What a further second-order step would still gain.
    losses : tuple of float
        Objective after the alternating rounds and each accepted step.
    """

    point: Point
    optimality: float
    expected_decrease: float
    losses: tuple[float, ...]

    @property
    def is_converged(self) -> bool:
        """
        Whether the point is a certified minimum, not merely the last one.

        Returns
        -------
        bool
            False where steps ran out or stopped short of one.
        """
        return self.optimality <= TOLERANCE and self.expected_decrease <= TOLERANCE


def optimality_error(problem: Problem, point: Point) -> float:
    r"""
    Largest violation of the Karush-Kuhn-Tucker conditions, in scaled residuals.

    For each element :math:`x` of profiles and contributions with half gradient
    :math:`g` and half curvature :math:`c`, :math:`|\min(x \sqrt c, g / \sqrt c)|`
    must vanish: the element is zero and wants to fall, or is at its best. The
    square of the second term is what moving this element alone would gain.

    Parameters
    ----------
    problem : Problem
        What was minimised.
    point : Point
        Where.

    Returns
    -------
    float
        Zero at a minimum; does not depend on the units of the species.
    """
    weighted = point.weights * point.residuals
    of_profiles = -point.contributions.T @ weighted
    if problem.penalty is not None:
        of_profiles = of_profiles - problem.penalty(point.profiles).descent
    curvature = (point.contributions**2).T @ point.weights
    error = _natural_residual(point.profiles, of_profiles, curvature)
    if problem.may_differ is not None:
        error = np.where(problem.may_differ, error, 0.0)
    of_contributions = -weighted @ point.profiles.T
    curvature = point.weights @ (point.profiles**2).T
    other = _natural_residual(point.contributions, of_contributions, curvature)
    return float(max(error.max(), other.max()))


def _natural_residual(
    x: FloatArray, gradient: FloatArray, curvature: FloatArray
) -> FloatArray:
    root = np.sqrt(curvature)
    gain = np.divide(gradient, root, out=np.zeros_like(root), where=root > 0)
    return np.abs(np.minimum(x * root, gain))


def random_profiles(
    problem: Problem, n_factors: int, rng: np.random.Generator
) -> FloatArray:
    """
    Profiles to start from: exponential about the weighted size of each species.

    Parameters
    ----------
    problem : Problem
        What will be minimised.
    n_factors : int
        Number of profiles.
    rng : Generator
        Source of randomness.

    Returns
    -------
    ndarray of shape (n_factors, n_species)
        Not negative; zero where fixed.
    """
    # A species that is held out or was not drawn has no weight, and no size.
    totals = np.maximum(problem.weights.sum(axis=0), np.finfo(float).tiny)
    size = np.sqrt((problem.weights * problem.concentrations**2).sum(axis=0) / totals)
    start = rng.exponential(size=(n_factors, size.size)) * size
    return start if problem.may_differ is None else start * problem.may_differ


def alternated(
    problem: Problem, profiles: FloatArray, *, n_rounds: int = N_ROUNDS
) -> Point:
    """
    Point after rounds of hierarchical alternating least squares.

    Parameters
    ----------
    problem : Problem
        What is minimised; a penalty is not seen by these rounds.
    profiles : ndarray of shape (n_factors, n_species)
        Where to start.
    n_rounds : int
        Rounds; none gives the best contributions for the profiles.

    Returns
    -------
    Point
        No worse than any round before it.
    """
    contributions: FloatArray = np.ones((len(problem.concentrations), len(profiles)))
    weights = problem.weights
    for _ in range(n_rounds):
        normal, target = normal_equations(profiles, problem.concentrations, weights)
        contributions = coordinate_sweeps(
            normal, target, contributions, n_sweeps=N_SWEEPS
        )
        normal, target = normal_equations(
            np.ascontiguousarray(contributions.T), problem.concentrations.T, weights.T
        )
        profiles = _swept_profiles(problem, normal, target, profiles)
        weights = problem.reweighted(problem.concentrations - contributions @ profiles)
    normal, target = normal_equations(profiles, problem.concentrations, weights)
    contributions = least_squares_rows(normal, target, contributions)
    residuals = problem.concentrations - contributions @ profiles
    first = Point(profiles, contributions, residuals, weights, normal, np.inf)
    return rescaled(point_at(problem, profiles, first))


def _swept_profiles(
    problem: Problem, normal: FloatArray, target: FloatArray, profiles: FloatArray
) -> FloatArray:
    if problem.may_differ is not None:
        # A zero row and column: no curvature, and so no step.
        kept = problem.may_differ.T
        normal = normal * (kept[:, :, None] & kept[:, None, :])
    swept = coordinate_sweeps(
        normal, target, np.ascontiguousarray(profiles.T), n_sweeps=N_SWEEPS
    )
    return np.ascontiguousarray(swept.T)


def descended(problem: Problem, point: Point, *, max_iterations: int) -> Descent:
    """
    Second-order steps from a point to a minimum.

    Newton steps on the profiles alone, contributions following; damped as by
    Levenberg and Marquardt [1]_, and Gauss-Newton where Newton's curvature is
    not positive. A step is taken only where it lowers the objective.

    Parameters
    ----------
    problem : Problem
        What is minimised.
    point : Point
        Where to start.
    max_iterations : int
        Most steps.

    Returns
    -------
    Descent
        With the certificate of the last point.

    References
    ----------
    .. [1] Marquardt, D. W. (1963). An algorithm for least-squares estimation of
       nonlinear parameters. Journal of the Society for Industrial and Applied
       Mathematics 11(2), 431-441.
    """
    losses, damping, expected = [point.loss], DAMPING, np.inf
    for _ in range(max_iterations):
        step = _downhill(problem, point, damping)
        if step is None:
            break
        expected, damping = step.expected, step.damping
        if step.point is None:
            break
        ratio = (point.loss - step.point.loss) / expected
        point = rescaled(step.point)
        losses.append(point.loss)
        if ratio > 0.6:
            damping = max(damping / 8, LEAST_DAMPING)
        elif ratio < 0.2:
            damping *= 4
    return Descent(point, optimality_error(problem, point), expected, tuple(losses))


@dataclass(frozen=True, eq=False)
class _Step:
    """A step, or none (no point) where hardly any gain is left."""

    point: Point | None
    expected: float
    damping: float


def _downhill(problem: Problem, point: Point, damping: float) -> _Step | None:
    """A step that lowers the objective; None where none was found."""
    for is_exact in (True, False):
        model = local_model(problem, point, is_exact=is_exact)
        trial = damping
        while trial < MOST_DAMPING:
            position = _position(model, trial)
            if position is None and is_exact and trial > 1:
                break
            if position is not None:
                expected = _expected_decrease(model, position, trial)
                if expected <= NEGLIGIBLE:
                    if trial <= max(damping, DAMPING):
                        return _Step(None, expected, trial)
                    break
                moved = point_at(problem, model.profiles(position), point)
                if moved.loss < point.loss:
                    return _Step(moved, expected, trial)
            trial *= 10
    return None


def _position(model: LocalModel, damping: float) -> FloatArray | None:
    """Best position of the damped model; None where that has none."""
    curvature = model.curvature.copy()
    np.einsum("ii->i", curvature)[...] += damping
    target = model.descent + curvature @ model.position
    return bounded_minimiser(
        curvature, target, (model.position > 0) | (model.descent > 0)
    )


def _expected_decrease(
    model: LocalModel, position: FloatArray, damping: float
) -> float:
    step = position - model.position
    curved = model.curvature @ step + damping * step
    return float(step @ (2 * model.descent - curved))
