import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from cerussite.core.errors import InvalidStudyError
from cerussite.evaluation import (
    conformal_half_width,
    coverage,
    repeated_k_fold,
    residuals_needed,
)


def test_the_half_width_is_the_order_statistic():
    residuals = np.array([[0.3], [-5.0], [1.0], [-2.0], [4.0], [0.1], [3.0]])
    residuals = np.vstack([residuals, [[-6.0], [7.0]]])
    # Nine residuals: ceil(10 x 0.9) is the ninth, ceil(10 x 0.5) the fifth.
    assert_allclose(conformal_half_width(residuals, level=0.9), [7.0])
    assert_allclose(conformal_half_width(residuals, level=0.5), [3.0])
    assert_allclose(conformal_half_width(residuals, level=0.51), [4.0])


def test_rounding_does_not_take_the_next_residual():
    # 0.55 * 100 is 55.000000000000007 in binary.
    residuals = np.arange(1.0, 100.0)[:, np.newaxis]
    assert_allclose(conformal_half_width(residuals, level=0.55), [55.0])


@given(n=st.integers(1, 400), percent=st.integers(1, 99))
def test_as_many_residuals_are_needed_as_have_the_order_statistic(n, percent):
    rank = -(-(n + 1) * percent // 100)  # ceil in whole numbers
    assert (rank <= n) == (n >= residuals_needed(percent / 100))


def test_too_few_residuals_are_refused_with_the_number_needed():
    residuals = np.column_stack([np.arange(19.0), np.arange(19.0)])
    residuals[0, 1] = np.nan
    assert_allclose(conformal_half_width(residuals[:, :1], level=0.95), [18.0])
    message = "18 residuals of response 1; expected at least 19"
    with pytest.raises(InvalidStudyError, match=message):
        conformal_half_width(residuals, level=0.95)


@pytest.mark.parametrize("level", [0.0, 1.0, 90.0, np.nan])
def test_levels_are_fractions(level):
    with pytest.raises(InvalidStudyError, match="expected a fraction"):
        residuals_needed(level)
    with pytest.raises(InvalidStudyError, match="expected a fraction"):
        conformal_half_width(np.ones((30, 1)), level=level)


def test_missing_residuals_do_not_count_and_no_response_has_no_width():
    residuals = np.random.default_rng(0).normal(size=(40, 3))
    residuals[::3, 1] = np.nan
    residuals[:, 2] = np.nan
    found = conformal_half_width(residuals, level=0.8)
    kept = residuals[~np.isnan(residuals[:, 1]), 1:2]
    assert_allclose(found[1:2], conformal_half_width(kept, level=0.8))
    assert np.isnan(found[2])


@given(
    residuals=st.lists(st.floats(-1e3, 1e3), min_size=9, max_size=60),
    level=st.floats(0.05, 0.9),
)
def test_the_interval_holds_the_share_of_its_own_residuals(residuals, level):
    values = np.array(residuals)[:, np.newaxis]
    width = conformal_half_width(values, level=level)
    held = np.mean(np.abs(values) <= width)
    assert held >= level
    assert np.isin(width, np.abs(values)).all()


def test_coverage_counts_limits_as_inside_and_skips_what_was_not_measured():
    y = np.array([[1.0, np.nan], [2.0, np.nan], [3.0, np.nan], [np.nan, np.nan]])
    lower = np.array([[1.0, 0.0], [0.0, 0.0], [4.0, 0.0], [np.nan, 0.0]])
    found = coverage(y, lower, lower + 2.0)
    assert_allclose(found, [2 / 3, np.nan])


def test_coverage_refuses_withheld_and_inverted_intervals():
    y = np.array([[1.0], [2.0]])
    with pytest.raises(InvalidStudyError, match="1 measured values have no interval"):
        coverage(y, np.array([[np.nan], [0.0]]), np.array([[2.0], [3.0]]))
    with pytest.raises(InvalidStudyError, match="2 measured values have no interval"):
        coverage(y, y + 1, y - 1)
    with pytest.raises(InvalidStudyError, match="expected one shape"):
        coverage(y, y, y[:1])


@pytest.mark.parametrize("level", [0.8, 0.9])
def test_new_samples_fall_inside_as_often_as_promised(level):
    # 25 residuals: the exact probability is ceil(26 level) / 26.
    rng = np.random.default_rng(0)
    residuals = rng.lognormal(size=(25, 4000)) - 1.5
    width = conformal_half_width(residuals, level=level)
    new = rng.lognormal(size=(1, 4000)) - 1.5
    found = np.mean(np.abs(new) <= width)
    expected = np.ceil(26 * level) / 26
    assert abs(found - expected) < 4 * np.sqrt(expected * (1 - expected) / 4000)


@pytest.mark.slow
@pytest.mark.parametrize("n_samples", [30, 100])
def test_residuals_of_folds_cover_new_samples_of_the_final_model(n_samples):
    rng = np.random.default_rng(0)
    found = []
    for _ in range(600):
        X = rng.normal(size=(n_samples + 50, 8))
        noise = rng.standard_t(3, size=n_samples + 50)
        y = X.sum(axis=1) + noise
        known, new = np.arange(n_samples), slice(n_samples, None)
        residuals = np.empty(n_samples)
        for split in repeated_k_fold(known, n_folds=5, n_repeats=1, random_state=rng):
            residuals[split.test] = y[split.test] - least_squares(
                X[split.calibration], y[split.calibration], X[split.test]
            )
        width = conformal_half_width(residuals[:, np.newaxis], level=0.9)
        predicted = least_squares(X[known], y[known], X[new])[:, np.newaxis]
        limits = predicted - width, predicted + width
        found.append(coverage(y[new][:, np.newaxis], *limits)[0])
    # A little wide with few samples, for folds fit on fewer; never below 90 %
    # by more than three standard errors of about 0.2 %.
    assert 0.893 < np.mean(found) < 0.93


def least_squares(X, y, X_test):
    design = np.column_stack([np.ones(len(X)), X])
    solution = np.linalg.lstsq(design, y, rcond=None)[0]
    return np.column_stack([np.ones(len(X_test)), X_test]) @ solution
