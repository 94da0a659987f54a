"""Indices against a background: worked by hand, twins, invariants, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from cerussite.assessment import (
    SetIndex,
    contamination_degree,
    contamination_factor,
    ecological_risk_classes,
    ecological_risk_factor,
    ecological_risk_index,
    geoaccumulation_index,
    modified_contamination_degree,
    pollution_load_index,
    toxic_response_factors,
)
from cerussite.core.errors import IncomparableError, InvalidConcentrationError

ELEMENTS = ("Cd", "Cr", "Cu", "Pb", "Zn")
BACKGROUND = np.array([0.3, 90.0, 45.0, 20.0, 95.0])
#: One sediment, against average shale: CF = 4, 0.5, 2, 8 and 1.
SEDIMENT = np.array([[1.2, 45.0, 90.0, 160.0, 95.0]])

concentrations = arrays(
    np.float64, st.tuples(st.integers(1, 5), st.just(5)), elements=st.floats(1e-3, 1e6)
)


def test_one_sediment_by_hand():
    factors = contamination_factor(SEDIMENT, background=BACKGROUND)
    assert_allclose(factors, [[4.0, 0.5, 2.0, 8.0, 1.0]])
    igeo = geoaccumulation_index(SEDIMENT, background=BACKGROUND)
    # log2(CF) - log2(1.5), and log2(1.5) = 0.5849625.
    assert_allclose(igeo, [np.array([2.0, -1.0, 1.0, 3.0, 0.0]) - 0.5849625], rtol=1e-6)
    named = {"background": BACKGROUND, "elements": ELEMENTS}
    assert_allclose(contamination_degree(SEDIMENT, **named).values, [15.5])
    assert_allclose(modified_contamination_degree(SEDIMENT, **named).values, [3.1])
    # The product is 32 and its fifth root 2.
    assert_allclose(pollution_load_index(SEDIMENT, **named).values, [2.0])


def test_ecological_risk_by_hand():
    factors = toxic_response_factors(ELEMENTS)
    assert_allclose(factors, [30, 2, 5, 5, 1])
    named = {"background": BACKGROUND, "factors": factors}
    each = ecological_risk_factor(SEDIMENT, **named)
    assert_allclose(each, [[120.0, 1.0, 10.0, 40.0, 1.0]])
    whole = ecological_risk_index(SEDIMENT, elements=ELEMENTS, **named)
    assert_allclose(whole.values, [172.0])
    # 43 of 133: 172 lies below 600 * 43 / 133 = 194 and above 97.
    classes = ecological_risk_classes(factors)
    assert classes.label(whole.values).tolist() == ["considerable"]


def test_extended_toxic_response_is_only_given_on_request():
    assert np.isnan(toxic_response_factors(["Ni"])).all()
    assert_allclose(toxic_response_factors(["Ni", "Sb"], extended=True), [5, 7])


def test_bounds_of_all_eight_pollutants_are_the_published_ones():
    eight = np.array([40.0, 40, 30, 10, 5, 5, 2, 1])
    assert_allclose(ecological_risk_classes(eight).bounds, [150, 300, 600])


def test_the_bounds_need_a_factor_of_every_element():
    with pytest.raises(InvalidConcentrationError, match="leave the others out"):
        ecological_risk_classes(toxic_response_factors(["Cd", "Tl"]))


@given(concentrations=concentrations, scale=st.floats(1e-3, 1e3))
def test_pollution_load_is_scale_equivariant(concentrations, scale):
    named = {"background": BACKGROUND, "elements": ELEMENTS}
    assert_allclose(
        pollution_load_index(scale * concentrations, **named).values,
        scale * pollution_load_index(concentrations, **named).values,
        rtol=1e-9,
    )


@given(concentrations=concentrations)
def test_pollution_load_lies_between_the_factors_and_below_their_mean(concentrations):
    named = {"background": BACKGROUND, "elements": ELEMENTS}
    load = pollution_load_index(concentrations, **named).values
    factors = contamination_factor(concentrations, background=BACKGROUND)
    mean = modified_contamination_degree(concentrations, **named).values
    assert np.all(load <= mean * (1 + 1e-9))
    assert np.all(load >= factors.min(axis=1) * (1 - 1e-9))


def slow_load(row):
    product = 1.0
    for concentration, background in zip(row, BACKGROUND, strict=True):
        product *= concentration / background
    return math.pow(product, 1 / len(row))


def test_pollution_load_equals_the_literal_root_of_the_product():
    drawn = np.random.default_rng(0).lognormal(3, 1, (20, 5))
    found = pollution_load_index(drawn, background=BACKGROUND, elements=ELEMENTS)
    assert_allclose(found.values, [slow_load(row) for row in drawn])


def test_draws_give_what_each_draw_gives():
    drawn = np.random.default_rng(0).lognormal(3, 1, (4, 6, 5))
    named = {"background": BACKGROUND, "elements": ELEMENTS}
    together = pollution_load_index(drawn, **named).values
    assert together.shape == (4, 6)
    assert_allclose(together[2], pollution_load_index(drawn[2], **named).values)


def test_a_sample_without_one_of_the_elements_has_no_index_of_the_set():
    gap = SEDIMENT.copy()
    gap[0, 1] = np.nan
    named = {"background": BACKGROUND, "elements": ELEMENTS}
    for index in (contamination_degree, pollution_load_index):
        assert np.isnan(index(gap, **named).values).all()
    assert np.isnan(contamination_factor(gap, background=BACKGROUND)).sum() == 1


def test_the_index_knows_its_set_and_is_not_compared_with_another():
    both = pollution_load_index(
        SEDIMENT[:, :2], background=BACKGROUND[:2], elements=ELEMENTS[:2]
    )
    all_five = pollution_load_index(SEDIMENT, background=BACKGROUND, elements=ELEMENTS)
    assert all_five.elements == ELEMENTS
    assert_allclose(all_five.ratio_to(all_five), 1.0)
    with pytest.raises(IncomparableError, match="without Cu, Pb, Zn"):
        all_five.ratio_to(both)
    degree = contamination_degree(SEDIMENT, background=BACKGROUND, elements=ELEMENTS)
    with pytest.raises(IncomparableError, match="expected the same index"):
        all_five.ratio_to(degree)


def test_a_set_names_each_element_once():
    with pytest.raises(InvalidConcentrationError, match="each once"):
        SetIndex("pollution_load_index", np.ones(2), ("Pb", "Pb"))


@pytest.mark.parametrize("wrong", [0.0, -1.0, np.inf])
@pytest.mark.parametrize("index", [contamination_factor, geoaccumulation_index])
def test_concentrations_that_are_none_are_refused(index, wrong):
    bad = np.repeat(SEDIMENT, 2, axis=0)
    bad[1, 3] = wrong
    with pytest.raises(InvalidConcentrationError, match="row 1, column 3"):
        index(bad, background=BACKGROUND)


@pytest.mark.parametrize("wrong", [0.0, -1.0, np.nan, np.inf])
def test_backgrounds_that_are_none_are_refused(wrong):
    background = BACKGROUND.copy()
    background[2] = wrong
    with pytest.raises(InvalidConcentrationError, match="background of column 2"):
        contamination_factor(SEDIMENT, background=background)


def test_shapes_that_disagree_are_refused():
    with pytest.raises(InvalidConcentrationError, match=r"expected \(5,\)"):
        contamination_factor(SEDIMENT, background=BACKGROUND[:3])
    with pytest.raises(InvalidConcentrationError, match="n_samples, n_elements"):
        contamination_factor(SEDIMENT[0], background=BACKGROUND)
