import json
import re
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cerussite.reporting import write_report

VOID = {"meta", "br", "hr", "img", "input", "link", "col", "wbr"}


class Page(HTMLParser):
    """Collects text, ids and addresses, and complains about unbalanced tags."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(str(value))
            if name in {"href", "src", "xlink:href"}:
                self.addresses.append(str(value))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in {"style", "script"}:
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


def read(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    assert page.open == []
    return page


@pytest.fixture(scope="module", name="path")
def path_fixture(results_folder: Path) -> Path:
    return write_report(results_folder)


@pytest.fixture(scope="module", name="page")
def page_fixture(path: Path) -> Page:
    return read(path)


def test_the_page_is_whole_small_and_alone(path: Path, page: Page) -> None:
    assert path.name == "report.html"
    assert path.stat().st_size < 5e6
    assert not list(path.parent.glob(".report*"))
    assert {"main", "nav", "svg", "table"} <= page.tags


def test_the_page_needs_nothing_from_elsewhere(path: Path, page: Page) -> None:
    outside = [a for a in page.addresses if not a.startswith(("#", "data:image/png"))]
    assert outside == []
    assert not {"script", "link", "iframe", "object"} & page.tags
    assert "@import" not in path.read_text(encoding="utf-8")


def test_every_anchor_leads_somewhere_and_ids_are_unique(page: Page) -> None:
    assert len(set(page.ids)) == len(page.ids)
    targets = {a[1:] for a in page.addresses if a.startswith("#")}
    assert targets <= set(page.ids)


def test_every_method_scheme_and_response_is_there(
    page: Page, results_folder: Path
) -> None:
    manifest = json.loads((results_folder / "manifest.json").read_text())
    for method in manifest["methods"]:
        assert method["title"].removeprefix("Control: ").lower() in page.words.lower()
    assert "Random folds, n = 104" in page.words
    assert "Grouped folds, n = 104" in page.words
    assert all(name in page.words for name in ("Pb, mg/kg", "Zn, mg/kg", "pH"))


def test_text_of_the_user_is_escaped(path: Path, page: Page) -> None:
    assert "library <b>" in page.words
    assert "library &lt;b&gt;" in path.read_text(encoding="utf-8")


def test_sentences_about_transfer_repeat_the_comparison_table(
    page: Page, results_folder: Path
) -> None:
    table = pd.read_csv(results_folder / "comparisons.csv")
    rows = table[
        (table["scheme"] == "grouped")
        & (table["n_calibration"] == 104)
        & (table["metric"] == "r2")
        & (table["against"] == "partial_least_squares")
        & (table["method"] == "transfer_all")
    ].set_index("response")
    for response in ("Pb", "Zn", "pH"):
        row = rows.loc[response]
        verb = (
            "did not beat"
            if row["low"] <= 0 <= row["high"]
            else "beat"
            if row["low"] > 0
            else "was worse than"
        )
        numbers = f"{row['difference']:.2f} [{row['low']:.2f}, {row['high']:.2f}]"
        numbers = numbers.replace("-0.00", "0.00").replace("-", "−")
        sentence = (
            f"“transfer, all layers trained further” {verb} partial least squares on "
            f"these data; difference in R² {numbers}"
        )
        assert sentence in page.words


def test_scores_in_the_table_are_those_of_the_predictions(
    page: Page, results_folder: Path
) -> None:
    table = pd.read_csv(results_folder / "predictions.csv", dtype={"unit": str})
    part = table[
        (table["response"] == "Zn")
        & (table["method"] == "consensus")
        & (table["scheme"] == "grouped")
        & (table["n_calibration"] == 104)
    ]
    errors = part.assign(squared=(part["predicted"] - part["observed"]) ** 2)
    rmse = np.sqrt(errors.groupby("repeat")["squared"].mean()).mean()
    row = page.words[page.words.index("Zn: mean over the repeats") :]
    row = row[row.index("Consensus: mean of several") :]
    assert f" {rmse:.0f} [" in row[: row.index("Residual network")]


def test_measured_coverage_is_the_share_of_observations_inside(
    page: Page, results_folder: Path
) -> None:
    table = pd.read_csv(results_folder / "predictions.csv", dtype={"unit": str})
    part = table[
        (table["response"] == "Zn")
        & (table["method"] == "partial_least_squares")
        & (table["n_calibration"] == 104)
    ]
    inside = (part["observed"] >= part["lower"]) & (part["observed"] <= part["upper"])
    for _, share in inside.groupby(part["scheme"]):
        text = f"Coverage: nominal 90\u202f%, measured {100 * share.mean():.0f}\u202f%"
        assert " ".join(text.split()) in page.words


def test_methods_not_told_from_the_best_are_marked(page: Page) -> None:
    assert "≈ best" in page.words
    assert "controls included" in page.words


def test_captions_state_the_validation(page: Page) -> None:
    captions = re.findall(r"(?:Figure|Table) \d+\. .{0,700}", page.words)
    assert len(captions) > 20
    words = ("folds", "validation", "Data sets", "Published")
    assert all(any(word in caption for word in words) for caption in captions)


def test_the_study_and_its_circumstances_are_printed(page: Page) -> None:
    for text in (
        "cerussite run mine-site.yaml -o",
        "resnet stopped early in 2 of 50 folds",
        "numpy 2.4.0",
        "4.5 s",
        "Data dictionary",
        "aqua regia",
        "procedure not stated",
        "spectra converted from reflectance to absorbance",
    ):
        assert text in page.words


def test_a_small_folder_without_extras_gives_a_report(
    write_results: Callable[..., Path], tmp_path: Path
) -> None:
    folder = write_results(
        tmp_path / "small",
        responses=("Pb",),
        methods=(("ridge", "Ridge regression", "baseline", 0.4),),
        schemes=("leave_one_group_out",),
        sizes=(),
        n_samples=40,
        n_repeats=1,
        has_groups=False,
        data=[],
        study={},
        warnings=[],
        versions={},
        seconds={},
        seeds=None,
    )
    page = read(write_report(folder))
    assert "No verdict." in page.words
    assert "there is no learning curve" in page.words
    assert "The manifest describes no data" in page.words
    assert "Error by group, leave one group out" in page.words
    assert "Coverage: nominal" not in page.words


def test_published_numbers_stand_apart(
    write_results: Callable[..., Path], tmp_path: Path
) -> None:
    folder = write_results(
        tmp_path / "published",
        responses=("Pb",),
        schemes=("random",),
        sizes=(),
        n_samples=40,
        n_repeats=2,
        published=[
            {
                "response": "Pb",
                "method": "some network",
                "metric": "R²",
                "value": 0.77,
                "source": "Author",
                "year": 2025,
            }
        ],
    )
    page = read(write_report(folder))
    after = page.words.split("Published elsewhere, not measured here")[-1]
    assert "some network R² 0.77 Author, 2025" in after


def test_a_false_claim_of_the_study_is_contradicted(
    write_results: Callable[..., Path], tmp_path: Path
) -> None:
    claim = {
        "response": "Pb",
        "scheme": "grouped",
        "n_calibration": 32,
        "topic": "transfer",
        "text": "Pb (grouped): transfer_all beat everything",
        "supported": True,
    }
    folder = write_results(
        tmp_path / "claim",
        responses=("Pb",),
        sizes=(),
        n_samples=40,
        n_repeats=2,
        verdicts=[claim],
    )
    page = read(write_report(folder))
    assert "transfer_all beat everything" in page.words
    assert "Read it as no gain" in page.words


def test_a_failure_leaves_the_old_report(
    results_folder: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()

    def fail(*_: object, **__: object) -> None:
        msg = "disk full"
        raise OSError(msg)

    monkeypatch.setattr(Path, "replace", fail)
    monkeypatch.setattr("cerussite.reporting.page.render", lambda _: "half")
    with pytest.raises(OSError, match="disk full"):
        write_report(results_folder)
    assert path.read_bytes() == before
    assert not list(results_folder.glob(".report*"))


def test_importing_the_room_imports_neither_matplotlib_nor_torch() -> None:
    code = (
        "import sys, cerussite.reporting; "
        "print([n for n in ('matplotlib', 'torch') if n in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert run.stdout.strip() == "[]"
