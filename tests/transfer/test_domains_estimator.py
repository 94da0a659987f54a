"""Networks on covariates, from scratch and on a pre-trained trunk."""

import os
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import KFold
from sklearn.utils.estimator_checks import parametrize_with_checks

from cerussite.core.errors import InvalidStudyError, UnreadableFileError
from cerussite.transfer.domains import (
    AdapterConfiguration,
    DomainRegressor,
    PretrainedTrunk,
    SourceTask,
    TrunkConfiguration,
    pretrain_trunk,
)
from cerussite.transfer.domains.training import DomainTraining

NARROW = TrunkConfiguration(width=16, n_blocks=1, dropout=0.0)


def quick(trunk=NARROW, **keywords):
    defaults = {"n_members": 2, "epochs": 5, "device": "cpu", "random_state": 0}
    return DomainRegressor(trunk, **{**defaults, **keywords})


def simulate(n=200, seed=0):
    """A curve, a product, a category, and two covariates that do not matter."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.normal(size=(n, 5)), columns=list("abcde"))
    table["stratum"] = rng.choice(["Bay", "Marina", "Port"], size=n)
    level = table["stratum"].map({"Bay": -1.0, "Marina": 0.0, "Port": 1.0})
    y = np.sin(2 * table["a"]) + table["b"] * table["c"] + level
    return table, y.to_numpy() + 0.1 * rng.normal(size=n)


def r2(y, prediction):
    residual = np.nansum((y - prediction) ** 2, axis=0)
    return 1 - residual / np.nansum((y - np.nanmean(y, axis=0)) ** 2, axis=0)


@parametrize_with_checks(
    [quick(n_members=1, epochs=30, learning_rate=2e-2, tuning_fraction=0.0)]
)
def test_the_estimator_keeps_the_contract_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.parametrize("embedding", ["none", "periodic", "piecewise"])
def test_curves_products_and_categories_are_found(embedding):
    table, y = simulate(450)
    model = DomainRegressor(
        adapter=AdapterConfiguration(embedding=embedding),
        categorical=("stratum",),
        n_members=3,
        epochs=60,
        learning_rate=6e-3,
        device="cpu",
        random_state=0,
    )
    model.fit(table[:350], y[:350])
    assert r2(y[350:], model.predict(table[350:])) > 0.7


def test_shuffled_responses_cannot_be_predicted():
    table, y = simulate(200)
    y = np.random.default_rng(1).permutation(y)
    model = quick(epochs=20, categorical=("stratum",)).fit(table[:100], y[:100])
    assert r2(y[100:], model.predict(table[100:])) < 0.1


def test_responses_with_missing_values_are_learnt_together():
    table, y = simulate(300)
    both = np.column_stack([y, 100 - 50 * y])
    both[::3, 1] = np.nan
    both[1::3, 0] = np.nan
    model = quick(epochs=60, categorical=("stratum",), learning_rate=1e-2)
    prediction = model.fit(table, both).predict(table)
    assert prediction.shape == (300, 2)
    assert (r2(both, prediction) > 0.6).all()


def test_covariates_may_be_missing():
    table, y = simulate(200)
    holes = np.random.default_rng(2).random((200, 5)) < 0.2
    table[list("abcde")] = table[list("abcde")].mask(holes)
    table.loc[::7, "stratum"] = None
    table["never"] = np.nan
    model = quick(categorical=("stratum",)).fit(table, y)
    table["never"] = 5.0
    assert np.isfinite(model.predict(table)).all()


@pytest.mark.parametrize("embedding", ["none", "periodic", "piecewise"])
def test_missingness_can_be_hidden(embedding):
    # Where the value of a covariate says nothing, only its absence can.
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    is_missing = rng.random(200) < 0.5
    X[is_missing, 0] = np.nan
    y = is_missing + 0.01 * rng.normal(size=200)
    scores = []
    for is_visible in (True, False):
        adapter = AdapterConfiguration(
            embedding=embedding, is_missing_visible=is_visible
        )
        model = quick(adapter=adapter, epochs=30, learning_rate=1e-2)
        model.fit(X[:150], y[:150])
        other = X[150:].copy()
        other[:, 0] = np.where(np.isnan(other[:, 0]), 0.0, other[:, 0])
        scores.append(r2(y[150:], model.predict(X[150:])))
        if not is_visible:
            middle = float(np.nanmedian(X[:150, 0]))
            filled = np.where(np.isnan(X[150:]), middle, X[150:])
            assert_allclose(model.predict(X[150:]), model.predict(filled), atol=1e-5)
    assert scores[0] > 0.9


@pytest.mark.parametrize("response_transform", ["none", "log"])
def test_responses_keep_their_unit(response_transform):
    table, y = simulate(150)
    y = np.exp(0.3 * y)
    model = quick(
        categorical=("stratum",), epochs=40, response_transform=response_transform
    )
    one = model.fit(table, y).predict(table)
    other = clone(model).fit(table, 1000 * y).predict(table)
    assert_allclose(1000 * one, other, rtol=2e-2)
    # Predictions are means, not medians, of the responses.
    assert_allclose(one.mean(), y.mean(), rtol=0.05)


def test_members_begin_the_same_in_an_ensemble_of_any_size():
    one, three = (PretrainedTrunk.untrained(NARROW, n_members=n) for n in (1, 3))
    for name, tensor in one.members[0].items():
        assert torch.equal(tensor, three.members[0][name])
    assert not torch.equal(
        three.members[0]["0.first.weight"], three.members[1]["0.first.weight"]
    )


def test_one_member_learns_the_same_beside_others():
    # Steps are shared, batches and gradients are not: a trunk of equal members,
    # without dropout, on the same single batch.
    X = np.random.default_rng(0).normal(size=(30, 3))
    start = PretrainedTrunk.untrained(NARROW, n_members=1)
    options = {"tuning_fraction": 0.0, "frozen_share": 0.0, "trunk_rate": 1.0}
    one = quick(start, n_members=1, **options).fit(X, X[:, 0] ** 2)
    three = quick(start, n_members=3, **options).fit(X, X[:, 0] ** 2)
    for name, tensor in one.members_[0].items():
        assert_allclose(three.members_[0][name].numpy(), tensor.numpy(), atol=2e-5)


def test_the_same_seed_gives_the_same_network():
    table, y = simulate(80)
    one = quick(categorical=("stratum",)).fit(table, y).predict(table)
    other = quick(categorical=("stratum",)).fit(table, y).predict(table)
    assert_array_equal(one, other)
    third = quick(categorical=("stratum",), random_state=1).fit(table, y).predict(table)
    assert not np.allclose(one, third)


def test_out_of_fold_predictions_are_honest():
    # Pure noise: a network may learn it by heart, but not where it was left out.
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 8)), rng.normal(size=60)
    model = quick(n_members=5, epochs=60, learning_rate=2e-2).fit(X, y)
    assert model.out_of_fold_.shape == (60, 1)
    assert np.isfinite(model.out_of_fold_).all()
    assert r2(y, model.out_of_fold_[:, 0]) < 0.15


def test_groups_stay_together_in_tuning_sets():
    # Ten stations: their offsets are no covariate, but twins give them away.
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(10), 12)
    X = np.column_stack([rng.normal(size=10)[labels], rng.normal(size=(120, 2))])
    y = rng.normal(size=10)[labels]
    options = {"n_members": 5, "epochs": 80, "learning_rate": 2e-2}
    split = quick(**options).fit(X, y)
    whole = quick(**options).fit(X, y, groups=labels)
    assert r2(y, split.out_of_fold_[:, 0]) > 0.4
    assert r2(y, whole.out_of_fold_[:, 0]) < 0.1


def trunk_of(n_members=2, **keywords):
    table, y = simulate(200, seed=5)
    task = SourceTask("made up", table, y, categorical=("stratum",), **keywords)
    return pretrain_trunk(
        [task, SourceTask.unrelated(n_samples=60, random_state=0)],
        configuration=NARROW,
        training=DomainTraining(epochs=5),
        n_members=n_members,
        device="cpu",
        random_state=0,
    )


def same_trunk(model, trunk):
    return [
        all(
            torch.equal(weights[f"trunk.{name}"], tensor)
            for name, tensor in trunk.members[i % len(trunk.members)].items()
        )
        for i, weights in enumerate(model.members_)
    ]


@pytest.mark.parametrize(
    ("frozen_share", "trunk_rate", "is_kept"),
    [(1.0, 0.1, True), (0.0, 0.0, True), (0.5, 0.1, False)],
)
def test_the_schedule_freezes_the_trunk(frozen_share, trunk_rate, is_kept):
    X = np.random.default_rng(0).normal(size=(60, 3))
    trunk = trunk_of()
    model = quick(
        trunk,
        n_members=3,
        frozen_share=frozen_share,
        trunk_rate=trunk_rate,
        tuning_fraction=0.0,
    )
    model.fit(X, X[:, 0])
    assert same_trunk(model, trunk) == [is_kept] * 3


def test_a_lower_rate_moves_the_trunk_less():
    X = np.random.default_rng(0).normal(size=(60, 3))
    trunk = trunk_of()
    moved = []
    for rate in (0.01, 1.0):
        model = quick(trunk, frozen_share=0.0, trunk_rate=rate, tuning_fraction=0.0)
        weights = model.fit(X, X[:, 0]).members_[0]
        moved.append(
            sum(
                float((weights[f"trunk.{name}"] - tensor).abs().sum())
                for name, tensor in trunk.members[0].items()
            )
        )
    assert moved[0] < 0.1 * moved[1]


def test_pre_training_says_whether_the_source_was_learnable():
    table, y = simulate(300, seed=5)
    task = SourceTask("made up", table, y, categorical=("stratum",))
    training = DomainTraining(epochs=40, learning_rate=1e-2)
    scores = {}
    for one in (task, task.shuffled(random_state=0)):
        trunk = pretrain_trunk(
            [one],
            configuration=NARROW,
            training=training,
            n_members=2,
            device="cpu",
            random_state=0,
        )
        scores.update(trunk.sources)
    assert scores["made up"] > 0.5
    assert scores["made up, shuffled"] < 0.15


def test_a_shuffled_task_keeps_its_distributions():
    table, y = simulate(50)
    task = SourceTask("made up", table, y)
    shuffled = task.shuffled(random_state=0)
    assert shuffled.X is task.X
    assert_array_equal(np.sort(shuffled.y), np.sort(y))
    assert not np.array_equal(shuffled.y, y)


def test_the_trunk_of_a_related_source_helps_where_samples_are_few():
    # Source and target: one hidden cause in different covariates, different units.
    rng = np.random.default_rng(3)

    def domain(n, mixing, scale):
        hidden = rng.normal(size=(n, 2))
        X = hidden @ mixing + 0.01 * rng.normal(size=(n, mixing.shape[1]))
        return X, scale * np.tanh(2 * hidden[:, 0] * hidden[:, 1])

    mixing = [rng.normal(size=(2, d)) for d in (6, 4)]
    X_source, y_source = domain(1000, mixing[0], 1.0)
    X, y = domain(560, mixing[1], 50.0)
    trunk = pretrain_trunk(
        [SourceTask("related", X_source, y_source)],
        training=DomainTraining(epochs=40, batch_size=128),
        n_members=3,
        device="cpu",
        random_state=0,
    )
    options = {"n_members": 3, "epochs": 60, "device": "cpu", "random_state": 0}
    scores = [
        r2(
            y[60:],
            DomainRegressor(start, **options).fit(X[:60], y[:60]).predict(X[60:]),
        )
        for start in (trunk, PretrainedTrunk.untrained(n_members=3))
    ]
    assert trunk.sources["related"] > 0.8
    assert scores[0] > scores[1]


def test_a_trunk_survives_clone_and_disk(tmp_path):
    trunk = trunk_of()
    model = quick(trunk)
    assert clone(model).trunk is trunk
    again = PretrainedTrunk.load(trunk.save(tmp_path))
    assert again.configuration == trunk.configuration
    assert again.sources == trunk.sources
    assert list(again.sources) == ["made up", "unrelated"]
    for one, other in zip(trunk.members, again.members, strict=True):
        assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("embedding", ["none", "periodic", "piecewise"])
@pytest.mark.parametrize("is_pretrained", [True, False])
def test_a_saved_estimator_predicts_the_same(tmp_path, is_pretrained, embedding):
    table, y = simulate(60)
    table.loc[::5, "a"] = np.nan
    model = quick(
        trunk_of() if is_pretrained else NARROW,
        categorical=("stratum",),
        adapter=AdapterConfiguration(embedding=embedding),
        response_transform="log",
    )
    model.fit(table, np.exp(y))
    again = DomainRegressor.load(model.save(tmp_path))
    assert_array_equal(again.predict(table), model.predict(table))
    assert_array_equal(again.out_of_fold_, model.out_of_fold_)
    assert again.history_ == model.history_
    assert again.get_params(deep=False).keys() == model.get_params(deep=False).keys()
    assert not [path for path in Path(tmp_path).rglob("*") if path.suffix == ".pkl"]
    with pytest.raises(ValueError, match="feature names should match"):
        again.predict(table.rename(columns={"a": "z"}))


def test_foreign_folders_are_refused(tmp_path):
    with pytest.raises(UnreadableFileError, match="no such file"):
        DomainRegressor.load(tmp_path)
    with pytest.raises(UnreadableFileError, match="no such file"):
        PretrainedTrunk.load(tmp_path)
    X = np.random.default_rng(0).normal(size=(20, 2))
    quick().fit(X, X[:, 0]).save(tmp_path)
    path = tmp_path / "estimator.json"
    path.write_text(path.read_text().replace("DomainRegressor", "Other"))
    with pytest.raises(
        UnreadableFileError, match="does not describe a DomainRegressor"
    ):
        DomainRegressor.load(tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_members": 0}, "n_members: 0"),
        ({"epochs": 0}, "epochs: 0"),
        ({"tuning_fraction": 0.9}, "tuning_fraction: 0.9"),
        ({"categorical": ("a",)}, "no column 'a'"),
    ],
)
def test_impossible_options_are_refused(options, message):
    X = np.ones((10, 2))
    with pytest.raises(InvalidStudyError, match=message):
        quick(**options).fit(X, np.arange(10.0))


def test_impossible_sources_are_refused():
    with pytest.raises(InvalidStudyError, match="0 tasks"):
        pretrain_trunk([])
    with pytest.raises(InvalidStudyError, match="short: 2 responses for 3 samples"):
        pretrain_trunk([SourceTask("short", np.ones((3, 1)), np.ones(2))])
    with pytest.raises(InvalidStudyError, match="the five that matter"):
        SourceTask.unrelated(n_samples=5, n_features=4, random_state=0)


@pytest.mark.slow
def test_a_table_of_the_size_of_a_survey_takes_seconds():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(704, 10))
    start = time.process_time()
    DomainRegressor(device="cpu", random_state=0).fit(X, X[:, 0] * X[:, 1])
    # About 2 s on one core; the bound leaves room for slow machines.
    assert time.process_time() - start < 10


def data_folder(name):
    root = os.environ.get("CERUSSITE_DATA")
    if not root:
        pytest.skip("set CERUSSITE_DATA to the folder of the data sets")
    return Path(root) / "geochem" / name


@pytest.mark.slow
def test_fine_dust_of_countries_is_learnable():
    path = data_folder("worldbank_pm25_2016") / "wb_country_2016_wide.csv"
    table = pd.read_csv(path).dropna(subset="EN.ATM.PM25.MC.M3")
    y = table.pop("EN.ATM.PM25.MC.M3").to_numpy()
    X = table.drop(columns="Country Code")
    prediction = np.empty(len(y))
    for fitted, left in KFold(5, shuffle=True, random_state=0).split(X):
        model = DomainRegressor(device="cpu", random_state=0)
        prediction[left] = model.fit(X.iloc[fitted], y[fitted]).predict(X.iloc[left])
    # A random forest with missing values at the median reaches 0.39 on these folds.
    assert r2(y, prediction) > 0.45


@pytest.mark.slow
def test_fine_dust_of_beijing_is_learnable():
    path = data_folder("uci_beijing_multisite") / "prsa_multisite_daily.csv.gz"
    table = pd.read_csv(path).dropna(subset="PM2.5")
    y = table.pop("PM2.5").to_numpy()
    # PM10 contains PM2.5.
    X = table.drop(columns=["date", "PM10"])
    is_left = np.isin(X["station"], ["Gucheng", "Huairou", "Wanliu"])
    model = DomainRegressor(
        categorical=("station",),
        n_members=2,
        epochs=12,
        batch_size=256,
        device="cpu",
        random_state=0,
    )
    model.fit(X[~is_left], y[~is_left], groups=X["station"][~is_left])
    assert r2(y[is_left], model.predict(X[is_left])) > 0.8
