"""Standardisation equals its formulas and gives lost skill back."""

import doctest
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import skops.io
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.stats import linregress
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from cerussite.core.errors import InvalidStudyError
from cerussite.models.partial_least_squares import PartialLeastSquares
from cerussite.preprocessing import kennard_stone, standard_normal_variate
from cerussite.simulation.instrument import LABORATORY
from cerussite.simulation.library import measure_properties
from cerussite.simulation.soils import draw_soils, random_settings
from cerussite.simulation.spectra import simulate_spectra
from cerussite.transfer import (
    DirectStandardisation,
    PiecewiseDirectStandardisation,
    SlopeBiasCorrection,
    SpectralSpaceTransformation,
)

PIECEWISE = partial(PiecewiseDirectStandardisation, 2)
METHODS = [DirectStandardisation, PIECEWISE, SpectralSpaceTransformation]


def pairs(n_standards=12, n_bands=20, seed=0):
    """Smooth spectra of a few components, and how another instrument bends them."""
    rng = np.random.default_rng(seed)
    amounts = rng.uniform(0.2, 1.0, (n_standards, 4))
    pure = np.cumsum(rng.normal(size=(4, n_bands)), axis=1)
    primary = amounts @ pure
    secondary = 1.1 * primary + 0.05 * np.gradient(primary, axis=1) + 0.1
    noise = 1e-3 * rng.normal(size=(2, n_standards, n_bands))
    return secondary + noise[0], primary + noise[1]


@parametrize_with_checks([DirectStandardisation(n_components=1)])
def test_standardisation_follows_scikit_learn(estimator, check):
    check(estimator)


def test_direct_standardisation_is_principal_components_regression():
    secondary, primary = pairs()
    expected = make_pipeline(PCA(3), LinearRegression()).fit(secondary, primary)
    found = DirectStandardisation(3).fit(secondary, primary)
    assert_allclose(found.transform(secondary), expected.predict(secondary))


def test_direct_standardisation_leads_to_another_grid():
    secondary, primary = pairs()
    standardised = DirectStandardisation().fit(secondary, primary[:, ::2])
    assert standardised.transform(secondary).shape == (12, 10)


def test_piecewise_standardisation_equals_one_regression_a_band():
    secondary, primary = pairs()
    expected = np.empty_like(primary)
    for band in range(20):
        start = min(max(band - 3, 0), 20 - 7)
        window = secondary[:, start : start + 7]
        model = make_pipeline(PCA(2), LinearRegression()).fit(window, primary[:, band])
        expected[:, band] = model.predict(window)
    found = PiecewiseDirectStandardisation(3, 2).fit(secondary, primary)
    assert_allclose(found.transform(secondary), expected)


def test_piecewise_standardisation_undoes_a_gain_and_an_offset_of_each_band():
    rng = np.random.default_rng(0)
    primary, other = rng.uniform(size=(2, 9, 15))
    gain, offset = rng.uniform(0.5, 2, (2, 15))
    fitted = PiecewiseDirectStandardisation(0).fit(gain * primary + offset, primary)
    assert_allclose(fitted.transform(gain * other + offset), other)


def test_space_transformation_equals_the_formula_of_its_authors():
    secondary, primary = pairs()
    loadings = np.linalg.svd(np.hstack([secondary, primary]))[2][:3].T
    own, other = loadings[:20], loadings[20:]
    expected = secondary + secondary @ np.linalg.pinv(own.T) @ (other.T - own.T)
    found = SpectralSpaceTransformation(3).fit(secondary, primary)
    assert_allclose(found.transform(secondary), expected)


@settings(max_examples=20)
@given(seed=st.integers(0, 99))
def test_space_transformation_leaves_alone_what_standards_do_not_span(seed):
    secondary, primary = pairs(seed=seed)
    fitted = SpectralSpaceTransformation(3).fit(secondary, primary)
    unspanned = np.linalg.svd(fitted.weights_.T)[2][3:]
    assert_allclose(fitted.transform(unspanned), unspanned, atol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_equal_instruments_change_nothing_that_standards_span(method):
    primary = pairs()[1]
    fitted = method().fit(primary[:9], primary[:9])
    assert_allclose(fitted.transform(primary), primary, atol=0.01)


@pytest.mark.parametrize(
    ("method", "most"), list(zip(METHODS, [10, 5, 11], strict=True))
)
def test_the_number_of_components_is_that_of_a_literal_cross_validation(method, most):
    secondary, primary = pairs(n_standards=13)
    errors = np.zeros(most)
    for n_components in range(1, most + 1):
        for fold in range(10):
            held = np.arange(13) % 10 == fold
            fitted = method(n_components=n_components)
            fitted.fit(secondary[~held], primary[~held])
            difference = fitted.transform(secondary[held]) - primary[held]
            errors[n_components - 1] += sum(np.var(row) for row in difference)
    chosen = method().fit(secondary, primary)
    assert chosen.n_components_ == int(np.argmin(errors)) + 1


@pytest.mark.parametrize("method", METHODS)
def test_standardisations_survive_storage(method):
    secondary, primary = pairs()
    fitted = method().fit(secondary, primary)
    stored = skops.io.dumps(fitted)
    unknown = skops.io.get_untrusted_types(data=stored)
    assert all(name.startswith("cerussite.transfer.") for name in unknown)
    loaded = skops.io.loads(stored, trusted=unknown)
    assert_allclose(loaded.transform(secondary), fitted.transform(secondary))


@pytest.mark.parametrize("method", METHODS)
def test_too_few_standards_and_too_many_components_are_refused(method):
    secondary, primary = pairs()
    with pytest.raises(InvalidStudyError, match="n_samples=2 standards; expected 3"):
        method().fit(secondary[:2], primary[:2])
    with pytest.raises(InvalidStudyError, match="n_components 40 for 12 standards"):
        method(n_components=40).fit(secondary, primary)


@pytest.mark.parametrize("method", [PIECEWISE, SpectralSpaceTransformation])
def test_bands_that_do_not_match_are_refused(method):
    secondary, primary = pairs()
    with pytest.raises(InvalidStudyError, match="20 bands on the secondary, 19 on"):
        method().fit(secondary, primary[:, 1:])


def test_windows_wider_than_the_spectrum_are_refused():
    with pytest.raises(
        InvalidStudyError, match=r"half_width 10 for 20 bands; .* 0 to 9"
    ):
        PiecewiseDirectStandardisation(10).fit(*pairs())


def test_slope_and_bias_are_those_of_scipy():
    rng = np.random.default_rng(0)
    predicted = rng.uniform(10, 90, (9, 2))
    measured = 3 + 1.2 * predicted + rng.normal(size=(9, 2))
    measured[4, 1] = np.nan
    found = SlopeBiasCorrection().fit(predicted, measured)
    kept = np.arange(9) != 4
    lines = [
        linregress(predicted[:, 0], measured[:, 0]),
        linregress(predicted[kept, 1], measured[kept, 1]),
    ]
    assert_allclose(found.slope_, [line.slope for line in lines])
    assert_allclose(found.intercept_, [line.intercept for line in lines])
    expected = lines[0].intercept + lines[0].slope * 50
    assert found.transform(np.array([[50.0, 0.0]]))[0, 0] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("predicted", "measured", "message"),
    [
        ([1.0, 2.0], [1.0, 2.0], "2 standards with 2 different"),
        ([1.0, 1.0, 1.0], [1.0, 2.0, 3.0], "3 standards with 1 different"),
        ([1.0, 2.0, 3.0], [1.0, np.nan, 3.0], "2 standards with 2 different"),
        ([1.0, 2.0, 3.0], [1.0, 2.0], r"shape \(3,\) for values of shape \(2,\)"),
    ],
)
def test_lines_that_cannot_be_drawn_are_refused(predicted, measured, message):
    with pytest.raises(InvalidStudyError, match=message):
        SlopeBiasCorrection().fit(np.array(predicted), np.array(measured))


def test_predictions_of_other_responses_are_refused():
    fitted = SlopeBiasCorrection().fit(np.arange(4.0), np.arange(4.0))
    with pytest.raises(InvalidStudyError, match="predictions of 2 responses; expected"):
        fitted.transform(np.ones((3, 2)))


@pytest.fixture(scope="module")
def instruments():
    """Clay of 900 soils, their scans and the means of four scans, on two instruments."""
    generator = np.random.default_rng(0)
    members = generator.integers(0, 6, 900)
    soils = draw_soils(random_settings(6, generator), members, generator)
    clay = measure_properties(soils, generator)[2][:, 1]
    other = replace(LABORATORY, shift=3.0, gain=1.1, resolution=15.0)
    axis = np.arange(400.0, 2500.0, 5.0)

    def scan(instrument):
        spectra = simulate_spectra(
            soils, axis, instrument=instrument, generator=generator
        )
        return standard_normal_variate(spectra.to_absorbance().values.astype(float))

    scans = [[scan(each) for _ in range(4)] for each in (LABORATORY, other)]
    return clay, [each[0] for each in scans], [np.mean(each, axis=0) for each in scans]


@pytest.mark.parametrize("recipe", ["none", "savgol1"])
@pytest.mark.parametrize("method", METHODS)
def test_thirty_standards_give_nine_tenths_of_the_lost_skill_back(
    instruments, method, recipe
):
    clay, (primary, secondary), means = instruments
    calibration, test = slice(0, 300), slice(300, 900)
    model = PartialLeastSquares(n_components=15, preprocessing=recipe, random_state=0)
    model.fit(primary[calibration], clay[calibration])

    def rmse(X):
        return np.sqrt(np.mean((model.predict(X) - clay[test]) ** 2))

    scores = PCA(8, whiten=True).fit_transform(primary[calibration])
    standards = kennard_stone(scores, 30)
    fitted = method().fit(means[1][standards], means[0][standards])
    best, worst = rmse(primary[test]), rmse(secondary[test])
    assert worst > 1.1 * best
    recovered = (worst - rmse(fitted.transform(secondary[test]))) / (worst - best)
    assert recovered >= 0.9


def test_standardising_loads_no_network():
    code = "import sys, cerussite.transfer; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_the_page_on_standardisation_runs():
    page = Path(__file__).parents[2] / "docs" / "standardisation.md"
    flags = doctest.NORMALIZE_WHITESPACE
    results = doctest.testfile(str(page), module_relative=False, optionflags=flags)
    assert results.attempted > 5
    assert results.failed == 0
