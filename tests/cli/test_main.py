import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cerussite import __version__
from cerussite.cli.main import main
from cerussite.studies import files

BANDS = [f"{band}" for band in range(500, 1700, 100)]
STUDY = """\
name: small
title: A small study
target:
  file: site.csv
  quantity: reflectance
  axis_unit: nm
  sample_id: id
  group: site
  responses: {Pb: {unit: mg/kg}}
calibrations: {preprocessing: [none]}
methods: [mean, partial_least_squares]
validation:
  random: {folds: 3, repeats: 2}
  grouped: {folds: 2, repeats: 2}
  level: 0.8
save_models: [partial_least_squares]
"""


def site_table():
    rng = np.random.default_rng(0)
    lead = np.exp(rng.normal(4, 1, 30))
    shape = np.exp(-(((np.arange(12) - 4) / 2) ** 2))
    values = 0.3 + 0.03 * np.log(lead)[:, None] * shape + rng.normal(0, 0.01, (30, 12))
    table = pd.DataFrame(values.round(5), columns=BANDS)
    table.insert(0, "id", [f"a{i}" for i in range(30)])
    table.insert(1, "site", [f"g{i % 4}" for i in range(30)])
    table["Pb"] = lead.round(2)
    return table


@pytest.fixture
def folder(tmp_path):
    site_table().to_csv(tmp_path / "site.csv", index=False)
    (tmp_path / "study.yaml").write_text(STUDY, encoding="utf-8")
    return tmp_path


@pytest.fixture
def refused(capsys):
    """Run the command line; give its one line on standard error."""

    def run(*arguments, status=2):
        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        assert caught.value.code == status, printed.err
        assert printed.out == ""
        assert printed.err.startswith("cerussite: ")
        assert printed.err.count("\n") == 1
        assert "Traceback" not in printed.err
        return printed.err.removeprefix("cerussite: ").strip()

    return run


def succeed(*arguments):
    with pytest.raises(SystemExit) as caught:
        main([str(argument) for argument in arguments])
    assert caught.value.code == 0


def change(folder, **columns):
    site_table().assign(**columns).to_csv(folder / "site.csv", index=False)


def spoil_delimiter(folder):
    text = (folder / "site.csv").read_text().replace(",", "~")
    (folder / "site.csv").write_text(text)


def spoil_axis(folder):
    table = site_table().rename(columns={"900": "550"})
    table.to_csv(folder / "site.csv", index=False)


def spoil_ids(folder):
    change(folder, id=["a0", "a0", *[f"a{i}" for i in range(2, 30)]])


def spoil_bands(folder):
    site_table()[["id", "site", "Pb"]].to_csv(folder / "site.csv", index=False)


def scale(folder, factor):
    table = site_table()
    table[BANDS] *= factor
    table.to_csv(folder / "site.csv", index=False)


def read_absorbance_as_reflectance(folder):
    table = site_table()
    table[BANDS] = -np.log10(table[BANDS] / 50)
    table.to_csv(folder / "site.csv", index=False)


def spoil_spectrum(folder, value):
    table = site_table()
    table.loc[3, BANDS] = value
    table.to_csv(folder / "site.csv", index=False)


def edit(folder, old, new):
    assert old in STUDY
    (folder / "study.yaml").write_text(STUDY.replace(old, new, 1))


def use_other_source(folder):
    text = STUDY.replace("methods: [mean,", "methods: [transfer_all,")
    text += "source: [{dataset: limesoda-mir, responses: [clay]}]\n"
    (folder / "study.yaml").write_text(text)


MISTAKES = {
    "missing file": (
        lambda f: edit(f, "site.csv", "sight.csv"),
        ["sight.csv", "no such file"],
    ),
    "wrong delimiter": (spoil_delimiter, ["site.csv"]),
    "no wavelength columns": (spoil_bands, ["site.csv"]),
    "non-monotone wavelengths": (spoil_axis, ["550", "800"]),
    "two samples with one id": (spoil_ids, ["a0", "replicates"]),
    "negative concentrations": (
        lambda f: change(f, Pb=[-4.0, *range(1, 30)]),
        ["a0", "-4"],
    ),
    "reflectance given as percent": (lambda f: scale(f, 100), ["percent"]),
    "absorbance read as reflectance": (
        read_absorbance_as_reflectance,
        ["a0", "look like absorbance"],
    ),
    "a response without unit": (lambda f: edit(f, "unit: mg/kg", ""), ["Pb", "unit"]),
    "missing values in spectra": (lambda f: spoil_spectrum(f, np.nan), ["a3"]),
    "a constant spectrum": (lambda f: spoil_spectrum(f, 0.4), ["a3", "constant"]),
    "source and target without overlap": (
        use_other_source,
        ["source limesoda-mir, target site", "share 0 %"],
    ),
    "groups fewer than folds": (
        lambda f: edit(f, "grouped: {folds: 2", "grouped: {folds: 5"),
        ["5 folds", "4"],
    ),
    "a misspelt key": (
        lambda f: edit(f, "responses:", "reponses:"),
        ["study.yaml: target.reponses: unknown key", "did you mean 'responses'?"],
    ),
    "a misspelt method": (
        lambda f: edit(f, "[mean, ", "[main, "),
        ["unknown method 'main'", "did you mean 'mean'?"],
    ),
    "no scheme": (
        lambda f: edit(f, STUDY[STUDY.index("  random") : STUDY.index("  level")], ""),
        ["validation: no scheme; expected at least one of random"],
    ),
    "no YAML": (lambda f: edit(f, "methods: [", "methods: ["[:-1] + "{"), ["no valid"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_and_leaves_nothing(folder, refused, mistake):
    spoil, expected = MISTAKES[mistake]
    spoil(folder)
    line = refused("run", folder / "study.yaml", "-o", folder / "out", "-j", 1)
    for text in expected:
        assert text in line
    assert not (folder / "out").exists()


def test_an_unset_variable_is_named(folder, refused, monkeypatch):
    monkeypatch.delenv("CERUSSITE_DATA", raising=False)
    line = refused("run", "peru", "-o", folder / "out")
    assert "environment variable CERUSSITE_DATA is not set" in line
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["run", "nothing.yaml", "-o", "out"], "expected the path of a study file, or"),
        (["run", "demo"], "--out"),
        (["frobnicate"], "frobnicate"),
        (["report", "nothing"], "nothing: is no folder"),
        (["data", "fetch", "nothing"], "no data set 'nothing'; expected one of"),
        (["predict", "nothing", ".", "-o", "b.csv"], "nothing/model.json: no such"),
        (
            ["predict", "nothing", "a.csv", "-o", "b.csv"],
            "a.csv: no such file; expected",
        ),
        (["run", "demo", "-o", "out", "-j", "0"], "jobs 0; expected 1 or more"),
    ],
)
def test_a_wrong_command_line_is_one_line(arguments, expected, refused):
    assert expected in refused(*arguments)


def test_a_run_prints_where_its_report_is(folder, capsys):
    succeed("run", folder / "study.yaml", "-o", folder / "out", "-j", 1)
    printed = capsys.readouterr()
    assert printed.out == f"{folder / 'out' / 'report.html'}\n"
    assert printed.err == ""
    (folder / "out" / "report.html").unlink()
    succeed("report", folder / "out")
    assert (folder / "out" / "report.html").stat().st_size > 10_000


def test_data_list_names_every_data_set(capsys):
    succeed("data", "list")
    printed = capsys.readouterr().out
    assert "limesoda-visnir" in printed
    assert "CC BY-SA 4.0" in printed


@pytest.fixture
def model(folder):
    """A saved calibration and a table to predict."""
    succeed("run", folder / "study.yaml", "-o", folder / "out", "-j", 1)
    site_table().drop(columns=["Pb"]).to_csv(folder / "new.csv", index=False)
    return folder / "out" / "models" / "partial_least_squares"


READING = ["--quantity", "reflectance", "--axis-unit", "nm", "--sample-id", "id"]


def test_predictions_are_written_with_verdicts(folder, model, capsys):
    out = folder / "predicted.csv"
    capsys.readouterr()
    succeed("predict", model, folder / "new.csv", "-o", out, *READING)
    assert capsys.readouterr().out == f"{out}\n"
    table = pd.read_csv(out)
    assert len(table) == 30
    assert set(table["verdict"]) <= {"inside", "borderline", "outside"}


def test_a_model_without_its_estimator_is_refused(folder, model, refused, capsys):
    capsys.readouterr()
    (model / "estimator.skops").unlink()
    out = folder / "predicted.csv"
    line = refused("predict", model, folder / "new.csv", "-o", out, *READING)
    assert "estimator.skops: no such file" in line
    assert not out.exists()


def test_a_shorter_spectrum_is_refused_by_name(folder, model, refused, capsys):
    capsys.readouterr()
    table = site_table().drop(columns=["Pb", "500"])
    table.to_csv(folder / "new.csv", index=False)
    out = folder / "predicted.csv"
    line = refused("predict", model, folder / "new.csv", "-o", out, *READING)
    assert "new.csv: spectra from 600 to 1600 nm; the model needs 500" in line
    assert not out.exists()


def test_a_full_disk_is_one_line_and_the_run_goes_on_later(
    folder, refused, monkeypatch, capsys
):
    succeed("run", folder / "study.yaml", "-o", folder / "whole", "-j", 1)
    written = []
    replace = Path.replace

    def full(self, target):
        if len(written) == 7:
            self.write_text("half")
            raise OSError(errno.ENOSPC, "No space left on device", str(target))
        written.append(target)
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(files.Path, "replace", full)
        capsys.readouterr()
        line = refused("run", folder / "study.yaml", "-o", folder / "out", "-j", 1)
    assert "the disk is full (No space left on device); free some space" in line
    assert not list((folder / "out").rglob("*.partial"))
    assert not (folder / "out" / "metrics.csv").exists()
    succeed("run", folder / "study.yaml", "-o", folder / "out", "-j", 1)
    for name in ("metrics.csv", "predictions.csv", "summary.csv", "comparisons.csv"):
        assert (folder / "out" / name).read_bytes() == (
            folder / "whole" / name
        ).read_bytes()


def command(*arguments):
    code = "from cerussite.cli.main import main; main()"
    return [sys.executable, "-c", code, *map(str, arguments)]


def test_help_is_quick_and_imports_nothing_heavy():
    code = (
        "import sys\nfrom cerussite.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as done:\n"
        "    heavy = {'torch', 'sklearn', 'matplotlib', 'lightgbm', 'joblib'}\n"
        "    found = heavy & set(sys.modules)\n"
        "    sys.exit(f'{done.code} {found}' if done.code or found else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "demo" in done.stdout


def test_every_command_has_help(capsys):
    for name in (["demo"], ["run"], ["report"], ["predict"], ["explain"], ["data"]):
        succeed(*name, "--help")
        assert "Usage" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_ends_with_130_and_the_run_goes_on_with_the_same_result(folder, jobs):
    text = STUDY.replace("repeats: 2}", "repeats: 40}", 1)
    (folder / "study.yaml").write_text(text)
    run = command("run", folder / "study.yaml", "-o", folder / "out", "-j", jobs)
    process = subprocess.Popen(
        run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    tasks = folder / "out" / "cache" / "tasks"
    deadline = time.monotonic() + 120
    while len(list(tasks.rglob("*.json"))) < 10 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == b""
    assert err.decode() == (
        "cerussite: interrupted; run the same command again to go on from here\n"
    )
    kept = {path: path.stat().st_mtime_ns for path in tasks.rglob("*.json")}
    assert 10 <= len(kept) < 248
    assert not (folder / "out" / "metrics.csv").exists()
    subprocess.run(run, check=True, capture_output=True)
    whole = command("run", folder / "study.yaml", "-o", folder / "whole", "-j", 1)
    subprocess.run(whole, check=True, capture_output=True)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    for name in ("metrics.csv", "predictions.csv", "summary.csv", "comparisons.csv"):
        assert (folder / "out" / name).read_bytes() == (
            folder / "whole" / name
        ).read_bytes()


def test_predictions_never_replace_a_folder_or_the_measurements(folder, model, refused):
    new, results = folder / "new.csv", folder / "results"
    before = new.read_text()
    results.mkdir()
    (results / "report.html").write_text("precious")
    line = refused("predict", model, new, "-o", results, *READING)
    assert line.startswith(f"{results}: is a folder; expected a CSV file")
    assert (results / "report.html").read_text() == "precious"
    line = refused("predict", model, new, "-o", new, *READING)
    assert "is the table that is read" in line
    assert new.read_text() == before


def test_bands_are_not_invented_across_a_gap(folder, model, refused):
    table = pd.read_csv(folder / "new.csv").drop(columns=["900", "1000", "1100"])
    table.to_csv(folder / "new.csv", index=False)
    out = folder / "predicted.csv"
    line = refused("predict", model, folder / "new.csv", "-o", out, *READING)
    assert "no bands between 800 and 1200 nm, where the model has 3" in line
    assert not out.exists()


def test_the_version_is_printed(capsys):
    succeed("--version")
    assert capsys.readouterr().out.strip() == __version__


def test_what_a_table_does_not_say_is_asked_for_as_an_option(
    folder, model, refused, capsys
):
    capsys.readouterr()
    out = folder / "predicted.csv"
    given = ("predict", model, folder / "new.csv", "-o", out)
    assert "say it with --axis-unit nm or cm-1" in refused(*given, *READING[:2])
    assert "say it with --quantity reflectance or" in refused(*given, *READING[2:])
    line = refused("predict", model, folder / "new.csv", "-o", "new.xlsx", *READING)
    assert "new.xlsx: predictions are written as CSV" in line
    assert not out.exists()
    twice = pd.concat([site_table(), site_table().iloc[:2]])
    twice.to_csv(folder / "new.csv", index=False)
    assert "--replicates keep or average" in refused(*given, *READING)
    succeed(*given, *READING, "--replicates", "keep")
    assert len(pd.read_csv(out)) == 32


def test_predictions_are_explained_by_bin_and_by_sample(folder, model, refused, capsys):
    capsys.readouterr()
    out = folder / "explained.csv"
    given = ("explain", model, folder / "new.csv", "-o", out, *READING)
    succeed(*given)
    table = pd.read_csv(out)
    shares = table[table["scale"] == "share"]
    assert shares.groupby("response")["value"].sum().tolist() == pytest.approx([1.0])
    succeed(*given, "--by-sample")
    samples = pd.read_csv(out)
    assert len(samples) == 30 * len(shares)
    (model / "background.safetensors").unlink()
    capsys.readouterr()
    assert "background.safetensors: no such file" in refused(*given)


def test_probabilities_of_exceeding_a_threshold_are_asked_for_by_response(
    folder, model, refused, capsys
):
    capsys.readouterr()
    out = folder / "predicted.csv"
    given = ("predict", model, folder / "new.csv", "-o", out, *READING)
    succeed(*given, "--threshold", "Pb=20")
    table = pd.read_csv(out)
    assert (table["threshold"] == 20).all()
    assert table["probability_above"].between(0, 1, inclusive="neither").all()
    capsys.readouterr()
    assert "expected RESPONSE=VALUE" in refused(*given, "--threshold", "20")
    line = refused(*given, "--threshold", "Cd=1")
    assert (
        "threshold of 'Cd': the model does not predict it; expected one of Pb" in line
    )
