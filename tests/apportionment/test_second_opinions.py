import numpy as np
import pytest
from numpy.testing import assert_allclose

from cerussite.apportionment import (
    FitSettings,
    ReceptorData,
    agreement,
    centred_log_ratios,
    log_ratio_components,
    positive_matrix_factorisation,
    score_regression,
    varimax,
)
from cerussite.core.errors import InvalidConcentrationError, InvalidStudyError


def test_shares_and_intercept_add_up_to_one_hundred(small_set):
    found = score_regression(small_set[0], 3)
    assert_allclose(found.shares.sum(axis=1), 100.0)
    assert (found.r2 > 0.8).all()


def test_scores_of_nothing_are_zero_and_the_regression_is_that_of_the_parts(small_set):
    data = small_set[0]
    found = score_regression(data, 3)
    # A literal twin: components by the singular vectors of the standardised values.
    values = data.concentrations
    standard = (values - values.mean(0)) / values.std(0, ddof=1)
    _, sizes, right = np.linalg.svd(standard, full_matrices=False)
    loadings = right[:3].T * sizes[:3] / np.sqrt(len(values) - 1)
    rotated, turn = varimax(loadings)
    of_nothing = -values.mean(0) / values.std(0, ddof=1)
    to_scores = right[:3].T / (sizes[:3] / np.sqrt(len(values) - 1)) @ turn
    scores = standard @ to_scores - of_nothing @ to_scores
    order = np.argsort(-(rotated**2).sum(0))
    assert_allclose(np.abs(found.scores), np.abs(scores[:, order]), atol=1e-6)


def test_varimax_reaches_the_largest_criterion_of_all_turns():
    loadings = np.random.default_rng(0).normal(size=(7, 2))

    def criterion(turned):
        units = turned / np.linalg.norm(loadings, axis=1, keepdims=True)
        return (units**2).var(axis=0).sum()

    angles = np.linspace(0, np.pi, 2001)
    turns = [
        np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) for a in angles
    ]
    best = max(criterion(loadings @ turn) for turn in turns)
    rotated, rotation = varimax(loadings)
    assert_allclose(criterion(rotated), best, rtol=1e-5)
    assert_allclose(rotation.T @ rotation, np.eye(2), atol=1e-12)


def test_log_ratio_loadings_ignore_units_and_closure(small_set):
    data = small_set[0]
    values = np.maximum(data.concentrations, 1e-3 * data.concentrations.mean(axis=0))
    rng = np.random.default_rng(0)
    wet = values * rng.uniform(0.5, 1.0, (len(values), 1)) * rng.lognormal(0, 2, 9)
    found = [
        log_ratio_components(ReceptorData(each, each, data.species, data.sample_ids), 3)
        for each in (values, wet)
    ]
    assert_allclose(found[0].loadings, found[1].loadings, atol=1e-6)
    assert_allclose(found[0].loadings.sum(axis=0), 0, atol=1e-9)
    assert 0 < found[0].explained.sum() <= 1


def test_centred_log_ratios_refuse_zeros():
    with pytest.raises(InvalidConcentrationError, match="1 values are not above zero"):
        centred_log_ratios(np.array([[1.0, 0.0]]))


def test_methods_agree_on_well_separated_sources():
    rng = np.random.default_rng(0)
    amounts = rng.gamma(2.0, size=(300, 3))
    profiles = np.repeat(np.diag([4.0, 2.0, 3.0]) + 0.2, 2, axis=1)
    clean = amounts @ profiles
    values = clean * (1 + 0.05 * rng.normal(size=clean.shape))
    data = ReceptorData(
        values, 0.05 * clean, tuple("abcdef"), tuple(map(str, range(300)))
    )
    fitted = positive_matrix_factorisation(data, 3, settings=FitSettings(n_starts=3))
    found = agreement(fitted, score_regression(data, 3), log_ratio_components(data, 3))
    assert found.species["agrees"].all()
    assert found.species["largest_difference"].max() < 15
    assert (found.similarity[["apcs"]] > 0.9).all().all()
    with pytest.raises(
        InvalidStudyError, match="the same samples, species and factors"
    ):
        agreement(fitted, score_regression(data, 3), log_ratio_components(data, 2))


def test_gaps_and_constants_are_refused(small_set):
    data = small_set[0]
    holes = data.concentrations.copy()
    holes[0, 0] = np.nan
    gaps = ReceptorData(holes, data.uncertainties, data.species, data.sample_ids)
    with pytest.raises(InvalidConcentrationError, match="1 concentrations are missing"):
        score_regression(gaps, 2)
    with pytest.raises(InvalidStudyError, match="10 components"):
        score_regression(data, 10)
