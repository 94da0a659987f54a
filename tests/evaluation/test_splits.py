import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import GroupKFold

from cerussite.core.errors import InvalidStudyError
from cerussite.evaluation import (
    Split,
    check_split,
    inner_folds,
    leave_one_group_out,
    repeated_group_k_fold,
    repeated_k_fold,
    spatial_blocks,
)


@st.composite
def surveys(draw):
    """Specimens with one to three scans each, in groups, in any row order."""
    group_of = draw(st.lists(st.integers(0, 6), min_size=4, max_size=25))
    n_scans = draw(
        st.lists(st.integers(1, 3), min_size=len(group_of), max_size=len(group_of))
    )
    rows = draw(st.permutations(np.repeat(np.arange(len(group_of)), n_scans).tolist()))
    specimens = np.array([f"specimen {row}" for row in rows])
    groups = np.array([f"site {group_of[row]}" for row in rows], dtype=object)
    return specimens, groups


def assert_honest(splits, specimens, n_repeats):
    """Literal twin of the promises: disjoint, covering, specimens whole."""
    everything = set(range(len(specimens)))
    tested = {repeat: [] for repeat in range(n_repeats)}
    for split in splits:
        calibration, test = set(split.calibration.tolist()), set(split.test.tolist())
        assert calibration | test == everything
        assert not calibration & test
        assert not {specimens[i] for i in calibration} & {specimens[i] for i in test}
        tested[split.repeat] += sorted(test)
    for rows in tested.values():
        assert sorted(rows) == sorted(everything)


@given(
    survey=surveys(),
    n_folds=st.integers(2, 4),
    n_repeats=st.integers(1, 3),
    seed=st.integers(0, 99),
)
def test_random_folds_test_every_row_once_a_repeat(survey, n_folds, n_repeats, seed):
    specimens, _ = survey
    splits = repeated_k_fold(
        specimens, n_folds=n_folds, n_repeats=n_repeats, random_state=seed
    )
    assert len(splits) == n_folds * n_repeats
    assert_honest(splits, specimens, n_repeats)


@given(survey=surveys(), n_repeats=st.integers(1, 3), seed=st.integers(0, 99))
def test_grouped_folds_never_split_a_group_and_stay_balanced(survey, n_repeats, seed):
    specimens, groups = survey
    n_folds = min(3, len(set(groups)))
    if n_folds < 2:
        with pytest.raises(InvalidStudyError, match="of 1 groups"):
            repeated_group_k_fold(
                groups, specimens, n_folds=2, n_repeats=1, random_state=seed
            )
        return
    splits = repeated_group_k_fold(
        groups, specimens, n_folds=n_folds, n_repeats=n_repeats, random_state=seed
    )
    assert_honest(splits, specimens, n_repeats)
    largest = max(np.unique(groups, return_counts=True)[1])
    for repeat in range(n_repeats):
        sizes = [split.test.size for split in splits if split.repeat == repeat]
        assert max(sizes) - min(sizes) <= largest
    for split in splits:
        assert not set(groups[split.calibration]) & set(groups[split.test])


@given(survey=surveys())
def test_leaving_one_group_out_tests_each_group_alone(survey):
    specimens, groups = survey
    names = list(dict.fromkeys(groups))
    if len(names) < 2:
        return
    splits = leave_one_group_out(groups, specimens)
    assert_honest(splits, specimens, 1)
    assert [set(groups[split.test]) for split in splits] == [{name} for name in names]


@given(survey=surveys(), seed=st.integers(0, 99))
def test_inner_folds_choose_on_every_row_once_and_keep_groups(survey, seed):
    _, groups = survey
    n_folds = min(3, len(set(groups)))
    if n_folds < 2:
        return
    folds = inner_folds(groups, n_folds=n_folds, random_state=seed)
    assert sorted(np.concatenate([tuning for _, tuning in folds])) == list(
        range(len(groups))
    )
    for calibration, tuning in folds:
        assert calibration.size + tuning.size == len(groups)
        assert not set(groups[calibration]) & set(groups[tuning])


def test_folds_of_single_samples_differ_by_at_most_one():
    splits = repeated_k_fold(np.arange(130), n_folds=4, n_repeats=3, random_state=0)
    sizes = np.array([split.test.size for split in splits]).reshape(3, 4)
    assert [sorted(row) for row in sizes.tolist()] == [[32, 32, 33, 33]] * 3


def test_every_sample_is_as_likely_in_every_fold():
    splits = repeated_k_fold(np.arange(10), n_folds=5, n_repeats=2000, random_state=0)
    counts = np.zeros((5, 10))
    for split in splits:
        counts[split.fold, split.test] += 1
    # Binomial with p = 1/5: four standard deviations about 400.
    np.testing.assert_allclose(counts, 400, atol=4 * np.sqrt(2000 * 0.2 * 0.8))


def test_a_seed_gives_the_same_folds_and_more_repeats_begin_alike():
    few = repeated_k_fold(np.arange(20), n_folds=4, n_repeats=2, random_state=7)
    many = repeated_k_fold(np.arange(20), n_folds=4, n_repeats=5, random_state=7)
    other = repeated_k_fold(np.arange(20), n_folds=4, n_repeats=2, random_state=8)
    same = [np.array_equal(a.test, b.test) for a, b in zip(few, many, strict=False)]
    assert all(same)
    assert not all(
        np.array_equal(a.test, b.test) for a, b in zip(few, other, strict=True)
    )


def test_groups_meet_differently_in_each_repeat():
    groups = np.repeat(np.arange(8), [2, 3, 4, 5, 6, 7, 8, 9])
    splits = repeated_group_k_fold(
        groups, np.arange(44), n_folds=4, n_repeats=10, random_state=0
    )
    partitions = {
        frozenset(
            tuple(np.unique(groups[split.test]))
            for split in splits
            if split.repeat == repeat
        )
        for repeat in range(10)
    }
    assert len(partitions) >= 7


def test_a_large_group_gets_a_fold_of_its_own():
    groups = np.repeat(np.arange(7), [40, 10, 10, 10, 10, 10, 10])
    splits = repeated_group_k_fold(
        groups, np.arange(100), n_folds=3, n_repeats=10, random_state=0
    )
    sizes = np.array([split.test.size for split in splits]).reshape(10, 3)
    assert np.sort(sizes, axis=1).tolist() == [[30, 30, 40]] * 10


def test_as_many_folds_as_groups_is_scikit_learns_partition():
    groups = np.repeat(["a", "b", "c"], [5, 2, 3])
    ours = repeated_group_k_fold(
        groups, np.arange(10), n_folds=3, n_repeats=1, random_state=0
    )
    theirs = GroupKFold(3).split(np.zeros((10, 1)), groups=groups)
    assert {tuple(split.test) for split in ours} == {tuple(test) for _, test in theirs}


def test_fewer_groups_than_folds_are_refused_with_their_number():
    with pytest.raises(InvalidStudyError, match="5 folds of 3 groups"):
        repeated_group_k_fold(
            ["a", "b", "c", "a", "b"],
            range(5),
            n_folds=5,
            n_repeats=1,
            random_state=0,
        )


def test_fewer_specimens_than_folds_are_refused_although_there_are_rows():
    with pytest.raises(InvalidStudyError, match="3 folds of 2 specimens"):
        repeated_k_fold([1, 1, 1, 2, 2], n_folds=3, n_repeats=1, random_state=0)


@pytest.mark.parametrize(
    ("n_folds", "n_repeats", "message"),
    [(1, 1, "1 folds of 4"), (2, 0, "0 repeats; expected at least 1")],
)
def test_one_fold_or_no_repeat_is_refused(n_folds, n_repeats, message):
    with pytest.raises(InvalidStudyError, match=message):
        repeated_k_fold(range(4), n_folds=n_folds, n_repeats=n_repeats, random_state=0)


def test_a_specimen_in_two_groups_is_refused():
    with pytest.raises(InvalidStudyError, match="1 specimens lie in more than one"):
        repeated_group_k_fold(
            ["a", "b", "b"], [1, 1, 2], n_folds=2, n_repeats=1, random_state=0
        )
    with pytest.raises(InvalidStudyError, match="1 specimens lie in more than one"):
        leave_one_group_out(["a", "b", "b"], [1, 1, 2])


def test_one_group_cannot_be_left_out():
    with pytest.raises(InvalidStudyError, match="1 group; expected at least 2"):
        leave_one_group_out(["a", "a"], [1, 2])


@pytest.mark.parametrize(
    "groups", [["a", None, "b"], pd.Series(["a", None, "b"]), ["a", np.nan, "b"]]
)
def test_a_missing_label_is_refused_and_not_a_group_of_its_own(groups):
    with pytest.raises(InvalidStudyError, match=r"1 of 3 groups .*first: row 1"):
        leave_one_group_out(groups, range(3))


def test_labels_that_do_not_fit_the_samples_are_refused():
    with pytest.raises(InvalidStudyError, match="2 groups for 3 samples"):
        leave_one_group_out(["a", "b"], range(3))
    with pytest.raises(InvalidStudyError, match="expected one label a sample"):
        repeated_k_fold(np.zeros((2, 2)), n_folds=2, n_repeats=1, random_state=0)
    with pytest.raises(InvalidStudyError, match="expected one label a sample"):
        repeated_k_fold([], n_folds=2, n_repeats=1, random_state=0)


def test_a_split_without_a_test_set_or_with_a_row_twice_cannot_be_made():
    rows = np.arange(3)
    with pytest.raises(InvalidStudyError, match="3 rows to calibrate on and 0 to test"):
        Split("mine", 0, 0, rows, rows[:0])
    with pytest.raises(InvalidStudyError, match="1 rows lie in both sets"):
        Split("mine", 0, 0, rows, rows[2:])
    with pytest.raises(InvalidStudyError, match="lowest position is -1"):
        Split("mine", 0, 0, rows, np.array([-1]))


def test_checking_a_split_finds_torn_specimens_and_rows_left_out():
    split = Split("mine", 0, 0, np.array([0, 1]), np.array([2, 3]))
    check_split(split, ["a", "a", "b", "b"])
    with pytest.raises(InvalidStudyError, match=r"1 specimens .*first: 'b'"):
        check_split(split, ["a", "b", "b", "c"])
    with pytest.raises(InvalidStudyError, match="4 positions up to 3 in a split of 5"):
        check_split(split, ["a", "a", "b", "b", "c"])
    with pytest.raises(InvalidStudyError, match="4 positions up to 9 in a split of 4"):
        check_split(
            Split("mine", 0, 0, np.array([0, 1]), np.array([2, 9])), [1, 2, 3, 4]
        )


def test_blocks_are_squares_of_the_spacing_on_both_sides_of_the_origin():
    easting = np.array([-10.0, 10.0, 99.0, 10.0, 120.0])
    northing = np.array([10.0, 10.0, 99.0, 100.0, 10.0])
    blocks = spatial_blocks(easting, northing, spacing=100.0)
    assert blocks[1] == blocks[2]
    assert len(set(blocks.tolist())) == 4


@given(
    points=st.lists(
        st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=30
    ),
    spacing=st.floats(1.0, 1e5),
)
def test_samples_of_a_block_lie_within_its_diagonal(points, spacing):
    easting, northing = np.array(points).T
    blocks = spatial_blocks(easting, northing, spacing=spacing)
    assert blocks.shape == easting.shape
    for block in set(blocks.tolist()):
        inside = blocks == block
        # Rounding of positions far from the origin.
        assert np.ptp(easting[inside]) <= spacing * (1 + 1e-9) + 1e-6
        assert np.ptp(northing[inside]) <= spacing * (1 + 1e-9) + 1e-6


@pytest.mark.parametrize("spacing", [0.0, -5.0, np.nan, np.inf])
def test_blocks_need_a_length(spacing):
    with pytest.raises(InvalidStudyError, match="expected a length > 0"):
        spatial_blocks(np.zeros(2), np.zeros(2), spacing=spacing)


def test_blocks_need_coordinates_of_every_sample():
    with pytest.raises(InvalidStudyError, match="1 of 2 samples have no coordinates"):
        spatial_blocks(np.array([0.0, np.nan]), np.zeros(2), spacing=1.0)
