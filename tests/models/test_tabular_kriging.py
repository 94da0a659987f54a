import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.linalg import null_space
from scipy.stats import multivariate_normal

from cerussite.core.errors import InvalidStudyError
from cerussite.models.tabular import SpatialKriging, Variogram
from cerussite.models.tabular.kriging import ordinary_kriging
from cerussite.models.tabular.places import places_of
from cerussite.models.tabular.variograms import (
    FORMS,
    correlations,
    fit_variogram,
    restricted_likelihood,
)


def field(n_samples, *, length=120.0, nugget=0.1, ratio=1.0, azimuth=0.0, seed=0):
    """A field drawn from its own variogram on random places."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(0.0, 1000.0, (n_samples, 2))
    true = Variogram("exponential", length, nugget, 2.0, ratio, azimuth)
    root = np.linalg.cholesky(2.0 * correlations(true, places))
    return places, 3.0 + root @ rng.normal(size=n_samples)


def slow_covariance(variogram, places):
    """Sill minus semivariance, pair by pair."""
    n = len(places)
    total = np.full((n, n), variogram.sill)
    for i in range(n):
        for j in range(n):
            if i != j:
                apart = np.hypot(*(places[i] - places[j]))
                total[i, j] -= variogram.semivariance(np.array([apart]))[0]
    return total


def universal_kriging(variogram, places, trend, z, target, drift):
    """Kriging system with Lagrange multipliers, in semivariances, one target."""
    n, q = trend.shape
    gamma = variogram.sill - slow_covariance(variogram, places)
    np.fill_diagonal(gamma, 0.0)
    system = np.block([[gamma, trend], [trend.T, np.zeros((q, q))]])
    apart = np.hypot(*(places - target).T)
    right = np.concatenate([variogram.semivariance(apart), drift])
    return np.linalg.solve(system, right)[:n] @ z


@pytest.mark.parametrize("form", sorted(FORMS))
def test_ordinary_kriging_solves_the_system_of_semivariances(form):
    places, z = field(25)
    variogram = Variogram(form, 200.0, 0.2, 1.7)
    targets = np.array([[100.0, 500.0], [820.0, 40.0]])
    slow = [
        universal_kriging(variogram, places, np.ones((25, 1)), z, target, [1.0])
        for target in targets
    ]
    fast = ordinary_kriging(variogram, places, z, targets, n_neighbours=None)
    assert_allclose(fast, slow)


def test_a_neighbourhood_holds_the_nearest_rows():
    places, z = field(40)
    variogram = Variogram("exponential", 150.0, 0.3, 1.0)
    target = np.array([[400.0, 300.0]])
    near = np.argsort(np.hypot(*(places - target).T))[:7]
    slow = universal_kriging(
        variogram, places[near], np.ones((7, 1)), z[near], target[0], [1.0]
    )
    fast = ordinary_kriging(variogram, places, z, target, n_neighbours=7)
    assert_allclose(fast, [slow])


def test_universal_kriging_follows_the_system_with_drifts():
    places, z = field(40)
    depth = np.random.default_rng(1).uniform(1.0, 2.0, 40)
    z = z + 4.0 * depth
    table = pd.DataFrame({"e": places[:, 0], "n": places[:, 1], "depth": depth})
    kriging = SpatialKriging(
        drift=["depth"], n_neighbours=None, response_transform="none", estimate="median"
    )
    kriging.fit(table[:30], z[:30])
    trend = np.column_stack([np.ones(30), depth[:30]])
    slow = [
        universal_kriging(
            kriging.variograms_[0],
            places[:30],
            trend,
            z[:30],
            places[k],
            [1.0, depth[k]],
        )
        for k in range(30, 40)
    ]
    assert_allclose(kriging.predict(table[30:]), slow, rtol=1e-6)


def test_without_a_nugget_measured_places_return_their_values():
    places, z = field(30)
    variogram = Variogram("matern32", 100.0, 0.0, 1.0)
    again = ordinary_kriging(variogram, places, z, places, n_neighbours=12)
    assert_allclose(again, z, atol=1e-8)


def test_pure_nugget_returns_the_mean():
    places, z = field(30)
    variogram = Variogram("exponential", 100.0, 1.0, 1.0)
    assert_allclose(
        ordinary_kriging(variogram, places, z, places, n_neighbours=None), z.mean()
    )


@settings(max_examples=20, deadline=None)
@given(st.floats(-1e5, 1e5), st.floats(-1e5, 1e5), st.floats(-100.0, 100.0))
def test_kriging_forgets_where_the_map_begins(east, north, level):
    places, z = field(20)
    variogram = Variogram("exponential", 150.0, 0.2, 1.0)
    moved = places + np.array([east, north])
    here = ordinary_kriging(variogram, places[:15], z[:15], places[15:], n_neighbours=9)
    there = ordinary_kriging(
        variogram, moved[:15], z[:15] + level, moved[15:], n_neighbours=9
    )
    assert_allclose(there, here + level, atol=1e-6)


def test_the_restricted_likelihood_is_that_of_error_contrasts():
    # Contrasts that the trend cannot touch; densities differ from the restricted
    # likelihood by a constant that no variogram changes (Harville 1977).
    places, z = field(25)
    trend = np.column_stack([np.ones(25), places[:, 0]])
    contrasts = null_space(trend.T).T
    differences = []
    for length, nugget in ((50.0, 0.5), (200.0, 0.1), (600.0, 0.9)):
        variogram = Variogram("exponential", length, nugget, 1.0)
        value, sill = restricted_likelihood(variogram, places, trend, z)
        known = Variogram("exponential", length, nugget, sill)
        cov = contrasts @ slow_covariance(known, places) @ contrasts.T
        density = multivariate_normal(np.zeros(23), cov).logpdf(contrasts @ z)
        differences.append(density - value)
    assert_allclose(differences, differences[0])


def test_variograms_are_recovered():
    # Means over draws; a single field says little about its own sill.
    found = [
        fit_variogram(
            places, np.ones((150, 1)), z, form="exponential", is_anisotropic=False
        )
        for places, z in (field(150, nugget=0.3, seed=k) for k in range(6))
    ]
    assert np.exp(np.mean([np.log(one.length) for one in found])) == pytest.approx(
        120.0, rel=0.4
    )
    assert np.mean([one.nugget for one in found]) == pytest.approx(0.3, abs=0.15)
    assert np.mean([one.sill for one in found]) == pytest.approx(2.0, rel=0.3)


def test_the_direction_of_the_longest_range_is_recovered():
    places, z = field(250, length=400.0, nugget=0.02, ratio=0.2, azimuth=30.0)
    found = fit_variogram(
        places, np.ones((250, 1)), z, form="exponential", is_anisotropic=True
    )
    assert found.azimuth == pytest.approx(30.0, abs=10.0)
    assert found.ratio == pytest.approx(0.2, abs=0.15)


def test_azimuths_count_clockwise_from_north():
    # Two steps of 10 m: to the east is across an azimuth of 0, to the north along.
    variogram = Variogram("exponential", 10.0, 0.0, 1.0, ratio=0.5, azimuth=0.0)
    steps = variogram.in_ranges(np.array([[10.0, 0.0], [0.0, 10.0]]))
    assert_allclose(np.linalg.norm(steps, axis=1), [2.0, 1.0])
    turned = Variogram("exponential", 10.0, 0.0, 1.0, ratio=0.5, azimuth=90.0)
    steps = turned.in_ranges(np.array([[10.0, 0.0], [0.0, 10.0]]))
    assert_allclose(np.linalg.norm(steps, axis=1), [1.0, 2.0])


def test_degrees_become_metres():
    # One degree of a meridian on a sphere of 6371.0088 km is 111.195 km.
    equator = pd.DataFrame({"longitude": [0.0, 0.0], "latitude": [0.0, 1.0]})
    points = places_of(equator, "geographic")
    assert np.linalg.norm(points[1] - points[0]) == pytest.approx(111_195.0, abs=3.0)
    sixty = pd.DataFrame({"longitude": [10.0, 11.0], "latitude": [60.0, 60.0]})
    points = places_of(sixty, "geographic")
    assert np.linalg.norm(points[1] - points[0]) == pytest.approx(55_597.0, abs=3.0)


@pytest.mark.parametrize(
    ("coordinates", "reference", "found"),
    [
        ({"e": [1.0, np.nan]}, "projected", "1 of 2 samples have NaN for coordinates"),
        ({"e": [1.0, 2.0]}, "utm", "reference 'utm'; expected one of projected, geo"),
        ({"e": ["a", "b"]}, "projected", "coordinates e hold text"),
        ({"lat": [50.0]}, "geographic", "lat; expected longitude and latitude"),
        ({"e": [4e5], "n": [5e6]}, "geographic", "reach .*; expected degrees"),
    ],
)
def test_places_that_cannot_be_are_refused(coordinates, reference, found):
    with pytest.raises(InvalidStudyError, match=found):
        places_of(pd.DataFrame(coordinates), reference)


def test_an_unknown_form_and_a_direction_on_the_globe_are_refused():
    places, z = field(10)
    with pytest.raises(InvalidStudyError, match=r"'cubic' .* expected one of exponen"):
        fit_variogram(places, np.ones((10, 1)), z, form="cubic")
    degrees = SpatialKriging(reference="geographic", is_anisotropic=True)
    with pytest.raises(InvalidStudyError, match="of 3 coordinates, anisotropic: True"):
        degrees.fit(places / 100.0, np.exp(z))


def test_a_drift_that_is_not_there_is_refused():
    places, z = field(10)
    with pytest.raises(InvalidStudyError, match=r"drift: .* not in the table"):
        SpatialKriging(drift=["depth"]).fit(places, np.exp(z))
