"""Limits of T² and Q."""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cerussite.core.errors import InvalidStudyError
from cerussite.evaluation import residuals_needed
from cerussite.evaluation.applicability import (
    ResidualMoments,
    box_limit,
    hotelling_limit,
    jackson_mudholkar_limit,
    matched_limit,
    ranked_limit,
    samples_ranked,
)

EIGENVALUES = np.array([9, 4, 1, 0.25, 0.04])
MOMENTS = ResidualMoments.of_eigenvalues(EIGENVALUES)


def probability_above(limit, eigenvalues):
    """Tail of a weighted sum of chi-squared variables by Imhof's integral (1961)."""
    u = np.linspace(1e-9, 300, 600_001)[:, np.newaxis]
    angle = 0.5 * np.arctan(eigenvalues * u).sum(axis=1) - 0.5 * limit * u[:, 0]
    size = np.prod((1 + (eigenvalues * u) ** 2) ** 0.25, axis=1)
    return 0.5 + np.trapezoid(np.sin(angle) / (u[:, 0] * size), u[:, 0]) / np.pi


def test_moments_of_the_known_eigenvalues_are_sums_of_powers():
    assert pytest.approx(14.29) == MOMENTS.first
    assert pytest.approx(98.0641) == MOMENTS.second
    assert pytest.approx(794.015689) == MOMENTS.third


def test_both_limits_of_q_are_near_42_for_the_known_eigenvalues():
    assert box_limit(MOMENTS, level=0.95) == pytest.approx(42.2, abs=0.1)
    assert jackson_mudholkar_limit(MOMENTS, level=0.95) == pytest.approx(42.2, abs=0.6)


def test_the_integral_knows_the_chi_squared_distribution():
    found = probability_above(stats.chi2.ppf(0.95, 6), np.ones(6))
    assert found == pytest.approx(0.05, abs=1e-6)


@pytest.mark.parametrize("limit", [box_limit, jackson_mudholkar_limit])
@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_limits_of_q_are_exceeded_as_often_as_said(limit, level):
    found = probability_above(limit(MOMENTS, level=level), EIGENVALUES)
    assert found == pytest.approx(1 - level, rel=0.25)


@pytest.mark.parametrize("limit", [box_limit, jackson_mudholkar_limit])
def test_residual_spectra_exceed_the_limit_in_one_of_twenty_cases(limit):
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(200_000, 5)) * np.sqrt(EIGENVALUES)
    axes = np.linalg.qr(rng.normal(size=(40, 5)))[0]
    squares = ((scores @ axes.T) ** 2).sum(axis=1)
    assert 0.047 < np.mean(squares > limit(MOMENTS, level=0.95)) < 0.053


@given(
    st.lists(st.floats(0.01, 100), min_size=2, max_size=8),
    st.floats(0.001, 1000),
)
def test_limits_of_q_have_the_unit_of_the_eigenvalues(eigenvalues, factor):
    plain = ResidualMoments.of_eigenvalues(np.array(eigenvalues))
    scaled = ResidualMoments.of_eigenvalues(factor * np.array(eigenvalues))
    expected = factor * box_limit(plain, level=0.95)
    assert box_limit(scaled, level=0.95) == pytest.approx(expected, rel=1e-6)


def test_equal_eigenvalues_give_the_chi_squared_limit():
    moments = ResidualMoments.of_eigenvalues(np.full(7, 2.0))
    expected = 2 * stats.chi2.ppf(0.95, 7)
    assert box_limit(moments, level=0.95) == pytest.approx(expected)
    assert jackson_mudholkar_limit(moments, level=0.95) == pytest.approx(
        expected, rel=0.01
    )


def test_a_negative_power_takes_the_lower_normal_quantile_as_in_the_paper():
    moments = ResidualMoments.of_eigenvalues(np.array([1.0, *[0.05] * 20]))
    first, second, third = moments.first, moments.second, moments.third
    power = 1 - 2 * first * third / (3 * second**2)
    assert power < 0
    c = stats.norm.ppf(0.05)
    inside = c * math.sqrt(2 * second * power**2) / first + 1
    inside += second * power * (power - 1) / first**2
    expected = first * inside ** (1 / power)
    found = jackson_mudholkar_limit(moments, level=0.95)
    assert found == pytest.approx(expected)
    above = probability_above(found, np.array([1.0, *[0.05] * 20]))
    assert above == pytest.approx(0.04, abs=0.01)


def test_the_limit_passes_smoothly_through_power_zero():
    at, near = (
        jackson_mudholkar_limit(ResidualMoments(3.0, 2.0, third), level=0.95)
        for third in (2.0, 2.0 + 1e-7)
    )
    assert at == pytest.approx(near, rel=1e-6)


def test_a_power_without_a_limit_is_refused():
    moments = ResidualMoments.of_eigenvalues(np.array([1.0, *[0.001] * 10_000]))
    with pytest.raises(InvalidStudyError, match="take the limit after Box"):
        jackson_mudholkar_limit(moments, level=0.99)


@pytest.mark.parametrize("limit", [box_limit, jackson_mudholkar_limit])
def test_moments_that_are_not_positive_are_refused(limit):
    with pytest.raises(InvalidStudyError, match="take fewer components"):
        limit(ResidualMoments(1.0, -0.1, 0.0), level=0.95)


def test_the_limit_of_one_component_is_that_of_student():
    # A new value of a normal sample: t² (1 + 1/n).
    expected = stats.t.ppf(0.975, 29) ** 2 * (1 + 1 / 30)
    found = hotelling_limit(n_calibration=30, n_components=1, level=0.95)
    assert found == pytest.approx(expected)


def test_the_limit_of_t2_tends_to_chi_squared():
    found = hotelling_limit(n_calibration=10**7, n_components=4, level=0.95)
    assert found == pytest.approx(stats.chi2.ppf(0.95, 4), rel=1e-5)


def test_t2_of_a_new_sample_exceeds_its_limit_in_one_of_twenty_cases():
    rng = np.random.default_rng(0)
    X, new = rng.normal(size=(40_000, 10, 3)), rng.normal(size=(40_000, 3))
    centred = X - X.mean(axis=1, keepdims=True)
    covariances = np.einsum("kni,knj->kij", centred, centred) / 9
    apart = new - X.mean(axis=1)
    solved = np.linalg.solve(covariances, apart[..., np.newaxis])[..., 0]
    limit = hotelling_limit(n_calibration=10, n_components=3, level=0.95)
    assert np.mean((apart * solved).sum(axis=1) > limit) == pytest.approx(
        0.05, abs=0.004
    )


@pytest.mark.parametrize("n_components", [0, 20])
def test_components_must_be_fewer_than_samples(n_components):
    with pytest.raises(InvalidStudyError, match="of 20 calibration samples"):
        hotelling_limit(n_calibration=20, n_components=n_components, level=0.95)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_levels_that_are_no_fractions_are_refused(level):
    for limit in (
        lambda: hotelling_limit(n_calibration=9, n_components=2, level=level),
        lambda: box_limit(MOMENTS, level=level),
        lambda: jackson_mudholkar_limit(MOMENTS, level=level),
        lambda: matched_limit(np.arange(9.0), level=level),
        lambda: ranked_limit(np.arange(9.0), level=level),
    ):
        with pytest.raises(InvalidStudyError, match="expected a fraction"):
            limit()


def test_moments_of_residuals_equal_the_literal_loops():
    E = np.random.default_rng(0).normal(size=(6, 4))
    pairs = [(E[i] @ E[j]) ** 2 for i, j in permutations(range(6), 2)]
    triples = [
        (E[i] @ E[j]) * (E[j] @ E[k]) * (E[k] @ E[i])
        for i, j, k in permutations(range(6), 3)
    ]
    found = ResidualMoments.of_residuals(E)
    assert found.first == pytest.approx((E**2).sum() / 6)
    assert found.second == pytest.approx(np.mean(pairs))
    assert found.third == pytest.approx(np.mean(triples))


def test_moments_of_residuals_have_no_bias_where_bands_outnumber_samples():
    rng = np.random.default_rng(0)
    eigenvalues = 0.97 ** np.arange(200)
    truth = ResidualMoments.of_eigenvalues(eigenvalues)
    found, naive = [], []
    for _ in range(200):
        E = rng.normal(size=(40, 200)) * np.sqrt(eigenvalues)
        found.append(ResidualMoments.of_residuals(E))
        naive.append(np.trace(np.linalg.matrix_power(E @ E.T / 40, 2)))
    assert np.mean([each.first for each in found]) == pytest.approx(
        truth.first, rel=0.01
    )
    assert np.mean([each.second for each in found]) == pytest.approx(
        truth.second, rel=0.03
    )
    assert np.mean([each.third for each in found]) == pytest.approx(
        truth.third, rel=0.1
    )
    assert np.mean(naive) > 2 * truth.second


def test_two_residuals_are_too_few():
    with pytest.raises(InvalidStudyError, match="at least 3 different ones"):
        ResidualMoments.of_residuals(np.ones((2, 3)))


def test_the_matched_limit_finds_a_scaled_chi_squared_distribution():
    values = 3 * stats.chi2.ppf((np.arange(20_000) + 0.5) / 20_000, 6)
    expected = 3 * stats.chi2.ppf(0.99, 6)
    assert matched_limit(values, level=0.99) == pytest.approx(expected, rel=0.005)


def test_the_matched_limit_of_equal_values_is_that_value():
    assert matched_limit(np.full(5, 0.1), level=0.99) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("values", "match"),
    [
        (np.array([1.0]), "at least two"),
        (np.array([1.0, -1.0]), "below zero"),
        (np.array([1.0, np.inf]), "not finite"),
    ],
)
def test_values_that_have_no_matched_limit_are_refused(values, match):
    with pytest.raises(InvalidStudyError, match=match):
        matched_limit(values, level=0.95)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
def test_ranks_need_as_many_values_as_intervals_do(level):
    assert samples_ranked(level) == residuals_needed(level)


def test_a_new_value_exceeds_the_ranked_limit_as_often_as_said():
    rng = np.random.default_rng(0)
    values = rng.standard_cauchy(size=(20_000, 40))
    limits = [ranked_limit(row[:39], level=0.9) for row in values]
    # 36th of 39: a new value is above with probability 4/40.
    assert np.mean(values[:, 39] > limits) == pytest.approx(0.1, abs=0.006)


@pytest.mark.parametrize("values", [np.arange(18.0), np.array([np.nan] * 30)])
def test_too_few_values_for_a_rank_are_refused(values):
    with pytest.raises(InvalidStudyError, match="at least 19 in one row"):
        ranked_limit(values, level=0.95)
