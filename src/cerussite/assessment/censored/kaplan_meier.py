"""The distribution of a censored sample without assuming its form."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import beta

from cerussite.assessment.censored.checks import checked_sample
from cerussite.assessment.censored.estimate import Estimate
from cerussite.core.errors import InvalidConcentrationError
from cerussite.core.types import FloatArray

#: Share of the distribution below all detected values that still leaves a mean.
MAX_UNDETERMINED = 0.5


@dataclass(frozen=True, eq=False)
class CensoredDistribution:
    """
    Kaplan-Meier estimate of a distribution function from left-censored values.

    Attributes
    ----------
    detected : ndarray of shape (n_detected,)
        Detected values that differ, increasing.
    cumulative : ndarray of shape (n_detected,)
        Share of the distribution at or below each of them.
    mass : ndarray of shape (n_detected,)
        Share at each of them.
    variance : ndarray of shape (n_detected,)
        Greenwood's variance of ``cumulative``.
    at_risk : ndarray of shape (n_detected,)
        Values, by weight, known to lie at or below each of them.
    undetermined : float
        Share below the lowest detected value: it lies between 0 and
        ``lowest_limit``, nothing says where.
    lowest_limit : float
        Smallest detection limit where ``undetermined`` is not 0, else the lowest
        detected value.
    """

    detected: FloatArray
    cumulative: FloatArray
    mass: FloatArray
    variance: FloatArray
    at_risk: FloatArray
    undetermined: float
    lowest_limit: float

    @property
    def mean(self) -> float:
        """
        Mean with the undetermined share at the lowest limit: the largest possible.

        Returns
        -------
        float
            In the unit of the data.
        """
        below = self.undetermined * self.lowest_limit
        return float(self.mass @ self.detected + below)

    @property
    def lowest_mean(self) -> float:
        """
        Mean with the undetermined share at zero: the smallest possible.

        Returns
        -------
        float
            In the unit of the data.
        """
        return float(self.mass @ self.detected)

    @property
    def standard_deviation(self) -> float:
        """
        Standard deviation with the undetermined share at the lowest limit.

        Returns
        -------
        float
            In the unit of the data; the distribution is taken as it is, without
            a correction for the size of the sample.
        """
        return float(np.sqrt(self._variance_with(self.lowest_limit)))

    @property
    def smallest_standard_deviation(self) -> float:
        """
        Smallest standard deviation that the undetermined share allows.

        Returns
        -------
        float
            In the unit of the data.
        """
        determined = 1 - self.undetermined
        nearest = min(self.lowest_limit, self.lowest_mean / determined)
        return float(np.sqrt(self._variance_with(nearest)))

    @property
    def largest_standard_deviation(self) -> float:
        """
        Largest standard deviation that the undetermined share allows.

        Returns
        -------
        float
            In the unit of the data.
        """
        share, limit = self.undetermined, self.lowest_limit
        if share == 0:
            return self.standard_deviation
        # A part of the share at the limit, the rest at zero: a parabola in the part.
        top = float(np.clip((limit / 2 - self.lowest_mean) / (share * limit), 0, 1))
        return float(np.sqrt(max(self._variance_split(w) for w in (0.0, top, 1.0))))

    def _variance_with(self, place: float) -> float:
        mean = self.mass @ self.detected + self.undetermined * place
        spread = self.mass @ (self.detected - mean) ** 2
        return float(spread + self.undetermined * (place - mean) ** 2)

    def _variance_split(self, part: float) -> float:
        at_limit = self.undetermined * part
        mean = self.lowest_mean + at_limit * self.lowest_limit
        square = self.mass @ self.detected**2 + at_limit * self.lowest_limit**2
        return float(square - mean**2)

    @property
    def standard_error(self) -> float:
        r"""
        Standard error of the mean, :math:`\sum_j A_j^2 d_j / (n_j (n_j - d_j))`.

        Returns
        -------
        float
            In the unit of the data; :math:`A_j` is the area under the
            distribution function below the detected value :math:`j`.
        """
        starts = np.append(self.lowest_limit, self.detected[:-1])
        heights = np.append(self.undetermined, self.cumulative[:-1])
        area = np.cumsum((self.detected - starts) * heights)
        events = self.mass * self.at_risk / self.cumulative
        left = self.at_risk - events
        term = np.divide(
            events, self.at_risk * left, out=np.zeros_like(left), where=left > 1e-9
        )
        return float(np.sqrt(area**2 @ term))

    def percentile(self, percentage: float) -> float:
        """
        Smallest detected value with at least this share at or below it.

        Parameters
        ----------
        percentage : float
            From 0 to 100.

        Returns
        -------
        float
            NaN where it lies in the undetermined share.
        """
        share = percentage / 100
        if share <= self.undetermined:
            return np.nan
        # The last share is 1 up to rounding.
        at = int(np.searchsorted(self.cumulative, share - 1e-12))
        return float(self.detected[min(at, self.detected.size - 1)])

    def exceedance(self) -> FloatArray:
        """
        Share of the distribution at or above each detected value.

        Returns
        -------
        ndarray of shape (n_detected,)
            Decreasing.
        """
        return 1 - self.cumulative + self.mass

    def estimate_mean(self, z: float) -> Estimate:
        """
        Mean with its interval.

        Parameters
        ----------
        z : float
            Standard errors on each side.

        Returns
        -------
        Estimate
            The interval covers every place of the undetermined share. The value
            is withheld where that is half of the distribution or more.
        """
        error = z * self.standard_error
        return Estimate(
            np.nan if self.reason else self.mean,
            max(0.0, self.lowest_mean - error),
            self.mean + error,
            self.reason,
        )

    @property
    def reason(self) -> str:
        """
        Why moments are withheld.

        Returns
        -------
        str
            Empty where they are not.
        """
        if self.undetermined < MAX_UNDETERMINED:
            return ""
        return (
            f"{100 * self.undetermined:.0f} % of the distribution lie below "
            f"{self.lowest_limit:g}, the lowest limit; the interval is what is known"
        )

    def estimate_percentile(self, percentage: float, level: float) -> Estimate:
        r"""
        Percentile with its interval.

        The interval holds every value whose cumulative share may be the one asked
        for. The shares have Clopper-Pearson intervals with the effective number
        of values :math:`F(1-F)/\operatorname{var} F`; without censoring this is
        the exact interval between two order statistics.

        Parameters
        ----------
        percentage : float
            From 0 to 100.
        level : float
            Nominal coverage.

        Returns
        -------
        Estimate
            Lower end 0 and upper end infinity where the data do not bound them.
        """
        share = percentage / 100
        low, high = self._share_intervals(level)
        lower = self.detected[high[1:] >= share]
        is_open = high[0] >= share or lower.size == 0
        upper = self.detected[low[1:] >= share]
        value = self.percentile(percentage)
        reason = "" if np.isfinite(value) else f"below {self.lowest_limit:g}"
        return Estimate(
            value,
            0.0 if is_open else float(lower[0]),
            float(upper[0]) if upper.size else np.inf,
            reason and f"the percentile lies {reason}, the lowest limit",
        )

    def _share_intervals(self, level: float) -> tuple[FloatArray, FloatArray]:
        """Intervals of the undetermined share and of each cumulative share."""
        share = np.append(self.undetermined, np.minimum(self.cumulative, 1))
        variance = np.append(self._lowest_variance(), self.variance)
        at_risk = np.append(self.at_risk[0], self.at_risk)
        inside = (share > 1e-12) & (share < 1 - 1e-12) & (variance > 0)
        n = np.divide(
            share * (1 - share), variance, out=at_risk.astype(float), where=inside
        )
        if self.undetermined == 0:
            n[0] = n[1]
        tail = (1 - level) / 2
        hits, misses = n * share, n * (1 - share)
        low = np.where(
            hits > 1e-9, beta.ppf(tail, np.maximum(hits, 1e-9), misses + 1), 0
        )
        high = np.where(
            misses > 1e-9, beta.ppf(1 - tail, hits + 1, np.maximum(misses, 1e-9)), 1
        )
        return low, high

    def _lowest_variance(self) -> float:
        events = self.mass[0] * self.at_risk[0] / self.cumulative[0]
        left = self.at_risk[0] - events
        if self.undetermined == 0 or left <= 1e-9:
            return 0.0
        before = self.variance[0] / self.cumulative[0] ** 2
        return float(
            self.undetermined**2 * (before + events / (self.at_risk[0] * left))
        )


def kaplan_meier(
    values: ArrayLike, is_censored: ArrayLike, *, weights: ArrayLike | None = None
) -> CensoredDistribution:
    r"""
    Distribution function :math:`F(x^-) = \prod_{x_j \ge x} (1 - d_j / n_j)`.

    The product-limit estimate of survival, with the axis turned round [1]_. It
    assumes no distribution, but that limits have nothing to do with the
    concentrations: a limit raised because much else was in the sample breaks it.

    Parameters
    ----------
    values : array_like of shape (n_samples,)
        Concentrations; where censored, the detection limit; NaN where not
        measured.
    is_censored : array_like of bool, shape (n_samples,)
        True where the concentration lies below the limit in ``values``.
    weights : array_like of shape (n_samples,), optional
        Weights of the samples, such as the area each stands for.

    Returns
    -------
    CensoredDistribution
        The steps of the distribution function.

    Raises
    ------
    InvalidConcentrationError
        If nothing was detected, or weights are not positive, one a sample.

    References
    ----------
    .. [1] Helsel, D. R. (2012). Statistics for Censored Environmental Data Using
       Minitab and R, 2nd edition. Wiley, Hoboken.

    Examples
    --------
    The value below 4 is shared by 1 and 2, which get an eighth each:

    >>> steps = kaplan_meier([1.0, 2.0, 4.0, 4.0], [False, False, True, False])
    >>> steps.mass
    array([0.375, 0.375, 0.25 ])
    """
    checked, mask = checked_sample(values, is_censored)
    weight = _checked_weights(weights, np.asarray(values, dtype=np.float64))
    if mask.all():
        msg = (
            f"all {mask.size} values are censored; expected at least one detected "
            "value; report that the element was not detected, with the limits"
        )
        raise InvalidConcentrationError(msg)
    detected, place = np.unique(checked[~mask], return_inverse=True)
    events = np.asarray(np.bincount(place, weights=weight[~mask]), dtype=np.float64)
    order = np.argsort(checked, kind="stable")
    total = np.append(0.0, np.cumsum(weight[order]))
    at_risk = total[np.searchsorted(checked[order], detected, side="right")]
    return _steps(detected, events, at_risk, float(checked.min()))


def _checked_weights(weights: ArrayLike | None, values: FloatArray) -> FloatArray:
    measured = ~np.isnan(values)
    if weights is None:
        return np.ones(int(measured.sum()))
    checked = np.asarray(weights, dtype=np.float64)
    if checked.shape != values.shape or not (checked > 0).all():
        msg = (
            f"weights of shape {checked.shape} for {values.size} values; expected one "
            "positive weight a value"
        )
        raise InvalidConcentrationError(msg)
    return checked[measured] / checked[measured].mean()


def _steps(
    detected: FloatArray, events: FloatArray, at_risk: FloatArray, lowest: float
) -> CensoredDistribution:
    left = at_risk - events
    left[left < 1e-9 * at_risk] = 0  # sums of weights are rounded
    factor = left / at_risk
    # Shares at or below a value: products over the detected values above it.
    below = np.cumprod(factor[::-1])[::-1]
    cumulative = np.append(below[1:], 1.0)
    term = np.divide(events, at_risk * left, out=np.zeros_like(left), where=left > 0)
    sums = np.append(np.cumsum(term[::-1])[::-1][1:], 0.0)
    return CensoredDistribution(
        detected,
        cumulative,
        cumulative - below,
        cumulative**2 * sums,
        at_risk,
        float(below[0]),
        lowest,
    )
