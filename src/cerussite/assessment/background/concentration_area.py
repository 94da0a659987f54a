"""Background from the fractal relation of concentration and area."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from cerussite.assessment.background.found import ElementSample, Found
from cerussite.assessment.background.segments import (
    MIN_POINTS,
    break_points,
    check_segments,
)
from cerussite.assessment.censored import kaplan_meier


@dataclass(frozen=True, eq=False)
class ConcentrationArea:
    r"""
    Breaks of the straight lines :math:`\log A(\ge \nu)` against :math:`\log \nu`.

    Background and anomalies are different fractals, so that the area with
    concentrations of at least :math:`\nu` falls as :math:`\nu^{-\alpha}` with
    different exponents [1]_. The lowest break is the threshold, the median below it
    the background. Best lines always break somewhere: the interval of the threshold
    says whether it stays there on other samples.

    Attributes
    ----------
    n_segments : int
        Straight lines: 2 for background and anomaly.
    areas : array_like of shape (n_samples,) or None
        Area that each sample of the survey stands for, in any unit; None where all
        stand for the same (concentration-number).

    References
    ----------
    .. [1] Cheng, Q., Agterberg, F. P. and Ballantyne, S. B. (1994). The separation of
       geochemical anomalies from background by fractal methods. Journal of
       Geochemical Exploration 51(2), 109-130.
    """

    n_segments: int = 2
    areas: ArrayLike | None = None

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
        kind = "number" if self.areas is None else "area"
        return f"concentration-{kind} fractal, {self.n_segments} segments"

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
            Median of the part below the lowest break, and the break; withheld
            where there are too few different detected values for the lines.
        """
        n_detected = len(np.unique(sample.concentrations[~sample.is_censored]))
        if n_detected < MIN_POINTS * self.n_segments:
            reason = (
                f"{n_detected} different detected values; {self.n_segments} lines need "
                f"{MIN_POINTS * self.n_segments}"
            )
            return Found(np.nan, np.nan, reason)
        areas = None
        if self.areas is not None:
            areas = np.asarray(self.areas, dtype=np.float64)[sample.rows]
        steps = kaplan_meier(sample.concentrations, sample.is_censored, weights=areas)
        logs = np.log(steps.detected)
        area = np.log(steps.exceedance())
        cut = break_points(logs, area, n_segments=self.n_segments)[0]
        threshold = float(np.exp(logs[cut - 1 : cut + 1].mean()))
        share = float(steps.cumulative[cut - 1])
        if steps.undetermined >= share / 2:
            reason = f"median below {steps.lowest_limit:g}"
            return Found(np.nan, threshold, reason)
        return Found(steps.percentile(50 * share), threshold)
