"""How thoroughly, and on how many processors, fits are done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from cerussite.core.errors import InvalidStudyError

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
