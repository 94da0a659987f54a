import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import nnls

from cerussite.apportionment.nonnegative import (
    bounded_minimiser,
    coordinate_sweeps,
    least_squares_rows,
)


def problems(seed, n_problems=30, n_unknowns=5):
    rng = np.random.default_rng(seed)
    designs = rng.normal(size=(n_problems, 8, n_unknowns))
    answers = rng.normal(size=(n_problems, 8))
    normal = np.einsum("iak,ial->ikl", designs, designs)
    return designs, answers, normal, np.einsum("iak,ia->ik", designs, answers)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000))
def test_rows_are_solved_as_scipy_solves_each(seed):
    designs, answers, normal, target = problems(seed)
    guess = np.maximum(np.random.default_rng(seed).normal(size=target.shape), 0.0)
    found = least_squares_rows(normal, target, guess)
    expected = [nnls(a, b)[0] for a, b in zip(designs, answers, strict=True)]
    assert_allclose(found, expected, atol=1e-8)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000))
def test_one_large_problem_is_solved_as_scipy_does(seed):
    rng = np.random.default_rng(seed)
    design, answer = rng.normal(size=(60, 40)), rng.normal(size=60)
    found = bounded_minimiser(
        design.T @ design, design.T @ answer, rng.random(40) < 0.5
    )
    assert_allclose(found, nnls(design, answer)[0], atol=1e-7)


def test_a_matrix_without_positive_curvature_has_no_minimiser():
    assert bounded_minimiser(-np.eye(2), np.ones(2), np.ones(2, bool)) is None


def test_sweeps_never_raise_the_objective_and_end_at_the_minimum():
    _, _, normal, target = problems(0)

    def objective(x):
        return np.einsum("ik,ikl,il->i", x, normal, x) - 2 * (target * x).sum(axis=1)

    x, before = np.ones(target.shape), np.inf
    for _ in range(2000):
        x = coordinate_sweeps(normal, target, x, n_sweeps=1)
        assert (objective(x) <= before + 1e-9).all()
        before = objective(x)
    expected = least_squares_rows(normal, target, np.zeros(target.shape))
    assert_allclose(x, expected, atol=1e-6)


def test_identical_unknowns_are_no_obstacle():
    normal, target = np.ones((1, 2, 2)), np.array([[3.0, 3.0]])
    found = least_squares_rows(normal, target, np.zeros((1, 2)))
    assert_allclose(found.sum(), 3.0)
