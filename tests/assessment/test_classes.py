"""Classes: exhaustive, disjoint, on the right side of their bounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerussite.assessment import (
    Classes,
    all_classes,
    classes_of,
    constants,
    contamination_degree_classes,
)
from cerussite.core.errors import InvalidStudyError, UnknownStandardError

INDICES = sorted(constants("classes")["index"].unique())


@pytest.mark.parametrize("index", INDICES)
@given(value=st.floats(allow_nan=False))
def test_every_number_lies_in_exactly_one_class(index, value):
    rows = constants_of(index)
    left = rows["closed"].iloc[0] == "left"
    inside = [
        low <= value < high if left else low < value <= high
        for low, high in zip(rows["lower"], rows["upper"], strict=True)
    ]
    if np.isinf(value):  # both ends of the real line belong to the last class there
        inside[0 if value < 0 else -1] = True
    assert sum(inside) == 1
    label = rows["label"].iloc[inside.index(True)]
    assert classes_of(index).label(np.array([value])).tolist() == [label]


def constants_of(index, table=constants("classes")):  # noqa: B008 - read once
    return table[table["index"] == index]


@pytest.mark.parametrize(
    ("index", "value", "label"),
    [
        ("contamination_factor", 1.0, "moderate"),
        ("contamination_factor", 6.0, "very high"),
        ("geoaccumulation_index", 0.0, "0 uncontaminated"),
        ("geoaccumulation_index", 5.0, "5 heavy to extreme"),
        ("geoaccumulation_index", 5.01, "6 extreme"),
        ("nemerow_index", 0.7, "safe"),
        ("enrichment_factor", 2.0, "moderate"),
        ("enrichment_factor_birch", 3.0, "minor"),
        ("mean_erm_quotient", 0.1, "9-11 % toxic"),
        ("toxic_risk_index", 20.0, "considerable"),
        ("pollution_load_index", 1.0, "no deterioration"),
        ("cancer_risk", 1e-4, "tolerable range"),
    ],
)
def test_values_on_a_bound_fall_where_the_source_puts_them(index, value, label):
    assert classes_of(index).label(np.array([value])).tolist() == [label]


def test_no_value_no_class():
    classes = classes_of("contamination_factor")
    assert classes.label(np.array([np.nan, 2.0])).tolist() == ["", "moderate"]
    assert classes.positions(np.array([np.nan])).tolist() == [-1]


def test_labels_are_not_repeated_within_an_index():
    for classes in all_classes().values():
        assert len(set(classes.labels)) == len(classes.labels)


def test_degree_of_contamination_counts_its_metals():
    np.testing.assert_allclose(contamination_degree_classes(8).bounds, [8, 16, 32])
    np.testing.assert_allclose(contamination_degree_classes(6).bounds, [6, 12, 24])


def test_bounds_and_labels_must_fit():
    with pytest.raises(InvalidStudyError, match="one label more than bounds"):
        Classes("own", np.array([1.0]), ("low",))
    with pytest.raises(InvalidStudyError, match="do not increase"):
        Classes("own", np.array([2.0, 1.0]), ("low", "middle", "high"))
    with pytest.raises(InvalidStudyError, match="expected a positive number"):
        classes_of("contamination_factor").rescaled(0.0)


def test_an_unknown_index_offers_the_nearest():
    with pytest.raises(
        UnknownStandardError, match="nearest names: pollution_load_index"
    ):
        classes_of("pollution load")
