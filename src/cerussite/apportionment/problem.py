"""The weighted factorisation that is minimised, and its value at a point."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple, Self, TypeAlias

import numpy as np

from cerussite.apportionment.nonnegative import least_squares_rows
from cerussite.core.types import BoolArray, FloatArray, IntArray

#: Scaled residuals beyond this weigh less in robust mode (Paatero 1997; EPA PMF).
OUTLIER = 4.0


class Curvature(NamedTuple):
    """
    A term of the objective that depends on the profiles alone, to second order.

    Attributes
    ----------
    value : float
        Of the term.
    descent : ndarray of shape (n_factors, n_species)
        Minus half its gradient.
    matrix : ndarray of shape (n_factors * n_species, n_factors * n_species)
        Half its second derivatives, or a positive semidefinite stand-in.
    """

    value: float
    descent: FloatArray
    matrix: FloatArray


#: Of the profiles; must not change when a profile is multiplied by a number.
Penalty: TypeAlias = Callable[[FloatArray], Curvature]


@dataclass(frozen=True, eq=False)
class Problem:
    """
    What a factorisation minimises.

    Attributes
    ----------
    concentrations : ndarray of shape (n_samples, n_species)
        Values to be modelled; zero where missing.
    weights : ndarray of shape (n_samples, n_species)
        One over the squared uncertainty; zero where missing or held out.
    is_robust : bool
        Whether residuals beyond :data:`OUTLIER` uncertainties weigh less.
    may_differ : ndarray of bool, shape (n_factors, n_species), or None
        False where a profile is fixed at zero.
    penalty : callable or None
        Wishes about the profiles, added to the objective.
    """

    concentrations: FloatArray
    weights: FloatArray
    is_robust: bool = False
    may_differ: BoolArray | None = None
    penalty: Penalty | None = None

    def taken(self, rows: IntArray) -> Self:
        """
        The same problem with some samples, each as often as asked for.

        Parameters
        ----------
        rows : ndarray of int
            Positions of the samples.

        Returns
        -------
        Problem
            Of as many samples as positions.
        """
        return replace(
            self, concentrations=self.concentrations[rows], weights=self.weights[rows]
        )

    def loss(self, residuals: FloatArray) -> float:
        """
        Sum of squared scaled residuals, or of Huber's function in robust mode.

        Parameters
        ----------
        residuals : ndarray of shape (n_samples, n_species)
            Concentration minus model.

        Returns
        -------
        float
            Dimensionless. Huber's function is :math:`r^2` up to four and
            :math:`8 |r| - 16` beyond: the function whose minimum is the fixed
            point of the weights :math:`4 / |r|`.
        """
        squares = self.weights * residuals**2
        if self.is_robust:
            far = squares > OUTLIER**2
            squares[far] = 2 * OUTLIER * np.sqrt(squares[far]) - OUTLIER**2
        return float(squares.sum())

    def reweighted(self, residuals: FloatArray) -> FloatArray:
        """
        Weights under which least squares touches the loss at these residuals.

        Parameters
        ----------
        residuals : ndarray of shape (n_samples, n_species)
            Concentration minus model.

        Returns
        -------
        ndarray of shape (n_samples, n_species)
            The weights themselves unless robust.
        """
        if not self.is_robust:
            return self.weights
        scaled = np.sqrt(self.weights) * np.abs(residuals)
        return self.weights * (OUTLIER / np.maximum(scaled, OUTLIER))


@dataclass(frozen=True, eq=False)
class Point:
    """
    Profiles with the contributions that suit them best.

    Attributes
    ----------
    profiles : ndarray of shape (n_factors, n_species)
        Not negative.
    contributions : ndarray of shape (n_samples, n_factors)
        Not negative.
    residuals : ndarray of shape (n_samples, n_species)
        Concentrations minus the product.
    weights : ndarray of shape (n_samples, n_species)
        Under which the contributions are best.
    normal : ndarray of shape (n_samples, n_factors, n_factors)
        Normal matrices of the contributions.
    loss : float
        Of the problem, penalty included.
    """

    profiles: FloatArray
    contributions: FloatArray
    residuals: FloatArray
    weights: FloatArray
    normal: FloatArray
    loss: float


def normal_equations(
    profiles: FloatArray, values: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """
    Normal matrices and targets of the contributions to each sample.

    Parameters
    ----------
    profiles : ndarray of shape (n_factors, n_species)
        Profiles that are mixed.
    values : ndarray of shape (n_samples, n_species)
        What the mixtures should be.
    weights : ndarray of shape (n_samples, n_species)
        Of the squared differences.

    Returns
    -------
    normal : ndarray of shape (n_samples, n_factors, n_factors)
        Left sides.
    target : ndarray of shape (n_samples, n_factors)
        Right sides.
    """
    n_factors = len(profiles)
    products = (profiles[:, None] * profiles[None]).reshape(n_factors**2, -1)
    normal = (weights @ products.T).reshape(-1, n_factors, n_factors)
    return normal, (weights * values) @ profiles.T


def point_at(
    problem: Problem,
    profiles: FloatArray,
    guess: Point,
    *,
    push: FloatArray | float = 0.0,
) -> Point:
    """
    Best contributions for given profiles.

    Parameters
    ----------
    problem : Problem
        What is minimised.
    profiles : ndarray of shape (n_factors, n_species)
        Not negative.
    guess : Point
        Its contributions and weights are started from.
    push : ndarray of shape (n_factors,) or float
        Half the gain of the loss that a unit of each contribution is worth, over
        and above the fit; none for a plain fit.

    Returns
    -------
    Point
        With least loss for least squares; in robust mode after a few
        reweightings, none of which raises the loss.
    """
    contributions, weights = guess.contributions, guess.weights
    for _ in range(3 if problem.is_robust else 1):
        normal, target = normal_equations(profiles, problem.concentrations, weights)
        contributions = least_squares_rows(normal, target + push, contributions)
        residuals = problem.concentrations - contributions @ profiles
        used, weights = weights, problem.reweighted(residuals)
    loss = problem.loss(residuals)
    if problem.penalty is not None:
        loss += problem.penalty(profiles).value
    return Point(profiles, contributions, residuals, used, normal, loss)


def rescaled(point: Point) -> Point:
    """
    The same point with a mean contribution of one for each factor.

    Parameters
    ----------
    point : Point
        Any.

    Returns
    -------
    Point
        Same product and loss; factors that contribute nothing stay as they are.
    """
    means = point.contributions.mean(axis=0)
    means = np.where(means > 0, means, 1.0)
    return Point(
        point.profiles * means[:, None],
        point.contributions / means,
        point.residuals,
        point.weights,
        point.normal * (means[:, None] * means),
        point.loss,
    )
