import numpy as np
import pytest

from cerussite.readers.projection import (
    CALIFORNIA_ALBERS,
    CONUS_ALBERS,
    AlbersGrid,
    albers_equal_area,
)


def test_worked_example_of_snyder():
    # USGS Professional Paper 1395 (1987), p. 292: Clarke 1866, 35 N, 75 W.
    grid = AlbersGrid(
        "Clarke 1866",
        (29.5, 45.5),
        (23.0, -96.0),
        semi_major_axis=6_378_206.4,
        squared_eccentricity=0.00676866,
    )
    easting, northing = albers_equal_area(np.array([35.0]), np.array([-75.0]), grid)
    assert easting[0] == pytest.approx(1_885_472.7, abs=0.1)
    assert northing[0] == pytest.approx(1_535_925.0, abs=0.1)


def test_scale_is_true_along_a_standard_parallel():
    east = np.array([-120.0, -120.001])
    for latitude in CALIFORNIA_ALBERS.parallels:
        x, y = albers_equal_area(np.full(2, latitude), east, CALIFORNIA_ALBERS)
        squared = CALIFORNIA_ALBERS.squared_eccentricity
        sine = np.sin(np.radians(latitude))
        radius = 6_378_137.0 * np.sqrt(1 - sine**2) / np.sqrt(1 - squared * sine**2)
        assert np.hypot(*np.diff([x, y])).item() == pytest.approx(
            radius * np.radians(0.001), rel=1e-6
        )


def test_cells_of_equal_area_stay_so():
    # Areas of cells of the authalic sphere, wherever they lie in the country.
    for latitude, longitude in [(25.0, -80.0), (37.0, -100.0), (49.0, -124.0)]:
        step = 0.01
        north = latitude + np.array([0, 0, step, step])
        east = longitude + np.array([0, step, step, 0])
        x, y = albers_equal_area(north, east, CONUS_ALBERS)
        area = abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2
        squared = CONUS_ALBERS.squared_eccentricity
        sine = np.sin(np.radians(latitude + step / 2))
        meridian = 6_378_137.0 * (1 - squared) / (1 - squared * sine**2) ** 1.5
        parallel = 6_378_137.0 * np.sqrt(1 - sine**2) / np.sqrt(1 - squared * sine**2)
        assert area == pytest.approx(
            meridian * parallel * np.radians(step) ** 2, rel=1e-6
        )


def test_pyproj_gives_the_same_coordinates():
    pyproj = pytest.importorskip("pyproj", reason="pyproj is in the extra maps")
    latitude, longitude = (
        np.array([32.6, 34.4, 45.0]),
        np.array([-117.1, -120.5, -90.0]),
    )
    for grid in (CALIFORNIA_ALBERS, CONUS_ALBERS):
        to = pyproj.Transformer.from_crs("EPSG:4269", grid.crs, always_xy=True)
        expected = to.transform(longitude, latitude)
        np.testing.assert_allclose(
            albers_equal_area(latitude, longitude, grid), expected, atol=1e-3
        )


def test_a_missing_position_stays_missing():
    easting, _ = albers_equal_area(np.array([np.nan]), np.array([0.0]), CONUS_ALBERS)
    assert np.isnan(easting).all()
