from dataclasses import replace

import numpy as np
import pytest

from cerussite.core.errors import InvalidStudyError
from cerussite.studies.schemes import inner_groups, study_splits
from cerussite.studies.study import Validation

EVERY_SCHEME = Validation.model_validate(
    {
        "random": {"folds": 5, "repeats": 2},
        "grouped": {"folds": 3, "repeats": 2},
        "leave_one_group_out": True,
        "spatial": {"folds": 3, "repeats": 1, "spacing": 200.0},
        "hold_out": {"calibration": 20, "repeats": 3, "selection": "stratified"},
        "learning_curve": [8, 12],
    }
)


def test_every_scheme_is_there_and_the_curve_follows_folds(survey):
    splits = study_splits(EVERY_SCHEME, survey)
    labels = {(split.scheme, split.n_calibration) for split in splits}
    assert labels == {
        *(("random", size) for size in (24, 8, 12)),
        *(("grouped", size) for size in (20, 8, 12)),
        ("leave_one_group_out", 25),
        ("spatial", 20),
        ("hold_out", 20),
    }


def test_scans_of_a_specimen_never_straddle_in_any_scheme(replicated):
    for split in study_splits(EVERY_SCHEME, replicated):
        labels = replicated.specimens
        assert not set(labels[split.calibration]) & set(labels[split.test])


def test_sizes_count_specimens_and_not_scans(survey, replicated):
    sizes = [
        [split.n_calibration for split in study_splits(EVERY_SCHEME, each)]
        for each in (survey, replicated)
    ]
    assert sizes[0] == sizes[1]


def test_groups_never_straddle_where_a_scheme_keeps_them(replicated):
    for split in study_splits(EVERY_SCHEME, replicated):
        kept = inner_groups(EVERY_SCHEME, replicated, split.scheme)
        assert not set(kept[split.calibration]) & set(kept[split.test])


def test_smaller_calibration_sets_lie_inside_larger_ones(survey):
    splits = study_splits(EVERY_SCHEME, survey)
    small, large = (
        {
            (split.scheme, split.repeat, split.fold): set(split.calibration.tolist())
            for split in splits
            if split.n_calibration == size and split.scheme == "random"
        }
        for size in (8, 12)
    )
    assert small.keys() == large.keys()
    assert all(small[key] < large[key] for key in small)


def test_splits_do_not_depend_on_the_other_schemes(survey):
    alone = Validation.model_validate({"grouped": {"folds": 3, "repeats": 2}})
    among = [
        split.test.tolist()
        for split in study_splits(EVERY_SCHEME, survey)
        if split.scheme == "grouped" and split.n_calibration == 20
    ]
    assert among == [split.test.tolist() for split in study_splits(alone, survey)]


def test_another_seed_deals_other_folds(survey):
    both = [
        [split.test.tolist() for split in study_splits(validation, survey)]
        for validation in (
            Validation.model_validate({"random": {}, "random_state": seed})
            for seed in (0, 1)
        )
    ]
    assert both[0] != both[1]


def test_kennard_stone_is_one_split_of_the_size_asked_for(survey):
    options = {"calibration": 20, "repeats": 1, "selection": "kennard_stone"}
    (split,) = study_splits(Validation.model_validate({"hold_out": options}), survey)
    assert len(split.calibration) == 20
    assert len(split.test) == 10


@pytest.mark.parametrize(
    ("validation", "columns", "message"),
    [
        ({"grouped": {}}, ["group"], "small has no groups; name the column"),
        ({"leave_one_group_out": True}, ["group"], "leave_one_group_out: small has no"),
        ({"spatial": {"spacing": 50}}, ["easting"], "small has no coordinates"),
        ({"grouped": {"folds": 7}}, [], "7 folds"),
        ({"grouped": {"folds": 6}}, [], "10 repeats of 6 folds of 6 groups"),
        ({"random": {"folds": 31}}, [], "31 folds"),
        ({"random": {}, "learning_curve": [24]}, [], "learning_curve: 24 samples"),
        ({"hold_out": {"calibration": 30}}, [], "30 specimens to calibrate on"),
    ],
)
def test_a_scheme_that_the_data_cannot_carry_is_refused(
    survey, validation, columns, message
):
    poorer = replace(survey, samples=survey.samples.drop(columns=columns))
    with pytest.raises(InvalidStudyError, match=message):
        study_splits(Validation.model_validate(validation), poorer)


def test_a_sample_without_coordinates_is_refused(survey):
    samples = survey.samples.assign(
        easting=survey.samples["easting"].mask(np.arange(30) < 2)
    )
    validation = Validation.model_validate({"spatial": {"spacing": 50}})
    with pytest.raises(InvalidStudyError, match="2 samples of small have no coord"):
        study_splits(validation, replace(survey, samples=samples))
