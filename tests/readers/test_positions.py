import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerussite.core.errors import InvalidSurveyError
from cerussite.readers.positions import EARTH_RADIUS, position_clusters

METRES_A_DEGREE = EARTH_RADIUS * np.pi / 180


def test_a_chain_of_short_steps_is_one_place():
    north = np.array([0.0, 90.0, 180.0, 281.0]) / METRES_A_DEGREE
    assert position_clusters(north, np.zeros(4), within=100.0).tolist() == [0, 0, 0, 1]


def test_a_degree_of_longitude_shrinks_with_latitude():
    # cos(60 degrees) is a half: 150 m of longitude at the equator are 75 m there.
    east = np.array([0.0, 150.0]) / METRES_A_DEGREE
    assert position_clusters(np.full(2, 60.0), east, within=100.0).tolist() == [0, 0]
    assert position_clusters(np.zeros(2), east, within=100.0).tolist() == [0, 1]


def test_stations_on_both_sides_of_the_date_line_are_near():
    east = np.array([179.9999, -179.9999])
    assert position_clusters(np.zeros(2), east, within=100.0).tolist() == [0, 0]


@given(st.integers(0, 10_000))
def test_clusters_are_those_of_the_haversine_by_a_slow_search(seed):
    rng = np.random.default_rng(seed)
    latitude, longitude = rng.uniform(30, 30.02, 25), rng.uniform(5, 5.02, 25)
    found = position_clusters(latitude, longitude, within=300.0)
    label = list(range(25))
    for i in range(25):
        for j in range(i):
            a, b = np.radians([latitude[i], latitude[j]])
            half = np.radians(longitude[i] - longitude[j]) / 2
            h = np.sin((a - b) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(half) ** 2
            if 2 * EARTH_RADIUS * np.arcsin(np.sqrt(h)) <= 300.0:
                old, new = label[i], label[j]
                label = [new if each == old else each for each in label]
    same = np.equal.outer(label, label)
    assert (np.equal.outer(found, found) == same).all()


@pytest.mark.parametrize("latitude", [np.nan, 91.0])
def test_a_position_off_the_globe_is_refused(latitude):
    with pytest.raises(InvalidSurveyError, match=r"1 positions .* row 1, latitude"):
        position_clusters(np.array([0.0, latitude]), np.zeros(2), within=1.0)
