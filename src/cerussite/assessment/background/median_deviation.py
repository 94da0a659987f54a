"""Background from median and median absolute deviation."""

from dataclasses import dataclass, replace

import numpy as np

from cerussite.assessment.background.found import (
    ElementSample,
    Found,
    Scale,
    check_scale,
    median_of,
    weighted_median,
)
from cerussite.assessment.censored import CensoredDistribution, kaplan_meier

#: Makes the median absolute deviation of a normal distribution its standard deviation.
CONSISTENCY = 1.4826


@dataclass(frozen=True)
class MedianDeviation:
    """
    Median, and median + 2 MAD as the threshold.

    Outliers hardly move it as long as less than half of the samples are
    contaminated. Reimann et al. (2005) [1]_ advise logarithms for skewed data.

    Attributes
    ----------
    scale : {"log", "linear"}
        Whether deviations are those of logarithms. No default.

    References
    ----------
    .. [1] Reimann, C., Filzmoser, P. and Garrett, R. G. (2005). Background and
       threshold: critical comparison of methods of determination. Science of the
       Total Environment 346(1-3), 1-16.

    Examples
    --------
    >>> values = np.array([1.0, 2.0, 3.0, 4.0, 100.0])
    >>> sample = ElementSample(values, np.zeros(5, bool), np.arange(5))
    >>> found = MedianDeviation(scale="linear").find(sample)
    >>> found.background, found.threshold
    (3.0, 5.9652)
    """

    scale: Scale

    def __post_init__(self) -> None:
        check_scale(self.scale)

    @property
    def name(self) -> str:
        """
        What the report calls the method.

        Returns
        -------
        str
            With its options.
        """
        of = "logarithms" if self.scale == "log" else "concentrations"
        return f"median + 2 MAD of {of}"

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
            Median and median + 2 MAD of the Kaplan-Meier distribution; withheld
            where they depend on what lies below the limits.
        """
        if sample.is_censored.all():
            return Found(np.nan, np.nan, "nothing was detected")
        is_log = self.scale == "log"
        steps = kaplan_meier(sample.concentrations, sample.is_censored)
        lowest_limit = steps.lowest_limit
        if is_log:
            steps = replace(
                steps,
                detected=np.log(steps.detected),
                lowest_limit=float(np.log(lowest_limit)),
            )
        centre = median_of(steps)
        if not np.isfinite(centre):
            return Found(np.nan, np.nan, f"median below {lowest_limit:g}")
        top = centre + 2 * CONSISTENCY * _deviation(steps, centre)
        reason = "" if np.isfinite(top) else "the MAD depends on values below limits"
        if is_log:
            return Found(float(np.exp(centre)), float(np.exp(top)), reason)
        return Found(centre, top, reason)


def _deviation(steps: CensoredDistribution, centre: float) -> float:
    """MAD; NaN where it depends on where the undetermined share lies."""
    mass = np.append(steps.mass, steps.undetermined)
    known = np.abs(steps.detected - centre)
    nearest = weighted_median(np.append(known, centre - steps.lowest_limit), mass)
    farthest = weighted_median(np.append(known, np.inf), mass)
    return nearest if nearest == farthest else np.nan
