"""The folder of an assessment in, one HTML page out."""

from collections.abc import Hashable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cerussite import __version__
from cerussite.reporting.assessment_folder import AssessmentResults, read_assessment
from cerussite.reporting.assessment_tables import (
    background_table,
    element_table,
    exceedance_table,
    health_table,
    ranking_table,
    reference_table,
    scientific,
    undecided_table,
)
from cerussite.reporting.assessment_words import (
    HEALTH_LIMITS,
    LIMITS,
    index_title,
    join,
)
from cerussite.reporting.html import fill_template, replace_page
from cerussite.reporting.numerals import significant


def write_assessment_report(folder: Path) -> Path:
    """
    Write the report of an assessment.

    Reads the folder and nothing else. The page needs no network and no script. A
    report that is already there is replaced in one step.

    Parameters
    ----------
    folder : Path
        Folder that ``cerussite assess`` has written.

    Returns
    -------
    Path
        The file `report.html` in the folder.

    Raises
    ------
    UnreadableFileError
        If a file of the folder is missing or cannot be read.
    """  # noqa: DOC502 -- raised where files are read
    folder = Path(folder)
    return replace_page(folder, render(read_assessment(folder)))


def render(results: AssessmentResults) -> str:
    """
    Page of an assessment.

    Parameters
    ----------
    results : AssessmentResults
        The folder.

    Returns
    -------
    str
        HTML.
    """
    return fill_template("assessment.html.j2", _context(results))


def _context(results: AssessmentResults) -> dict[str, Any]:
    from cerussite.reporting.assessment_figures import (  # noqa: PLC0415 -- slow, and --help needs no figures
        bar_blocks,
        map_block,
    )

    manifest, tables = results.manifest, results.tables
    health = manifest["health"]
    return {
        "title": f"Assessment of {Path(manifest['input']['name']).stem}",
        "manifest": manifest,
        "n_stations": results.n_stations,
        "started": _moment(manifest["started"]),
        "findings": findings(results),
        "background": _background(tables["references"]),
        "request": _request(manifest),
        "references": tables["references"].to_dict("records"),
        "toxicity": _toxicity(tables.get("toxicity")),
        "elements": element_table(results),
        "local": background_table(results),
        "reference_element": reference_table(results),
        "ranking": ranking_table(results),
        "bars": bar_blocks(results),
        "maps": map_block(results),
        "exceedances": exceedance_table(results),
        "undecided": undecided_table(results),
        "health": health_table(results),
        "withheld": _withheld(results),
        "classes": _classes(tables["classes"]),
        "limits": (*LIMITS, *(HEALTH_LIMITS if health else ())),
        "dictionary": tables["data_dictionary"].to_dict("records"),
        "files": sorted(tables),
        "versions": list(manifest["versions"].items()),
        "version": __version__,
    }


def findings(results: AssessmentResults) -> list[str]:
    """
    What was found, in sentences.

    Parameters
    ----------
    results : AssessmentResults
        The folder.

    Returns
    -------
    list of str
        Pollution load index, then each standard, then health.
    """
    ranking = results.tables["ranking"]
    known = ranking[ranking["value"].notna()]
    background = _background(results.tables["references"])
    if known.empty:
        first = (
            "The pollution load index is withheld at every station: not every element "
            "of the set was measured"
        )
    else:
        n_above = int((known["value"] > 1).sum())
        low, middle, high = np.percentile(known["value"], [0, 50, 100]).tolist()
        first = (
            f"{n_above} of {len(known)} stations lie above a pollution load index of 1 "
            f"(median {significant(middle)}, from {significant(low)} to "
            f"{significant(high)}) against {background}"
        )
        if n_missing := len(ranking) - len(known):
            first += f"; at {n_missing} stations it is withheld"
    sentences = [first, *_about_standards(results.tables["exceedances"])]
    return [f"{text}." for text in sentences]


def _about_standards(table: pd.DataFrame) -> list[str]:
    sentences = []
    for standard in table["standard"].unique():
        own = table[(table["standard"] == standard) & ~table["withheld"]]
        above = own[own["class"] == "above"]
        n_stations = own["sample_id"].nunique()
        if not n_stations:
            sentences.append(f"{standard} could be held against no element")
        elif above.empty:
            sentences.append(f"No station lies above any value of {standard}")
        else:
            counts = above["element"].value_counts()
            often = [f"{element} ({n})" for element, n in counts.head(3).items()]
            sentences.append(
                f"{above['sample_id'].nunique()} of {n_stations} stations lie above at "
                f"least one value of {standard}, most often {join(often)}"
            )
    return sentences


def _background(references: pd.DataFrame) -> str:
    return str(references.loc[references["kind"] == "background", "title"].iloc[0])


def _request(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    asked = manifest["request"]
    found = {
        "Table": manifest["input"]["name"],
        "Rows": f"{manifest['input']['n_assessed']} assessed of "
        f"{manifest['input']['n_rows']}",
        "Chosen by": asked["only"],
        "Medium": asked["medium"] or "not stated",
        "Background": asked["background"],
        "Guidelines": ", ".join(asked["standards"]),
        "Set of elements": " ".join(asked["elements"]),
        "Reference element": asked["reference_element"] or "none",
        "Below the detection limit": asked["below_limits"],
    }
    if health := manifest["health"]:
        found["Receptors"] = ", ".join(health["receptors"])
        found["Toxicity values of"] = join(health["dates"])
    return [(name, text) for name, text in found.items() if text]


def _toxicity(table: pd.DataFrame | None) -> list[dict[Hashable, Any]]:
    if table is None:
        return []
    shown = table.sort_values(["element", "quantity", "on"], kind="stable")
    return shown.assign(text=shown["value"].map(scientific)).to_dict("records")


def _withheld(results: AssessmentResults) -> list[dict[str, str]]:
    found = [
        {
            "what": index_title(row["index"], row["standard"]),
            "element": row["element"],
            "reason": row["reason"],
            "n": f"{row['n_samples']:.0f}",
        }
        for row in results.tables["withheld"].to_dict("records")
    ]
    health = results.tables.get("health")
    if health is None:
        return found
    rows = health[health["withheld"]]
    by = ["index", "route", "element", "reason"]
    counts = rows.groupby(by, sort=False)["sample_id"].nunique().reset_index()
    joined: dict[tuple[str, str, str], list[str]] = {}
    for row in counts.to_dict("records"):
        what = f"{row['index'].replace('_', ' ').capitalize()}, {row['route']}"
        reason = row["reason"].removesuffix(f" of {row['element']}")
        key = what, reason, str(row["sample_id"])
        joined.setdefault(key, []).append(row["element"])
    return found + [
        {"what": what, "element": " ".join(elements), "reason": reason, "n": n}
        for (what, reason, n), elements in joined.items()
    ]


def _classes(table: pd.DataFrame) -> list[tuple[str, str, str, str]]:
    """Classes as applied: index, set, classes with bounds, source."""
    found = []
    for (index, element), rows in table.groupby(["index", "element"], sort=False):
        below = rows["closed"].iloc[0] == "right"
        sign = "≤" if below else "<"
        parts = [
            f"{row['label']} {sign} {significant(row['upper'])}"
            if np.isfinite(row["upper"])
            else f"{row['label']} above"
            for row in rows.to_dict("records")
        ]
        found.append(
            (
                index_title(str(index)),
                "each" if element == "each" else str(element),
                "; ".join(parts),
                str(rows["source"].iloc[0]),
            )
        )
    return found


def _moment(text: str) -> str:
    try:
        return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M %Z").strip()
    except ValueError:
        return text
