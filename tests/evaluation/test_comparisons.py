import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats

from cerussite.core.errors import InvalidStudyError
from cerussite.evaluation import (
    Difference,
    corrected_difference,
    leave_one_group_out,
    log_rmse_contributions,
    percent_change,
    r2,
    r2_contributions,
    repeated_group_k_fold,
    repeated_k_fold,
    rmse,
)


def test_the_corrected_test_by_hand():
    # Mean 2, variance 2; error sqrt((1/2 + 2/4) 2) = sqrt 2. Student's t with one
    # degree of freedom is Cauchy's: p = 1 - 2 atan(t) / pi, quantile tan.
    found = corrected_difference(np.array([1.0, 3.0]), n_calibration=4, n_test=2)
    half_width = math.tan(math.pi * 0.475) * math.sqrt(2)
    assert found.mean == 2
    assert_allclose([found.low, found.high], [2 - half_width, 2 + half_width])
    assert_allclose(found.p_value, 1 - 2 * math.atan(math.sqrt(2)) / math.pi)


def test_without_overlap_it_is_the_ordinary_t_test():
    differences = np.random.default_rng(0).normal(0.3, 1.0, size=20)
    found = corrected_difference(differences, n_calibration=1e12, n_test=1, level=0.9)
    expected = stats.ttest_1samp(differences, 0.0)
    interval = expected.confidence_interval(0.9)
    assert_allclose(found.p_value, expected.pvalue)
    assert_allclose([found.low, found.high], [interval.low, interval.high])


def test_ten_times_ten_folds_have_the_error_of_bouckaert_and_frank():
    # Their equation: variance (1 / kr + n2 / n1) s2, here (1/100 + 1/9) s2, kr - 1 df.
    differences = np.random.default_rng(0).normal(size=100)
    found = corrected_difference(differences, n_calibration=90, n_test=10)
    plain = stats.ttest_1samp(differences, 0.0).confidence_interval(0.95)
    wider = math.sqrt((1 / 100 + 1 / 9) / (1 / 100))
    assert_allclose(found.high - found.low, wider * (plain.high - plain.low))


def test_repeating_the_same_sites_adds_no_evidence():
    once = np.array([0.1, 0.3, -0.2, 0.4, 0.2])
    alone = corrected_difference(once, n_calibration=80, n_test=20)
    again = corrected_difference(
        np.tile(once, 10), n_calibration=80, n_test=20, n_groups=5
    )
    assert_allclose(
        [again.mean, again.low, again.high, again.p_value],
        [alone.mean, alone.low, alone.high, alone.p_value],
    )


def test_more_groups_than_differences_change_nothing():
    once = np.array([0.1, 0.3, -0.2, 0.4, 0.2])
    assert corrected_difference(
        once, n_calibration=80, n_test=20, n_groups=44
    ) == corrected_difference(once, n_calibration=80, n_test=20)


def test_equal_differences_leave_no_doubt():
    # 0.1 is not exact in binary: the mean of three is not 0.1.
    for value, p_value in ((0.0, 1.0), (0.1, 0.0)):
        found = corrected_difference(np.full(3, value), n_calibration=4, n_test=2)
        assert_allclose([found.mean, found.low, found.high], value)
        assert found.p_value == p_value


@given(
    differences=st.lists(st.floats(-10, 10), min_size=2, max_size=30),
    level=st.floats(0.5, 0.99),
)
def test_exchanging_the_methods_mirrors_the_interval(differences, level):
    values = np.array(differences)
    one = corrected_difference(values, n_calibration=80, n_test=20, level=level)
    other = corrected_difference(-values, n_calibration=80, n_test=20, level=level)
    assert one.low <= one.mean <= one.high
    assert_allclose([other.low, other.high], [-one.high, -one.low])
    assert_allclose(one.p_value, other.p_value)


@given(
    differences=st.lists(st.floats(-10, 10), min_size=3, max_size=20),
    level=st.floats(0.5, 0.99),
)
def test_the_interval_excludes_zero_when_the_p_value_is_small(differences, level):
    found = corrected_difference(
        np.array(differences), n_calibration=80, n_test=20, level=level
    )
    if abs(found.p_value - (1 - level)) > 1e-6:
        assert (found.low > 0 or found.high < 0) == (found.p_value < 1 - level)


@pytest.mark.parametrize(
    ("differences", "options", "message"),
    [
        ([1.0], {}, r"shape \(1,\), of which 1 count"),
        ([[1.0, 2.0]], {}, r"shape \(1, 2\)"),
        ([1.0, 2.0], {"n_groups": 1}, r"of which 1 count; expected at least 2"),
        ([1.0, math.nan, 2.0], {}, "1 of 3 differences are not finite"),
        ([1.0, 2.0], {"n_test": 0}, "80 samples to calibrate and 0 to test"),
        ([1.0, 2.0], {"n_calibration": math.nan}, "nan samples to calibrate"),
        ([1.0, 2.0], {"level": 95}, "level 95; expected a fraction"),
    ],
)
def test_comparisons_refuse_what_has_no_answer(differences, options, message):
    sizes = {"n_calibration": 80, "n_test": 20}
    with pytest.raises(InvalidStudyError, match=message):
        corrected_difference(np.array(differences), **(sizes | options))


def predictions(seed=0, n_samples=23):
    rng = np.random.default_rng(seed)
    observed = rng.lognormal(size=(n_samples, 3))
    predicted = observed + rng.normal(size=(n_samples, 3))
    observed[rng.random(observed.shape) < 0.2] = np.nan
    return observed, predicted, rng.integers(0, 5, n_samples)


@given(seed=st.integers(0, 1000))
def test_contributions_average_to_the_pooled_figure(seed):
    observed, predicted, folds = predictions(seed)
    assert_allclose(
        r2_contributions(observed, predicted, folds).mean(axis=0),
        r2(observed, predicted),
        atol=1e-12,
    )
    assert_allclose(
        log_rmse_contributions(observed, predicted, folds).mean(axis=0),
        np.log(rmse(observed, predicted)),
        atol=1e-12,
    )


def test_contributions_equal_the_slow_ones():
    observed, predicted, folds = predictions()
    found = r2_contributions(observed, predicted, folds)
    found_log = log_rmse_contributions(observed, predicted, folds)
    for response in range(3):
        measured = [i for i in range(23) if not math.isnan(observed[i, response])]
        mean = sum(observed[i, response] for i in measured) / len(measured)
        total = sum((observed[i, response] - mean) ** 2 for i in measured)
        squares = {
            i: (predicted[i, response] - observed[i, response]) ** 2 for i in measured
        }
        error = math.sqrt(sum(squares.values()) / len(measured))
        for fold in range(5):
            own = sum(squares[i] for i in measured if folds[i] == fold)
            assert found[fold, response] == pytest.approx(1 - 5 * own / total)
            assert found_log[fold, response] == pytest.approx(
                math.log(error) + (5 * own / sum(squares.values()) - 1) / 2
            )


def test_the_spread_of_log_rmse_is_that_of_rmse_to_first_order():
    # Leave one fold out: the change of log RMSE predicted by its term.
    rng = np.random.default_rng(0)
    observed, predicted = np.zeros((4000, 1)), rng.normal(size=(4000, 1))
    folds = np.arange(4000) % 400
    terms = log_rmse_contributions(observed, predicted, folds)[:, 0]
    whole = math.log(rmse(observed, predicted)[0])
    for fold in range(5):
        kept = folds != fold
        without = math.log(rmse(observed[kept], predicted[kept])[0])
        assert 399 * (whole - without) == pytest.approx(
            terms[fold] - whole, rel=0.02, abs=0.01
        )


def test_contributions_of_what_has_no_figure_are_missing():
    observed = np.array([[1.0, 3.0, np.nan, 1.0], [2.0, 3.0, np.nan, 2.0]])
    predicted = np.array([[1.5, 2.0, 1.0, 1.0], [1.0, 3.0, 1.0, 2.0]])
    found = np.isnan(r2_contributions(observed, predicted, [0, 1]))
    assert found.tolist() == [[False, True, True, False]] * 2
    found = np.isnan(log_rmse_contributions(observed, predicted, [0, 1]))
    assert found.tolist() == [[False, False, True, True]] * 2


@pytest.mark.parametrize("function", [r2_contributions, log_rmse_contributions])
def test_contributions_refuse_gaps_and_shapes_that_differ(function):
    observed = np.array([[1.0], [2.0]])
    with pytest.raises(InvalidStudyError, match="1 measured values have no finite"):
        function(observed, np.array([[1.0], [np.nan]]), [0, 1])
    with pytest.raises(InvalidStudyError, match="and 3 folds; expected"):
        function(observed, observed, [0, 1, 2])
    with pytest.raises(InvalidStudyError, match=r"predicted of shape \(1, 2\)"):
        function(observed, observed.T, [0, 1])


def test_half_the_error_is_minus_fifty_percent():
    observed, predicted, folds = predictions()
    halved = observed + (predicted - observed) / 2
    differences = log_rmse_contributions(
        observed, np.where(np.isnan(observed), 0.0, halved), folds
    ) - log_rmse_contributions(observed, predicted, folds)
    found = percent_change(
        corrected_difference(differences[:, 0], n_calibration=18, n_test=5)
    )
    assert_allclose([found.mean, found.low, found.high], -50.0)
    assert percent_change(Difference(0.0, 0.0, 0.0, 1.0)).mean == 0.0


def ridge(X, y, X_test):
    """Ridge regression with a penalty of 5, written out for speed."""
    centre, mean = X.mean(axis=0), y.mean()
    centred = X - centre
    gram = centred.T @ centred + 5.0 * np.eye(X.shape[1])
    return (X_test - centre) @ np.linalg.solve(gram, centred.T @ (y - mean)) + mean


def fold_differences(X, y, splits):
    """R2 terms of one half of the covariates minus those of the other half."""
    n_repeats = 1 + max(split.repeat for split in splits)
    folds = np.empty((n_repeats, y.size), dtype=int)
    predicted = np.empty((2, n_repeats, y.size))
    for split in splits:
        folds[split.repeat, split.test] = split.fold
        for method, columns in enumerate((slice(0, 5), slice(5, 10))):
            predicted[method, split.repeat, split.test] = ridge(
                X[split.calibration, columns],
                y[split.calibration],
                X[split.test, columns],
            )
    first, second = (
        [
            r2_contributions(y[:, None], row[:, None], labels)[:, 0]
            for row, labels in zip(rows, folds, strict=True)
        ]
        for rows in predicted
    )
    return np.concatenate(first) - np.concatenate(second)


def false_positive_rates(n_studies, splits_of, groups, n_groups=None):
    """How often 5 % tests part two methods that are equal by symmetry."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(n_studies):
        sites = rng.normal(size=(groups.max() + 1, 10))
        X = rng.normal(size=(100, 10)) + (sites[groups] if n_groups else 0.0)
        y = X.sum(axis=1) / math.sqrt(5) + rng.normal(size=100)
        differences = fold_differences(X, y, splits_of(rng))
        sizes = {"n_calibration": 80, "n_test": 20}
        found.append(
            [
                stats.ttest_1samp(differences, 0.0).pvalue,
                corrected_difference(differences, **sizes).p_value,
                corrected_difference(differences, **sizes, n_groups=n_groups).p_value,
            ]
        )
    return np.mean(np.array(found) < 0.05, axis=0)


@pytest.mark.slow
def test_the_corrected_test_finds_no_more_than_its_level_where_the_naive_one_does():
    naive, corrected, _ = false_positive_rates(
        600,
        lambda rng: repeated_k_fold(
            range(100), n_folds=5, n_repeats=10, random_state=rng
        ),
        np.arange(100),
    )
    assert naive > 0.4
    # Three standard errors of a rate of 5 % in 600 studies: 2.7 %.
    assert abs(corrected - 0.05) < 0.03


@pytest.mark.slow
def test_few_shuffled_sites_need_the_cap_on_what_counts():
    groups = np.repeat(np.arange(5), 20)
    naive, corrected, capped = false_positive_rates(
        400,
        lambda rng: repeated_group_k_fold(
            groups, range(100), n_folds=5, n_repeats=10, random_state=rng
        ),
        groups,
        n_groups=5,
    )
    assert naive > 0.5
    assert corrected > 0.1
    assert capped < 0.08


@pytest.mark.slow
def test_leaving_one_of_five_sites_out_stays_below_the_level():
    groups = np.repeat(np.arange(5), 20)
    _, corrected, capped = false_positive_rates(
        1000, lambda _: leave_one_group_out(groups, range(100)), groups, n_groups=5
    )
    assert corrected == capped < 0.07
