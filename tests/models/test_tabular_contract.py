"""What every calibration on tables must do."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from cerussite.core.errors import InvalidConcentrationError, InvalidStudyError
from cerussite.models.tabular import (
    LogLinearRidge,
    SpatialKriging,
    TableEncoder,
    TabularBoostedTrees,
    TabularConsensus,
    TabularForest,
    TabularGaussianProcess,
    TabularSupportVectors,
)

# Small: the checks of scikit-learn fit hundreds of times, on negative responses.
PLAIN = {"response_transform": "none", "n_folds": 3}
SMALL = [
    LogLinearRidge(**PLAIN),
    TabularSupportVectors(lengths=(0.7,), costs=(10.0,), **PLAIN),
    TabularForest(n_trees=5, **PLAIN),
    TabularForest(n_trees=5, growth="random_splits", is_shared=True, **PLAIN),
    TabularBoostedTrees(rounds=(25, 100), learning_rate=0.2, **PLAIN),
    TabularGaussianProcess(n_steps=5, likelihood_rows=60, **PLAIN),
    SpatialKriging(likelihood_rows=40, **PLAIN),
    TabularConsensus(
        members=(LogLinearRidge(), TabularSupportVectors(lengths=(0.7,))), **PLAIN
    ),
]


@parametrize_with_checks([*SMALL, TableEncoder()])
def test_estimators_on_tables_keep_the_contract_of_scikit_learn(estimator, check):
    check(estimator)


def survey(n_samples=60):
    """Two responses that follow two covariates and a category, with gaps."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "easting": rng.uniform(0.0, 1000.0, n_samples),
            "northing": rng.uniform(0.0, 1000.0, n_samples),
            "Fe": rng.lognormal(9.0, 0.6, n_samples),
            "TOC": rng.uniform(0.1, 4.0, n_samples),
            "stratum": rng.choice(["Port", "Bay", "Marina"], n_samples),
        }
    )
    z = 0.9 * np.log(table["Fe"]) + 0.3 * table["TOC"] + (table["stratum"] == "Port")
    z = z.to_numpy()[:, np.newaxis] * [1.0, 0.5] + [-5.0, 1.0]
    y = np.exp(z + 0.1 * rng.normal(size=z.shape))
    y[:6, 1] = np.nan
    table.loc[5:9, "TOC"] = np.nan
    table.loc[8:10, "stratum"] = None
    return table, y


PLACE = ["easting", "northing"]
#: As users take them, but small; logarithms are learnt.
FAMILIES = [
    LogLinearRidge(),
    TabularSupportVectors(lengths=(0.7,)),
    TabularForest(n_trees=30),
    TabularForest(n_trees=30, growth="random_splits", is_shared=True),
    TabularBoostedTrees(rounds=(50, 100), min_leaf_rows=3),
    TabularGaussianProcess(coordinates=PLACE, n_steps=10),
    SpatialKriging(coordinates=PLACE, drift=["Fe", "TOC", "stratum"]),
    TabularConsensus(members=(LogLinearRidge(), TabularForest(n_trees=10))),
]
each_family = pytest.mark.parametrize(
    "family", FAMILIES, ids=lambda family: repr(family)[:45]
)


def log_r2(observed, predicted):
    known = ~np.isnan(observed)
    errors = np.log(observed[known]) - np.log(predicted[known])
    return 1.0 - np.square(errors).mean() / np.log(observed[known]).var()


@each_family
def test_out_of_fold_predictions_have_skill_and_the_gaps_of_the_responses(family):
    table, y = survey()
    fitted = clone(family).fit(table, y)
    assert_array_equal(np.isnan(fitted.out_of_fold_), np.isnan(y))
    assert log_r2(y[:, 0], fitted.out_of_fold_[:, 0]) > 0.4
    assert fitted.predict(table).shape == y.shape
    assert fitted.predict(table.iloc[[0]]).shape == (1, 2)
    single = clone(family).fit(table, y[:, 0])
    assert single.predict(table).shape == (len(y),)


@each_family
def test_permuted_responses_give_no_skill(family):
    table, y = survey()
    mixed = np.random.default_rng(0).permutation(y[6:])
    fitted = clone(family).fit(table[6:], mixed)
    # Shrinkage leaves the mean; the best of a few settings is luck.
    assert log_r2(mixed[:, 0], fitted.out_of_fold_[:, 0]) < 0.1


@each_family
def test_the_mean_lies_above_the_median_by_one_factor_of_smearing(family):
    table, y = survey()
    mean = clone(family).fit(table, y)
    median = clone(family).set_params(estimate="median").fit(table, y)
    ratio = mean.predict(table) / median.predict(table)
    factor = np.nanmean(np.exp(mean.residuals_), axis=0)
    assert_allclose(ratio, np.broadcast_to(factor, ratio.shape))
    known = ~np.isnan(y)
    residuals = np.log(y) - np.log(median.out_of_fold_)
    assert_allclose(residuals[known], mean.residuals_[known], atol=1e-12)


@each_family
def test_a_calibration_on_a_table_comes_back_whole(family, tmp_path):
    table, y = survey()
    fitted = clone(family).fit(table, y)
    again = type(family).load(fitted.save(tmp_path))
    assert_array_equal(again.predict(table), fitted.predict(table))
    assert_array_equal(again.out_of_fold_, fitted.out_of_fold_)


@each_family
def test_groups_stay_whole_in_inner_folds(family):
    # Each group has a level of its own and covariates that give it away; only
    # a fit that has seen the group knows its level.
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(12), 6)
    table, _ = survey(72)
    for name in ("Fe", "TOC", *PLACE):
        centres = rng.permutation(12) * 500.0 + 100.0
        table[name] = centres[groups] + rng.normal(size=72)
    table["stratum"] = [f"site {group}" for group in groups]
    y = np.exp(rng.normal(size=12)[groups] + 0.1 * rng.normal(size=72))
    split = clone(family).fit(table, y)
    whole = clone(family).fit(table, y, groups=groups)
    known = log_r2(y, split.out_of_fold_[:, 0])
    assert known > 0.5
    assert log_r2(y, whole.out_of_fold_[:, 0]) < known - 0.4


@each_family
def test_a_level_that_was_not_there_is_said_and_predicted(family):
    table, y = survey()
    fitted = clone(family).fit(table, y)
    new = table[20:23].assign(stratum="Estuary")
    with pytest.warns(UserWarning, match=r"'stratum': 1 levels .* \('Estuary'\)"):
        predictions = fitted.predict(new)
    assert np.isfinite(predictions).all()


@each_family
def test_zero_concentrations_have_no_logarithm(family):
    table, y = survey()
    y[20, 0] = 0.0
    with pytest.raises(InvalidConcentrationError, match="1 responses have no logari"):
        clone(family).fit(table, y)


def test_an_unknown_estimate_is_refused():
    table, y = survey()
    with pytest.raises(InvalidStudyError, match="'mode'; expected one of mean, median"):
        LogLinearRidge(estimate="mode").fit(table, y)


def test_columns_in_another_order_are_refused():
    table, y = survey()
    fitted = LogLinearRidge().fit(table, y)
    with pytest.raises(ValueError, match="feature names should match"):
        fitted.predict(table[table.columns[::-1]])


def test_groups_of_another_length_are_refused():
    table, y = survey()
    with pytest.raises(InvalidStudyError, match="59 rows of groups for 60 rows of cov"):
        LogLinearRidge().fit(table, y, groups=np.arange(59))
