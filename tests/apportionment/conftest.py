"""Planted sources: data whose factors are known."""

import numpy as np
import pytest

from cerussite.apportionment import ReceptorData


def plant(n_samples=150, n_species=9, n_factors=3, *, seed=0, has_zeros=True):
    """Data, mean contributions of the factors to the species, and contributions."""
    rng = np.random.default_rng(seed)
    shape = (n_factors, n_species)
    profiles = rng.lognormal(0, 1, shape) * (rng.random(shape) < 0.6)
    for factor in range(n_factors):
        profiles[factor, factor] = max(profiles[factor, factor], 2.0)
    profiles[0, profiles.sum(axis=0) == 0] = 1.0
    contributions = rng.lognormal(0, 0.8, (n_samples, n_factors))
    if has_zeros:
        contributions *= rng.random(contributions.shape) < 0.85
    profiles *= rng.lognormal(0, 2, n_species)
    clean = contributions @ profiles
    uncertainties = 0.1 * clean + 0.05 * clean.mean(axis=0)
    noisy = clean + uncertainties * rng.normal(size=clean.shape)
    data = ReceptorData(
        noisy,
        uncertainties,
        tuple(f"E{number}" for number in range(n_species)),
        tuple(f"s{number}" for number in range(n_samples)),
    )
    return data, profiles * contributions.mean(axis=0)[:, None], contributions


@pytest.fixture(scope="session")
def small_set():
    return plant()


@pytest.fixture(scope="session")
def planting():
    """The function that plants sources, for sets of other sizes."""
    return plant
