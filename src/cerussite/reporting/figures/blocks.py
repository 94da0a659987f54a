"""From the tables of a results folder to the figures of one response."""

from dataclasses import dataclass
from itertools import chain

import numpy as np
import pandas as pd
from markupsafe import Markup

from cerussite.reporting.coverage import coverage_text
from cerussite.reporting.diagnostics import (
    bias_by_quantile,
    error_by_group,
    is_skewed,
    measured_coverage,
)
from cerussite.reporting.figures.curves import Curve, curve_limits, draw_curves
from cerussite.reporting.figures.forest import ForestRow, draw_forest, forest_limits
from cerussite.reporting.figures.residuals import draw_bias, draw_groups
from cerussite.reporting.figures.scatter import ScatterAxis, axis_limits, draw_scatter
from cerussite.reporting.numerals import (
    difference_with_interval,
    with_interval,
)
from cerussite.reporting.ranking import Ranking
from cerussite.reporting.tables import axis_label, metric_head, scheme_head, short_name
from cerussite.reporting.wording import comparisons_shown, scheme_title, subject

MOST_GROUPS = 20


@dataclass(frozen=True)
class Panel:
    """
    A panel of a figure.

    Attributes
    ----------
    heading : str
        What it shows and from which validation.
    svg : Markup
        The drawing.
    facts : tuple of str
        Numbers that belong beside it.
    """

    heading: str
    svg: Markup
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Block:
    """
    A figure: panels in rows, and one caption.

    Attributes
    ----------
    rows : tuple of (str, str, tuple of Panel)
        Title and role of each row (both may be empty), and its panels.
    caption : str
        What is shown, with the validation scheme.
    """

    rows: tuple[tuple[str, str, tuple[Panel, ...]], ...]
    caption: str


def scatter_block(ranking: Ranking, predictions: pd.DataFrame, response: str) -> Block:
    """
    Predicted against observed for the methods shown, schemes side by side.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.
    predictions : DataFrame
        At the full size.
    response : str
        Name of the response.

    Returns
    -------
    Block
        A row a method, a panel a scheme.
    """
    unit = ranking.results.unit(response)
    own = predictions[predictions["response"] == response]
    observed = own["observed"].to_numpy()
    is_log = is_skewed(own.groupby("sample_id")["observed"].first().to_numpy())
    limits = axis_limits(observed, is_log=is_log)
    axis = ScatterAxis(f"{response} ({unit})" if unit else response, limits, is_log)
    rows = []
    for method in ranking.shown(response):
        panels = []
        for scheme in ranking.results.schemes:
            points = own[(own["method"] == method) & (own["scheme"] == scheme)]
            if points.empty:
                continue
            svg = draw_scatter(
                points,
                axis=axis,
                role=ranking.role(method),
                name=f"scatter-{response}-{method}-{scheme}",
            )
            facts = _scatter_facts(ranking, points, (response, method, scheme), limits)
            panels.append(Panel(scheme_head(scheme), svg, facts))
        rows.append((ranking.title(method), ranking.role(method), tuple(panels)))
    axes = "logarithmic axes, for the values are skewed" if is_log else "linear axes"
    caption = (
        f"{response}: predicted against observed in the test folds, each panel from "
        "the validation named above it, full calibration set. Every sample appears "
        "once for each repeat in which it was predicted. The line is 1:1; histograms: "
        f"observed above, predicted at the right; {axes}. R² and RMSE with their 95 % "
        "intervals over repeats; coverage is the share of observations inside the "
        "prediction interval."
    )
    return Block(tuple(rows), caption)


def _scatter_facts(
    ranking: Ranking,
    points: pd.DataFrame,
    cell: tuple[str, str, str],
    limits: tuple[float, float],
) -> tuple[str, ...]:
    response, method, scheme = cell
    unit = ranking.results.unit(response)
    facts = [
        f"{points['sample_id'].nunique()} samples, {points['repeat'].nunique()} repeats"
    ]
    for metric in ("r2", "rmse"):
        score = ranking.full_score(response, method, scheme, metric)
        text = " ".join(with_interval(metric, *score))
        facts.append(f"{metric_head(metric)} {text} {unit if metric == 'rmse' else ''}")
    coverage = measured_coverage(points)
    if len(coverage):
        facts.append(coverage_text(ranking, coverage.iloc[0]))
    outside = ~points["predicted"].between(*limits)
    if outside.any():
        facts.append(f"Beyond the axes, drawn on the frame: {int(outside.sum())}")
    n_negative = int((points["predicted"] <= 0).sum())
    if n_negative and unit.endswith("/kg"):
        facts.append(f"Not above zero: {n_negative}")
    return tuple(fact.strip() for fact in facts)


def curves_block(ranking: Ranking, response: str) -> Block | None:
    """
    Learning curves of R² and RMSE, schemes side by side.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.
    response : str
        Name of the response.

    Returns
    -------
    Block or None
        None where no scheme has more than one size.
    """
    schemes = [
        scheme
        for scheme in ranking.results.schemes
        if len(ranking.sizes(response, scheme)) > 1
    ]
    if not schemes:
        return None
    unit = ranking.results.unit(response)
    rows = []
    for metric in ("r2", "rmse"):
        by_scheme = {s: _curves(ranking, response, s, metric) for s in schemes}
        limits = curve_limits([*chain(*by_scheme.values())], is_ratio=metric == "r2")
        label = axis_label(metric, unit)
        panels = tuple(
            Panel(
                f"{metric_head(metric)}, {scheme_title(scheme)}",
                draw_curves(
                    curves,
                    label=label,
                    limits=limits,
                    name=f"curve-{response}-{scheme}-{metric}",
                ),
            )
            for scheme, curves in by_scheme.items()
        )
        rows.append(("", "", panels))
    names = " and ".join(scheme_title(scheme) for scheme in schemes)
    caption = (
        f"{response}: learning curves; validation by {names}. Bars are 95 % intervals "
        "over repeats, drawn for the same methods as above; the intervals of all "
        "methods stand in the tables. Bars and failed curves may leave the frame (R² below −0.5, or an error far "
        "above the others)."
    )
    return Block(tuple(rows), caption)


def _curves(ranking: Ranking, response: str, scheme: str, metric: str) -> list[Curve]:
    sizes = ranking.sizes(response, scheme)
    ranks: dict[str, int] = {}
    curves = []
    for method in ranking.methods:
        scores = np.array(
            [ranking.score(response, method.name, scheme, n, metric) for n in sizes]
        )
        known = np.isfinite(scores[:, 0])
        if not known.any():
            continue
        rank = ranks[method.role] = ranks.get(method.role, -1) + 1
        curves.append(
            Curve(
                short_name(method.name),
                method.role,
                rank,
                method.name in ranking.shown(response),
                np.array(sizes, dtype=float)[known],
                *scores[known].T,
            )
        )
    return curves


def forest_block(ranking: Ranking, response: str) -> Block | None:
    """
    Differences of the subject of a response, schemes side by side.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.
    response : str
        Name of the response.

    Returns
    -------
    Block or None
        None where nothing was compared.
    """
    method = subject(ranking, response)
    if method is None:
        return None
    by_scheme = {
        scheme: _forest_rows(ranking, response, method, scheme)
        for scheme in ranking.results.schemes
    }
    by_scheme = {scheme: rows for scheme, rows in by_scheme.items() if rows}
    if not by_scheme:
        return None
    limits = forest_limits([*chain(*by_scheme.values())])
    panels = tuple(
        Panel(
            f"{scheme_head(scheme)}, n = {ranking.full_size(response, scheme)}",
            draw_forest(
                rows,
                label="Difference in R²",
                method=short_name(method),
                limits=limits,
                name=f"forest-{response}-{scheme}",
            ),
        )
        for scheme, rows in by_scheme.items()
    )
    caption = (
        f"{response}: R² of “{ranking.title(method)}” minus R² of the method named "
        "above each line, full calibration set, validation as named above each panel. "
        "Lines are 95 % intervals of the paired difference, corrected for overlapping "
        "folds (Nadeau and Bengio, 2003). A hollow mark: the interval includes zero, "
        "so the data do not tell the two apart."
    )
    return Block((("", "", panels),), caption)


def _forest_rows(
    ranking: Ranking, response: str, method: str, scheme: str
) -> list[ForestRow]:
    rows = []
    for found in comparisons_shown(ranking, response, scheme):
        if found.outcome == "withheld":
            continue
        first = "" if found.method == method else f"{short_name(found.method)} "
        numbers = difference_with_interval("r2", found.value, found.low, found.high)
        rows.append(
            ForestRow(
                f"{first}minus {short_name(found.against)}",
                " ".join(numbers),
                ranking.role(found.against),
                found.value,
                found.low,
                found.high,
                found.outcome != "undecided",
            )
        )
    return rows


def residuals_block(
    ranking: Ranking, predictions: pd.DataFrame, response: str
) -> Block:
    """
    Bias along the range of the observations, and error by group.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.
    predictions : DataFrame
        At the full size.
    response : str
        Name of the response.

    Returns
    -------
    Block
        A panel of bias for each scheme, and one of groups where they are known.
    """
    own = predictions[predictions["response"] == response]
    unit = ranking.results.unit(response)
    by_scheme = {
        scheme: _bias_tables(ranking, own[own["scheme"] == scheme], response)
        for scheme in ranking.results.schemes
    }
    by_scheme = {scheme: tables for scheme, tables in by_scheme.items() if tables}
    limits = _bias_limits([t for tables in by_scheme.values() for _, t in tables])
    panels = [
        Panel(
            f"Bias, {scheme_title(scheme)}",
            draw_bias(
                tables,
                label=response,
                unit=unit,
                limits=limits,
                name=f"bias-{response}-{scheme}",
            ),
        )
        for scheme, tables in by_scheme.items()
    ]
    group = _group_panel(ranking, own, response)
    names = _shapes(ranking, response)
    caption = (
        f"{response}: bias (predicted minus observed, mean over the repeats of each "
        "sample) in fifths of the observed values, with 95 % t-intervals over samples, "
        f"full calibration set, validation as named above each panel; from left to "
        f"right {names}."
    )
    if group is not None:
        caption += (
            f" Right: error of each group for the recommended method; at most "
            f"{MOST_GROUPS} groups, those with the largest error."
        )
        panels.append(group)
    return Block((("", "", tuple(panels)),), caption)


def _shapes(ranking: Ranking, response: str) -> str:
    shown, seen, parts = ranking.shown(response), set[str](), []
    for method in shown:
        role = ranking.role(method)
        shape = _SHAPES.get(role, "marks")
        parts.append(f"{ranking.title(method)} ({'open ' * (role in seen)}{shape})")
        seen.add(role)
    return "; ".join(parts)


_SHAPES = {
    "baseline": "squares",
    "consensus": "diamonds",
    "network": "triangles",
    "transfer": "circles",
}


def _bias_tables(
    ranking: Ranking, predictions: pd.DataFrame, response: str
) -> list[tuple[str, pd.DataFrame]]:
    found = []
    for method in ranking.shown(response):
        points = predictions[predictions["method"] == method]
        if points["observed"].nunique() >= 5:
            found.append((ranking.role(method), bias_by_quantile(points)))
    return found


def _bias_limits(tables: list[pd.DataFrame]) -> tuple[float, float]:
    ends = [table[["bias", "low", "high"]].to_numpy().ravel() for table in tables]
    values = np.concatenate([*ends, np.zeros(1)])
    values = values[np.isfinite(values)]
    pad = 0.06 * float(np.ptp(values)) or 1.0
    return float(values.min()) - pad, float(values.max()) + pad


def _group_panel(
    ranking: Ranking, predictions: pd.DataFrame, response: str
) -> Panel | None:
    method, scheme = ranking.recommended(response), ranking.primary_scheme
    points = predictions[
        (predictions["method"] == method) & (predictions["scheme"] == scheme)
    ]
    if "group" not in points and scheme == "leave_one_group_out":
        points = points.assign(group=points["fold"])
    if method is None or "group" not in points or points["group"].nunique() < 2:
        return None
    errors = error_by_group(points).head(MOST_GROUPS)
    unit = ranking.results.unit(response)
    svg = draw_groups(
        errors,
        label=axis_label("rmse", unit),
        role=ranking.role(method),
        name=f"groups-{response}",
    )
    return Panel(f"Error by group, {scheme_title(scheme)}", svg)
