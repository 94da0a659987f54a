import json
import shutil
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cerussite.core.errors import CerussiteError, InvalidStudyError
from cerussite.studies import run as run_module
from cerussite.studies import run_study
from cerussite.studies.inputs import Reading
from cerussite.studies.prediction import predict_table

TABLES = ["metrics.csv", "summary.csv", "predictions.csv", "comparisons.csv"]
STUDY = """\
name: small
title: A small study
target:
  file: site.csv
  quantity: absorbance
  axis_unit: nm
  sample_id: id
  group: site
  replicates: keep
  responses:
    Pb: {unit: mg/kg, procedure: xrf}
    Zn: {unit: mg/kg}
censored: half_limit
calibrations: {preprocessing: [none]}
methods: [mean, partial_least_squares]
validation:
  random: {folds: 4, repeats: 2}
  grouped: {folds: 3, repeats: 1}
  level: 0.8
save_models: [partial_least_squares]
"""


@pytest.fixture
def site(tmp_path, survey_of):
    """Folder with a study and its table of replicate scans."""
    write_site(tmp_path, survey_of(n_specimens=40, scans=2))
    return tmp_path


@pytest.fixture(scope="module")
def finished(tmp_path_factory, survey_of):
    """Folder with the same study, run; tests only read it."""
    folder = tmp_path_factory.mktemp("finished")
    write_site(folder, survey_of(n_specimens=40, scans=2))
    run_study(folder / "study.yaml", folder / "out", jobs=1)
    return folder


def write_site(folder, survey):
    bands = [f"{band:g}" for band in survey.spectra.wavelengths]
    table = pd.DataFrame(survey.spectra.values, columns=bands)
    table.insert(0, "id", survey.samples["specimen"].to_numpy())
    table.insert(1, "site", survey.samples["group"].to_numpy())
    table[["Pb", "Zn"]] = survey.y
    table.to_csv(folder / "site.csv", index=False)
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")


def texts(folder):
    return {name: (folder / name).read_text() for name in TABLES}


def test_a_study_writes_every_file_of_the_contract(finished):
    out = finished / "out"
    assert {path.name for path in out.iterdir()} == {
        *TABLES,
        *("manifest.json", "models", "cache"),
        *("applicability.csv", "attributions.csv", "coverage.csv", "rejection.csv"),
    }
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["methods"][1] == {
        "name": "partial_least_squares",
        "title": "Partial least squares",
        "role": "baseline",
    }
    (target,) = manifest["data"]
    assert target["role"] == "target"
    assert (target["n_samples"], target["n_specimens"]) == (80, 40)
    assert target["responses"][1]["n_measured"] == 68
    assert manifest["verdicts"]
    assert set(manifest["seconds"]) == {"mean", "partial_least_squares"}
    assert not list(out.rglob("*.partial"))


def test_calibrations_are_explained_by_the_bands_that_carry_the_signal(finished):
    table = pd.read_csv(finished / "out" / "attributions.csv")
    carriers = table[table["attribution"].str.endswith("_variance")]
    lead = carriers[carriers["response"] == "Pb"]
    assert lead["value"].sum() == pytest.approx(1.0)
    near = lead["feature"].between(750, 1050)
    assert lead.loc[near, "value"].sum() > 0.8
    assert (lead["spread"] > 0).all()


def test_coverage_by_group_is_that_of_the_predictions(finished, survey_of):
    out = finished / "out"
    predictions = pd.read_csv(out / "predictions.csv", dtype={"sample_id": str})
    predictions = predictions.dropna(subset=["observed"])
    survey = survey_of(n_specimens=40, scans=2)
    sites = pd.Series(survey.groups, index=[f"{i // 2}#{i % 2 + 1}" for i in range(80)])
    predictions["group"] = predictions["sample_id"].map(sites)
    inside = predictions["observed"].between(predictions["lower"], predictions["upper"])
    by = ["response", "method", "scheme", "n_calibration", "group"]
    expected = inside.groupby([predictions[name] for name in by]).mean()
    found = pd.read_csv(out / "coverage.csv").set_index(by)["coverage"]
    pd.testing.assert_series_equal(
        found.sort_index(), expected.sort_index(), check_names=False
    )


def test_scans_of_one_specimen_are_never_on_both_sides(finished):
    out = finished / "out"
    table = pd.read_csv(out / "predictions.csv", dtype={"sample_id": str})
    table = table[(table["method"] == "mean") & (table["response"] == "Pb")]
    table["specimen"] = table["sample_id"].str.split("#").str[0]
    folds = table.groupby(["scheme", "repeat", "specimen"])["fold"].nunique()
    assert (folds == 1).all()
    assert len(table) == 80 * 3


def test_what_shows_in_the_spectra_is_predicted_and_what_does_not_is_not(finished):
    out = finished / "out"
    summary = pd.read_csv(out / "summary.csv")
    r2 = summary.query("metric == 'r2' and method == 'partial_least_squares'")
    means = r2.set_index(["response", "scheme"])["mean"]
    assert means["Pb", "random"] > 0.4
    assert means["Zn", "random"] < 0.2
    assert means["Zn", "grouped"] < 0.2


def test_permuted_responses_give_no_skill_in_any_scheme(tmp_path, survey_of):
    survey = survey_of(n_specimens=60, scans=2)
    order = np.random.default_rng(3).permutation(60)
    survey = survey.take(np.arange(survey.n_samples))
    survey.y[:] = survey.y.reshape(60, 2, 2)[order].reshape(-1, 2)
    write_site(tmp_path, survey)
    schemes = """\
        validation:
          random: {folds: 4, repeats: 2}
          grouped: {folds: 3, repeats: 2}
          leave_one_group_out: true
          hold_out: {calibration: 45, repeats: 4}
          learning_curve: [20]
        """
    text = STUDY[: STUDY.index("validation:")] + textwrap.dedent(schemes)
    text = text.replace("[mean, partial", "[ridge, partial")
    (tmp_path / "study.yaml").write_text(text + "save_models: []\n")
    out = run_study(tmp_path / "study.yaml", tmp_path / "out", jobs=1)
    summary = pd.read_csv(out / "summary.csv").query("metric == 'r2'")
    assert set(summary["scheme"]) == {
        *("random", "grouped", "leave_one_group_out", "hold_out"),
    }
    assert (summary["mean"] < 0.15).all()
    verdicts = json.loads((out / "manifest.json").read_text())["verdicts"]
    assert not any(verdict["supported"] for verdict in verdicts)


def test_an_interrupted_run_goes_on_with_the_same_result(site, finished, monkeypatch):
    whole, fails_after, done = texts(finished / "out"), 9, []

    def interrupted(bench, task, cache):
        if len(done) == fails_after:
            raise KeyboardInterrupt
        done.append(run_module_do_task(bench, task, cache))

    run_module_do_task = run_module.do_task
    monkeypatch.setattr(run_module, "do_task", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_study(site / "study.yaml", site / "out", jobs=1)
    assert not [name for name in TABLES if (site / "out" / name).exists()]
    monkeypatch.undo()
    times = {path: path.stat().st_mtime_ns for path in done}
    assert texts(run_study(site / "study.yaml", site / "out", jobs=1)) == whole
    assert {path: path.stat().st_mtime_ns for path in done} == times


def test_a_changed_study_uses_nothing_that_no_longer_holds(site):
    out = run_study(site / "study.yaml", site / "out", jobs=1)
    text = STUDY.replace("censored:", "spectra: {quantity: reflectance}\ncensored:")
    (site / "study.yaml").write_text(text)
    changed = texts(run_study(site / "study.yaml", out, jobs=1))
    fresh = texts(run_study(site / "study.yaml", site / "fresh", jobs=1))
    assert changed == fresh


def test_a_changed_value_in_the_data_changes_the_result(site):
    before = texts(run_study(site / "study.yaml", site / "out", jobs=1))
    table = pd.read_csv(site / "site.csv")
    table.loc[table["id"] == 3, "Pb"] *= 2
    table.to_csv(site / "site.csv", index=False)
    after = texts(run_study(site / "study.yaml", site / "out", jobs=1))
    fresh = texts(run_study(site / "study.yaml", site / "fresh", jobs=1))
    assert after != before
    assert after == fresh


def test_a_method_added_later_leaves_the_others_as_they_were(site):
    run_study(site / "study.yaml", site / "out", jobs=1)
    before = pd.read_csv(site / "out" / "predictions.csv")
    (site / "study.yaml").write_text(STUDY.replace("[mean, ", "[mean, ridge, "))
    run_study(site / "study.yaml", site / "out", jobs=1)
    after = pd.read_csv(site / "out" / "predictions.csv").query("method != 'ridge'")
    pd.testing.assert_frame_equal(before, after.reset_index(drop=True))


def test_the_folder_of_another_study_is_refused(finished, site):
    (site / "study.yaml").write_text(STUDY.replace("name: small", "name: other", 1))
    with pytest.raises(InvalidStudyError, match="results of study 'small', not of"):
        run_study(site / "study.yaml", finished / "out", jobs=1)


def test_a_folder_whose_cache_was_deleted_is_still_known(site):
    out = run_study(site / "study.yaml", site / "out", jobs=1)
    before = texts(out)
    shutil.rmtree(out / "cache")
    assert texts(run_study(site / "study.yaml", out, jobs=1)) == before


def test_a_folder_with_other_files_is_refused(site):
    with pytest.raises(InvalidStudyError, match="files that no study has written"):
        run_study(site / "study.yaml", site, jobs=1)
    with pytest.raises(InvalidStudyError, match="is a file; expected a folder"):
        run_study(site / "study.yaml", site / "site.csv", jobs=1)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[mean, ", "[meen, ", "unknown method 'meen'; did you mean 'mean'"),
        ("[mean, ", "[mean, mean, ", "'mean' is named twice"),
        ("[mean, ", "[{name: mean, options: {a: 1}}, ", "mean has no option 'a'"),
        (
            "[mean, ",
            "[{name: ridge, options: {preprocesing: snv}}, mean, ",
            "ridge has no option 'preprocesing'; did you mean 'preprocessing'",
        ),
        ("[partial_least", "[patial_least", "save_models: found 'patial_least"),
        ("Zn: {unit: mg/kg}", "Zn: {}", "Zn"),
        ("folds: 3, repeats: 1", "folds: 9, repeats: 1", "9 folds"),
        ("folds: 4, repeats", "folds: 50, repeats", "50 folds"),
        ("methods: [mean,", "methods: [transfer_all,", "source: not found"),
    ],
)
def test_a_study_that_cannot_be_run_leaves_no_results(site, old, new, message):
    (site / "study.yaml").write_text(STUDY.replace(old, new, 1))
    with pytest.raises(CerussiteError, match=message):
        run_study(site / "study.yaml", site / "out", jobs=1)
    assert not list((site / "out").rglob("*.csv"))
    assert not (site / "out").exists()


def test_a_constant_spectrum_is_refused_by_its_sample(site):
    table = pd.read_csv(site / "site.csv")
    table.loc[4, table.columns[2:-2]] = 0.4
    table.to_csv(site / "site.csv", index=False)
    with pytest.raises(CerussiteError, match=r"sample '2'.*a constant spectrum"):
        run_study(site / "study.yaml", site / "out", jobs=1)
    assert not (site / "out").exists()


@pytest.mark.slow
def test_processes_change_nothing(finished, site):
    two = run_study(site / "study.yaml", site / "two", jobs=2)
    assert texts(two) == texts(finished / "out")


def test_a_saved_calibration_predicts_its_own_samples_inside(finished, site):
    out = finished / "out"
    model = out / "models" / "partial_least_squares"
    table = pd.read_csv(site / "site.csv").drop_duplicates("id")
    table.drop(columns=["Pb", "Zn"]).to_csv(site / "new.csv", index=False)
    notes = predict_table(
        model,
        site / "new.csv",
        site / "predicted.csv",
        reading=Reading("absorbance", "nm", "id"),
        thresholds={"Pb": 100.0},
    )
    found = pd.read_csv(site / "predicted.csv")
    assert notes == []
    assert list(found) == [
        *("sample_id", "response", "predicted", "lower", "upper", "unit"),
        *("threshold", "probability_above", "verdict", "reason"),
    ]
    assert len(found) == 80
    assert found.loc[found["response"] == "Zn", "probability_above"].isna().all()
    lead = found[found["response"] == "Pb"]
    assert np.corrcoef(lead["predicted"], table["Pb"])[0, 1] > 0.8
    # Limits stop at zero, predictions of this linear model do not.
    assert (lead["lower"] <= lead["predicted"].clip(lower=0)).all()
    assert (lead["upper"] > lead["predicted"]).all()
    above = lead.sort_values("predicted")["probability_above"]
    assert above.iloc[0] < 0.2
    assert above.iloc[-1] > 0.8
    assert (lead["verdict"] == "inside").mean() > 0.8


def test_a_strange_spectrum_is_outside_with_the_band_named(finished, site):
    out = finished / "out"
    table = pd.read_csv(site / "site.csv").drop_duplicates("id").head(2)
    table["900"] += 1.0
    table.drop(columns=["Pb", "Zn"]).to_csv(site / "new.csv", index=False)
    predict_table(
        out / "models" / "partial_least_squares",
        site / "new.csv",
        site / "predicted.csv",
        reading=Reading("absorbance", "nm", "id"),
    )
    found = pd.read_csv(site / "predicted.csv")
    assert (found["verdict"] == "outside").all()
    assert found["reason"].str.contains("in 1 of 12 bands, most at 900 nm").all()


def test_reflectance_and_more_bands_are_converted_and_said(finished, site):
    out = finished / "out"
    table = pd.read_csv(site / "site.csv").drop_duplicates("id").head(3)
    bands = table.columns[2:-2]
    converted = 10 ** -table[bands]
    converted.insert(4, "850", converted[["800", "900"]].mean(axis=1))
    converted.insert(0, "id", table["id"])
    converted.to_csv(site / "new.csv", index=False)
    predict_table(
        out / "models" / "partial_least_squares",
        site / "new.csv",
        site / "predicted.csv",
        reading=Reading("reflectance", "nm", "id"),
    )
    own = table.drop(columns=["Pb", "Zn"])
    own.to_csv(site / "own.csv", index=False)
    predict_table(
        out / "models" / "partial_least_squares",
        site / "own.csv",
        site / "direct.csv",
        reading=Reading("absorbance", "nm", "id"),
    )
    found, direct = (pd.read_csv(site / f"{n}.csv") for n in ("predicted", "direct"))
    assert found["reason"].str.contains("reflectance converted to absorbance").all()
    assert found["reason"].str.contains("13 bands to the 12 bands of the model").all()
    np.testing.assert_allclose(found["predicted"], direct["predicted"], rtol=1e-6)


def test_spectra_that_end_before_the_model_are_refused(finished, site):
    out = finished / "out"
    table = pd.read_csv(site / "site.csv").drop_duplicates("id")
    table.drop(columns=["Pb", "Zn", "1600"]).to_csv(site / "new.csv", index=False)
    with pytest.raises(CerussiteError, match=r"500 to 1500 nm; the model needs 500 to"):
        predict_table(
            out / "models" / "partial_least_squares",
            site / "new.csv",
            site / "predicted.csv",
            reading=Reading("absorbance", "nm", "id"),
        )
    assert not Path(site / "predicted.csv").exists()


def test_a_network_without_torch_is_refused_before_anything_is_written(
    site, monkeypatch
):
    text = STUDY.replace("partial_least_squares]\nvalid", "resnet]\nvalid")
    (site / "study.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(run_module, "find_spec", lambda _: None)
    with pytest.raises(InvalidStudyError, match=r"resnet needs PyTorch.*networks"):
        run_study(site / "study.yaml", site / "out", jobs=1)
    assert not (site / "out").exists()
