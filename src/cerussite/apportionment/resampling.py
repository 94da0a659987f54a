"""What other samples, or other analyses of the same, would have given."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from cerussite.apportionment.descent import Descent, alternated, descended
from cerussite.apportionment.factorisation import (
    Factorisation,
    descent_from_random,
    scaled_problem,
)
from cerussite.apportionment.matching import correlations, matched_factors
from cerussite.apportionment.parallel import run_all
from cerussite.apportionment.problem import Point, Problem
from cerussite.apportionment.settings import DEFAULT, SINGLE, Draws, FitSettings
from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray, IntArray

#: Correlation of contributions below which a factor is not mapped (EPA PMF 5.0).
LEAST_CORRELATION = 0.6


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """
    Profiles of resampled data, factor by factor.

    Attributes
    ----------
    profiles : ndarray of shape (n_resamples, n_factors, n_species)
        In the unit of the species, in the order of the factorisation; NaN where
        a factor found no partner.
    mapping : DataFrame
        Row a factor, column a factor: how often the resampled factor paired
        with the one of the row is most like the one of the column. Counts off
        the diagonal are swaps; column ``unmapped`` counts factors without a
        pair.
    share_unmapped : float
        Factors without a pair, over all factors of all resamples.
    n_not_converged : int
        Resamples left out because their fit did not converge.
    """

    profiles: FloatArray
    mapping: pd.DataFrame
    share_unmapped: float
    n_not_converged: int


class Refit(NamedTuple):
    """
    Fit of a resample in the order of the factorisation.

    Attributes
    ----------
    profiles : ndarray of shape (n_factors, n_species)
        Scaled; NaN where a factor has no pair.
    closest : ndarray of int, shape (n_factors,)
        Factor that each paired one is most like; -1 where there is no pair.
    is_converged : bool
        Whether the fit is certified.
    """

    profiles: FloatArray
    closest: IntArray
    is_converged: bool


def bootstrap(
    factorisation: Factorisation,
    *,
    draws: Draws = SINGLE,
    settings: FitSettings = DEFAULT,
) -> Bootstrap:
    """
    Profiles of samples drawn with replacement, in blocks of time or space.

    Each resample is fitted from the profiles of the factorisation and from
    ``settings.n_starts - 1`` random starts, the best of which counts. Its factors
    are paired with those of the factorisation by the correlation of
    contributions, each at most once; a correlation below 0.6 is no pair [1]_.

    Parameters
    ----------
    factorisation : Factorisation
        A converged one.
    draws : Draws
        Number of resamples and blocks.
    settings : FitSettings
        Starts, processes and progress; ``is_robust`` is that of the
        factorisation.

    Returns
    -------
    Bootstrap
        See :func:`bootstrap_intervals` for the table.

    References
    ----------
    .. [1] Norris, G. et al. (2014). EPA Positive Matrix Factorization (PMF) 5.0
       Fundamentals and User Guide. EPA/600/R-14/108, section 6.
    """
    problem, _ = scaled_problem(factorisation.data, is_robust=factorisation.is_robust)
    drawn, rng = draws.rows(len(factorisation.contributions))
    resampled = [(problem.taken(rows), rows, rng.spawn(1)[0]) for rows in drawn]
    return _refitted(factorisation, resampled, settings)


def noise_bootstrap(
    factorisation: Factorisation,
    *,
    n_resamples: int = 100,
    settings: FitSettings = DEFAULT,
    random_state: int | np.random.Generator = 0,
) -> Bootstrap:
    """
    Profiles of the same samples, modelled, with errors of the stated size anew.

    Shows what the uncertainties alone do to profiles: a parametric bootstrap.
    Where :func:`bootstrap` gives much wider intervals, profiles vary between
    samples, or the uncertainties are too small.

    Parameters
    ----------
    factorisation : Factorisation
        A converged one.
    n_resamples : int
        Number of sets of errors.
    settings : FitSettings
        Starts, processes and progress.
    random_state : int or Generator
        Source of the errors: normal, with the uncertainties as standard
        deviations.

    Returns
    -------
    Bootstrap
        As from :func:`bootstrap`.

    References
    ----------
    .. [1] Efron, B. and Tibshirani, R. J. (1993). An introduction to the
       bootstrap. Chapman and Hall, section 6.5.
    """
    rng = np.random.default_rng(random_state)
    problem, scale = scaled_problem(
        factorisation.data, is_robust=factorisation.is_robust
    )
    model = factorisation.contributions @ (factorisation.profiles / scale)
    here = problem.weights > 0
    errors = np.where(here, 1 / np.sqrt(np.where(here, problem.weights, 1.0)), 0.0)
    rows: IntArray = np.arange(len(model))
    resampled = []
    for _ in range(n_resamples):
        values = np.where(here, model + errors * rng.normal(size=model.shape), 0.0)
        again = replace(problem, concentrations=values)
        resampled.append((again, rows, rng.spawn(1)[0]))
    return _refitted(factorisation, resampled, settings)


def bootstrap_intervals(
    factorisation: Factorisation, resamples: Bootstrap, *, level: float = 0.9
) -> pd.DataFrame:
    """
    Percentile intervals of the profiles.

    Parameters
    ----------
    factorisation : Factorisation
        What was resampled.
    resamples : Bootstrap
        Its resamples.
    level : float
        Share of resamples inside; EPA PMF shows the 5th and 95th percentile.

    Returns
    -------
    DataFrame
        ``factor``, ``species``, ``value``, ``median``, ``lower``, ``upper`` in
        the unit of the species, ``n_mapped``, and ``is_inside``: whether the
        value lies in its interval. A value outside points to a factorisation
        that few samples hold up.

    Raises
    ------
    InvalidStudyError
        If the level is no fraction.
    """
    if not 0 < level < 1:
        msg = f"level {level:g}; expected a fraction between 0 and 1, such as 0.9"
        raise InvalidStudyError(msg)
    rows = []
    for factor, name in enumerate(factorisation.factors):
        drawn = resamples.profiles[:, factor]
        drawn = drawn[~np.isnan(drawn).any(axis=1)]
        shares = [(1 - level) / 2, 0.5, (1 + level) / 2]
        limits = np.full((3, drawn.shape[1]), np.nan)
        if len(drawn):
            limits = np.quantile(drawn, shares, axis=0)
        for column, species in enumerate(factorisation.data.species):
            value = factorisation.profiles[factor, column]
            low, median, high = limits[:, column]
            rows.append(
                {
                    "factor": name,
                    "species": species,
                    "value": value,
                    "median": median,
                    "lower": low,
                    "upper": high,
                    "n_mapped": len(drawn),
                    "is_inside": bool(low <= value <= high),
                }
            )
    return pd.DataFrame(rows)


def refit(
    problem: Problem,
    profiles: FloatArray,
    rng: np.random.Generator,
    settings: FitSettings,
) -> Descent:
    """
    Best of a descent from given profiles and of random starts.

    Parameters
    ----------
    problem : Problem
        What is minimised.
    profiles : ndarray of shape (n_factors, n_species)
        First start, scaled.
    rng : Generator
        Source of the other starts.
    settings : FitSettings
        Their number, less one, and the most steps.

    Returns
    -------
    Descent
        That with the lowest objective.
    """
    start = alternated(problem, profiles, n_rounds=5)
    found = [descended(problem, start, max_iterations=settings.max_iterations)]
    found += [
        descent_from_random(problem, len(profiles), seed, settings.max_iterations)
        for seed in rng.spawn(settings.n_starts - 1)
    ]
    return min(found, key=lambda each: each.losses[-1])


def _refitted(
    factorisation: Factorisation,
    resampled: list[tuple[Problem, IntArray, np.random.Generator]],
    settings: FitSettings,
) -> Bootstrap:
    if not factorisation.is_converged:
        msg = (
            "the factorisation did not converge; expected one that did, for others "
            "are no measure of what resamples change"
        )
        raise InvalidStudyError(msg)
    _, scale = scaled_problem(factorisation.data, is_robust=factorisation.is_robust)
    arguments = [
        (
            problem,
            factorisation.profiles / scale,
            factorisation.contributions[rows],
            rng,
            replace(settings, progress=None),
        )
        for problem, rows, rng in resampled
    ]
    refits: list[Refit] = run_all(_one_refit, arguments, settings=settings)
    kept = [each for each in refits if each.is_converged]
    if not kept:
        msg = (
            f"none of {len(refits)} resamples converged; allow more than "
            f"{settings.max_iterations} steps"
        )
        raise InvalidStudyError(msg)
    closest = np.stack([each.closest for each in kept])
    return Bootstrap(
        np.stack([each.profiles for each in kept]) * scale,
        _mapping(factorisation.factors, closest),
        float(np.mean(closest < 0)),
        len(refits) - len(kept),
    )


def _one_refit(
    problem: Problem,
    profiles: FloatArray,
    contributions: FloatArray,
    rng: np.random.Generator,
    settings: FitSettings,
) -> Refit:
    """Fit of one resample, its factors in the order of the base."""
    descent = refit(problem, profiles, rng, settings)
    return paired(descent.point, contributions, is_converged=descent.is_converged)


def paired(point: Point, contributions: FloatArray, *, is_converged: bool) -> Refit:
    """
    Factors of a fit in the order of given contributions to the same samples.

    Parameters
    ----------
    point : Point
        The fit.
    contributions : ndarray of shape (n_samples, n_factors)
        Of the factors it is paired with.
    is_converged : bool
        Passed on.

    Returns
    -------
    Refit
        A pair needs a correlation of 0.6.
    """
    match = matched_factors(contributions, point.contributions)
    is_pair = match.similarity >= LEAST_CORRELATION
    profiles = np.where(is_pair[:, None], point.profiles[match.order], np.nan)
    closest = correlations(point.contributions[:, match.order], contributions).argmax(
        axis=1
    )
    return Refit(profiles, np.where(is_pair, closest, -1), is_converged)


def _mapping(factors: tuple[str, ...], closest: IntArray) -> pd.DataFrame:
    counts = {
        name: (closest == factor).sum(axis=0) for factor, name in enumerate(factors)
    }
    counts["unmapped"] = (closest < 0).sum(axis=0)
    return pd.DataFrame(counts, index=pd.Index(factors, name="factor"))
