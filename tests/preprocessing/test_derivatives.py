"""Derivatives against polynomials, slow loops and their own algebra."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import binom

from cerussite.core.errors import InvalidSpectraError, InvalidStudyError
from cerussite.preprocessing import (
    fractional_derivative,
    gap_derivative,
    savitzky_golay,
)


def spectra(n_samples=3, n_wavelengths=25):
    return np.random.default_rng(0).uniform(0.1, 0.9, (n_samples, n_wavelengths))


@given(slope=st.floats(-5, 5), start=st.floats(-5, 5), gap=st.sampled_from([1, 3, 7]))
def test_the_derivative_of_a_straight_line_is_its_slope(slope, start, gap):
    X = (start + slope * np.arange(25.0))[np.newaxis]
    golay = savitzky_golay(X, window=7, degree=2, derivative=1)
    assert_allclose(golay, np.full_like(X, slope), atol=1e-9)
    assert_allclose(gap_derivative(X, gap=gap, segment=3), slope, atol=1e-9)
    assert_allclose(gap_derivative(X, gap=gap, segment=3, derivative=2), 0, atol=1e-9)
    assert_allclose(fractional_derivative(X, order=1.0)[:, 1:], slope, atol=1e-9)


@pytest.mark.parametrize(("degree", "derivative"), [(2, 0), (2, 1), (3, 2)])
def test_savitzky_golay_equals_polynomials_fitted_window_by_window(degree, derivative):
    X, window, half = spectra(), 7, 3
    slow = np.empty_like(X)
    for row, x in enumerate(X):
        for band in range(x.size):
            start = min(max(band - half, 0), x.size - window)
            inside = np.arange(start, start + window)
            fit = np.poly1d(np.polyfit(inside, x[inside], degree))
            slow[row, band] = fit.deriv(derivative)(band)
    fast = savitzky_golay(X, window=window, degree=degree, derivative=derivative)
    assert_allclose(fast, slow, atol=1e-9)


def test_derivatives_per_nm_follow_from_the_spacing():
    nm = np.arange(400.0, 450.0, 2.0)
    X = (0.01 * (nm - 420.0) ** 2)[np.newaxis]
    first = savitzky_golay(X, window=5, degree=2, derivative=1, spacing=2.0)
    second = savitzky_golay(X, window=5, degree=2, derivative=2, spacing=2.0)
    assert_allclose(first[0], 0.02 * (nm - 420.0), atol=1e-9)
    assert_allclose(second[0], 0.02, atol=1e-9)


@pytest.mark.parametrize(
    ("window", "degree", "derivative"), [(4, 2, 1), (3, 3, 1), (5, 2, 3), (5, 2, -1)]
)
def test_savitzky_golay_refuses_impossible_windows(window, degree, derivative):
    with pytest.raises(InvalidStudyError, match="an odd window wider"):
        savitzky_golay(spectra(), window=window, degree=degree, derivative=derivative)


def slow_gap_derivative(x, gap, segment, derivative):
    lag = gap + segment
    n_kept = len(x) - derivative * lag - segment + 1
    out = []
    for band in range(n_kept):
        total = 0.0
        for k in range(derivative + 1):
            start = band + k * lag
            mean = sum(x[start : start + segment]) / segment
            total += (-1) ** (derivative - k) * math.comb(derivative, k) * mean
        out.append(total / lag**derivative)
    return out


@pytest.mark.parametrize("derivative", [1, 2, 3])
@pytest.mark.parametrize(("gap", "segment"), [(1, 1), (3, 1), (1, 3), (5, 3)])
def test_gap_derivative_equals_the_slow_stencil(gap, segment, derivative):
    X = spectra(n_wavelengths=40)
    slow = [slow_gap_derivative(x, gap, segment, derivative) for x in X.tolist()]
    fast = gap_derivative(X, gap=gap, segment=segment, derivative=derivative)
    assert_allclose(fast, slow, atol=1e-12)


def test_the_first_gap_derivative_belongs_to_the_band_it_says():
    bands = np.arange(25.0)
    X = ((bands - 12.0) ** 2)[np.newaxis]
    derived = gap_derivative(X, gap=5, segment=3)
    first = (1 * (5 + 3) + 3 - 1) // 2
    expected = 2 * (bands[first : first + derived.shape[1]] - 12.0)
    assert_allclose(derived[0], expected, atol=1e-9)


@pytest.mark.parametrize(
    ("gap", "segment", "derivative"),
    [(2, 1, 1), (1, 2, 1), (0, 1, 1), (3, -1, 1), (3, 1, 0)],
)
def test_gap_derivative_refuses_even_or_empty_stencils(gap, segment, derivative):
    with pytest.raises(InvalidStudyError, match="odd and positive"):
        gap_derivative(spectra(), gap=gap, segment=segment, derivative=derivative)


def test_windows_wider_than_the_spectrum_are_refused():
    X = spectra(n_wavelengths=9)
    with pytest.raises(InvalidSpectraError, match="9 bands; expected at least 11"):
        savitzky_golay(X, window=11, degree=2)
    with pytest.raises(InvalidSpectraError, match="9 bands; expected at least 15"):
        gap_derivative(X, gap=5, segment=5)


def test_fractional_orders_nought_one_and_two_are_the_known_ones():
    X = spectra()
    assert_array_equal(fractional_derivative(X, order=0.0), X)
    assert_array_equal(fractional_derivative(X, order=1.0)[:, 1:], np.diff(X))
    second = fractional_derivative(X, order=2.0)[:, 2:]
    assert_allclose(second, np.diff(X, 2), atol=1e-14)


@pytest.mark.parametrize("order", [0.3, 0.5, 1.5, 2.7])
def test_fractional_derivative_equals_the_literal_sum(order):
    X = spectra()
    slow = np.zeros_like(X)
    for j in range(X.shape[1]):
        for k in range(j + 1):
            slow[:, j] += (-1) ** k * binom(order, k) * X[:, j - k]
    assert_allclose(fractional_derivative(X, order=order), slow, atol=1e-12)


@given(first=st.floats(0, 2), second=st.floats(0, 2))
def test_fractional_orders_add_up(first, second):
    X = spectra()
    twice = fractional_derivative(fractional_derivative(X, order=first), order=second)
    assert_allclose(twice, fractional_derivative(X, order=first + second), atol=1e-9)


@pytest.mark.parametrize("order", [-0.5, np.nan])
def test_fractional_derivative_refuses_negative_orders(order):
    with pytest.raises(InvalidStudyError, match="expected 0 or more"):
        fractional_derivative(spectra(), order=order)


def test_precision_is_kept_and_integers_become_floats():
    X = np.arange(60).reshape(2, 30) ** 2
    for derive in (
        lambda X: savitzky_golay(X, window=5, degree=2, derivative=1),
        lambda X: gap_derivative(X, gap=3, segment=3),
        lambda X: fractional_derivative(X, order=0.5),
    ):
        assert derive(X.astype(np.float32)).dtype == np.float32
        assert_allclose(derive(X), derive(X.astype(float)))
