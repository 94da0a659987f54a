"""Statistics of a censored sample as values, with what is not known said."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Estimate:
    """
    A statistic with an interval; without a value where the data support none.

    Attributes
    ----------
    value : float
        The estimate, in the unit of the data; NaN where it is withheld.
    lower, upper : float
        Interval. Where the value is withheld, the interval still holds: it says
        how little is known. 0 and infinity mean that nothing bounds that side.
    reason : str
        Why there is no value; empty where there is one.
    """

    value: float
    lower: float
    upper: float
    reason: str = ""

    @property
    def is_withheld(self) -> bool:
        """
        Whether there is an interval but no value.

        Returns
        -------
        bool
            True where ``value`` is NaN.
        """
        return bool(np.isnan(self.value))


@dataclass(frozen=True)
class CensoredSummary:
    """
    Summary statistics of a sample with values below the detection limit.

    Attributes
    ----------
    method : str
        How the censored values were treated.
    n : int
        Number of measured values.
    n_censored : int
        How many of them lie below their detection limit.
    mean, standard_deviation : Estimate
        In the unit of the data.
    percentiles : mapping of float to Estimate
        By percentage, in the unit of the data.
    level : float
        Nominal coverage of the intervals.
    notes : tuple of str
        What a report has to say about the method.
    """

    method: str
    n: int
    n_censored: int
    mean: Estimate
    standard_deviation: Estimate
    percentiles: Mapping[float, Estimate]
    level: float
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """
        One row a statistic.

        Returns
        -------
        DataFrame
            Columns statistic, value, lower, upper, level, n, n_censored, method,
            withheld, reason.
        """
        named = {
            "mean": self.mean,
            "standard_deviation": self.standard_deviation,
            **{f"percentile_{p:g}": one for p, one in self.percentiles.items()},
        }
        rows = [
            {
                "statistic": name,
                "value": one.value,
                "lower": one.lower,
                "upper": one.upper,
                "level": self.level,
                "n": self.n,
                "n_censored": self.n_censored,
                "method": self.method,
                "withheld": one.is_withheld,
                "reason": one.reason,
            }
            for name, one in named.items()
        ]
        return pd.DataFrame(rows)
