"""Scatter corrections forget what they should and learn only from calibration."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.utils.estimator_checks import parametrize_with_checks

from cerussite.core.errors import InvalidSpectraError, InvalidStudyError
from cerussite.preprocessing import (
    MultiplicativeScatterCorrection,
    detrend,
    standard_normal_variate,
)

offsets, gains = st.floats(-1, 1), st.floats(0.1, 10)


def spectra(seed=0, n_samples=6, n_wavelengths=20):
    return np.random.default_rng(seed).uniform(0.1, 0.9, (n_samples, n_wavelengths))


@given(seed=st.integers(0, 99), offset=offsets, gain=gains)
def test_snv_forgets_offset_and_gain(seed, offset, gain):
    X = spectra(seed)
    scaled = standard_normal_variate(offset + gain * X)
    assert_allclose(scaled, standard_normal_variate(X), atol=1e-9)


def test_snv_divides_by_the_standard_deviation_with_one_degree_lost():
    X = spectra()
    slow = [[(v - sum(x) / 20) for v in x] for x in X.tolist()]
    slow = [[v / (sum(c * c for c in x) / 19) ** 0.5 for v in x] for x in slow]
    assert_allclose(standard_normal_variate(X), slow)


def test_snv_refuses_a_constant_spectrum():
    X = np.array([[0.2, 0.4], [0.3, 0.3]])
    with pytest.raises(InvalidSpectraError, match=r"spectra \[1\] are constant"):
        standard_normal_variate(X)


@pytest.mark.parametrize("degree", [0, 1, 2, 4])
def test_detrend_leaves_what_numpy_cannot_fit(degree):
    X = spectra()
    bands = np.arange(20.0)
    fits = [np.polyval(np.polyfit(bands, x, degree), bands) for x in X]
    assert_allclose(detrend(X, degree=degree), X - fits, atol=1e-10)


@given(seed=st.integers(0, 99), a=offsets, b=offsets, c=offsets)
def test_detrend_forgets_any_parabola_and_is_idempotent(seed, a, b, c):
    X, position = spectra(seed), np.linspace(-1, 1, 20)
    once = detrend(X)
    assert_allclose(detrend(X + a + b * position + c * position**2), once, atol=1e-9)
    assert_allclose(detrend(once), once, atol=1e-9)


@pytest.mark.parametrize("degree", [-1, 19, 30])
def test_detrend_refuses_a_degree_that_leaves_nothing(degree):
    with pytest.raises(InvalidStudyError, match="for 20 bands"):
        detrend(spectra(), degree=degree)


@pytest.mark.parametrize("correct", [standard_normal_variate, detrend])
def test_precision_is_kept_and_integers_become_floats(correct):
    X = np.array([[1, 5, 2, 9, 4], [3, 1, 4, 1, 5]])
    assert correct(X.astype(np.float32)).dtype == np.float32
    assert_allclose(correct(X), correct(X.astype(float)))


def refused(_):
    return {"check_estimators_dtypes": "its data hold a constant row: refused"}


@parametrize_with_checks(
    [MultiplicativeScatterCorrection()], expected_failed_checks=refused
)
def test_scatter_correction_follows_scikit_learn(estimator, check):
    check(estimator)


@given(seed=st.integers(0, 99), offset=offsets, gain=gains)
def test_msc_forgets_offset_and_gain_of_a_new_spectrum(seed, offset, gain):
    correction = MultiplicativeScatterCorrection().fit(spectra())
    # A steep slope along the reference keeps the regression away from zero.
    X = spectra(seed) / 10 + correction.reference_
    moved = correction.transform(offset + gain * X)
    assert_allclose(moved, correction.transform(X), atol=1e-8)


def test_msc_undoes_a_regression_on_the_mean_spectrum():
    X = spectra()
    correction = MultiplicativeScatterCorrection().fit(X)
    for x, corrected in zip(X, correction.transform(X), strict=True):
        slope, intercept = np.polyfit(X.mean(axis=0), x, 1)
        assert_allclose(corrected, (x - intercept) / slope)


def test_msc_learns_its_reference_on_calibration_rows_only():
    X = spectra()
    correction = MultiplicativeScatterCorrection().fit(X[:4])
    before = correction.transform(X[4:5])
    correction.transform(X[4:])
    assert_array_equal(correction.reference_, X[:4].mean(axis=0))
    assert_array_equal(correction.transform(X[4:5]), before)


def test_msc_refuses_constant_spectra():
    flat = np.full((2, 5), 0.3)
    with pytest.raises(InvalidSpectraError, match="mean calibration spectrum"):
        MultiplicativeScatterCorrection().fit(flat)
    correction = MultiplicativeScatterCorrection().fit(spectra(n_wavelengths=5))
    with pytest.raises(InvalidSpectraError, match=r"spectra \[0, 1\] are constant"):
        correction.transform(flat)
