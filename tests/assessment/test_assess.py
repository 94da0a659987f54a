"""The one call: tidy tables that agree with the functions, and what they withhold."""

import csv
import dataclasses
import gzip
import math
import os
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from cerussite.assessment import (
    AssessmentPlan,
    Concentrations,
    assess,
    contamination_factor,
    enrichment_factor,
    geoaccumulation_index,
    mean_guideline_quotient,
    modified_pollution_index,
    nemerow_index,
    own_standard,
    pollution_load_index,
    shipped_background,
    shipped_guideline,
    soil_type_correction,
    toxic_risk_index,
)
from cerussite.core.errors import (
    IncomparableError,
    InvalidConcentrationError,
    InvalidStudyError,
    UnknownStandardError,
)

ELEMENTS = ("As", "Cd", "Cr", "Cu", "Hg", "Ni", "Pb", "Zn")
COLUMNS = [
    "sample_id",
    "index",
    "element",
    "value",
    "lower",
    "upper",
    "class",
    "background",
    "standard",
    "withheld",
    "reason",
]
SHALE = shipped_background("average_shale")


def metals(n_samples=40, n_draws=None):
    """Metals and iron that go together, in one common pattern of dilution."""
    rng = np.random.default_rng(0)
    names = (*ELEMENTS, "Fe")
    clay = rng.uniform(0.2, 1, (n_samples, 1))
    values = SHALE.values(names) * clay * rng.lognormal(0, 0.3, (n_samples, 9))
    draws = None
    if n_draws:
        draws = values * rng.lognormal(0, 0.2, (n_draws, n_samples, 9))
    return Concentrations(
        tuple(f"s{i}" for i in range(n_samples)),
        names,
        values,
        draws,
        procedures=("total_hf",) * 9,
        medium="marine sediment",
    )


PLAN = AssessmentPlan(reference_element="Fe")


def column(found, index, element=None, standard=None):
    rows = found.indices[found.indices["index"] == index]
    if element is not None:
        rows = rows[rows["element"] == element]
    if standard is not None:
        rows = rows[rows["standard"] == standard]
    return rows["value"].to_numpy()


def test_the_tables_hold_what_the_functions_give():
    measured = metals()
    y, iron = measured.values[:, :8], measured.values[:, 8]
    against = SHALE.values(ELEMENTS)
    found = assess(
        measured,
        background="average_shale",
        standards=["noaa_erm", "fdep_tel", "fdep_pel"],
        plan=PLAN,
    )
    factors = contamination_factor(y, background=against)
    igeo = geoaccumulation_index(y, background=against)
    enrichment = enrichment_factor(
        y, iron, background=against, reference_background=47200.0
    )
    for at, element in enumerate(ELEMENTS):
        assert_allclose(column(found, "contamination_factor", element), factors[:, at])
        assert_allclose(column(found, "geoaccumulation_index", element), igeo[:, at])
        assert_allclose(column(found, "enrichment_factor", element), enrichment[:, at])
    load = pollution_load_index(y, background=against, elements=ELEMENTS).values
    assert_allclose(column(found, "pollution_load_index", " ".join(ELEMENTS)), load)
    index = modified_pollution_index(enrichment, elements=ELEMENTS).values
    assert_allclose(column(found, "modified_pollution_index"), index)
    erm, tel, pel = (
        shipped_guideline(name).values(ELEMENTS)
        for name in ("noaa_erm", "fdep_tel", "fdep_pel")
    )
    named = {"guideline": erm, "elements": ELEMENTS}
    assert_allclose(
        column(found, "mean_erm_quotient"), mean_guideline_quotient(y, **named).values
    )
    assert_allclose(
        column(found, "nemerow_index", standard="noaa_erm"),
        nemerow_index(y, **named).values,
    )
    risk = toxic_risk_index(y, threshold=tel, probable=pel, elements=ELEMENTS)
    assert_allclose(
        column(found, "toxic_risk_index", standard="fdep_tel and fdep_pel"), risk.values
    )


def test_the_columns_are_those_that_the_files_promise():
    found = assess(metals(), background="average_shale", standards=["noaa_erm"])
    assert list(found.indices.columns) == COLUMNS
    assert list(found.exceedances.columns) == [
        *COLUMNS,
        "limit",
        "quotient",
        "probability",
    ]
    described = ", ".join(name for name, _ in found.data_dictionary)
    for table in (found.indices, found.exceedances, found.probabilities, found.ranking):
        for name in table.columns:
            assert name in described or name in {"worst_element", "worst_standard"}


def test_classes_in_the_table_are_those_of_the_values():
    found = assess(metals(), background="average_shale", plan=PLAN)
    rows = found.indices.query("index == 'geoaccumulation_index'")
    expected = np.select(
        [rows["value"] <= 0, rows["value"] <= 1],
        ["0 uncontaminated", "1 uncontaminated to moderate"],
        "2 moderate",
    )
    assert rows["class"].astype(str).tolist() == expected.tolist()


def test_exceedances_say_what_lies_above_which_limit():
    measured = Concentrations(
        ("a", "b"), ("Cd", "Pb"), np.array([[5.0, 12.8], [1, 128]])
    )
    found = assess(measured, background="average_shale", standards=["consensus_pec"])
    table = found.exceedances.set_index(["sample_id", "element"])
    assert table.loc[("a", "Cd"), "class"] == "above"
    assert table.loc[("b", "Pb"), "class"] == "not above"
    assert_allclose(table["quotient"], [5 / 4.98, 1 / 4.98, 0.1, 1.0])
    assert_allclose(table["limit"], [4.98, 4.98, 128, 128])
    worst = found.ranking.set_index("sample_id")
    assert worst.loc["a", ["n_exceedances", "worst_element"]].tolist() == [1, "Cd"]
    assert worst.loc["b", ["n_exceedances", "worst_element"]].tolist() == [0, "Pb"]


def test_stations_are_ranked_by_pollution_load():
    found = assess(metals(), background="average_shale")
    assert (np.diff(found.ranking["value"]) <= 0).all()
    assert found.ranking["rank"].tolist() == list(range(1, 41))


def test_draws_give_intervals_and_probabilities():
    measured = metals(20, n_draws=200)
    found = assess(
        measured,
        background="average_shale",
        standards=["noaa_erl"],
        plan=AssessmentPlan(level=0.8),
    )
    chosen = measured.draws
    names = measured.elements
    loads = pollution_load_index(
        chosen, background=SHALE.values(names), elements=names
    ).values
    rows = found.indices.query("index == 'pollution_load_index'")
    for name, share in (("lower", 0.1), ("value", 0.5), ("upper", 0.9)):
        expected = np.quantile(loads, share, axis=0, method="inverted_cdf")
        assert_allclose(rows[name], expected)
    above = found.probabilities.query("index == 'pollution_load_index'")
    assert_allclose(above["bound"], 1.0)
    assert_allclose(above["probability"], (loads > 1).mean(axis=0))
    lead = found.exceedances.query("element == 'Pb'")
    at = names.index("Pb")
    assert_allclose(lead["probability"], (chosen[:, :, at] > 46.7).mean(axis=0))
    assert (found.n_draws, found.level) == (200, 0.8)


def test_blocks_of_draws_do_not_change_the_answer(monkeypatch):
    measured = metals(20, n_draws=50)
    whole = assess(measured, background="average_shale", standards=["noaa_erl"])
    monkeypatch.setattr("cerussite.assessment.concentrations.BLOCK_SIZE", 1000)
    parts = assess(measured, background="average_shale", standards=["noaa_erl"])
    for name in ("indices", "exceedances", "probabilities", "ranking"):
        assert getattr(whole, name).equals(getattr(parts, name))


def test_the_verdict_on_enrichment_is_withheld_with_all_that_rests_on_it():
    measured = metals()
    values = measured.values.copy()
    values[:, 6] = np.random.default_rng(1).lognormal(3, 1, 40)
    measured = dataclasses.replace(measured, values=values)
    found = assess(measured, background="average_shale", plan=PLAN)
    lead = found.indices.query("index == 'enrichment_factor' and element == 'Pb'")
    assert lead["withheld"].all()
    assert lead["class"].isna().all()
    assert lead["value"].notna().all()
    assert lead["reason"].str.startswith("Fe does not predict Pb").all()
    rest = found.indices.query("index == 'enrichment_factor' and element == 'Zn'")
    assert not rest["withheld"].any()
    whole = found.indices.query("index == 'modified_pollution_index'")
    assert whole["withheld"].all()
    predicts = found.reference_element.set_index("element")["predicts"]
    assert predicts[~predicts].index.tolist() == ["Pb"]
    assert "Fe does not predict Pb" in found.withheld()["reason"].iloc[0]


def test_what_was_not_measured_is_withheld_with_the_sets_it_belongs_to():
    measured = metals()
    values = measured.values.copy()
    values[3, 0] = np.nan
    measured = dataclasses.replace(measured, values=values)
    found = assess(measured, background="average_shale", standards=["noaa_erm"])
    rows = found.indices[found.indices["sample_id"] == "s3"]
    reasons = (
        rows.loc[rows["withheld"]].groupby("index", observed=True)["reason"].first()
    )
    assert reasons["contamination_factor"] == "As was not measured"
    missing = "not every element of the set was measured"
    assert reasons["pollution_load_index"] == reasons["nemerow_index"] == missing
    assert found.ranking["rank"].isna().tolist() == [False] * 39 + [True]
    table = found.exceedances.set_index(["sample_id", "element"])
    assert table.loc[("s3", "As"), "reason"] == "As was not measured"


def test_total_chromium_against_hexavalent_is_withheld_not_compared():
    found = assess(metals(), background="average_shale", standards=["nepm_hil_a"])
    rows = found.exceedances.query("element == 'Cr'")
    assert rows["withheld"].all()
    assert rows["reason"].unique().tolist() == [
        "measured is total Cr, nepm_hil_a limits Cr(VI)"
    ]
    assert rows["quotient"].isna().all()
    together = found.indices.query("index == 'nemerow_index'")["element"].unique()[0]
    assert "Cr" not in together.split()


def test_the_soil_type_correction_is_made_where_it_is_due():
    values = np.array([[1.0, 60.0], [2.0, 300.0]])
    clay, organic = np.array([5.0, 12.0]), np.array([3.0, 6.0])
    measured = Concentrations(
        ("a", "b"), ("Cd", "Pb"), values, clay=clay, organic_matter=organic
    )
    found = assess(
        measured, background="average_shale", standards=["nl_soil_intervention"]
    )
    expected = soil_type_correction(
        values, elements=("Cd", "Pb"), clay=clay, organic_matter=organic
    )
    assert_allclose(found.exceedances["value"], expected.T.ravel())
    assert "soil type correction before" in " ".join(found.notes)
    bare = dataclasses.replace(measured, clay=None)
    with pytest.raises(IncomparableError, match="Dutch standard soil"):
        assess(bare, background="average_shale", standards=["nl_soil_intervention"])


def test_limits_follow_the_ph_of_the_sample():
    measured = Concentrations(
        ("a", "b"), ("Cd",), np.array([[0.5], [0.5]]), ph=np.array([5.0, 8.0])
    )
    found = assess(
        measured, background="world_soil", standards=["gb_15618_screening_paddy"]
    )
    assert found.exceedances["class"].tolist() == ["above", "not above"]
    assert_allclose(found.exceedances["limit"], [0.3, 0.8])


def test_the_result_names_sources_dates_and_doubts():
    measured = dataclasses.replace(metals(), procedures=("aqua_regia",) * 9)
    found = assess(measured, background="average_shale", standards=["consensus_pec"])
    names = found.references.set_index("name")
    assert names.loc["average_shale", ["year", "check"]].tolist() == [1961, "secondary"]
    assert names.loc["consensus_pec", "source"].startswith("MacDonald")
    assert any("strong acid against average_shale" in text for text in found.warnings)
    assert any("marine sediment against consensus_pec" in t for t in found.warnings)
    assert any("not normalised for grain size" in text for text in found.warnings)
    assert any("class bounds of the ecological risk" in text for text in found.notes)
    assert "consensus_pec gives no value of Fe" in found.notes
    assert set(found.constants_used["element"]) == {*ELEMENTS, "Fe"}
    bounds = found.classes.query("index == 'ecological_risk_index'")["upper"]
    assert_allclose(bounds.iloc[0], 150 * 93 / 133)


def test_metals_of_an_own_set_and_background():
    local = own_standard({"Cd": 0.2, "Pb": 10.0}, name="offshore", procedure="total_hf")
    found = assess(
        metals(), background=local, plan=AssessmentPlan(elements=("Cd", "Pb"))
    )
    assert found.elements == ("Cd", "Pb")
    assert set(found.indices["background"]) == {"offshore"}
    sets = found.indices.query("index == 'pollution_load_index'")["element"].unique()
    assert sets.tolist() == ["Cd Pb"]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"background": "averge_shale"}, UnknownStandardError, "average_shale"),
        ({"standards": ["noaa_er"]}, UnknownStandardError, "noaa_erm, noaa_erl"),
        (
            {"background": "preindustrial_lakes"},
            InvalidConcentrationError,
            "Hg, Ni, Fe",
        ),
        ({"standards": ["noaa_erm"] * 2}, InvalidConcentrationError, "asked for twice"),
        (
            {"plan": AssessmentPlan(reference_element="Al")},
            InvalidConcentrationError,
            "Al not measured",
        ),
        (
            {"plan": AssessmentPlan(elements=("Ag",))},
            InvalidConcentrationError,
            "Ag not measured",
        ),
    ],
)
def test_refusals_name_what_is_wrong(change, error, message):
    with pytest.raises(error, match=message):
        assess(metals(), **{"background": "average_shale", **change})


def test_a_level_that_is_none_is_refused():
    with pytest.raises(InvalidStudyError, match=r"level 1\.5"):
        AssessmentPlan(level=1.5)


def test_weak_extractions_are_refused():
    measured = dataclasses.replace(metals(), procedures=("dtpa",) * 9)
    with pytest.raises(IncomparableError, match="weak extraction"):
        assess(measured, background="average_shale")


@pytest.mark.slow
def test_a_hundred_thousand_samples_take_less_than_five_seconds():
    rng = np.random.default_rng(0)
    names = (*ELEMENTS, "Mn", "Fe")
    values = SHALE.values(names) * rng.lognormal(0, 0.6, (100_000, 10))
    measured = Concentrations(tuple(map(str, range(100_000))), names, values)
    start = time.process_time()
    found = assess(
        measured,
        background="average_shale",
        standards=["noaa_erm", "fdep_tel", "fdep_pel"],
        plan=AssessmentPlan(reference_element="Fe", extended_toxic_response=True),
    )
    assert time.process_time() - start < 5
    assert found.indices["index"].nunique() == 13


@pytest.mark.skipif(
    "CERUSSITE_DATA" not in os.environ, reason="CERUSSITE_DATA names no data"
)
def test_the_pollution_load_of_real_ports_is_that_of_a_literal_loop():
    folder = Path(os.environ["CERUSSITE_DATA"]) / "geochem" / "scb_bight_sediment"
    names = ("Cd", "Cr", "Cu", "Pb", "Zn", "Ni")
    with gzip.open(folder / "bight_metals_wide.csv.gz", "rt") as stream:
        table = [[row[name] for name in names] for row in csv.DictReader(stream)]
    values = np.array([[float(cell or "nan") for cell in row] for row in table])
    rows = np.flatnonzero((values > 0).all(axis=1))[:200]
    measured = Concentrations(
        tuple(map(str, rows)), names, values[rows], medium="port sediment"
    )
    found = assess(measured, background="average_shale", standards=["noaa_erm"])
    against = SHALE.values(names)
    for row, load in zip(
        values[rows], column(found, "pollution_load_index"), strict=True
    ):
        product = math.prod(c / b for c, b in zip(row, against, strict=True))
        assert load == pytest.approx(product ** (1 / 6))


def test_a_standard_that_limits_nothing_of_it_gives_a_note_and_no_rows():
    lead = Concentrations(("a", "b"), ("Pb",), np.array([[10.0], [20.0]]))
    found = assess(lead, background="world_soil", standards=["finland_threshold"])
    assert found.exceedances.empty
    assert found.ranking["worst_standard"].tolist() == ["", ""]
    assert "finland_threshold gives no value of Pb" in found.notes
    assert set(found.indices["standard"]) == {""}


def test_only_another_species_gives_withheld_rows_alone():
    chromium = Concentrations(("a", "b"), ("Cr",), np.array([[10.0], [20.0]]))
    found = assess(chromium, background="world_soil", standards=["nepm_hil_a"])
    assert found.exceedances["withheld"].tolist() == [True, True]
    assert found.ranking["worst_quotient"].isna().all()
    assert found.ranking["n_exceedances"].tolist() == [0, 0]


def test_freshwater_probable_levels_have_no_classes_of_their_own():
    found = assess(metals(), background="average_shale", standards=["pel_freshwater"])
    rows = found.indices.query("index == 'mean_pel_quotient'")
    assert rows["withheld"].all()
    assert rows["value"].notna().all()
    assert "marine and estuarine" in rows["reason"].iloc[0]


@pytest.mark.slow
def test_draws_are_worked_off_in_blocks_of_little_memory():
    rng = np.random.default_rng(0)
    draws = SHALE.values(ELEMENTS) * rng.lognormal(0, 0.6, (200, 5000, 8))
    tracemalloc.start()
    measured = Concentrations.from_draws(
        draws, sample_ids=[str(i) for i in range(5000)], elements=ELEMENTS
    )
    assess(measured, background="average_shale", standards=["noaa_erm"])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # All draws of the indices at once would take forty times 64 MB.
    assert peak < 4 * draws.nbytes
