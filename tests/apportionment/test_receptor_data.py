import numpy as np
import pytest
from numpy.testing import assert_allclose

from cerussite.apportionment import ReceptorData
from cerussite.core.errors import InvalidConcentrationError, InvalidSurveyError


def data(values=None, uncertainties=None, **others):
    values = np.array([[1.0, 2.0], [3.0, 4.0]]) if values is None else np.array(values)
    if uncertainties is None:
        uncertainties = np.full(values.shape, 0.5)
    return ReceptorData(
        values, np.array(uncertainties), ("Pb", "Zn"), ("a", "b"), **others
    )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (-0.1, "1 uncertainties are negative .first: Zn in sample a"),
        (0.0, "1 uncertainties are zero"),
        (np.nan, "1 uncertainties are missing or infinite"),
    ],
)
def test_uncertainties_must_be_above_zero(wrong, message):
    with pytest.raises(InvalidConcentrationError, match=message):
        data(uncertainties=[[0.5, wrong], [0.5, 0.5]])


def test_a_missing_value_needs_no_uncertainty():
    found = data([[1.0, np.nan], [3.0, 4.0]], [[0.5, 0.0], [0.5, 0.5]])
    assert found.is_measured.tolist() == [[True, False], [True, True]]


def test_a_species_below_its_limit_everywhere_is_refused():
    censored = np.array([[True, False], [True, False]])
    with pytest.raises(InvalidConcentrationError, match="Pb was never found above"):
        data(is_censored=censored)
    with pytest.raises(InvalidConcentrationError, match="Zn was never found above"):
        data([[1.0, 0.0], [1.0, 0.0]])


def test_empty_rows_and_repeated_names_are_refused():
    with pytest.raises(
        InvalidSurveyError, match=r"1 samples have no value \(first: b\)"
    ):
        data([[1.0, 2.0], [np.nan, np.nan]])
    with pytest.raises(InvalidSurveyError, match=r"'Pb'\); make them unique"):
        ReceptorData(np.ones((1, 2)), np.ones((1, 2)), ("Pb", "Pb"), ("a",))
    with pytest.raises(InvalidSurveyError, match=r"uncertainties of shape \(1, 2\)"):
        data(uncertainties=[[1.0, 1.0]])


def test_weak_species_count_with_three_times_their_uncertainty():
    found = data().categorised({"Zn": "weak"})
    assert_allclose(found.uncertainties, [[0.5, 1.5], [0.5, 1.5]])
    assert found.is_strong.tolist() == [True, False]
    with pytest.raises(InvalidSurveyError, match="were made weak before"):
        found.categorised({"Zn": "weak"})


def test_bad_species_are_left_out_and_a_total_is_weak():
    found = data().categorised({"Zn": "bad"}, total="Pb")
    assert found.species == ("Pb",)
    assert found.categories == ("weak",)
    with pytest.raises(InvalidSurveyError, match="'Cd' is to be 'bad'"):
        data().categorised({"Cd": "bad"})


def test_extra_uncertainty_is_added_in_quadrature():
    found = data([[3.0, 2.0], [3.0, 4.0]], np.full((2, 2), 0.4))
    assert_allclose(found.with_extra_uncertainty(0.1).uncertainties[0, 0], 0.5)
    with pytest.raises(InvalidConcentrationError, match="extra uncertainty of -1"):
        found.with_extra_uncertainty(-1)
