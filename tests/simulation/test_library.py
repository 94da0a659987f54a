import time

import numpy as np
import pytest
from sklearn.cross_decomposition import PLSRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import cross_val_predict

from cerussite.simulation import SimulatedSurvey, simulate_library

COARSE = np.arange(400.0, 2500.0, 10.0)


@pytest.fixture(scope="module")
def library() -> SimulatedSurvey:
    return simulate_library(900, wavelengths=COARSE, random_state=1)


def pls_r2(X: np.ndarray, y: np.ndarray) -> float:
    model = PLSRegression(12)
    return r2_score(y, cross_val_predict(model, X, y, cv=5).ravel())


def test_the_same_seed_gives_the_same_library():
    one, two = (simulate_library(30, random_state=3).survey for _ in range(2))
    np.testing.assert_array_equal(one.y, two.y)
    np.testing.assert_array_equal(one.spectra.values, two.spectra.values)
    other = simulate_library(30, random_state=4).survey
    assert not np.array_equal(one.y, other.y)


def test_regions_are_groups_and_units_those_used_inside(library):
    survey = library.survey
    assert survey.response_names == ["pH", "clay", "SOC", "CaCO3", "CEC"]
    assert [r.unit for r in survey.responses] == [
        "1",
        "g/kg",
        "g/kg",
        "g/kg",
        "cmol/kg",
    ]
    assert len(set(survey.groups)) == 12
    assert survey.spectra.values.dtype == np.float32


def test_truth_and_survey_belong_together(library):
    truth, survey = library.truth, library.survey
    assert truth.responses.index.equals(survey.samples.index)
    carbon = truth.constituents["organic_matter"] / 1.724
    np.testing.assert_allclose(truth.responses["SOC"], carbon)
    error = survey.y - truth.responses.to_numpy()
    assert error[:, 0].std() == pytest.approx(0.10, rel=0.1)
    relative = error[:, 1] / np.hypot(10.0, 0.04 * truth.responses["clay"])
    assert relative.std() == pytest.approx(1.0, rel=0.1)


def test_partial_least_squares_finds_what_spectra_hold_and_nothing_else(library):
    X = -np.log10(library.survey.spectra.values.astype(float))
    y = library.survey.y
    found = [pls_r2(X, y[:, column]) for column in range(4)]
    assert found[0] > 0.7  # pH
    assert min(found[1:]) > 0.85  # clay, SOC, CaCO3
    assert all(
        r2 <= library.truth.reachable_r2[name] + 0.01
        for r2, name in zip(found, library.survey.response_names, strict=False)
    )
    shuffled = np.random.default_rng(0).permutation(y[:, 0])
    assert pls_r2(X, shuffled) < 0.05


def test_masks_mark_the_bands_of_the_constituents_a_response_is_tied_to(library):
    def marked(name: str, wavelength: float) -> bool:
        return bool(library.truth.carrying[name][np.abs(COARSE - wavelength).argmin()])

    assert marked("CaCO3", 2339)
    assert not marked("CaCO3", 2205)
    assert not marked("CaCO3", 600)
    assert marked("SOC", 600)
    assert marked("SOC", 2320)
    assert not marked("SOC", 2205)
    assert marked("clay", 2205)
    assert marked("clay", 1412)
    assert not marked("clay", 1700)


@pytest.mark.slow
def test_a_library_of_continental_size_takes_less_than_a_minute():
    start = time.perf_counter()
    survey = simulate_library(19_036, random_state=0).survey
    assert survey.spectra.values.shape == (19_036, 2100)
    assert time.perf_counter() - start < 60
