"""Health risk: published and hand-worked doses, dated toxicity, Monte-Carlo."""

from datetime import date

import numpy as np
import pytest
from numpy.testing import assert_allclose

from cerussite.assessment import (
    Concentrations,
    Distribution,
    HealthPlan,
    Receptor,
    dermal_dose,
    draw_receptor,
    health_risk,
    ingestion_dose,
    inhalation_dose,
    inhalation_exposure,
    receptor,
    receptor_names,
    toxicity_value,
)
from cerussite.core.errors import InvalidStudyError, UnknownStandardError

OLD, NEW = date(2025, 1, 12), date(2025, 1, 13)
CHILD, ADULT = receptor("resident_child"), receptor("resident_adult")


def arsenic(value=10.0):
    return Concentrations(("a",), ("As",), np.array([[value]]))


def pick(found, index, **where):
    rows = found.risks[found.risks["index"] == index]
    for name, value in where.items():
        rows = rows[rows[name] == value]
    return rows["value"].to_numpy()


def test_a_published_dose_of_a_gardener():
    # ATSDR training for health assessors, step 2.1: 11 mg/kg As, 100 mg/d on 5 days a
    # week in 26 weeks a year, 70 kg; given there as 0.000006 mg/kg/d.
    gardener = Receptor("gardener", 100.0, 5 * 26, 35, 70, 1, 1, 24, 1e9, 20)
    found = ingestion_dose(np.array([[11.0]]), gardener)
    assert_allclose(found.round(6), 0.000006)
    assert_allclose(found, 11 * 100e-6 * (5 * 26 / 365) / 70)


def test_doses_of_a_child_by_hand():
    c = np.array([[100.0]])
    share, life = 350 / 365, 350 * 6 / 25550
    assert_allclose(ingestion_dose(c, CHILD), 100 * 200e-6 / 15 * share)
    assert_allclose(ingestion_dose(c, CHILD, lifetime=True), 100 * 200e-6 / 15 * life)
    skin = dermal_dose(c, CHILD, absorption=np.array([0.03]))
    assert_allclose(skin, 100 * 2373 * 0.2 * 0.03 * 1e-6 / 15 * share)
    assert_allclose(inhalation_exposure(c, CHILD), 100 / 1.36e9 * share)
    assert_allclose(inhalation_dose(c, CHILD), 100 / 1.36e9 * 7.6 / 15 * share)


def test_arsenic_of_a_child_by_hand():
    found = health_risk(
        arsenic(), receptors=["resident_child"], plan=HealthPlan((OLD,))
    )
    swallowed = 10 * 200e-6 / 15 * 350 / 365
    skin = 10 * 2373 * 0.2 * 0.03 * 1e-6 / 15 * 350 / 365
    hazards = pick(found, "hazard_quotient")
    assert_allclose(hazards[:2], [swallowed / 3e-4, skin / 3e-4])
    assert np.isnan(hazards[2])  # no reference concentration of arsenic is shipped
    assert_allclose(pick(found, "hazard_index"), (swallowed + skin) / 3e-4)
    breathed = 10 / 1.36e9 * 350 / 365
    share = 6 / 70
    risks = [1.5 * swallowed * share, 1.5 * skin * share, 4.3 * breathed * share]
    assert_allclose(pick(found, "cancer_risk"), risks)
    assert_allclose(pick(found, "total_cancer_risk"), sum(risks))


def test_old_and_new_arsenic_differ_by_the_factor_of_the_slopes():
    plan = HealthPlan((OLD, NEW))
    found = health_risk(arsenic(), receptors=["resident_child"], plan=plan)
    for route in ("ingestion", "dermal"):
        before, after = pick(found, "cancer_risk", route=route)
        assert_allclose(after / before, 32 / 1.5)
    before, after = pick(found, "hazard_index")
    assert_allclose(after / before, 5.0)  # 3e-4 over 6e-5
    named = found.risks.query("index == 'cancer_risk' and route == 'ingestion'")
    assert named["standard"].tolist() == [
        "IRIS 1995, from 1995-06-01",
        "IRIS 2025, from 2025-01-13",
    ]
    hazard = found.risks.query("index == 'hazard_quotient' and route == 'ingestion'")
    assert hazard["standard"].tolist() == [
        "IRIS 1991, from 1991-09-01",
        "IRIS 2025, from 2025-01-13",
    ]
    assert set(found.toxicity["on"]) == {"2025-01-12", "2025-01-13"}


def test_the_reference_dose_of_1991_is_known_before_the_slope_of_1995():
    early = HealthPlan((date(1991, 9, 1), NEW))
    found = health_risk(arsenic(), receptors=["resident_child"], plan=early)
    before, after = pick(found, "hazard_index")
    assert_allclose(after / before, 5.0)
    rows = found.risks.query("index == 'cancer_risk' and on == '1991-09-01'")
    assert rows["withheld"].all()
    assert "holds from 1995-06-01" in rows["reason"].iloc[0]


def test_a_date_before_the_first_record_is_refused():
    with pytest.raises(UnknownStandardError, match="holds from 1991-09-01"):
        toxicity_value("As", "reference_dose", on=date(1991, 8, 31))
    plan = HealthPlan((date(1980, 1, 1),))
    with pytest.raises(UnknownStandardError, match="no toxicity value of As on 1980"):
        health_risk(arsenic(), receptors=["resident_child"], plan=plan)


def test_chromium_changed_in_2024():
    before, after = (
        toxicity_value("Cr(VI)", "slope_factor", on=day).value
        for day in (date(2024, 7, 31), date(2024, 8, 1))
    )
    assert (before, after) == (0.5, 0.27)


def test_unknown_substances_and_quantities_offer_the_nearest():
    with pytest.raises(
        UnknownStandardError, match="no slope factor of Cr; nearest names"
    ):
        toxicity_value("Cr", "slope_factor", on=NEW)
    with pytest.raises(UnknownStandardError, match="nearest names: reference_dose"):
        toxicity_value("As", "reference dose", on=NEW)
    with pytest.raises(UnknownStandardError, match=r"nearest names: Cr\(VI\)"):
        HealthPlan((NEW,), read_as={"Cr": "Cr(6)"})
    with pytest.raises(UnknownStandardError, match="nearest names: resident_child"):
        receptor("child")


def test_total_chromium_is_withheld_until_it_is_said_what_it_is():
    both = Concentrations(("a",), ("As", "Cr"), np.array([[10.0, 50.0]]))
    bare = health_risk(both, receptors=["resident_child"], plan=HealthPlan((NEW,)))
    assert set(bare.toxicity["element"]) == {"As"}
    assert any("total Cr withheld" in note for note in bare.notes)
    plan = HealthPlan((NEW,), read_as={"Cr": "Cr(VI)"})
    said = health_risk(both, receptors=["resident_child"], plan=plan)
    hazard = pick(said, "hazard_quotient", element="Cr", route="ingestion")
    assert_allclose(hazard, 50 * 200e-6 / 15 * 350 / 365 / 9e-4)
    assert any("Cr taken for Cr(VI)" in note for note in said.notes)


def test_a_weak_extraction_is_said_to_be_one():
    weak = Concentrations(("a",), ("As",), np.ones((1, 1)), procedures=("edta",))
    found = health_risk(weak, receptors=[CHILD], plan=HealthPlan((NEW,)))
    assert found.notes == ("As: dose of what a weak extraction dissolves, no total",)


def test_dermal_absorption_is_not_guessed():
    lead = Concentrations(("a",), ("Pb",), np.array([[100.0]]))
    bare = health_risk(lead, receptors=["resident_adult"], plan=HealthPlan((NEW,)))
    rows = bare.risks.query("index == 'cancer_risk' and route == 'dermal'")
    assert rows["reason"].tolist() == ["US EPA gives no dermal absorption of Pb"]
    plan = HealthPlan((NEW,), literature_dermal=True)
    asked = health_risk(lead, receptors=["resident_adult"], plan=plan)
    skin = 100 * 6032 * 0.07 * 0.001 * 1e-6 / 80 * 350 * 20 / 25550
    assert_allclose(pick(asked, "cancer_risk", route="dermal"), skin * 8.5e-3)


def test_gastrointestinal_absorption_raises_the_dermal_hazard():
    nickel = Concentrations(("a",), ("Ni",), np.array([[40.0]]))
    plan = HealthPlan((NEW,), literature_dermal=True)
    found = health_risk(nickel, receptors=["resident_child"], plan=plan)
    skin = dermal_dose(np.array([[40.0]]), CHILD, absorption=np.array([0.001]))
    assert_allclose(
        pick(found, "hazard_quotient", route="dermal"), skin[0] / (0.02 * 0.04)
    )


def test_stages_of_one_life_add_their_risk_of_cancer():
    plan = HealthPlan((NEW,), consecutive=True)
    found = health_risk(arsenic(), receptors=list(receptor_names()), plan=plan)
    child, adult, life = pick(found, "total_cancer_risk")
    assert_allclose(life, child + adult)
    assert "resident_child + resident_adult" in set(found.risks["receptor"])


def test_draws_of_concentrations_move_risks_in_proportion():
    draws = np.random.default_rng(0).lognormal(2, 0.5, (200, 3, 1))
    measured = Concentrations.from_draws(draws, sample_ids="abc", elements=("As",))
    found = health_risk(measured, receptors=[CHILD], plan=HealthPlan((NEW,)))
    rows = found.risks.query("index == 'cancer_risk' and route == 'ingestion'")
    per_unit = ingestion_dose(np.ones((1, 1)), CHILD, lifetime=True)[0, 0] * 32
    upper = np.quantile(draws[:, :, 0], 0.95, axis=0, method="inverted_cdf")
    assert_allclose(rows["upper"], upper * per_unit)
    shares = found.probabilities.query(
        "index == 'cancer_risk' and route == 'ingestion' and bound == 1e-4"
    )
    expected = (draws[:, :, 0] * per_unit > 1e-4).mean(axis=0)
    assert_allclose(shares["probability"], expected)


def test_monte_carlo_over_exposure_factors():
    rates = {"ingestion_rate": Distribution("lognormal", (50.0, 2.0))}
    drawn = draw_receptor(CHILD, rates, n_draws=4000, random_state=0)
    found = health_risk(arsenic(), receptors=[drawn], plan=HealthPlan((NEW,)))
    rows = found.risks.query("index == 'hazard_quotient' and route == 'ingestion'")
    per_rate = 10 * 1e-6 / 15 * 350 / 365 / 6e-5
    # Median and 5 % quantiles of a lognormal with median 50 and spread 2.
    expected = per_rate * 50 * 2.0 ** np.array([-1.6449, 0.0, 1.6449])
    assert_allclose(rows[["lower", "value", "upper"]].iloc[0], expected, rtol=0.06)
    again = draw_receptor(CHILD, rates, n_draws=4000, random_state=0)
    assert_allclose(again.ingestion_rate, drawn.ingestion_rate)


def test_distributions_stay_within_their_limits():
    rng = np.random.default_rng(0)
    for kind, numbers in (("uniform", (2.0, 5.0)), ("triangular", (2.0, 3.0, 5.0))):
        drawn = Distribution(kind, numbers).draw(500, random_state=rng)
        assert drawn.min() >= 2
        assert drawn.max() <= 5
        assert abs(drawn.mean() - np.mean(numbers)) < 0.15


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("normal", (1.0, 2.0)),
        ("uniform", (2.0, 1.0)),
        ("uniform", (0.0, 1.0)),
        ("triangular", (1.0, 3.0, 2.0)),
        ("lognormal", (1.0, 0.5)),
    ],
)
def test_distributions_that_are_none_are_refused(kind, parameters):
    with pytest.raises(InvalidStudyError, match="expected"):
        Distribution(kind, parameters)


def test_factors_that_do_not_exist_or_disagree_are_refused():
    uniform = Distribution("uniform", (1.0, 2.0))
    with pytest.raises(UnknownStandardError, match="nearest names: body_weight"):
        draw_receptor(CHILD, {"bodyweight": uniform}, n_draws=3, random_state=0)
    drawn = draw_receptor(CHILD, {"body_weight": uniform}, n_draws=3, random_state=0)
    other = draw_receptor(ADULT, {"body_weight": uniform}, n_draws=4, random_state=0)
    with pytest.raises(InvalidStudyError, match="as many of each"):
        health_risk(arsenic(), receptors=[drawn, other], plan=HealthPlan((NEW,)))
    with pytest.raises(InvalidStudyError, match="body_weight of shape"):
        draw_receptor(
            Receptor("x", 1, 1, 1, -1.0, 1, 1, 1, 1, 1),
            {},
            n_draws=3,
            random_state=0,
        )


def test_a_plan_needs_dates_and_something_toxic():
    with pytest.raises(InvalidStudyError, match="expected one or more"):
        HealthPlan(())
    iron = Concentrations(("a",), ("Fe",), np.array([[10.0]]))
    with pytest.raises(InvalidStudyError, match="no toxicity value of any of Fe"):
        health_risk(iron, receptors=[CHILD], plan=HealthPlan((NEW,)))
    with pytest.raises(InvalidStudyError, match="no receptor"):
        health_risk(arsenic(), receptors=[], plan=HealthPlan((NEW,)))


def test_every_column_is_in_the_dictionary_and_every_factor_in_a_table():
    found = health_risk(arsenic(), receptors=[CHILD, ADULT], plan=HealthPlan((NEW,)))
    described = ", ".join(name for name, _ in found.data_dictionary)
    for name in found.risks.columns.drop("background"):
        assert name in described
    assert len(found.exposure) == 18
    assert found.toxicity["source"].notna().all()
