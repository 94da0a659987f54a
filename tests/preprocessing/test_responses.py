"""Response transforms: there and back, NaN ignored, no bias on the way back."""

import numpy as np
import pytest
import skops.io
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from sklearn.base import clone
from sklearn.preprocessing import PowerTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from cerussite.core.errors import InvalidConcentrationError, InvalidStudyError
from cerussite.preprocessing import (
    RESPONSE_TRANSFORMS,
    LogResponse,
    ResponseTransform,
    YeoJohnsonResponse,
    response_transform,
)

NAN = np.nan


@parametrize_with_checks(
    [ResponseTransform(), LogResponse(offset=1e3), YeoJohnsonResponse()]
)
def test_response_transforms_follow_scikit_learn(estimator, check):
    check(estimator)


def lead_and_zinc(n_samples=60):
    rng = np.random.default_rng(0)
    y = rng.lognormal([3.0, 5.0], [1.0, 0.5], (n_samples, 2))
    y[::7, 0], y[::5, 1] = NAN, NAN
    return y


@pytest.mark.parametrize("name", RESPONSE_TRANSFORMS)
def test_the_plain_inverse_leads_back_and_keeps_what_was_not_measured(name):
    y = lead_and_zinc()
    transform = response_transform(name).fit(y)
    assert_allclose(transform.inverse_transform(transform.transform(y)), y, rtol=1e-9)


@pytest.mark.parametrize("name", RESPONSE_TRANSFORMS)
def test_missing_values_change_nothing_for_the_others(name):
    y = lead_and_zinc()[:, :1]
    measured = y[~np.isnan(y[:, 0])]
    with_gaps, without = (response_transform(name).fit(v) for v in (y, measured))
    assert_array_equal(with_gaps.transform(measured), without.transform(measured))


@pytest.mark.parametrize("name", RESPONSE_TRANSFORMS)
def test_transforms_clone_and_survive_storage(name):
    y = lead_and_zinc()
    fitted = clone(response_transform(name)).fit(y)
    stored = skops.io.dumps(fitted)
    unknown = skops.io.get_untrusted_types(data=stored)
    assert all(
        type_name.startswith("cerussite.preprocessing.") for type_name in unknown
    )
    loaded = skops.io.loads(stored, trusted=unknown)
    assert_array_equal(loaded.transform(y), fitted.transform(y))


def test_the_power_is_learnt_on_calibration_rows_only():
    y = lead_and_zinc()
    transform = YeoJohnsonResponse().fit(y[:30])
    learnt = transform.lambdas_.copy()
    transform.transform(y[30:])
    assert_array_equal(transform.lambdas_, learnt)
    assert_array_equal(learnt, YeoJohnsonResponse().fit(y[:30]).lambdas_)
    assert not np.array_equal(learnt, YeoJohnsonResponse().fit(y).lambdas_)


def test_the_power_agrees_with_scikit_learn_and_scipy():
    rng = np.random.default_rng(0)
    z = rng.normal(3.0, 0.8, 400)
    of_power_three_halves = (1.0 + 1.5 * z) ** (2.0 / 3.0) - 1.0
    columns = [rng.gamma(4, 2, 400), rng.normal(0, 2, 400), of_power_three_halves]
    y = np.column_stack(columns)
    ours = YeoJohnsonResponse().fit(y)
    assert ours.lambdas_[0] < 1 < ours.lambdas_[2] < 2
    theirs = PowerTransformer("yeo-johnson", standardize=False).fit(y)
    assert_allclose(ours.lambdas_, theirs.lambdas_, atol=1e-4)
    z, power = stats.yeojohnson(y[:, 0])
    assert_allclose(ours.lambdas_[0], power, atol=1e-4)
    assert_allclose(ours.transform(y)[:, 0], z, rtol=1e-3)


def test_the_power_stops_where_every_prediction_has_a_response():
    y = np.exp(np.exp(np.linspace(0.0, 2.0, 30)))[:, np.newaxis]
    assert stats.yeojohnson_normmax(y[:, 0]) < 0
    transform = YeoJohnsonResponse().fit(y)
    assert transform.lambdas_[0] == 0.0
    assert_allclose(transform.transform(y), np.log1p(y))


@given(
    power=st.sampled_from([0.0, 0.5, 1.0, 1.7, 2.0]),
    y=arrays(np.float64, (6, 1), elements=st.floats(-50, 5000)),
)
def test_yeo_johnson_leads_back_on_both_sides_of_zero(power, y):
    transform = YeoJohnsonResponse().fit(np.array([[1.0], [2.0]]))
    transform.lambdas_ = np.array([power])
    back = transform.inverse_transform(transform.transform(y))
    assert_allclose(back, y, rtol=1e-7, atol=1e-7)


def test_smearing_by_hand():
    transform = LogResponse(offset=1.0).fit(np.array([[1.0], [3.0]]))
    residuals = np.log(np.array([[0.5], [2.0], [NAN]]))
    mean = transform.back_transform(np.log([[4.0]]), residuals)
    assert_allclose(mean, [[(2.0 + 8.0) / 2 - 1.0]])


@pytest.mark.parametrize("name", RESPONSE_TRANSFORMS)
def test_smearing_equals_the_slow_average(name, monkeypatch):
    y = lead_and_zinc()
    transform = response_transform(name).fit(y)
    z = transform.transform(y[:9])
    residuals = np.random.default_rng(1).normal(0, 0.2, (40, 2))
    residuals[3, 0] = NAN
    monkeypatch.setattr("cerussite.preprocessing.responses._CHUNK", 100)
    slow = np.full(z.shape, NAN)
    for (i, j), value in np.ndenumerate(z):
        kept = residuals[~np.isnan(residuals[:, j]), j]
        table = np.full((len(kept), 2), 0.0)
        table[:, j] = value + kept
        slow[i, j] = transform.inverse_transform(table)[:, j].mean()
    assert_allclose(transform.back_transform(z, residuals), slow)


@pytest.mark.parametrize("name", ["log", "yeo_johnson"])
def test_smearing_recovers_the_mean_that_the_plain_inverse_misses(name):
    rng = np.random.default_rng(0)
    error = rng.normal(0, 0.8, (20_000, 1))
    y = np.exp(3.0 + error)
    transform = response_transform(name).fit(y)
    z = transform.transform(y)
    centre = z.mean(axis=0, keepdims=True)
    unbiased = transform.back_transform(centre, residuals=z - centre)
    assert_allclose(unbiased, y.mean(axis=0, keepdims=True))
    # The mean of a lognormal is exp(s^2 / 2) = 1.377 of its median.
    plain = transform.inverse_transform(centre)
    assert_allclose(unbiased / plain, np.exp(0.32), rtol=0.05)


def test_the_logarithm_refuses_what_has_none_and_says_where():
    y = np.array([[1.0, NAN], [2.0, 0.0]])
    with pytest.raises(InvalidConcentrationError, match="row 1, response 1 = 0"):
        response_transform("log").fit(y)
    transform = response_transform("log", offset=1.0).fit(y)
    assert transform.transform(y)[1, 1] == 0.0


def test_a_power_needs_two_different_values():
    for values in ([NAN, 3.0], [3.0, 3.0], [NAN, NAN]):
        with pytest.raises(InvalidConcentrationError, match="response 0 was"):
            YeoJohnsonResponse().fit(np.array(values)[:, np.newaxis])


@pytest.mark.parametrize(
    ("residuals", "message"),
    [
        ([0.1, 0.2], "residuals of shape"),
        ([[0.1]], "residuals of shape"),
        ([[0.1, NAN], [0.2, NAN]], r"responses \[1\] have no residual"),
        ([[0.1, np.inf]], "infinite residuals"),
    ],
)
def test_smearing_refuses_residuals_it_cannot_use(residuals, message):
    y = lead_and_zinc()
    transform = response_transform("log").fit(y)
    with pytest.raises(InvalidConcentrationError, match=message):
        transform.back_transform(y, residuals)


def test_unknown_names_and_stray_offsets_are_refused():
    with pytest.raises(InvalidStudyError, match="expected one of none, log"):
        response_transform("box_cox")
    with pytest.raises(InvalidStudyError, match="leave it out"):
        response_transform("yeo_johnson", offset=1.0)
