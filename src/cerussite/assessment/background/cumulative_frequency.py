"""Background from the first bend of the cumulative frequency curve."""

from dataclasses import dataclass

import numpy as np

from cerussite.assessment.background.found import ElementSample, Found
from cerussite.assessment.background.segments import (
    MIN_POINTS,
    break_points,
    check_segments,
)
from cerussite.assessment.censored import kaplan_meier


@dataclass(frozen=True)
class CumulativeFrequency:
    """
    First bend of the relative cumulative frequency on linear axes.

    Values below the first bend are taken as background: its limit is the bend, its
    centre their mean [1]_. Bends are where straight lines through the parts of the
    curve fit best. A curve without a bend has one all the same: look at the
    interval of the threshold.

    Attributes
    ----------
    n_segments : int
        Straight parts: 2, or 3 for a curve with two bends.

    References
    ----------
    .. [1] Matschullat, J., Ottenstein, R. and Reimann, C. (2000). Geochemical
       background - can we calculate it? Environmental Geology 39(9), 990-1000.
    """

    n_segments: int = 2

    def __post_init__(self) -> None:
        check_segments(self.n_segments)

    @property
    def name(self) -> str:
        """
        What the report calls the method.

        Returns
        -------
        str
            With its options.
        """
        return f"relative cumulative frequency, {self.n_segments} segments"

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
            Mean of the part below the first bend, and the bend; withheld where
            there are too few different detected values for the lines.
        """
        n_detected = len(np.unique(sample.concentrations[~sample.is_censored]))
        if n_detected < MIN_POINTS * self.n_segments:
            reason = (
                f"{n_detected} different detected values; {self.n_segments} lines need "
                f"{MIN_POINTS * self.n_segments}"
            )
            return Found(np.nan, np.nan, reason)
        steps = kaplan_meier(sample.concentrations, sample.is_censored)
        cut = break_points(
            steps.detected, steps.cumulative, n_segments=self.n_segments
        )[0]
        threshold = float(steps.detected[cut - 1 : cut + 1].mean())
        share = float(steps.cumulative[cut - 1])
        if steps.undetermined >= share / 2:
            reason = f"most of the background lies below {steps.lowest_limit:g}"
            return Found(np.nan, threshold, reason)
        inside = float(steps.mass[:cut] @ steps.detected[:cut])
        below = steps.undetermined * steps.lowest_limit
        return Found((inside + below) / share, threshold)
