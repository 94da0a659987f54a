"""Grids: nothing extrapolated, nothing changed where nothing is asked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.interpolate import CubicSpline
from scipy.stats import norm

from cerussite.core.errors import InvalidSpectraError, InvalidStudyError
from cerussite.preprocessing import resample, splice_correction, trim


def spectra(seed=0, n_samples=3, n_wavelengths=30):
    rng = np.random.default_rng(seed)
    wavelengths = 400.0 + np.cumsum(rng.uniform(0.5, 20.0, n_wavelengths))
    return rng.uniform(0.1, 0.9, (n_samples, n_wavelengths)), wavelengths


@given(seed=st.integers(0, 99))
def test_resampling_onto_the_same_grid_changes_nothing(seed):
    X, wavelengths = spectra(seed)
    assert_array_equal(resample(X, wavelengths, wavelengths), X)
    spline = resample(X, wavelengths, wavelengths, method="spline")
    assert_allclose(spline, X, atol=1e-12)


def test_resampling_agrees_with_numpy_and_scipy():
    X, wavelengths = spectra()
    new = np.random.default_rng(1).uniform(wavelengths[0], wavelengths[-1], 50)
    linear = [np.interp(new, wavelengths, x) for x in X]
    assert_allclose(resample(X, wavelengths, new), linear)
    spline = [CubicSpline(wavelengths, x)(new) for x in X]
    assert_allclose(resample(X, wavelengths, new, method="spline"), spline)


@given(slope=st.floats(-1, 1), level=st.floats(-1, 1))
def test_straight_lines_stay_straight_on_any_grid(slope, level):
    wavelengths = spectra()[1]
    new = np.linspace(wavelengths[0], wavelengths[-1], 77)
    line = (level + slope * wavelengths)[np.newaxis]
    for method in ("linear", "spline"):
        resampled = resample(line, wavelengths, new, method=method)
        assert_allclose(resampled[0], level + slope * new, atol=1e-9)


@pytest.mark.parametrize("method", ["linear", "spline"])
@pytest.mark.parametrize("beyond", [399.0, 2500.0, np.nan])
def test_nothing_is_extrapolated(method, beyond):
    X, wavelengths = spectra()
    with pytest.raises(InvalidSpectraError, match="1 new wavelengths lie outside"):
        resample(X, wavelengths, np.array([450.0, beyond]), method=method)


def test_trimming_keeps_both_ends_and_refuses_to_leave_one_band():
    X, wavelengths = np.arange(8.0).reshape(2, 4), np.array([1.0, 2.0, 3.0, 4.0])
    kept, axis = trim(X, wavelengths, low=2.0, high=3.0)
    assert_array_equal(kept, [[1.0, 2.0], [5.0, 6.0]])
    assert_array_equal(axis, [2.0, 3.0])
    for low, high in ((1.5, 2.5), (3.0, 2.0), (7.0, 9.0)):
        with pytest.raises(InvalidSpectraError, match="expected two or more"):
            trim(X, wavelengths, low=low, high=high)


@given(before=st.floats(-0.2, 0.2), after=st.floats(-0.2, 0.2))
def test_steps_put_between_detectors_are_taken_out_again(before, after):
    wavelengths = np.arange(350.0, 2501.0, 10.0)
    # Flat at the second splice: the band after it is set on the line's value there.
    smooth = np.where(wavelengths < 1500, wavelengths / 2000, 0.75)[np.newaxis]
    stepped = smooth + before * (wavelengths <= 1000) + after * (wavelengths > 1830)
    corrected = splice_correction(stepped, wavelengths, splices=[1000.0, 1830.0])
    assert_allclose(corrected, smooth, atol=1e-12)


def test_one_splice_moves_the_first_detector_only():
    X, wavelengths = spectra()
    corrected = splice_correction(X, wavelengths, splices=[wavelengths[9]])
    assert_array_equal(corrected[:, 10:], X[:, 10:])
    assert_allclose(np.diff(corrected[:, :10]), np.diff(X[:, :10]))
    for x, level in zip(X, corrected[:, 9], strict=True):
        line = np.polyfit(wavelengths[10:20], x[10:20], 1)
        assert level == pytest.approx(np.polyval(line, wavelengths[9]))


def normal_numbers_of_r(seed, n):
    """Set.seed(seed); rnorm(n) of R: Mersenne Twister and inversion."""
    word, words = seed, []
    for step in range(50 + 625):
        word = (69069 * word + 1) % 2**32
        if step >= 51:
            words.append(word)
    twister = np.random.MT19937()
    state = {"key": np.array(words, dtype=np.uint32), "pos": 624}
    twister.state = {"bit_generator": "MT19937", "state": state}
    uniform = twister.random_raw(2 * n).reshape(n, 2) * 2.3283064365386963e-10
    return norm.ppf((np.floor(2**27 * uniform[:, 0]) + uniform[:, 1]) / 2**27)


def test_normal_numbers_are_those_of_r():
    # set.seed(42); rnorm(3) as printed by R.
    expected = [1.37095845, -0.56469817, 0.36312841]
    assert_allclose(normal_numbers_of_r(42, 3), expected, atol=1e-8)


def test_splice_correction_agrees_with_prospectr():
    # Spectrum and printed values of test-spliceCorrection.R of the R package
    # prospectr (commit 3f7e30ec).
    wavelengths = np.arange(500.0, 2501.0, 2.0)
    X = np.linspace(0.1, 0.5, 1001) + 0.002 * normal_numbers_of_r(42, 1001)
    X[(wavelengths >= 1000) & (wavelengths < 1830)] += 0.05
    X[wavelengths >= 1830] -= 0.03
    corrected = splice_correction(X[np.newaxis], wavelengths, splices=[1000, 1830])
    assert corrected.mean().round(6) == 0.328357
    assert corrected.max().round(5) == 0.5265


@pytest.mark.parametrize(
    ("splices", "n_bands"), [([], 5), ([1, 2, 3], 5), ([900, 800], 5), ([600.0], 1)]
)
def test_splices_that_cannot_be_are_refused(splices, n_bands):
    X, wavelengths = spectra()
    with pytest.raises(InvalidStudyError, match="one or two increasing"):
        splice_correction(X, wavelengths, splices=splices, n_bands=n_bands)


@pytest.mark.parametrize(
    "splices", [[300.0], [3000.0], [450.0, 460.0], [450.0, 3000.0]]
)
def test_splices_that_leave_no_detector_are_refused(splices):
    X, wavelengths = spectra()
    with pytest.raises(InvalidSpectraError, match="check the splices"):
        splice_correction(X, wavelengths, splices=splices)


def test_precision_is_kept_and_integers_become_floats():
    X, wavelengths = np.arange(60).reshape(2, 30) ** 2, 400.0 + 3.0 * np.arange(30)
    new = wavelengths[:-1] + 1.0
    for change in (
        lambda X: resample(X, wavelengths, new),
        lambda X: splice_correction(X, wavelengths, splices=[430.0], n_bands=3),
    ):
        assert change(X.astype(np.float32)).dtype == np.float32
        assert_allclose(change(X), change(X.astype(float)))
