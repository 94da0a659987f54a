"""Bands of sensors are integrals of response times spectrum, or refused by name."""

import csv
import doctest
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad

from cerussite.core.errors import InvalidSpectraError
from cerussite.core.spectra import Spectra
from cerussite.preprocessing.sensors import (
    SENSORS,
    Sensor,
    resample_to_sensor,
    sensor,
    sensor_bands,
)

AXIS = np.arange(340.0, 2521.0)


def one_band(centre=1000.0, fwhm=20.0):
    return Sensor("one", ("only",), np.array([centre]), np.array([fwhm]))


def literal_band(spectrum, axis, centre, fwhm):
    """Trapezoids of response times spectrum over trapezoids of the response."""
    above, below = 0.0, 0.0
    for i in range(len(axis) - 1):
        step = axis[i + 1] - axis[i]
        ends = []
        for at in (i, i + 1):
            response = 2.0 ** -(((axis[at] - centre) / (fwhm / 2)) ** 2)
            ends.append((response * spectrum[at], response))
        above += step * (ends[0][0] + ends[1][0]) / 2
        below += step * (ends[0][1] + ends[1][1]) / 2
    return above / below


def test_bands_equal_a_literal_integral():
    rng = np.random.default_rng(0)
    axis = np.sort(rng.uniform(390, 2600, 3000))
    spectrum = 0.3 + 0.1 * np.sin(axis / 37) + rng.normal(0, 0.01, axis.size)
    seen = sensor("Sentinel-2A")
    expected = [
        literal_band(spectrum, axis, centre, fwhm)
        for centre, fwhm in zip(seen.centres, seen.fwhm, strict=True)
    ]
    assert_allclose(sensor_bands(spectrum[None], axis, seen)[0], expected, rtol=1e-12)


def test_bands_are_the_integral_of_a_continuous_spectrum():
    def spectrum(x):
        return 0.3 + 0.1 * np.sin(x / 60)

    def response(x):
        return np.exp(-4 * np.log(2) * ((x - 2202.37) / 173.57) ** 2)

    above = quad(lambda x: response(x) * spectrum(x), *AXIS[[0, -1]], epsabs=1e-12)[0]
    below = quad(response, *AXIS[[0, -1]], epsabs=1e-12)[0]
    seen = sensor("Sentinel-2A").take(["B12"])
    found = sensor_bands(spectrum(AXIS)[None], AXIS, seen)
    assert_allclose(found, [[above / below]], atol=1e-5)


@pytest.mark.parametrize("name", SENSORS)
def test_flat_spectra_stay_flat(name):
    flat = np.repeat([[0.01], [0.3], [1.0]], AXIS.size, axis=1)
    expected = np.repeat(flat[:, :1], len(sensor(name).bands), axis=1)
    assert_allclose(sensor_bands(flat, AXIS, sensor(name)), expected, rtol=1e-12)


def test_a_band_is_half_as_sensitive_half_its_width_away():
    line, far = np.zeros((2, AXIS.size))
    line[AXIS == 1000], far[AXIS == 1010] = 1.0, 1.0
    centre, edge = sensor_bands(np.array([line, far]), AXIS, one_band())[:, 0]
    assert edge / centre == pytest.approx(0.5)


def test_absorbance_is_averaged_as_reflectance():
    reflectance = 0.4 + 0.2 * np.sin(AXIS / 9)[None]
    absorbance = Spectra(-np.log10(reflectance), AXIS, "absorbance")
    seen = resample_to_sensor(absorbance, sensor("Landsat-9"))
    direct = resample_to_sensor(absorbance.to_reflectance(), sensor("Landsat-9"))
    assert (seen.quantity, direct.quantity) == ("absorbance", "reflectance")
    assert_allclose(10**-seen.values, direct.values, rtol=1e-12)
    assert_allclose(seen.wavelengths, sensor("Landsat-9").centres)


def test_bands_beyond_the_spectra_are_refused_by_name():
    axis = np.arange(500.0, 1801.0)
    message = (
        r"Sentinel-2A: 3 of 13 bands, B1 \(442.7 nm\), B2 \(492.44 nm\), "
        r"B12 \(2202.37 nm\), reach beyond the spectra, 500 to 1800 nm"
    )
    with pytest.raises(InvalidSpectraError, match=message):
        sensor_bands(np.ones((1, axis.size)), axis, sensor("Sentinel-2A"))
    inside = sensor("Sentinel-2A").within(axis[0], axis[-1])
    assert inside.bands == sensor("Sentinel-2A").bands[2:-1]
    assert sensor_bands(np.ones((1, axis.size)), axis, inside).shape == (1, 10)


def test_bands_narrower_than_the_spectra_are_refused_by_name():
    axis = np.arange(380.0, 1020.0, 5.0)
    with pytest.raises(InvalidSpectraError, match=r"DESIS: .* 1 \(402 nm\), .* narrow"):
        sensor_bands(np.ones((1, axis.size)), axis, sensor("DESIS"))


def test_a_range_without_any_band_is_refused():
    with pytest.raises(InvalidSpectraError, match=r"none of its bands .* 2600 to 4000"):
        sensor("EMIT").within(2600, 4000)


def test_sensors_are_found_by_any_spelling_and_others_refused():
    assert sensor("sentinel 2b") is sensor("Sentinel-2B")
    with pytest.raises(InvalidSpectraError, match=r"'HyMap' .* header of the image"):
        sensor("HyMap")
    with pytest.raises(InvalidSpectraError, match="no band 'B13'; expected some of B1"):
        sensor("Sentinel-2A").take(["B13"])


@pytest.mark.parametrize(
    ("name", "n_bands", "band", "centre"),
    [
        # Centres published by ESA and NASA for these response functions.
        ("Sentinel-2A", 13, "B8A", 864.7),
        ("Sentinel-2B", 13, "B12", 2185.7),
        ("Landsat-8", 9, "B5", 864.6),
        ("Landsat-9", 9, "B4", 654.3),
        ("EnMAP", 224, "1", 418.2),
        ("PRISMA", 234, "64", 943.0),
        ("DESIS", 235, "1", 402.0),
        ("EMIT", 285, "1", 381.0),
    ],
)
def test_sensors_have_their_published_bands(name, n_bands, band, centre):
    found = sensor(name)
    assert len(found.bands) == n_bands
    assert found.take([band]).centres[0] == pytest.approx(centre, abs=0.1)
    assert found.source


def test_the_page_on_sensors_runs():
    page = Path(__file__).parents[2] / "docs" / "sensors.md"
    flags = doctest.NORMALIZE_WHITESPACE
    results = doctest.testfile(str(page), module_relative=False, optionflags=flags)
    assert results.attempted > 5
    assert results.failed == 0


def test_every_row_of_the_table_has_a_source_and_a_known_sensor():
    table = resources.files("cerussite.preprocessing").joinpath("sensor_bands.csv")
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert {row["sensor"] for row in rows} == set(SENSORS)
    assert all(row["source"] for row in rows)


@pytest.mark.parametrize(
    ("bands", "centres", "fwhm", "message"),
    [
        (("a", "a"), [1.0, 2.0], [1.0, 1.0], "expected each once"),
        (("a", "b"), [1.0], [1.0, 1.0], "expected one of each"),
        (("a", "b"), [2.0, 1.0], [1.0, 1.0], "sorted by their centres"),
        (("a", "b"), [1.0, 2.0], [1.0, 0.0], "not > 0"),
        ((), [], [], "expected each once"),
    ],
)
def test_impossible_sensors_are_refused(bands, centres, fwhm, message):
    with pytest.raises(InvalidSpectraError, match=message):
        Sensor("odd", bands, np.array(centres), np.array(fwhm))
