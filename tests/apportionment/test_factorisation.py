import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import minimize
from sklearn.decomposition import NMF

from cerussite.apportionment import (
    FitSettings,
    ReceptorData,
    positive_matrix_factorisation,
)
from cerussite.apportionment.descent import (
    alternated,
    descended,
    optimality_error,
    random_profiles,
)
from cerussite.apportionment.factorisation import scaled_problem
from cerussite.apportionment.problem import Problem
from cerussite.apportionment.reduced import local_model
from cerussite.core.errors import InvalidStudyError


def matched(factors, found):
    """Shares of planted and found factors, paired by correlation."""
    correlations = np.corrcoef(factors / factors.sum(0), found / found.sum(0))
    return correlations[: len(factors), len(factors) :].max(axis=1)


def test_planted_sources_are_found_and_every_start_gets_there(small_set):
    data, planted, _ = small_set
    found = positive_matrix_factorisation(data, 3, settings=FitSettings(n_starts=8))
    assert found.runs["reaches_best"].all()
    assert found.runs["is_converged"].all()
    assert np.median(matched(planted, found.profiles)) > 0.97
    assert_allclose(found.contributions.mean(axis=0), 1.0)
    assert 0.85 < found.q_true / found.q_expected < 1.2


def test_the_fit_never_gets_worse_and_ends_where_a_general_optimiser_ends(small_set):
    data, _, _ = small_set
    found = positive_matrix_factorisation(data, 3, settings=FitSettings(n_starts=2))
    assert (np.diff(found.losses) <= 0).all()
    problem, scale = scaled_problem(data, is_robust=False)
    n, m = data.concentrations.shape

    def loss(x):
        g, f = x[: 3 * n].reshape(n, 3), x[3 * n :].reshape(3, m)
        weighted = problem.weights * (problem.concentrations - g @ f)
        gradient = -2 * np.concatenate(
            [(weighted @ f.T).ravel(), (g.T @ weighted).ravel()]
        )
        return (weighted * (problem.concentrations - g @ f)).sum(), gradient

    start = np.concatenate(
        [found.contributions.ravel(), (found.profiles / scale).ravel()]
    )
    other = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * start.size
    )
    assert found.q_true <= other.fun + 1e-6


def test_equal_weights_fit_as_closely_as_scikit_learn():
    rng = np.random.default_rng(0)
    values = rng.random((60, 3)) @ rng.random((3, 8)) + 0.05 * rng.random((60, 8))
    names = tuple("abcdefgh"), tuple(map(str, range(60)))
    data = ReceptorData(values, np.full(values.shape, 0.1), *names)
    found = positive_matrix_factorisation(data, 3, settings=FitSettings(n_starts=5))
    other = NMF(3, init="nndsvda", tol=1e-8, max_iter=20000).fit(values)
    assert found.q_true <= (other.reconstruction_err_ / 0.1) ** 2 + 1e-3


def test_memory_order_unit_order_of_rows_and_seed_do_not_matter(small_set):
    data, _, _ = small_set
    base = positive_matrix_factorisation(data, 3, settings=FitSettings(n_starts=6))
    rng = np.random.default_rng(1)
    rows = rng.permutation(len(data.sample_ids))
    columns = rng.permutation(len(data.species))
    unit = np.where(np.arange(len(data.species)) == 2, 1000.0, 1.0)
    other = positive_matrix_factorisation(
        ReceptorData(
            np.asfortranarray((data.concentrations * unit)[rows][:, columns]),
            np.asfortranarray((data.uncertainties * unit)[rows][:, columns]),
            tuple(data.species[column] for column in columns),
            tuple(data.sample_ids[row] for row in rows),
        ),
        3,
        settings=FitSettings(n_starts=6),
        random_state=7,
    )
    assert_allclose(other.q_true, base.q_true, rtol=1e-6)
    scale = base.profiles.max(axis=0)
    assert_allclose(
        (other.profiles / unit[columns]) / scale[columns],
        (base.profiles / scale)[:, columns],
        atol=2e-3,
    )
    assert_allclose(other.contributions, base.contributions[rows], atol=5e-3)


def test_processes_give_what_one_process_gives(small_set):
    data, _, _ = small_set
    seen = []
    base = positive_matrix_factorisation(data, 3, settings=FitSettings(n_starts=3))
    settings = FitSettings(
        n_starts=3, n_jobs=2, progress=lambda done, total: seen.append((done, total))
    )
    other = positive_matrix_factorisation(data, 3, settings=settings)
    assert_allclose(other.profiles, base.profiles, rtol=1e-6)
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_missing_values_do_not_matter_whatever_their_uncertainty(small_set):
    data, planted, _ = small_set
    holes = np.random.default_rng(2).random(data.concentrations.shape) < 0.1
    found = []
    for filler in (1.0, 1e6):
        gaps = ReceptorData(
            np.where(holes, np.nan, data.concentrations),
            np.where(holes, filler, data.uncertainties),
            data.species,
            data.sample_ids,
        )
        found.append(
            positive_matrix_factorisation(gaps, 3, settings=FitSettings(n_starts=3))
        )
    assert found[0].q_true == found[1].q_true
    assert np.isnan(found[0].scaled_residuals[holes]).all()
    assert np.median(matched(planted, found[0].profiles)) > 0.95


def test_robust_mode_rests_where_reweighting_rests_and_ignores_outliers(small_set):
    data, planted, _ = small_set
    wild = data.concentrations.copy()
    struck = np.random.default_rng(0).random(wild.shape) < 0.015
    wild[struck] += 20 * data.uncertainties[struck]
    spoilt = ReceptorData(wild, data.uncertainties, data.species, data.sample_ids)
    robust = positive_matrix_factorisation(
        spoilt, 3, settings=FitSettings(n_starts=6, is_robust=True)
    )
    plain = positive_matrix_factorisation(spoilt, 3, settings=FitSettings(n_starts=6))
    assert robust.is_converged
    assert robust.q_robust < plain.q_robust
    assert robust.q_true > plain.q_true
    assert np.median(matched(planted, robust.profiles)) > 0.97
    # A literal fixed point: weights of the answer, plain least squares, same answer.
    residuals = np.abs(robust.scaled_residuals)
    softer = data.uncertainties / np.sqrt(np.where(residuals <= 4, 1.0, 4 / residuals))
    again = ReceptorData(wild, softer, data.species, data.sample_ids)
    problem, scale = scaled_problem(again, is_robust=False)
    point = alternated(problem, robust.profiles / scale, n_rounds=0)
    assert optimality_error(problem, point) < 1e-2


def test_the_local_model_has_the_derivatives_of_the_loss():
    rng = np.random.default_rng(3)
    values = rng.lognormal(size=(30, 6))
    problem = Problem(values, rng.lognormal(size=values.shape))
    point = alternated(problem, random_profiles(problem, 2, rng), n_rounds=3)
    model = local_model(problem, point, is_exact=True)
    step = 1e-4 * rng.normal(size=model.position.size) * (model.position > 0)

    def loss(t):
        profiles = model.profiles(model.position + t * step)
        return alternated(problem, profiles, n_rounds=0).loss

    slope = (loss(1.0) - loss(-1.0)) / 2
    assert_allclose(slope, -2 * model.descent @ step, rtol=1e-3)
    # Along a profile, where the loss does not change, the model has curvature one.
    along = point.profiles * model.scale.reshape(point.profiles.shape)
    units = along / np.linalg.norm(along, axis=1, keepdims=True)
    for factor, unit in enumerate(units):
        part = step.reshape(point.profiles.shape)[factor]
        part -= (part @ unit) * unit
    curved = (loss(1.0) - 2 * loss(0.0) + loss(-1.0)) / 2
    assert_allclose(curved, step @ model.curvature @ step, rtol=2e-2)


def test_unfinished_runs_are_not_called_converged(small_set):
    data, _, _ = small_set
    with pytest.warns(UserWarning, match="did not converge"):
        found = positive_matrix_factorisation(
            data, 3, settings=FitSettings(n_starts=1, max_iterations=1)
        )
    assert not found.is_converged
    problem, _ = scaled_problem(data, is_robust=False)
    rng = np.random.default_rng(0)
    start = alternated(problem, random_profiles(problem, 3, rng), n_rounds=2)
    assert not descended(problem, start, max_iterations=0).is_converged


def test_too_many_factors_are_refused_and_few_samples_warned_of():
    rng = np.random.default_rng(0)
    values = rng.lognormal(size=(20, 6))
    data = ReceptorData(
        values, 0.1 * values, tuple("abcdef"), tuple(map(str, range(20)))
    )
    with pytest.raises(
        InvalidStudyError, match="7 factors for 20 samples of 6 species"
    ):
        positive_matrix_factorisation(data, 7)
    with pytest.raises(InvalidStudyError, match="120 values for 120 unknowns"):
        positive_matrix_factorisation(data, 6)
    with pytest.warns(UserWarning, match="20 samples for 24 elements of 4 profiles"):
        positive_matrix_factorisation(data, 4, settings=FitSettings(n_starts=1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        positive_matrix_factorisation(data, 3, settings=FitSettings(n_starts=1))


def test_one_factor_is_the_weighted_mean_mixture():
    names = tuple("abc"), tuple(map(str, range(10)))
    amounts = np.arange(1.0, 11.0)[:, None]
    values = amounts * np.array([[1.0, 2.0, 4.0]])
    data = ReceptorData(values, np.ones(values.shape), *names)
    found = positive_matrix_factorisation(data, 1, settings=FitSettings(n_starts=2))
    assert_allclose(found.profiles, [[5.5, 11.0, 22.0]])
    assert_allclose(found.contributions, amounts / 5.5)
