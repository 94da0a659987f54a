import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from cerussite.studies.intervals import left_out_pools, limits_of


@pytest.mark.parametrize(("n_repeats", "n_folds"), [(2, 5), (6, 1)])
def test_no_pool_holds_a_prediction_of_the_samples_it_is_for(
    series_of, n_repeats, n_folds
):
    y = np.arange(40.0).reshape(40, 1)
    series = series_of(y, n_repeats=n_repeats, n_folds=max(n_folds, 2))
    if n_folds == 1:
        keep = [at for at, split in enumerate(series.splits) if split.fold == 0]
        series.splits = [series.splits[at] for at in keep]
        series.predicted = [series.predicted[at] for at in keep]
    for split, pool in zip(series.splits, left_out_pools(series, 40), strict=True):
        assert np.isnan(pool[split.test]).all()
        assert np.count_nonzero(~np.isnan(pool)) > 0


def test_pools_of_folds_are_the_predictions_of_the_other_folds(series_of):
    y = np.random.default_rng(0).normal(size=(30, 2))
    series = series_of(y, n_repeats=3, n_folds=3)
    pools = list(left_out_pools(series, 30))
    own, other = series.splits[4], series.splits[5]
    assert own.repeat == other.repeat == 1
    assert_array_equal(pools[4][other.test], series.predicted[5])
    assert np.count_nonzero(~np.isnan(pools[4])) == 2 * (30 - len(own.test))


def test_single_splits_take_the_next_repeat_that_tested_a_sample(series_of):
    y = np.zeros((4, 1))
    series = series_of(y, n_repeats=3, n_folds=2)
    keep = [0, 2, 4]
    series.splits = [series.splits[at] for at in keep]
    series.predicted = [np.full((2, 1), float(10 + at)) for at in range(3)]
    tests = [set(split.test.tolist()) for split in series.splits]
    for own, pool in enumerate(left_out_pools(series, 4)):
        expected = np.full((4, 1), np.nan)
        for step in (2, 1):
            later = (own + step) % 3
            for sample in tests[later] - tests[own]:
                expected[sample] = 10.0 + later
        assert_array_equal(pool, expected)


def test_intervals_of_exchangeable_errors_cover_the_nominal_share(series_of):
    y = np.random.default_rng(0).normal(size=(400, 1))
    series = series_of(y, n_repeats=5, noise=2.0)
    limits = limits_of(series, y, np.arange(400), level=0.9)
    inside = [
        (lower <= y[split.test]) & (y[split.test] <= upper)
        for split, (lower, upper) in zip(series.splits, limits, strict=True)
    ]
    assert np.concatenate(inside).mean() == pytest.approx(0.9, abs=0.03)


def test_too_few_residuals_give_no_interval(series_of):
    y = np.random.default_rng(0).normal(size=(10, 1))
    series = series_of(y, n_folds=5)
    assert np.isnan(limits_of(series, y, np.arange(10), level=0.9)).all()
    assert not np.isnan(limits_of(series, y, np.arange(10), level=0.8)).any()


def test_scans_of_one_specimen_count_once(series_of):
    y = np.random.default_rng(0).normal(size=(20, 1))
    series = series_of(y, n_folds=2)
    specimens = np.repeat(np.arange(4), 5)
    assert np.isnan(limits_of(series, y, specimens, level=0.9)).all()


def test_sites_widen_intervals_where_they_are_enough(series_of):
    rng = np.random.default_rng(0)
    site = np.repeat(np.arange(20), 10)
    y = np.repeat(rng.normal(size=20), 10)[:, np.newaxis]
    series = series_of(y, n_folds=2, noise=0.1)
    series.predicted = [p * 0.0 for p in series.predicted]
    alone = limits_of(series, y, np.arange(200), level=0.8)
    sites = limits_of(series, y, np.arange(200), level=0.8, groups=site)
    wider = [
        np.ptp(b, axis=0) >= np.ptp(a, axis=0)
        for a, b in zip(alone, sites, strict=True)
    ]
    assert np.concatenate(wider).all()
    few = limits_of(series, y, np.arange(200), level=0.8, groups=site // 10)
    assert_allclose(np.concatenate(few, axis=1), np.concatenate(alone, axis=1))
