import json

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from cerussite.core.errors import UnreadableFileError
from cerussite.evaluation import ErrorModel, coverage, learn_error_model


def lognormal_survey(n_samples, *, share, rng):
    """Concentrations whose predictions err by a constant part and a share."""
    predicted = np.exp(rng.normal(4, 1, (n_samples, 1)))
    error = rng.laplace(size=(n_samples, 1)) * (5.0 + share * predicted)
    return np.maximum(predicted + error, 0.0), predicted


@pytest.mark.parametrize("share", [0.0, 0.2])
def test_low_and_high_concentrations_are_covered_alike(share):
    rng = np.random.default_rng(0)
    observed, predicted = lognormal_survey(2000, share=share, rng=rng)
    model = learn_error_model(observed[:1000], predicted[:1000], level=0.9)
    lower, upper = model.intervals(predicted[1000:], level=0.9)
    truth, is_low = observed[1000:], predicted[1000:] < np.median(predicted)
    for half in (is_low, ~is_low):
        found = coverage(np.where(half, truth, np.nan), lower, upper)
        assert_allclose(found, 0.9, atol=0.035)


def test_coverage_of_small_calibrations_is_nominal():
    rng = np.random.default_rng(1)
    hits = []
    for _ in range(400):
        observed, predicted = lognormal_survey(41, share=0.2, rng=rng)
        model = learn_error_model(observed[:40], predicted[:40], level=0.9)
        lower, upper = model.intervals(predicted[40:], level=0.9)
        hits.append(bool(lower[0, 0] <= observed[40, 0] <= upper[0, 0]))
    low, high = stats.binomtest(sum(hits), 400).proportion_ci(0.99)
    assert low <= 0.9 <= high


def test_the_offset_is_the_most_likely_of_those_tried():
    # Errors in proportion choose the smallest constant, constant ones the largest.
    predicted = np.geomspace(1, 1000, 101)[:, np.newaxis]
    signs = np.tile([1.0, -1.0], 51)[:101, np.newaxis]
    median = np.median(predicted)
    in_proportion = learn_error_model(
        predicted * (1 + 0.1 * signs), predicted, level=0.9
    )
    constant = learn_error_model(predicted + 2.0 * signs, predicted, level=0.9)
    assert_allclose(in_proportion.offset, 0.03 * median)
    assert_allclose(constant.offset, 100.0 * median)


def test_limits_of_concentrations_stop_at_zero_and_others_do_not():
    rng = np.random.default_rng(0)
    observed = np.column_stack([rng.uniform(0, 2, 30), rng.uniform(-1, 1, 30)])
    model = learn_error_model(observed, rng.normal(size=(30, 2)), level=0.9)
    lower, upper = model.intervals(np.array([[0.0, 0.0], [-99.0, -99.0]]), level=0.9)
    assert lower[0, 0] == 0
    assert lower[0, 1] < 0
    assert lower[1, 0] == upper[1, 0] == 0


def test_a_response_with_few_residuals_has_no_interval_and_spoils_no_other():
    observed = np.arange(1.0, 31.0)[:, np.newaxis] * np.ones(2)
    observed[5:, 1] = np.nan
    model = learn_error_model(observed, np.nan_to_num(observed) + 1.0, level=0.9)
    lower, upper = model.intervals(np.full((1, 2), 10.0), level=0.9)
    assert model.has_interval.tolist() == [True, False]
    assert np.isfinite([lower[0, 0], upper[0, 0]]).all()
    assert np.isnan([lower[0, 1], upper[0, 1]]).all()
    assert np.isnan(model.exceedance(np.full((1, 2), 10.0), 5.0)[0, 1])


def test_sites_count_where_they_are_enough_for_the_level():
    observed = np.arange(1.0, 41.0)[:, np.newaxis]
    groups = np.arange(40) % 12
    few = np.arange(40) % 4
    assert learn_error_model(observed, observed + 1, level=0.9, groups=groups).has_sites
    assert not learn_error_model(
        observed, observed + 1, level=0.9, groups=few
    ).has_sites


def test_probabilities_and_draws_agree_with_the_limits():
    rng = np.random.default_rng(0)
    observed, predicted = lognormal_survey(400, share=0.2, rng=rng)
    model = learn_error_model(observed, predicted, level=0.9)
    new = np.array([[50.0], [500.0]])
    draws = model.draws(new, n_draws=4000, random_state=0)
    for threshold in (40.0, 300.0):
        above = (draws > threshold).mean(axis=0)
        assert_allclose(model.exceedance(new, threshold), above, atol=0.03)


def test_the_model_survives_json():
    rng = np.random.default_rng(0)
    observed, predicted = lognormal_survey(50, share=0.2, rng=rng)
    model = learn_error_model(observed, predicted, level=0.9)
    back = ErrorModel.from_json(json.loads(json.dumps(model.to_json())))
    assert_array_equal(
        back.intervals(predicted, level=0.9), model.intervals(predicted, level=0.9)
    )
    with pytest.raises(UnreadableFileError, match="no 'offset' among the errors"):
        ErrorModel.from_json({})
