import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose
from sklearn import metrics as sklearn_metrics

from cerussite.core.errors import InvalidConcentrationError
from cerussite.evaluation import (
    METRICS,
    bias,
    ccc,
    mae,
    r2,
    r2_log,
    rmse,
    rmse_log,
    rpd,
    rpiq,
)

RATIOS = ["r2", "ccc", "rpd", "rpiq", "r2_log"]
values = arrays(float, (7, 2), elements=st.floats(-100, 100, width=32))


def column(*numbers):
    return np.array(numbers, dtype=float)[:, np.newaxis]


def test_metrics_by_hand():
    # Errors 1, -1, 2, 0; mean of the observed 5, SST 9 + 1 + 1 + 9 = 20, SSE 6.
    observed, predicted = column(2, 4, 6, 8), column(3, 3, 8, 8)
    assert_allclose(rmse(observed, predicted), [math.sqrt(1.5)])
    assert_allclose(mae(observed, predicted), [1.0])
    assert_allclose(bias(observed, predicted), [0.5])
    assert_allclose(r2(observed, predicted), [0.7])
    # Sxy 20.0, Syy of 3, 3, 8, 8 is 25, squared difference of means 0.25 x 4.
    assert_allclose(ccc(observed, predicted), [2 * 20 / (20 + 25 + 1)])
    assert_allclose(rpd(observed, predicted), [math.sqrt(20 / 3 / 1.5)])
    # Quartiles of 2, 4, 6, 8 are 3.5 and 6.5.
    assert_allclose(rpiq(observed, predicted), [3 / math.sqrt(1.5)])


def test_metrics_agree_with_scikit_learn():
    rng = np.random.default_rng(0)
    observed = rng.lognormal(size=(40, 3))
    predicted = observed + rng.normal(size=(40, 3))
    for ours, theirs in (
        (rmse, sklearn_metrics.root_mean_squared_error),
        (mae, sklearn_metrics.mean_absolute_error),
        (r2, sklearn_metrics.r2_score),
    ):
        expected = theirs(observed, predicted, multioutput="raw_values")
        assert_allclose(ours(observed, predicted), expected)


def test_ccc_agrees_with_the_examples_of_keras_and_torchmetrics():
    # Keras 3 documentation of concordance_correlation, read in November 2026.
    observed = np.array([[0, 1, 0.5], [1, 1, 0.2]]).T
    predicted = np.array([[0.1, 0.9, 0.5], [1, 0.9, 0.2]]).T
    assert_allclose(ccc(observed, predicted), [0.97560976, 0.98765432], atol=1e-8)
    # TorchMetrics 1.9 documentation, 0.9777: variances there divide by n - 1,
    # that is ours with the squared difference of means scaled by (n - 1) / n.
    observed, predicted = column(3, -0.5, 2, 7), column(2.5, 0, 2, 8)
    shift = bias(observed, predicted) ** 2
    spread = observed.var() + predicted.var()
    theirs = ccc(observed, predicted) * (spread + shift) / (spread + shift * 3 / 4)
    assert_allclose(theirs, [0.9777], atol=5e-5)


def test_ccc_is_the_correlation_times_lins_bias_correction():
    # Lin (1989), equation for C_b from location and scale shift.
    rng = np.random.default_rng(0)
    observed = rng.normal(size=(50, 1))
    predicted = 1.0 + 0.5 * observed + rng.normal(scale=0.3, size=(50, 1))
    scale = predicted.std() / observed.std()
    shift = (predicted.mean() - observed.mean()) / math.sqrt(
        predicted.std() * observed.std()
    )
    correction = 2 / (scale + 1 / scale + shift**2)
    correlation = np.corrcoef(observed.ravel(), predicted.ravel())[0, 1]
    assert_allclose(ccc(observed, predicted), [correlation * correction])


def test_rpd_is_a_function_of_r2():
    rng = np.random.default_rng(0)
    observed = rng.normal(size=(12, 1))
    predicted = observed + rng.normal(size=(12, 1))
    products = rpd(observed, predicted) ** 2 * (1 - r2(observed, predicted))
    assert_allclose(products, [12 / 11])


def test_r2_of_the_test_mean_is_zero_and_of_a_wrong_constant_negative():
    observed = column(1, 2, 3)
    assert_allclose(r2(observed, column(2, 2, 2)), [0.0])
    assert r2(observed, column(5, 5, 5))[0] < 0


def test_perfect_predictions_have_unlimited_ratios():
    observed = column(1, 2, 3)
    assert r2(observed, observed) == ccc(observed, observed) == [1.0]
    assert np.isposinf(rpd(observed, observed)).all()
    assert np.isposinf(rpiq(observed, observed)).all()


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_missing_analyses_do_not_count(metric):
    rng = np.random.default_rng(0)
    observed = rng.normal(size=(20, 2))
    predicted = observed + rng.normal(size=(20, 2))
    observed[[3, 5, 11], 0] = np.nan
    kept = ~np.isnan(observed[:, 0])
    alone = metric(observed[kept, :1], predicted[kept, :1])
    assert_allclose(metric(observed, predicted)[:1], alone)


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_a_response_never_measured_has_no_value(metric):
    observed = np.column_stack([[1.0, 2.0, 4.0], [np.nan] * 3])
    found = metric(observed, np.ones((3, 2)))
    assert np.isfinite(found[0])
    assert np.isnan(found[1])


@pytest.mark.parametrize("name", RATIOS)
def test_ratios_refuse_a_single_measured_value(name):
    observed = np.array([[1.0, 3.0], [np.nan, 4.0]])
    with pytest.raises(InvalidConcentrationError, match="1 responses have 1 measured"):
        METRICS[name](observed, np.ones((2, 2)))


def test_errors_of_a_single_value_are_errors():
    observed, predicted = column(1, np.nan), column(4, 9)
    found = [metric(observed, predicted)[0] for metric in (rmse, mae, bias)]
    assert_allclose(found, 3.0)


def test_a_constant_response_has_no_r2_and_no_spread():
    # 0.1 is not exact in binary: the mean of three is not 0.1.
    observed, predicted = column(0.1, 0.1, 0.1), column(0.2, 0.1, 0.1)
    assert np.isnan(r2(observed, predicted)).all()
    assert_allclose(rpd(observed, predicted), [0.0])
    assert_allclose(rpiq(observed, predicted), [0.0])
    assert_allclose(ccc(observed, predicted), [0.0], atol=1e-12)


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_metrics_refuse_what_was_not_predicted_and_shapes_that_differ(metric):
    observed = column(1, 2, np.nan)
    with pytest.raises(InvalidConcentrationError, match="first: sample 1, response 0"):
        metric(observed, column(1, np.nan, 3))
    with pytest.raises(InvalidConcentrationError, match=r"expected .* twice"):
        metric(observed, column(1, 2))
    with pytest.raises(InvalidConcentrationError, match="as a column"):
        metric(np.ones(3), np.ones(3))


@given(
    observed=values,
    predicted=values,
    factor=st.sampled_from([1e-3, 0.5, 10.0, 1e4]),
    offset=st.floats(-10, 10),
)
def test_ratios_forget_the_unit_and_errors_follow_it(
    observed, predicted, factor, offset
):
    observed = observed + np.arange(7)[:, np.newaxis] * 300.0
    for name in METRICS.keys() - {"rmse_log", "r2_log"}:
        metric = METRICS[name]
        before = metric(observed, predicted)
        after = metric(factor * observed + offset, factor * predicted + offset)
        scale = factor if metric.has_unit else 1.0
        assert_allclose(after, scale * before, rtol=1e-6, atol=1e-9 * scale)


@given(observed=values, predicted=values)
def test_metrics_stay_within_their_bounds(observed, predicted):
    observed = observed + np.arange(7)[:, np.newaxis]
    assert np.all(np.abs(bias(observed, predicted)) <= mae(observed, predicted) + 1e-9)
    assert np.all(mae(observed, predicted) <= rmse(observed, predicted) + 1e-9)
    with np.errstate(invalid="ignore"):
        assert not np.any(r2(observed, predicted) > 1)
        assert not np.any(np.abs(ccc(observed, predicted)) > 1 + 1e-9)


def test_directions_hold_for_a_better_prediction():
    rng = np.random.default_rng(0)
    observed = rng.uniform(5, 9, size=(50, 1))
    noise = rng.normal(size=(50, 1))
    good, bad = observed + 0.1 * noise, observed + 0.9 * noise
    for metric in METRICS.values():
        if metric.larger_is_better is None:
            assert abs(metric(observed, good)) < abs(metric(observed, bad))
        else:
            is_larger = metric(observed, good) > metric(observed, bad)
            assert is_larger == metric.larger_is_better


def test_log_metrics_are_those_of_logarithms():
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.lognormal(size=(2, 30, 2))
    assert_allclose(rmse_log(y_true, y_pred), rmse(np.log(y_true), np.log(y_pred)))
    assert_allclose(r2_log(y_true, y_pred), r2(np.log(y_true), np.log(y_pred)))


def test_log_metrics_do_not_depend_on_the_unit():
    rng = np.random.default_rng(1)
    y_true, y_pred = rng.lognormal(size=(2, 30, 1))
    assert_allclose(rmse_log(1000 * y_true, 1000 * y_pred), rmse_log(y_true, y_pred))


@pytest.mark.parametrize(("observed", "predicted"), [(0.0, 1.0), (1.0, -0.5)])
def test_log_metrics_are_withheld_where_one_value_has_no_logarithm(observed, predicted):
    y_true = np.array([[1.0, 1.0], [2.0, 2.0], [observed, np.nan]])
    y_pred = np.array([[1.0, 2.0], [2.0, 4.0], [predicted, predicted]])
    assert np.isnan(rmse_log(y_true, y_pred)[0])
    assert_allclose(rmse_log(y_true, y_pred)[1], np.log(2.0))
    assert np.isnan(r2_log(y_true, y_pred)[0])
