"""The command ``cerussite apportion`` and its twin as a study."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from cerussite.cli.apportioning import as_options
from cerussite.cli.main import main

SPECIES = ["Ni", "Cu", "Cr", "Mn", "Al"]


@pytest.fixture
def tables(tmp_path):
    rng = np.random.default_rng(0)
    profiles = np.array([[40.0, 30.0, 0.0, 1.0, 0.0], [0.0, 2.0, 25.0, 60.0, 90.0]])
    clean = rng.lognormal(0, 0.8, (30, 2)) * (rng.random((30, 2)) < 0.8) @ profiles
    errors = 0.05 * clean + 0.02 * clean.mean(axis=0)
    values = np.abs(clean + errors * rng.normal(size=clean.shape)) + 0.01
    for name, numbers in (("conc", values), ("unc", errors)):
        table = pd.DataFrame(numbers, columns=SPECIES)
        table.insert(0, "id", [f"s{at}" for at in range(30)])
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    return tmp_path


@pytest.fixture
def run(capsys, tables):
    """Run the command; give status, output and the lines on standard error."""

    def call(*arguments):
        given = [tables / "conc.csv", "-o", tables / "out", "-j", "1", *arguments]
        with pytest.raises(SystemExit) as caught:
            main(["apportion", *map(str, given)])
        printed = capsys.readouterr()
        return caught.value.code, printed.out, printed.err

    return call


def rewrite(path, **columns):
    pd.read_csv(path).assign(**columns).to_csv(path, index=False)


def test_a_folder_with_a_report_is_written(run, tables):
    status, out, err = run(
        *("-u", tables / "unc.csv", "-k", 2, "--starts", 2, "--errors", "none")
    )
    assert status == 0, err
    assert out.strip() == str(tables / "out" / "report.html")
    assert "<svg" in (tables / "out" / "report.html").read_text(encoding="utf-8")
    shares = pd.read_csv(tables / "out" / "profiles.csv").pivot_table(
        index="species", columns="factor", values="percent_of_species"
    )
    assert shares.loc["Ni"].max() > 90
    assert shares.loc["Al"].max() > 90
    assert shares.loc["Ni"].idxmax() != shares.loc["Al"].idxmax()


def test_a_study_gives_what_the_command_gives(run, tables, capsys):
    run("-u", tables / "unc.csv", "-k", 2, "--starts", 2, "--errors", "none")
    (tables / "study.yaml").write_text(
        "kind: apportionment\nfactors: 2\nstarts: 2\nerrors: none\n"
        "data: {concentrations: conc.csv, uncertainties: unc.csv}\n"
    )
    with pytest.raises(SystemExit) as caught:
        main(["run", str(tables / "study.yaml"), "-o", str(tables / "as-study")])
    assert caught.value.code == 0, capsys.readouterr().err
    for name in ("profiles.csv", "contributions.csv"):
        assert (tables / "as-study" / name).read_text() == (
            (tables / "out" / name).read_text()
        )


def test_settings_fill_what_options_leave_out(run, tables):
    (tables / "s.yaml").write_text(
        "factors: 4\nstarts: 2\nerrors: none\nconstraints: [{factor: 1, zero: [Ni]}]\n"
        "data: {uncertainties: unc.csv}\n"
    )
    status, _, err = run("--settings", tables / "s.yaml", "-k", 2)
    assert status == 0, err
    profiles = pd.read_csv(tables / "out" / "constrained_profiles.csv")
    assert set(profiles["factor"]) == {"factor 1", "factor 2"}


@pytest.mark.parametrize(
    ("spoil", "arguments", "message"),
    [
        ({"Ni": -1.0}, ["-k", 2], "30 uncertainties are negative (first: Ni"),
        ({"Ni": 0.0}, ["-k", 2], "30 uncertainties are zero"),
        ({"Ni": 5e4}, ["-k", 2], "Ni: the median uncertainty is"),
        ({"id": [f"x{at}" for at in range(30)]}, ["-k", 2], "30 samples of the"),
        ({}, ["-k", 6], "--factors: 6 factors for 30 samples of 5 species"),
        ({}, ["-k", "few"], "--factors 'few'; expected a number, a range"),
        ({}, [], "--factors: not given"),
        ({}, ["-k", 2, "--errors", "all"], "--errors: found 'all'; expected 'none'"),
        ({}, ["-k", 2, "--leave-out", "Pb"], "--leave-out: "),
        ({}, ["-k", 2, "--total", "Pb"], "'Pb' is to be 'weak'"),
        (
            {},
            ["-k", 2, "--error-fraction", 0.1],
            "uncertainties from uncertainties and",
        ),
        ({}, ["-k", 2, "--weak", "Ni", "--by-signal"], "--weak and --by-signal given"),
    ],
)
def test_mistakes_are_one_line_and_status_two(run, tables, spoil, arguments, message):
    rewrite(tables / "unc.csv", **spoil)
    status, out, err = run("-u", tables / "unc.csv", *arguments)
    assert status == 2
    assert out == ""
    assert err.count("\n") == 1
    assert message in err
    assert not (tables / "out").exists()


def test_without_uncertainties_the_command_says_what_it_needs(run):
    status, _, err = run("-k", 2)
    assert status == 2
    assert "--uncertainties: not found; expected a table of them" in err


def test_a_species_below_its_limit_everywhere_is_refused(run, tables):
    rewrite(tables / "conc.csv", Ni="<0.5")
    status, _, err = run("-u", tables / "unc.csv", "-k", 2)
    assert status == 2
    assert "Ni was never found above its limit" in err


def test_an_old_workbook_is_told_from_a_new_one(run, tables):
    (tables / "conc.csv").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(100))
    status, _, err = run("-u", tables / "unc.csv", "-k", 2)
    assert status == 2
    assert "an old XLS workbook; save it as XLSX or CSV" in err


def test_keys_become_options_and_other_brackets_stay():
    assert as_options("data.sample_id: x (sample_id)") == (
        "--sample-id: x (--sample-id)"
    )
    assert as_options("a (mg/kg) b (first: Ni)") == "a (mg/kg) b (first: Ni)"
    assert as_options("x (error_fraction, detection_limits)") == (
        "x (--error-fraction, --detection-limits)"
    )


def test_help_does_not_wait_for_the_rooms():
    code = "import sys, cerussite.cli.main; print('numpy' in sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    assert found.stdout.strip() == "False"
