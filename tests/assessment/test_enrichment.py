"""Enrichment: by hand, and no verdict where the reference predicts nothing."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from cerussite.assessment import (
    enrichment_factor,
    modified_pollution_index,
    reference_prediction,
)
from cerussite.core.errors import InvalidConcentrationError


def test_enrichment_by_hand():
    # C / R is 50 / 40000 in the sample and 20 / 80000 in the shale: five times.
    found = enrichment_factor(
        np.array([[50.0, 95.0]]),
        np.array([40000.0]),
        background=np.array([20.0, 95.0]),
        reference_background=80000.0,
    )
    assert_allclose(found, [[5.0, 2.0]])
    # mean 3.5, maximum 5: root of (12.25 + 25) / 2.
    index = modified_pollution_index(found, elements=("Pb", "Zn"))
    assert_allclose(index.values, [np.sqrt(18.625)])


def test_dilution_by_sand_changes_no_enrichment():
    rng = np.random.default_rng(0)
    metals, aluminium = rng.lognormal(3, 1, (30, 3)), rng.lognormal(10, 0.3, 30)
    named = {"background": np.array([20.0, 45.0, 95.0]), "reference_background": 8e4}
    pure = enrichment_factor(metals, aluminium, **named)
    sand = rng.uniform(0.1, 1, 30)
    diluted = enrichment_factor(metals * sand[:, np.newaxis], aluminium * sand, **named)
    assert_allclose(diluted, pure)


def survey(n_samples=60):
    rng = np.random.default_rng(0)
    aluminium = rng.lognormal(11, 0.4, n_samples)
    follows = aluminium**1.1 * rng.lognormal(0, 0.1, n_samples)
    alone = rng.lognormal(3, 1, n_samples)
    return np.column_stack([follows, aluminium, alone])


def test_the_verdict_is_withheld_where_the_reference_predicts_nothing():
    found = reference_prediction(survey(), elements=("V", "Al", "Pb"), reference="Al")
    assert found.elements == ("V", "Pb")
    assert found.predicts.tolist() == [True, False]
    assert not found.reason(0)
    assert "Al does not predict Pb" in found.reason(1)
    assert found.n_samples.tolist() == [60, 60]


def test_the_rank_correlation_is_that_of_scipy_without_missing_pairs():
    y = survey()
    y[:5, 0], y[3:9, 1] = np.nan, np.nan
    found = reference_prediction(y, elements=("V", "Al", "Pb"), reference="Al")
    there = ~np.isnan(y[:, :2]).any(axis=1)
    expected = stats.spearmanr(y[there, 0], y[there, 1]).statistic
    assert found.n_samples[0] == there.sum() == 51
    assert_allclose(found.rank_correlation[0], expected)
    r = stats.pearsonr(np.log(y[there, 0]), np.log(y[there, 1])).statistic
    assert_allclose(found.r2_log[0], r**2)


def test_few_samples_a_falling_relation_and_a_constant_give_no_verdict():
    few = survey(9)
    found = reference_prediction(few, elements=("V", "Al", "Pb"), reference="Al")
    assert not found.predicts[0]
    falling = np.column_stack([np.arange(1.0, 21), np.arange(20.0, 0, -1), np.ones(20)])
    found = reference_prediction(falling, elements=("V", "Al", "Pb"), reference="Al")
    assert_allclose(found.rank_correlation[0], -1)
    assert np.isnan(found.rank_correlation[1])
    assert not found.predicts.any()


def test_a_reference_element_that_was_not_measured_is_refused():
    with pytest.raises(InvalidConcentrationError, match="reference element Sc"):
        reference_prediction(survey(), elements=("V", "Al", "Pb"), reference="Sc")


def test_a_reference_of_zero_is_refused():
    with pytest.raises(InvalidConcentrationError, match="not above zero"):
        enrichment_factor(
            np.ones((2, 1)),
            np.array([1.0, 0.0]),
            background=np.ones(1),
            reference_background=1.0,
        )
