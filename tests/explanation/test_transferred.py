import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from cerussite.core.errors import InvalidStudyError
from cerussite.explanation import Features, Profile, compare_bands

FEATURES = Features.bins(np.arange(400.0, 600.0), n_bands=10)


def profile(level, n_members=5, seed=0, response="Pb"):
    rng = np.random.default_rng(seed)
    noise = 1 + 0.03 * rng.normal(size=(n_members, 20))
    values = (np.asarray(level) * noise)[:, :, np.newaxis]
    return Profile("integrated_gradients", FEATURES, (response,), values)


def planted():
    before, after = np.ones(20), np.ones(20)
    before[[2, 5]], after[[2, 11]] = 9.0, 9.0
    return profile(before, seed=1, response="pH"), profile(after, seed=2)


def compared(source, target, **options):
    return compare_bands(source, target, source_response="pH", response="Pb", **options)


def test_planted_bands_are_found_kept_dropped_and_new():
    table = compared(*planted()).table
    assert table["verdict"][2] == "kept"
    assert table["verdict"][5] == "dropped"
    assert table["verdict"][11] == "new"
    assert (table["verdict"].drop([2, 5, 11]) == "unused").all()
    assert table["feature"][11] == "514.5"


def test_intervals_and_p_values_are_those_of_scipy():
    source, target = planted()
    table = compared(source, target).table
    a, b = source.shares[:, :, 0], target.shares[:, :, 0]
    welch = stats.ttest_ind(b, a, equal_var=False)
    assert_allclose(table["p_value"], welch.pvalue)
    interval = welch.confidence_interval(0.95)
    assert_allclose(table["difference_low"], interval.low)
    assert_allclose(table["difference_high"], interval.high)
    one = stats.t.interval(0.95, 4, loc=a.mean(axis=0), scale=stats.sem(a))
    assert_allclose(table["source_low"], one[0])


def test_overlap_is_one_for_equal_profiles_and_counts_shared_mass_otherwise():
    same = profile(np.ones(20), seed=1, response="pH")
    other = Profile("integrated_gradients", FEATURES, ("Pb",), same.importances)
    assert compared(same, other).overlap > 0.97
    # Sources share 9 + 17 of 36 with the planted target, apart from the noise.
    found = compared(*planted())
    assert found.overlap == pytest.approx((9 + 19) / 36 - 1 / 36, abs=0.03)
    assert found.overlap_low < found.overlap < found.overlap_high


def test_members_that_only_differ_by_chance_give_no_new_bands():
    n_found = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        noise = np.exp(rng.normal(size=(2, 5, 20, 1)))
        source = Profile("occlusion", FEATURES, ("pH",), noise[0])
        target = Profile("occlusion", FEATURES, ("Pb",), noise[1])
        verdicts = compared(source, target).table["verdict"]
        n_found += int(verdicts.isin(["new", "dropped"]).sum())
    assert n_found <= 2


def test_members_without_any_spread_are_compared_exactly():
    constant = np.ones((2, 20, 1))
    changed = constant.copy()
    changed[:, 4] = 5.0
    source = Profile("occlusion", FEATURES, ("pH",), constant)
    target = Profile("occlusion", FEATURES, ("Pb",), changed)
    table = compared(source, target).table
    assert (table["p_value"] == 0.0).all()
    assert table["verdict"][4] == "new"


def test_one_member_other_bins_and_unknown_responses_are_refused():
    source, target = planted()
    with pytest.raises(InvalidStudyError, match="1 members; expected at least two"):
        compared(source, profile(np.ones(20), n_members=1))
    other = Profile(
        "occlusion", Features.bins(np.arange(20.0) + 1), ("Pb",), source.importances
    )
    with pytest.raises(InvalidStudyError, match="expected the same bins"):
        compared(source, other)
    with pytest.raises(InvalidStudyError, match="no response 'Zn'; expected one of Pb"):
        compare_bands(source, target, source_response="pH", response="Zn")
