"""Background from stations chosen as references."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from cerussite.assessment.background.found import ElementSample, Found, median_of
from cerussite.assessment.censored import kaplan_meier
from cerussite.core.errors import InvalidStudyError


@dataclass(frozen=True, eq=False)
class ReferenceStations:
    """
    Median and a high percentile of stations that stand for no contamination.

    As good as the choice of the stations: same region, sediment or soil of the same
    grain size and rock, analysed by the same procedure.

    Attributes
    ----------
    is_reference : array_like of bool, shape (n_samples,)
        Which samples of the survey are references.
    percentage : float
        Percentile that is the threshold, such as 90. No default.

    Raises
    ------
    InvalidStudyError
        If the percentage is not between 50 and 100.
    """

    is_reference: ArrayLike
    percentage: float

    def __post_init__(self) -> None:
        if not 50 < self.percentage < 100:
            msg = f"percentage: {self.percentage:g}; expected one between 50 and 100"
            raise InvalidStudyError(msg)

    @property
    def name(self) -> str:
        """
        What the report calls the method.

        Returns
        -------
        str
            With its options.
        """
        return f"reference stations, median and percentile {self.percentage:g}"

    def find(self, sample: ElementSample) -> Found:
        """
        Background of one element.

        Parameters
        ----------
        sample : ElementSample
            Its measured values.

        Returns
        -------
        Found
            Median and percentile of the references by Kaplan-Meier.
        """
        chosen = np.asarray(self.is_reference, dtype=bool)[sample.rows]
        values, mask = sample.concentrations[chosen], sample.is_censored[chosen]
        if mask.all():
            reason = f"nothing was detected at {values.size} reference stations"
            return Found(np.nan, np.nan, reason)
        steps = kaplan_meier(values, mask)
        median, threshold = median_of(steps), steps.percentile(self.percentage)
        reason = "" if np.isfinite(median) else f"median below {steps.lowest_limit:g}"
        return Found(median, threshold, reason)
