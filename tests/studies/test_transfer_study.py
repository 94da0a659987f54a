import json

import numpy as np
import pandas as pd
import pytest

from cerussite.studies import run_study
from cerussite.studies.data import load_data
from cerussite.studies.methods import CONTROLS
from cerussite.studies.reading import read_study
from cerussite.studies.sources import pretrain_sources

STUDY = """\
name: transfer
title: A small transfer study
target: {dataset: simulated-mine-site, responses: [Pb, Zn], n_samples: 40}
source: [{dataset: simulated-library, responses: [pH, clay], n_samples: 60}]
spectra: {grid: {low: 420, high: 2400, step: 20}}
censored: half_limit
calibrations: {preprocessing: [none]}
networks: {configuration: paper, source_epochs: 2, epochs: 2, response_transform: log}
methods: [transfer_all, consensus_with_transfer]
validation:
  random: {folds: 2, repeats: 1}
  level: 0.8
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("transfer")
    (folder / "study.yaml").write_text(STUDY)
    run_study(folder / "study.yaml", folder / "out", jobs=1)
    return folder


def test_transfer_stands_beside_its_controls(folder):
    table = pd.read_csv(folder / "out" / "comparisons.csv")
    rivals = set(table[table["method"] == "transfer_all"]["against"])
    assert rivals == {*CONTROLS, "partial_least_squares", "consensus"}
    manifest = json.loads((folder / "out" / "manifest.json").read_text())
    assert [entry["role"] for entry in manifest["data"]] == ["target", "source"]
    topics = [verdict["topic"] for verdict in manifest["verdicts"]]
    assert topics.count("transfer") == 3


def test_the_mean_with_transfer_gives_each_family_the_same_weight(folder):
    table = pd.read_csv(folder / "out" / "predictions.csv")
    wide = table.pivot_table(
        index=["sample_id", "response"], columns="method", values="predicted"
    )
    expected = (5 * wide["consensus"] + wide["transfer_all"]) / 6
    np.testing.assert_allclose(wide["consensus_with_transfer"], expected, rtol=1e-9)


def test_the_consensus_and_the_best_transfer_are_saved(folder):
    saved = sorted(path.name for path in (folder / "out" / "models").iterdir())
    assert saved == ["consensus", "transfer_all"]


def test_sources_are_trained_once_and_a_second_run_changes_nothing(folder):
    before = {
        path: path.stat().st_mtime_ns
        for path in (folder / "out" / "cache").rglob("*")
        if path.is_file() and path.name != "study.json"
    }
    tables = {path: path.read_bytes() for path in (folder / "out").glob("*.csv")}
    run_study(folder / "study.yaml", folder / "out", jobs=1)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert {path: path.read_bytes() for path in tables} == tables


def test_shuffled_labels_are_the_same_labels_elsewhere(folder, monkeypatch):
    seen = {}

    def record(*arguments):
        labels, path = arguments[1], arguments[4]
        seen[path.name.split("-")[0]] = labels

    monkeypatch.setattr("cerussite.studies.sources.pretrain", record)
    study = read_study(folder / "study.yaml")
    pretrain_sources(
        study,
        load_data(study),
        ["library", "shuffled_library"],
        cache=folder / "other",
        jobs=1,
    )
    plain, shuffled = seen["library"], seen["shuffled_library"]
    assert (plain != shuffled).any()
    # Whole rows move, so that labels keep their correlation with each other.
    assert sorted(map(tuple, plain)) == sorted(map(tuple, shuffled))
