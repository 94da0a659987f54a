import numpy as np
import pytest

from cerussite.core.errors import InvalidStudyError
from cerussite.explanation import Features


def test_bins_of_ten_begin_at_the_first_band_and_leave_a_narrow_one_at_the_end():
    bins = Features.bins(np.arange(400.0, 425.0), n_bands=10)
    assert [columns.size for columns in bins.columns] == [10, 10, 5]
    assert bins.low.tolist() == [399.5, 409.5, 419.5]
    assert bins.high.tolist() == [409.5, 419.5, 424.5]


def test_edges_lie_halfway_between_uneven_bands():
    bins = Features.bins(np.array([1000.0, 1010.0, 1040.0]))
    assert bins.low.tolist() == [995.0, 1005.0, 1025.0]
    assert bins.high.tolist() == [1005.0, 1025.0, 1055.0]


def test_sums_over_groups_add_the_columns_of_each_group():
    groups = Features.covariates(["a", "b", "c"], groups={"g": ["c", "a"]})
    values = np.array([[1.0], [2.0], [4.0]])
    assert groups.names == ("g", "b")
    assert groups.sums(values).ravel().tolist() == [5.0, 2.0]


def test_a_bin_half_inside_a_mask_counts_half():
    bins = Features.bins(np.arange(4.0) + 1, n_bands=2)
    inside = np.array([True, True, True, False])
    assert bins.share_within(inside).tolist() == [1.0, 0.5]


def test_a_column_in_two_groups_is_refused():
    with pytest.raises(InvalidStudyError, match="exactly one feature"):
        Features.covariates(["a", "b"], groups={"g": ["a"], "h": ["a", "b"]})


def test_a_group_of_unknown_covariates_is_refused():
    with pytest.raises(InvalidStudyError, match=r"no covariate 'd'.*a, b"):
        Features.covariates(["a", "b"], groups={"g": ["d"]})


def test_bins_of_no_band_are_refused():
    with pytest.raises(InvalidStudyError, match="at least 1"):
        Features.bins(np.arange(400.0, 410.0), n_bands=0)
