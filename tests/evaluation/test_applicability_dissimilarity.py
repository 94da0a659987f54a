"""Dissimilarity, area of applicability, density and the search behind them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from cerussite.core.errors import InvalidSpectraError, InvalidStudyError
from cerussite.evaluation.applicability import (
    applicability_threshold,
    find_neighbours,
    fit_dissimilarity,
    left_out_index,
)


def literal(X, new, folds, weights):
    """Meyer and Pebesma (2021) and Schumacher et al. (2025), with loops."""
    n, p = X.shape
    means = [sum(X[i, j] for i in range(n)) / n for j in range(p)]
    spreads = [
        (sum((X[i, j] - means[j]) ** 2 for i in range(n)) / (n - 1)) ** 0.5
        for j in range(p)
    ]

    def distance(a, b):
        return (
            sum((weights[j] * (a[j] - b[j]) / spreads[j]) ** 2 for j in range(p)) ** 0.5
        )

    pairs = [distance(X[i], X[k]) for i in range(n) for k in range(n) if i != k]
    mean = sum(pairs) / len(pairs)
    own = [
        min(distance(X[i], X[k]) for k in range(n) if folds[k] != folds[i]) / mean
        for i in range(n)
    ]
    q1, q3 = np.percentile(own, [25, 75])
    threshold = min(q3 + 1.5 * (q3 - q1), max(own))
    index = [min(distance(x, X[k]) for k in range(n)) / mean for x in new]
    density = [
        sum(distance(x, X[k]) / mean <= threshold for k in range(n)) for x in new
    ]
    return own, threshold, index, density


@pytest.mark.parametrize("seed", range(3))
def test_everything_equals_the_literal_twin(seed):
    rng = np.random.default_rng(seed)
    X, new = rng.gamma(2.0, size=(30, 4)), rng.gamma(2.5, size=(25, 4))
    folds, weights = rng.integers(0, 5, size=30), np.array([1.0, 0.2, 3.0, 0.0])
    own, threshold, index, density = literal(X, new, folds, weights)
    known = fit_dissimilarity(X, folds=folds, weights=weights)
    assert known.threshold == pytest.approx(threshold, rel=1e-12)
    np.testing.assert_allclose(left_out_index(known, folds), own, rtol=1e-12)
    np.testing.assert_allclose(known.index(new), index, rtol=1e-12)
    found, near = known.index_and_density(new)
    np.testing.assert_allclose(found, index, rtol=1e-12)
    assert near.tolist() == density


def test_density_is_zero_exactly_outside_the_area_of_applicability():
    rng = np.random.default_rng(0)
    known = fit_dissimilarity(rng.normal(size=(50, 3)))
    index, density = known.index_and_density(2 * rng.normal(size=(400, 3)))
    is_inside = index <= known.threshold
    assert 20 < is_inside.sum() < 380
    assert ((density > 0) == is_inside).all()


def test_calibration_samples_themselves_are_at_distance_zero():
    X = 1e4 + np.random.default_rng(0).normal(size=(40, 5))
    assert (fit_dissimilarity(X).index(X) == 0).all()


def test_folds_of_whole_clusters_raise_the_threshold():
    rng = np.random.default_rng(0)
    clusters = np.repeat(np.arange(6), 10)
    X = 5 * rng.normal(size=(6, 3))[clusters] + rng.normal(size=(60, 3))
    alone, apart = fit_dissimilarity(X), fit_dissimilarity(X, folds=clusters)
    assert apart.mean_distance == alone.mean_distance
    assert apart.threshold > 1.5 * alone.threshold


@given(st.floats(0.01, 100), st.floats(-50, 50))
def test_the_index_does_not_depend_on_the_unit_of_a_covariate(factor, offset):
    rng = np.random.default_rng(0)
    X, new = rng.normal(size=(20, 2)), rng.normal(size=(5, 2))
    scale = np.array([factor, 1.0])
    plain = fit_dissimilarity(X)
    other = fit_dissimilarity(X * scale + offset)
    np.testing.assert_allclose(
        other.index(new * scale + offset), plain.index(new), rtol=1e-7
    )
    assert other.threshold == pytest.approx(plain.threshold, rel=1e-7)


def test_rules_of_the_threshold_by_hand():
    # Quartiles 2 and 4: the whisker may reach to 7.
    index = np.array([1.0, 2.0, 3.0, 4.0, 6.5, 9.0, 2.0, 2.0, 3.0])
    assert applicability_threshold(index, rule="whisker") == pytest.approx(6.5)
    assert applicability_threshold(index, rule="quartile") == pytest.approx(7.0)
    assert applicability_threshold(index[:4]) == pytest.approx(4.0)


@given(st.lists(st.floats(0, 10), min_size=1, max_size=30))
def test_the_quartile_rule_is_never_below_the_whisker(values):
    index = np.array(values)
    whisker = applicability_threshold(index, rule="whisker")
    assert whisker <= applicability_threshold(index) <= index.max()


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"folds": [0, 0, 0, 0]}, "at least two folds"),
        ({"folds": [0, 1]}, "2 folds for 4 samples"),
        ({"weights": np.ones(3)}, r"weights of shape \(3,\); expected \(2,\)"),
        ({"weights": np.array([1.0, -1.0])}, "set negative importances to zero"),
        ({"weights": np.zeros(2)}, "not all zero"),
        ({"rule": "maximum"}, "expected one of quartile, whisker"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, match):
    X = np.random.default_rng(0).normal(size=(4, 2))
    with pytest.raises(InvalidStudyError, match=match):
        fit_dissimilarity(X, **options)


def test_samples_that_cannot_be_compared_are_refused():
    X = np.random.default_rng(0).normal(size=(9, 2))
    with pytest.raises(
        InvalidSpectraError, match=r"1 of 2 features are constant .*1\)"
    ):
        fit_dissimilarity(np.column_stack([X[:, 0], np.ones(9)]))
    with pytest.raises(InvalidSpectraError, match="missing or infinite"):
        fit_dissimilarity(np.full((3, 2), np.nan))
    known = fit_dissimilarity(X)
    for call in (known.index, known.index_and_density):
        with pytest.raises(InvalidSpectraError, match=r"expected \(n_samples, 2\)"):
            call(X[:, :1])
    with pytest.raises(InvalidStudyError, match="3 folds for 9 samples"):
        left_out_index(known, [0, 1, 2])
    with pytest.raises(InvalidStudyError, match="expected finite values"):
        applicability_threshold(np.array([np.nan]))


def test_the_search_equals_all_distances_over_many_blocks():
    rng = np.random.default_rng(0)
    # Enough pairs for several blocks in each of several threads.
    points, new = rng.normal(size=(1500, 6)), rng.normal(size=(7001, 6))
    distances = cdist(new, points)
    found = find_neighbours(new, points, radius=1.3)
    np.testing.assert_allclose(found.distance, distances.min(axis=1), rtol=1e-12)
    np.testing.assert_array_equal(found.n_near, (distances <= 1.3).sum(axis=1))
    assert (find_neighbours(new[:3], points).n_near == 0).all()
