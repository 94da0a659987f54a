"""Positive matrix factorisation from many starts."""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cerussite.apportionment.descent import (
    Descent,
    alternated,
    descended,
    random_profiles,
)
from cerussite.apportionment.parallel import run_all
from cerussite.apportionment.problem import Penalty, Problem
from cerussite.apportionment.quality import q_expected, q_robust, q_true
from cerussite.apportionment.receptor_data import ReceptorData
from cerussite.apportionment.settings import DEFAULT, FitSettings
from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import BoolArray, FloatArray

#: Starts whose objective lies within this of the best reached the same minimum.
SAME_MINIMUM = 0.1


@dataclass(frozen=True, eq=False)
class Factorisation:
    """
    A factorisation, with what is needed to judge it.

    Attributes
    ----------
    data : ReceptorData
        What was factorised.
    profiles : ndarray of shape (n_factors, n_species)
        Mean concentration that each factor gives to each species, in the unit
        of the species. Factors are in order of falling share of all species.
    contributions : ndarray of shape (n_samples, n_factors)
        Contributions of the factors, dimensionless, with mean one.
    is_robust : bool
        Whether outliers weighed less.
    runs : DataFrame
        One row a start: ``start``, ``loss`` (what was minimised), ``q_true``,
        ``q_robust``, ``is_converged``, ``optimality``, ``expected_decrease``,
        ``n_steps`` and ``reaches_best``.
    losses : tuple of float
        Objective of the best start after each step; never rises.
    """

    data: ReceptorData
    profiles: FloatArray
    contributions: FloatArray
    is_robust: bool
    runs: pd.DataFrame
    losses: tuple[float, ...]

    @property
    def n_factors(self) -> int:
        """
        Number of factors.

        Returns
        -------
        int
            At least one.
        """
        return len(self.profiles)

    @property
    def factors(self) -> tuple[str, ...]:
        """
        Names of the factors.

        Returns
        -------
        tuple of str
            ``"factor 1"`` is the first row of the profiles.
        """
        return tuple(f"factor {number}" for number in range(1, self.n_factors + 1))

    @property
    def best(self) -> pd.Series:
        """
        The start that the factorisation comes from.

        Returns
        -------
        Series
            A row of ``runs``.
        """
        return self.runs.iloc[int(self.runs["loss"].argmin())]

    @property
    def is_converged(self) -> bool:
        """
        Whether the best start ended in a certified minimum.

        Returns
        -------
        bool
            False means that the answer is not to be used.
        """
        return bool(self.best["is_converged"])

    @property
    def scaled_residuals(self) -> FloatArray:
        """
        Residual over uncertainty.

        Returns
        -------
        ndarray of shape (n_samples, n_species)
            Dimensionless, measured less modelled; NaN where missing.
        """
        model = self.contributions @ self.profiles
        return (self.data.concentrations - model) / self.data.uncertainties

    @property
    def q_true(self) -> float:
        """
        Sum of squared scaled residuals.

        Returns
        -------
        float
            See :func:`cerussite.apportionment.q_true`.
        """
        return q_true(self.scaled_residuals)

    @property
    def q_robust(self) -> float:
        """
        The same with outliers counting less.

        Returns
        -------
        float
            See :func:`cerussite.apportionment.q_robust`.
        """
        return q_robust(self.scaled_residuals)

    @property
    def q_expected(self) -> int:
        """
        What Q should be about.

        Returns
        -------
        int
            See :func:`cerussite.apportionment.q_expected`.
        """
        return q_expected(self.data, self.n_factors)


def positive_matrix_factorisation(
    data: ReceptorData,
    n_factors: int,
    *,
    settings: FitSettings = DEFAULT,
    random_state: int | np.random.Generator = 0,
) -> Factorisation:
    r"""
    Profiles and contributions that minimise Q, both not negative.

    .. math:: Q = \sum_{ij} \frac{(c_{ij} - \sum_k g_{ik} f_{kj})^2}{u_{ij}^2}

    From each start some rounds of hierarchical alternating least squares [2]_,
    then Newton steps on the profiles alone to a minimum that is certified by
    its Karush-Kuhn-Tucker conditions. No step raises the objective.

    Parameters
    ----------
    data : ReceptorData
        Concentrations and uncertainties; missing values have no weight.
    n_factors : int
        Number of factors.
    settings : FitSettings
        Number of starts, robust or not, processes.
    random_state : int or Generator
        Source of the starts.

    Returns
    -------
    Factorisation
        The best start, and a table of all.

    Warns
    -----
    UserWarning
        If there are fewer samples than elements of the profiles, or the best
        start did not converge.

    References
    ----------
    .. [1] Paatero, P. and Tapper, U. (1994). Positive matrix factorization: a
       non-negative factor model with optimal utilization of error estimates of
       data values. Environmetrics 5(2), 111-126.
    .. [2] Cichocki, A. and Phan, A.-H. (2009). Fast local algorithms for large
       scale nonnegative matrix and tensor factorizations. IEICE Transactions on
       Fundamentals E92-A(3), 708-721.
    """
    check_number(data, n_factors)
    problem, _ = scaled_problem(data, is_robust=settings.is_robust)
    seeds = np.random.default_rng(random_state).spawn(settings.n_starts)
    descents = run_all(
        descent_from_random,
        [(problem, n_factors, seed, settings.max_iterations) for seed in seeds],
        settings=settings,
    )
    found = factorisation_of(data, descents, is_robust=settings.is_robust)
    if not found.is_converged:
        msg = (
            f"the best of {settings.n_starts} starts did not converge (optimality "
            f"error {found.best['optimality']:.2g}); allow more than "
            f"{settings.max_iterations} steps"
        )
        warnings.warn(msg, stacklevel=2)
    return found


def check_number(data: ReceptorData, n_factors: int) -> None:
    """
    Refuse what cannot be factorised, and warn of what hardly can.

    Parameters
    ----------
    data : ReceptorData
        What is to be factorised.
    n_factors : int
        Into how many factors.

    Raises
    ------
    InvalidStudyError
        If there are more factors than species or samples, or as many unknowns
        as values.

    Warns
    -----
    UserWarning
        If there are fewer samples than elements of the profiles.
    """
    n_samples, n_species = data.concentrations.shape
    if not 1 <= n_factors <= min(n_samples, n_species):
        msg = (
            f"{n_factors} factors for {n_samples} samples of {n_species} species; "
            f"expected 1 to {min(n_samples, n_species)}"
        )
        raise InvalidStudyError(msg)
    n_values = int(data.is_measured.sum())
    # Factors may be rotated: that many unknowns are no unknowns of the fit.
    n_unknowns = n_factors * (n_samples + n_species - n_factors)
    if n_unknowns >= n_values:
        msg = (
            f"{n_values} values for {n_unknowns} unknowns of {n_factors} factors; "
            "expected more values than unknowns: take fewer factors"
        )
        raise InvalidStudyError(msg)
    if n_samples < n_factors * n_species:
        msg = (
            f"{n_samples} samples for {n_factors * n_species} elements of {n_factors} "
            f"profiles of {n_species} species: expect wide intervals"
        )
        warnings.warn(msg, stacklevel=3)


def scaled_problem(
    data: ReceptorData,
    *,
    is_robust: bool,
    may_differ: BoolArray | None = None,
    penalty: Penalty | None = None,
) -> tuple[Problem, FloatArray]:
    """
    The problem with each species in a unit of its own size.

    Parameters
    ----------
    data : ReceptorData
        Concentrations and uncertainties.
    is_robust : bool
        Whether outliers weigh less.
    may_differ : ndarray of bool, shape (n_factors, n_species), optional
        False where a profile is fixed at zero.
    penalty : callable, optional
        Wishes about the profiles, in scaled units.

    Returns
    -------
    problem : Problem
        Values of about one.
    scale : ndarray of shape (n_species,)
        What scaled profiles are multiplied with to be in the units of the data.
    """
    here = data.is_measured
    values = np.where(here, data.concentrations, 0.0)
    weights = np.where(here, 1.0 / np.where(here, data.uncertainties, 1.0) ** 2, 0.0)
    scale = np.sqrt((weights * values**2).sum(axis=0) / weights.sum(axis=0))
    problem = Problem(
        values / scale, weights * scale**2, is_robust, may_differ, penalty
    )
    return problem, scale


def descent_from_random(
    problem: Problem, n_factors: int, rng: np.random.Generator, max_iterations: int
) -> Descent:
    """
    Minimum reached from one random start.

    Parameters
    ----------
    problem : Problem
        What is minimised.
    n_factors : int
        Number of factors.
    rng : Generator
        Source of the start.
    max_iterations : int
        Most second-order steps.

    Returns
    -------
    Descent
        With its certificate.
    """
    start = alternated(problem, random_profiles(problem, n_factors, rng))
    return descended(problem, start, max_iterations=max_iterations)


def factorisation_of(
    data: ReceptorData,
    descents: list[Descent],
    *,
    is_robust: bool,
    keeps_order: bool = False,
) -> Factorisation:
    """
    The best of several descents, in the units of the data.

    Parameters
    ----------
    data : ReceptorData
        What was factorised.
    descents : list of Descent
        Where the starts led to, on the problem of :func:`scaled_problem`.
    is_robust : bool
        Whether outliers weighed less.
    keeps_order : bool
        Whether factors stay in the order of the descent.

    Returns
    -------
    Factorisation
        With a table of all descents.
    """
    problem, scale = scaled_problem(data, is_robust=is_robust)
    runs = pd.DataFrame(
        [_run(start, each, problem) for start, each in enumerate(descents)]
    )
    runs["reaches_best"] = runs["loss"] <= runs["loss"].min() + SAME_MINIMUM
    best = descents[int(runs["loss"].argmin())]
    profiles, contributions = best.point.profiles * scale, best.point.contributions
    if not keeps_order:
        totals = np.maximum(profiles.sum(axis=0), np.finfo(float).tiny)
        order = np.argsort(-(profiles / totals).mean(axis=1), kind="stable")
        profiles, contributions = profiles[order], contributions[:, order]
    return Factorisation(data, profiles, contributions, is_robust, runs, best.losses)


def _run(start: int, descent: Descent, problem: Problem) -> dict[str, object]:
    """Row of the table of starts."""
    scaled = descent.point.residuals * np.sqrt(problem.weights)
    return {
        "start": start,
        "loss": descent.losses[-1],
        "q_true": q_true(scaled),
        "q_robust": q_robust(scaled),
        "is_converged": descent.is_converged,
        "optimality": descent.optimality,
        "expected_decrease": descent.expected_decrease,
        "n_steps": len(descent.losses) - 1,
    }
