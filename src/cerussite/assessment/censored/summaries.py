"""Mean, standard deviation and percentiles by the method asked for."""

from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from cerussite.assessment.censored.checks import checked_sample, unsupported
from cerussite.assessment.censored.estimate import CensoredSummary, Estimate
from cerussite.assessment.censored.kaplan_meier import kaplan_meier
from cerussite.assessment.censored.likelihood import Distribution, maximum_likelihood
from cerussite.assessment.censored.order_statistics import filled_in
from cerussite.assessment.censored.resampling import resamples
from cerussite.assessment.censored.substitution import substitute_limits
from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import BoolArray, FloatArray

Method: TypeAlias = Literal[
    "kaplan_meier",
    "regression_on_order_statistics",
    "lognormal",
    "normal",
    "substitution",
]
#: Percentages that are given unless others are asked for.
PERCENTAGES = (5.0, 25.0, 50.0, 75.0, 90.0, 95.0)


def summarise_censored(  # noqa: PLR0913 - the options of five methods
    values: ArrayLike,
    is_censored: ArrayLike,
    *,
    method: Method,
    percentages: Sequence[float] = PERCENTAGES,
    level: float = 0.95,
    fraction: float | None = None,
    n_bootstraps: int = 500,
    random_state: int | np.random.Generator | None = None,
) -> CensoredSummary:
    """
    Mean, standard deviation and percentiles of values below and above limits.

    Helsel (2012) [1]_ advises Kaplan-Meier up to 50 % censored values, beyond that
    regression on order statistics for fewer and maximum likelihood for more than
    50 values, and no estimate above 80 %.

    Parameters
    ----------
    values : array_like of shape (n_samples,)
        Concentrations, in one unit; where censored, the detection limit; NaN
        where not measured.
    is_censored : array_like of bool, shape (n_samples,)
        True where the concentration lies below the limit in ``values``.
    method : {"kaplan_meier", "regression_on_order_statistics", "lognormal", \
"normal", "substitution"}
        How censored values are treated; ``"lognormal"`` and ``"normal"`` are
        maximum likelihood. No default: the choice decides the answer.
    percentages : sequence of float
        Percentiles to estimate, each between 0 and 100.
    level : float
        Nominal coverage of the intervals.
    fraction : float, optional
        Part of the limit that ``"substitution"`` puts in its place.
    n_bootstraps : int
        Resamples for the intervals that have no formula: all of regression on
        order statistics and substitution, the standard deviation of Kaplan-Meier.
    random_state : int, Generator or None
        Who draws them.

    Returns
    -------
    CensoredSummary
        Estimates; those that the data do not support have an interval and a
        reason instead of a value.

    Raises
    ------
    InvalidStudyError
        If the method is unknown, a percentage or the level is impossible, or a
        fraction is given without substitution or missing for it.

    References
    ----------
    .. [1] Helsel, D. R. (2012). Statistics for Censored Environmental Data Using
       Minitab and R, 2nd edition. Wiley, Hoboken.

    Examples
    --------
    >>> limits = [5.0, 5.0, 5.0, 8.0, 10.0]
    >>> mask = [True, True, True, False, False]
    >>> summary = summarise_censored(limits, mask, method="kaplan_meier", level=0.9)
    >>> median = summary.percentiles[50.0]
    >>> median.lower, median.value, median.upper
    (0.0, nan, 10.0)
    >>> median.reason
    'the percentile lies below 5, the lowest limit'
    """
    if msg := _impossible(method, percentages, level, fraction):
        raise InvalidStudyError(msg)
    checked, mask = checked_sample(values, is_censored)
    rng = np.random.default_rng(random_state)
    shape = (tuple(percentages), level)
    if method == "substitution":
        filled, note = substitute_limits(checked, mask, fraction=fraction or 0.0)
        none = np.zeros_like(mask)
        estimates = _resampled(filled, none, n_bootstraps, rng, *shape)
        name = f"substitution of {fraction:g} times the limit"
        return _summary(name, mask, estimates, *shape, notes=(note,))
    if mask.all():
        return _summary(method, mask, _nothing_detected(checked, *shape), *shape)
    if method == "kaplan_meier" or (reason := unsupported(checked, mask)):
        estimates = _from_steps(checked, mask, n_bootstraps, rng, *shape)
        if method != "kaplan_meier":
            estimates = [_withheld(one, reason) for one in estimates]
    elif method == "regression_on_order_statistics":
        estimates = _resampled(checked, mask, n_bootstraps, rng, *shape)
    else:
        estimates = _from_likelihood(checked, mask, method, *shape)
    return _summary(method, mask, estimates, *shape)


def _impossible(
    method: str, percentages: Sequence[float], level: float, fraction: float | None
) -> str:
    if method not in get_args(Method):
        return f"method: {method!r}; expected one of {', '.join(get_args(Method))}"
    if not all(0 < p < 100 for p in percentages) or not 0 < level < 1:
        return (
            f"percentages: {tuple(percentages)}, level: {level:g}; expected numbers "
            "between 0 and 100, and a share between 0 and 1"
        )
    if (fraction is None) is (method == "substitution"):
        return (
            f"fraction: {fraction} for method {method!r}; expected a part of the limit "
            "with 'substitution' and none with the others"
        )
    return ""


def _summary(  # noqa: PLR0913 - the parts of a summary
    method: str,
    is_censored: BoolArray,
    estimates: list[Estimate],
    percentages: tuple[float, ...],
    level: float,
    *,
    notes: tuple[str, ...] = (),
) -> CensoredSummary:
    mean, deviation, *others = estimates
    return CensoredSummary(
        method,
        is_censored.size,
        int(is_censored.sum()),
        mean,
        deviation,
        dict(zip(percentages, others, strict=True)),
        level,
        notes,
    )


def _withheld(known: Estimate, reason: str) -> Estimate:
    told = f"{reason}; the interval is that of Kaplan-Meier"
    return Estimate(np.nan, known.lower, known.upper, told)


def _nothing_detected(
    limits: FloatArray, percentages: tuple[float, ...], level: float
) -> list[Estimate]:
    del level
    top = float(limits.max())
    reason = f"nothing was detected; all limits lie at or below {top:g}"
    below = Estimate(np.nan, 0.0, top, reason)
    return [below, Estimate(np.nan, 0.0, top / 2, reason), *[below] * len(percentages)]


def _from_steps(  # noqa: PLR0913, PLR0917 - what every method gets
    values: FloatArray,
    is_censored: BoolArray,
    n_bootstraps: int,
    rng: np.random.Generator,
    percentages: tuple[float, ...],
    level: float,
) -> list[Estimate]:
    steps = kaplan_meier(values, is_censored)
    drawn = [
        kaplan_meier(*one)
        for one in resamples(values, is_censored, n_bootstraps, rng, n_different=1)
    ]
    tail = (1 - level) / 2
    low = np.quantile([one.smallest_standard_deviation for one in drawn], tail)
    high = np.quantile([one.largest_standard_deviation for one in drawn], 1 - tail)
    value = np.nan if steps.reason else steps.standard_deviation
    return [
        steps.estimate_mean(float(ndtri(1 - tail))),
        Estimate(value, float(low), float(high), steps.reason),
        *(steps.estimate_percentile(p, level) for p in percentages),
    ]


def _from_likelihood(
    values: FloatArray,
    is_censored: BoolArray,
    distribution: Distribution,
    percentages: tuple[float, ...],
    level: float,
) -> list[Estimate]:
    fit = maximum_likelihood(values, is_censored, distribution=distribution)
    return [
        fit.estimate_mean(level),
        fit.estimate_standard_deviation(level),
        *(fit.estimate_percentile(p, level) for p in percentages),
    ]


def _resampled(  # noqa: PLR0913, PLR0917 - what every method gets
    values: FloatArray,
    is_censored: BoolArray,
    n_bootstraps: int,
    rng: np.random.Generator,
    percentages: tuple[float, ...],
    level: float,
) -> list[Estimate]:
    """Statistics of filled-in values, with percentile intervals of the bootstrap."""
    # A line needs two different detected values, a complete sample no line.
    n_different = 2 if is_censored.any() else 1
    drawn = [
        _statistics(filled_in(*one), percentages)
        for one in resamples(
            values, is_censored, n_bootstraps, rng, n_different=n_different
        )
    ]
    tail = (1 - level) / 2
    lower, upper = np.quantile(drawn, [tail, 1 - tail], axis=0)
    found = _statistics(filled_in(values, is_censored), percentages)
    return [
        Estimate(float(v), float(a), float(b))
        if np.isfinite(v)
        else Estimate(np.nan, 0.0, np.inf, "one value has no standard deviation")
        for v, a, b in zip(found, lower, upper, strict=True)
    ]


def _statistics(values: FloatArray, percentages: tuple[float, ...]) -> FloatArray:
    deviation = values.std(ddof=1) if values.size > 1 else np.nan
    return np.array([values.mean(), deviation, *np.percentile(values, percentages)])
