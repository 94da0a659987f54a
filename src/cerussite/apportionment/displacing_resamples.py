"""Bootstrap and displacement together (BS-DISP)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cerussite.apportionment.displacing import (
    Task,
    displaced_path,
    species_columns,
)
from cerussite.apportionment.factorisation import Factorisation, scaled_problem
from cerussite.apportionment.parallel import run_all
from cerussite.apportionment.problem import Problem, point_at
from cerussite.apportionment.resampling import paired, refit
from cerussite.apportionment.settings import DEFAULT, SINGLE, Draws, FitSettings
from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray, IntArray

#: Increases of Q that EPA PMF 5.0 displaces resamples to.
SMALL_LEVELS = (0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True, eq=False)
class DisplacedBootstrap:
    """
    Intervals that hold random and rotational uncertainty together.

    Attributes
    ----------
    intervals : DataFrame
        One row a factor, displaced species and level: ``factor``, ``species``,
        ``d_q``, ``value``, ``lower`` (5th percentile of the lower ends),
        ``upper`` (95th of the upper ends).
    n_accepted : int
        Resamples that converged, kept all factors and met no swap.
    n_resamples : int
        All resamples.
    n_swapped : int
        Resamples left out because factors changed places when displaced, or
        found no pair.
    """

    intervals: pd.DataFrame
    n_accepted: int
    n_resamples: int
    n_swapped: int


def displaced_bootstrap(
    factorisation: Factorisation,
    species: Sequence[str],
    *,
    draws: Draws = SINGLE,
    settings: FitSettings = DEFAULT,
) -> DisplacedBootstrap:
    """
    Displacement, with full refits, of some elements in each of many resamples.

    Parameters
    ----------
    factorisation : Factorisation
        A converged one.
    species : sequence of str
        Species whose elements are displaced: those that matter, for each costs
        two searches a factor and resample.
    draws : Draws
        Number of resamples and blocks.
    settings : FitSettings
        Starts, processes and progress.

    Returns
    -------
    DisplacedBootstrap
        Levels 0.5, 1, 2 and 4, as in EPA PMF 5.0 [1]_.

    Raises
    ------
    InvalidStudyError
        If no resample is left to take intervals from.

    References
    ----------
    .. [1] Brown, S. G., Eberly, S., Paatero, P. and Norris, G. A. (2015). Methods
       for estimating uncertainty in PMF solutions: examples with ambient air and
       water quality data and guidance on reporting PMF results. Science of the
       Total Environment 518-519, 626-635.
    """
    columns = species_columns(factorisation, species)
    problem, scale = scaled_problem(
        factorisation.data, is_robust=factorisation.is_robust
    )
    drawn, rng = draws.rows(len(factorisation.contributions))
    quiet = replace(settings, progress=None)
    base = (factorisation.profiles / scale, factorisation.contributions)
    arguments = [
        ((problem, rows, *base), columns, rng.spawn(1)[0], quiet) for rows in drawn
    ]
    found = run_all(_one_resample, arguments, settings=settings)
    ends = [each for each in found if each is not None]
    if not ends:
        msg = (
            f"factors changed places in all {len(drawn)} resamples; expected some "
            "that keep them: take fewer factors"
        )
        raise InvalidStudyError(msg)
    table = _table(factorisation, columns, np.stack(ends), scale)
    return DisplacedBootstrap(table, len(ends), len(drawn), len(drawn) - len(ends))


def _one_resample(
    drawn: tuple[Problem, IntArray, FloatArray, FloatArray],
    columns: list[int],
    rng: np.random.Generator,
    settings: FitSettings,
) -> FloatArray | None:
    """Ends of the intervals, (factors, columns, levels, 2); None where swapped."""
    problem, rows, profiles, contributions = drawn
    resampled, n_factors = problem.taken(rows), len(profiles)
    descent = refit(resampled, profiles, rng, settings)
    pairs = paired(
        descent.point, contributions[rows], is_converged=descent.is_converged
    )
    if not pairs.is_converged or (pairs.closest != np.arange(n_factors)).any():
        return None
    frozen = Problem(
        resampled.concentrations, resampled.reweighted(descent.point.residuals)
    )
    guess = replace(descent.point, weights=frozen.weights)
    base = point_at(frozen, pairs.profiles, guess)
    ends = np.empty((n_factors, len(columns), len(SMALL_LEVELS), 2))
    for factor in range(n_factors):
        for at, column in enumerate(columns):
            for side, sign in enumerate((-1, 1)):
                path = displaced_path(
                    frozen, base, Task(factor, column, sign), SMALL_LEVELS
                )
                if any(reached.is_swapped for reached in path):
                    return None
                ends[factor, at, :, side] = [reached.value for reached in path]
    return ends


def _table(
    factorisation: Factorisation,
    columns: list[int],
    ends: FloatArray,
    scale: FloatArray,
) -> pd.DataFrame:
    lower = np.quantile(ends[..., 0], 0.05, axis=0)
    upper = np.quantile(ends[..., 1], 0.95, axis=0)
    rows = [
        {
            "factor": name,
            "species": factorisation.data.species[column],
            "d_q": level,
            "value": factorisation.profiles[factor, column],
            "lower": lower[factor, at, step] * scale[column],
            "upper": upper[factor, at, step] * scale[column],
        }
        for factor, name in enumerate(factorisation.factors)
        for at, column in enumerate(columns)
        for step, level in enumerate(SMALL_LEVELS)
    ]
    return pd.DataFrame(rows)
