from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerussite.core.errors import InvalidStudyError
from cerussite.evaluation import (
    calibration_subset,
    hold_out,
    hold_out_by_order,
    quantile_strata,
    repeated_k_fold,
)


@st.composite
def specimens(draw):
    """Labels of 4 to 20 specimens with one to three scans each, in any order."""
    n_scans = draw(st.lists(st.integers(1, 3), min_size=4, max_size=20))
    labels = np.repeat(np.arange(len(n_scans)), n_scans).tolist()
    return np.array(draw(st.permutations(labels)))


def assert_honest(split, labels, n_calibration):
    calibration, test = set(split.calibration.tolist()), set(split.test.tolist())
    assert calibration | test == set(range(len(labels)))
    assert not calibration & test
    assert not {labels[i] for i in calibration} & {labels[i] for i in test}
    assert len({labels[i] for i in calibration}) == n_calibration


@given(labels=specimens(), seed=st.integers(0, 99), data=st.data())
def test_hold_outs_have_their_size_and_keep_specimens_whole(labels, seed, data):
    n_calibration = data.draw(st.integers(1, len(set(labels)) - 1))
    splits = hold_out(
        labels, n_calibration=n_calibration, n_repeats=3, random_state=seed
    )
    assert [split.repeat for split in splits] == [0, 1, 2]
    for split in splits:
        assert_honest(split, labels, n_calibration)


@given(labels=specimens(), seed=st.integers(0, 99), data=st.data())
def test_strata_are_shared_out_in_proportion(labels, seed, data):
    n_specimens = len(set(labels))
    n_calibration = data.draw(st.integers(1, n_specimens - 1))
    stratum_of = np.array(
        data.draw(st.lists(st.integers(0, 2), min_size=n_specimens, max_size=30))
    )
    (split,) = hold_out(
        labels,
        n_calibration=n_calibration,
        n_repeats=1,
        random_state=seed,
        strata=stratum_of[labels],
    )
    assert_honest(split, labels, n_calibration)
    chosen = np.unique(labels[split.calibration])
    for stratum in set(stratum_of[:n_specimens].tolist()):
        size = np.count_nonzero(stratum_of[:n_specimens] == stratum)
        share = n_calibration * size / n_specimens
        found = np.count_nonzero(stratum_of[chosen] == stratum)
        assert abs(found - share) < 1


def test_the_split_of_the_paper_has_exactly_98_and_32():
    strata = quantile_strata(np.random.default_rng(0).lognormal(size=130), n_strata=4)
    for given_strata in (None, strata):
        splits = hold_out(
            np.arange(130),
            n_calibration=98,
            n_repeats=20,
            random_state=0,
            strata=given_strata,
        )
        sizes = {(split.calibration.size, split.test.size) for split in splits}
        assert sizes == {(98, 32)}
    # Four strata of 33, 32, 32, 33: each gives 24 or 25 to the calibration set.
    counts = [np.bincount(strata[split.calibration]) for split in splits]
    assert np.min(counts) >= 24
    assert np.max(counts) <= 25


def test_every_specimen_is_as_likely_in_the_calibration_set():
    splits = hold_out(np.arange(8), n_calibration=6, n_repeats=4000, random_state=0)
    counts = np.bincount(np.concatenate([split.calibration for split in splits]))
    np.testing.assert_allclose(counts, 3000, atol=4 * np.sqrt(4000 * 0.75 * 0.25))


def test_a_seed_gives_the_same_hold_outs():
    first, again, other = (
        hold_out(np.arange(30), n_calibration=20, n_repeats=2, random_state=seed)
        for seed in (1, 1, 2)
    )
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a.calibration, b.calibration)
    assert not np.array_equal(first[0].calibration, other[0].calibration)
    assert not np.array_equal(first[0].calibration, first[1].calibration)


@pytest.mark.parametrize("n_calibration", [0, 4, 5])
def test_a_hold_out_leaves_something_on_both_sides(n_calibration):
    message = rf"{n_calibration} specimens to calibrate on; expected 1 to 3"
    with pytest.raises(InvalidStudyError, match=message):
        hold_out(
            [1, 1, 2, 3, 4], n_calibration=n_calibration, n_repeats=1, random_state=0
        )
    with pytest.raises(InvalidStudyError, match=message):
        hold_out_by_order([1, 1, 2, 3, 4], np.arange(5), n_calibration=n_calibration)


def test_hold_outs_refuse_no_repeat_and_strata_that_split_a_specimen():
    with pytest.raises(InvalidStudyError, match="0 repeats"):
        hold_out(range(4), n_calibration=2, n_repeats=0, random_state=0)
    with pytest.raises(InvalidStudyError, match="more than one of the strata"):
        hold_out(
            [1, 1, 2], n_calibration=1, n_repeats=1, random_state=0, strata=[0, 1, 1]
        )
    with pytest.raises(InvalidStudyError, match="2 strata for 3 samples"):
        hold_out([1, 1, 2], n_calibration=1, n_repeats=1, random_state=0, strata=[0, 1])


def test_an_order_gives_its_first_specimens_with_all_their_scans():
    labels = ["a", "b", "a", "c", "b"]
    (split,) = hold_out_by_order(labels, np.array([4, 1, 2, 3]), n_calibration=2)
    assert split.calibration.tolist() == [0, 1, 2, 4]
    assert split.test.tolist() == [3]


@given(labels=specimens(), data=st.data())
def test_orders_keep_specimens_whole(labels, data):
    order = np.array(data.draw(st.permutations(range(len(labels)))))
    n_calibration = data.draw(st.integers(1, len(set(labels)) - 1))
    (split,) = hold_out_by_order(labels, order, n_calibration=n_calibration)
    assert_honest(split, labels, n_calibration)
    # Slow twin: walk down the order until there are enough specimens.
    found = []
    for row in order:
        if labels[row] not in found and len(found) < n_calibration:
            found.append(labels[row])
    assert set(labels[split.calibration]) == set(found)


@pytest.mark.parametrize("order", [[0, 0, 1], [0, 1, 9], [0, -1, 1]])
def test_orders_refuse_rows_twice_or_not_there(order):
    with pytest.raises(InvalidStudyError, match="different positions from 0 to 3"):
        hold_out_by_order(range(4), np.array(order), n_calibration=2)


def test_an_order_that_ends_too_early_is_refused_with_numbers():
    with pytest.raises(InvalidStudyError, match=r"order names 1 specimens.*\n?.*the 2"):
        hold_out_by_order([1, 1, 2, 3], np.array([0, 1]), n_calibration=2)


def test_strata_are_quarters_and_missing_values_stand_apart():
    responses = np.array([10.0, 1.0, np.nan, 5.0, 7.0, 3.0, 2.0, 8.0, 9.0])
    strata = quantile_strata(responses, n_strata=4)
    assert strata.tolist() == [3, 0, -1, 1, 2, 1, 0, 2, 3]


def test_equal_values_share_a_stratum():
    strata = quantile_strata(np.array([1.0, 1.0, 1.0, 1.0, 9.0, 9.0]), n_strata=3)
    assert len(set(strata[:4].tolist())) == len(set(strata[4:].tolist())) == 1


@pytest.mark.parametrize("n_strata", [1, 4])
def test_strata_need_measured_samples(n_strata):
    with pytest.raises(InvalidStudyError, match=f"{n_strata} strata of 3 measured"):
        quantile_strata(np.array([1.0, 2.0, 3.0, np.nan]), n_strata=n_strata)


@given(labels=specimens(), seed=st.integers(0, 99))
def test_subsets_are_nested_and_leave_the_test_set_alone(labels, seed):
    for split in repeated_k_fold(labels, n_folds=2, n_repeats=2, random_state=seed):
        n_available = len(set(labels[split.calibration]))
        smaller = set()
        for size in range(1, n_available + 1):
            subset = calibration_subset(
                split, labels, n_calibration=size, random_state=seed
            )
            kept = set(subset.calibration.tolist())
            assert smaller < kept <= set(split.calibration.tolist())
            assert len(set(labels[subset.calibration])) == size
            left = np.setdiff1d(split.calibration, subset.calibration)
            assert not set(labels[left]) & set(labels[subset.calibration])
            np.testing.assert_array_equal(subset.test, split.test)
            smaller = kept
        assert smaller == set(split.calibration.tolist())


def test_subsets_differ_between_folds_and_repeats():
    (split,) = hold_out(np.arange(60), n_calibration=50, n_repeats=1, random_state=0)
    drawn = {
        tuple(
            calibration_subset(
                each, np.arange(60), n_calibration=25, random_state=0
            ).calibration
        )
        for each in (split, replace(split, repeat=1), replace(split, fold=1))
    }
    assert len(drawn) == 3


def test_subsets_refuse_more_specimens_than_there_are():
    (split,) = hold_out(range(9), n_calibration=6, n_repeats=1, random_state=0)
    with pytest.raises(InvalidStudyError, match=r"7 specimens .*expected 1 to 6"):
        calibration_subset(split, range(9), n_calibration=7, random_state=0)
