import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerussite.core.errors import InvalidConcentrationError
from cerussite.core.units import MASS_FRACTIONS, OTHER_UNITS, canonical_unit


@pytest.mark.parametrize(
    ("response", "unit", "expected"),
    [
        # One gram a kilogram is 1000 mg/kg; one percent 10 g/kg; one ppb 0.001 mg/kg.
        ("Pb", "mg/kg", ("mg/kg", 1.0)),
        ("Pb", "ppm", ("mg/kg", 1.0)),
        ("Cd", "ug/kg", ("mg/kg", 1e-3)),
        ("Hg", "ppb", ("mg/kg", 1e-3)),
        ("Fe", "%", ("mg/kg", 1e4)),
        ("Fe", "g/kg", ("mg/kg", 1e3)),
        ("Fe", "cg/g", ("mg/kg", 1e4)),
        ("clay", "%", ("g/kg", 10.0)),
        ("SOC", "g/kg", ("g/kg", 1.0)),
        ("SOC", "mg/kg", ("g/kg", 1e-3)),
        ("SOC", "g/100g", ("g/kg", 10.0)),
        ("pH", "1", ("1", 1.0)),
        ("CEC", "cmol/kg", ("cmol/kg", 1.0)),
    ],
)
def test_factors_by_hand(response, unit, expected):
    inside, factor = canonical_unit(response, unit)
    assert (inside, factor) == (expected[0], pytest.approx(expected[1], rel=1e-15))


@pytest.mark.parametrize(
    "unit", ["MG/KG", "mg / kg", "mg kg-1", "mg kg⁻¹", "µg/g", "μg/g", "ug/g"]
)
def test_spellings_of_one_unit_agree(unit):
    assert canonical_unit("Zn", unit) == ("mg/kg", 1.0)


@given(unit=st.sampled_from(sorted(MASS_FRACTIONS)))
def test_elements_and_constituents_differ_by_a_thousand(unit):
    assert canonical_unit("Pb", unit)[1] == pytest.approx(
        1000 * canonical_unit("clay", unit)[1]
    )


@pytest.mark.parametrize("response", ["Pb", "clay"])
def test_units_inside_are_their_own_unit(response):
    inside, _ = canonical_unit(response, "%")
    assert canonical_unit(response, inside) == (inside, 1.0)


@pytest.mark.parametrize("unit", sorted(OTHER_UNITS))
def test_an_element_is_a_mass_fraction(unit):
    assert canonical_unit("CEC", unit) == (unit, 1.0)
    with pytest.raises(InvalidConcentrationError, match=r"Pb: unknown unit .*mg/kg"):
        canonical_unit("Pb", unit)


@pytest.mark.parametrize("unit", ["", "mg", "mg/l", "mol", "kg/mg"])
def test_unknown_units_are_refused_with_those_that_are_known(unit):
    with pytest.raises(InvalidConcentrationError, match=r"unknown unit .*cmol/kg"):
        canonical_unit("clay", unit)


def test_a_concentration_in_air_keeps_its_unit_and_is_none_of_an_element():
    assert canonical_unit("PM2.5", "ug/m3") == ("ug/m3", 1.0)
    with pytest.raises(InvalidConcentrationError, match="unknown unit 'ug/m3'"):
        canonical_unit("Pb", "ug/m3")
