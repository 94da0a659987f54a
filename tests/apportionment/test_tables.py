import json

import numpy as np
import pytest
from numpy.testing import assert_allclose

from cerussite.apportionment import (
    Bootstrap,
    Draws,
    FitSettings,
    ReceptorData,
    bootstrap,
    combined_intervals,
    contributions_table,
    diagnostics,
    displacement,
    errors_table,
    explained_variation_table,
    positive_matrix_factorisation,
    profiles_table,
    shares_of_species,
    site_contributions,
)
from cerussite.core.errors import InvalidStudyError


@pytest.fixture(scope="module")
def fitted(small_set):
    return positive_matrix_factorisation(
        small_set[0], 3, settings=FitSettings(n_starts=3)
    )


@pytest.fixture(scope="module")
def resamples(fitted):
    return bootstrap(fitted, draws=Draws(20), settings=FitSettings(n_starts=1))


def test_tables_add_up(fitted):
    profiles = profiles_table(fitted)
    assert_allclose(profiles.groupby("species")["percent_of_species"].sum(), 100.0)
    assert_allclose(shares_of_species(fitted).sum(axis=1), 1.0)
    explained = explained_variation_table(fitted)
    assert_allclose(explained.groupby("species")["explained_variation"].sum(), 1.0)
    contributions = contributions_table(fitted)
    means = contributions.groupby("factor")["contribution"].mean()
    assert_allclose(means, 1.0)
    pivot = contributions.pivot_table(index="sample_id", columns="factor", sort=False)
    assert_allclose(pivot.to_numpy(), fitted.contributions)


def test_explained_variation_is_that_of_a_literal_loop(fitted):
    table = explained_variation_table(fitted).set_index(["species", "factor"])
    column, total, one = 4, 0.0, 0.0
    for row in range(150):
        u = fitted.data.uncertainties[row, column]
        parts = fitted.contributions[row] * fitted.profiles[:, column]
        rest = abs(fitted.data.concentrations[row, column] - parts.sum())
        one += parts[1] / u
        total += (parts.sum() + rest) / u
    found = table.loc[("E4", "factor 2"), "explained_variation"]
    assert_allclose(found, one / total)


def test_errors_of_both_methods_stand_in_one_table(fitted, resamples):
    shifted = displacement(fitted, levels=[4.0], species=["E0"])
    table = errors_table(fitted, displaced=shifted, resampled=resamples)
    assert table["method"].value_counts().to_dict() == {"BS": 27, "DISP": 3}
    assert errors_table(fitted).empty


def test_combined_intervals_hold_both(fitted, resamples):
    shifted = displacement(fitted, levels=[4.0, 8.0], species=["E0", "E5"])
    table = combined_intervals(fitted, shifted, resamples, level=0.95)
    assert len(table) == 6
    parts = errors_table(fitted, displaced=shifted)
    parts = parts[parts["d_q"] == 4].reset_index(drop=True)
    assert (table["lower"] <= parts["lower"]).all()
    assert (table["upper"] >= parts["upper"]).all()
    drawn = np.quantile(resamples.profiles[:, 2, 5], [0.025, 0.975])
    row = table[(table["factor"] == "factor 3") & (table["species"] == "E5")].iloc[0]
    assert row["lower"] <= drawn[0]
    assert row["upper"] >= drawn[1]


def test_diagnostics_can_be_written_as_json(fitted):
    found = json.loads(json.dumps(diagnostics(fitted)))
    assert found["is_converged"] is True
    assert found["n_starts_reaching_best"] == 3
    assert_allclose(
        sum(each["q_per_value"] for each in found["species"].values()) * 150,
        found["q_true"],
    )


def test_new_sites_get_back_what_they_were_mixed_from(fitted, resamples):
    truth = np.array([[1.0, 0.5, 2.0], [0.2, 3.0, 0.0]])
    mixed = truth @ fitted.profiles
    sites = ReceptorData(mixed, 0.02 * mixed + 1e-9, fitted.data.species, ("x", "y"))
    found = site_contributions(sites, fitted, resamples)
    assert_allclose(found.contributions, truth, atol=1e-5)
    assert (found.lower <= truth + 1e-5).all()
    assert (found.upper >= truth - 1e-5).all()
    assert_allclose(found.amounts.sum(axis=1), mixed, rtol=1e-4)
    assert found.scaled_misfit.max() < 1e-3


def test_sites_that_are_no_mixture_are_told_by_their_misfit(fitted, resamples):
    strange = fitted.profiles.sum(axis=0, keepdims=True)
    strange[0, 0] *= 50
    sites = ReceptorData(strange, 0.05 * strange + 1e-9, fitted.data.species, ("x",))
    assert site_contributions(sites, fitted, resamples).scaled_misfit.item() > 3


def test_unknown_species_and_unmapped_resamples_are_refused(fitted, resamples):
    some = ReceptorData(np.ones((1, 3)), np.ones((1, 3)), ("E0", "E1", "Au"), ("x",))
    with pytest.raises(InvalidStudyError, match="expected species among"):
        site_contributions(some, fitted, resamples)
    none = Bootstrap(np.full((2, 3, 9), np.nan), resamples.mapping, 1.0, 0)
    known = ReceptorData(np.ones((1, 3)), np.ones((1, 3)), ("E0", "E1", "E2"), ("x",))
    with pytest.raises(InvalidStudyError, match="0 resamples hold all"):
        site_contributions(known, fitted, none)
