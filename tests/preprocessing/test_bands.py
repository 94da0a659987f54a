"""Sensor bands: weighted means, refused where the sensor sees what is not there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from cerussite.core.errors import InvalidSpectraError
from cerussite.preprocessing import band_response, sensor_response


def uneven_axis():
    return 400.0 + np.cumsum(np.random.default_rng(0).uniform(0.5, 3.0, 400))


@given(
    level=st.floats(0.01, 1),
    centre=st.floats(550, 900),
    width=st.floats(5, 80),
)
def test_the_bands_of_a_flat_spectrum_are_flat(level, centre, width):
    wavelengths = uneven_axis()
    flat = np.full((2, wavelengths.size), level)
    centres = np.array([centre, 600.0])
    bands = band_response(flat, wavelengths, centres, np.array([width, 20.0]))
    assert_allclose(bands, np.full((2, 2), level))


def test_a_gaussian_band_has_the_moments_of_its_width():
    # A parabola around the centre has the variance of the band as its mean:
    # (FWHM / 2.354820)^2; on an uneven axis the width of each band counts.
    wavelengths = uneven_axis()
    X = np.stack([wavelengths, (wavelengths - 700.0) ** 2])
    bands = band_response(X, wavelengths, np.array([700.0]), 40.0)
    assert_allclose(bands[:, 0], [700.0, (40.0 / 2.354820) ** 2], rtol=2e-3)


def test_half_the_response_lies_half_a_width_from_the_centre():
    wavelengths = np.arange(400.0, 501.0)
    at_centre, at_half = np.zeros((2, 101))
    at_centre[50], at_half[60] = 1.0, 1.0
    X = np.stack([at_centre, at_half])
    bands = band_response(X, wavelengths, np.array([450.0]), 20.0)
    assert bands[1, 0] / bands[0, 0] == pytest.approx(0.5)


def test_a_sensor_table_is_a_weighted_mean_by_the_trapezoidal_rule():
    wavelengths = uneven_axis()
    rng = np.random.default_rng(1)
    X, responses = rng.random((3, 400)), rng.random((400, 2))
    bands = sensor_response(X, wavelengths, responses)
    for row, x in enumerate(X):
        for column, response in enumerate(responses.T):
            total = np.trapezoid(response, wavelengths)
            expected = np.trapezoid(response * x, wavelengths) / total
            assert bands[row, column] == pytest.approx(expected)
    assert_allclose(sensor_response(X, wavelengths, 7.0 * responses), bands)


@pytest.mark.parametrize(
    ("centre", "width"), [(405.0, 20.0), (495.0, 20.0), (450.0, 0.5), (450.0, np.nan)]
)
def test_bands_the_spectra_cannot_form_are_refused(centre, width):
    wavelengths = np.arange(400.0, 501.0)
    with pytest.raises(InvalidSpectraError, match="1 sensor bands cannot be formed"):
        band_response(
            np.ones((1, 101)), wavelengths, np.array([450.0, centre]), [9, width]
        )


@pytest.mark.parametrize(
    ("responses", "message"),
    [
        (np.ones((4, 1)), "responses of shape"),
        (np.ones(3), "responses of shape"),
        (np.array([[1.0], [-1.0], [3.0]]), "negative"),
        (np.array([[1.0], [np.nan], [3.0]]), "negative or missing"),
        (np.zeros((3, 1)), "at least one above 0"),
    ],
)
def test_responses_that_are_none_are_refused(responses, message):
    with pytest.raises(InvalidSpectraError, match=message):
        sensor_response(np.ones((1, 3)), np.array([1.0, 2.0, 3.0]), responses)


def test_precision_is_kept_and_integers_become_floats():
    wavelengths = np.arange(400.0, 501.0)
    X = np.arange(202).reshape(2, 101)
    centres = np.array([440.0, 460.0])
    single = band_response(X.astype(np.float32), wavelengths, centres, 10.0)
    assert single.dtype == np.float32
    bands = band_response(X, wavelengths, centres, 10.0)
    assert_allclose(bands, [[40.0, 60.0], [141.0, 161.0]])
