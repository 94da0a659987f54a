"""Shapley values by the sum over all sets of players, as they are defined."""

from collections.abc import Callable
from itertools import combinations
from math import comb

import numpy as np
import pytest


def shapley(value: Callable[[frozenset[int]], float], n_players: int) -> np.ndarray:
    """Average gain of each player over all orders of the others."""
    result = np.zeros(n_players)
    for player in range(n_players):
        others = [other for other in range(n_players) if other != player]
        for size in range(n_players):
            weight = 1 / (n_players * comb(n_players - 1, size))
            for members in combinations(others, size):
                without = frozenset(members)
                gain = value(without | {player}) - value(without)
                result[player] += weight * gain
    return result


def switched(predict, x, background) -> Callable[[frozenset[int]], float]:
    """Mean prediction with the columns of a set from x and others from background."""

    def value(known: frozenset[int]) -> float:
        rows = background.copy()
        rows[:, sorted(known)] = x[sorted(known)]
        return float(np.mean(predict(rows)))

    return value


@pytest.fixture
def brute_force() -> Callable[..., np.ndarray]:
    return shapley


@pytest.fixture
def switched_game() -> Callable[..., Callable[[frozenset[int]], float]]:
    return switched
