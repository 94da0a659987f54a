import numpy as np
import pytest
from numpy.testing import assert_allclose

from cerussite.studies.series import metric_values
from cerussite.studies.terms import TERMS, fold_terms


def pooled_means(trial, metric):
    """Value of a metric pooled over each repeat, by the metrics themselves."""
    values = []
    for positions in trial.good.repeats:
        rows, predicted, _ = trial.good.pooled(positions)
        limits = trial.good.pooled_limits(positions)
        values.append(metric_values(trial.y[rows], predicted, limits)[metric])
    return values


@pytest.mark.parametrize("metric", ["mae", "bias", "r2", "ccc", "coverage"])
def test_terms_of_a_repeat_average_to_its_pooled_metric(trial, metric):
    terms = fold_terms(trial.good, trial.y, metric)
    means = [terms[positions].mean(axis=0) for positions in trial.good.repeats]
    assert_allclose(means, pooled_means(trial, metric), rtol=1e-10)


def test_terms_of_the_logarithm_average_to_the_pooled_rmse(trial):
    terms = fold_terms(trial.good, trial.y, "log_rmse")
    means = [np.exp(terms[p].mean(axis=0)) for p in trial.good.repeats]
    assert_allclose(means, pooled_means(trial, "rmse"), rtol=1e-10)


def test_both_kinds_of_r2_terms_have_the_same_mean(trial):
    ratio = fold_terms(trial.good, trial.y, "r2")
    plain = fold_terms(trial.good, trial.y, "r2_contributions")
    assert_allclose(ratio.mean(axis=0), plain.mean(axis=0), rtol=1e-10)


def test_ratio_terms_agree_with_the_jackknife_over_folds():
    # Leaving one of k folds out moves a ratio by about -(term - mean) / (k - 1).
    rng = np.random.default_rng(0)
    y = rng.normal(0, 1, (4000, 1))
    predicted = y + rng.normal(0, 0.7, y.shape)
    folds = np.repeat(np.arange(20), 200)
    terms = TERMS["r2"](y, predicted, np.ones_like(y), folds)[:, 0]
    errors, scatter = (y - predicted)[:, 0] ** 2, (y - y.mean())[:, 0] ** 2
    left_out = np.array(
        [1 - errors[folds != k].sum() / scatter[folds != k].sum() for k in range(20)]
    )
    pseudo = terms.mean() - 19 * (left_out - terms.mean())
    assert_allclose(terms - terms.mean(), pseudo - terms.mean(), atol=0.005)


def test_the_floor_has_terms_without_spread():
    # The mean of all values misses each fold by exactly its scatter.
    y = np.random.default_rng(0).normal(5, 2, (50, 1))
    folds = np.repeat(np.arange(5), 10)
    terms = TERMS["r2"](y, np.full_like(y, y.mean()), np.ones_like(y), folds)
    assert_allclose(terms, 0.0, atol=1e-12)
