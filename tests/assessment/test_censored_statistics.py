"""Statistics of censored samples against published examples and other programs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats

from cerussite.assessment.censored import (
    kaplan_meier,
    maximum_likelihood,
    plotting_positions,
    regression_on_order_statistics,
    substitute_limits,
    summarise_censored,
)
from cerussite.core.errors import InvalidConcentrationError, InvalidStudyError

# US EPA (2009). Statistical analysis of groundwater monitoring data at RCRA
# facilities, unified guidance, EPA 530/R-09-007, example 15-1: manganese, ppb.
MANGANESE = np.array(
    [
        5,
        12.1,
        16.9,
        21.6,
        2,
        5,
        7.7,
        53.6,
        9.5,
        45.9,
        5,
        5.3,
        12.6,
        106.3,
        34.5,
        6.3,
        11.9,
        10,
        2,
        77.2,
        17.9,
        22.7,
        3.3,
        8.4,
        2,
    ]
)
MANGANESE_CENSORED = np.isin(np.arange(25), [0, 4, 5, 10, 18, 24])
# Dissolved iron, data set DFe of the R package NADA 1.6.
IRON = np.array([20.0, 10, 10, 10, 10, 7, 3, 3, 3])
IRON_CENSORED = np.array([0, 1, 1, 1, 1, 0, 0, 1, 1], dtype=bool)
# Helsel and Cohn (1988), appendix B.
APPENDIX_B = np.array([1.0] * 6 + [10.0] * 3 + [3, 7, 9, 12, 15, 20, 27, 33, 50])
APPENDIX_B_CENSORED = np.arange(18) < 9
# Arsenic on Oahu, Helsel (2005), Nondetects and data analysis.
ARSENIC = np.array(
    [
        3.2,
        2.8,
        2,
        2,
        2,
        2,
        2,
        2,
        2,
        2,
        1.7,
        1.5,
        1,
        1,
        1,
        1,
        0.9,
        0.9,
        0.7,
        0.7,
        0.6,
        0.5,
        0.5,
        0.5,
    ]
)
ARSENIC_CENSORED = np.isin(np.arange(24), [2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 17])


METHODS = ("kaplan_meier", "regression_on_order_statistics", "lognormal", "normal")


@st.composite
def censored_samples(draw, *, min_size=3):
    n = draw(st.integers(min_size, 12))
    values = draw(st.lists(st.integers(1, 9), min_size=n, max_size=n))
    mask = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    mask[draw(st.integers(0, n - 1))] = False
    return np.array(values, dtype=float), np.array(mask)


def test_kaplan_meier_agrees_with_the_published_manganese_example():
    # EnvStats 2.8, help page of enparCensored.
    steps = kaplan_meier(MANGANESE, MANGANESE_CENSORED)
    assert_allclose(steps.mean, 19.867, atol=5e-7)
    assert_allclose(steps.standard_deviation, 25.317737, atol=5e-7)
    logs = kaplan_meier(np.log(MANGANESE), MANGANESE_CENSORED)
    assert_allclose(logs.mean, 2.3092890, atol=5e-8)
    assert_allclose(logs.standard_deviation, 1.1816102, atol=5e-8)


def test_kaplan_meier_agrees_with_nada_on_dissolved_iron():
    # NADA 1.6, help page of censtats; its sd is sqrt(n) times the standard error,
    # corrected for the number of detected values.
    steps = kaplan_meier(IRON, IRON_CENSORED)
    assert steps.percentile(50) == 3.0
    assert_allclose(steps.mean, 5.777778, atol=5e-7)
    assert_allclose(np.sqrt(9 * 3 / 2) * steps.standard_error, 6.776867, atol=5e-7)


@given(censored_samples())
def test_kaplan_meier_is_survival_turned_round(sample):
    values, mask = sample
    turned = stats.CensoredData(-values[~mask], right=-values[mask])
    survival = stats.ecdf(turned).sf
    steps = kaplan_meier(values, mask)
    below = steps.cumulative - steps.mass
    assert_allclose(below, survival.evaluate(-steps.detected), atol=1e-12)


@given(censored_samples())
def test_kaplan_meier_shares_each_censored_value_among_those_below(sample):
    values, mask = sample
    # Literal twin: from the highest down, a censored value gives its mass in equal
    # parts to all that stand lower; of equal ones the detected stand higher.
    order = np.lexsort((mask, -values))
    mass = np.full(values.size, 1 / values.size)
    for place, i in enumerate(order[:-1]):
        if mask[i]:
            lower = order[place + 1 :]
            mass[lower] += mass[i] / lower.size
            mass[i] = 0.0
    steps = kaplan_meier(values, mask)
    for value, share in zip(steps.detected, steps.mass, strict=True):
        twin = mass[(values == value) & ~mask].sum()
        assert_allclose(share, twin, atol=1e-12)


def test_kaplan_meier_without_censoring_is_the_empirical_distribution():
    values = np.random.default_rng(0).lognormal(size=40)
    steps = kaplan_meier(values, np.zeros(40, bool))
    assert_allclose(steps.mass, 1 / 40)
    assert_allclose(steps.mean, values.mean())
    assert_allclose(steps.standard_deviation, values.std())
    assert_allclose(steps.standard_error, values.std() / np.sqrt(40))
    assert steps.undetermined == 0


@pytest.mark.parametrize("percentage", [10, 50, 80, 99])
def test_percentile_intervals_without_censoring_lie_between_exact_order_statistics(
    percentage,
):
    values = np.sort(np.random.default_rng(1).lognormal(size=30))
    found = kaplan_meier(values, np.zeros(30, bool)).estimate_percentile(
        percentage, 0.9
    )
    binomial = stats.binom(30, percentage / 100)
    # The largest l with P(B < l) <= 5 %, the smallest u with P(B >= u) <= 5 %.
    low = max((i for i in range(1, 31) if binomial.cdf(i - 1) <= 0.05), default=0)
    high = min((i for i in range(1, 31) if binomial.sf(i - 1) <= 0.05), default=31)
    assert found.lower == (values[low - 1] if low else 0.0)
    assert found.upper == (values[high - 1] if high <= 30 else np.inf)


def test_weights_count_like_repeated_samples():
    values, mask = np.array([1.0, 2, 3, 5]), np.array([True, False, True, False])
    weighted = kaplan_meier(values, mask, weights=[1, 2, 1, 3])
    repeated = kaplan_meier(
        np.repeat(values, [1, 2, 1, 3]), np.repeat(mask, [1, 2, 1, 3])
    )
    assert_allclose(weighted.cumulative, repeated.cumulative)


@given(censored_samples())
def test_the_undetermined_share_bounds_the_standard_deviation(sample):
    values, mask = sample
    steps = kaplan_meier(values, mask)
    share, limit = steps.undetermined, steps.lowest_limit
    # Literal twin: two places on a grid, every split between them.
    grid = np.linspace(0, limit, 9)
    spreads = []
    for part in np.linspace(0, 1, 9):
        a, b = np.meshgrid(grid, grid)
        mean = steps.lowest_mean + share * (part * a + (1 - part) * b)
        square = steps.mass @ steps.detected**2
        square = square + share * (part * a**2 + (1 - part) * b**2)
        spreads.append(square - mean**2)
    spread = np.sqrt(np.maximum(spreads, 0))
    assert (spread <= steps.largest_standard_deviation + 1e-6).all()
    assert (spread >= steps.smallest_standard_deviation - 1e-6).all()


def test_regression_on_order_statistics_agrees_with_nada_on_dissolved_iron():
    filled = regression_on_order_statistics(IRON, IRON_CENSORED)
    assert_allclose(np.median(filled), 2.763843, atol=5e-7)
    assert_allclose(filled.mean(), 4.667484, atol=5e-7)
    assert_allclose(filled.std(ddof=1), 6.138230, atol=5e-7)


def test_regression_on_order_statistics_agrees_with_helsel_and_cohn():
    filled = regression_on_order_statistics(APPENDIX_B, APPENDIX_B_CENSORED)
    published = [0.47, 0.85, 1.11, 1.27, 1.76, 2.34, 2.50, 3.03, 4.80]
    # The appendix cuts after two decimals.
    assert_allclose(np.floor(100 * np.sort(filled[:9])) / 100, published)


def test_regression_on_order_statistics_agrees_with_helsel_on_arsenic():
    filled = regression_on_order_statistics(ARSENIC, ARSENIC_CENSORED)
    published = [1.42, 1.14, 0.95, 0.81, 0.68, 0.57, 0.46, 0.35]
    published += [0.98, 0.76, 0.58, 0.41, 0.61]
    assert_allclose(np.sort(filled[ARSENIC_CENSORED]), np.sort(published), atol=0.006)


def test_plotting_positions_by_hand():
    # Limits 1 and 10 of appendix B: P(>10) = 6/18, P(>1) = 1/3 + 2/3 * 3/9 = 5/9.
    positions = plotting_positions(APPENDIX_B, APPENDIX_B_CENSORED)
    assert_allclose(positions[:6], 4 / 9 * np.arange(1, 7) / 7)
    assert_allclose(positions[6:9], 2 / 3 * np.arange(1, 4) / 4)
    assert_allclose(positions[9:12], 4 / 9 + 2 / 9 * np.arange(1, 4) / 4)
    assert_allclose(positions[12:], 2 / 3 + 1 / 3 * np.arange(1, 7) / 7)


@given(censored_samples())
def test_plotting_positions_are_probabilities_in_the_order_of_detected_values(sample):
    values, mask = sample
    positions = plotting_positions(values, mask)
    assert ((positions > 0) & (positions < 1)).all()
    order = np.argsort(values[~mask], kind="stable")
    assert (np.diff(positions[~mask][order]) >= 0).all()


def test_maximum_likelihood_agrees_with_the_published_manganese_example():
    # EnvStats 2.8, help page of eqlnormCensored.
    fit = maximum_likelihood(MANGANESE, MANGANESE_CENSORED, distribution="lognormal")
    assert_allclose(fit.location, 2.215905, atol=5e-7)
    assert_allclose(fit.scale, 1.356291, atol=5e-7)
    assert_allclose(fit.estimate_percentile(90, 0.95).value, 52.14674, atol=5e-6)


def test_maximum_likelihood_agrees_with_nada_on_dissolved_iron():
    summary = summarise_censored(IRON, IRON_CENSORED, method="lognormal")
    assert_allclose(summary.percentiles[50].value, 3.131899, atol=5e-7)
    assert_allclose(summary.mean.value, 5.211599, atol=5e-7)
    assert_allclose(summary.standard_deviation.value, 6.931668, atol=2e-6)


@pytest.mark.parametrize("distribution", ["normal", "lognormal"])
def test_maximum_likelihood_agrees_with_scipy(distribution):
    rng = np.random.default_rng(3)
    values = rng.lognormal(1.0, 0.7, size=200)
    limits = rng.choice([1.0, 2.0, 3.0], size=200)
    mask = values < limits
    held = np.where(mask, limits, values)
    fit = maximum_likelihood(held, mask, distribution=distribution)
    data = np.log(held) if distribution == "lognormal" else held
    twin = stats.norm.fit(stats.CensoredData(data[~mask], left=data[mask]))
    assert_allclose([fit.location, fit.scale], twin, rtol=2e-4)


@pytest.mark.parametrize("distribution", ["normal", "lognormal"])
def test_profile_intervals_end_where_the_likelihood_has_fallen_enough(distribution):
    fit = maximum_likelihood(MANGANESE, MANGANESE_CENSORED, distribution=distribution)

    def log_likelihood(mean, scale):
        # Literal twin in the parameters asked for.
        seen, hidden = fit.values[~fit.is_censored], fit.values[fit.is_censored]
        return (
            stats.norm.logpdf(seen, mean, scale).sum()
            + stats.norm.logcdf(hidden, mean, scale).sum()
        )

    top = log_likelihood(fit.location, fit.scale)
    scales = np.exp(np.linspace(-1.5, 1.5, 3001)) * fit.scale
    mean, median = fit.estimate_mean(0.9), fit.estimate_percentile(50, 0.9)
    for end in (mean.lower, mean.upper):
        at = [
            (np.log(end) - s * s / 2, s) if distribution == "lognormal" else (end, s)
            for s in scales
        ]
        fall = top - max(log_likelihood(*pair) for pair in at)
        assert_allclose(2 * fall, stats.chi2.ppf(0.9, 1), rtol=1e-4)
    for end in (median.lower, median.upper):
        m = np.log(end) if distribution == "lognormal" else end
        fall = top - max(log_likelihood(m, s) for s in scales)
        assert_allclose(2 * fall, stats.chi2.ppf(0.9, 1), rtol=1e-4)


def test_the_interval_of_a_normal_standard_deviation_without_censoring():
    values = np.random.default_rng(4).normal(50, 5, size=60)
    fit = maximum_likelihood(values, np.zeros(60, bool), distribution="normal")
    found = fit.estimate_standard_deviation(0.95)
    # 2 log LR = n (v/s² - 1 - log(v/s²)) for a normal sample of variance v.
    for end in (found.lower, found.upper):
        ratio = values.var() / end**2
        assert_allclose(
            60 * (ratio - 1 - np.log(ratio)), stats.chi2.ppf(0.95, 1), rtol=1e-5
        )


@given(censored_samples(min_size=6), st.sampled_from([2.0**-20, 2.0**20]))
@settings(max_examples=15, deadline=None)
def test_statistics_change_with_the_unit(sample, factor):
    values, mask = sample
    values = values + np.arange(values.size) / 64
    mask[-4:] = False
    for method in METHODS:
        one = summarise_censored(
            values, mask, method=method, n_bootstraps=3, random_state=0
        )
        other = summarise_censored(
            factor * values, mask, method=method, n_bootstraps=3, random_state=0
        )
        columns = ["value", "lower", "upper"]
        assert_allclose(
            factor * one.to_frame()[columns], other.to_frame()[columns], rtol=1e-4
        )


def heavily_censored(share, n=50, seed=5):
    values = np.random.default_rng(seed).lognormal(0.0, 1.0, size=n)
    limit = np.quantile(values, share)
    return np.maximum(values, limit), values < limit


def test_seventy_per_cent_censored_give_intervals_and_no_kaplan_meier_mean():
    summary = summarise_censored(
        *heavily_censored(0.7), method="kaplan_meier", random_state=0
    )
    assert summary.n_censored == 35
    for one in (summary.mean, summary.standard_deviation, summary.percentiles[50]):
        assert one.is_withheld
        assert one.lower < one.upper < np.inf
        assert "the lowest limit" in one.reason
    assert not summary.percentiles[90].is_withheld


@pytest.mark.parametrize("method", ["lognormal", "regression_on_order_statistics"])
def test_seventy_per_cent_censored_give_wide_intervals_of_a_distribution(method):
    wide = summarise_censored(*heavily_censored(0.7), method=method, random_state=0)
    sharp = summarise_censored(*heavily_censored(0.1), method=method, random_state=0)
    for summary in (wide, sharp):
        median = summary.percentiles[50]
        assert median.lower < median.value < median.upper
    ratios = [s.percentiles[25].upper / s.percentiles[25].lower for s in (wide, sharp)]
    assert ratios[0] > ratios[1]


@pytest.mark.parametrize(
    "method", ["lognormal", "normal", "regression_on_order_statistics"]
)
def test_ninety_per_cent_censored_are_not_described_by_a_distribution(method):
    values, mask = heavily_censored(0.9)
    summary = summarise_censored(values, mask, method=method, random_state=0)
    assert summary.mean.is_withheld
    assert "90 % of the values are censored" in summary.mean.reason
    assert summary.mean.upper < np.inf
    with pytest.raises(
        InvalidConcentrationError, match="90 % of the values are censored"
    ):
        maximum_likelihood(values, mask, distribution="lognormal")


def test_nothing_detected_leaves_the_highest_limit():
    summary = summarise_censored([1.0, 2.0], [True, True], method="lognormal")
    assert summary.to_frame()["withheld"].all()
    assert (summary.mean.lower, summary.mean.upper) == (0.0, 2.0)
    with pytest.raises(InvalidConcentrationError, match="all 2 values are censored"):
        kaplan_meier([1.0, 2.0], [True, True])


@pytest.mark.slow
@pytest.mark.parametrize(
    "method", ["lognormal", "kaplan_meier", "regression_on_order_statistics"]
)
def test_intervals_of_the_median_cover_it(method):
    rng = np.random.default_rng(6)
    n_covered = 0
    for _ in range(200):
        values = rng.lognormal(1.0, 0.8, size=40)
        limits = rng.choice([0.5, 1.5, 2.5], size=40)
        summary = summarise_censored(
            np.maximum(values, limits),
            values < limits,
            method=method,
            percentages=(50.0,),
            level=0.9,
            n_bootstraps=100,
            random_state=rng,
        )
        median = summary.percentiles[50.0]
        n_covered += median.lower <= np.e <= median.upper
    # Three standard errors of 200 trials, and what is lost by 100 resamples.
    assert 0.83 < n_covered / 200 <= 1.0


def test_substitution_is_recorded():
    summary = summarise_censored(
        [2.0, 4.0, 6.0], [True, False, False], method="substitution", fraction=0.5
    )
    assert summary.mean.value == pytest.approx(11 / 3)
    assert summary.method == "substitution of 0.5 times the limit"
    assert summary.notes == (
        "1 of 3 values lay below their detection limit and were set to 0.5 times the limit",
    )
    assert summary.n_censored == 1


def test_one_value_has_no_standard_deviation():
    summary = summarise_censored([2.0], [True], method="substitution", fraction=0.5)
    assert summary.mean.value == 1.0
    assert summary.standard_deviation.is_withheld
    assert summary.standard_deviation.upper == np.inf


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "half"}, "expected one of kaplan_meier"),
        ({"method": "substitution"}, "fraction: None"),
        ({"method": "lognormal", "fraction": 0.5}, "none with the others"),
        ({"method": "lognormal", "percentages": (0.0,)}, "between 0 and 100"),
        ({"method": "lognormal", "level": 95}, "a share between 0 and 1"),
    ],
)
def test_impossible_options_are_refused(options, message):
    with pytest.raises(InvalidStudyError, match=message):
        summarise_censored(MANGANESE, MANGANESE_CENSORED, **options)


@pytest.mark.parametrize(
    ("values", "mask", "message"),
    [
        ([1.0, 0.0], [False, False], "1 values are zero, negative or infinite"),
        ([1.0, np.inf], [False, False], "infinite"),
        ([1.0, np.nan], [False, True], "1 censored values have no detection limit"),
        ([1.0, 2.0], [0, 1], "is_censored of type int64"),
        ([1.0, 2.0], [True], "is_censored of type bool and shape"),
        ([[1.0, 2.0]], [[True, False]], "expected those of one element"),
        ([np.nan], [False], "none of 1 values was measured"),
    ],
)
def test_impossible_samples_are_refused(values, mask, message):
    with pytest.raises(InvalidConcentrationError, match=message):
        kaplan_meier(values, mask)


@pytest.mark.parametrize("fraction", [0.0, 1.5, -1.0])
def test_impossible_fractions_are_refused(fraction):
    with pytest.raises(InvalidStudyError, match="above 0 and up to 1"):
        substitute_limits([1.0], [True], fraction=fraction)


def test_weights_must_match():
    with pytest.raises(InvalidConcentrationError, match="one positive weight a value"):
        kaplan_meier([1.0, 2.0], [True, False], weights=[1.0])


def test_unmeasured_values_do_not_count():
    values = np.append(MANGANESE, np.nan)
    mask = np.append(MANGANESE_CENSORED, False)
    summary = summarise_censored(values, mask, method="lognormal")
    assert (summary.n, summary.n_censored) == (25, 6)
