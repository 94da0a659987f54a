"""What intervals cover in many simulated surveys; no model, errors alone."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from cerussite.evaluation import (
    ConformalRegressor,
    Predictions,
    calibration_residuals,
    prediction_intervals,
)


def covered(errors, new, *, joint=False, **options):
    residuals = calibration_residuals(errors, np.zeros_like(errors), **options)
    predictions = Predictions(np.zeros((1, errors.shape[1])))
    lower, upper = prediction_intervals(residuals, predictions, level=0.9, joint=joint)
    inside = (lower <= new) & (new <= upper)
    return (inside.all(axis=1) if joint else inside).mean()


def test_joint_limits_hold_all_responses_of_a_new_sample():
    rng = np.random.default_rng(0)
    found, single = [], []
    for _ in range(600):
        errors = rng.standard_t(3, size=(110, 4)) * [1.0, 5.0, 0.2, 1.0]
        errors[:, 1] += 2.0 * errors[:, 0]
        known, new = errors[:90], errors[90:]
        known = np.where(rng.random(known.shape) < 0.1, np.nan, known)
        found.append(covered(known, new, joint=True))
        lower = calibration_residuals(known, np.zeros_like(known))
        limits = prediction_intervals(lower, Predictions(np.zeros((1, 4))), level=0.9)
        single.append(((limits[0] <= new) & (new <= limits[1])).all(axis=1).mean())
    assert 0.88 < np.mean(found) < 0.92
    assert np.mean(single) < 0.8


def test_a_new_site_needs_the_grouped_form():
    rng = np.random.default_rng(0)
    plain, grouped, together = [], [], []
    sites = np.repeat(np.arange(12), 8)
    for _ in range(600):
        effects = 2.0 * rng.standard_normal((13, 1, 2))
        errors = effects + rng.standard_normal((13, 8, 2))
        known, new = errors[:12], errors[12]
        # In random folds a model knows each site by its other seven samples.
        others = (known.sum(axis=1, keepdims=True) - known) / 7
        plain.append(covered((known - others).reshape(96, 2), new))
        left_out = known.reshape(96, 2)
        grouped.append(covered(left_out, new, groups=sites))
        together.append(covered(left_out, new, joint=True, groups=sites))
    assert np.mean(plain) < 0.7
    assert 0.88 < np.mean(grouped) < 0.97
    assert 0.88 < np.mean(together) < 0.98


@pytest.mark.slow
@pytest.mark.parametrize("method", ["split", "cross", "bootstrap"])
@pytest.mark.parametrize("difficulty", ["none", "neighbours", "spread"])
def test_every_method_covers_new_samples_of_the_same_kind(method, difficulty):
    rng = np.random.default_rng(0)
    single, joint = [], []
    for _ in range(60):
        X = rng.normal(size=(240, 3))
        noise = rng.standard_t(4, size=(240, 2)) * (0.5 + np.abs(X[:, :1]))
        y = X.sum(axis=1, keepdims=True) + noise
        known = np.where(rng.random(y.shape) < 0.1, np.nan, y)[:140]
        model = ConformalRegressor(
            Ridge(),
            method=method,
            difficulty=difficulty,
            n_folds=5,
            n_members=15,
            random_state=rng,
        ).fit(X[:140], known)
        for joined, found in ((False, single), (True, joint)):
            limits = model.predict_interval(X[140:], level=0.9, joint=joined)
            inside = (limits[0] <= y[140:]) & (y[140:] <= limits[1])
            found.append((inside.all(axis=1) if joined else inside).mean())
    # Standard errors of the means are about 0.006.
    assert 0.88 < np.mean(single) < 0.93
    assert 0.88 < np.mean(joint) < 0.94
