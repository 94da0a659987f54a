import os
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from cerussite.core.errors import InvalidSpectraError, InvalidStudyError
from cerussite.core.spectra import Spectra
from cerussite.studies.bands import grid_wavelengths, on_bands, to_common_grid
from cerussite.studies.data import (
    StudyData,
    load_data,
    source_arrays,
    use_censored,
)
from cerussite.studies.data_blocks import Grid, NamedData
from cerussite.studies.loading import load_survey
from cerussite.studies.reading import read_study, shipped_studies
from cerussite.studies.schemes import study_splits
from cerussite.studies.study import SpectraOptions, Study


@pytest.fixture
def censored(survey):
    is_censored = np.zeros(survey.y.shape, bool)
    is_censored[[1, 4], 0] = True
    return replace(survey, is_censored=is_censored)


@pytest.mark.parametrize(
    ("rule", "factor"), [("limit", 1.0), ("half_limit", 0.5), ("drop", np.nan)]
)
def test_values_below_the_limit_are_used_as_said_and_noted(censored, rule, factor):
    used = use_censored(censored, rule)
    expected = censored.y.copy()
    expected[[1, 4], 0] *= factor
    assert_array_equal(used.y, expected)
    assert used.is_censored is None
    assert "(2 of Pb)" in used.notes[-1]


def test_values_below_the_limit_are_refused_unless_something_is_said(censored):
    with pytest.raises(InvalidStudyError, match=r"limit \(2 of Pb\); say how"):
        use_censored(censored, "refuse")


def test_a_grid_holds_both_its_ends():
    assert_allclose(
        grid_wavelengths(Grid(low=400, high=2499, step=1))[[0, -1]], [400, 2499]
    )
    assert grid_wavelengths(Grid(low=400, high=2499, step=1)).size == 2100
    wavenumbers = 1e7 / grid_wavelengths(Grid(low=600, high=4000, step=4, unit="cm-1"))
    assert_allclose(wavenumbers, np.arange(4000, 599, -4))


def test_bands_that_are_there_are_taken_over_to_the_last_digit():
    values = np.random.default_rng(0).uniform(0.1, 0.9, (3, 5))
    spectra = Spectra(values, np.arange(500.0, 1000.0, 100.0), "reflectance")
    chosen = on_bands(spectra, np.array([600.0, 800.0]), quantity="reflectance")
    assert_array_equal(chosen.values, values[:, [1, 3]])
    absorbance = on_bands(spectra, spectra.wavelengths, quantity="absorbance")
    assert_array_equal(absorbance.values, -np.log10(values))


def test_bands_in_between_lie_on_straight_lines():
    spectra = Spectra(np.array([[0.2, 0.4]]), np.array([500.0, 600.0]), "absorbance")
    between = on_bands(spectra, np.array([525.0, 550.0]), quantity="absorbance")
    assert_allclose(between.values, [[0.25, 0.3]])


def test_nothing_is_extrapolated():
    spectra = Spectra(np.ones((1, 2)), np.array([500.0, 600.0]), "absorbance")
    with pytest.raises(InvalidSpectraError, match="500 to 600 nm; expected a range"):
        on_bands(spectra, np.array([490.0, 550.0]), quantity="absorbance")


def test_sources_come_to_the_bands_of_the_target_that_all_of_them_cover(survey):
    def shifted(low, high, name):
        bands = np.linspace(low, high, 40)
        values = np.ones((30, 40)) * np.linspace(0.1, 0.2, 40)
        spectra = Spectra(values, bands, "absorbance")
        return replace(survey.with_spectra(spectra), name=name)

    sources = [shifted(590, 2000, "a"), shifted(400, 1310, "b")]
    target, brought = to_common_grid(SpectraOptions(), survey, sources)
    assert_array_equal(target.spectra.wavelengths, survey.spectra.wavelengths)
    for source in brought:
        assert_allclose(source.spectra.wavelengths, np.arange(600, 1301, 100))
    assert StudyData(target, tuple(brought)).network_bands == (1, 9)
    assert StudyData(target).network_bands == (0, 12)
    with pytest.raises(InvalidStudyError, match=r"source b, target small: .*share 9 %"):
        to_common_grid(SpectraOptions(), survey, [shifted(400, 600, "b")])


def test_sources_share_columns_and_keep_their_gaps(survey):
    first = survey.with_responses(["Pb"])
    second = survey.with_responses(["Zn", "Pb"])
    X, y, responses = source_arrays([first, second])
    assert [response.name for response in responses] == ["Pb", "Zn"]
    assert X.shape == (60, 12)
    assert_array_equal(y[:30, 0], survey.y[:, 0])
    assert np.isnan(y[:30, 1]).all()
    assert_array_equal(y[30:], survey.y)


def test_a_simulation_that_does_not_exist_is_refused():
    block = NamedData(dataset="simulated-moon", responses=["Pb"])
    with pytest.raises(InvalidStudyError, match="expected simulated-library or"):
        load_survey(block)


def test_few_measured_values_become_a_warning():
    study = Study.model_validate(
        {
            "name": "few",
            "title": "Few",
            "target": {
                "dataset": "simulated-mine-site",
                "responses": ["Pb"],
                "n_samples": 20,
            },
            "censored": "limit",
            "methods": ["mean"],
            "validation": {"random": {}},
        }
    )
    assert load_data(study).warnings == (
        "Pb: only 20 measured values; expect figures to be uncertain",
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped_studies())
def test_every_shipped_study_can_be_planned(name):
    needs_files = name in {"yamsys", "eb1064", "peru"}
    if needs_files and not os.environ.get("CERUSSITE_DATA"):
        pytest.skip("needs the folder that CERUSSITE_DATA names")
    study = read_study(shipped_studies()[name])
    data = load_data(study)
    assert data.sources
    assert study_splits(study.validation, data.target)
