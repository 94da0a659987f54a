import json
import shutil
from pathlib import Path

import pytest

from cerussite.core.errors import UnreadableFileError
from cerussite.reporting import write_report, writing
from cerussite.reporting.folder import read_results


@pytest.fixture(name="copy")
def copy_fixture(results_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(results_folder, tmp_path / "copy"))


@pytest.mark.parametrize("name", ["predictions.csv", "manifest.json", "summary.csv"])
def test_a_folder_without_a_needed_file_is_refused(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(UnreadableFileError, match=f"has no {name}; expected"):
        write_report(copy)
    assert not (copy / "report.html").exists()


def test_a_file_is_not_taken_for_a_folder(copy: Path) -> None:
    with pytest.raises(UnreadableFileError, match="is no folder"):
        write_report(copy / "summary.csv")


def test_a_missing_column_is_named(copy: Path) -> None:
    text = (copy / "summary.csv").read_text().replace("n_calibration", "size", 1)
    (copy / "summary.csv").write_text(text)
    with pytest.raises(
        UnreadableFileError, match=r"summary.csv: has no column n_calib"
    ):
        read_results(copy)


def test_text_among_numbers_is_quoted(copy: Path) -> None:
    head = "response,method,scheme,n_calibration,metric,mean,low,high\n"
    row = "Pb,ridge,random,20,r2,good,0.1,0.2\n"
    (copy / "summary.csv").write_text(head + row)
    with pytest.raises(
        UnreadableFileError, match="column mean holds 'good', not a number"
    ):
        read_results(copy)


def test_a_folder_without_results_says_so(copy: Path) -> None:
    head = (copy / "summary.csv").read_text().splitlines()[0]
    (copy / "summary.csv").write_text(head + "\n")
    with pytest.raises(UnreadableFileError, match="holds no results yet"):
        read_results(copy)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no JSON"),
        ("[1]", "holds a list; expected a JSON object"),
        ('{"methods": [{"title": "no name"}]}', "unexpected shape"),
    ],
)
def test_a_broken_manifest_is_refused(copy: Path, text: str, message: str) -> None:
    (copy / "manifest.json").write_text(text)
    with pytest.raises(UnreadableFileError, match=message):
        read_results(copy)


def test_names_that_look_like_gaps_stay_names(copy: Path) -> None:
    for name in ("summary.csv", "metrics.csv", "predictions.csv", "comparisons.csv"):
        text = (copy / name).read_text().replace("\nZn,", "\nNA,")
        (copy / name).write_text(text.replace(",Zn,", ",NA,"))
    results = read_results(copy)
    assert results.responses == ["Pb", "NA", "pH"]
    assert results.unit("NA") == "mg/kg"
    assert results.unit("pH") == ""


def test_a_method_that_the_manifest_forgets_comes_last(copy: Path) -> None:
    content = json.loads((copy / "manifest.json").read_text())
    content["methods"] = [m for m in content["methods"] if m["name"] != "ridge"]
    (copy / "manifest.json").write_text(json.dumps(content))
    last = read_results(copy).methods[-1]
    assert (last.name, last.role) == ("ridge", "unlisted")


def test_the_page_fits_what_made_the_folder(tmp_path):
    (tmp_path / "manifest.json").write_text('{"kind": "assessment"}')
    with pytest.raises(UnreadableFileError, match=r"indices\.csv"):
        write_report(tmp_path)
    (tmp_path / "manifest.json").write_text('{"kind": "horoscope"}')
    with pytest.raises(UnreadableFileError, match="kind 'horoscope'; expected one of"):
        write_report(tmp_path)


def test_results_of_an_earlier_release_are_refused_by_what_they_lack(
    tmp_path, monkeypatch
):
    def lacking(_):
        return {}["other_seed"]

    (tmp_path / "manifest.json").write_text('{"kind": "apportionment"}')
    monkeypatch.setitem(writing._WRITERS, "apportionment", lacking)
    with pytest.raises(UnreadableFileError, match=r"lacks 'other_seed'.*run the comm"):
        write_report(tmp_path)
