"""Samples drawn with replacement that still allow an estimate."""

from collections.abc import Iterator

import numpy as np

from cerussite.core.errors import InvalidConcentrationError
from cerussite.core.types import BoolArray, FloatArray

#: Attempts at a resample that allows an estimate.
_MAX_ATTEMPTS = 1000


def resamples(
    values: FloatArray,
    is_censored: BoolArray,
    n_resamples: int,
    rng: np.random.Generator,
    *,
    n_different: int,
) -> Iterator[tuple[FloatArray, BoolArray]]:
    """
    Resamples with at least some different detected values.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        Concentrations or limits.
    is_censored : ndarray of bool, shape (n_samples,)
        True where ``values`` holds a limit.
    n_resamples : int
        How many.
    rng : Generator
        Who draws.
    n_different : int
        Different detected values that a resample must hold; others are drawn
        anew.

    Yields
    ------
    tuple of (ndarray, ndarray of bool)
        A resample of the same size.

    Raises
    ------
    InvalidConcentrationError
        If the sample cannot give such a resample.
    """
    # More cannot be asked of a resample than the sample holds.
    for _ in range(n_resamples):
        for _ in range(_MAX_ATTEMPTS):
            rows = rng.integers(values.size, size=values.size)
            seen = values[rows][~is_censored[rows]]
            if len(np.unique(seen)) >= n_different:
                yield values[rows], is_censored[rows]
                break
        else:
            msg = (
                f"{_MAX_ATTEMPTS} resamples without {n_different} different detected "
                "values; expected more detected values; use another method"
            )
            raise InvalidConcentrationError(msg)
