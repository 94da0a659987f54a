"""The sections on trust of a page made from small tables that are written here."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cerussite.core.errors import UnreadableFileError
from cerussite.reporting.diagnostics import (
    at_full_size,
    measured_coverage,
    wilson_interval,
)
from cerussite.reporting.folder import Results, read_results
from cerussite.reporting.overview import glance_table
from cerussite.reporting.page import render
from cerussite.reporting.ranking import Ranking
from cerussite.reporting.reasons import _skill
from cerussite.reporting.score_tables import score_tables
from cerussite.reporting.trust_folder import read_trust
from cerussite.reporting.trust_sections import (
    laboratory_section,
    sure_section,
    why_section,
)

EDGES = np.array([400.0, 900.0, 1400.0, 1900.0, 2400.0])
SAVED = ("consensus", "transfer_all")
METHODS = (
    ("partial_least_squares", "Partial least squares", "baseline", 0.3),
    ("consensus", "Consensus of model families", "consensus", 0.7),
    ("transfer_all", "Transfer, all layers trained further", "transfer", 0.6),
    ("control_shuffled_source", "Control: shuffled labels", "control", 0.2),
)


def write_trust(folder: Path) -> None:
    """Files on trust beside the tables of the fixture."""
    predictions = pd.read_csv(
        folder / "predictions.csv", dtype={"unit": str}, keep_default_na=False
    )
    coverage_table().to_csv(folder / "coverage.csv", index=False)
    judged(predictions).to_csv(folder / "applicability.csv", index=False)
    rejection().to_csv(folder / "rejection.csv", index=False)
    attributions().to_csv(folder / "attributions.csv", index=False)
    bands().to_csv(folder / "bands.csv", index=False)
    surrogates().to_csv(folder / "surrogates.csv", index=False)
    pd.DataFrame({"constituent": ["Fe", "SOC"], "r2": [0.75, 0.5]}).to_csv(
        folder / "constituents.csv", index=False
    )
    for name in SAVED:
        (folder / "models" / name).mkdir(parents=True)
        (folder / "models" / name / "model.json").write_text("{}")


def coverage_table() -> pd.DataFrame:
    # Ten samples in each group and two repeats.
    return pd.DataFrame(
        [
            (response, method, scheme, size, group, 20, share, 120.0)
            for response in ("Pb", "Zn", "pH")
            for method in SAVED
            for scheme in ("random", "grouped")
            for size in (40, 104)
            for group, share in (("pit", 0.4), ("field", 0.9))
        ],
        columns=[
            *("response", "method", "scheme", "n_calibration", "group", "n_values"),
            *("coverage", "width"),
        ],
    )


def judged(predictions: pd.DataFrame) -> pd.DataFrame:
    is_first = (
        (predictions["repeat"] == 0)
        & (predictions["n_calibration"] == 104)
        & (predictions["method"] == "consensus")
    )
    own = predictions[is_first].drop_duplicates(["sample_id", "scheme"])
    number = own["sample_id"].str[1:].astype(int)
    verdict = np.select([number < 4, number < 24], ["outside", "borderline"], "inside")
    return pd.DataFrame(
        {
            "sample_id": own["sample_id"],
            "scheme": own["scheme"],
            "fold": own["fold"],
            "dissimilarity": 0.25,
            "squared_residual": 1.0 / (1 + number),
            "verdict": verdict,
            "reason": np.where(verdict == "inside", "", "a strange shape"),
        }
    )


def rejection() -> pd.DataFrame:
    captured = {
        "Pb": (0.5, 0.25, 0.75),
        "Zn": (0.1, -0.2, 0.4),
        "pH": (-0.3, -0.5, -0.1),
    }
    return pd.DataFrame(
        [
            (
                *(response, method, "grouped", share, error, error - 10, error + 10),
                *(100.0, 100 - 150 * share, *numbers),
            )
            for response, numbers in captured.items()
            for method in SAVED
            for share, error in ((0.0, 100.0), (0.2, 64.0), (0.4, 49.0))
        ],
        columns=[
            *("response", "method", "scheme", "share", "rmse", "low", "high"),
            *("random", "oracle", "captured", "captured_low", "captured_high"),
        ],
    )


def attributions() -> pd.DataFrame:
    shares = {
        "consensus": ("occlusion", (0.1, 0.6, 0.2, 0.1)),
        "transfer_all": ("integrated_gradients", (0.5, 3.0, -2.0, -0.5)),
    }
    return pd.DataFrame(
        [
            (
                *(response, method, f"{way}{kind}", f"{low + 250:g}", low, low + 500),
                *(value, 0.05, 0.25, scale, "iron oxides; water" * int(low == 900)),
            )
            for response in ("Pb", "Zn", "pH")
            for method, (way, values) in shares.items()
            for kind, scale in (("", "log"), ("_variance", "share"))
            for low, value in zip(EDGES[:-1], values, strict=True)
        ],
        columns=[
            *("response", "method", "attribution", "feature", "low", "high"),
            *("value", "spread", "share", "scale", "constituent"),
        ],
    )


def bands() -> pd.DataFrame:
    verdicts = ("kept", "new", "undecided", "unused")
    overlaps = {"clay": (0.75, 0.7, 0.8), "SOC": (0.5, 0.0, 1.0)}
    return pd.DataFrame(
        [
            (
                *(source, "Pb", "transfer_all", f"{low:g}", low, low + 500),
                *(0.25, -0.5, 1.0, 0.25, 0.2, 0.3, verdict, *overlap),
            )
            for source, overlap in overlaps.items()
            for low, verdict in zip(EDGES[:-1], verdicts, strict=True)
        ],
        columns=[
            *("source_response", "response", "method", "feature", "low", "high"),
            *("source", "source_low", "source_high"),
            *("transferred", "transferred_low", "transferred_high", "verdict"),
            *("overlap", "overlap_low", "overlap_high"),
        ],
    )


def surrogates() -> pd.DataFrame:
    direct, none = (0.5, 0.4, 0.6), (0.1, -0.1, 0.3)
    rows = [
        ("Pb", *direct, 0.55, 0.45, 0.65, 1.1, 1.02, 1.2, "Fe, SOC"),
        ("Zn", *direct, 0.2, 0.1, 0.3, 0.4, -0.2, 0.6, "SOC"),
        ("pH", *none, 0.1, -0.1, 0.3, np.nan, np.nan, np.nan, ""),
    ]
    verdicts = ["indirect, through Fe, SOC", "beyond the constituents", "not shown"]
    table = pd.DataFrame(
        rows,
        columns=[
            *("response", "direct", "direct_low", "direct_high"),
            *("surrogate", "surrogate_low", "surrogate_high"),
            *("share", "share_low", "share_high", "through"),
        ],
    )
    return table.assign(verdict=verdicts, reason="", scheme="grouped")


@pytest.fixture(scope="module", name="plain")
def plain_fixture(
    write_results: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("plain") / "results"
    return write_results(folder, methods=METHODS, sizes=(), n_repeats=2, verdicts=[])


@pytest.fixture(scope="module", name="folder")
def folder_fixture(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trust") / "results"
    shutil.copytree(plain, folder)
    write_trust(folder)
    return folder


@pytest.fixture(scope="module", name="results")
def results_fixture(folder: Path) -> Results:
    return read_results(folder)


@pytest.fixture(scope="module", name="ranking")
def ranking_fixture(results: Results) -> Ranking:
    return Ranking(results)


@pytest.fixture(scope="module", name="predictions")
def predictions_fixture(results: Results) -> pd.DataFrame:
    return at_full_size(results.predictions)


@pytest.fixture(scope="module", name="why")
def why_fixture(ranking: Ranking) -> dict[str, Any]:
    found = why_section(ranking)
    assert found is not None
    return found


@pytest.fixture(scope="module", name="html")
def html_fixture(results: Results) -> str:
    return render(results)


def test_the_method_in_use_is_one_that_was_saved(ranking: Ranking) -> None:
    assert {ranking.in_use(name) for name in ranking.results.responses} <= set(SAVED)


def test_the_page_has_the_sections_and_links_to_them(html: str) -> None:
    for key in ("sure", "laboratory", "why"):
        assert f'<section id="{key}">' in html
        assert f'<a href="#{key}">' in html
    for name in ("coverage.csv", "rejection.csv", "surrogates.csv"):
        assert f"<dt><code>{name}</code></dt>" in html


def test_intervals_by_group_count_samples_and_not_repeats(
    ranking: Ranking, predictions: pd.DataFrame
) -> None:
    found = sure_section(ranking, predictions, 0.9)
    assert found is not None
    name, table = found["groups"][0]
    assert name == "Pb"
    rows = {row.title: row.cells for row in table.parts[0][1]}
    low, high = (100 * end for end in wilson_interval(0.4, 10))
    assert [cell.text for cell in rows["pit"][:2]] == ["10", "40\u202f%"]
    assert rows["pit"][1].detail == f"[{low:.0f}, {high:.0f}\u202f%]"
    assert rows["pit"][1].mark == "too narrow"
    assert rows["field"][1].mark == ""
    text = "by group from 40\u202f% in pit, n = 10, to 90\u202f%"
    assert text in found["sentences"][0][1]


def test_widths_are_given_beside_the_prediction(
    ranking: Ranking, predictions: pd.DataFrame
) -> None:
    found = sure_section(ranking, predictions, 0.9)
    assert found is not None
    titles = [title for title, _ in found["widths"].parts]
    assert not any(title.startswith("pH") for title in titles)
    own = predictions[
        (predictions["response"] == "Pb")
        & (predictions["method"] == ranking.in_use("Pb"))
        & (predictions["scheme"] == "random")
    ]
    width = (own["upper"] - own["lower"]).median() / own["predicted"].median()
    cells = found["widths"].parts[0][1][0].cells
    assert len(cells) == 5
    assert abs(float(cells[-1].text.split("\u202f")[0]) - 100 * width) < 1


def test_errors_by_verdict_are_those_of_the_joined_predictions(
    ranking: Ranking, predictions: pd.DataFrame
) -> None:
    found = laboratory_section(ranking, predictions)
    assert found is not None
    parts = dict(found["verdicts"].parts)
    borderline, outside = parts["Grouped folds"][1:]
    own = predictions[
        (predictions["response"] == "Pb")
        & (predictions["method"] == ranking.in_use("Pb"))
        & (predictions["scheme"] == "grouped")
        & (predictions["repeat"] == 0)
    ].set_index("sample_id")
    squares = (own["predicted"] - own["observed"]) ** 2
    first = squares[[f"S{n:03d}" for n in range(4) if f"S{n:03d}" in squares.index]]
    assert float(outside.cells[1].text) == pytest.approx(
        np.sqrt(first.mean()), rel=0.006
    )
    assert outside.cells[1].detail == f"n = {len(first)}"
    assert borderline.cells[1].detail.startswith("[")


def test_strange_samples_are_listed_with_reasons_the_worst_first(
    ranking: Ranking, predictions: pd.DataFrame
) -> None:
    found = laboratory_section(ranking, predictions)
    assert found is not None
    rows = found["strange"].parts[0][1]
    assert rows[0].title == "S000"
    assert [cell.text for cell in rows[0].cells] == ["outside", "a strange shape"]
    assert rows[-1].cells[0].text == "borderline"


def test_the_reject_curve_is_called_helpful_only_where_it_is_shown(
    ranking: Ranking, predictions: pd.DataFrame
) -> None:
    found = laboratory_section(ranking, predictions)
    assert found is not None
    texts = dict(found["sentences"])
    assert texts["Pb"].startswith("helps: 50\u202f% [25, 75] of the possible gain")
    assert "is 64.0 instead of 100 mg/kg" in texts["Pb"]
    assert texts["Zn"].startswith("not shown to help: 10\u202f% [−20, 40]")
    assert texts["pH"].startswith("worse than by lot")


def test_indirect_prediction_is_said_with_a_capped_share(why: dict[str, Any]) -> None:
    texts = dict(why["indirect"])
    assert texts["Pb"].startswith(
        "predicted indirectly, through Fe and SOC: all of the skill is reached from Fe "
        "and SOC predicted from the same spectra (R² 0.55 against 0.50; log scale, "
        "grouped folds)."
    )
    assert "tested: 40\u202f% [0, 60] of the skill is reached" in texts["Zn"]
    assert texts["Zn"].startswith("predicted from more than the constituents tested")
    assert texts["pH"].startswith("no skill to explain (R² 0.10 [−0.10, 0.30]")
    rows = {row.title: row.cells for row in why["surrogates"].parts[0][1]}
    assert [cell.text for cell in rows["Pb, logarithms"][2:]] == [
        *("all", "Fe and SOC", "indirect"),
    ]
    assert rows["Zn, logarithms"][3].text == "–"


def test_a_constituent_that_says_nothing_reaches_none_of_the_skill() -> None:
    row = surrogates().iloc[0].copy()
    row[["share", "share_low", "share_high"]] = [-2.0, -5.0, -0.5]
    assert _skill(row) == "none of the skill"


def test_indirectness_stands_in_the_summary_and_in_its_section(html: str) -> None:
    assert html.count("predicted indirectly, through Fe and SOC") == 2
    assert html.index("predicted indirectly") < html.index('<section id="data">')


def test_bins_that_cancel_are_not_named(html: str, why: dict[str, Any]) -> None:
    (consensus,), (transfer,) = (
        row[2] for row in why["responses"][0]["attributions"]["variance"].rows
    )
    assert consensus.facts[0].startswith(
        "Most variance: 900–1400 nm (iron oxides, water) 60\u202f±\u202f5\u202f%"
    )
    (warning,) = transfer.facts
    assert "without their signs they add up to 6.0 times the variance" in warning
    assert "bins of 500 nm" in html
    assert "Contribution (ln units)" in html


def test_an_overlap_that_few_networks_leave_open_is_called_unknown(
    why: dict[str, Any], html: str
) -> None:
    rows = {row.title: row.cells for row in why["overlap"].parts[0][1]}
    assert rows["clay → Pb"][0].mark == ""
    assert rows["SOC → Pb"][0].mark == "unknown"
    assert [cell.text for cell in rows["clay → Pb"][1:]] == ["1", "1", "0", "1", "1"]
    assert "Shared bands are no proof of transferred knowledge." in html


def test_a_folder_without_the_files_says_so_or_leaves_out(plain: Path) -> None:
    html = render(read_results(plain))
    assert '<section id="sure">' in html
    assert "holds no coverage by group" in html
    assert '<section id="laboratory">' not in html
    assert '<section id="why">' not in html
    assert "Files on trust" not in html


def test_only_surrogates_give_a_section_without_figures(
    plain: Path, tmp_path: Path
) -> None:
    shutil.copytree(plain, tmp_path / "results")
    surrogates().to_csv(tmp_path / "results" / "surrogates.csv", index=False)
    found = why_section(Ranking(read_results(tmp_path / "results")))
    assert found is not None
    assert len(found["indirect"]) == 3
    assert found["overlap"] is None
    assert not found["has_attributions"]


def test_a_file_on_trust_that_lacks_a_column_is_refused(tmp_path: Path) -> None:
    surrogates().drop(columns="share").to_csv(tmp_path / "surrogates.csv", index=False)
    with pytest.raises(UnreadableFileError, match="has no column share; expected"):
        read_trust(tmp_path)


def test_a_file_on_trust_without_content_is_taken_for_absent(tmp_path: Path) -> None:
    (tmp_path / "bands.csv").write_text("\n")
    assert read_trust(tmp_path).files == []


def test_more_than_three_responses_are_folded_away(
    ranking: Ranking, predictions: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cerussite.reporting.trust_sections.MOST_OPEN", 1)
    sure = sure_section(ranking, predictions, 0.9)
    laboratory, why = laboratory_section(ranking, predictions), why_section(ranking)
    assert sure is not None
    assert laboratory is not None
    assert why is not None
    assert [len(sure[key].rows[0][2]) for key in ("figure", "rest")] == [1, 2]
    assert [len(laboratory[key].rows) for key in ("figure", "rest")] == [1, 2]
    assert [item["is_open"] for item in why["responses"]] == [True, False, False]


def test_three_schemes_make_narrow_tables(
    write_results: Callable[..., Path], tmp_path: Path
) -> None:
    schemes = ("random", "grouped", "hold_out")
    folder = write_results(
        tmp_path / "three",
        responses=("Pb",),
        schemes=schemes,
        sizes=(),
        n_samples=60,
        n_repeats=2,
    )
    ranking = Ranking(read_results(folder))
    coverage = measured_coverage(at_full_size(ranking.results.predictions))
    table = glance_table(ranking, coverage, 0.9)
    rows = table.parts[0][1]
    assert [row.title for row in rows] == ["Random folds", "Grouped folds", "Hold-out"]
    method = ranking.recommended("Pb")
    assert method is not None
    for row, scheme in zip(rows, schemes, strict=True):
        mean = ranking.full_score("Pb", method, scheme)[0]
        assert row.cells[0].text == f"{mean:.2f}".replace("-", "−")
    first, *others = score_tables(ranking, "Pb", "mg/kg")
    assert first.columns == ("R²", "RMSE, mg/kg") * 3
    assert [len(other.heads) for other in others] == [1, 1, 1]
    assert others[0].columns[0] == "RPIQ"
