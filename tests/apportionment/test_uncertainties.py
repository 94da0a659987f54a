import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from cerussite.apportionment import (
    duplicate_error_fractions,
    limit_uncertainties,
    q_expected,
    q_robust,
    q_true,
    signal_categories,
    signal_to_noise,
)
from cerussite.core.errors import InvalidConcentrationError


def test_the_rule_of_epa_pmf_by_hand():
    found = limit_uncertainties(
        np.array([[0.5, 30.0], [1.0, np.nan], [1.5, 8.0]]),
        detection_limits=[1.2, 80.0],
        error_fractions=[0.2, 0.1],
    )
    expected = [[1.0, 200 / 3], [1.0, np.nan], [np.hypot(0.3, 0.6), 200 / 3]]
    assert_allclose(found, expected)
    with pytest.raises(InvalidConcentrationError, match="limits down to 0"):
        limit_uncertainties(
            np.ones((1, 1)), detection_limits=[0], error_fractions=[0.1]
        )


def test_duplicates_give_back_the_error_they_were_made_with():
    rng = np.random.default_rng(0)
    truth = rng.lognormal(3, 1, size=(4000, 2))
    first, second = (
        truth * (1 + [0.05, 0.15] * rng.normal(size=truth.shape)) for _ in range(2)
    )
    found = duplicate_error_fractions(first, second)
    assert_allclose(found, [0.05, 0.15], rtol=0.06)
    first[:300] *= 5  # mixed-up pairs
    assert_allclose(duplicate_error_fractions(first, second), [0.05, 0.15], rtol=0.2)


def test_duplicates_below_the_limit_do_not_count():
    first, second = np.full((4, 1), 2.0), np.full((4, 1), 2.2)
    with pytest.raises(InvalidConcentrationError, match="0 pairs of values above"):
        duplicate_error_fractions(first, second, detection_limits=[2.0])


def test_signal_to_noise_and_categories_by_hand():
    values, errors = np.array([[1.0, 4.0], [np.nan, 1.0]]), np.ones((2, 2))
    assert_array_equal(signal_to_noise(values, errors), [0.0, 1.5])
    assert signal_categories([0.0, 0.99, 1.5]) == ("bad", "weak", "strong")


def test_q_robust_equals_its_definition_in_a_literal_loop():
    residuals = np.random.default_rng(0).standard_t(2, size=(40, 6)) * 3
    residuals[3, 2] = np.nan
    residuals[0, 0], residuals[0, 1] = 4.0, -4.0
    robust = true = 0.0
    for r in residuals.ravel():
        if not math.isnan(r):
            true += r * r
            robust += r * r if abs(r) <= 4 else 4 * abs(r)
    assert_allclose(q_true(residuals), true)
    assert_allclose(q_robust(residuals), robust)


def test_q_expected_counts_strong_values_only(small_set):
    data, _, _ = small_set
    assert q_expected(data, 3) == 150 * 9 - 3 * (150 + 9)
    assert q_expected(data.categorised({"E1": "weak"}), 3) == 150 * 8 - 3 * (150 + 9)
