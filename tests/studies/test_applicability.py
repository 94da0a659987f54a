"""What predictions say about the study behind them."""

import numpy as np
import pandas as pd
import pytest

from cerussite.core.spectra import Spectra
from cerussite.core.survey import Response, Survey
from cerussite.models.card import describe_calibration
from cerussite.studies.applicability import response_reasons


@pytest.fixture
def card_of():

    survey = Survey(
        samples=pd.DataFrame(index=["a", "b"]),
        responses=(Response("Pb", "mg/kg"),),
        y=np.array([[1.0], [2.0]]),
        spectra=Spectra(
            np.array([[0.1, 0.2], [0.2, 0.4]]), np.array([500.0, 600.0]), "absorbance"
        ),
    )

    def make(low, half_width):
        return describe_calibration(
            survey,
            method="consensus",
            preprocessing=(),
            scheme="grouped",
            metrics={"Pb": {"r2": 0.4, "r2_low": low}},
            half_widths={"Pb": half_width},
            level=0.9,
        )

    return make


def test_a_response_with_skill_and_an_interval_needs_no_words(card_of):
    assert response_reasons(card_of(0.1, 5.0), "Pb") == []


@pytest.mark.parametrize("low", [-0.1, 0.0, np.nan])
def test_a_response_without_skill_says_so(card_of, low):
    (reason,) = response_reasons(card_of(low, 5.0), "Pb")
    assert reason.startswith("not shown to be better than a constant (grouped: R2 0.40")


def test_a_missing_interval_has_its_reason(card_of):
    (reason,) = response_reasons(card_of(0.1, np.nan), "Pb")
    assert reason.startswith("no interval")
