"""Draws below the limits, and one answer from many."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from cerussite.assessment.censored import impute_below_limits, pool_imputations
from cerussite.core.errors import InvalidConcentrationError, InvalidStudyError


def correlated_elements(n=150, seed=0, correlation=0.8, limit=1.0):
    """Two elements of logarithmic mean 0 and deviation 1; the second is censored."""
    rng = np.random.default_rng(seed)
    covariance = [[1, correlation], [correlation, 1]]
    truth = np.exp(rng.multivariate_normal([0, 0], covariance, size=n))
    mask = np.zeros((n, 2), dtype=bool)
    mask[:, 1] = truth[:, 1] < limit
    return truth, np.where(mask, limit, truth), mask


@pytest.mark.parametrize("is_correlated", [False, True])
def test_draws_keep_what_was_measured_and_lie_below_the_limits(is_correlated):
    _, values, mask = correlated_elements(40)
    values[3, 0] = np.nan
    draws = impute_below_limits(
        values, mask, n_imputations=7, is_correlated=is_correlated, random_state=0
    )
    assert draws.shape == (7, 40, 2)
    assert_array_equal(
        draws[:, ~mask], np.broadcast_to(values[~mask], (7, (~mask).sum()))
    )
    assert (draws[:, mask] < values[mask]).all()
    assert (draws[:, mask] > 0).all()
    assert np.isnan(draws[:, 3, 0]).all()


@pytest.mark.parametrize("is_correlated", [False, True])
def test_the_same_seed_gives_the_same_draws(is_correlated):
    _, values, mask = correlated_elements(20)
    one, other = (
        impute_below_limits(
            values, mask, n_imputations=2, is_correlated=is_correlated, random_state=3
        )
        for _ in range(2)
    )
    assert_array_equal(one, other)


def test_draws_follow_the_conditional_distribution():
    # Known parameters to sampling error: E(log C | C < limit) of a standard normal
    # cut at 0 is -phi(0)/Phi(0) = -0.7979.
    _, values, mask = correlated_elements(4000)
    draws = impute_below_limits(values, mask, n_imputations=20, random_state=0)
    logs = np.log(draws[:, mask[:, 1], 1])
    assert_allclose(logs.mean(), -np.sqrt(2 / np.pi), atol=0.05)
    assert_allclose(logs.std(), np.sqrt(1 - 2 / np.pi), atol=0.05)


def test_a_correlated_element_makes_draws_better():
    truth, values, mask = correlated_elements(300, correlation=0.95)
    errors = []
    for is_correlated in (False, True):
        draws = impute_below_limits(
            values, mask, n_imputations=10, is_correlated=is_correlated, random_state=1
        )
        logs = np.log(draws).mean(axis=0) - np.log(truth)
        errors.append(np.sqrt((logs[mask] ** 2).mean()))
    # Deviations given the other: 0.60 of a cut normal, 0.31 of sqrt(1 - 0.95²).
    assert errors[1] < 0.35
    assert errors[0] > 0.55


def test_correlation_survives_censoring():
    _, values, mask = correlated_elements(1000)
    draws = impute_below_limits(
        values, mask, n_imputations=5, is_correlated=True, random_state=1
    )
    found = [np.corrcoef(np.log(draw).T)[0, 1] for draw in draws]
    assert_allclose(found, 0.8, atol=0.05)


@pytest.mark.slow
def test_pooled_means_cover_the_truth():
    n_covered = 0
    for seed in range(100):
        _, values, mask = correlated_elements(40, seed=seed)
        draws = impute_below_limits(
            values, mask, n_imputations=10, is_correlated=True, random_state=seed
        )
        logs = np.log(draws[:, :, 1])
        pooled = pool_imputations(
            logs.mean(axis=1), logs.var(axis=1, ddof=1) / 40, level=0.9
        )
        n_covered += pooled.lower <= 0 <= pooled.upper
    # 90 % within three standard errors of 100 trials.
    assert 0.81 <= n_covered / 100 <= 0.99


def test_pooling_by_hand():
    pooled = pool_imputations([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], level=0.95)
    # df = 6.125: Student's t lies between those of 6 and 7 degrees of freedom.
    half = (pooled.upper - pooled.lower) / 2 / pooled.standard_error
    assert 2.3646 < half < 2.4469
    assert pooled.share_of_imputation == pytest.approx(4 / 7)


def test_imputations_that_agree_add_nothing():
    pooled = pool_imputations([5.0, 5.0], [4.0, 4.0], level=0.95)
    assert (pooled.standard_error, pooled.degrees_of_freedom) == (2.0, np.inf)
    assert_allclose(
        [pooled.lower, pooled.upper], [5 - 3.919928, 5 + 3.919928], atol=1e-6
    )


def test_heavily_censored_elements_are_not_drawn():
    values, mask = np.full((20, 1), 2.0), np.ones((20, 1), dtype=bool)
    values[:3, 0], mask[:3] = [3.0, 4.0, 5.0], False
    with pytest.raises(
        InvalidConcentrationError, match="element 0: 85 % of the values"
    ):
        impute_below_limits(values, mask, n_imputations=1)
    mask[3:10] = False
    with pytest.raises(InvalidStudyError, match=r"values of shape \(20,\)"):
        impute_below_limits(values[:, 0], mask[:, 0], n_imputations=1)


def test_too_few_samples_are_not_drawn_together():
    values = np.random.default_rng(0).lognormal(size=(4, 3))
    mask = np.zeros((4, 3), dtype=bool)
    mask[0, 0] = True
    with pytest.raises(InvalidStudyError, match="needs at least 5"):
        impute_below_limits(values, mask, n_imputations=1, is_correlated=True)
    with pytest.raises(InvalidStudyError, match="at least 1"):
        impute_below_limits(values, mask, n_imputations=0)


def test_one_imputation_cannot_be_pooled():
    with pytest.raises(InvalidStudyError, match="two or more imputations"):
        pool_imputations([1.0], [1.0])
