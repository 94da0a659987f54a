import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cerussite.reporting.diagnostics import (
    at_full_size,
    bias_by_quantile,
    error_by_group,
    measured_coverage,
    wilson_interval,
)


def table(**columns: object) -> pd.DataFrame:
    fixed = {
        "response": "Pb",
        "method": "m",
        "scheme": "random",
        "repeat": 0,
        "fold": 0,
    }
    return pd.DataFrame(fixed | {"n_calibration": 10} | columns)


def test_coverage_counts_observations_inside_by_hand() -> None:
    predictions = table(
        sample_id=list("abcd"),
        observed=[1.0, 2.0, 3.0, 4.0],
        predicted=[1.0, 2.0, 3.0, 9.0],
        lower=[0.0, 2.0, 3.5, 8.0],
        upper=[2.0, 4.0, 5.5, 10.0],
    )
    (row,) = measured_coverage(predictions).itertuples()
    assert (row.coverage, row.width, row.n_samples) == (0.5, 2.0, 4)


def test_predictions_without_an_interval_do_not_count() -> None:
    predictions = table(
        sample_id=list("ab"),
        observed=[1.0, 2.0],
        predicted=[1.0, 2.0],
        lower=[0.0, np.nan],
        upper=[2.0, np.nan],
    )
    assert measured_coverage(predictions)["n_predictions"].tolist() == [1]
    assert measured_coverage(predictions.assign(lower=np.nan)).empty


def test_repeats_of_one_sample_do_not_narrow_the_interval_of_the_coverage() -> None:
    once = table(
        sample_id=list("abcd"),
        observed=[1.0, 2.0, 3.0, 4.0],
        predicted=1.0,
        lower=0.0,
        upper=3.5,
    )
    often = pd.concat([once.assign(repeat=repeat) for repeat in range(10)])
    columns = ["coverage", "low", "high", "n_samples"]
    pd.testing.assert_frame_equal(
        measured_coverage(once)[columns], measured_coverage(often)[columns]
    )


@pytest.mark.parametrize(("n_inside", "n"), [(0, 5), (7, 9), (45, 50), (50, 50)])
def test_wilson_interval_agrees_with_scipy(n_inside: int, n: int) -> None:
    expected = stats.binomtest(n_inside, n).proportion_ci(method="wilson")
    assert wilson_interval(n_inside / n, n) == pytest.approx(
        (expected.low, expected.high)
    )


def test_only_the_largest_calibration_set_of_each_fold_is_kept() -> None:
    predictions = pd.concat(
        [
            table(sample_id=["a"], observed=1.0, predicted=2.0),
            table(sample_id=["a"], observed=1.0, predicted=3.0, n_calibration=50),
            table(sample_id=["b"], observed=1.0, predicted=4.0, fold=1),
            table(sample_id=["c"], observed=np.nan, predicted=4.0, fold=1),
        ]
    )
    assert at_full_size(predictions)["predicted"].tolist() == [3.0, 4.0]


def test_bias_of_fifths_by_hand_averages_repeats_first() -> None:
    observed = np.arange(10.0)
    first = table(
        sample_id=[f"s{i}" for i in range(10)],
        observed=observed,
        predicted=observed + np.repeat([4.0, 2.0, 0.0, -2.0, -4.0], 2),
    )
    second = first.assign(repeat=1, predicted=first["predicted"] + 2.0)
    found = bias_by_quantile(pd.concat([first, second]))
    assert found["bias"].tolist() == [5.0, 3.0, 1.0, -1.0, -3.0]
    assert found["n_samples"].tolist() == [2] * 5
    assert found["first"].tolist() == [0.0, 2.0, 4.0, 6.0, 8.0]


def test_interval_of_the_bias_agrees_with_scipy() -> None:
    rng = np.random.default_rng(0)
    residual = rng.normal(size=20)
    predictions = table(
        sample_id=[f"s{i}" for i in range(20)],
        observed=np.arange(20.0),
        predicted=np.arange(20.0) + residual,
    )
    (row,) = bias_by_quantile(predictions, n_bins=1).itertuples()
    expected = stats.ttest_1samp(residual, 0.0).confidence_interval(0.95)
    assert (row.low, row.high) == pytest.approx((expected.low, expected.high))


def test_error_by_group_by_hand() -> None:
    predictions = table(
        sample_id=list("abc"),
        observed=[0.0, 0.0, 0.0],
        predicted=[3.0, 4.0, 1.0],
        group=["x", "x", "y"],
    )
    found = error_by_group(predictions)
    assert found["group"].tolist() == ["x", "y"]
    assert found["rmse"].tolist() == pytest.approx([np.sqrt(12.5), 1.0])
    assert found["bias"].tolist() == [3.5, 1.0]
