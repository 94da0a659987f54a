import time

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.cross_decomposition import PLSRegression
from sklearn.exceptions import NotFittedError
from sklearn.neighbors import KNeighborsRegressor

from cerussite.core.errors import InvalidSpectraError, InvalidStudyError
from cerussite.core.spectra import Spectra
from cerussite.explanation import (
    Contrast,
    Features,
    LinearMap,
    LinearTerm,
    explain,
    linear_shapley,
)
from cerussite.models import PartialLeastSquares, SpectralRidge
from cerussite.preprocessing import RECIPES, standard_normal_variate


def spectra(n, n_bands=20, seed=0):
    rng = np.random.default_rng(seed)
    steps = rng.normal(size=(n, n_bands)).cumsum(axis=1)
    wavelengths = 400.0 + 10.0 * np.arange(n_bands)
    return Spectra(0.5 + 0.02 * steps, wavelengths, "absorbance")


def responses(X, seed=1):
    rng = np.random.default_rng(seed)
    slopes = rng.normal(size=(X.values.shape[1], 2))
    return np.exp(X.values @ slopes + 0.05 * rng.normal(size=(len(X.values), 2)))


def test_partial_least_squares_on_six_bands_has_the_shapley_values_of_all_64_sets(
    brute_force, switched_game
):
    X = spectra(40, n_bands=6)
    y = responses(X)
    model = PLSRegression(3).fit(X.values, y)
    samples, background = X.take(range(3)), X.take(range(10, 25))
    found = linear_shapley(model, Contrast(samples, background, ["Pb", "Zn"]))
    for row in range(3):
        for k in range(2):
            game = switched_game(
                lambda rows, k=k: model.predict(rows)[:, k],
                samples.values[row],
                background.values,
            )
            expected = brute_force(game, 6)
            assert_allclose(found.contributions[0, row, :, k], expected, atol=1e-12)


def test_bins_are_players_of_their_own(brute_force, switched_game):
    X = spectra(40, n_bands=6)
    model = PLSRegression(3).fit(X.values, responses(X))
    bins = Features.bins(X.wavelengths, n_bands=2)
    found = linear_shapley(model, Contrast(X.take([0]), X, ["Pb", "Zn"], bins))

    def game(known):
        columns = [c for bin_ in known for c in (2 * bin_, 2 * bin_ + 1)]
        own = switched_game(
            lambda rows: model.predict(rows)[:, 1], X.values[0], X.values
        )
        return own(frozenset(columns))

    expected = brute_force(game, 3)
    assert_allclose(found.contributions[0, 0, :, 1], expected, atol=1e-12)


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("transform", ["none", "log"])
def test_every_preprocessing_adds_up_to_what_the_model_predicts(recipe, transform):
    X = spectra(30)
    y = responses(X)
    model = SpectralRidge(
        preprocessing=recipe, standardise=True, response_transform=transform
    ).fit(X.values, y)
    found = explain(model, Contrast(X, X.take(range(12)), ["Pb", "Zn"]))
    assert_allclose(found.prediction[0], model.predict(X.values), rtol=1e-9)
    assert found.relative_residual.max() < 1e-8
    assert ("after" in found.note) == (recipe.split("_")[0] in {"snv", "msc"})


def test_averages_of_views_and_of_both_scales_add_up():
    X = spectra(40)
    model = PartialLeastSquares(response_transform="auto", n_components=5)
    model.fit(X.values, responses(X))
    found = linear_shapley(model, Contrast(X, X, ["Pb", "Zn"]))
    assert found.method == "linear_gradients"
    assert_allclose(found.prediction[0], model.predict(X.values), rtol=1e-9)
    assert found.relative_residual.max() < 1e-8


def test_a_derivative_is_folded_in_so_that_raw_bands_are_explained():
    X = spectra(30)
    model = SpectralRidge(preprocessing="savgol1", standardise=False)
    model.fit(X.values, responses(X)[:, 0])
    found = linear_shapley(model, Contrast(X, X, ["Pb"]))
    slopes = np.array([model.predict(X.values + 0.01 * unit) for unit in np.eye(20)])
    slopes = (slopes - model.predict(X.values)).T / 0.01
    moved = X.values - X.values.mean(axis=0)
    assert_allclose(found.contributions[0, :, :, 0], slopes * moved, atol=1e-8)


def test_refits_become_members_whose_spread_is_known():
    X = spectra(40)
    y = responses(X)
    models = [
        SpectralRidge(preprocessing="none").fit(X.values[k:], y[k:]) for k in (0, 9)
    ]
    profile = explain(models, Contrast(X, X, ["Pb", "Zn"])).profile()
    assert profile.importances.shape == (2, 20, 2)
    assert (profile.spread > 0).all()
    assert (profile.rank_agreement() > 0.5).all()


def test_a_model_that_is_not_linear_is_refused():
    X = spectra(30)
    model = KNeighborsRegressor(2).fit(X.values, responses(X))
    with pytest.raises(InvalidStudyError, match="KNeighborsRegressor is not linear"):
        linear_shapley(model, Contrast(X, X, ["Pb", "Zn"]))


def test_an_unfitted_model_is_refused():
    X = spectra(5)
    for model in (PartialLeastSquares(), PLSRegression(2)):
        with pytest.raises(NotFittedError, match="not fitted"):
            linear_shapley(model, Contrast(X, X, ["Pb"]))


def test_a_background_on_another_grid_is_refused():
    X = spectra(5)
    other = Spectra(X.values, X.wavelengths + 5.0, "absorbance")
    with pytest.raises(
        InvalidSpectraError, match="405 to 595 nm; expected the 20 bands"
    ):
        Contrast(X, other, ["Pb"])


def test_a_background_in_another_quantity_is_refused():
    X = spectra(5)
    other = Spectra(np.abs(X.values), X.wavelengths, "reflectance")
    with pytest.raises(InvalidSpectraError, match="background in reflectance"):
        Contrast(X, other, ["Pb"])


def test_bins_of_another_grid_and_wrong_names_are_refused():
    X = spectra(30)
    with pytest.raises(InvalidSpectraError, match="other wavelengths"):
        Contrast(X, X, ["Pb"], Features.bins(np.arange(500.0, 520.0)))
    model = SpectralRidge(preprocessing="none").fit(X.values, responses(X))
    with pytest.raises(InvalidStudyError, match=r"1 names.*2 responses"):
        linear_shapley(model, Contrast(X, X, ["Pb"]))


def test_standard_normal_variate_is_explained_in_corrected_bands():
    X = spectra(30)
    model = SpectralRidge(preprocessing="snv", standardise=False)
    model.fit(X.values, responses(X)[:, 0])
    found = linear_shapley(model, Contrast(X, X, ["Pb"])).contributions[0, :, :, 0]
    moved = standard_normal_variate(X.values)
    moved = moved - moved.mean(axis=0)
    ratios = found / moved
    assert_allclose(ratios - ratios[0], 0.0, atol=1e-7 * np.abs(ratios).max())


@pytest.mark.slow
def test_a_hundred_thousand_spectra_take_a_second_or_little_more():
    rng = np.random.default_rng(0)
    wavelengths = np.arange(400.0, 2500.0)
    values = rng.random((100_000, 2100))
    X = Spectra(values, wavelengths, "absorbance")
    term = LinearTerm(0, rng.normal(size=2100), 0.0)
    bins = Features.bins(wavelengths, n_bands=10)
    contrast = Contrast(X, X.take(range(200)), ["Pb"], bins)
    start = time.process_time()
    found = linear_shapley(LinearMap((term,), 1), contrast)
    seconds = time.process_time() - start
    assert found.relative_residual.max() < 1e-8
    assert seconds < 4.0  # 1 s on two free cores; tests share theirs
