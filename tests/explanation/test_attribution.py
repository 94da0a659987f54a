import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from cerussite.core.errors import InvalidStudyError
from cerussite.explanation import Attribution, Features, joined, profile_table
from cerussite.explanation.tables import COLUMNS

CONTRIBUTIONS = arrays(np.float64, (2, 5, 4, 1), elements=st.floats(-10, 10))


def attribution(values, method="occlusion"):
    values = np.asarray(values, dtype=float)
    n_members, _, n_features, n_responses = values.shape
    names = ["Pb", "Zn"][:n_responses]
    return Attribution(
        method,
        Features.bins(2200.0 + 10 * np.arange(n_features)),
        tuple(names),
        values,
        values.sum(axis=2),
        np.zeros((n_members, n_responses)),
    )


def test_mean_absolute_contribution_by_hand():
    found = attribution([[[[1.0], [-2.0]], [[-3.0], [0.0]]]]).profile()
    assert found.importances.ravel().tolist() == [2.0, 1.0]
    assert found.shares.ravel().tolist() == [2 / 3, 1 / 3]


def test_shares_of_variance_by_hand():
    # Contributions (1, 1), (-1, 1), (0, -2): sums 2, 0, -2, of variance 8 / 3;
    # covariances (2 + 0 + 0) / 3 and (2 + 0 + 4) / 3.
    found = attribution([[[[1.0], [1.0]], [[-1.0], [1.0]], [[0.0], [-2.0]]]])
    shares = found.variance_profile()
    assert_allclose(shares.importances.ravel(), [0.25, 0.75])
    assert shares.scale == "share"


@given(CONTRIBUTIONS)
def test_shares_of_variance_sum_to_one_unless_nothing_varies(values):
    found = attribution(values).variance_profile().importances.sum(axis=1)
    varies = values.sum(axis=2).std(axis=1) > 1e-3
    assert_allclose(found[varies], 1.0, atol=1e-6)


def test_a_suppressor_has_contributions_but_no_share_of_the_variance():
    rng = np.random.default_rng(0)
    signal, disturbance = rng.normal(size=(2, 4000))
    # The first band shows signal and disturbance, the second the disturbance alone.
    values = np.stack([signal + disturbance, -disturbance], axis=1)
    found = attribution(values[np.newaxis, :, :, np.newaxis])
    assert found.profile().shares[0, 1, 0] > 0.3
    assert abs(found.variance_profile().importances[0, 1, 0]) < 0.05


def test_mass_within_a_mask_counts_shares():
    found = attribution([[[[1.0], [-2.0], [1.0]]]]).profile()
    assert found.mass_within(np.array([True, True, False])).item() == 0.75


def test_relative_residual_compares_sums_and_is_zero_where_nothing_happens():
    values = np.array([[[[1.0], [1.0]], [[0.0], [0.0]]]])
    found = attribution(values)
    assert found.relative_residual.item() == 0.0
    short = Attribution(
        "occlusion",
        found.features,
        ("Pb",),
        values,
        np.array([[[4.0], [0.0]]]),
        np.zeros((1, 1)),
    )
    assert short.relative_residual.item() == 0.5
    assert attribution(np.zeros((1, 2, 2, 1))).relative_residual.item() == 0.0


def test_one_member_has_no_spread_and_two_that_agree_have_full_agreement():
    one = attribution([[[[1.0], [2.0], [4.0]]]])
    assert np.isnan(one.profile().spread).all()
    both = joined([one, attribution([[[[2.0], [4.0], [9.0]]]])]).profile()
    assert_allclose(both.spread[:, 0], np.array([1, 2, 5]) / np.sqrt(2))
    assert_allclose(both.rank_agreement(), 1.0)


def test_other_methods_or_samples_are_not_joined():
    one = attribution(np.ones((1, 2, 3, 1)))
    with pytest.raises(InvalidStudyError, match="same method, samples"):
        joined([one, attribution(np.ones((1, 2, 3, 1)), method="tree_shapley")])
    with pytest.raises(InvalidStudyError, match="of 4 samples"):
        joined([one, attribution(np.ones((1, 4, 3, 1)))])
    with pytest.raises(InvalidStudyError, match="no attribution"):
        joined([])


def test_the_table_has_a_row_for_each_response_method_and_bin():
    found = attribution(np.ones((2, 3, 4, 2)))
    table = profile_table(found.profile(), found.variance_profile())
    assert tuple(table.columns) == COLUMNS
    assert len(table) == 2 * 2 * 4
    first = table.iloc[0]
    assert (first["response"], first["feature"]) == ("Pb", "2200")
    assert (first["low"], first["high"], first["value"]) == (2195.0, 2205.0, 1.0)
    assert "clay minerals" in first["constituent"]
    with pytest.raises(InvalidStudyError, match="no profile"):
        profile_table()
