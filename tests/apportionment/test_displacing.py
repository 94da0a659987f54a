import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import minimize

from cerussite.apportionment import (
    Draws,
    FitSettings,
    ReceptorData,
    displaced_bootstrap,
    displacement,
    positive_matrix_factorisation,
)
from cerussite.apportionment.displacing import displaced_problem
from cerussite.core.errors import InvalidStudyError


@pytest.fixture(scope="module")
def fitted(small_set):
    return positive_matrix_factorisation(
        small_set[0], 3, settings=FitSettings(n_starts=3)
    )


def refit_with_pin(factorisation, factor, species, value):
    """Least Q with one mean contribution pinned, by a general optimiser."""
    problem, base, scale = displaced_problem(factorisation)
    n, p = base.contributions.shape
    stiff = 1e5

    def loss(x):
        g, f = x[: n * p].reshape(n, p), x[n * p :].reshape(p, -1)
        residuals = problem.concentrations - g @ f
        weighted = problem.weights * residuals
        mean = g[:, factor].mean()
        miss = f[factor, species] * mean * scale[species] / value - 1
        g_slope, f_slope = -2 * weighted @ f.T, -2 * g.T @ weighted
        pull = 2 * stiff * miss * scale[species] / value
        g_slope[:, factor] += pull * f[factor, species] / n
        f_slope[factor, species] += pull * mean
        slope = np.concatenate([g_slope.ravel(), f_slope.ravel()])
        return (weighted * residuals).sum() + stiff * miss**2, slope

    start = np.concatenate([base.contributions.ravel(), base.profiles.ravel()])
    found = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None)] * start.size,
        options={"maxiter": 5000, "maxfun": 10000, "maxcor": 30, "ftol": 1e-13},
    )
    return found.fun - base.loss


def test_the_ends_of_intervals_cost_what_they_should_when_all_is_refitted(fitted):
    found = displacement(fitted, levels=(4.0, 16.0), species=["E0", "E4"])
    assert found.intervals["is_reached"].all()
    assert found.largest_decrease < 0.1
    table = found.intervals
    checked = table[(table["value"] > 0) & (table["factor"] == "factor 1")]
    for row in checked.to_dict("records"):
        species = fitted.data.species.index(row["species"])
        for end in ("lower", "upper"):
            if row[end] > 0:
                rise = refit_with_pin(fitted, 0, species, row[end])
                assert_allclose(rise, row["d_q"], rtol=0.06)


def test_intervals_hold_the_value_and_widen_with_the_level(fitted):
    table = displacement(fitted, species=["E1", "E5"]).intervals
    assert (table["lower"] <= table["value"]).all()
    assert (table["value"] <= table["upper"]).all()
    for _, part in table.groupby(["factor", "species"]):
        assert (np.diff(part["upper"]) >= -1e-9).all()
        assert (np.diff(part["lower"]) <= 1e-9).all()


def test_one_factor_has_the_interval_of_a_weighted_mean():
    # One profile element f, contributions known but for their mean: by the normal
    # equations of the whole problem, with J the derivatives of the residuals.
    rng = np.random.default_rng(0)
    amounts = rng.lognormal(size=(40, 1))
    values = amounts @ np.array([[1.0, 2.0, 3.0, 4.0]]) + 0.05 * rng.normal(
        size=(40, 4)
    )
    data = ReceptorData(
        values, np.full((40, 4), 0.05), tuple("abcd"), tuple(map(str, range(40)))
    )
    found = positive_matrix_factorisation(data, 1, settings=FitSettings(n_starts=1))
    interval = displacement(found, levels=[4.0], species=["b"]).intervals.iloc[0]
    g, f = found.contributions[:, 0], found.profiles[0]
    by_profile = np.einsum("i,jk->ijk", g, np.eye(4)).reshape(160, 4)
    by_contribution = np.einsum("il,j->ijl", np.eye(40), f).reshape(160, 40)
    derivatives = np.hstack([by_profile, by_contribution]) / 0.05
    # Mean of g times f[1]: its derivative in all unknowns.
    direction = np.concatenate([[0, 1.0, 0, 0], np.full(40, f[1] / 40)])
    error = np.sqrt(direction @ np.linalg.pinv(derivatives.T @ derivatives) @ direction)
    assert_allclose(interval["upper"] - interval["value"], 2 * error, rtol=0.03)
    assert_allclose(interval["value"] - interval["lower"], 2 * error, rtol=0.03)


def test_robust_factorisations_keep_their_weights(small_set):
    settings = FitSettings(n_starts=3, is_robust=True)
    fitted = positive_matrix_factorisation(small_set[0], 3, settings=settings)
    _, base, _ = displaced_problem(fitted)
    assert_allclose(base.loss, fitted.q_robust, rtol=1e-6)
    assert (
        displacement(fitted, levels=[4.0], species=["E1"]).intervals["is_reached"].all()
    )


def test_what_cannot_be_displaced_is_refused(fitted):
    with pytest.raises(InvalidStudyError, match="no species 'Au'"):
        displacement(fitted, species=["Au"])
    with pytest.raises(InvalidStudyError, match="increases of Q above zero"):
        displacement(fitted, levels=[0.0])


def test_resamples_displaced_have_wider_intervals_than_displacement(fitted):
    found = displaced_bootstrap(
        fitted, ["E0"], draws=Draws(12), settings=FitSettings(n_starts=1)
    )
    assert found.n_accepted + found.n_swapped == found.n_resamples == 12
    alone = displacement(fitted, levels=[4.0], species=["E0"]).intervals
    both = found.intervals[found.intervals["d_q"] == 4]
    wide = (both["upper"] - both["lower"]).to_numpy()
    assert np.median(wide / (alone["upper"] - alone["lower"])) > 1
