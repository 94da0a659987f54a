import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from sklearn.base import clone

from cerussite.core.errors import InvalidStudyError
from cerussite.models.resnet import (
    PAPER,
    PretrainedNetwork,
    ResNetConfiguration,
    ResNetRegressor,
)
from cerussite.transfer import POLICIES, TransferRegressor

SMALL = ResNetConfiguration(
    pooling=2, width=8, last_width=8, dense=(8,), output="linear"
)
FROZEN_BY_PAPER = {"stem", "blocks", "last"}
TRAINED = {"stem", "blocks", "last", "dense", "output"}


def simulate(n_samples, n_responses=2, seed=0):
    rng = np.random.default_rng(seed)
    depths = rng.normal(size=(n_samples, 2))
    bands = np.exp(-(((np.arange(60) - np.array([[15], [40]])) / 4) ** 2) / 2)
    X = 1 + 0.1 * depths @ bands + 0.003 * rng.normal(size=(n_samples, 60))
    return X, depths[:, :n_responses] + 5


@pytest.fixture(scope="module")
def source():
    X, y = simulate(200)
    y[::2, 1] = np.nan
    model = ResNetRegressor(SMALL, n_members=2, epochs=20, random_state=0, device="cpu")
    return model.fit(X, y).pretrained(responses=["clay", "pH"])


def quick(source, **keywords):
    defaults = {"epochs": 2, "random_state": 0, "device": "cpu"}
    return TransferRegressor(source, **{**defaults, **keywords})


def changed_stages(model, source):
    before, after = source.members[0], model.network_.members[0]
    return {
        name.split(".")[0]
        for name, value in after.items()
        if value.shape != before[name].shape or not torch.equal(value, before[name])
    }


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("paper", {"dense", "output"}),
        ("all", TRAINED),
        ("gradual", TRAINED),
        ("discriminative", TRAINED),
    ],
)
def test_a_policy_changes_its_stages_and_no_others(source, policy, expected):
    X, y = simulate(30, seed=1)
    model = quick(source, policy=policy, epochs=5, is_restandardised=False).fit(X, y)
    assert changed_stages(model, source) == expected


# He et al. (2025), Sensors 25(13), 4209: the convolutional and residual layers are
# frozen, the dense layers trained; sizes by arithmetic in the test of the layers.
def test_the_paper_policy_freezes_32672_and_trains_26821_parameters():
    source = PretrainedNetwork.untrained(PAPER, 2100)
    X = np.random.default_rng(0).normal(size=(8, 2100))
    model = quick(source, epochs=1)
    model.fit(X, np.arange(8.0) + 1)
    before, after = source.members[0], model.network_.members[0]
    frozen = [n for n in before if n.split(".")[0] in FROZEN_BY_PAPER]
    assert sum(before[name].numel() for name in frozen) == 32_672
    assert all(torch.equal(before[name], after[name]) for name in frozen)
    dense = [n for n in before if n.split(".")[0] in {"dense", "output"}]
    assert sum(after[name].numel() for name in dense) == 26_821
    assert not any(torch.equal(before[name], after[name]) for name in dense)


def start_of(model, X, y):
    """Weights before the first step."""
    from cerussite.models.resnet.scaling import ResponseScaling  # noqa: PLC0415

    scaling = ResponseScaling.learn(y, transform="none", is_positive=False)
    return model._start(0, X, scaling, 3).state_dict()


@pytest.mark.parametrize(
    ("head", "n_responses", "replaced"),
    [
        ("source", 2, set()),
        ("source", 1, {"output"}),
        ("new", 2, {"dense", "output"}),
        ("new", 1, {"dense", "output"}),
    ],
)
def test_the_head_says_which_layers_begin_anew(source, head, n_responses, replaced):
    X, y = simulate(30, n_responses, seed=1)
    model = quick(source, head=head, is_restandardised=False)
    begun = start_of(model, X, y)
    for name, value in source.members[0].items():
        stage = name.split(".")[0]
        is_same = begun[name].shape == value.shape and torch.equal(begun[name], value)
        if name.endswith("weight"):
            assert is_same == (stage not in replaced), name


def test_inputs_are_standardised_on_the_target_or_kept(source):
    X, y = simulate(30, seed=1)
    X = 3 * X + 0.7
    kept = start_of(quick(source, is_restandardised=False), X, y)
    assert torch.equal(kept["inputs.centre"], source.members[0]["inputs.centre"])
    anew = start_of(quick(source), X, y)
    assert_allclose(anew["inputs.centre"][0], X.mean(axis=0), rtol=1e-5)
    assert_allclose(anew["inputs.scale"][0], X.std(axis=0), rtol=1e-4)


def r2(y, prediction):
    return 1 - ((y - prediction) ** 2).sum() / ((y - y.mean()) ** 2).sum()


def test_a_related_source_helps_where_samples_are_few(source):
    X, y = simulate(120, seed=2)
    few, test = slice(0, 12), slice(20, None)
    budget = {"epochs": 15, "random_state": 0, "device": "cpu"}
    helped = TransferRegressor(source, **budget).fit(X[few], y[few])
    untrained = PretrainedNetwork.untrained(SMALL, 60, random_state=0)
    control = TransferRegressor(untrained, **budget).fit(X[few], y[few])
    scratch = ResNetRegressor(SMALL, **budget).fit(X[few], y[few])
    score = r2(y[test], helped.predict(X[test]))
    assert score > 0.7
    assert score > r2(y[test], control.predict(X[test])) + 0.1
    assert score > r2(y[test], scratch.predict(X[test])) + 0.1


def test_members_start_from_the_members_of_the_source_in_turn(source):
    X, y = simulate(30, seed=1)
    model = quick(source, n_members=3).fit(X, y)
    name = "stem.0.weight"
    expected = [source.members[i][name] for i in (0, 1, 0)]
    for member, weight in zip(model.network_.members, expected, strict=True):
        assert torch.equal(member[name], weight)


def test_cloning_keeps_the_source_itself(source):
    assert clone(quick(source)).source is source


def test_the_source_is_left_as_it_is(source):
    before = {k: v.clone() for k, v in source.members[0].items()}
    X, y = simulate(30, seed=1)
    quick(source, policy="all").fit(X, y)
    assert all(torch.equal(v, source.members[0][k]) for k, v in before.items())


def test_the_same_seed_gives_the_same_predictions(source):
    X, y = simulate(30, 1, seed=1)
    one, same = (quick(source).fit(X, y[:, 0]).predict(X) for _ in range(2))
    assert one.shape == (30,)
    assert_allclose(one, same, rtol=0)


def test_a_saved_transfer_predicts_the_same_and_keeps_its_source(source, tmp_path):
    X, y = simulate(30, seed=1)
    model = quick(source, policy="discriminative").fit(X, y)
    loaded = TransferRegressor.load(model.save(tmp_path))
    assert_allclose(loaded.predict(X), model.predict(X), rtol=0)
    assert loaded.source.responses == ("clay", "pH")
    assert_allclose(loaded.fit(X, y).predict(X), model.predict(X), rtol=0)


def test_an_interrupted_transfer_resumes_only_with_its_own_source(source, tmp_path):
    X, y = simulate(30, seed=1)
    quick(source, checkpoint_folder=tmp_path).fit(X, y)
    again = quick(source, checkpoint_folder=tmp_path).fit(X, y)
    assert_allclose(again.predict(X), quick(source).fit(X, y).predict(X), rtol=0)
    other = PretrainedNetwork.untrained(SMALL, 60)
    with pytest.raises(InvalidStudyError, match="written by another training"):
        quick(other, checkpoint_folder=tmp_path).fit(X, y)


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"policy": "warm"}, "policy: 'warm' is unknown; expected one of paper, all"),
        ({"head": "old"}, "head: 'old'; expected 'source' or 'new'"),
    ],
)
def test_impossible_settings_are_refused(source, wrong, match):
    X, y = simulate(30, seed=1)
    with pytest.raises(InvalidStudyError, match=match):
        quick(source, **wrong).fit(X, y)


def test_spectra_of_another_grid_are_refused(source):
    X, y = simulate(30, seed=1)
    with pytest.raises(
        InvalidStudyError, match="59 bands; the source network takes 60"
    ):
        quick(source).fit(X[:, 1:], y)


def test_policies_freeze_what_they_do_not_name():
    assert [stage.name for stage in POLICIES["paper"]] == ["dense", "output"]
    rates = {stage.name: stage.rate for stage in POLICIES["discriminative"]}
    assert rates["output"] == rates["dense"] == 1
    # Howard and Ruder (2018) divide the rate by 2.6 from stage to stage.
    assert_allclose(
        [rates["last"], rates["blocks"], rates["stem"]], 2.6 ** -np.r_[1:4.0]
    )
    starts = {stage.name: stage.start for stage in POLICIES["gradual"]}
    order = sorted(starts, key=starts.get, reverse=True)
    assert order[:3] == ["stem", "blocks", "last"]


def test_networks_see_no_band_outside_those_of_the_source(source, tmp_path):
    X, y = simulate(30, seed=4)
    rng = np.random.default_rng(1)
    wide = np.hstack([rng.normal(size=(30, 5)), X, rng.normal(size=(30, 3))])
    inside = quick(source).fit(X, y)
    model = quick(source, bands=(5, 65)).fit(wide, y)
    assert model.n_features_in_ == 68
    assert_allclose(model.predict(wide), inside.predict(X))
    model.save(tmp_path)
    loaded = TransferRegressor.load(tmp_path)
    assert_allclose(loaded.predict(wide), model.predict(wide))


def test_a_run_of_bands_that_is_not_there_is_refused(source):
    X, y = simulate(30)
    with pytest.raises(InvalidStudyError, match="bands: 5 to 65 of spectra of 60"):
        quick(source, bands=(5, 65)).fit(X, y)
