"""Contributions lie where the simulation put the signal."""

import numpy as np
import pytest

from cerussite.explanation import Contrast, Features, explain
from cerussite.models import PartialLeastSquares, SpectralRidge
from cerussite.models.resnet import ResNetConfiguration, ResNetRegressor
from cerussite.simulation import simulate_mine_site

WAVELENGTHS = np.arange(400.0, 2500.0, 5.0)
#: Measured shares of the variance of predictions in carrying wavelengths, 400
#: samples, seed 0; Pb, Zn, Cu, Mn, clay, SOC: at least 80 % with partial least
#: squares, As and Fe (24 % of all wavelengths): 72 %.
METALS = ["Pb", "Zn", "Cu", "Mn", "As", "Fe"]


def site():
    simulated = simulate_mine_site(400, wavelengths=WAVELENGTHS, random_state=0)
    survey = simulated.survey
    columns = [survey.response_names.index(name) for name in METALS]
    masks = np.stack([simulated.truth.carrying[name] for name in METALS])
    return survey.spectra.to_absorbance(), np.log(survey.y[:, columns]), masks


def masses(model, X, y, masks, *, features):
    test = np.arange(len(y)) % 5 == 0
    model.fit(X.values[~test], y[~test])
    contrast = Contrast(X.take(test), X.take(~test), METALS, features)
    shares = explain(model, contrast).variance_profile()
    return np.array([shares.mass_within(mask)[0, k] for k, mask in enumerate(masks)])


def pls():
    return PartialLeastSquares(preprocessing="none", standardise=False, n_components=15)


def test_four_fifths_of_what_partial_least_squares_predicts_lie_where_the_signal_is():
    X, y, masks = site()
    bins = Features.bins(X.wavelengths, n_bands=2)
    found = masses(pls(), X, y, masks, features=bins)
    assert (found[:4] > 0.79).all()
    assert (found[4:] > 2.5 * masks[4:].mean(axis=1)).all()


def test_shuffled_labels_show_no_such_concentration():
    X, y, masks = site()
    bins = Features.bins(X.wavelengths, n_bands=2)
    y = np.random.default_rng(0).permutation(y)
    found = masses(pls(), X, y, masks, features=bins)
    assert (found < 0.8 + 0.1 * (masks.mean(axis=1) > 0.7)).all()
    assert np.abs(found - masks.mean(axis=1)).mean() < 0.15


def test_ridge_regression_finds_the_same_places():
    X, y, masks = site()
    bins = Features.bins(X.wavelengths, n_bands=10)
    model = SpectralRidge(preprocessing="none", standardise=False)
    found = masses(model, X, y, masks, features=bins)
    assert (found[:3] > 0.8).all()
    assert (found[4:] > 2.5 * masks[4:].mean(axis=1)).all()


@pytest.mark.slow
def test_the_network_of_the_paper_concentrates_and_a_shuffled_one_does_not():
    X, y, masks = site()
    layers = ResNetConfiguration(pooling=2)
    bins = Features.bins(X.wavelengths, n_bands=2)
    model = ResNetRegressor(layers, epochs=60, random_state=0)
    found = masses(model, X, y, masks, features=bins)
    shuffled = np.random.default_rng(0).permutation(y)
    control = masses(model, X, shuffled, masks, features=bins)
    assert (found[:4] > 0.7).all()
    assert (found[4:] > 1.7 * masks[4:].mean(axis=1)).all()
    assert found.mean() > control.mean() + 0.1
