"""Kennard-Stone and DUPLEX against slow twins and figures drawn by hand."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from cerussite.core.errors import InvalidStudyError
from cerussite.preprocessing import duplex, kennard_stone

scores = st.integers(0, 10_000).map(
    lambda seed: np.random.default_rng(seed).normal(size=(14, 3))
)


def farthest_pair(X, free):
    pairs = itertools.combinations(sorted(free), 2)
    return list(max(pairs, key=lambda pair: math.dist(X[pair[0]], X[pair[1]])))


def add_farthest(X, chosen, free):
    distance = {i: min(math.dist(X[i], X[j]) for j in chosen) for i in sorted(free)}
    new = max(distance, key=distance.get)
    chosen.append(new)
    free.remove(new)


def slow_kennard_stone(X, n):
    free = set(range(len(X)))
    chosen = farthest_pair(X, free)
    free -= set(chosen)
    while len(chosen) < n:
        add_farthest(X, chosen, free)
    return chosen


def slow_duplex(X, n):
    free = set(range(len(X)))
    first = farthest_pair(X, free)
    free -= set(first)
    second = farthest_pair(X, free)
    free -= set(second)
    while len(second) < n:
        add_farthest(X, first, free)
        add_farthest(X, second, free)
    return first, second


@given(X=scores, n=st.integers(2, 14))
def test_kennard_stone_equals_the_slow_one(X, n):
    assert kennard_stone(X, n).tolist() == slow_kennard_stone(X, n)


@given(X=scores, n=st.integers(2, 7))
def test_duplex_equals_the_slow_one(X, n):
    first, second = duplex(X, n)
    assert (first.tolist(), second.tolist()) == slow_duplex(X, n)


@given(X=scores)
def test_a_shorter_choice_is_the_start_of_a_longer_one(X):
    full = kennard_stone(X, 14)
    assert_array_equal(kennard_stone(X, 5), full[:5])
    assert sorted(full) == list(range(14))
    first, second = duplex(X, 7)
    assert sorted([*first, *second]) == list(range(14))


def test_kennard_stone_on_a_square_takes_corners_then_the_centre():
    # Corners of a square with its centre and a point near one corner.
    X = np.array([[0, 0], [4, 0], [0, 4], [4, 4], [2, 2], [0.5, 0]])
    assert kennard_stone(X, 5).tolist() == [0, 3, 1, 2, 4]


def test_duplex_on_a_line_gives_both_sets_the_ends():
    # 0 and 10 first, 1 and 9 second; 4 lies 4 from the first set, then 6 is left.
    X = np.array([[0.0], [1.0], [4.0], [6.0], [9.0], [10.0]])
    first, second = duplex(X, 3)
    assert (first.tolist(), second.tolist()) == ([0, 5, 2], [1, 4, 3])


def test_distances_taken_in_blocks_give_the_same_choice(monkeypatch):
    X = np.random.default_rng(0).normal(size=(50, 4))
    whole = kennard_stone(X, 20)
    monkeypatch.setattr("cerussite.preprocessing.selection._BLOCK", 7)
    assert_array_equal(kennard_stone(X, 20), whole)


def test_equal_samples_are_chosen_once_each():
    assert sorted(kennard_stone(np.ones((5, 2)), 5)) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("n", [0, 1, 15])
def test_kennard_stone_refuses_counts_it_cannot_give(n):
    with pytest.raises(InvalidStudyError, match="expected 2 to 14"):
        kennard_stone(np.zeros((14, 2)), n)


@pytest.mark.parametrize("n", [1, 8])
def test_duplex_refuses_counts_it_cannot_give(n):
    with pytest.raises(InvalidStudyError, match="expected 2 to 7"):
        duplex(np.zeros((14, 2)), n)
