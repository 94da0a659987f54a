"""The command that assesses stations writes a folder, and refuses in one line."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from cerussite.cli.main import main

TABLE = """station,Cd,Pb,Zn,kind,acid
quay,6.0,80,95,port,6.5
bay,0.3,20,95,port,7.8
shelf,0.2,10,50,shelf,8.0
"""


@pytest.fixture(name="table")
def table_fixture(tmp_path: Path) -> Path:
    path = tmp_path / "stations.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as caught:
        main(["assess", *map(str, arguments)])
    printed = capsys.readouterr()
    return caught.value.code, printed.out, printed.err


def usual(table: Path) -> list[object]:
    return [
        *(table, "--unit", "mg/kg", "--procedure", "aqua_regia"),
        *("--sample-id", "station", "-b", "average_shale"),
        *("-o", table.parent / "out"),
    ]


def test_stations_are_assessed_into_a_folder_with_a_report(table, capsys):
    status, out, err = run(capsys, *usual(table), "-s", "noaa_erm", "-s", "noaa_erl")
    assert status == 0
    assert out == f"{table.parent / 'out' / 'report.html'}\n"
    assert "do not state their procedure" in err
    names = {path.name for path in (table.parent / "out").iterdir()}
    wanted = {"indices.csv", "exceedances.csv", "manifest.json", "report.html"}
    assert wanted <= names
    assert "health.csv" not in names


def test_the_same_command_again_replaces_its_folder(table, capsys):
    assert run(capsys, *usual(table), "-s", "noaa_erm")[0] == 0
    assert run(capsys, *usual(table))[0] == 0
    text = (table.parent / "out" / "exceedances.csv").read_text()
    assert text.count("\n") == 1


def test_reference_stations_and_health_are_asked_for_by_options(table, capsys):
    status, _, err = run(
        capsys,
        *(table, "--unit", "mg/kg", "--sample-id", "station"),
        *("--reference-stations", "kind=shelf", "--only", "kind=port"),
        *("--receptor", "resident_child", "--toxicity-date", "2025-01-12"),
        *("--toxicity-date", "2025-01-13", "-o", table.parent / "out"),
    )
    assert status == 0, err
    ranking = (table.parent / "out" / "ranking.csv").read_text().splitlines()
    # Cd 6 / 0.2, Pb 80 / 10, Zn 95 / 50: the cube root of 456 is 7.69700.
    assert ranking[1].startswith("1,quay,7.697,")
    assert len(ranking) == 3
    health = (table.parent / "out" / "health.csv").read_text()
    assert "2025-01-12" in health
    assert "2025-01-13" in health


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["-s", "noaa_erx"], ["noaa_erx", "nearest names: noaa_erm"]),
        (["--unit", "Pb=furlong"], ["unknown unit 'furlong'"]),
        (["--unit", "ppm"], ["--unit 'ppm'", "once"]),
        (["--elements", "Pb,Ni"], ["--elements: no column for Ni"]),
        (["--elements", "Pb,Pb"], ["Pb stands twice"]),
        (["--procedure", "Pb=icp"], ["--procedure: 'icp' is not known", "xrf"]),
        (["--only", "kind=prot"], ["--only: no row", "port, shelf"]),
        (["--only", "kind"], ["--only 'kind'"]),
        (["--reference-stations", "kind=shelf"], ["both of --background and --ref"]),
        (["--reference-element", "Al"], ["Al not measured"]),
        (["-s", "gb_15618_screening_other"], ["--ph"]),
        (["-s", "nl_soil_background"], ["--clay and --organic-matter"]),
        (["--receptor", "resident_child"], ["--toxicity-date belong together"]),
        (["--toxicity-date", "soon"], ["'soon'", "2025-01-13"]),
        (["--substitute", "2"], ["--substitute: 2"]),
        (["--replicates", "average"], ["--replicates 'average'"]),
        (["--draws", "1"], ["--draws: 1"]),
        (["--level", "90"], ["level 90", "between 0 and 1"]),
    ],
)
def test_mistakes_are_one_line_and_write_nothing(table, capsys, options, words):
    if "--substitute" in options:
        table.write_text(TABLE.replace("0.2,", "<0.2,"), encoding="utf-8")
    status, out, err = run(capsys, *usual(table), *options)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    for word in words:
        assert word in err
    assert not (table.parent / "out").exists()


def test_a_weak_extraction_is_not_held_against_totals(table, capsys):
    options = [option if option != "aqua_regia" else "dtpa" for option in usual(table)]
    status, _, err = run(capsys, *options)
    assert status == 2
    assert "Cd, Pb, Zn by a weak extraction against average_shale" in err


def test_missing_units_and_backgrounds_are_asked_for_by_their_options(table, capsys):
    out = table.parent / "out"
    _, _, err = run(capsys, table, "-b", "average_shale", "-o", out)
    assert "--unit mg/kg" in err
    _, _, err = run(capsys, table, "--unit", "mg/kg", "-o", out)
    assert "neither of --background and --reference-stations" in err


def test_zeros_are_refused_by_name(table, capsys):
    table.write_text(TABLE.replace("0.3,", "0,"), encoding="utf-8")
    status, _, err = run(capsys, *usual(table))
    assert status == 2
    assert "Cd 1; first: Cd of sample 'bay'" in err


def test_the_folder_of_the_table_is_never_written(table, capsys):
    status, _, err = run(capsys, *usual(table)[:-1], table.parent)
    assert status == 2
    assert "no assessment has written" in err
    assert table.read_text(encoding="utf-8") == TABLE


def test_the_example_of_the_page_runs(tmp_path, capsys, monkeypatch):
    page = Path(__file__).parents[2] / "docs" / "assess_command.md"
    text = page.read_text(encoding="utf-8")
    table, command = (
        re.search(rf"```{kind}\n(.*?)```", text, re.DOTALL)[1] for kind in ("csv", "sh")
    )
    (tmp_path / "harbour.csv").write_text(table, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    name, _, *arguments = shlex.split(command)
    assert name == "cerussite"
    status, out, err = run(capsys, *arguments)
    assert status == 0, err
    assert out == f"{Path('harbour-results') / 'report.html'}\n"
    ranking = (tmp_path / "harbour-results" / "ranking.csv").read_text()
    # Backgrounds Cd 0.21, Pb 12, Zn 61: the cube root of 10 * 13.3333 * 6.72131.
    assert ranking.splitlines()[1].startswith("1,quay 1,9.641")


def test_standards_are_listed(capsys):
    status, out, _ = run(capsys, "--list-standards")
    assert status == 0
    lines = out.splitlines()
    assert any(line.startswith("background average_shale") for line in lines)
    assert any(line.startswith("guideline  consensus_pec") for line in lines)
    assert all(" 19" in line or " 20" in line for line in lines)


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from cerussite.cli.main import app\n"
        "try: app(['assess', '--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'pandas', 'scipy', 'sklearn', 'torch', 'matplotlib'}\n"
        "sys.exit(f'{heavy & set(sys.modules)}' if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "--background" in done.stdout
