"""Indices against guidelines, and the Dutch soil type correction."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from cerussite.assessment import (
    guideline_quotient,
    mean_guideline_quotient,
    nemerow_index,
    shipped_guideline,
    soil_type_correction,
    soil_type_elements,
    toxic_risk_index,
)
from cerussite.core.errors import InvalidConcentrationError

ELEMENTS = ("Cd", "Pb", "Zn")
SEDIMENT = np.array([[9.96, 64.0, 459.0]])


def test_mean_probable_effect_quotient_by_hand():
    pec = shipped_guideline("consensus_pec").values(ELEMENTS)
    assert_allclose(guideline_quotient(SEDIMENT, guideline=pec), [[2.0, 0.5, 1.0]])
    found = mean_guideline_quotient(SEDIMENT, guideline=pec, elements=ELEMENTS)
    assert_allclose(found.values, [3.5 / 3])
    assert found.elements == ELEMENTS


def test_nemerow_by_hand():
    pec = shipped_guideline("consensus_pec").values(ELEMENTS)
    found = nemerow_index(SEDIMENT, guideline=pec, elements=ELEMENTS)
    assert_allclose(found.values, [math.sqrt(((3.5 / 3) ** 2 + 4) / 2)])


def slow_toxic_risk(row, threshold, probable):
    total = 0.0
    for c, tel, pel in zip(row, threshold, probable, strict=True):
        total += math.sqrt(((c / tel) ** 2 + (c / pel) ** 2) / 2)
    return total


def test_toxic_risk_equals_the_literal_sum():
    elements = ("As", "Cd", "Cr", "Cu", "Hg", "Ni", "Pb", "Zn")
    low = shipped_guideline("tel_freshwater").values(elements)
    high = shipped_guideline("pel_freshwater").values(elements)
    drawn = np.random.default_rng(0).lognormal(2, 1, (10, 8))
    found = toxic_risk_index(drawn, threshold=low, probable=high, elements=elements)
    assert_allclose(found.values, [slow_toxic_risk(row, low, high) for row in drawn])


def test_a_guideline_may_differ_between_samples():
    limits = np.array([[1.0, 2.0], [10.0, 20.0]])
    found = nemerow_index(
        np.full((2, 2), 20.0), guideline=limits, elements=("Cd", "Pb")
    )
    assert_allclose(found.values, [math.sqrt((225 + 400) / 2), math.sqrt(6.25 / 2)])


def test_a_guideline_of_zero_is_refused():
    with pytest.raises(InvalidConcentrationError, match="guideline of column 1"):
        nemerow_index(
            SEDIMENT[:, :2], guideline=np.array([1.0, 0.0]), elements=ELEMENTS
        )
    with pytest.raises(InvalidConcentrationError, match="threshold effect level"):
        toxic_risk_index(
            SEDIMENT[:, :1],
            threshold=np.zeros(1),
            probable=np.ones(1),
            elements=("Cd",),
        )


def test_soil_type_correction_by_hand():
    # Cd: 0.4 + 25 * 0.007 + 10 * 0.021 = 0.785 over 0.4 + 5 * 0.007 + 4 * 0.021 = 0.519.
    found = soil_type_correction(
        np.array([[1.0, 1.0]]),
        elements=("Cd", "Mo"),
        clay=np.array([5.0]),
        organic_matter=np.array([4.0]),
    )
    assert_allclose(found, [[0.785 / 0.519, 1.0]])


@given(concentration=st.floats(1e-3, 1e5))
def test_the_standard_soil_is_not_corrected(concentration):
    elements = soil_type_elements()
    found = soil_type_correction(
        np.full((1, len(elements)), concentration),
        elements=elements,
        clay=np.array([25.0]),
        organic_matter=np.array([10.0]),
    )
    assert_allclose(found, concentration)


def test_contents_below_two_percent_count_as_two():
    sand, two = (
        soil_type_correction(
            np.array([[10.0]]),
            elements=("Zn",),
            clay=np.array([content]),
            organic_matter=np.array([content]),
        )
        for content in (0.5, 2.0)
    )
    assert_allclose(sand, two)


def test_the_correction_refuses_what_it_cannot_do():
    named = {"clay": np.array([5.0]), "organic_matter": np.array([4.0])}
    with pytest.raises(InvalidConcentrationError, match="correction of Ag"):
        soil_type_correction(np.ones((1, 2)), elements=("Pb", "Ag"), **named)
    named["clay"] = np.array([np.nan])
    with pytest.raises(InvalidConcentrationError, match="clay of 1 samples is missing"):
        soil_type_correction(np.ones((1, 1)), elements=("Pb",), **named)
    named["clay"] = np.array([0.05, 0.2])
    with pytest.raises(InvalidConcentrationError, match=r"expected \(1,\)"):
        soil_type_correction(np.ones((1, 1)), elements=("Pb",), **named)
