"""What an assessment is to compute, where there is a choice."""

from dataclasses import dataclass
from typing import Literal

from cerussite.core.errors import InvalidStudyError


@dataclass(frozen=True)
class AssessmentPlan:
    """
    Choices of an assessment.

    Attributes
    ----------
    elements : tuple of str
        Set of the indices against the background; empty for all that were
        measured but the reference element.
    reference_element : str, optional
        Al, Fe, Ti, Sc, Li or Zr, for enrichment factors; None for none.
    extended_toxic_response : bool
        Also use toxic response factors that Håkanson did not give.
    enrichment_classes : {"enrichment_factor", "enrichment_factor_birch"}
        Classes of Sutherland (2000) or of Birch (2003).
    level : float
        Probability inside the intervals over draws.

    Raises
    ------
    InvalidStudyError
        If the level is not between 0 and 1.
    """

    elements: tuple[str, ...] = ()
    reference_element: str | None = None
    extended_toxic_response: bool = False
    enrichment_classes: Literal["enrichment_factor", "enrichment_factor_birch"] = (
        "enrichment_factor"
    )
    level: float = 0.9

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            msg = f"level {self.level:g}; expected a probability between 0 and 1"
            raise InvalidStudyError(msg)
