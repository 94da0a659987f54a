"""Nominal and measured coverage of prediction intervals, as table and as words."""

import math

import pandas as pd

from cerussite.reporting.manifest import ROLES, Method
from cerussite.reporting.numerals import percent, significant
from cerussite.reporting.ranking import Ranking
from cerussite.reporting.tables import Cell, Row, Table, row_title, scheme_head


def coverage_table(ranking: Ranking, coverage: pd.DataFrame, level: float) -> Table:
    """
    Nominal and measured coverage of all methods with intervals.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.
    coverage : DataFrame
        As :func:`~cerussite.reporting.diagnostics.measured_coverage` gives it.
    level : float
        Nominal coverage; NaN where not stated.

    Returns
    -------
    Table
        A part a response, a row a method, schemes side by side.
    """
    schemes = ranking.results.schemes
    found = {
        (row.response, row.method, row.scheme): row for row in coverage.itertuples()
    }
    parts = []
    for response in ranking.results.responses:
        rows = tuple(
            Row(
                row_title(method),
                tuple(
                    cell
                    for scheme in schemes
                    for cell in coverage_cells(
                        found.get((response, method.name, scheme)), level
                    )
                ),
                method.role,
            )
            for method in sorted(ranking.methods, key=_role_order)
            if any((response, method.name, scheme) in found for scheme in schemes)
        )
        unit = ranking.results.unit(response)
        if rows:
            parts.append((f"{response}, {unit}" if unit else response, rows))
    nominal = "not stated" if math.isnan(level) else percent(level)
    return Table(
        f"Prediction intervals: measured coverage (nominal: {nominal}) with its 95 % "
        "Wilson interval for the number of samples, and median width in the unit of "
        "the response; full calibration set, validation as named in the heads. "
        "“too narrow”, “too wide”: the interval of the coverage excludes the nominal "
        "level.",
        "Method",
        tuple(head for _ in schemes for head in ("Coverage", "Median width")),
        tuple(parts),
        tuple((scheme_head(scheme), 2) for scheme in schemes),
    )


def _role_order(method: Method) -> int:
    return ROLES.index(method.role)


def coverage_cells(row: object, level: float) -> tuple[Cell, Cell]:
    """
    Coverage with its interval and verdict, and the width.

    Parameters
    ----------
    row : object
        Attributes coverage, low, high and width; None where nothing was measured.
    level : float
        Nominal coverage; NaN where not stated.

    Returns
    -------
    tuple of (Cell, Cell)
        Marked where the interval of the coverage excludes the nominal level.
    """
    if row is None:
        return Cell("–"), Cell("–")
    share, low, high, width = (
        float(getattr(row, name)) for name in ("coverage", "low", "high", "width")
    )
    kind = "worse" if high < level else "wide" if low > level else ""
    mark = {"worse": "too narrow", "wide": "too wide"}.get(kind, "")
    limits = f"[{percent(low)}, {percent(high)}]".replace("\u202f%", "", 1)
    return Cell(percent(share), limits, kind, mark), Cell(significant(width))


def nominal_level(ranking: Ranking) -> float:
    """
    Nominal coverage of the prediction intervals.

    Parameters
    ----------
    ranking : Ranking
        Holds the manifest.

    Returns
    -------
    float
        As the study states it; NaN where it does not.
    """
    manifest = ranking.results.manifest
    validation = manifest.study.get("validation")
    levels = [manifest.raw.get("level")]
    levels += [validation.get("level")] if isinstance(validation, dict) else []
    return next((float(x) for x in levels if isinstance(x, int | float)), math.nan)


def coverage_text(ranking: Ranking, row: pd.Series) -> str:
    """
    Nominal and measured coverage in words.

    Parameters
    ----------
    ranking : Ranking
        For the nominal level of the study.
    row : Series
        Row of :func:`~cerussite.reporting.diagnostics.measured_coverage`.

    Returns
    -------
    str
        For example ``coverage: nominal 90 %, measured 87 %``.
    """
    level = nominal_level(ranking)
    nominal = "not stated" if math.isnan(level) else percent(level)
    return f"Coverage: nominal {nominal}, measured {percent(row['coverage'])}"
