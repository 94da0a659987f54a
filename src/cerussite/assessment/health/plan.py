"""What a health risk assessment is to compute, where there is a choice."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from cerussite.assessment.health.toxicity import toxic_substances
from cerussite.assessment.names import nearest_names
from cerussite.core.errors import InvalidStudyError, UnknownStandardError


@dataclass(frozen=True)
class HealthPlan:
    """
    Choices of a health risk assessment.

    Attributes
    ----------
    dates : tuple of date
        Days whose toxicity values are used; one set of rows for each. No
        default: arsenic and chromium changed in 2024 and 2025.
    read_as : mapping of str to str
        What a measured total is taken for: ``{"Cr": "Cr(VI)"}``. Without it
        elements whose toxicity is of species are withheld.
    literature_dermal : bool
        Use a dermal absorption of 0.001 where US EPA gives none.
    consecutive : bool
        The receptors are stages of one life: add their risks of cancer.
    level : float
        Probability inside the intervals over draws.

    Raises
    ------
    InvalidStudyError
        If there is no date, one occurs twice, or the level is no probability.
    UnknownStandardError
        If something is read as a substance without toxicity values.
    """

    dates: tuple[date, ...]
    read_as: Mapping[str, str] = field(default_factory=dict)
    literature_dermal: bool = False
    consecutive: bool = False
    level: float = 0.9

    def __post_init__(self) -> None:
        if not self.dates or len(set(self.dates)) != len(self.dates):
            msg = f"dates {[str(on) for on in self.dates]}; expected one or more, each once"
            raise InvalidStudyError(msg)
        if not 0 < self.level < 1:
            msg = f"level {self.level:g}; expected a probability between 0 and 1"
            raise InvalidStudyError(msg)
        for element, substance in self.read_as.items():
            if substance not in toxic_substances():
                near = nearest_names(substance, toxic_substances())
                msg = f"{element} read as {substance!r}, which has no toxicity; {near}"
                raise UnknownStandardError(msg)
