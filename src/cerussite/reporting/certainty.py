"""How sure predictions are: coverage by group, and widths beside concentrations."""

import math
from types import SimpleNamespace

import pandas as pd

from cerussite.reporting.coverage import coverage_cells
from cerussite.reporting.diagnostics import measured_coverage, wilson_interval
from cerussite.reporting.numerals import percent, significant
from cerussite.reporting.ranking import Ranking
from cerussite.reporting.tables import Cell, Row, Table, scheme_head
from cerussite.reporting.wording import in_words, scheme_title

#: Parts of the predictions whose widths are compared.
QUARTERS = ("Lowest quarter", "Second", "Third", "Highest quarter")
_NUMBERS = ["observed", "predicted", "lower", "upper"]


def group_coverage(ranking: Ranking, response: str) -> pd.DataFrame:
    """
    Coverage of each group by the intervals of the method in use.

    Parameters
    ----------
    ranking : Ranking
        Holds `coverage.csv`.
    response : str
        Name of the response.

    Returns
    -------
    DataFrame
        Columns scheme, group, n_samples, coverage, low, high, width (in the unit of
        the response) at the full calibration size. ``low`` and ``high`` follow
        Wilson with the samples that one repeat predicts, for the repeats of a
        sample are no independent trials.
    """
    table, method = ranking.results.trust.coverage, ranking.in_use(response)
    is_own = (table["response"] == response) & (table["method"] == method)
    own = table[is_own & (table["n_values"] > 0)]
    largest = own.groupby("scheme")["n_calibration"].transform("max")
    rows = []
    for row in own[own["n_calibration"] == largest].to_dict("records"):
        n_repeats = _n_repeats(ranking, response, str(method), row["scheme"])
        n_samples = max(1, round(row["n_values"] / n_repeats))
        label = (row["scheme"], row["group"], n_samples, row["coverage"])
        limits = wilson_interval(row["coverage"], n_samples)
        rows.append((*label, *limits, row["width"]))
    columns = ["scheme", "group", "n_samples", "coverage", "low", "high", "width"]
    return pd.DataFrame(rows, columns=columns)


def _n_repeats(ranking: Ranking, response: str, method: str, scheme: str) -> int:
    table = ranking.results.predictions
    own = table[
        (table["response"] == response)
        & (table["method"] == method)
        & (table["scheme"] == scheme)
    ]
    return max(1, int(own["repeat"].nunique()))


def group_table(ranking: Ranking, response: str, level: float) -> Table | None:
    """
    Coverage and width in each group, schemes side by side.

    Parameters
    ----------
    ranking : Ranking
        Scores and the files on trust.
    response : str
        Name of the response.
    level : float
        Nominal coverage; NaN where not stated.

    Returns
    -------
    Table or None
        None where `coverage.csv` has nothing on the response.
    """
    found = group_coverage(ranking, response)
    if found.empty:
        return None
    schemes = [s for s in ranking.results.schemes if (found["scheme"] == s).any()]
    rows = tuple(
        Row(
            str(group),
            tuple(cell for s in schemes for cell in _group_cells(part, s, level)),
        )
        for group, part in found.groupby("group", sort=False)
    )
    unit = ranking.results.unit(response)
    width = f"Median width, {unit}" if unit else "Median width"
    names = " and ".join(scheme_title(scheme) for scheme in schemes)
    return Table(
        f"{response}: coverage in each group by the intervals of "
        f"{in_words(ranking.title(str(ranking.in_use(response))))} (nominal: "
        f"{_nominal(level)}), validation by {names}. The Wilson interval takes the n "
        "samples of a group for independent, which samples of one site are not: it is "
        "rather too narrow. About one group in twenty is marked by chance.",
        "Group",
        tuple(head for _ in schemes for head in ("n", "Coverage", width)),
        (("", rows),),
        tuple((scheme_head(scheme), 3) for scheme in schemes),
    )


def _group_cells(
    found: pd.DataFrame, scheme: str, level: float
) -> tuple[Cell, Cell, Cell]:
    own = found[found["scheme"] == scheme]
    if own.empty:
        return Cell("–"), Cell("–"), Cell("–")
    row = own.iloc[0]
    return Cell(str(row["n_samples"])), *coverage_cells(row, level)


def certainty_sentence(
    ranking: Ranking, predictions: pd.DataFrame, response: str, level: float
) -> str:
    """
    Measured coverage of a response over all samples and by group, in words.

    Parameters
    ----------
    ranking : Ranking
        Scores and the files on trust.
    predictions : DataFrame
        At the full size.
    response : str
        Name of the response.
    level : float
        Nominal coverage; NaN where not stated.

    Returns
    -------
    str
        Empty where the method in use gives no intervals.
    """
    own = _own_predictions(ranking, predictions, response)
    groups = group_coverage(ranking, response)
    table = measured_coverage(own)
    found = dict(zip(table["scheme"], table["coverage"], strict=True))
    parts = []
    for scheme in ranking.results.schemes:
        if scheme not in found:
            continue
        text = f"{percent(found[scheme])} in {scheme_title(scheme)}"
        by_group = groups[groups["scheme"] == scheme].sort_values("coverage")
        if len(by_group) > 1:
            first, last = by_group.iloc[0], by_group.iloc[-1]
            text += (
                f" (by group from {percent(first['coverage'])} in {first['group']}, "
                f"n = {first['n_samples']}, to {percent(last['coverage'])})"
            )
        parts.append(text)
    if not parts:
        return ""
    title = in_words(ranking.title(str(ranking.in_use(response))))
    return f"nominal {_nominal(level)}; {title} holds {'; '.join(parts)}."


def _own_predictions(
    ranking: Ranking, predictions: pd.DataFrame, response: str
) -> pd.DataFrame:
    return predictions[
        (predictions["response"] == response)
        & (predictions["method"] == ranking.in_use(response))
    ]


def width_table(
    ranking: Ranking, predictions: pd.DataFrame, level: float
) -> Table | None:
    """
    Widths of intervals in per cent of the prediction, with their coverage.

    Parameters
    ----------
    ranking : Ranking
        Scores and the files on trust.
    predictions : DataFrame
        At the full size.
    level : float
        Nominal coverage; NaN where not stated.

    Returns
    -------
    Table or None
        A part a response, a row a scheme; only mass fractions, whose zero means
        something. None where there is none with intervals.
    """
    parts = []
    for response in ranking.results.responses:
        unit = ranking.results.unit(response)
        own = _own_predictions(ranking, predictions, response)
        own = own[own[_NUMBERS].notna().all(axis=1)]
        rows = tuple(
            Row(scheme_head(scheme), _width_cells(own[own["scheme"] == scheme], level))
            for scheme in ranking.results.schemes
            if (own["scheme"] == scheme).sum() >= 4 * len(QUARTERS)
        )
        if rows and unit.endswith("/kg"):
            title = ranking.title(str(ranking.in_use(response)))
            parts.append((f"{response}, {title}", rows))
    if not parts:
        return None
    return Table(
        "Median width of the prediction intervals in per cent of the median "
        "prediction, by quarters of the predictions and over all (100 % is about "
        f"±50 %; a dash where that is not above zero), and below it the measured "
        f"coverage (nominal: {_nominal(level)}); full calibration set, validation as named in the rows.",
        "Response, method and validation",
        (*QUARTERS, "All"),
        tuple(parts),
    )


def _width_cells(table: pd.DataFrame, level: float) -> tuple[Cell, ...]:
    order = table["predicted"].rank(method="first", pct=True)
    quarters = [
        table[(order > at / 4) & (order <= (at + 1) / 4)] for at in range(len(QUARTERS))
    ]
    return tuple(_width_cell(part, level) for part in (*quarters, table))


def _width_cell(part: pd.DataFrame, level: float) -> Cell:
    middle = float(part["predicted"].median())
    width = float((part["upper"] - part["lower"]).median())
    inside = part["observed"].between(part["lower"], part["upper"])
    share = float(inside.mean())
    limits = wilson_interval(share, int(part["sample_id"].nunique()))
    row = SimpleNamespace(coverage=share, low=limits[0], high=limits[1], width=width)
    judged = coverage_cells(row, level)[0]
    relative = f"{significant(100 * width / middle)}\u202f%" if middle > 0 else "–"
    return Cell(relative, f"covers {percent(share)}", judged.kind, judged.mark)


def _nominal(level: float) -> str:
    return "not stated" if math.isnan(level) else percent(level)
