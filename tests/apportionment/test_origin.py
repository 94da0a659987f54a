import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from cerussite.apportionment import (
    Draws,
    Evidence,
    classes_by_markers,
    driver_evidence,
    enrichment_evidence,
    receptor_evidence,
    verdicts,
)
from cerussite.core.errors import InvalidStudyError


def test_markers_name_sources_and_leave_a_mixture_without_a_name():
    shares = pd.DataFrame(
        {
            "factor 1": [0.8, 0.7, 0.1, 0.1],
            "factor 2": [0.1, 0.1, 0.5, 0.5],
            "factor 3": [0.1, 0.2, 0.4, 0.4],
        },
        index=["Ni", "Cu", "Al", "Ti"],
    )
    found = classes_by_markers(shares, {"smelter": ["Ni", "Cu"], "rock": ["Al", "Ti"]})
    assert found["class"].tolist() == ["smelter", "rock", "rock"]
    even = pd.DataFrame({"factor 1": [0.5] * 4}, index=shares.index)
    assert classes_by_markers(even, {"a": ["Ni"], "b": ["Al"]})["class"].item() == ""
    with pytest.raises(InvalidStudyError, match=r"unknown markers \['Au'"):
        classes_by_markers(shares, {"a": ["Au"], "b": ["Al"]})


def test_enrichment_by_hand():
    own = np.array([[8.0], [16.0], [24.0]])
    below = np.full((3, 1), 2.0)
    aluminium = np.array([2.0, 2.0, 2.0]), np.array([1.0, 1.0, 1.0])
    found = enrichment_evidence(
        own, below, metals=["Ni"], reference=aluminium, draws=Draws(20)
    )[0]
    assert found.value == 4.0  # (16 / 2) / (2 / 1)
    assert 2.0 <= found.lower <= 4.0 <= found.upper <= 6.0


def test_shares_of_human_factors_and_undecided_ones_in_the_interval():
    shares = np.array([[6.0, 1.0], [2.0, 3.0], [2.0, 0.0]])
    draws = np.stack([shares] * 4 + [np.full(shares.shape, np.nan)])
    found = receptor_evidence(
        shares, draws, metals=["Ni", "Cr"], is_anthropogenic=[True, False, None]
    )
    assert_allclose([found[0].value, found[0].lower, found[0].upper], [0.6, 0.6, 0.8])
    assert [each.vote for each in found] == ["anthropogenic", "geogenic"]


def test_verdicts_need_two_kinds_and_no_contradiction():
    def evidence(kind, low, high):
        return Evidence("Mn", kind, (low + high) / 2, low, high, 0.5, "share")

    high, low = evidence("receptor model", 0.6, 0.8), evidence("drivers", 0.1, 0.3)
    also, wide = evidence("drivers", 0.7, 0.9), evidence("drivers", 0.2, 0.8)
    assert verdicts([high, also])["verdict"].item() == "anthropogenic"
    assert verdicts([low, low])["verdict"].item() == "geogenic"
    for some, reason in (
        ([high, low], "points both ways"),
        ([high, wide], "two are needed"),
        ([wide, wide], "two are needed"),
    ):
        row = verdicts(some).iloc[0]
        assert row["verdict"] == "withheld"
        assert reason in row["reason"]
    disputed = verdicts([high, also], disagreeing=["Mn"]).iloc[0]
    assert disputed["verdict"] == "withheld"
    assert "disagree" in disputed["reason"]


def test_drivers_are_passed_on():
    limits = np.array([0.7]), np.array([0.6]), np.array([0.8])
    assert driver_evidence(*limits, metals=["Mn"])[0].vote == "anthropogenic"
