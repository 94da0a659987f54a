"""How many factors the data hold up, by cells kept out of the fit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cerussite.apportionment.descent import Descent
from cerussite.apportionment.factorisation import (
    check_number,
    descent_from_random,
    scaled_problem,
)
from cerussite.apportionment.matching import matched_factors
from cerussite.apportionment.parallel import run_all
from cerussite.apportionment.problem import OUTLIER, Problem
from cerussite.apportionment.quality import q_expected
from cerussite.apportionment.receptor_data import ReceptorData
from cerussite.apportionment.settings import FitSettings
from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import BoolArray, FloatArray

#: Starts a number and fold; more are rarely needed to find the best.
FEW_STARTS = FitSettings(n_starts=4, max_iterations=100)


@dataclass(frozen=True, eq=False)
class NumberOfFactors:
    """
    Evidence on the number of factors.

    Attributes
    ----------
    table : DataFrame
        One row a number: ``n_factors``, ``held_out`` (mean Huber loss of a
        held-out cell), ``difference`` (to the best number) and its
        ``standard_error`` over folds, ``q_over_expected`` (fits to the other
        cells, scaled to all; NaN where none is expected), ``stability`` (mean correlation of the profiles
        of different folds), ``share_reaching_best`` (starts).
    n_factors : int
        Suggestion: the smallest number whose held-out loss is not above the
        least by more than one standard error of the difference.
    candidates : tuple of int
        Numbers within two standard errors.
    words : str
        What this means, in a sentence or two.
    """

    table: pd.DataFrame
    n_factors: int
    candidates: tuple[int, ...]
    words: str


def suggest_number_of_factors(
    data: ReceptorData,
    numbers: Sequence[int],
    *,
    n_folds: int = 10,
    settings: FitSettings = FEW_STARTS,
    random_state: int | np.random.Generator = 0,
) -> NumberOfFactors:
    """
    Number of factors that predicts cells best which the fit has not seen.

    Cells are dealt into folds at random; those of a fold get no weight while
    profiles and contributions are fitted, and are predicted afterwards. A factor
    that fits noise predicts nothing [1]_.

    Parameters
    ----------
    data : ReceptorData
        Concentrations and uncertainties.
    numbers : sequence of int
        Numbers to compare.
    n_folds : int
        Folds; each keeps one cell in ``n_folds`` out.
    settings : FitSettings
        Starts of each fit, processes and progress.
    random_state : int or Generator
        Who deals the cells and the starts.

    Returns
    -------
    NumberOfFactors
        Numbers in increasing order.

    Raises
    ------
    InvalidStudyError
        If no number or fewer than two folds are given.

    References
    ----------
    .. [1] Owen, A. B. and Perry, P. O. (2009). Bi-cross-validation of the SVD and
       the nonnegative matrix factorization. Annals of Applied Statistics 3(2),
       564-594. Single cells are held out here, as in Wold, S. (1978).
       Technometrics 20(4), 397-405, rather than blocks of them.
    """
    ordered = sorted(set(numbers))
    if not ordered or n_folds < 2:
        msg = (
            f"numbers {ordered} in {n_folds} folds; expected at least one number of "
            "factors and two folds"
        )
        raise InvalidStudyError(msg)
    check_number(data, ordered[-1])
    problem, _ = scaled_problem(data, is_robust=settings.is_robust)
    rng = np.random.default_rng(random_state)
    folds = dealt_cells(data.is_measured, n_folds, rng)
    quiet = replace(settings, progress=None)
    arguments = [
        (problem, folds == fold, number, rng.spawn(1)[0], quiet)
        for number in ordered
        for fold in range(n_folds)
    ]
    found = run_all(_held_out_fit, arguments, settings=settings)
    by_number = {
        number: found[at * n_folds : (at + 1) * n_folds]
        for at, number in enumerate(ordered)
    }
    return _judged(data, by_number)


def dealt_cells(
    is_measured: BoolArray, n_folds: int, rng: np.random.Generator
) -> np.ndarray:
    """
    Fold of each measured cell, evenly over the folds within every sample.

    Parameters
    ----------
    is_measured : ndarray of bool, shape (n_samples, n_species)
        Cells that can be held out.
    n_folds : int
        Number of folds.
    rng : Generator
        Who deals.

    Returns
    -------
    ndarray of int, shape (n_samples, n_species)
        -1 where missing.

    Examples
    --------
    >>> import numpy as np
    >>> folds = dealt_cells(np.ones((5, 4), bool), 4, np.random.default_rng(0))
    >>> sorted(folds[0].tolist()), np.bincount(folds.ravel())
    ([0, 1, 2, 3], array([5, 5, 5, 5]))
    """
    folds = np.full(is_measured.shape, -1)
    for row, here in enumerate(is_measured):
        columns = rng.permutation(np.flatnonzero(here))
        folds[row, columns] = (
            rng.integers(n_folds) + np.arange(columns.size)
        ) % n_folds
    return folds


def _held_out_fit(
    problem: Problem,
    held_out: BoolArray,
    n_factors: int,
    rng: np.random.Generator,
    settings: FitSettings,
) -> tuple[float, float, FloatArray, float]:
    """Loss of held-out and of fitted cells, profiles, and starts reaching the best."""
    seen = replace(problem, weights=np.where(held_out, 0.0, problem.weights))
    descents: list[Descent] = [
        descent_from_random(seen, n_factors, seed, settings.max_iterations)
        for seed in rng.spawn(settings.n_starts)
    ]
    losses = np.array([each.losses[-1] for each in descents])
    best = descents[int(losses.argmin())].point
    scaled = np.abs(np.sqrt(problem.weights) * best.residuals)
    far = 2 * OUTLIER * scaled - OUTLIER**2
    loss = np.where(scaled <= OUTLIER, scaled**2, far)
    reached = float(np.mean(losses <= losses.min() + 0.1))
    seen_cells = seen.weights > 0
    return (
        float(loss[held_out].mean()),
        float((scaled**2)[seen_cells].mean()),
        best.profiles,
        reached,
    )


def _judged(
    data: ReceptorData,
    by_number: dict[int, list[tuple[float, float, FloatArray, float]]],
) -> NumberOfFactors:
    errors = np.array([[fit[0] for fit in fits] for fits in by_number.values()])
    best = int(errors.mean(axis=1).argmin())
    apart = errors - errors[best]
    spread = apart.std(axis=1, ddof=1) / np.sqrt(errors.shape[1])
    rows = [
        {
            "n_factors": number,
            "held_out": errors[at].mean(),
            "difference": apart[at].mean(),
            "standard_error": spread[at],
            "q_over_expected": _over_expected(data, number, fits),
            "stability": _stability([fit[2] for fit in fits]),
            "share_reaching_best": float(np.mean([fit[3] for fit in fits])),
        }
        for at, (number, fits) in enumerate(by_number.items())
    ]
    numbers = list(by_number)
    within = [
        tuple(
            number
            for number, row in zip(numbers, rows, strict=True)
            if row["difference"] <= width * row["standard_error"]
        )
        for width in (1.0, 2.0)
    ]
    suggested, candidates = within[0][0], within[1]
    words = _words(suggested, candidates, numbers, numbers[best])
    return NumberOfFactors(pd.DataFrame(rows), suggested, candidates, words)


def _over_expected(
    data: ReceptorData,
    n_factors: int,
    fits: list[tuple[float, float, FloatArray, float]],
) -> float:
    """Mean Q of the fits, as for all cells, over what it should be about."""
    expected = q_expected(data, n_factors)
    if expected <= 0:
        return np.nan
    mean_square = float(np.mean([fit[1] for fit in fits]))
    return int(data.is_measured.sum()) * mean_square / expected


def _stability(profiles: list[FloatArray]) -> float:
    """Mean correlation of matched shares of the species between folds."""
    shares = [_shares(each) for each in profiles]
    if len(profiles[0]) == 1:
        return 1.0
    found = [
        matched_factors(shares[0].T, other.T).similarity.mean() for other in shares[1:]
    ]
    return float(np.mean(found))


def _shares(profiles: FloatArray) -> FloatArray:
    totals = profiles.sum(axis=0)
    return profiles / np.where(totals > 0, totals, 1.0)


def _words(
    suggested: int, candidates: tuple[int, ...], numbers: list[int], best: int
) -> str:
    factors = f"{suggested} factor{'s' * (suggested > 1)}"
    if len(candidates) == 1:
        text = f"{factors}: every other number predicts held-out cells clearly worse."
    else:
        others = ", ".join(str(number) for number in candidates if number != suggested)
        text = (
            f"{factors}, but {others} cannot be told apart from it by held-out cells: "
            "choose by what the factors mean, and report both."
        )
    if best == numbers[-1]:
        text += (
            f" The best is the largest number tried ({best}): try more before believing "
            "it."
        )
    return text
