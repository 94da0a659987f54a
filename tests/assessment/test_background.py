"""Local background: methods against other programs, slow twins and made-up truth."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats

from cerussite.assessment.background import (
    ConcentrationArea,
    CumulativeFrequency,
    IterativeTwoSigma,
    MedianDeviation,
    ReferenceStations,
    local_background,
)
from cerussite.assessment.background.found import ElementSample
from cerussite.assessment.background.segments import break_points
from cerussite.core.errors import InvalidConcentrationError, InvalidStudyError

METHODS = [
    MedianDeviation(scale="log"),
    MedianDeviation(scale="linear"),
    IterativeTwoSigma(scale="log"),
    IterativeTwoSigma(scale="linear"),
    ConcentrationArea(),
    ConcentrationArea(n_segments=3),
    CumulativeFrequency(),
    ReferenceStations(np.ones(400, dtype=bool), percentage=90),
]


def sample_of(values, mask=None):
    values = np.asarray(values, dtype=float)
    mask = np.zeros(values.size, bool) if mask is None else np.asarray(mask)
    return ElementSample(values, mask, np.arange(values.size))


def polluted_survey(n=400, share=0.2, seed=0):
    """Background of 20 mg/kg with 30 % spread, and sites ten times as high."""
    rng = np.random.default_rng(seed)
    values = 20 * np.exp(0.3 * rng.normal(size=n))
    values[: int(share * n)] *= 10
    return values


@pytest.mark.parametrize("n", [9, 10])
@pytest.mark.parametrize("scale", ["log", "linear"])
def test_median_and_deviation_agree_with_scipy(n, scale):
    values = np.random.default_rng(1).lognormal(size=n)
    turn, back = (np.log, np.exp) if scale == "log" else (np.asarray, np.asarray)
    found = MedianDeviation(scale=scale).find(sample_of(values))
    centre = np.median(turn(values))
    deviation = stats.median_abs_deviation(turn(values), scale=1 / 1.4826)
    assert_allclose(found.background, back(centre))
    assert_allclose(found.threshold, back(centre + 2 * deviation))


@given(st.integers(1, 8), st.integers(0, 1000))
def test_what_lies_far_below_the_median_need_not_be_known(n_low, seed):
    values = np.random.default_rng(seed).lognormal(sigma=0.1, size=20)
    values[:n_low] = 0.01 * np.arange(1, n_low + 1)
    known = MedianDeviation(scale="log").find(sample_of(values))
    limits = np.where(np.arange(20) < n_low, 0.2, values)
    hidden = MedianDeviation(scale="log").find(sample_of(limits, np.arange(20) < n_low))
    assert_allclose(hidden.background, known.background)
    assert_allclose(hidden.threshold, known.threshold)


def test_a_deviation_that_depends_on_hidden_values_is_withheld():
    values = np.array([2.0, 2.0, 2.0, 2.0, 3.0, 3.1, 3.2, 3.3, 9.0])
    found = MedianDeviation(scale="linear").find(sample_of(values, values == 2.0))
    assert found.background == 3.0
    assert np.isnan(found.threshold)
    assert found.reason == "the MAD depends on values below limits"


def test_a_median_below_the_limits_is_withheld():
    values = np.array([5.0, 5.0, 5.0, 6.0, 7.0])
    found = MedianDeviation(scale="log").find(sample_of(values, values == 5.0))
    assert np.isnan(found.background)
    assert found.reason == "median below 5"


@pytest.mark.parametrize("scale", ["log", "linear"])
def test_iterations_end_where_a_literal_loop_ends(scale):
    values = polluted_survey(60)
    turn, back = (np.log, np.exp) if scale == "log" else (np.asarray, np.asarray)
    kept = turn(values)
    while True:
        low = kept.mean() - 2 * kept.std(ddof=1)
        high = kept.mean() + 2 * kept.std(ddof=1)
        if ((kept >= low) & (kept <= high)).all():
            break
        kept = kept[(kept >= low) & (kept <= high)]
    found = IterativeTwoSigma(scale=scale).find(sample_of(values))
    assert_allclose(found.background, back(kept.mean()))
    assert_allclose(found.threshold, back(high))


def test_iterations_find_the_background_below_limits():
    values = polluted_survey(share=0.1)
    mask = values < 15
    found = IterativeTwoSigma(scale="log").find(sample_of(np.maximum(values, 15), mask))
    assert mask.mean() > 0.1
    assert_allclose(found.background, 20, rtol=0.05)
    # Cut at two deviations, a normal sample loses a little of its spread.
    assert_allclose(found.threshold, 20 * np.exp(0.6), rtol=0.1)


@pytest.mark.parametrize("n_segments", [2, 3])
def test_breaks_are_the_best_of_all(n_segments):
    rng = np.random.default_rng(2)
    x = np.cumsum(rng.uniform(0.5, 1.5, size=22))
    y = np.cumsum(rng.normal(size=22))

    def error(start, end):
        line = np.polynomial.Polynomial.fit(x[start:end], y[start:end], 1)
        return ((line(x[start:end]) - y[start:end]) ** 2).sum()

    cuts = [
        c
        for c in itertools.combinations(range(1, 22), n_segments - 1)
        if min(np.diff([0, *c, 22])) >= 5
    ]
    best = min(cuts, key=lambda c: sum(map(error, (0, *c), (*c, 22))))
    assert tuple(break_points(x, y, n_segments=n_segments)) == best


def test_concentration_and_area_break_where_two_power_laws_meet():
    # A(>= v) = v^-0.5 up to 10, then as v^-3: values are quantiles of it.
    area = np.exp(-np.linspace(0, 4, 200))
    at_break = 10**-0.5
    values = np.where(area > at_break, area**-2.0, 10 * (area / at_break) ** (-1 / 3))
    # Two decimals of weight for what lies between two quantiles.
    weights = area - np.append(area[1:], 0)
    method = ConcentrationArea(areas=weights)
    found = method.find(sample_of(values))
    assert_allclose(found.threshold, 10, rtol=0.03)
    below = np.sort(values[values < 10])
    share = np.cumsum(weights[values < 10]) / weights[values < 10].sum()
    assert_allclose(found.background, below[np.searchsorted(share, 0.5)], rtol=0.03)


def test_cumulative_frequency_bends_where_two_uniform_populations_meet():
    # 90 values evenly from 1 to 10, ten from 20 to 110.
    values = np.concatenate([np.linspace(1, 10, 90), np.linspace(20, 110, 10)])
    found = CumulativeFrequency().find(sample_of(values))
    assert found.threshold == pytest.approx(15.0)
    assert found.background == pytest.approx(5.5)


@pytest.mark.parametrize("method", [ConcentrationArea(), CumulativeFrequency()])
def test_lines_need_points(method):
    found = method.find(sample_of(np.arange(1.0, 10.0)))
    assert np.isnan(found.threshold)
    assert found.reason == "9 different detected values; 2 lines need 10"


def test_reference_stations_are_those_chosen():
    values = np.concatenate([np.arange(1.0, 12.0), np.full(30, 500.0)])
    method = ReferenceStations(values < 100, percentage=90)
    found = method.find(sample_of(values))
    assert (found.background, found.threshold) == (6.0, 10.0)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
@given(factor=st.sampled_from([0.25, 8.0]))
@settings(max_examples=2, deadline=None)
def test_background_changes_with_the_unit(method, factor):
    values = polluted_survey()
    mask = values < 14
    one = method.find(sample_of(values, mask))
    other = method.find(sample_of(factor * values, mask))
    assert_allclose(factor * one.background, other.background, rtol=1e-6)
    assert_allclose(factor * one.threshold, other.threshold, rtol=1e-6)


@pytest.mark.parametrize(
    "method",
    # Three lines also break within the background, which is no power law here.
    [one for one in METHODS if getattr(one, "n_segments", 2) == 2],
    ids=lambda method: method.name,
)
def test_the_background_is_found_among_ten_per_cent_of_contaminated_sites(method):
    values = polluted_survey(share=0.1)
    assert_allclose(method.find(sample_of(values)).background, 20, rtol=0.25)


def test_the_table_holds_intervals_around_the_values():
    values = np.column_stack([polluted_survey(80), polluted_survey(80, seed=1)])
    values[:5, 1] = np.nan
    found = local_background(
        values,
        np.zeros(values.shape, bool),
        elements=["Pb", "Zn"],
        method=MedianDeviation(scale="log"),
        n_bootstraps=100,
        random_state=0,
    )
    table = found.table.set_index("element")
    assert table.loc["Zn", "n"] == 75
    assert (table["lower"] < table["background"]).all()
    assert (table["background"] < table["upper"]).all()
    assert (table["threshold_lower"] < table["threshold_upper"]).all()
    assert_allclose(found.values_of(["Zn", "Pb"]), table["background"][["Zn", "Pb"]])
    assert found.method == "median + 2 MAD of logarithms"


def test_groups_are_resampled_together():
    # Five stations of twenty visits each: far fewer independent values.
    rng = np.random.default_rng(0)
    values = np.repeat(20 * np.exp(0.5 * rng.normal(size=5)), 20)[:, np.newaxis]
    widths = [
        local_background(
            values,
            np.zeros(values.shape, bool),
            elements=["Pb"],
            method=MedianDeviation(scale="log"),
            groups=groups,
            n_bootstraps=200,
            random_state=0,
        ).table.eval("upper - lower")[0]
        for groups in (None, np.repeat(np.arange(5), 20))
    ]
    assert widths[1] > widths[0]


def test_a_withheld_background_is_not_handed_out():
    values = np.array([[5.0], [5.0], [5.0], [6.0], [7.0]])
    found = local_background(
        values,
        values == 5.0,
        elements=["Ag"],
        method=MedianDeviation(scale="log"),
        n_bootstraps=20,
        random_state=0,
    )
    row = found.table.iloc[0]
    assert row["withheld"]
    assert row["n_censored"] == 3
    assert row["lower"] == 0.0
    with pytest.raises(InvalidConcentrationError, match=r"withheld \(median below 5\)"):
        found.values_of(["Ag"])
    with pytest.raises(InvalidConcentrationError, match="Pb: no local background"):
        found.values_of(["Pb"])


@pytest.mark.slow
def test_intervals_of_the_background_cover_it():
    n_covered = 0
    for seed in range(100):
        values = polluted_survey(60, share=0.0, seed=seed)[:, np.newaxis]
        table = local_background(
            np.maximum(values, 15),
            values < 15,
            elements=["Pb"],
            method=MedianDeviation(scale="log"),
            level=0.9,
            n_bootstraps=200,
            random_state=seed,
        ).table
        n_covered += bool(table["lower"][0] <= 20 <= table["upper"][0])
    # 90 % within three standard errors of 100 trials.
    assert 0.81 <= n_covered / 100 <= 0.99


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MedianDeviation(scale="ln"), "expected 'log' or 'linear'"),
        (lambda: IterativeTwoSigma(scale="ln"), "expected 'log' or 'linear'"),
        (lambda: ConcentrationArea(n_segments=1), "n_segments: 1"),
        (lambda: CumulativeFrequency(n_segments=9), "n_segments: 9"),
        (lambda: ReferenceStations([True], percentage=0.9), "between 50 and 100"),
    ],
)
def test_impossible_options_are_refused(make, message):
    with pytest.raises(InvalidStudyError, match=message):
        make()


def test_names_must_match_and_elements_be_measured():
    method = MedianDeviation(scale="log")
    values = np.ones((4, 2))
    with pytest.raises(InvalidStudyError, match="for 1 elements and 4 samples"):
        local_background(values, values > 2, elements=["Pb"], method=method)
    values[:, 1] = np.nan
    with pytest.raises(InvalidConcentrationError, match="measured on no sample"):
        local_background(values, values > 2, elements=["Pb", "Zn"], method=method)
