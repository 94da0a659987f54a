"""A results folder in, one HTML page out."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from scipy.stats import skew

from cerussite import __version__
from cerussite.reporting.comparison_tables import difference_table, pair_table
from cerussite.reporting.coverage import nominal_level
from cerussite.reporting.diagnostics import at_full_size, measured_coverage
from cerussite.reporting.dictionary import DATA_DICTIONARY, FILES, LIMITS
from cerussite.reporting.folder import MEAN, Results, read_results
from cerussite.reporting.html import fill_template, replace_page
from cerussite.reporting.numerals import duration, fixed, significant
from cerussite.reporting.overview import (
    glance_table,
    optimism,
    study_in_brief,
    usefulness,
)
from cerussite.reporting.ranking import Ranking
from cerussite.reporting.score_tables import (
    curve_table,
    method_table,
    score_tables,
    size_grid,
)
from cerussite.reporting.tables import Cell, Row, Table
from cerussite.reporting.trust_sections import (
    laboratory_section,
    sure_section,
    why_section,
)
from cerussite.reporting.verdicts import headline, verdict_groups, verdict_line
from cerussite.reporting.wording import (
    comparison_sentences,
    scheme_meaning,
    scheme_title,
    subject,
)


def write_study_report(folder: Path) -> Path:
    """
    Write the report of a study.

    Reads the folder and nothing else. The page needs no network and no script;
    figures are drawn inside it. A report that is already there is replaced in
    one step when the new one is complete.

    Parameters
    ----------
    folder : Path
        Folder that a study has written.

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
    return replace_page(folder, render(read_results(folder)))


def render(results: Results) -> str:
    """
    Page of a results folder.

    Parameters
    ----------
    results : Results
        The folder.

    Returns
    -------
    str
        HTML.
    """
    return fill_template("report.html.j2", _context(results))


def _context(results: Results) -> dict[str, Any]:
    ranking = Ranking(results)
    predictions = at_full_size(results.predictions)
    coverage = measured_coverage(predictions)
    level = nominal_level(ranking)
    manifest = results.manifest
    return {
        "manifest": manifest,
        "headline": headline(ranking),
        "verdicts": verdict_groups(ranking),
        "brief": study_in_brief(ranking),
        "uses": [(name, usefulness(ranking, name)) for name in results.responses],
        "all_verdicts": [
            (item, scheme_title(item.scheme), verdict_line(ranking, item))
            for item in manifest.verdicts
        ],
        "started": _moment(manifest.started),
        "axis": _axis(manifest.raw.get("wavelengths")),
        "glance": glance_table(ranking, coverage, level),
        "optimism": optimism(ranking),
        "schemes": [(scheme_title(s), scheme_meaning(s)) for s in results.schemes],
        "observed": _observed_table(results, predictions),
        "mean_table": _mean_table(ranking),
        "responses": [
            _response(ranking, predictions, response) for response in results.responses
        ],
        "sure": sure_section(ranking, predictions, level),
        "laboratory": laboratory_section(ranking, predictions),
        "why": why_section(ranking),
        "limits": LIMITS,
        "undescribed": [m.name for m in results.methods if m.role == "unlisted"],
        "models": results.models,
        "dictionary": DATA_DICTIONARY,
        "files": [(name, FILES[name]) for name in results.trust.files],
        "seconds": [
            (ranking.title(str(name)), duration(float(value)))
            for name, value in manifest.seconds.items()
        ],
        "versions": [(name, str(value)) for name, value in manifest.versions.items()],
        "seeds": _flat(manifest.seeds),
        "study_yaml": yaml.safe_dump(
            _plain(manifest.study), sort_keys=False, allow_unicode=True
        ),
        "folder": results.path.resolve().name,
        "version": __version__,
    }


def _response(
    ranking: Ranking, predictions: pd.DataFrame, response: str
) -> dict[str, Any]:
    from cerussite.reporting.figures.blocks import (  # noqa: PLC0415 -- slow, and --help needs no figures
        curves_block,
        forest_block,
        residuals_block,
        scatter_block,
    )

    unit = ranking.results.unit(response)
    own = subject(ranking, response)
    grid = size_grid(ranking, response)
    has_curve = any(len(sizes) > 1 for _, sizes in grid)
    scores, *further = score_tables(ranking, response, unit)
    return {
        "name": response,
        "unit": unit,
        "scores": scores,
        "further": further,
        "sizes": [curve_table(ranking, response, m, unit) for m in ("r2", "rmse")]
        if has_curve
        else [],
        "pairs": pair_table(ranking, response),
        "differences": difference_table(ranking, response),
        "sentences": comparison_sentences(ranking, response),
        "subject": ranking.title(own) if own else "",
        "scheme": scheme_title(ranking.primary_scheme),
        "size": ranking.full_size(response, ranking.primary_scheme),
        "scatter": scatter_block(ranking, predictions, response),
        "curves": curves_block(ranking, response),
        "forest": forest_block(ranking, response),
        "residuals": residuals_block(ranking, predictions, response),
    }


def _mean_table(ranking: Ranking) -> Table | None:
    is_known = (ranking.results.summary["response"] == MEAN).any()
    if not is_known or len(ranking.results.responses) < 2:
        return None
    return method_table(ranking, MEAN, ("r2", "ccc"), "")


def _observed_table(results: Results, predictions: pd.DataFrame) -> Table:
    rows = []
    for response in results.responses:
        own = predictions[predictions["response"] == response]
        values = own.groupby("sample_id")["observed"].first().to_numpy()
        quantiles = np.percentile(values, [0, 25, 50, 75, 100]).tolist()
        cells = (
            Cell(results.unit(response) or "–"),
            Cell(str(len(values))),
            *(Cell(significant(value)) for value in quantiles),
            Cell(fixed(float(skew(values, bias=False)), 1)),
        )
        rows.append(Row(response, cells))
    return Table(
        "Observed values of the samples that were predicted (whatever the validation).",
        "Response",
        (
            *("Unit", "Samples", "Lowest", "First quartile", "Median"),
            *("Third quartile", "Highest", "Skewness"),
        ),
        (("", tuple(rows)),),
    )


def _moment(text: str) -> str:
    try:
        return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M %Z").strip()
    except ValueError:
        return text


def _axis(entry: object) -> str:
    if not isinstance(entry, Mapping) or not {"low", "high", "n_bands"} <= set(entry):
        return ""
    networks = entry.get("networks")
    if not isinstance(networks, Mapping) or networks["n_bands"] == entry["n_bands"]:
        return f"All methods saw {_bands(entry)}."
    return (
        f"Methods saw {_bands(entry)}; networks, with and without transfer, saw "
        f"{_bands(networks)} of them, which the source covers too."
    )


def _bands(axis: Mapping[str, Any]) -> str:
    low, high = float(axis["low"]), float(axis["high"])
    return f"{axis['n_bands']} bands from {low:g} to {high:g} nm"


def _flat(mapping: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    lines = []
    for name, value in mapping.items():
        if isinstance(value, Mapping):
            lines += _flat(value, f"{prefix}{name}.")
        else:
            lines.append((f"{prefix}{name}", str(value)))
    return lines


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
