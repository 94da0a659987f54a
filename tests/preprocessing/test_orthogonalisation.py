"""Orthogonalisation removes the influence and nothing learnt elsewhere."""

import numpy as np
import pytest
import skops.io
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.utils.estimator_checks import parametrize_with_checks

from cerussite.core.errors import InvalidStudyError
from cerussite.preprocessing import ExternalParameterOrthogonalisation


@parametrize_with_checks([ExternalParameterOrthogonalisation(n_components=1)])
def test_orthogonalisation_follows_scikit_learn(estimator, check):
    check(estimator)


@given(seed=st.integers(0, 99), n_components=st.integers(1, 4))
def test_doing_it_twice_changes_nothing(seed, n_components):
    rng = np.random.default_rng(seed)
    difference, X = rng.normal(size=(5, 12)), rng.normal(size=(7, 12))
    epo = ExternalParameterOrthogonalisation(n_components=n_components).fit(difference)
    once = epo.transform(X)
    assert_allclose(epo.transform(once), once, atol=1e-12)
    assert_allclose(once @ epo.components_.T, 0, atol=1e-12)


def test_samples_look_alike_with_and_without_the_influence():
    rng = np.random.default_rng(0)
    dry, water = rng.uniform(0.2, 0.8, (8, 20)), rng.normal(size=(2, 20))
    moist = dry + rng.uniform(0, 1, (8, 2)) @ water
    epo = ExternalParameterOrthogonalisation(n_components=2).fit((moist - dry)[:4])
    # The last four pairs were not seen: the directions hold for them too.
    assert_allclose(epo.transform(moist[4:]), epo.transform(dry[4:]), atol=1e-12)


def test_the_projection_is_that_of_the_eigenvectors_of_roger():
    rng = np.random.default_rng(0)
    difference, X = rng.normal(size=(6, 10)), rng.normal(size=(3, 10))
    vectors = np.linalg.eigh(difference.T @ difference)[1][:, -3:]
    epo = ExternalParameterOrthogonalisation(n_components=3).fit(difference)
    expected = X @ (np.eye(10) - vectors @ vectors.T)
    assert_allclose(epo.transform(X), expected, atol=1e-12)


def test_directions_come_from_calibration_pairs_only_and_survive_storage():
    rng = np.random.default_rng(0)
    difference, X = rng.normal(size=(6, 10)), rng.normal(size=(3, 10))
    epo = ExternalParameterOrthogonalisation(n_components=2).fit(difference[:4])
    learnt = epo.components_.copy()
    transformed = epo.transform(X)
    assert_array_equal(epo.components_, learnt)
    stored = skops.io.dumps(epo)
    unknown = skops.io.get_untrusted_types(data=stored)
    assert all(name.startswith("cerussite.preprocessing.") for name in unknown)
    loaded = skops.io.loads(stored, trusted=unknown)
    assert_array_equal(loaded.transform(X), transformed)


@pytest.mark.parametrize("n_components", [0, 5, 12])
def test_more_directions_than_pairs_are_refused(n_components):
    difference = np.random.default_rng(0).normal(size=(4, 12))
    with pytest.raises(InvalidStudyError, match="for 4 pairs of spectra"):
        ExternalParameterOrthogonalisation(n_components=n_components).fit(difference)
