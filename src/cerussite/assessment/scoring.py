"""Values, intervals and probabilities of an index, from values or from draws."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from cerussite.assessment.concentrations import Concentrations
from cerussite.assessment.draws import interval_of_draws, probability_above
from cerussite.core.types import FloatArray

#: An index of (..., n_samples, n_elements) concentrations of the samples in a slice.
Index: TypeAlias = Callable[[FloatArray, slice], FloatArray]


@dataclass(frozen=True, eq=False)
class Scores:
    """
    An index in all samples.

    Attributes
    ----------
    value, lower, upper : ndarray of shape (n_samples, n_columns)
        The value, or the median of the draws, and the ends of the interval; NaN
        where there is none.
    probabilities : ndarray of shape (n_bounds, n_samples, n_columns)
        P(index > bound) for each bound; no rows where there are no draws.
    """

    value: FloatArray
    lower: FloatArray
    upper: FloatArray
    probabilities: FloatArray


def score(
    concentrations: Concentrations,
    index: Index,
    *,
    bounds: FloatArray,
    level: float,
    n_draws: int | None = None,
) -> Scores:
    """
    Compute an index of values, or of draws block by block.

    Parameters
    ----------
    concentrations : Concentrations
        With draws or without.
    index : callable
        Takes concentrations of shape (..., n_rows, n_elements) and the slice of
        samples that they are; gives (..., n_rows) or (..., n_rows, n_columns).
    bounds : ndarray of shape (n_bounds,) or (n_bounds, n_samples, n_columns)
        Bounds of the classes, or other bounds for each sample.
    level : float
        Probability inside the interval.
    n_draws : int, optional
        Draws that the index itself brings along, as of exposure factors.

    Returns
    -------
    Scores
        One column where the index gives one number a sample.
    """
    everything = slice(0, len(concentrations.sample_ids))
    if concentrations.draws is None and n_draws is None:
        value = _columns(index(concentrations.values, everything), n_dims=2)
        empty = np.full_like(value, np.nan)
        return Scores(value, empty, empty, np.empty((0, *value.shape)))
    parts = []
    for rows in concentrations.blocks(n_draws):
        given = concentrations.values[rows]
        if concentrations.draws is not None:
            given = concentrations.draws[:, rows]
        drawn = _columns(index(given, rows), n_dims=3)
        lower, value, upper = interval_of_draws(drawn, level=level)
        here = bounds[:, rows] if bounds.ndim == 3 else bounds
        shares = [probability_above(drawn, bound) for bound in here]
        parts.append((value, lower, upper, np.array(shares).reshape(-1, *value.shape)))
    value, lower, upper = (
        np.concatenate([part[i] for part in parts]) for i in range(3)
    )
    probabilities = np.concatenate([part[3] for part in parts], axis=1)
    return Scores(value, lower, upper, probabilities)


def _columns(found: FloatArray, *, n_dims: int) -> FloatArray:
    return found if found.ndim == n_dims else found[..., np.newaxis]
