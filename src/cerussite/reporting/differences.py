"""Paired differences of two methods, and what their intervals allow to say."""

import math
from dataclasses import dataclass

import pandas as pd

from cerussite.reporting.numerals import DIRECTIONS


@dataclass(frozen=True)
class Difference:
    """
    A paired difference of two methods.

    Attributes
    ----------
    response, method, against, scheme, metric : str
        What was compared; the difference is ``method`` minus ``against``.
    n_calibration : int
        Size of the calibration set.
    value, low, high, p_value : float
        The difference, the ends of its interval and its p-value; NaN where
        unknown.
    """

    response: str
    method: str
    against: str
    scheme: str
    metric: str
    n_calibration: int
    value: float
    low: float
    high: float
    p_value: float

    @property
    def outcome(self) -> str:
        """
        What the interval allows to say.

        Returns
        -------
        str
            ``"better"`` or ``"worse"`` where the interval excludes zero,
            ``"undecided"`` where it does not, ``"withheld"`` where there is no
            interval or the metric has no direction.
        """
        direction = DIRECTIONS.get(self.metric, 0)
        if not (math.isfinite(self.low) and math.isfinite(self.high) and direction):
            return "withheld"
        if self.low <= 0 <= self.high:
            return "undecided"
        return "better" if self.low * direction > 0 else "worse"

    def reversed(self) -> "Difference":
        """
        The same comparison seen from the other method.

        Returns
        -------
        Difference
            With both names exchanged and all signs turned.
        """
        return Difference(
            self.response,
            self.against,
            self.method,
            self.scheme,
            self.metric,
            self.n_calibration,
            -self.value,
            -self.high,
            -self.low,
            self.p_value,
        )


def read_differences(
    comparisons: pd.DataFrame,
) -> dict[tuple[str, str, str, str, int, str], Difference]:
    """
    Differences of `comparisons.csv` by what they compare.

    Parameters
    ----------
    comparisons : DataFrame
        As in `comparisons.csv`.

    Returns
    -------
    dict of tuple to Difference
        By response, method, against, scheme, n_calibration and metric, in the
        order of the file.
    """
    columns = [
        *("response", "method", "against", "scheme", "metric", "n_calibration"),
        *("difference", "low", "high", "p_value"),
    ]
    rows = [
        Difference(r, m, a, s, k, int(n), float(d), float(low), float(high), float(p))
        for r, m, a, s, k, n, d, low, high, p in comparisons[columns].itertuples(
            index=False
        )
    ]
    return {
        (d.response, d.method, d.against, d.scheme, d.n_calibration, d.metric): d
        for d in rows
    }
