import json
import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from cerussite.core.errors import InvalidSpectraError, UnreadableFileError
from cerussite.core.spectra import Spectra
from cerussite.core.survey import Response, Survey
from cerussite.evaluation import learn_error_model
from cerussite.models import (
    CalibrationCard,
    SpectralRidge,
    describe_calibration,
    load_calibration,
    save_calibration,
)
from cerussite.models.card import hash_calibration


def small_survey():
    rng = np.random.default_rng(0)
    values = rng.uniform(0.1, 1.0, (20, 30))
    y = np.column_stack([100.0 * values[:, 3], values[:, 9]])
    y[4, 1] = np.nan
    return Survey(
        pd.DataFrame(index=[f"s{k}" for k in range(20)]),
        (Response("Pb", "mg/kg", "xrf"), Response("pH", "1")),
        y,
        spectra=Spectra(values, 400.0 + 10.0 * np.arange(30), "absorbance"),
    )


def spectra_of(survey):
    return survey.spectra.values  # noqa: PD011 - no data frame


@pytest.fixture
def saved(tmp_path):
    survey = small_survey()
    ridge = SpectralRidge(preprocessing="none").fit(spectra_of(survey), survey.y)
    card = describe_calibration(
        survey,
        method="ridge",
        preprocessing=("none",),
        scheme="5-fold",
        metrics={"Pb": {"r2": 0.5, "rpd": math.nan}},
        errors=learn_error_model(survey.y, survey.y + 1.0, level=0.9),
    )
    save_calibration(tmp_path / "ridge", ridge, card)
    return tmp_path / "ridge", ridge, card


def test_a_calibration_comes_back_whole(saved):
    folder, ridge, card = saved
    estimator, back = load_calibration(folder)
    X = spectra_of(small_survey())
    assert_array_equal(estimator.predict(X), ridge.predict(X))
    assert math.isnan(back.metrics["Pb"].pop("rpd"))
    assert back.metrics == {"Pb": {"r2": 0.5}}
    same = {"metrics": card.metrics, "errors": card.errors}
    assert replace(back, **same) == card
    assert back.responses[0] == Response("Pb", "mg/kg", "xrf")
    predicted = ridge.predict(X)
    assert_array_equal(
        back.errors.intervals(predicted, level=0.9),
        card.errors.intervals(predicted, level=0.9),
    )


def test_a_calibration_is_saved_again_in_its_place(saved):
    folder, ridge, card = saved
    save_calibration(folder, ridge, replace(card, method="again"))
    assert load_calibration(folder)[1].method == "again"
    assert [path.name for path in folder.parent.iterdir()] == ["ridge"]


def test_a_failed_save_leaves_the_earlier_calibration(saved):
    folder, _, card = saved

    class SpectralRidge:
        def save(self, _):
            msg = "disk full"
            raise OSError(msg)

    with pytest.raises(OSError, match="disk full"):
        save_calibration(folder, SpectralRidge(), replace(card, method="broken"))
    assert load_calibration(folder)[1].method == "ridge"
    assert [path.name for path in folder.parent.iterdir()] == ["ridge"]


def test_a_folder_with_other_things_is_not_replaced(saved, tmp_path):
    _, ridge, card = saved
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    with pytest.raises(UnreadableFileError, match="thesis: holds something that is no"):
        save_calibration(tmp_path / "thesis", ridge, card)
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "years of work"


def test_an_unknown_class_is_not_saved(saved, tmp_path):
    with pytest.raises(UnreadableFileError, match="class 'dict'; expected one of Boos"):
        save_calibration(tmp_path / "other", {}, saved[2])


@pytest.mark.parametrize("name", ["model.json", "estimator.skops"])
def test_a_missing_file_is_named(saved, name):
    (saved[0] / name).unlink()
    with pytest.raises(UnreadableFileError, match=f"{name}: no such file"):
        load_calibration(saved[0])


def test_a_changed_file_is_named(saved):
    path = saved[0] / "estimator.skops"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(UnreadableFileError, match=r"estimator\.skops: changed since"):
        load_calibration(saved[0])


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"schema_version": 3}, "schema version 3; this release reads 2; update"),
        ({"schema_version": 1}, "schema version 1; .* run the study that made it"),
        ({"schema_version": "1"}, "schema version '1'"),
        ({"estimator": "Malware"}, "class 'Malware'"),
        ({"files": {}}, "no list of files"),
        ({"quantity": "counts"}, "'counts', expected one of reflectance, absorbance"),
        ({"wavelengths": None}, "of another kind"),
        ({"lowest": [0.0]}, "ranges of 1 and 30 bands"),
    ],
)
def test_a_card_that_cannot_be_is_refused(saved, change, found):
    path = saved[0] / "model.json"
    plain = json.loads(path.read_text()) | change
    path.write_text(json.dumps(plain))
    with pytest.raises(UnreadableFileError, match=found):
        load_calibration(saved[0])


def test_a_card_without_a_key_is_refused(saved):
    path = saved[0] / "model.json"
    plain = json.loads(path.read_text())
    del plain["scheme"]
    path.write_text(json.dumps(plain))
    with pytest.raises(UnreadableFileError, match=r"model\.json: no 'scheme' in the"):
        load_calibration(saved[0])


def test_a_card_that_is_no_json_is_refused(saved):
    (saved[0] / "model.json").write_text("{")
    with pytest.raises(UnreadableFileError, match=r"model\.json: no JSON"):
        load_calibration(saved[0])


def test_a_survey_without_spectra_has_no_card():
    with pytest.raises(InvalidSpectraError, match="survey: no spectra"):
        describe_calibration(replace(small_survey(), spectra=None), method="ridge")


def test_the_hash_sees_every_value_and_the_order():
    survey = small_survey()
    X, y = spectra_of(survey), survey.y
    other = y.copy()
    other[0, 0] = np.nextafter(other[0, 0], 1.0)
    hashes = {
        hash_calibration(X, y),
        hash_calibration(X, other),
        hash_calibration(X[::-1], y[::-1]),
    }
    assert len(hashes) == 3
    assert hash_calibration(np.asfortranarray(X), y.copy()) in hashes


def test_a_card_comes_back_from_its_own_json(saved):
    card = replace(saved[2], metrics={}, errors=None)
    assert CalibrationCard.from_json(json.loads(json.dumps(card.to_json()))) == card


def test_classical_models_import_neither_torch_nor_matplotlib():
    code = (
        "import sys, numpy as np; from cerussite.models import SpectralRidge; "
        "X = np.random.default_rng(0).normal(size=(20, 30)); "
        "SpectralRidge().fit(X, X[:, 3]).predict(X); "
        "assert not {'torch', 'matplotlib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
