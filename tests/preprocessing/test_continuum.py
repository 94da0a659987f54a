"""Continuum removal against the definition of a hull and against Qhull."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial import ConvexHull

from cerussite.core.errors import InvalidSpectraError
from cerussite.preprocessing import continuum_removal

AXIS = np.array([400.0, 401.0, 405.0, 410.0, 420.0, 421.0, 430.0, 500.0])
reflectances = arrays(np.float64, (3, 8), elements=st.floats(0.01, 1.0))


def slow_hull(x, wavelengths):
    """The highest chord over each band, by trying all."""
    hull = []
    for k, w in enumerate(wavelengths):
        best = x[k]
        for i in range(k):
            for j in range(k + 1, len(x)):
                share = (w - wavelengths[i]) / (wavelengths[j] - wavelengths[i])
                best = max(best, x[i] + share * (x[j] - x[i]))
        hull.append(best)
    return np.array(hull)


@given(X=reflectances)
def test_reflectance_is_divided_by_the_highest_chord(X):
    slow = [x / slow_hull(x, AXIS) for x in X]
    assert_allclose(continuum_removal(X, AXIS), slow, rtol=1e-12)


@given(X=reflectances)
def test_from_absorbance_the_lowest_chord_is_subtracted(X):
    slow = [x + slow_hull(-x, AXIS) for x in X]
    removed = continuum_removal(X, AXIS, quantity="absorbance")
    assert_allclose(removed, slow, atol=1e-12)
    assert (removed >= 0).all()
    assert_array_equal(removed[:, [0, -1]], 0.0)


@given(X=reflectances, gain=st.floats(0.1, 10))
def test_values_stay_below_one_touch_it_at_the_ends_and_forget_brightness(X, gain):
    removed = continuum_removal(X, AXIS)
    assert (removed <= 1).all()
    assert (removed > 0).all()
    assert_array_equal(removed[:, [0, -1]], 1.0)
    assert_allclose(continuum_removal(gain * X, AXIS), removed, rtol=1e-9)


def wavy_spectra(n_samples, n_wavelengths):
    rng = np.random.default_rng(0)
    wavelengths = np.linspace(350.0, 2500.0, n_wavelengths)
    phase = rng.uniform(0, 6, (n_samples, 1))
    waves = 0.5 + 0.2 * np.sin(wavelengths / 300 + phase)
    return waves + rng.normal(0, 0.003, waves.shape), wavelengths


def test_the_hull_is_that_of_qhull():
    X, wavelengths = wavy_spectra(5, 700)
    removed = continuum_removal(X, wavelengths)
    for x, values in zip(X, removed, strict=True):
        # Points far below both ends leave the upper part of the hull alone.
        below = np.array([[wavelengths[0], -9.0], [wavelengths[-1], -9.0]])
        points = np.vstack([np.column_stack([wavelengths, x]), below])
        vertices = np.sort(ConvexHull(points).vertices)
        vertices = vertices[vertices < x.size]
        hull = np.interp(wavelengths, wavelengths[vertices], x[vertices])
        assert_allclose(values, x / hull, rtol=1e-9)


def test_a_straight_and_a_domed_spectrum_have_no_features():
    X = np.stack([0.2 + AXIS / 1000, 1.0 - ((AXIS - 450.0) / 100) ** 2])
    assert_allclose(continuum_removal(X, AXIS), np.ones((2, 8)))


def test_a_thousand_spectra_take_about_a_second():
    X, wavelengths = wavy_spectra(1000, 2100)
    start = time.perf_counter()
    continuum_removal(X, wavelengths)
    assert time.perf_counter() - start < 5.0


def test_zero_reflectance_and_a_wrong_axis_are_refused():
    X = np.full((2, 8), 0.5)
    X[1, 3] = 0.0
    with pytest.raises(InvalidSpectraError, match="1 reflectances are <= 0"):
        continuum_removal(X, AXIS)
    with pytest.raises(InvalidSpectraError, match="expected 7 bands"):
        continuum_removal(X, AXIS[1:])


def test_precision_is_kept_and_integers_become_floats():
    X = np.array([[4, 1, 6, 3, 9, 2, 5, 8]])
    single = continuum_removal(X.astype(np.float32), AXIS)
    assert single.dtype == np.float32
    assert (single <= 1).all()
    assert_allclose(continuum_removal(X, AXIS), continuum_removal(X * 1.0, AXIS))
