"""The page of an apportionment, from a folder written by hand."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from cerussite.core.errors import UnreadableFileError
from cerussite.reporting.apportionment_figures import contribution_block
from cerussite.reporting.apportionment_folder import read_apportionment_folder
from cerussite.reporting.apportionment_page import write_apportionment_report
from cerussite.reporting.apportionment_words import counted, leading_species, sentences
from cerussite.reporting.figures.contribution_series import draw_series
from cerussite.reporting.figures.fingerprint import Fingerprint, draw_fingerprint
from cerussite.reporting.figures.residual_histogram import draw_residual_histogram

FACTORS, SPECIES = ["factor 1", "factor 2"], ["Ni", "Al<b>", "Zn"]
#: Concentrations by hand: factor 1 gives 30 of 40 Ni, 0 of 8 Al and 3 of 6 Zn.
PROFILES = np.array([[30.0, 0.0, 3.0], [10.0, 8.0, 3.0]])
SETTINGS = {
    "factors": 2,
    "starts": 3,
    "robust": False,
    "extra_uncertainty": 0.0,
    "total": None,
    "errors": "quick",
    "blocks": None,
    "constraints": [],
}


def long(values, name):
    rows = [
        {"factor": factor, "species": species, name: values[at, column]}
        for at, factor in enumerate(FACTORS)
        for column, species in enumerate(SPECIES)
    ]
    return pd.DataFrame(rows)


def written(folder, *, places=None, is_converged=True, **more):
    """A complete folder; ``places`` are further columns of the samples."""
    folder.mkdir(exist_ok=True)
    ids = ["a", "NA", "c"]
    profiles = long(PROFILES, "concentration")
    profiles["percent_of_species"] = (100 * PROFILES / PROFILES.sum(axis=0)).ravel()
    explained = long(np.full((2, 3), 0.4), "explained_variation")
    left = pd.DataFrame(
        {"species": SPECIES, "factor": "unexplained", "explained_variation": 0.2}
    )
    disp = long(PROFILES, "value").assign(
        method="DISP",
        d_q=4.0,
        lower=0.9 * PROFILES.ravel(),
        upper=1.1 * PROFILES.ravel() + 0.1,
        is_reached=["yes", "no"] * 3,
    )
    starts = pd.DataFrame(
        {
            "start": [0, 1, 2],
            "loss": [12.0, 11.0, 11.05],
            "q_true": [12.0, 11.0, 11.05],
            "q_robust": [12.0, 11.0, 11.05],
            "is_converged": [True, is_converged, True],
            "optimality": 1e-6,
            "expected_decrease": 1e-9,
            "n_steps": 7,
            "reaches_best": [False, True, True],
        }
    )
    tables = {
        "profiles": profiles,
        "contributions": pd.DataFrame(
            {
                "sample_id": np.repeat(ids, 2),
                "factor": FACTORS * 3,
                "contribution": [0.3, 0.2, 2.0, 1.1, 0.7, 1.7],
            }
        ),
        "explained_variation": pd.concat([explained, left]),
        "errors": disp,
        "residuals": pd.DataFrame(
            {
                "sample_id": np.repeat(ids, 3),
                "species": SPECIES * 3,
                "scaled_residual": [0.1, -4.0, 9.0, 0.0, 1.0, -1.0, 0.5, 0.2, np.nan],
            }
        ),
        "starts": starts,
        "samples": pd.DataFrame({"sample_id": ids, **(places or {})}),
        "species": pd.DataFrame(
            {
                "species": SPECIES,
                "unit": "mg/kg",
                "n_measured": 3,
                "n_missing": 0,
                "n_below_limit": 0,
                "minimum": 1.0,
                "median": 2.0,
                "maximum": 3.0,
                "median_relative_uncertainty": 0.1,
                "signal_to_noise": [9.0, 0.7, 9.0],
                "suggested_category": ["strong", "weak", "strong"],
                "category": "strong",
            }
        ),
        "swaps": pd.DataFrame({"factor": FACTORS, "d_q": 4.0, "n_swaps": [0, 2]}),
        "mapping": pd.DataFrame(
            {
                "factor": FACTORS,
                "factor 1": [9, 0],
                "factor 2": [0, 8],
                "unmapped": [1, 2],
            }
        ),
        "data_dictionary": pd.DataFrame(
            {"files": [""], "column": ["factor"], "meaning": ["Name of a factor."]}
        ),
        **more,
    }
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    about = {"category": "strong", "q_per_value": 1.0, "share_beyond_three": 0.25}
    numbers = {
        "n_samples": 3,
        "n_species": 3,
        "n_factors": 2,
        "n_missing": 1,
        "is_robust": False,
        "q_true": 11.0,
        "q_robust": 11.0,
        "q_expected": -3,
        "q_true_over_expected": None,
        "n_starts": 3,
        "n_starts_converged": 3,
        "n_starts_reaching_best": 2,
        "is_converged": is_converged,
        "optimality": 1e-6,
        "expected_decrease": 1e-9,
        "other_seed": {"n_starts": 2, "d_loss": 0.0, "largest_share_difference": 0.1},
        "number_of_factors": None,
        "displacement": {"largest_decrease": 0.0},
        "bootstrap": {
            "n_resamples": 10,
            "share_unmapped": 0.15,
            "n_not_converged": 0,
        },
        "displaced_bootstrap": None,
        "second_opinions": {"n_samples": 0, "notes": ["APCS-MLR is left out: few"]},
        "species": dict.fromkeys(SPECIES, about),
    }
    manifest = {
        "kind": "apportionment",
        "title": "",
        "question": "",
        "started": "2026-01-02T03:04:05+00:00",
        "files": [{"role": "concentrations", "name": "conc.csv", "sha256": "0" * 64}],
        "uncertainties": "table unc.csv",
        "settings": SETTINGS,
        "data": {"concentrations": "conc.csv"},
        "crs": "",
        "notes": ["two rows were left out"],
        "warnings": ["Ni is doubtful"],
        "versions": {"cerussite": "0"},
        "seeds": {"random_state": 0},
        "seconds": {"factorisation": 1.5},
    }
    (folder / "diagnostics.json").write_text(json.dumps(numbers))
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def page_of(folder):
    return write_apportionment_report(folder).read_text(encoding="utf-8")


class Balance(HTMLParser):
    """Refuses tags that close what was not opened last."""

    VOID = frozenset({"meta", "br"})

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):  # noqa: ARG002 - set by the parser
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_whole_and_needs_no_network(tmp_path):
    html = page_of(written(tmp_path / "f"))
    parser = Balance()
    parser.feed(html)
    assert parser.open == []
    outside = re.findall(r"https?://(?!www\.w3\.org)[^\s\"<]+", html)
    assert outside == []
    assert "<script" not in html
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)


def test_names_of_species_cannot_break_the_page(tmp_path):
    html = page_of(written(tmp_path / "f"))
    assert "Al<b>" not in html
    assert "Al&lt;b&gt;" in html


def test_the_page_says_what_was_found_and_what_is_doubtful(tmp_path):
    html = page_of(written(tmp_path / "f"))
    assert "Two factors describe 3 samples of 3 species with a Q of 11" in html
    assert "2 of 3 starts reached this minimum" in html
    assert "2 displacements at dQ 4 made factors change places" in html
    assert "15\u202f% of the factors were not found again" in html
    assert "Ni is doubtful." in html
    assert "Two rows were left out." in html
    assert "too few species for it to mean anything" in html
    assert "suggested: weak" in html
    assert "or wider" in html
    assert "No verdicts: they need species that mark sources" in html


def test_a_fit_that_did_not_converge_is_never_called_converged(tmp_path):
    html = page_of(written(tmp_path / "f", is_converged=False))
    assert "The best start did not converge: do not use this solution." in html
    assert "<td>converged" not in html


def test_leading_species_carry_intervals_in_percent(tmp_path):
    results = read_apportionment_folder(written(tmp_path / "f"))
    # 30 of 40 is 75 %; 27 and 33.1 of 40 are 68 and 83 %.
    assert leading_species(results)[0][1].startswith("Ni 75 % (68 to 83)")
    assert results.tables["samples"]["sample_id"].tolist() == ["a", "NA", "c"]


def test_verdicts_stand_with_evidence_for_both_sides(tmp_path):
    evidence = pd.DataFrame(
        {
            "metal": ["Ni", "Ni"],
            "kind": ["receptor model", "enrichment"],
            "value": [0.9, 1.0],
            "lower": [0.8, 0.9],
            "upper": [1.0, 1.1],
            "threshold": [0.5, 2.0],
            "says": ["anthropogenic", "geogenic"],
            "meaning": ["share in factors of human origin", "median enrichment"],
        }
    )
    verdicts = pd.DataFrame(
        {
            "metal": ["Ni"],
            "verdict": ["withheld"],
            "supporting": [""],
            "opposing": [""],
            "undecided": [""],
            "reason": ["the evidence points both ways"],
        }
    )
    classes = pd.DataFrame(
        {
            "factor": FACTORS,
            "class": ["smelter", ""],
            "score": 0.3,
            "lead": 0.2,
            "words": "smelter +0.3",
        }
    )
    folder = written(
        tmp_path / "f", evidence=evidence, verdicts=verdicts, classes=classes
    )
    html = page_of(folder)
    assert (
        "share in factors of human origin 0.900 (0.800 to 1.00; threshold 0.5)" in html
    )
    assert "the evidence points both ways" in html
    assert "Verdicts – withheld: Ni." in html
    assert "no class stands out" in html


@pytest.mark.parametrize(
    ("places", "caption"),
    [
        (
            {"date": ["2020-01-01", "2020-01-02", "2020-03-01"]},
            "Contributions over time",
        ),
        ({"easting": [1.0, 2e3, 3e3], "northing": [1.0, 5.0, 9.0]}, "north up"),
        (None, "in the order of the table"),
    ],
)
def test_contributions_are_drawn_as_the_samples_allow(tmp_path, places, caption):
    results = read_apportionment_folder(written(tmp_path / "f", places=places))
    block = contribution_block(results)
    assert caption in block.caption
    assert sum(len(panels) for _, _, panels in block.rows) == 2


def test_a_folder_that_lacks_a_file_is_refused(tmp_path):
    folder = written(tmp_path / "f")
    (folder / "starts.csv").unlink()
    with pytest.raises(UnreadableFileError, match=r"has no starts\.csv"):
        write_apportionment_report(folder)


def test_series_are_broken_where_nothing_was_sampled():
    days = pd.Series(pd.date_range("2020-01-01", periods=7))
    gap = pd.Series([*days[:4], *(days[4:] + pd.Timedelta(days=200))])
    values = np.linspace(0.5, 1.5, 7)
    whole, broken = (
        str(draw_series(values, dates, name="s", title="factor 1"))
        for dates in (days, gap)
    )
    assert broken.count("stroke: #0067a5") == whole.count("stroke: #0067a5") + 1


def test_figures_survive_zeros_and_gaps():
    zero = Fingerprint(
        ["a", "b"],
        np.array([0.0, 2.0]),
        np.array([np.nan, 2.0]),
        {"DISP": np.array([[np.nan, np.nan], [1.0, 3.0]])},
    )
    drawn = draw_fingerprint(zero, name="f", title="factor 1")
    assert "fingerprint of factor 1; most of b 100 %" in drawn
    told = draw_residual_histogram(
        np.array([0.0, 4.0, np.nan, -9.0]), name="h", title="Ni"
    )
    assert "2 of 3 beyond three" in told


def test_small_words():
    assert counted(2) == "two"
    assert sentences(["a is b.", "c"]) == ["A is b.", "C."]
