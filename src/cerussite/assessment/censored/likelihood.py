"""Normal and lognormal distributions fitted to censored values."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq, minimize_scalar
from scipy.special import log_ndtr, ndtri
from scipy.stats import chi2

from cerussite.assessment.censored.checks import checked_sample, unsupported
from cerussite.assessment.censored.estimate import Estimate
from cerussite.core.errors import InvalidConcentrationError, InvalidStudyError
from cerussite.core.types import BoolArray, FloatArray

Distribution: TypeAlias = Literal["lognormal", "normal"]
#: Steps in which a top or the end of an interval is looked for.
_MAX_STEPS = 60


@dataclass(frozen=True, eq=False)
class LikelihoodFit:
    """
    A distribution fitted by maximum likelihood.

    Attributes
    ----------
    distribution : {"lognormal", "normal"}
        Its form.
    location, scale : float
        Mean and standard deviation; of the natural logarithms for a lognormal
        distribution.
    values : ndarray of shape (n_measured,)
        The sample, or its logarithms.
    is_censored : ndarray of bool, shape (n_measured,)
        Which of the values are limits.
    """

    distribution: Distribution
    location: float
    scale: float
    values: FloatArray
    is_censored: BoolArray

    def estimate_mean(self, level: float) -> Estimate:
        r"""
        Mean, :math:`e^{\mu + \sigma^2/2}` for a lognormal distribution.

        Parameters
        ----------
        level : float
            Nominal coverage.

        Returns
        -------
        Estimate
            With the profile likelihood interval.
        """
        if self.distribution == "normal":
            return self._profiled(lambda _: 0.0, level)
        return self._profiled(lambda s: s * s / 2, level)

    def estimate_percentile(self, percentage: float, level: float) -> Estimate:
        """
        Percentile of the fitted distribution.

        Parameters
        ----------
        percentage : float
            Between 0 and 100.
        level : float
            Nominal coverage.

        Returns
        -------
        Estimate
            With the profile likelihood interval.
        """
        quantile = float(ndtri(percentage / 100))
        return self._profiled(lambda s: quantile * s, level)

    def estimate_standard_deviation(self, level: float) -> Estimate:
        r"""
        Standard deviation; of a lognormal, the mean times :math:`\sqrt{e^{\sigma^2}-1}`.

        Parameters
        ----------
        level : float
            Nominal coverage.

        Returns
        -------
        Estimate
            With the profile likelihood interval.
        """
        is_log = self.distribution == "lognormal"
        found = self.scale
        if is_log:
            found = math.exp(self.location) * _lognormal_spread(self.scale)

        def _pair(c: float, location: float) -> tuple[float, float]:
            # log C is c; given it, either parameter follows from the other.
            if is_log:
                return location, _lognormal_scale(c - location)
            return location, math.exp(c)

        # Logarithms of the standard deviation move by parts of 1.
        start = (math.log(found), self.location)
        low, high = self._ends(start, _pair, (1.0, 20 * self.scale), level)
        return Estimate(found, math.exp(low), _exp(high))

    def _profiled(self, excess: Callable[[float], float], level: float) -> Estimate:
        """Interval of location + excess(scale), or of its exponential."""
        found = self.location + excess(self.scale)

        def _pair(c: float, log_scale: float) -> tuple[float, float]:
            scale = math.exp(log_scale)
            return c - excess(scale), scale

        start = (found, math.log(self.scale))
        low, high = self._ends(start, _pair, (self.scale, 6.0), level)
        if self.distribution == "normal":
            return Estimate(found, low, high)
        return Estimate(math.exp(found), math.exp(low), _exp(high))

    def _ends(
        self,
        start: tuple[float, float],
        parameters: Callable[[float, float], tuple[float, float]],
        widths: tuple[float, float],
        level: float,
    ) -> tuple[float, float]:
        """Where twice the log-likelihood has fallen by the quantile of chi-square."""
        # Statistic and second parameter: their estimates, the size of the first steps
        # of the one, and how far the other is looked for.
        (found, nuisance), (width, reach) = start, widths
        top = log_likelihood(self.values, self.is_censored, self.location, self.scale)
        allowed = float(chi2.ppf(level, 1)) / 2

        def excess_fall(c: float) -> float:
            best = minimize_scalar(
                lambda u: (
                    -log_likelihood(self.values, self.is_censored, *parameters(c, u))
                ),
                bounds=(nuisance - reach, nuisance + reach),
                method="bounded",
                options={"xatol": 1e-8 * reach},
            )
            return top + float(best.fun) - allowed

        step = 0.5 * width / math.sqrt(np.count_nonzero(~self.is_censored))
        return _end(excess_fall, found, -step), _end(excess_fall, found, step)


def _lognormal_spread(scale: float) -> float:
    """Standard deviation of a lognormal distribution of location 0."""
    square = scale * scale
    return math.exp(square / 2) * math.sqrt(math.expm1(square))


def _lognormal_scale(log_spread: float) -> float:
    """The inverse: with t = exp(scale²), the squared spread is t (t - 1)."""
    # Neither end overflows what follows, and neither is anywhere near an estimate.
    square = math.exp(min(max(2 * log_spread, -300.0), 700.0))
    # t - 1 without losing digits where the square is small
    return math.sqrt(math.log1p(2 * square / (1 + math.sqrt(1 + 4 * square))))


def _end(excess_fall: Callable[[float], float], found: float, step: float) -> float:
    inner = found
    for _ in range(_MAX_STEPS):
        outer = inner + step
        if excess_fall(outer) > 0:
            low, high = sorted((inner, outer))
            return float(brentq(excess_fall, low, high, xtol=1e-7 * abs(step)))
        inner, step = outer, 1.5 * step
    return math.copysign(math.inf, step)


def _exp(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf


def log_likelihood(
    values: FloatArray, is_censored: BoolArray, location: float, scale: float
) -> float:
    r"""
    Log-likelihood, :math:`\sum \log \phi(u)/\sigma + \sum_{cens} \log \Phi(u)`.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        Values, or limits where censored, on the scale of the normal
        distribution.
    is_censored : ndarray of bool, shape (n_samples,)
        True where ``values`` holds a limit.
    location, scale : float
        Mean and standard deviation.

    Returns
    -------
    float
        The constant of the density is left out.
    """
    u = (values - location) / scale
    seen = u[~is_censored]
    detected = -0.5 * float(seen @ seen) - seen.size * math.log(scale)
    return detected + float(log_ndtr(u[is_censored]).sum())


def maximum_likelihood(
    values: ArrayLike, is_censored: ArrayLike, *, distribution: Distribution
) -> LikelihoodFit:
    """
    Distribution under which detected values and limits are most likely.

    The best method where its form is right and 50 or more values are at hand; the
    mean of a lognormal fit to few, skewed values runs high [1]_.

    Parameters
    ----------
    values : array_like of shape (n_samples,)
        Concentrations; where censored, the detection limit; NaN where not
        measured.
    is_censored : array_like of bool, shape (n_samples,)
        True where the concentration lies below the limit in ``values``.
    distribution : {"lognormal", "normal"}
        Its form.

    Returns
    -------
    LikelihoodFit
        Parameters, from which statistics with profile intervals follow.

    Raises
    ------
    InvalidConcentrationError
        If more than 80 % of the values are censored, or fewer than three
        different values were detected.
    InvalidStudyError
        If the distribution is unknown.

    References
    ----------
    .. [1] Helsel, D. R. (2012). Statistics for Censored Environmental Data Using
       Minitab and R, 2nd edition. Wiley, Hoboken.

    Examples
    --------
    Without censoring, mean and standard deviation of the logarithms:

    >>> fit = maximum_likelihood(
    ...     [1.0, 4.0, 16.0], [False] * 3, distribution="lognormal"
    ... )
    >>> round(float(np.exp(fit.location)), 6)
    4.0
    """
    if distribution not in get_args(Distribution):
        msg = f"distribution: {distribution!r}; expected 'lognormal' or 'normal'"
        raise InvalidStudyError(msg)
    checked, mask = checked_sample(values, is_censored)
    if reason := unsupported(checked, mask):
        msg = f"{reason}; report how many values exceed the highest limit instead"
        raise InvalidConcentrationError(msg)
    sample = np.log(checked) if distribution == "lognormal" else checked
    location, scale = fit_normal(sample, mask)
    return LikelihoodFit(distribution, location, scale, sample, mask)


def fit_normal(values: FloatArray, is_censored: BoolArray) -> tuple[float, float]:
    r"""
    Mean and standard deviation of a normal distribution, by maximum likelihood.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        Values or limits.
    is_censored : ndarray of bool, shape (n_samples,)
        True where ``values`` holds a limit; at least two different detected
        values.

    Returns
    -------
    tuple of (float, float)
        The standard deviation has the number of values in its denominator.

    Notes
    -----
    In :math:`\mu/\sigma` and :math:`1/\sigma` the likelihood has a single top [1]_.

    References
    ----------
    .. [1] Olsen, R. J. (1978). Note on the uniqueness of the maximum likelihood
       estimator for the Tobit model. Econometrica 46(5), 1211-1215.
    """
    centre, spread = float(values.mean()), float(values.std())
    if not is_censored.any():
        return centre, spread
    scaled = (values - centre) / spread
    x = np.array([0.0, 1.0])
    reached, gradient, curvature = _climb(x, scaled, is_censored)
    for _ in range(_MAX_STEPS):
        step = np.linalg.solve(curvature, gradient)
        # Half of a step that leads down, or to a scale that is not positive.
        while (x - step)[1] <= 0 or (
            _climb(x - step, scaled, is_censored)[0] < reached - 1e-12 * abs(reached)
        ):
            step = step / 2
        x = x - step
        reached, gradient, curvature = _climb(x, scaled, is_censored)
        if np.abs(step).max() < 1e-10:
            break
    scale = 1 / float(x[1])
    return centre + spread * float(x[0]) * scale, spread * scale


def _climb(
    x: FloatArray, values: FloatArray, is_censored: BoolArray
) -> tuple[float, FloatArray, FloatArray]:
    """Log-likelihood in mean/scale and 1/scale, its gradient and its curvature."""
    ratio, inverse = x
    seen, limits = values[~is_censored], values[is_censored]
    u, v = inverse * seen - ratio, inverse * limits - ratio
    log_share = log_ndtr(v)
    hazard = np.exp(-0.5 * v * v - 0.5 * math.log(2 * math.pi) - log_share)
    bend = -hazard * (v + hazard)
    height = seen.size * math.log(inverse) - 0.5 * (u @ u) + log_share.sum()
    slope = np.array(
        [u.sum() - hazard.sum(), seen.size / inverse - u @ seen + hazard @ limits]
    )
    cross = seen.sum() - bend @ limits
    own = -seen.size / inverse**2 - seen @ seen + bend @ limits**2
    return (
        float(height),
        slope,
        np.array([[bend.sum() - seen.size, cross], [cross, own]]),
    )
