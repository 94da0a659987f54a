"""How thoroughly, and on how many processors, fits are done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import IntArray

#: Seed of, or source of, random numbers.
RandomState: TypeAlias = int | np.random.Generator
#: Called with the number of fits done and the number of all fits.
Progress: TypeAlias = Callable[[int, int], None]


@dataclass(frozen=True)
class FitSettings:
    """
    What all fits of a factorisation share.

    Attributes
    ----------
    n_starts : int
        Random starts. A start ends in a local minimum; that several reach the
        lowest is the sign that it is the lowest of all.
    is_robust : bool
        Whether residuals beyond four uncertainties weigh 4/|r|.
    max_iterations : int
        Most second-order steps of a start.
    n_jobs : int
        Processes that independent fits are spread over.
    progress : callable or None
        Called with the number of fits done and of all.

    Raises
    ------
    InvalidStudyError
        If a number is below one (steps: below zero).
    """

    n_starts: int = 20
    is_robust: bool = False
    max_iterations: int = 500
    n_jobs: int = 1
    progress: Progress | None = None

    def __post_init__(self) -> None:
        if self.n_starts < 1 or self.n_jobs < 1 or self.max_iterations < 0:
            msg = (
                f"{self.n_starts} starts of {self.max_iterations} steps in "
                f"{self.n_jobs} processes; expected at least one start and process"
            )
            raise InvalidStudyError(msg)


#: Twenty plain starts in this process.
DEFAULT = FitSettings()


@dataclass(frozen=True)
class Draws:
    """
    How samples are drawn anew.

    Attributes
    ----------
    n_resamples : int
        Number of resamples; 100 or more for intervals.
    blocks : sequence or None
        Label of each sample; samples of one label are drawn together: weeks of
        a series, cells of a map. None draws single samples, which is right only
        where neighbours are independent.
    random_state : int or Generator
        Source of the draws.

    Raises
    ------
    InvalidStudyError
        If there are fewer than two resamples.
    """

    n_resamples: int = 100
    blocks: Sequence[object] | None = None
    random_state: RandomState = 0

    def __post_init__(self) -> None:
        if self.n_resamples < 2:
            msg = f"{self.n_resamples} resamples; expected two at least, better 100"
            raise InvalidStudyError(msg)

    def rows(self, n_samples: int) -> tuple[list[IntArray], np.random.Generator]:
        """
        Rows of each resample: blocks drawn until there are as many as before.

        Parameters
        ----------
        n_samples : int
            Number of samples drawn from.

        Returns
        -------
        rows : list of ndarray of int, shape (n_samples,)
            One a resample; its last block may be cut.
        rng : Generator
            For further random numbers.

        Raises
        ------
        InvalidStudyError
            If samples have no label each, or there is one block only.

        Examples
        --------
        >>> rows, _ = Draws(2, blocks=["a", "b", "b"]).rows(3)
        >>> [len(drawn) for drawn in rows]
        [3, 3]
        """
        labels: IntArray = np.arange(n_samples)
        if self.blocks is not None:
            names = np.asarray([str(label) for label in self.blocks])
            labels = np.unique(names, return_inverse=True)[1]
        n_blocks = int(labels.max(initial=0)) + 1
        if labels.size != n_samples or n_blocks < 2:
            msg = (
                f"{labels.size} labels of {n_blocks} blocks for {n_samples} samples; "
                "expected a label for each sample, and two blocks at least"
            )
            raise InvalidStudyError(msg)
        members: list[IntArray] = [
            np.flatnonzero(labels == label) for label in range(n_blocks)
        ]
        rng = np.random.default_rng(self.random_state)
        return [_drawn(members, n_samples, rng) for _ in range(self.n_resamples)], rng


#: A hundred resamples of single samples.
SINGLE = Draws()


def _drawn(
    members: list[IntArray], n_samples: int, rng: np.random.Generator
) -> IntArray:
    rows: list[IntArray] = []
    n_drawn = 0
    while n_drawn < n_samples:
        block = members[rng.integers(len(members))]
        rows.append(block)
        n_drawn += block.size
    return np.concatenate(rows)[:n_samples]
