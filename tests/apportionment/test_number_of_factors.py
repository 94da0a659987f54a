import numpy as np
import pytest

from cerussite.apportionment import FitSettings, ReceptorData, suggest_number_of_factors
from cerussite.apportionment.number_of_factors import dealt_cells
from cerussite.core.errors import InvalidStudyError


def test_every_measured_cell_is_held_out_once_and_no_sample_is_emptied():
    measured = np.random.default_rng(0).random((50, 9)) < 0.9
    folds = dealt_cells(measured, 5, np.random.default_rng(1))
    assert ((folds >= 0) == measured).all()
    for fold in range(5):
        assert ((folds == fold).sum(axis=1) <= 2).all()


def test_the_planted_number_is_found_with_words(small_set):
    found = suggest_number_of_factors(
        small_set[0], range(1, 6), n_folds=5, settings=FitSettings(n_starts=2)
    )
    assert found.n_factors == 3
    assert found.table["held_out"].idxmin() == 2
    assert found.words.startswith("3 factors")
    # Residuals of the fit itself keep falling; those of held-out cells do not.
    assert found.table.loc[2, "stability"] > 0.95


def test_held_out_cells_do_not_reach_the_fit(small_set):
    data = small_set[0]
    spoilt = data.concentrations.copy()
    spoilt[0, 0] *= 1e3
    other = ReceptorData(spoilt, data.uncertainties, data.species, data.sample_ids)
    one = FitSettings(n_starts=1)
    tables = [
        suggest_number_of_factors(each, [3], n_folds=5, settings=one).table
        for each in (data, other)
    ]
    # The wild cell spoils one fold of five by training on it in the other four.
    assert tables[1].loc[0, "held_out"] > tables[0].loc[0, "held_out"] + 1


def test_the_largest_number_tried_is_not_believed(small_set):
    one = FitSettings(n_starts=1)
    found = suggest_number_of_factors(small_set[0], [1, 2], n_folds=3, settings=one)
    assert "try more" in found.words
    with pytest.raises(InvalidStudyError, match="two folds"):
        suggest_number_of_factors(small_set[0], [2], n_folds=1)


def test_species_measured_in_few_samples_do_not_break_a_fold(small_set):
    data = small_set[0]
    gaps = data.concentrations.copy()
    gaps[1:, 8] = np.nan
    few = ReceptorData(gaps, data.uncertainties, data.species, data.sample_ids)
    one = FitSettings(n_starts=1)
    found = suggest_number_of_factors(few, [2], n_folds=3, settings=one)
    assert np.isfinite(found.table["held_out"]).all()
