"""Tables of the report of an assessment."""

import math
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from cerussite.reporting.assessment_folder import AssessmentResults
from cerussite.reporting.numerals import fixed, percent, significant
from cerussite.reporting.tables import Cell, Row, Table

#: Stations that the ranking shows.
MOST_STATIONS = 25
#: Probabilities between these are told one by one.
UNDECIDED = (0.05, 0.95)
MOST_UNDECIDED = 40


def with_ends(value: float, lower: float, upper: float) -> Cell:
    """
    A value with its interval, which is left out where it has no width.

    Parameters
    ----------
    value, lower, upper : float
        NaN where there is none.

    Returns
    -------
    Cell
        Three significant digits.

    Examples
    --------
    >>> with_ends(2.0, 1.0, 3.0).detail, with_ends(2.0, 2.0, 2.0).detail
    ('[1.00, 3.00]', '')
    """
    has_width = math.isfinite(lower) and math.isfinite(upper) and upper > lower
    detail = f"[{significant(lower)}, {significant(upper)}]" if has_width else ""
    return Cell(significant(value), detail)


def scientific(value: float) -> str:
    r"""
    A number with two significant digits, small ones by powers of ten.

    Parameters
    ----------
    value : float
        Such as a risk.

    Returns
    -------
    str
        For people.

    Examples
    --------
    >>> scientific(0.42), scientific(0.0000253)
    ('0.42', '2.5\xa0×\xa010⁻⁵')
    """
    if not math.isfinite(value) or value == 0 or abs(value) >= 0.001:
        return significant(value, 2)
    mantissa, exponent = f"{value:.1e}".split("e")
    powers = str(-int(exponent)).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa}\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}10⁻{powers}"


def _count(number: float) -> str:
    return f"{number:.0f}" if math.isfinite(number) else "–"


def ranking_table(results: AssessmentResults) -> Table:
    """
    The most polluted stations by pollution load index.

    Parameters
    ----------
    results : AssessmentResults
        The folder.

    Returns
    -------
    Table
        At most :data:`MOST_STATIONS` rows.
    """
    ranking = results.tables["ranking"]
    shown = ranking.head(MOST_STATIONS)
    below = results.tables["stations"].set_index("sample_id")["n_below_limit"]
    rows = [
        Row(
            row["sample_id"],
            (
                Cell(_count(row["rank"])),
                with_ends(row["value"], row["lower"], row["upper"]),
                Cell(row["class"] or "withheld"),
                Cell(_count(row["n_exceedances"])),
                Cell(significant(row["worst_quotient"]), _where(row)),
                Cell(_count(below[row["sample_id"]])),
            ),
        )
        for row in shown.to_dict("records")
    ]
    level = percent(float(results.manifest["level"]))
    interval = f"; below it the {level} interval" if results.manifest["n_draws"] else ""
    n_all = len(ranking)
    which = (
        f"The first {len(shown)} of {n_all}" if n_all > len(shown) else f"All {n_all}"
    )
    return Table(
        f"{which} stations by pollution load index of "
        f"{' '.join(results.manifest['request']['elements'])}{interval}. All stations "
        "stand in ranking.csv.",
        "Station",
        (
            *("Rank", "Pollution load index", "Class", "Guideline values exceeded"),
            *("Largest C / guideline", "Elements below limit"),
        ),
        (("", tuple(rows)),),
    )


def _where(row: Mapping[Hashable, Any]) -> str:
    element, standard = row["worst_element"], row["worst_standard"]
    return f"{element}, {standard}" if element else ""


def element_table(results: AssessmentResults) -> Table:
    """
    Concentrations by element next to the background.

    Parameters
    ----------
    results : AssessmentResults
        The folder.

    Returns
    -------
    Table
        One row an element.
    """
    values = results.tables["concentrations"].groupby("element")["value"]
    references, constants = results.tables["references"], results.tables["constants"]
    background = references.loc[references["kind"] == "background", "name"].iloc[0]
    own = constants[constants["standard"] == background].set_index("element")["value"]
    rows = []
    for response in results.manifest["input"]["responses"]:
        element = response["name"]
        found = values.get_group(element).dropna()
        low, middle, high = (
            np.percentile(found, [0, 50, 100]) if len(found) else [np.nan] * 3
        )
        reference = float(own.get(element, np.nan))
        cells = (
            Cell(response["procedure"].replace("_", " ") or "not stated"),
            Cell(str(response["n_measured"])),
            Cell(str(response["n_below_limit"])),
            *(Cell(significant(float(value))) for value in (low, middle, high)),
            Cell(significant(reference)),
            Cell(significant(float(middle) / reference)),
        )
        rows.append(Row(element, cells))
    drawn = " Below the limit the median of the draws counts." * bool(
        results.manifest["n_draws"]
    )
    return Table(
        f"Concentrations in mg/kg dry mass, and the background ({background}).{drawn}",
        "Element",
        (
            *("Procedure", "Measured", "Below limit", "Lowest", "Median", "Highest"),
            *("Background", "Median C / B"),
        ),
        (("", tuple(rows)),),
    )


def exceedance_table(results: AssessmentResults) -> Table | None:
    """
    How often each guideline is exceeded.

    Parameters
    ----------
    results : AssessmentResults
        The folder.

    Returns
    -------
    Table or None
        One row a standard and element that was compared; None without any.
    """
    table = results.tables["exceedances"]
    known = table[~table["withheld"]]
    if known.empty:
        return None
    has_draws = bool(results.manifest["n_draws"])
    titles = results.tables["references"].set_index("name")["title"]
    parts = []
    for standard in known["standard"].unique():
        own = known[known["standard"] == standard]
        rows = [
            Row(str(element), _exceedance_cells(rows, has_draws=has_draws))
            for element, rows in own.groupby("element", sort=False)
        ]
        parts.append((f"{standard}: {titles[standard]}", tuple(rows)))
    expected = ("Expected above",) if has_draws else ()
    return Table(
        "Stations above each guideline value"
        + (
            ". Expected above: sum of the probabilities P(C > guideline)"
            if has_draws
            else ""
        )
        + ". Every station stands in exceedances.csv.",
        "Element",
        (
            *("Guideline, mg/kg", "Stations", "Above", *expected),
            *("Median C / guideline", "Largest C / guideline"),
        ),
        tuple(parts),
    )


def _exceedance_cells(rows: pd.DataFrame, *, has_draws: bool) -> tuple[Cell, ...]:
    low, high = rows["limit"].min(), rows["limit"].max()
    limit = (
        significant(low)
        if low == high
        else f"{significant(low)} to {significant(high)}"
    )
    n_above = int((rows["class"] == "above").sum())
    largest = rows.iloc[int(rows["quotient"].to_numpy().argmax())]
    expected = (Cell(fixed(rows["probability"].sum(), 1)),) if has_draws else ()
    return (
        Cell(limit),
        Cell(str(len(rows))),
        Cell(str(n_above), percent(n_above / len(rows)), "worse" if n_above else ""),
        *expected,
        Cell(significant(rows["quotient"].median())),
        Cell(significant(largest["quotient"]), str(largest["sample_id"])),
    )


def undecided_table(results: AssessmentResults) -> Table | None:
    """
    Stations whose exceedance the draws leave open.

    Parameters
    ----------
    results : AssessmentResults
        The folder.

    Returns
    -------
    Table or None
        The least decided first; None where there is none.
    """
    table = results.tables["exceedances"]
    low, high = UNDECIDED
    is_open = ~table["withheld"] & table["probability"].between(low, high)
    found = table[is_open]
    if found.empty:
        return None
    doubt = (found["probability"] - 0.5).abs()
    shown = found.loc[doubt.sort_values(kind="stable").index].head(MOST_UNDECIDED)
    rows = [
        Row(
            row["sample_id"],
            (
                Cell(row["element"]),
                Cell(row["standard"]),
                Cell(significant(row["limit"])),
                with_ends(row["value"], row["lower"], row["upper"]),
                Cell(f"{row['probability']:.2f}"),
            ),
        )
        for row in shown.to_dict("records")
    ]
    return Table(
        f"Exceedances that the draws leave open, P(C > guideline) from {low:g} to "
        f"{high:g}: {len(shown)} of {len(found)}.",
        "Station",
        ("Element", "Standard", "Guideline, mg/kg", "C, mg/kg", "P(C > guideline)"),
        (("", tuple(rows)),),
    )


def background_table(results: AssessmentResults) -> Table | None:
    """
    Background from the survey itself, with intervals.

    Parameters
    ----------
    results : AssessmentResults
        The folder.

    Returns
    -------
    Table or None
        None where the background is a published one.
    """
    found = results.tables.get("background")
    if found is None:
        return None
    rows = [
        Row(
            row["element"],
            (
                Cell(_count(row["n"])),
                Cell(_count(row["n_censored"])),
                with_ends(row["background"], row["lower"], row["upper"]),
                with_ends(
                    row["threshold"], row["threshold_lower"], row["threshold_upper"]
                ),
            ),
        )
        for row in found.to_dict("records")
    ]
    return Table(
        "Background of the reference stations in mg/kg: their median, and the 90th "
        "percentile, with 95 % intervals over resampled stations. Indices take the "
        "median as exact.",
        "Element",
        ("Stations", "Below limit", "Median (background)", "90th percentile"),
        (("", tuple(rows)),),
    )


def reference_table(results: AssessmentResults) -> Table | None:
    """
    Whether the reference element predicts the others.

    Parameters
    ----------
    results : AssessmentResults
        The folder.

    Returns
    -------
    Table or None
        None without a reference element.
    """
    found = results.tables.get("reference_element")
    if found is None:
        return None
    rows = [
        Row(
            row["element"],
            (
                Cell(_count(row["n_samples"])),
                Cell(significant(row["rank_correlation"], 2)),
                Cell(significant(row["r2_log"], 2)),
                Cell("yes" if row["predicts"] else "no: withheld"),
            ),
        )
        for row in found.to_dict("records")
    ]
    return Table(
        f"Does {found['reference'].iloc[0]} predict the element? Enrichment factors "
        "mean something only where it does.",
        "Element",
        ("Stations", "Rank correlation", "R² of logarithms", "Verdicts given"),
        (("", tuple(rows)),),
    )


def health_table(results: AssessmentResults) -> Table | None:
    """
    Hazard index and risk of cancer by receptor and date.

    Parameters
    ----------
    results : AssessmentResults
        The folder.

    Returns
    -------
    Table or None
        None where no receptor was asked for.
    """
    found = results.tables.get("health")
    if found is None:
        return None
    totals = found[found["index"].isin(["hazard_index", "total_cancer_risk"])]
    parts = []
    for on in totals["on"].unique():
        own = totals[totals["on"] == on]
        rows = [
            Row(
                f"{'Hazard index' if index == 'hazard_index' else 'Risk of cancer'}, "
                f"{str(receptor).replace('_', ' ')}",
                _health_cells(each),
            )
            for (index, receptor), each in own.groupby(
                ["index", "receptor"], sort=False
            )
        ]
        parts.append((f"Toxicity values of {on}", tuple(rows)))
    return Table(
        "Hazard index (above 1 an adverse effect is possible) and risk of cancer "
        "(below 10⁻⁶ negligible, above 10⁻⁴ unacceptable), all routes that were "
        "quantified. Every element and route stands in health.csv.",
        "Sum",
        ("Elements", "Stations", "Median", "Highest", "Stations by class"),
        tuple(parts),
    )


def _health_cells(rows: pd.DataFrame) -> tuple[Cell, ...]:
    known = rows[~rows["withheld"]]
    if known.empty:
        return (Cell(rows["element"].iloc[0]), Cell("0"), *(Cell("–"),) * 3)
    highest = known.iloc[int(known["value"].to_numpy().argmax())]
    counts = known.sort_values("value")["class"].value_counts(sort=False)
    classes = "; ".join(f"{label} {n}" for label, n in counts.items())
    return (
        Cell(rows["element"].iloc[0]),
        Cell(str(len(known))),
        Cell(scientific(known["value"].median())),
        Cell(scientific(highest["value"]), str(highest["sample_id"])),
        Cell(classes),
    )
