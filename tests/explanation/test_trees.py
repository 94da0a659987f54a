import lightgbm
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeRegressor

from cerussite.core.errors import InvalidStudyError
from cerussite.explanation import (
    Contrast,
    Features,
    Trees,
    dependence,
    tree_shapley,
)
from cerussite.explanation import tree_paths as module


def table(n=60, n_columns=5, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.normal(size=(n, n_columns)), columns=list("abcde"))


def target(X):
    return (X["a"] * (X["b"] > 0) + np.abs(X["c"])).to_numpy()


def expected_by_recursion(tree, x, known, visits, node=0):
    """What path-dependent TreeSHAP calls the prediction of a set of features."""
    left, right = tree.left[node], tree.right[node]
    if left == node:
        return tree.leaf_values[node, 0]
    if tree.features[node] in known:
        is_left = np.float32(x[tree.features[node]]) <= tree.thresholds[node]
        return expected_by_recursion(tree, x, known, visits, left if is_left else right)
    parts = [
        visits[child]
        / visits[node]
        * expected_by_recursion(tree, x, known, visits, child)
        for child in (left, right)
    ]
    return sum(parts)


def test_a_tree_has_the_shapley_values_of_all_32_sets(brute_force):
    X = table()
    model = DecisionTreeRegressor(max_depth=6).fit(X.to_numpy(), target(X))
    found = tree_shapley(model, Contrast(X.iloc[:3], X, ["Pb"]))
    trees = Trees.of(model)
    visits = trees.visits(X.to_numpy())
    for row in range(3):
        x = X.to_numpy()[row]
        expected = brute_force(
            lambda known, x=x: expected_by_recursion(trees, x, known, visits), 5
        )
        assert_allclose(found.contributions[0, row, :, 0], expected, atol=1e-12)


def test_boosted_trees_agree_with_lightgbm_where_shares_are_those_of_its_training():
    # LightGBM 4.7 `pred_contrib`: path-dependent TreeSHAP, shares from training rows.
    X = table(200)
    data = lightgbm.Dataset(X.to_numpy(), label=target(X))
    options = {"num_leaves": 12, "min_data_in_leaf": 3, "verbosity": -1}
    booster = lightgbm.train(options, data, num_boost_round=30)
    found = tree_shapley(booster, Contrast(X, X, ["Pb"]))
    expected = booster.predict(X.to_numpy(), pred_contrib=True)
    assert_allclose(found.contributions[0, :, :, 0], expected[:, :-1], atol=1e-9)
    assert_allclose(found.baseline[0], expected[0, -1], atol=1e-9)


def test_forests_of_lightgbm_are_averaged_and_links_refused():
    X = table(200)
    data = lightgbm.Dataset(X.to_numpy(), label=np.abs(target(X)))
    options = {"boosting": "rf", "bagging_fraction": 0.5, "bagging_freq": 1}
    forest = lightgbm.train({"verbosity": -1, **options}, data, num_boost_round=5)
    found = tree_shapley(forest, Contrast(X, X, ["Pb"]))
    assert_allclose(found.prediction[0, :, 0], forest.predict(X.to_numpy()))
    counts = lightgbm.train({"verbosity": -1, "objective": "poisson"}, data, 2)
    with pytest.raises(InvalidStudyError, match="'poisson', whose predictions"):
        tree_shapley(counts, Contrast(X, X, ["Pb"]))


@pytest.mark.parametrize("n_responses", [1, 2])
def test_forests_of_several_responses_add_up_to_their_predictions(n_responses):
    X = table()
    y = np.column_stack([target(X), -X["a"]])[:, :n_responses]
    for forest in (RandomForestRegressor, ExtraTreesRegressor):
        model = forest(20, random_state=0).fit(X.to_numpy(), y.squeeze())
        names = ["Pb", "Zn"][:n_responses]
        found = tree_shapley(model, Contrast(X, X.iloc[:7], names))
        predicted = model.predict(X.to_numpy()).reshape(-1, n_responses)
        assert_allclose(found.prediction[0], predicted, atol=1e-12)
        baseline = model.predict(X.iloc[:7].to_numpy()).reshape(7, -1).mean(axis=0)
        assert_allclose(found.baseline[0], baseline, atol=1e-12)
        assert np.abs(found.residual).max() < 1e-10


def test_small_blocks_give_what_one_block_gives(monkeypatch):
    X = table()
    model = RandomForestRegressor(5, random_state=0).fit(X.to_numpy(), target(X))
    whole = tree_shapley(model, Contrast(X, X, ["Pb"]))
    monkeypatch.setattr(module, "_BLOCK", 500)
    parts = tree_shapley(model, Contrast(X, X, ["Pb"]))
    assert_allclose(parts.contributions, whole.contributions, atol=1e-12)


def test_covariates_in_a_group_share_their_sum():
    X = table()
    model = RandomForestRegressor(5, random_state=0).fit(X.to_numpy(), target(X))
    single = tree_shapley(model, Contrast(X, X, ["Pb"]))
    groups = Features.covariates(list(X.columns), groups={"both": ["a", "b"]})
    grouped = tree_shapley(model, Contrast(X, X, ["Pb"], groups))
    assert grouped.features.names == ("both", "c", "d", "e")
    assert_allclose(
        grouped.contributions[0, :, 0], single.contributions[0, :, :2].sum(axis=1)
    )


def test_a_covariate_that_no_tree_compares_gets_nothing():
    X = table()
    model = DecisionTreeRegressor(max_depth=1).fit(X[["a"]].to_numpy(), target(X))
    model.n_features_in_ = 5
    found = tree_shapley(model, Contrast(X, X, ["Pb"]))
    assert np.abs(found.contributions[0, :, 1:]).max() == 0.0


def test_dependence_follows_the_covariate_and_refuses_one_inside_a_group():
    X = table()
    model = RandomForestRegressor(20, random_state=0).fit(X.to_numpy(), 2 * X["a"])
    contrast = Contrast(X, X, ["Pb"])
    curve = dependence(tree_shapley(model, contrast), contrast, "a")
    assert curve["value"].is_monotonic_increasing
    assert np.corrcoef(curve["value"], curve["contribution"])[0, 1] > 0.97
    groups = Features.covariates(list(X.columns), groups={"both": ["a", "b"]})
    contrast = Contrast(X, X, ["Pb"], groups)
    with pytest.raises(InvalidStudyError, match="explained within a group"):
        dependence(tree_shapley(model, contrast), contrast, "a")
    with pytest.raises(InvalidStudyError, match="no covariate 'z'"):
        dependence(tree_shapley(model, contrast), contrast, "z")


def test_models_whose_trees_are_not_understood_are_refused():
    X = table()
    model = GradientBoostingRegressor(n_estimators=2).fit(X.to_numpy(), target(X))
    with pytest.raises(InvalidStudyError, match="GradientBoostingRegressor holds no"):
        tree_shapley(model, Contrast(X, X, ["Pb"]))
    data = lightgbm.Dataset(
        np.repeat(np.arange(4.0), 20)[:, np.newaxis],
        label=np.repeat([0.0, 5.0, 1.0, 7.0], 20),
        categorical_feature=[0],
    )
    options = {"verbosity": -1, "min_data_in_leaf": 1, "min_data_per_group": 1}
    booster = lightgbm.train(options, data, num_boost_round=2)
    one = pd.DataFrame({"a": [1.0]})
    with pytest.raises(InvalidStudyError, match="numeric covariates only"):
        tree_shapley(booster, Contrast(one, one, ["Pb"]))
