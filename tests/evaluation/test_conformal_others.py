"""The same intervals and probabilities as mapie and crepes on one response."""

import numpy as np
import pytest
from crepes import ConformalPredictiveSystem
from crepes import ConformalRegressor as CrepesRegressor
from mapie.regression import (
    CrossConformalRegressor,
    JackknifeAfterBootstrapRegressor,
    SplitConformalRegressor,
)
from mapie.subsample import Subsample
from numpy.testing import assert_allclose
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold

from cerussite.evaluation import (
    Predictions,
    calibration_residuals,
    exceedance_probability,
    prediction_intervals,
    predictive_quantile,
)


@pytest.fixture
def survey():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 4))
    y = X.sum(axis=1) + rng.standard_t(3, size=120)
    return X[:95], y[:95], X[95:]


def columns(*arrays):
    return [array[:, np.newaxis] for array in arrays]


@pytest.mark.parametrize("level", [0.8, 0.9])
def test_split_intervals_are_those_of_mapie(survey, level):
    X, y, X_new = survey
    model = Ridge().fit(X[:50], y[:50])
    mapie = SplitConformalRegressor(model, confidence_level=level, prefit=True)
    _, expected = mapie.conformalize(X[50:], y[50:]).predict_interval(X_new)
    residuals = calibration_residuals(*columns(y[50:], model.predict(X[50:])))
    predictions = Predictions(model.predict(X_new)[:, np.newaxis])
    found = prediction_intervals(residuals, predictions, level=level)
    assert_allclose(np.hstack(found), expected[:, :, 0])


@pytest.mark.parametrize("level", [0.8, 0.9])
def test_cross_intervals_are_those_of_mapie(survey, level):
    X, y, X_new = survey
    folds = KFold(5, shuffle=True, random_state=0)
    mapie = CrossConformalRegressor(Ridge(), confidence_level=level, cv=folds)
    _, expected = mapie.fit_conformalize(X, y).predict_interval(X_new)
    out_of_fold, values = np.empty(95), []
    unseen = np.zeros((95, 5), dtype=bool)
    for fold, (rows, left_out) in enumerate(folds.split(X)):
        model = Ridge().fit(X[rows], y[rows])
        out_of_fold[left_out] = model.predict(X[left_out])
        unseen[left_out, fold] = True
        values.append(model.predict(X_new)[:, np.newaxis])
    residuals = calibration_residuals(*columns(y, out_of_fold))
    predictions = Predictions(np.array(values), unseen=unseen)
    found = prediction_intervals(residuals, predictions, level=level)
    assert_allclose(np.hstack(found), expected[:, :, 0])


def test_bootstrap_intervals_are_those_of_mapie(survey):
    X, y, X_new = survey
    drawn = Subsample(n_resamplings=25, random_state=0)
    mapie = JackknifeAfterBootstrapRegressor(
        Ridge(), confidence_level=0.9, resampling=drawn
    )
    _, expected = mapie.fit_conformalize(X, y).predict_interval(X_new)
    rows = [sample for sample, _ in drawn.split(X)]
    models = [Ridge().fit(X[i], y[i]) for i in rows]
    unseen = np.column_stack([~np.isin(np.arange(95), i) for i in rows])
    here = np.array([model.predict(X) for model in models])
    out_of_bag = np.array([here[unseen[i], i].mean() for i in range(95)])
    residuals = calibration_residuals(*columns(y, out_of_bag))
    values = np.array([model.predict(X_new)[:, np.newaxis] for model in models])
    found = prediction_intervals(
        residuals, Predictions(values, unseen=unseen), level=0.9
    )
    assert_allclose(np.hstack(found), expected[:, :, 0])


@pytest.mark.parametrize("normalised", [False, True])
@pytest.mark.parametrize("mondrian", [False, True])
def test_intervals_and_probabilities_are_those_of_crepes(normalised, mondrian):
    rng = np.random.default_rng(0)
    predicted, new = rng.normal(size=80), rng.normal(size=30)
    observed = predicted + rng.gumbel(size=80)
    sigmas = rng.uniform(0.5, 2.0, size=110) if normalised else None
    bins = rng.integers(2, size=110) if mondrian else None
    own = [None if label is None else label[:80] for label in (sigmas, bins)]
    others = [None if label is None else label[80:] for label in (sigmas, bins)]
    errors = observed - predicted
    intervals = (
        CrepesRegressor()
        .fit(errors, sigmas=own[0], bins=own[1])
        .predict_int(new, sigmas=others[0], bins=others[1], confidence=0.9)
    )
    system = ConformalPredictiveSystem().fit(errors, sigmas=own[0], bins=own[1])
    options = {"sigmas": others[0], "bins": others[1]}
    at_most = system.predict(new, y=0.7, smoothing=False, **options).ravel()
    low_high = system.predict(
        new, lower_percentiles=5, higher_percentiles=95, **options
    )
    residuals = calibration_residuals(
        *columns(observed, predicted), difficulty=own[0], classes=own[1]
    )
    predictions = Predictions(
        new[:, np.newaxis], difficulty=others[0], classes=others[1]
    )
    found = prediction_intervals(residuals, predictions, level=0.9)
    assert_allclose(np.hstack(found), intervals)
    quantiles = [
        predictive_quantile(residuals, predictions, probability=p) for p in (0.05, 0.95)
    ]
    assert_allclose(np.hstack(quantiles), low_high)
    # Theirs gives all of the undecided mass 1 / (n + 1) to "at most", ours half.
    above = exceedance_probability(residuals, predictions, threshold=0.7).ravel()
    sizes = np.bincount(own[1])[others[1]] if mondrian else np.full(30, 80)
    assert_allclose(above, 1 - at_most + 0.5 / (sizes + 1), atol=1e-12)
