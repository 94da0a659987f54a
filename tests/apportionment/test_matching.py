import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from cerussite.apportionment.matching import correlations, matched_factors


def test_correlations_are_those_of_numpy():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(30, 3)), rng.normal(size=(30, 2))
    expected = np.corrcoef(first.T, second.T)[:3, 3:]
    assert_allclose(correlations(first, second), expected)


def test_the_sum_counts_where_the_best_single_pair_misleads():
    # Greedy pairing takes (0, 0) at 0.95 and leaves (1, 1) with about nothing.
    rng = np.random.default_rng(1)
    common, own = rng.normal(size=(2, 5000))
    reference = np.column_stack([common, 0.9 * common + 0.1 * own])
    other = np.column_stack([common + 0.05 * own, common - 3.0 * own])
    found = matched_factors(reference, other)
    total = correlations(reference, other)
    assert found.similarity.sum() >= np.trace(total) - 1e-12
    assert found.similarity.sum() >= np.trace(total[:, ::-1]) - 1e-12


def test_a_permutation_is_undone():
    values = np.random.default_rng(2).normal(size=(20, 5))
    order = np.array([3, 0, 4, 1, 2])
    assert_array_equal(
        matched_factors(values, values[:, order]).order, np.argsort(order)
    )
