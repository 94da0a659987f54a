"""Each family on tables against another program, or the formula written out."""

import lightgbm
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.svm import SVR

from cerussite.core.errors import InvalidStudyError
from cerussite.evaluation import inner_folds
from cerussite.explanation import Contrast, Features, linear_shapley
from cerussite.models.tabular import (
    LogLinearRidge,
    TabularBoostedTrees,
    TabularConsensus,
    TabularForest,
    TabularSupportVectors,
)
from cerussite.models.tabular.ridge import ridge_path
from cerussite.models.tabular.support_vectors import thinned, typical_distance

#: The scale as given, nothing added on the way back.
RAW = {"response_transform": "none", "estimate": "median"}


def data(n_samples=80):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_samples, 4))
    y = np.column_stack([X[:, 0] + X[:, 1] ** 2, 3.0 * X[:, 2] + 20.0])
    return X, y + 0.3 * rng.normal(size=y.shape)


def positive():
    X, y = data()
    return X, np.exp(0.5 * y)


def test_ridge_is_that_of_scikit_learn():
    X, y = data()
    slopes, intercepts = ridge_path(X, y, (1e-3, 0.1))
    for k, penalty in enumerate((1e-3, 0.1)):
        other = Ridge(alpha=80 * penalty).fit(X, y)
        assert_allclose(slopes[k], other.coef_.T)
        assert_allclose(intercepts[k], other.intercept_)


def test_columns_that_say_the_same_share_a_slope():
    X, y = data()
    slopes, _ = ridge_path(np.column_stack([X, X[:, 0]]), y, (1e-12,))
    assert_allclose(slopes[0, 0], slopes[0, 4])
    assert_allclose(slopes[0, 0] + slopes[0, 4], ridge_path(X, y, (1e-12,))[0][0, 0])


def test_a_product_of_powers_is_solved_to_the_last_digit():
    # An index that is a mean of logarithms of its metals is arithmetic, not skill.
    metals = np.exp(np.random.default_rng(0).normal(size=(60, 3)))
    index = np.cbrt((metals / [20.0, 60.0, 0.1]).prod(axis=1))
    ridge = LogLinearRidge(logs="none", penalties=(1e-10,))
    fitted = ridge.fit(np.log(metals[:40]), index[:40])
    assert_allclose(fitted.predict(np.log(metals[40:])), index[40:], rtol=1e-6)


@pytest.mark.parametrize("estimate", ["mean", "median"])
@pytest.mark.parametrize("scale", ["none", "log"])
def test_the_linear_map_of_ridge_predicts_what_it_does(estimate, scale):
    X, y = positive()
    ridge = LogLinearRidge(response_transform=scale, estimate=estimate).fit(X, y)
    encoded = ridge.encoder_.transform(X)
    assert_allclose(ridge.linear_map().predict(encoded), ridge.predict(X))


def test_ridge_is_explained_on_encoded_covariates():
    X, y = positive()
    table = pd.DataFrame(X, columns=list("abcd")).assign(use=["x", "y"] * 40)
    ridge = LogLinearRidge().fit(table, y)
    encoder = ridge.encoder_
    encoded = pd.DataFrame(encoder.transform(table), columns=encoder.names_)
    features = Features.covariates(encoder.names_, groups={"use": ["use=x", "use=y"]})
    contrast = Contrast(encoded, encoded, features=features, responses=("Pb", "Zn"))
    found = linear_shapley(ridge, contrast)
    assert found.features.names == ("use", "a", "b", "c", "d")
    assert_allclose(found.prediction[0], ridge.predict(table))
    assert_allclose(found.residual, 0.0, atol=1e-10)


def test_support_vectors_are_those_of_scikit_learn():
    X, y = data()
    family = TabularSupportVectors(lengths=(0.7,), costs=(10.0,), logs="none", **RAW)
    fitted = family.fit(X[:60], y[:60])
    encoded = fitted.encoder_.transform(X)
    gamma = 0.5 / (0.7 * typical_distance(encoded[:60])) ** 2
    mean, deviation = y[:60].mean(axis=0), y[:60].std(axis=0)
    for k in range(2):
        other = SVR(C=10.0, gamma=gamma)
        other.fit(encoded[:60], (y[:60, k] - mean[k]) / deviation[k])
        expected = mean[k] + deviation[k] * other.predict(encoded[60:])
        # The solver stops at a tolerance of 1e-3.
        assert_allclose(fitted.predict(X[60:])[:, k], expected, atol=2e-3)


def test_settings_may_be_chosen_on_fewer_rows():
    X, y = data(200)
    family = TabularSupportVectors(lengths=(0.7, 30.0), costs=(1.0,), **RAW)
    few = family.set_params(tuning_rows=60).fit(X, y[:, 0])
    assert few.settings_ == [0]
    errors = few.out_of_fold_[:, 0] - y[:, 0]
    assert np.square(errors).mean() < 0.4 * y[:, 0].var()


def test_thinned_folds_keep_each_row_on_its_side():
    folds = inner_folds(np.arange(100), n_folds=4, random_state=0)
    few = thinned(folds, 40, random_state=0)
    for (fitted, tuning), (some_fitted, some_tuning) in zip(folds, few, strict=True):
        assert set(some_fitted) <= set(fitted)
        assert set(some_tuning) <= set(tuning)
        assert some_fitted.size + some_tuning.size == 40


@pytest.mark.parametrize(
    ("growth", "kind"),
    [("bootstrap", RandomForestRegressor), ("random_splits", ExtraTreesRegressor)],
)
def test_forests_are_those_of_scikit_learn(growth, kind):
    X, y = data()
    options = {"max_features": 0.5, "random_state": 3}
    forest = TabularForest(n_trees=20, growth=growth, **options, **RAW).fit(X, y)
    for k in range(2):
        # Column by column as in the forest: splits that tie follow the last digit.
        column = y[:, [k]]
        scaled = (column - column.mean(axis=0)) / column.std(axis=0)
        other = kind(20, min_samples_leaf=2, **options).fit(X, scaled[:, 0])
        expected = other.predict(X) * column.std() + column.mean()
        assert_allclose(forest.predict(X)[:, k], expected)


def test_a_shared_forest_is_that_of_scikit_learn():
    X, y = data()
    forest = TabularForest(n_trees=20, is_shared=True, **RAW).fit(X, y)
    scaled = (y - y.mean(axis=0)) / y.std(axis=0)
    other = RandomForestRegressor(
        20, max_features=0.33, min_samples_leaf=2, random_state=0
    )
    expected = other.fit(X, scaled).predict(X) * y.std(axis=0) + y.mean(axis=0)
    assert_allclose(forest.predict(X), expected)
    assert len(forest.forests_) == 1


@pytest.mark.parametrize("is_shared", [False, True])
@pytest.mark.parametrize("estimate", ["mean", "median"])
def test_the_trees_of_a_forest_predict_its_logarithm(is_shared, estimate):
    X, y = positive()
    forest = TabularForest(n_trees=10, is_shared=is_shared, estimate=estimate)
    found = forest.fit(X, y).tree_map()
    assert found.scale == "log"
    for term in found.terms:
        predicted = term.trees.predict(term.prepare(forest.encoder_.transform(X)))
        expected = np.log(forest.predict(X)[:, [term.response]])
        assert_allclose(predicted, expected)


def test_an_unknown_growth_is_refused():
    X, y = data()
    with pytest.raises(InvalidStudyError, match="'oblique'; expected one of bootstrap"):
        TabularForest(growth="oblique", **RAW).fit(X, y)


def test_boosted_trees_are_those_of_lightgbm_with_gaps_and_categories():
    X, y = data()
    table = pd.DataFrame(X, columns=list("abcd"))
    table.loc[:10, "a"] = np.nan
    table["use"] = np.repeat(["moor", "wood", "field", None], 20)
    y = y[:, 1] + 5.0 * (table["use"] == "wood")
    fitted = TabularBoostedTrees(rounds=(60,), **RAW).fit(table, y)
    numbers = table.assign(use=table["use"].map({"field": 0, "moor": 1, "wood": 2}))
    options = {
        "learning_rate": 0.04,
        "num_leaves": 15,
        "min_data_in_leaf": 8,
        "feature_fraction": 0.5,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "lambda_l2": 1.0,
        "seed": 0,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
    }
    rows = lightgbm.Dataset(
        numbers.to_numpy(dtype=float), label=y, categorical_feature=[4]
    )
    other = lightgbm.train(options, rows, num_boost_round=60)
    expected = other.predict(numbers.to_numpy(dtype=float))
    assert_allclose(fitted.predict(table), expected)


def test_the_number_of_rounds_is_that_of_the_least_error():
    X, y = data()
    trees = TabularBoostedTrees(rounds=(1, 80), learning_rate=0.1, **RAW).fit(X, y)
    assert trees.settings_ == [1, 1]
    noise = np.random.default_rng(1).normal(size=80)
    overfitted = TabularBoostedTrees(rounds=(1, 400), learning_rate=0.3, **RAW)
    assert overfitted.fit(X, noise).settings_ == [0]


def test_the_trees_of_boosting_predict_its_logarithm():
    X, y = positive()
    trees = TabularBoostedTrees(rounds=(20,)).fit(X, y)
    for term in trees.tree_map().terms:
        expected = np.log(trees.predict(X)[:, [term.response]])
        assert_allclose(term.trees.predict(X), expected)


def test_trees_that_split_gaps_are_not_explained():
    X, y = positive()
    X[3, 0] = np.nan
    trees = TabularBoostedTrees(rounds=(20,)).fit(X, y)
    with pytest.raises(InvalidStudyError, match="split categories or gaps; expected"):
        trees.tree_map()


def test_powers_of_yeo_and_johnson_are_not_explained():
    X, y = data()
    ridge = LogLinearRidge(response_transform="yeo_johnson").fit(X, y)
    with pytest.raises(InvalidStudyError, match="'yeo_johnson' leaves neither a sum"):
        ridge.linear_map()


def test_a_consensus_averages_logarithms():
    X, y = positive()
    members = (LogLinearRidge(), TabularForest(n_trees=10))
    both = TabularConsensus(members=members, estimate="median").fit(X, y)
    alone = [m.set_params(estimate="median").fit(X, y).predict(X) for m in members]
    assert_allclose(both.predict(X), np.sqrt(alone[0] * alone[1]))


def test_members_of_a_consensus_keep_their_options_and_stay_unfitted():
    X, y = positive()
    member = TabularForest(n_trees=7)
    both = TabularConsensus(members=(member, LogLinearRidge())).fit(X, y)
    assert both.members_[0].n_trees == 7
    assert not hasattr(member, "encoder_")


def test_rows_without_a_response_do_not_count_for_it():
    X, y = data()
    y[:30, 1] = np.nan
    # Encoding looks at all rows; scales are therefore switched off by whole columns.
    forest = TabularForest(n_trees=10, **RAW)
    both = forest.fit(X, y).predict(X)[:, 1]
    assert_array_equal(both, forest.fit(X[30:], y[30:, 1]).predict(X))
