"""Background by leaving out what lies more than two deviations away."""

import math
from dataclasses import dataclass

import numpy as np

from cerussite.assessment.background.found import (
    ElementSample,
    Found,
    Scale,
    check_scale,
)
from cerussite.assessment.censored.checks import unsupported
from cerussite.assessment.censored.likelihood import fit_normal


@dataclass(frozen=True)
class IterativeTwoSigma:
    """
    Mean ± 2 standard deviations of the values within mean ± 2 deviations.

    Values outside are left out, and mean and deviation computed again, until all
    lie inside [1]_. It looks for one normal population; on a mixture it ends
    somewhere between. Censored values enter through their likelihood and are never
    left out.

    Attributes
    ----------
    scale : {"log", "linear"}
        Whether the population is normal in logarithms. No default.

    References
    ----------
    .. [1] Matschullat, J., Ottenstein, R. and Reimann, C. (2000). Geochemical
       background - can we calculate it? Environmental Geology 39(9), 990-1000.

    Examples
    --------
    The mean of 1 to 5 is 3, their variance 2.5; 100 lies outside:

    >>> values = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 100.0])
    >>> sample = ElementSample(values, np.zeros(6, bool), np.arange(6))
    >>> found = IterativeTwoSigma(scale="linear").find(sample)
    >>> found.background, round(found.threshold - 3.0, 6) == round(2 * 2.5**0.5, 6)
    (3.0, True)
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
        return f"iterative 2 standard deviations of {of}"

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
            Mean (of logarithms, back in mg/kg) and mean + 2 standard deviations;
            withheld where too little was detected to fit a distribution.
        """
        is_log = self.scale == "log"
        values = np.log(sample.concentrations) if is_log else sample.concentrations
        mask = sample.is_censored
        while True:
            if reason := unsupported(values, mask):
                return Found(np.nan, np.nan, reason)
            centre, spread = fit_normal(values, mask)
            spread *= math.sqrt(values.size / (values.size - 1))
            inside = mask | (np.abs(values - centre) <= 2 * spread)
            if inside.all():
                break
            values, mask = values[inside], mask[inside]
        top = centre + 2 * spread
        return Found(math.exp(centre), math.exp(top)) if is_log else Found(centre, top)
