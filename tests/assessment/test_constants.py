"""Constants: a second copy typed by hand, sources everywhere, order between levels."""

import re
from pathlib import Path

import numpy as np
import pytest

from cerussite.assessment import (
    TABLES,
    constants,
    shipped_background,
    shipped_guideline,
    standard_names,
)
from cerussite.core.elements import is_element
from cerussite.core.errors import InvalidConcentrationError, UnknownStandardError

TYPED = Path(__file__).with_name("constants_typed_by_hand.txt")
OTHER_CHECK = {"!": "primary", "~": "secondary"}
PH = [("-", "5.5"), ("5.5", "6.5"), ("6.5", "7.5"), ("7.5", "-")]


def typed_lines(section):
    text = TYPED.read_text(encoding="utf-8")
    body = re.split(rf"^\[{re.escape(section)}\]$", text, flags=re.MULTILINE)[1]
    body = re.split(r"^\[", body, flags=re.MULTILINE)[0]
    return [line for line in body.splitlines() if line and not line.startswith("#")]


def typed_values(section, n_values=1):
    """Rows of (standard, year, check, element, values)."""
    for line in typed_lines(section):
        head, _, body = line.partition(" | ")
        standard, year, check = head.split()
        words = body.split()
        for at in range(0, len(words), n_values + 1):
            element, *values = words[at : at + n_values + 1]
            mark = values[0][-1]
            numbers = [float(value.rstrip("!~")) for value in values]
            yield standard, int(year), OTHER_CHECK.get(mark, check), element, numbers


def rows(table, columns):
    return sorted(constants(table)[columns].itertuples(index=False, name=None))


@pytest.mark.parametrize("table", ["backgrounds", "toxic_response"])
def test_values_equal_the_copy_typed_by_hand(table):
    typed = sorted(
        (standard, year, check, element, value)
        for standard, year, check, element, (value,) in typed_values(table)
    )
    assert rows(table, ["standard", "year", "check", "element", "value"]) == typed


def test_guidelines_equal_the_copy_typed_by_hand():
    typed = [
        (standard, year, check, element, "-", "-", value)
        for standard, year, check, element, (value,) in typed_values("guidelines")
    ]
    for standard, year, check, element, values in typed_values("guidelines by pH", 4):
        typed += [
            (standard, year, check, element, *interval, value)
            for interval, value in zip(PH, values, strict=True)
        ]
    columns = ["standard", "year", "check", "element", "ph_above", "ph_up_to", "value"]
    found = constants("guidelines")[columns]
    for name in ("ph_above", "ph_up_to"):
        found[name] = ["-" if np.isnan(x) else f"{x:g}" for x in found[name]]
    assert sorted(found.itertuples(index=False, name=None)) == sorted(typed)


def test_soil_type_coefficients_equal_the_copy_typed_by_hand():
    typed = sorted(
        (element, coefficient, value)
        for _, _, _, element, values in typed_values("soil_type", 3)
        for coefficient, value in zip("abc", values, strict=True)
    )
    assert rows("soil_type", ["element", "coefficient", "value"]) == typed


def test_classes_equal_the_copy_typed_by_hand():
    typed = []
    for line in typed_lines("classes"):
        head, _, body = line.partition(" | ")
        index, year, check, closed = head.split()
        words = body.split("; ")
        bounds = [-np.inf, *map(float, words[1::2]), np.inf]
        typed += [
            (index, int(year), check, closed, label, low, high)
            for label, low, high in zip(words[::2], bounds, bounds[1:], strict=False)
        ]
    columns = ["index", "year", "check", "closed", "label", "lower", "upper"]
    assert rows("classes", columns) == sorted(typed)


def test_toxicity_equals_the_copy_typed_by_hand():
    typed = []
    for line in typed_lines("toxicity"):
        quantity, substance, value, first, last, check = line.split()
        last = "" if last == "-" else last
        typed.append((quantity, substance, float(value), first, last, check))
    columns = [
        "quantity",
        "element",
        "value",
        "effective_from",
        "effective_to",
        "check",
    ]
    assert rows("toxicity", columns) == sorted(typed)


def test_exposure_factors_equal_the_copy_typed_by_hand():
    typed = []
    for line in typed_lines("exposure"):
        factor, receptor, element, value, year = line.split()
        element = "" if element == "-" else element
        typed.append((factor, receptor, element, float(value), int(year)))
    columns = ["factor", "receptor", "element", "value", "year"]
    assert rows("exposure", columns) == sorted(typed)


@pytest.mark.parametrize("table", [t for t in TABLES if t != "left_out"])
def test_every_constant_has_source_and_year(table):
    found = constants(table)
    assert len(found) > 0
    assert (found["source"].str.len() > 5).all()
    assert found["year"].between(1961, 2025).all()


@pytest.mark.parametrize(
    "table", [t for t in TABLES if t not in {"left_out", "standards"}]
)
def test_every_constant_says_how_it_was_checked_and_in_which_unit(table):
    found = constants(table)
    assert set(found["check"]) <= {"primary", "secondary"}
    assert (found["read_in"].str.len() > 5).all()
    assert (found["unit"] != "").all()


@pytest.mark.parametrize("table", ["backgrounds", "guidelines", "toxic_response"])
def test_tables_of_values_have_the_columns_of_a_tidy_table(table):
    expected = {"element", "value", "unit", "medium", "procedure", "source", "year"}
    assert expected | {"check"} <= set(constants(table))
    names = constants(table)["element"].str.replace(r"\(.*\)", "", regex=True)
    assert all(is_element(name.replace("MeHg", "Hg")) for name in names)


def test_what_was_not_read_in_a_text_is_listed_and_not_shipped():
    left_out = constants("left_out")
    assert (left_out["reason"] != "").all()
    unread = left_out[left_out["reason"] == "not yet read in a text"]
    assert {"Finland 214/2007 lower guideline value", "UCC, Wedepohl 1995"} <= set(
        unread["standard"]
    )
    assert "Fe" not in set(constants("toxic_response")["element"])


def test_a_table_is_a_copy():
    changed = constants("classes")
    changed["lower"] = 0.0
    assert constants("classes")["lower"].iloc[0] == -np.inf


def test_no_text_is_empty_where_it_matters_or_repeats_a_row():
    for table in ("backgrounds", "guidelines"):
        found = constants(table)
        keys = ["standard", "element", "ph_above", "ph_up_to"]
        assert not found.duplicated(keys).any()
        assert set(found["standard"]) == set(standard_names(table.removesuffix("s")))


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ("consensus_tec", "consensus_pec"),
        ("noaa_erl", "noaa_erm"),
        ("tel_freshwater", "pel_freshwater"),
        ("fdep_tel", "fdep_pel"),
        ("ccme_isqg_freshwater", "ccme_pel_freshwater"),
        ("ccme_isqg_marine", "ccme_pel_marine"),
        ("logistic_t20", "logistic_t50"),
        ("anzecc_isqg_low", "anzecc_isqg_high"),
        ("nl_sediment_background", "nl_sediment_class_a"),
        ("nl_sediment_class_a", "nl_sediment_intervention"),
        ("nl_soil_background", "nl_soil_residential"),
        ("nl_soil_residential", "nl_soil_industry"),
        ("eu_sludge_directive_lower", "eu_sludge_directive_upper"),
        ("gb_36600_screening_category_1", "gb_36600_screening_category_2"),
        ("gb_36600_screening_category_1", "gb_36600_control_category_1"),
    ],
)
def test_the_lower_level_is_below_the_upper_for_every_element(low, high):
    lower, upper = shipped_guideline(low), shipped_guideline(high)
    assert lower.elements == upper.elements
    assert np.all(lower.values(lower.elements) < upper.values(lower.elements))


def test_oxides_were_converted_to_elements():
    crust = shipped_background("upper_crust_rudnick_gao")
    oxides = 1e4 * np.array([15.4, 5.04, 0.64])
    # Masses of Al in Al2O3, Fe in FeO and Ti in TiO2.
    shares = [2 * 26.982 / 101.961, 55.845 / 71.844, 47.867 / 79.865]
    expected = oxides * np.array(shares)
    np.testing.assert_allclose(crust.values(["Al", "Fe", "Ti"]), expected, rtol=1e-4)


def test_an_unknown_table_offers_the_nearest():
    with pytest.raises(UnknownStandardError, match="nearest names: backgrounds"):
        constants("background")


def test_an_unknown_standard_offers_the_nearest():
    with pytest.raises(UnknownStandardError, match="nearest names: consensus_pec"):
        shipped_guideline("concensus pec")
    with pytest.raises(UnknownStandardError, match="no background 'noaa_erm'"):
        shipped_background("noaa_erm")


def test_elements_without_background_are_all_named():
    with pytest.raises(InvalidConcentrationError, match="no value of Ag, Tl"):
        shipped_background("average_shale").values(["Pb", "Ag", "Tl"])


def test_values_by_ph_follow_the_intervals():
    paddy = shipped_guideline("gb_15618_screening_paddy")
    ph = np.array([4.0, 5.5, 5.6, 6.5, 7.5, 7.6])
    cadmium = paddy.values(["Cd"], ph=ph)[:, 0]
    assert cadmium.tolist() == [0.3, 0.3, 0.4, 0.4, 0.6, 0.8]
    with pytest.raises(InvalidConcentrationError, match="depends on pH"):
        paddy.values(["Cd"])
