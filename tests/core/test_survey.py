from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from cerussite.core.errors import InvalidConcentrationError, InvalidSurveyError
from cerussite.core.spectra import Spectra
from cerussite.core.survey import Response, Survey

PB = Response("Pb", "mg/kg", "aqua_regia")
PH = Response("pH", "1")


def survey(**changes):
    """Three scans of two specimens in two groups; Pb of the last is < 5 mg/kg."""
    samples = pd.DataFrame(
        {"specimen": ["s1", "s1", "s2"], "group": ["pit", "pit", "dam"]},
        index=["a", "b", "c"],
    )
    whole = Survey(
        samples=samples,
        responses=(PB, PH),
        y=np.array([[10.0, 6.5], [10.0, np.nan], [5.0, 4.0]]),
        is_censored=np.array([[False, False], [False, False], [True, False]]),
        spectra=Spectra(
            np.arange(6.0).reshape(3, 2) / 10, np.array([400.0, 500.0]), "absorbance"
        ),
        covariates=pd.DataFrame({"slope": [1.0, 2.0, 3.0]}, index=samples.index),
        name="mine",
    )
    return replace(whole, **changes)


def test_what_goes_in_can_be_asked_for():
    found = survey()
    assert found.n_samples == 3
    assert found.response_names == ["Pb", "pH"]
    assert found.groups.tolist() == ["pit", "pit", "dam"]
    assert found.specimens[0] == found.specimens[1] != found.specimens[2]


def test_without_replicates_every_row_is_a_specimen_and_groups_are_unknown():
    found = survey(samples=pd.DataFrame(index=["a", "b", "c"]))
    assert len(set(found.specimens.tolist())) == 3
    assert found.groups is None


@pytest.mark.parametrize("rows", [[2, 0], np.array([True, False, True])])
def test_taking_samples_takes_all_that_belongs_to_them(rows):
    taken = survey().take(rows)
    chosen = np.arange(3)[rows]
    ids = [["a", "b", "c"][row] for row in chosen]
    assert taken.samples.index.tolist() == ids
    assert taken.covariates.index.tolist() == ids
    assert taken.covariates["slope"].tolist() == (chosen + 1.0).tolist()
    assert_array_equal(taken.y, survey().y[chosen])
    assert_array_equal(taken.is_censored, survey().is_censored[chosen])
    expected = survey().spectra.take(chosen)
    assert_array_equal(
        taken.spectra.to_reflectance().values, expected.to_reflectance().values
    )
    assert taken.groups.tolist() == [["pit", "pit", "dam"][row] for row in chosen]


def test_taking_from_a_bare_survey_adds_nothing():
    bare = survey(is_censored=None, spectra=None, covariates=None).take([1])
    assert bare.is_censored is bare.spectra is bare.covariates is None


def test_a_sample_cannot_be_taken_twice():
    with pytest.raises(InvalidSurveyError, match=r"occur more than once .first: 'b'"):
        survey().take([1, 1])


def test_choosing_responses_keeps_columns_with_their_names():
    found = survey().with_responses(["pH", "Pb"])
    assert found.responses == (PH, PB)
    assert_array_equal(found.y, survey().y[:, ::-1])
    assert_array_equal(found.is_censored, survey().is_censored[:, ::-1])
    assert survey(is_censored=None).with_responses(["pH"]).is_censored is None


def test_a_response_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(
        InvalidSurveyError, match=r"no response 'Zn'; expected .*Pb, pH"
    ):
        survey().with_responses(["Zn"])


def test_other_spectra_must_be_as_many():
    axis = np.array([400.0, 500.0, 600.0])
    found = survey().with_spectra(Spectra(np.zeros((3, 3)), axis, "absorbance"))
    assert found.spectra.wavelengths is axis
    with pytest.raises(InvalidSurveyError, match="2 spectra for 3 samples"):
        survey().with_spectra(Spectra(np.zeros((2, 3)), axis, "absorbance"))


@pytest.mark.parametrize(
    "index", [["a", None, "c"], ["a", "", "c"], [np.nan, "b", "c"]]
)
def test_every_sample_has_an_id(index):
    with pytest.raises(InvalidSurveyError, match="mine: empty sample ids"):
        survey(samples=pd.DataFrame(index=index), covariates=None)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y": np.ones((3, 1))}, r"y of shape \(3, 1\); expected \(3, 2\)"),
        ({"y": np.ones(3)}, r"y of shape \(3,\)"),
        ({"responses": (PB, PB)}, "responses occur twice"),
        ({"is_censored": np.zeros((2, 2), bool)}, "is_censored of shape"),
        ({"covariates": pd.DataFrame(index=["a", "c", "b"])}, "not indexed by"),
    ],
)
def test_parts_that_do_not_fit_are_refused(changes, message):
    with pytest.raises(InvalidSurveyError, match=message):
        survey(**changes)


@pytest.mark.parametrize("bad", [-1.0, np.inf, -np.inf])
def test_impossible_concentrations_are_refused_with_their_place(bad):
    y = survey().y.copy()
    y[1, 0] = bad
    with pytest.raises(
        InvalidConcentrationError, match=rf"sample 'b', Pb = {bad:g} mg/kg"
    ):
        survey(y=y)


def test_what_is_no_mass_fraction_may_be_negative_but_not_infinite():
    y = survey().y.copy()
    y[0, 1] = -1.0
    assert survey(y=y).y[0, 1] == -1.0
    y[0, 1] = np.inf
    with pytest.raises(InvalidConcentrationError, match="pH = inf"):
        survey(y=y)


def test_a_value_below_the_limit_needs_the_limit():
    y = survey().y.copy()
    y[2, 0] = np.nan
    with pytest.raises(InvalidConcentrationError, match="has no detection limit"):
        survey(y=y)


def test_a_specimen_lies_in_one_group():
    samples = survey().samples.assign(group=["pit", "dam", "dam"])
    with pytest.raises(InvalidSurveyError, match="specimen 's1' lies in 2 groups"):
        survey(samples=samples)


@pytest.mark.parametrize(
    ("column", "what"), [("group", "groups"), ("specimen", "specimens")]
)
def test_a_missing_label_is_refused_and_not_shared_by_its_rows(column, what):
    labels = survey().samples[column].tolist()
    samples = survey().samples.assign(**{column: [labels[0], None, None]})
    with pytest.raises(
        InvalidSurveyError, match=rf"2 samples have no {column} .first: 'b'"
    ):
        getattr(survey(samples=samples), what)


def test_units_inside_are_the_only_ones():
    assert Response("Pb", "mg/kg").procedure == ""
    with pytest.raises(
        InvalidConcentrationError,
        match=r"Pb in %; expected mg/kg: multiply .* by 10000",
    ):
        Response("Pb", "%")
    with pytest.raises(InvalidConcentrationError, match="expected g/kg"):
        Response("clay", "mg/kg")
    with pytest.raises(InvalidConcentrationError, match="unknown unit"):
        Response("Pb", "cmol/kg")
