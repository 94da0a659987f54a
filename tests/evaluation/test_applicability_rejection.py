"""Error of the kept predictions against the share sent to the laboratory."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerussite.core.errors import InvalidStudyError
from cerussite.evaluation.applicability import rejection_curve


def survey(n=200, seed=0):
    """Errors whose size is known up to a factor."""
    rng = np.random.default_rng(seed)
    size = rng.gamma(1.0, size=(n, 1)) * np.array([1.0, 3.0])
    y = rng.normal(size=(n, 2))
    return y, y + size * rng.normal(size=(n, 2)), size[:, 0]


def test_the_curve_equals_the_literal_sort():
    y, predicted, doubt = survey(40)
    shares = np.array([0.0, 0.25, 0.5, 0.9])
    curve = rejection_curve(y, predicted, doubt, shares=shares, random_state=0)
    for i, share in enumerate(shares):
        kept = np.argsort(doubt)[: round(40 * (1 - share))]
        best = [np.sort(np.abs(y - predicted)[:, j])[: len(kept)] for j in range(2)]
        expected = np.sqrt(((y - predicted)[kept] ** 2).mean(axis=0))
        np.testing.assert_allclose(curve.error[i], expected)
        np.testing.assert_allclose(
            curve.oracle[i], [np.sqrt((b**2).mean()) for b in best]
        )
    np.testing.assert_allclose(curve.random, np.broadcast_to(curve.error[0], (4, 2)))


def test_equal_doubts_give_the_mean_over_all_lots():
    errors, doubt = np.array([1.0, 2.0, 4.0, 3.0]), np.array([0.0, 1.0, 1.0, 1.0])
    curve = rejection_curve(
        np.zeros((4, 1)),
        errors[:, np.newaxis],
        doubt,
        shares=np.array([0.0, 0.5]),
        random_state=0,
    )
    # Two are kept: the first, and one of the other three.
    squares = [
        (errors[list(order)][:2] ** 2).mean()
        for order in permutations(range(4))
        if order[0] == 0
    ]
    assert curve.error[1, 0] ** 2 == pytest.approx(np.mean(squares))


def test_the_same_doubt_everywhere_is_the_lot():
    y, predicted, _ = survey()
    curve = rejection_curve(
        y, predicted, np.ones(200), shares=np.linspace(0, 0.8, 5), random_state=0
    )
    np.testing.assert_allclose(curve.error, curve.random)
    np.testing.assert_allclose(curve.captured, 0, atol=1e-9)


def test_perfect_doubt_captures_everything_and_its_opposite_less_than_nothing():
    y, predicted, _ = survey()
    errors, shares = np.abs(y - predicted), np.linspace(0, 0.8, 9)
    best = rejection_curve(y, predicted, errors, shares=shares, random_state=0)
    worst = rejection_curve(y, predicted, -errors, shares=shares, random_state=0)
    np.testing.assert_allclose(best.captured, 1)
    np.testing.assert_allclose(best.error, best.oracle)
    assert (worst.captured < -0.4).all()


def test_honest_doubt_lies_between_lot_and_oracle_with_its_interval():
    y, predicted, doubt = survey()
    shares = np.linspace(0, 0.8, 9)
    curve = rejection_curve(y, predicted, doubt, shares=shares, random_state=0)
    assert (curve.captured_low > 0.2).all()
    assert (curve.captured_high < 1).all()
    assert (curve.captured_low < curve.captured).all()
    assert (curve.oracle <= curve.error + 1e-12).all()
    assert ((curve.low < curve.error) & (curve.error < curve.high)).all()
    assert (np.diff(curve.error, axis=0) < 0).mean() > 0.8


@given(st.floats(0.1, 10), st.floats(-5, 5))
def test_only_the_order_of_doubt_counts(factor, offset):
    y, predicted, doubt = survey(30)
    options = {"shares": np.array([0.0, 0.3, 0.6]), "random_state": 0, "n_resamples": 5}
    plain = rejection_curve(y, predicted, doubt, **options)
    other = rejection_curve(y, predicted, factor * doubt**3 + offset, **options)
    np.testing.assert_allclose(other.error, plain.error)


def test_values_not_measured_change_nothing():
    y, predicted, doubt = survey(60)
    y[::2, 0] = np.nan
    options = {"shares": np.array([0.0, 0.5]), "random_state": 0}
    both = rejection_curve(y, predicted, doubt, **options)
    alone = rejection_curve(y[1::2, :1], predicted[1::2, :1], doubt[1::2], **options)
    np.testing.assert_allclose(both.error[:, 0], alone.error[:, 0])


def test_a_response_never_measured_has_no_curve():
    y, predicted, doubt = survey(30)
    y[:, 1] = np.nan
    curve = rejection_curve(
        y, predicted, doubt, shares=np.array([0.0, 0.5]), random_state=0
    )
    assert np.isnan(curve.error[:, 1]).all()
    assert np.isnan(curve.captured[1])
    assert np.isfinite(curve.error[:, 0]).all()


def test_whole_sites_in_the_bootstrap_widen_the_interval():
    rng = np.random.default_rng(0)
    sites = np.repeat(np.arange(8), 25)
    errors = np.exp(rng.normal(size=8))[sites, np.newaxis] * rng.normal(size=(200, 1))
    options = {"shares": np.array([0.0, 0.5]), "random_state": 0}
    doubt = rng.normal(size=200)
    alone = rejection_curve(np.zeros((200, 1)), errors, doubt, **options)
    apart = rejection_curve(np.zeros((200, 1)), errors, doubt, groups=sites, **options)
    assert ((apart.high - apart.low) > 1.5 * (alone.high - alone.low)).all()


def test_the_interval_covers_the_error_of_a_large_survey():
    def drawn(n, seed):
        rng = np.random.default_rng(seed)
        size = rng.uniform(0.5, 2, size=n)
        return np.zeros((n, 1)), (size * rng.normal(size=n))[:, np.newaxis], size

    shares = np.array([0.0, 0.4])
    options = {"shares": shares, "random_state": 0}
    truth = rejection_curve(*drawn(100_000, 999), n_resamples=1, **options).error
    curves = [
        rejection_curve(*drawn(150, seed), n_resamples=150, **options)
        for seed in range(100)
    ]
    hits = [(curve.low <= truth) & (truth <= curve.high) for curve in curves]
    assert 0.83 < np.mean(hits) < 0.96


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"shares": np.array([0.0, 1.0])}, "from 0 to below 1"),
        ({"shares": np.array([0.5, 0.2])}, "at least two that increase"),
        ({"level": 1.5}, "expected a fraction"),
        ({"n_resamples": 0}, "expected at least 1"),
        ({"groups": [1, 2]}, "2 groups for 30 samples"),
    ],
)
def test_options_that_make_no_sense_are_refused(change, match):
    options = {"shares": np.array([0.0, 0.5]), "random_state": 0, **change}
    with pytest.raises(InvalidStudyError, match=match):
        rejection_curve(*survey(30), **options)


def test_arrays_that_do_not_fit_are_refused():
    y, predicted, doubt = survey(30)
    options = {"shares": np.array([0.0, 0.5]), "random_state": 0}
    with pytest.raises(InvalidStudyError, match=r"predicted of shape \(30, 1\)"):
        rejection_curve(y, predicted[:, :1], doubt, **options)
    with pytest.raises(InvalidStudyError, match=r"doubt of shape \(29, 2\)"):
        rejection_curve(y, predicted, doubt[1:], **options)
    doubt[3] = np.nan
    with pytest.raises(InvalidStudyError, match="2 measured values without"):
        rejection_curve(y, predicted, doubt, **options)
