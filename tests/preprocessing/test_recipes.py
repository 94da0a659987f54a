"""Recipes clone, store without pickle, and compose the functions they name."""

import numpy as np
import pytest
import skops.io
from numpy.testing import assert_array_equal
from sklearn.base import clone

from cerussite.core.errors import InvalidStudyError
from cerussite.preprocessing import (
    RECIPES,
    MultiplicativeScatterCorrection,
    detrend,
    recipe,
    savitzky_golay,
    standard_normal_variate,
)


def spectra(n_samples=12, n_wavelengths=15):
    return np.random.default_rng(0).uniform(0.1, 0.9, (n_samples, n_wavelengths))


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_work_on_fifteen_bands_and_give_finite_values(name):
    X = spectra()
    transformed = recipe(name).fit(X).transform(X)
    assert len(transformed) == len(X)
    assert np.isfinite(transformed).all()


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_clone_to_the_same_transform(name):
    X = spectra()
    original = recipe(name)
    assert_array_equal(clone(original).fit_transform(X), original.fit_transform(X))


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_survive_storage_when_types_of_this_package_are_trusted(name):
    X = spectra()
    fitted = recipe(name).fit(X)
    stored = skops.io.dumps(fitted)
    unknown = skops.io.get_untrusted_types(data=stored)
    assert all(
        type_name.startswith("cerussite.preprocessing.") for type_name in unknown
    )
    loaded = skops.io.loads(stored, trusted=unknown)
    assert_array_equal(loaded.transform(X), fitted.transform(X))


@pytest.mark.parametrize("name", RECIPES)
def test_two_calls_of_a_recipe_share_nothing(name):
    assert recipe(name) is not recipe(name)


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_keep_single_precision(name):
    X = spectra().astype(np.float32)
    assert recipe(name).fit_transform(X).dtype == np.float32


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_refuse_missing_values(name):
    X = spectra()
    X[0, 0] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        recipe(name).fit_transform(X)


def test_parts_of_a_name_are_applied_from_left_to_right():
    X = spectra()
    snv = standard_normal_variate(X)
    derived = savitzky_golay(snv, window=11, degree=2, derivative=1)
    assert_array_equal(recipe("snv_savgol1").fit_transform(X), derived)
    assert_array_equal(recipe("snv_detrend").fit_transform(X), detrend(snv))
    assert_array_equal(recipe("none").fit_transform(X), X)


def test_a_recipe_learns_on_calibration_rows_only():
    X = spectra()
    fitted = recipe("msc_savgol1").fit(X[:8])
    correction = MultiplicativeScatterCorrection().fit(X[:8])
    expected = savitzky_golay(
        correction.transform(X[8:]), window=11, degree=2, derivative=1
    )
    assert_array_equal(fitted.transform(X[8:]), expected)


def test_an_unknown_recipe_is_refused_with_the_list():
    with pytest.raises(InvalidStudyError, match=r"no preprocessing 'snv_log'.*savgol1"):
        recipe("snv_log")
