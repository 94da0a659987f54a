"""Concentrations, draws and comparability."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from cerussite.assessment import (
    Concentrations,
    comparability,
    interval_of_draws,
    own_standard,
    probability_above,
    refuse_incomparable,
    shipped_background,
    shipped_guideline,
    species_conflicts,
    standard_from_table,
)
from cerussite.core.errors import (
    IncomparableError,
    InvalidConcentrationError,
    InvalidStudyError,
)
from cerussite.core.survey import Response, Survey


def lead(procedure="", medium="", normalisation="none"):
    return Concentrations(
        ("a",),
        ("Pb",),
        np.array([[30.0]]),
        procedures=(procedure,),
        medium=medium,
        normalisation=normalisation,
    )


def test_mixed_units_are_refused():
    with pytest.raises(InvalidConcentrationError, match="mixed units: Hg in ug/kg"):
        Concentrations(("a",), ("Pb", "Hg"), np.ones((1, 2)), units=("mg/kg", "ug/kg"))
    with pytest.raises(InvalidConcentrationError, match=r"^Pb in %; expected mg/kg"):
        Concentrations(("a",), ("Pb",), np.ones((1, 1)), units=("%",))


def test_shapes_and_names_must_fit():
    with pytest.raises(InvalidConcentrationError, match="values of size"):
        Concentrations(("a",), ("Pb",), np.ones((2, 1)))
    with pytest.raises(InvalidConcentrationError, match="ph of size"):
        Concentrations(("a",), ("Pb",), np.ones((1, 1)), ph=np.ones(2))
    with pytest.raises(InvalidConcentrationError, match="draws of size"):
        Concentrations(("a",), ("Pb",), np.ones((1, 1)), np.ones((3, 2, 1)))
    with pytest.raises(InvalidConcentrationError, match="normalisation 'grain'"):
        Concentrations(("a",), ("Pb",), np.ones((1, 1)), normalisation="grain")
    with pytest.raises(InvalidConcentrationError, match="a sample occurs twice"):
        Concentrations(("a", "a"), ("Pb",), np.ones((2, 1)))


def test_zero_and_missing_draws_are_refused_by_name():
    with pytest.raises(InvalidConcentrationError, match="row 0, Ag = 0 mg/kg"):
        Concentrations(("a",), ("Pb", "Ag"), np.array([[1.0, 0.0]]))
    draws = np.ones((4, 2, 1))
    draws[1, 1, 0] = np.nan
    with pytest.raises(
        InvalidConcentrationError, match="1 of 4 draws are missing for Pb"
    ):
        Concentrations(("a", "b"), ("Pb",), np.ones((2, 1)), draws)


def test_values_of_draws_are_their_medians():
    draws = np.random.default_rng(0).lognormal(size=(101, 7, 3))
    found = Concentrations.from_draws(
        draws, sample_ids=list("abcdefg"), elements=("Cd", "Pb", "Zn")
    )
    assert_allclose(found.values, np.median(draws, axis=0))


def test_blocks_of_draws_cover_all_samples_once(monkeypatch):
    monkeypatch.setattr("cerussite.assessment.concentrations.BLOCK_SIZE", 100)
    draws = np.ones((10, 23, 2))
    found = Concentrations.from_draws(
        draws, sample_ids=[str(i) for i in range(23)], elements=("Cd", "Pb")
    )
    rows = [row for block in found.blocks() for row in range(23)[block]]
    assert rows == list(range(23))
    assert len(list(found.blocks())) == 5


def survey(is_censored=None):
    return Survey(
        pd.DataFrame(index=pd.Index(["a", "b"], name="sample_id")),
        (
            Response("Pb", "mg/kg", "aqua_regia"),
            Response("clay", "g/kg"),
            Response("pH", "1"),
        ),
        np.array([[30.0, 250.0, 5.0], [40.0, 100.0, 7.0]]),
        is_censored=is_censored,
    )


def test_a_survey_hands_over_elements_procedures_clay_and_ph():
    found = Concentrations.from_survey(survey())
    assert (found.sample_ids, found.elements) == (("a", "b"), ("Pb",))
    assert found.procedure_of("Pb") == "aqua_regia"
    assert_allclose(found.clay, [25.0, 10.0])
    assert_allclose(found.ph, [5.0, 7.0])


def test_a_survey_with_values_below_the_limit_needs_draws():
    censored = survey(np.array([[True, False, False], [False, False, False]]))
    with pytest.raises(InvalidConcentrationError, match=r"detection limit .Pb 1."):
        Concentrations.from_survey(censored)
    draws = np.random.default_rng(0).uniform(1, 30, (5, 2, 1))
    found = Concentrations.from_survey(censored, draws=draws)
    assert_allclose(found.values, np.median(draws, axis=0))
    assert found.procedures == ("aqua_regia",)


def test_a_survey_without_elements_is_refused():
    with pytest.raises(InvalidConcentrationError, match="no element among clay"):
        Concentrations.from_survey(survey().with_responses(["clay"]))


def test_quantiles_are_draws_and_follow_increasing_transforms():
    draws = np.random.default_rng(0).lognormal(size=(200, 5))
    plain = interval_of_draws(draws, level=0.8)
    logged = interval_of_draws(np.log(draws), level=0.8)
    for a, b in zip(plain, logged, strict=True):
        assert_allclose(np.log(a), b)
    shares = np.array([0.1, 0.5, 0.9])
    expected = np.quantile(draws, shares, axis=0, method="inverted_cdf")
    assert_allclose(np.array(plain), expected)


def test_probabilities_are_shares_of_draws():
    draws = np.array([[1.0, np.nan], [2.0, np.nan], [3.0, np.nan], [4.0, np.nan]])
    assert_allclose(probability_above(draws, 2.0), [0.5, np.nan])
    assert_allclose(probability_above(draws, np.array([4.0, 1.0])), [0.0, np.nan])


def test_a_level_that_is_no_probability_is_refused():
    with pytest.raises(InvalidStudyError, match="level 1"):
        interval_of_draws(np.ones((3, 1)), level=1.0)


def severities(concentrations, standard):
    return [finding.severity for finding in comparability(concentrations, standard)]


def test_the_same_procedure_raises_no_doubt():
    assert severities(lead("total_hf"), shipped_background("average_shale")) == []


def test_strong_acid_against_totals_warns():
    (finding,) = comparability(
        lead("aqua_regia"), shipped_background("upper_crust_rudnick_gao")
    )
    assert finding.severity == "warn"
    assert "Pb by strong acid against upper_crust_rudnick_gao by total" in finding.text


def test_chromium_is_named_as_most_doubtful():
    chromium = dataclasses.replace(lead("aqua_regia"), elements=("Cr",))
    (finding,) = comparability(chromium, shipped_background("average_shale"))
    assert "most of all Cr" in finding.text


def test_an_unknown_procedure_warns():
    (finding,) = comparability(lead(), shipped_background("average_shale"))
    assert "procedure of Pb unknown" in finding.text


def test_a_weak_extraction_is_refused():
    findings = comparability(lead("dtpa"), shipped_guideline("consensus_pec"))
    with pytest.raises(
        IncomparableError, match="weak extraction against consensus_pec"
    ):
        refuse_incomparable(findings)


def test_the_soil_type_correction_is_demanded_and_aluminium_asked_for():
    dutch = shipped_guideline("nl_soil_intervention")
    with pytest.raises(IncomparableError, match="clay and organic matter"):
        refuse_incomparable(comparability(lead("aqua_regia"), dutch))
    done = lead("aqua_regia", normalisation="soil_type")
    refuse_incomparable(comparability(done, dutch))
    assert (
        "5 % Al" in comparability(lead("total"), shipped_guideline("ospar_bac"))[1].text
    )
    assert (
        "knows no normalisation"
        in comparability(done, shipped_guideline("finland_threshold"))[-1].text
    )


@pytest.mark.parametrize(
    ("medium", "standard", "n_doubts"),
    [
        ("soil", "consensus_pec", 1),
        ("marine sediment", "consensus_pec", 1),
        ("freshwater sediment", "consensus_pec", 0),
        ("sediment", "consensus_pec", 0),
        ("port sediment", "noaa_erm", 0),
        ("river sediment", "noaa_erm", 1),
        ("soil", "nepm_hil_a", 0),
    ],
)
def test_another_medium_warns(medium, standard, n_doubts):
    findings = comparability(lead("total", medium), shipped_guideline(standard))
    assert sum("which is for" in finding.text for finding in findings) == n_doubts


def test_total_chromium_is_not_hexavalent():
    conflicts = species_conflicts(("Cr", "Hg", "Pb"), shipped_guideline("nepm_hil_a"))
    assert conflicts == {
        "Cr": "measured is total Cr, nepm_hil_a limits Cr(VI)",
        "Hg": "measured is total Hg, nepm_hil_a limits Hg(inorganic) and MeHg",
    }
    hexavalent = species_conflicts(("Cr(VI)",), shipped_guideline("consensus_pec"))
    assert hexavalent == {"Cr(VI)": "measured is Cr(VI), consensus_pec limits Cr"}


def test_an_own_standard_comes_from_a_mapping_or_a_table():
    table = pd.DataFrame(
        {"element": ["Pb", "Hg"], "value": [12.0, 30.0], "unit": ["ug/kg", "ug/kg"]}
    )
    found = standard_from_table(table, name="offshore")
    assert_allclose(found.values(["Hg", "Pb"]), [0.03, 0.012])
    assert found.check == "user"
    same = own_standard({"Hg": 0.03, "Pb": 0.012}, name="offshore")
    assert_allclose(same.values(["Hg", "Pb"]), [0.03, 0.012])


def test_tables_that_say_two_things_are_refused():
    table = pd.DataFrame(
        {"element": ["Pb", "Hg"], "value": [12.0, 30.0], "unit": ["mg/kg", "ug/kg"]}
    )
    with pytest.raises(InvalidConcentrationError, match="mixes the units"):
        standard_from_table(table, name="offshore")
    twice = pd.DataFrame({"element": ["Pb"] * 2, "value": [1.0, 2.0], "unit": "mg/kg"})
    with pytest.raises(InvalidConcentrationError, match="several values of Pb"):
        standard_from_table(twice, name="offshore")
    with pytest.raises(InvalidConcentrationError, match=r"no column \['unit'\]"):
        standard_from_table(table.drop(columns="unit"), name="offshore")
    with pytest.raises(InvalidConcentrationError, match="offshore: Pb = 0 mg/kg"):
        own_standard({"Pb": 0.0}, name="offshore")
