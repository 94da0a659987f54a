"""What predictions say about the study behind them."""

import numpy as np
import pandas as pd
import pytest

from cerussite.core.errors import UnreadableFileError
from cerussite.core.spectra import Spectra
from cerussite.core.survey import Response, Survey
from cerussite.evaluation import learn_error_model
from cerussite.models.card import describe_calibration
from cerussite.studies.applicability import (
    APPLICABILITY_FILE,
    ONLY_RANGES,
    learn_applicability,
    load_applicability,
    response_reasons,
    save_applicability,
    spectrum_verdicts,
)


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

    def make(low, n_left_out, scheme="random", n_sites=1):
        observed = np.arange(1.0, 1.0 + n_left_out)[:, np.newaxis]
        groups = np.arange(n_left_out) % n_sites if scheme == "grouped" else None
        return describe_calibration(
            survey,
            method="consensus",
            preprocessing=(),
            scheme=scheme,
            metrics={"Pb": {"r2": 0.4, "r2_low": low}},
            errors=learn_error_model(
                observed, observed + 0.1, level=0.9, groups=groups
            ),
            level=0.9,
        )

    return make


def test_a_response_with_skill_and_an_interval_needs_no_words(card_of):
    assert response_reasons(card_of(0.1, 40), "Pb") == []
    assert response_reasons(card_of(0.1, 40, "grouped", 10), "Pb") == []


@pytest.mark.parametrize("low", [-0.1, 0.0, np.nan])
def test_a_response_without_skill_says_so(card_of, low):
    (reason,) = response_reasons(card_of(low, 40), "Pb")
    assert reason.startswith("not shown to be better than a constant (random: R2 0.40")


def test_a_missing_interval_has_its_reason(card_of):
    (reason,) = response_reasons(card_of(0.1, 5), "Pb")
    assert reason.startswith("no interval: too few samples")


def test_an_interval_from_too_few_sites_says_so(card_of):
    (reason,) = response_reasons(card_of(0.1, 40, "grouped", 5), "Pb")
    assert reason.startswith("interval not assured at a new site")


@pytest.fixture(scope="module")
def calibrated(survey_of):
    """Survey, card and applicability of its spectra."""
    survey = survey_of(n_specimens=60)
    card = describe_calibration(survey, method="ridge")
    known = learn_applicability(
        survey.spectra.values, survey.spectra.wavelengths, survey.specimens
    )
    return survey, card, known


def test_a_stored_applicability_gives_the_same_verdicts(calibrated, tmp_path):
    survey, card, known = calibrated
    save_applicability(tmp_path, known, card)
    again = load_applicability(tmp_path, card)
    X = np.add(survey.spectra.values, np.linspace(0, 0.2, 60)[:, np.newaxis])
    found = spectrum_verdicts(card, again, X)
    assert found == spectrum_verdicts(card, known, X)
    assert {verdict for verdict, _ in found} == {"inside", "borderline", "outside"}
    assert all((verdict == "inside") == (reason == "") for verdict, reason in found)


def test_a_folder_without_the_file_is_judged_by_ranges_and_says_so(
    calibrated, tmp_path
):
    survey, card, _ = calibrated
    assert load_applicability(tmp_path, card) is None
    X = np.array(survey.spectra.values)[:2]
    X[1, 4] += 1.0
    inside, outside = spectrum_verdicts(card, None, X)
    assert inside == ("inside", ONLY_RANGES)
    assert outside.verdict == "outside"
    assert outside.reason.startswith(
        "spectrum leaves the calibration range in 1 of 12 bands, most at 900 nm; "
    )
    assert outside.reason.endswith(ONLY_RANGES)


def test_the_applicability_of_another_calibration_is_refused(
    calibrated, survey_of, tmp_path
):
    _, card, known = calibrated
    other = describe_calibration(survey_of(n_specimens=60, seed=1), method="ridge")
    save_applicability(tmp_path, known, card)
    with pytest.raises(UnreadableFileError, match="made from other samples"):
        load_applicability(tmp_path, other)


def test_a_later_layout_is_refused(calibrated, tmp_path, monkeypatch):
    _, card, known = calibrated
    with monkeypatch.context() as patch:
        patch.setattr("cerussite.studies.applicability.APPLICABILITY_SCHEMA", "2")
        save_applicability(tmp_path, known, card)
    with pytest.raises(UnreadableFileError, match=r"schema version 2; .* reads 1; upd"):
        load_applicability(tmp_path, card)


def test_a_cut_file_is_refused_by_name(calibrated, tmp_path):
    _, card, known = calibrated
    save_applicability(tmp_path, known, card)
    path = tmp_path / APPLICABILITY_FILE
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UnreadableFileError, match=r"safetensors: damaged .*copy the"):
        load_applicability(tmp_path, card)


def test_surveys_too_small_or_too_uneven_have_no_applicability(survey_of):
    small = survey_of(n_specimens=15)
    bands = small.spectra.wavelengths
    assert learn_applicability(small.spectra.values, bands, small.specimens) is None
    survey = survey_of(n_specimens=60)
    uneven = np.arange(60) == 0
    assert learn_applicability(survey.spectra.values, bands, uneven) is None


def test_limits_by_site_are_wider_where_sites_differ(survey_of):
    survey = survey_of(n_specimens=60)
    sites = np.arange(60) // 6
    shift = 0.3 * np.random.default_rng(0).normal(size=(10, 1))[sites]
    bands = survey.spectra.wavelengths
    X = np.add(survey.spectra.values, shift * (bands > 1200))
    alone = learn_applicability(X, bands, np.arange(60))
    apart = learn_applicability(X, bands, sites)
    assert apart.neighbours.threshold > alone.neighbours.threshold
    assert apart.limits["excess"].inner > 1.5 * alone.limits["excess"].inner
