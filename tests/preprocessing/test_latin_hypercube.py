"""The objective by hand and by loop; annealing lowers it to the least there is."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from cerussite.core.errors import InvalidStudyError
from cerussite.preprocessing import (
    conditioned_latin_hypercube,
    latin_hypercube_objective,
)


def covariates(seed=0, n_samples=60):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_samples, 3))
    X[:, 1] = np.exp(X[:, 0] + X[:, 1])
    return X


def slow_objective(X, positions):
    n, total = len(positions), 0.0
    chosen = X[positions]
    for values, of_chosen in zip(X.T, chosen.T, strict=True):
        edges = np.quantile(values, np.linspace(0, 1, n + 1))
        edges[-1] = np.inf
        for low, high in itertools.pairwise(edges):
            total += abs(sum(low <= v < high for v in of_chosen) - 1)
    differences = np.corrcoef(X, rowvar=False) - np.corrcoef(chosen, rowvar=False)
    return total + np.abs(differences).sum()


@given(seed=st.integers(0, 99), n=st.integers(3, 20), digits=st.sampled_from([1, 9]))
def test_the_objective_equals_the_slow_one(seed, n, digits):
    # Rounded to one digit, values tie and lie on the edges of classes.
    X = covariates(seed).round(digits)
    positions = np.random.default_rng(seed).choice(60, n, replace=False)
    expected = slow_objective(X, positions)
    assert latin_hypercube_objective(X, positions) == pytest.approx(expected)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_annealing_does_far_better_than_chance(seed):
    X = covariates(n_samples=300)
    chosen = conditioned_latin_hypercube(X, 20, random_state=seed, n_iterations=2000)
    rng = np.random.default_rng(seed)
    by_chance = [
        latin_hypercube_objective(X, rng.choice(300, 20, replace=False))
        for _ in range(200)
    ]
    assert latin_hypercube_objective(X, chosen) < 0.5 * min(by_chance)


@pytest.mark.parametrize("seed", range(10))
def test_annealing_never_ends_worse_than_its_random_start(seed, monkeypatch):
    X = covariates()

    def objective(n_iterations):
        chosen = conditioned_latin_hypercube(
            X, 10, random_state=seed, n_iterations=n_iterations
        )
        return latin_hypercube_objective(X, chosen)

    start = objective(0)
    assert objective(500) < start
    # So hot that every exchange is accepted: the best set met is still returned.
    monkeypatch.setattr(
        "cerussite.preprocessing.latin_hypercube._LAST_TEMPERATURE", 1e9
    )
    assert objective(30) <= start + 1e-9


def test_a_small_case_reaches_the_best_of_all_choices():
    X = covariates(n_samples=12)
    best = min(
        latin_hypercube_objective(X, np.array(positions))
        for positions in itertools.combinations(range(12), 4)
    )
    chosen = conditioned_latin_hypercube(X, 4, random_state=0, n_iterations=3000)
    assert latin_hypercube_objective(X, chosen) == pytest.approx(best)


def test_the_seed_decides_and_positions_are_distinct():
    X = covariates()
    first = conditioned_latin_hypercube(X, 15, random_state=3, n_iterations=300)
    rng = np.random.default_rng(3)
    again = conditioned_latin_hypercube(X, 15, random_state=rng, n_iterations=300)
    assert_array_equal(first, again)
    assert len(set(first.tolist())) == 15
    assert_array_equal(conditioned_latin_hypercube(X, 60, random_state=0), range(60))


def test_a_variable_constant_among_the_chosen_counts_as_uncorrelated():
    # Classes hold one each; correlation 1 of all against 0 off the diagonal and
    # 0 on it for the constant one: 1 + 1 + 1.
    X = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 0.0], [1.0, 1.0]])
    spread = latin_hypercube_objective(X, np.array([0, 1]))
    same = latin_hypercube_objective(X, np.array([0, 2]))
    assert spread == pytest.approx(0.0)
    assert same == pytest.approx(4.0 + 4.0)


@pytest.mark.parametrize("n", [1, 61])
def test_counts_that_cannot_be_given_are_refused(n):
    with pytest.raises(InvalidStudyError, match=f"{n} of 60 samples"):
        conditioned_latin_hypercube(covariates(), n, random_state=0)


def test_constant_covariates_are_refused():
    X = covariates()
    X[:, 2] = 1.0
    with pytest.raises(InvalidStudyError, match=r"constant covariates \[2\]"):
        conditioned_latin_hypercube(X, 5, random_state=0)
