import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from cerussite.core.errors import InvalidStudyError, UnreadableFileError
from cerussite.evaluation import (
    CalibrationResiduals,
    NeighbourDifficulty,
    Predictions,
    calibration_residuals,
    conformal_half_width,
    exceedance_probability,
    prediction_intervals,
    predictive_draws,
    predictive_quantile,
)
from cerussite.evaluation.conformal.weights import row_weights, weighted_quantile


def residuals_of(errors, **options):
    errors = np.asarray(errors, dtype=float)
    return calibration_residuals(errors, np.zeros_like(errors), **options)


def column(*values):
    return np.array(values, dtype=float)[:, np.newaxis]


def test_one_model_gives_the_half_width_that_was_there_before():
    errors = np.random.default_rng(0).normal(size=(40, 2))
    errors[:7, 1] = np.nan
    lower, upper = prediction_intervals(
        residuals_of(errors), Predictions(np.zeros((1, 2))), level=0.8
    )
    expected = conformal_half_width(errors, level=0.8)
    assert_allclose(np.vstack([-lower, upper]), np.vstack([expected, expected]))


def test_sites_weigh_the_same_however_many_samples_they_have():
    # Nine sites with errors 1 to 9; that with 9 has 50 samples, the others one.
    sites = np.concatenate([np.arange(8), np.full(50, 8)])
    errors = np.where(sites < 8, sites + 1.0, 9.0)[:, np.newaxis]
    new = Predictions(column(0.0))
    _, upper = prediction_intervals(residuals_of(errors, groups=sites), new, level=0.5)
    # Five of ten shares of 1/10 are reached at the fifth smallest error.
    assert_allclose(upper, 5.0)
    _, plain = prediction_intervals(residuals_of(errors), new, level=0.5)
    assert_allclose(plain, 9.0)


def test_difficulty_widens_in_proportion():
    errors = np.random.default_rng(0).normal(size=(30, 1))
    residuals = residuals_of(errors, difficulty=np.full(30, 2.0))
    new = Predictions(np.zeros((2, 1)), difficulty=np.array([1.0, 3.0]))
    lower, upper = prediction_intervals(residuals, new, level=0.9)
    half = conformal_half_width(errors / 2.0, level=0.9)
    assert_allclose(upper, np.outer([1.0, 3.0], half))
    assert_allclose(lower, -upper)


def test_errors_on_the_log_scale_are_factors():
    observed = column(*(np.exp(np.linspace(-1.0, 1.0, 9)) * 10.0))
    residuals = calibration_residuals(observed, np.full((9, 1), 10.0), log=True)
    lower, upper = prediction_intervals(
        residuals, Predictions(column(2.0, 200.0)), level=0.9
    )
    assert_allclose(upper, np.e * column(2.0, 200.0))
    assert_allclose(lower, column(2.0, 200.0) / np.e)


@given(factor=st.floats(0.01, 100.0), power=st.integers(0, 3))
def test_intervals_and_probabilities_do_not_depend_on_the_unit(factor, power):
    rng = np.random.default_rng(power)
    observed = np.exp(rng.normal(size=(60, 2)))
    predicted = np.exp(rng.normal(size=(60, 2)))
    flags = [True, False]

    def found(unit):
        residuals = calibration_residuals(unit * observed, unit * predicted, log=flags)
        new = Predictions(unit * predicted[:5])
        limits = prediction_intervals(residuals, new, level=0.8, joint=True)
        above = exceedance_probability(residuals, new, threshold=1.7 * unit)
        return np.hstack([*limits]) / unit, above

    for here, there in zip(found(1.0), found(factor), strict=True):
        assert_allclose(here, there, rtol=1e-9)


def test_each_class_has_its_own_limits():
    classes = np.repeat(["clay", "sand"], 9)
    errors = np.concatenate([np.arange(9.0), 10 * np.arange(9.0)])[:, np.newaxis]
    residuals = residuals_of(errors, classes=classes)
    new = Predictions(np.zeros((3, 1)), classes=["sand", "clay", "sand"])
    _, upper = prediction_intervals(residuals, new, level=0.9)
    assert_allclose(upper, column(80.0, 8.0, 80.0))


def test_joint_limits_are_wider_and_hold_their_share_of_complete_rows():
    errors = np.random.default_rng(0).normal(size=(200, 3)) * [1.0, 10.0, 0.1]
    errors[:40, 0] = np.nan
    residuals, new = residuals_of(errors), Predictions(np.zeros((1, 3)))
    _, single = prediction_intervals(residuals, new, level=0.9)
    _, joint = prediction_intervals(residuals, new, level=0.9, joint=True)
    assert (joint > single).all()
    complete = np.abs(errors[40:])
    assert np.mean((complete <= joint).all(axis=1)) == pytest.approx(0.9, abs=0.02)


def test_joint_limits_of_one_response_are_its_own():
    errors = np.random.default_rng(0).normal(size=(50, 2))
    errors[:, 1] = np.nan
    residuals, new = residuals_of(errors), Predictions(np.zeros((1, 2)))
    single = prediction_intervals(residuals, new, level=0.9)
    joint = prediction_intervals(residuals, new, level=0.9, joint=True)
    assert_array_equal(single, joint)
    assert np.isnan(joint[0][0, 1])


def test_gaps_do_not_narrow_joint_limits():
    # Maxima over what happens to be measured would be smaller.
    rng = np.random.default_rng(0)
    errors = rng.normal(size=(4000, 4))
    gaps = np.where(rng.random(errors.shape) < 0.3, np.nan, errors)
    new = Predictions(np.zeros((1, 4)))
    full = prediction_intervals(residuals_of(errors), new, level=0.9, joint=True)[1]
    found = prediction_intervals(residuals_of(gaps), new, level=0.9, joint=True)[1]
    assert_allclose(found, full, rtol=0.06)


def test_probabilities_fall_with_the_threshold_and_never_reach_0_or_1():
    residuals = residuals_of(np.random.default_rng(0).normal(size=(20, 1)))
    new = Predictions(column(5.0))
    found = [
        exceedance_probability(residuals, new, threshold=t)[0, 0]
        for t in (-100.0, 4.0, 5.0, 6.0, 100.0)
    ]
    assert found == sorted(found, reverse=True)
    assert found[0] == pytest.approx(1 - 0.5 / 21)
    assert found[-1] == pytest.approx(0.5 / 21)


def test_a_response_without_threshold_has_no_probability():
    residuals = residuals_of(np.random.default_rng(0).normal(size=(20, 2)))
    new = Predictions(np.zeros((3, 2)))
    found = exceedance_probability(residuals, new, threshold=np.array([0.5, np.nan]))
    assert np.isfinite(found[:, 0]).all()
    assert np.isnan(found[:, 1]).all()


def test_draws_agree_with_probabilities_and_keep_the_dependence():
    rng = np.random.default_rng(0)
    shared = rng.normal(size=(300, 1))
    errors = shared + 0.1 * rng.normal(size=(300, 2))
    residuals, new = residuals_of(errors), Predictions(np.array([[1.0, 2.0]]))
    draws = predictive_draws(residuals, new, n_draws=20_000, random_state=0)
    above = exceedance_probability(residuals, new, threshold=2.5)
    assert_allclose((draws > 2.5).mean(axis=0), above, atol=0.012)
    together = np.corrcoef(draws[:, 0].T)[0, 1]
    assert together == pytest.approx(np.corrcoef(errors.T)[0, 1], abs=0.01)
    alone = predictive_draws(
        residuals, new, n_draws=20_000, random_state=0, joint=False
    )
    assert abs(np.corrcoef(alone[:, 0].T)[0, 1]) < 0.05
    assert_allclose((alone > 2.5).mean(axis=0), above, atol=0.012)


def test_draws_for_a_new_site_give_few_sites_heavier_tails():
    errors = np.repeat(np.linspace(-1.0, 1.0, 9), 20)[:, np.newaxis]
    sites = np.repeat(np.arange(9), 20)
    new = Predictions(column(0.0))
    options = {"n_draws": 20_000, "random_state": 0}
    alone = predictive_draws(residuals_of(errors), new, **options)
    grouped = predictive_draws(residuals_of(errors, groups=sites), new, **options)
    # A tenth of the mass belongs to sites beyond all nine: half of it on each side.
    assert np.mean(grouped == 1.0) == pytest.approx(0.1 + 0.05, abs=0.01)
    assert np.mean(alone == 1.0) == pytest.approx(1 / 9, abs=0.01)


def test_draws_are_repeated_by_their_random_state():
    residuals = residuals_of(np.random.default_rng(0).normal(size=(30, 2)))
    new = Predictions(np.zeros((4, 2)))
    first, second = (
        predictive_draws(residuals, new, n_draws=5, random_state=3) for _ in range(2)
    )
    assert_array_equal(first, second)
    assert first.shape == (5, 4, 2)


def test_residuals_survive_json_bit_by_bit():
    rng = np.random.default_rng(0)
    observed = np.exp(rng.normal(size=(12, 2)))
    observed[3, 1] = np.nan
    residuals = calibration_residuals(
        observed,
        np.exp(rng.normal(size=(12, 2))),
        difficulty=rng.uniform(1, 2, size=12),
        groups=["a", "b", "c"] * 4,
        classes=np.repeat([1, 2], 6),
        log=[True, False],
    )
    text = json.dumps(residuals.to_json(), allow_nan=False)
    back = CalibrationResiduals.from_json(json.loads(text))
    for name in ("scaled", "is_log", "has_difficulty", "groups", "classes"):
        assert_array_equal(getattr(back, name), getattr(residuals, name))


def test_damaged_json_is_refused():
    plain = residuals_of(np.zeros((9, 2)), groups=range(9)).to_json()
    with pytest.raises(UnreadableFileError, match="schema version 9; expected 1"):
        CalibrationResiduals.from_json({**plain, "schema_version": 9})
    for broken in ({"scaled": [[1.0]]}, {"groups": [1]}, {"scaled": [["x", "y"]]}):
        with pytest.raises(UnreadableFileError, match="no table of residuals"):
            CalibrationResiduals.from_json({**plain, **broken})
    del plain["is_log"]
    with pytest.raises(UnreadableFileError, match="no table of residuals"):
        CalibrationResiduals.from_json(plain)


def test_neighbour_difficulty_is_the_mean_distance_over_the_typical_one():
    X = np.array([[0.0, 0.0], [0.0, 3.0], [4.0, 0.0]])
    # Means of the two distances of each: (3 + 4) / 2, (3 + 5) / 2, (4 + 5) / 2.
    estimate = NeighbourDifficulty(n_neighbours=2).fit(X)
    assert estimate.typical_ == pytest.approx(4.0)
    found = estimate.predict(np.array([[0.0, -4.0]]))
    nearest = sorted([4.0, 7.0, np.hypot(4.0, 4.0)])[:2]
    assert_allclose(found, 0.5 + np.mean(nearest) / 4.0)


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30), st.floats(0.01, 0.99))
def test_equal_groups_weigh_like_single_samples(values, level):
    scores = np.array(values)
    single = weighted_quantile(scores, row_weights(scores.size), level=level)
    groups = np.repeat(np.arange(scores.size), 2)
    doubled = np.repeat(scores, 2)
    grouped = weighted_quantile(doubled, row_weights(doubled.size, groups), level=level)
    assert_array_equal(single, grouped)


ONE = np.zeros((1, 1))


def test_too_few_residuals_are_refused_with_the_number_needed():
    residuals = residuals_of(np.arange(18.0)[:, np.newaxis])
    message = "18 residuals of response 0; expected at least 19 for level 0.95"
    with pytest.raises(InvalidStudyError, match=message):
        prediction_intervals(residuals, Predictions(ONE), level=0.95)
    with pytest.raises(InvalidStudyError, match=message):
        predictive_quantile(residuals, Predictions(ONE), probability=0.05)
    few = residuals_of(np.arange(8.0)[:, np.newaxis])
    with pytest.raises(InvalidStudyError, match=r"8 residuals .* at least 9"):
        predictive_draws(few, Predictions(ONE), n_draws=5, random_state=0)


def test_too_few_sites_are_refused_with_the_number_needed():
    errors = np.arange(80.0)[:, np.newaxis]
    residuals = residuals_of(errors, groups=np.repeat(np.arange(8), 10))
    message = "8 groups with residuals of response 0; expected at least 9 for a new"
    with pytest.raises(InvalidStudyError, match=message):
        prediction_intervals(residuals, Predictions(ONE), level=0.9)
    prediction_intervals(residuals, Predictions(ONE), level=0.85)


def test_too_few_complete_rows_are_refused_for_joint_limits():
    errors = np.random.default_rng(0).normal(size=(24, 2))
    errors[:9, 0], errors[17:, 1] = np.nan, np.nan
    residuals, new = residuals_of(errors), Predictions(np.zeros((1, 2)))
    prediction_intervals(residuals, new, level=0.9)
    message = "8 residuals of all 2 responses at once; expected at least 9 for level"
    with pytest.raises(InvalidStudyError, match=message):
        prediction_intervals(residuals, new, level=0.9, joint=True)
    with pytest.raises(InvalidStudyError, match=message):
        predictive_draws(residuals, new, n_draws=5, random_state=0)


def test_a_class_without_residuals_is_refused_by_name():
    residuals = residuals_of(np.ones((20, 1)), classes=["clay", "sand"] * 10)
    new = Predictions(np.zeros((2, 1)), classes=["sand", "peat"])
    message = "class 'peat' has no residuals; expected one of clay, sand"
    with pytest.raises(InvalidStudyError, match=message):
        prediction_intervals(residuals, new, level=0.8)
    few = residuals_of(np.ones((20, 1)), classes=["clay"] * 17 + ["sand"] * 3)
    with pytest.raises(InvalidStudyError, match=r"3 residuals .* in class 'sand'"):
        prediction_intervals(few, Predictions(ONE, classes=["sand"]), level=0.8)


@pytest.mark.parametrize(
    ("options", "new_options", "message"),
    [
        ({"classes": ["a"] * 20}, {}, "predictions without classes"),
        ({}, {"classes": ["a"]}, "predictions with classes"),
        ({"difficulty": np.ones(20)}, {}, "predictions without difficulty"),
        ({}, {"difficulty": np.ones(1)}, "predictions with difficulty"),
    ],
)
def test_predictions_must_belong_to_the_residuals(options, new_options, message):
    residuals = residuals_of(np.ones((20, 1)), **options)
    with pytest.raises(InvalidStudyError, match=message):
        prediction_intervals(residuals, Predictions(ONE, **new_options), level=0.8)


def test_other_responses_and_other_calibration_rows_are_refused():
    residuals = residuals_of(np.ones((20, 2)))
    with pytest.raises(InvalidStudyError, match="residuals of 2 responses, predic"):
        prediction_intervals(residuals, Predictions(ONE), level=0.8)
    unseen = np.eye(2, dtype=bool)[np.arange(10) % 2]
    new = Predictions(np.zeros((2, 1, 2)), unseen=unseen)
    with pytest.raises(InvalidStudyError, match="residuals of 20 calibration rows"):
        prediction_intervals(residuals, new, level=0.8)


def test_fold_models_refuse_levels_whose_intervals_may_be_empty():
    unseen = np.eye(2, dtype=bool)[np.arange(10) % 2]
    new = Predictions(np.zeros((2, 1, 1)), unseen=unseen)
    with pytest.raises(InvalidStudyError, match=r"level 0.4 with fold models"):
        prediction_intervals(residuals_of(np.ones((10, 1))), new, level=0.4)


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (np.zeros(3), {}, r"predictions of shape \(3,\)"),
        (np.zeros((2, 3, 1)), {}, "together with `unseen`"),
        (np.full((3, 1), np.nan), {}, "3 predictions are not finite"),
        (np.zeros((3, 1)), {"difficulty": np.zeros(3)}, "3 difficulties are not"),
        (np.zeros((3, 1)), {"difficulty": np.ones(2)}, r"difficulties of shape \(2,\)"),
        (
            np.zeros((2, 3, 1)),
            {"unseen": np.zeros((4, 2), dtype=bool)},
            "4 calibration rows were seen by all 2 members",
        ),
        (
            np.zeros((2, 3, 1)),
            {"unseen": np.ones((4, 3), dtype=bool)},
            r"`unseen` of shape \(4, 3\)",
        ),
    ],
)
def test_predictions_that_cannot_be_are_refused(values, options, message):
    with pytest.raises(InvalidStudyError, match=message):
        Predictions(values, **options)


@pytest.mark.parametrize(
    ("observed", "options", "message"),
    [
        (np.ones(4), {}, r"observed of shape \(4,\)"),
        (np.ones((4, 2)), {}, r"observed \(4, 2\) and predicted \(4, 1\)"),
        (np.zeros((4, 1)), {"log": True}, "4 observed values .* have no logarithm"),
        (np.full((4, 1), np.inf), {}, "observed values of response 0 are infinite"),
        (np.ones((4, 1)), {"log": [True, False]}, "2 log flags for 1 responses"),
        (np.ones((4, 1)), {"groups": [1, 2]}, "2 groups for 4 samples"),
        (np.ones((4, 1)), {"groups": [1, 2, None, 3]}, "1 of 4 groups have no label"),
        (np.ones((4, 1)), {"difficulty": -np.ones(4)}, "4 difficulties are not"),
    ],
)
def test_residuals_that_cannot_be_are_refused(observed, options, message):
    with pytest.raises(InvalidStudyError, match=message):
        calibration_residuals(observed, np.ones((4, 1)), **options)


def test_residuals_of_exactly_zero_give_no_joint_limits():
    errors = np.column_stack([np.zeros(30), np.arange(30.0)])
    with pytest.raises(InvalidStudyError, match="nearly all residuals of response 0"):
        prediction_intervals(
            residuals_of(errors), Predictions(np.zeros((1, 2))), level=0.9, joint=True
        )


def test_doubles_give_no_neighbour_difficulty():
    with pytest.raises(InvalidStudyError, match="most samples have doubles"):
        NeighbourDifficulty(n_neighbours=1).fit(np.zeros((6, 2)))
    with pytest.raises(InvalidStudyError, match="5 neighbours among 5 samples"):
        NeighbourDifficulty().fit(np.eye(5))


def test_no_draw_and_no_threshold_on_the_log_scale_are_refused():
    residuals = residuals_of(np.ones((20, 1)))
    with pytest.raises(InvalidStudyError, match="0 draws"):
        predictive_draws(residuals, Predictions(ONE), n_draws=0, random_state=0)
    logs = calibration_residuals(np.ones((20, 1)), np.ones((20, 1)), log=True)
    with pytest.raises(InvalidStudyError, match="threshold values of response 0"):
        exceedance_probability(logs, Predictions(ONE + 1.0), threshold=0.0)


def test_many_new_samples_are_worked_in_lots(monkeypatch):
    rng = np.random.default_rng(0)
    unseen = np.eye(3, dtype=bool)[np.arange(30) % 3]
    residuals = residuals_of(rng.normal(size=(30, 2)))
    new = Predictions(rng.normal(size=(3, 11, 2)), unseen=unseen)

    def everything():
        limits = prediction_intervals(residuals, new, level=0.8, joint=True)
        above = exceedance_probability(residuals, new, threshold=0.3)
        draws = predictive_draws(residuals, new, n_draws=4, random_state=0)
        return [*limits, above, *draws]

    whole = everything()
    monkeypatch.setattr("cerussite.evaluation.conformal.parts._CHUNK", 100)
    assert_allclose(whole, everything(), rtol=1e-12)
