"""Tables of the report: rows of cells that a template prints as they are."""

import math
from dataclasses import dataclass, field

from cerussite.reporting.differences import Difference
from cerussite.reporting.manifest import ROLES, Method
from cerussite.reporting.numerals import (
    DIRECTIONS,
    IN_UNITS,
    LABELS,
    difference_with_interval,
    probability,
    with_interval,
)
from cerussite.reporting.ranking import Ranking
from cerussite.reporting.wording import opponents, scheme_title, subject

HEADLINE: tuple[str, ...] = ("r2", "rmse", "rpiq")
_ROLE_TITLES = {
    "baseline": "Established methods",
    "consensus": "Consensus",
    "network": "Networks trained on the target alone",
    "transfer": "Transfer from a library",
    "control": "Controls",
    "unlisted": "Not described in the manifest",
}


@dataclass(frozen=True)
class Cell:
    """
    A cell of a table.

    Attributes
    ----------
    text : str
        Main text.
    detail : str
        Smaller text below, such as an interval.
    kind : str
        What a template may make visible: ``"best"``, ``"indistinguishable"``,
        ``"better"``, ``"worse"`` ...
    mark : str
        The same in words or signs, so that nothing depends on colour alone.
    """

    text: str
    detail: str = ""
    kind: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Row:
    """
    A row of a table.

    Attributes
    ----------
    title : str
        Head of the row.
    cells : tuple of Cell
        One for each column.
    role : str
        Role of the method that the row is about; empty for other rows.
    """

    title: str
    cells: tuple[Cell, ...]
    role: str = ""


@dataclass(frozen=True)
class Table:
    """
    A table with a caption, two lines of heads, and rows in named parts.

    Attributes
    ----------
    caption : str
        What the numbers are and which validation they come from.
    corner : str
        Head of the first column.
    heads : tuple of (str, int)
        Upper heads and the number of columns that each spans; may be empty.
    columns : tuple of str
        Lower heads.
    parts : tuple of (str, tuple of Row)
        Rows with the title of their part; an empty title prints none.
    is_wide : bool
        Whether columns hold running text.
    """

    caption: str
    corner: str
    columns: tuple[str, ...]
    parts: tuple[tuple[str, tuple[Row, ...]], ...]
    heads: tuple[tuple[str, int], ...] = ()
    is_wide: bool = field(default=False)


def metric_cell(metric: str, score: tuple[float, float, float], mark: str = "") -> Cell:
    """
    A metric with its interval.

    Parameters
    ----------
    metric : str
        Name of the metric; decides the decimals.
    score : tuple of (float, float, float)
        Mean, low and high.
    mark : str
        ``"best"``, ``"indistinguishable"`` or empty.

    Returns
    -------
    Cell
        The numbers as written.
    """
    value, interval = with_interval(metric, *score)
    return Cell(value, interval, mark, "≈ best" if mark == "indistinguishable" else "")


def difference_cell(difference: Difference | None) -> Cell:
    """
    A difference with its interval.

    Parameters
    ----------
    difference : Difference or None
        None where it was not computed.

    Returns
    -------
    Cell
        Marked only where the interval excludes zero.
    """
    if difference is None:
        return Cell("–")
    value, interval = difference_with_interval(
        difference.metric, difference.value, difference.low, difference.high
    )
    sign = {"better": "▲ better", "worse": "▼ worse"}.get(difference.outcome, "")
    return Cell(value, interval, difference.outcome, sign)


def by_role(
    methods: list[Method], cells: dict[str, tuple[Cell, ...]]
) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    """
    Rows of methods in parts by role, controls last.

    Parameters
    ----------
    methods : list of Method
        In the order of the study.
    cells : dict of str to tuple of Cell
        Cells by name of the method; methods without any are left out.

    Returns
    -------
    tuple of (str, tuple of Row)
        Title and rows of each part that has some.
    """
    parts = []
    for role in ROLES:
        rows = tuple(
            Row(_row_title(method), cells[method.name], role)
            for method in methods
            if method.role == role and method.name in cells
        )
        if rows:
            parts.append((_ROLE_TITLES[role], rows))
    return tuple(parts)


def _row_title(method: Method) -> str:
    title = method.title.removeprefix("Control: ") or method.title
    return title[:1].upper() + title[1:]


def method_table(
    ranking: Ranking, response: str, metrics: tuple[str, ...], unit: str
) -> Table:
    """
    Metrics of all methods with the full calibration set, schemes side by side.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.
    response : str
        Name of the response, or ``"mean"``.
    metrics : tuple of str
        Which metrics.
    unit : str
        Unit of the response.

    Returns
    -------
    Table
        A row a method.
    """
    schemes = [s for s in ranking.results.schemes if ranking.sizes(response, s)]
    cells = {
        method.name: tuple(
            metric_cell(
                metric,
                ranking.full_score(response, method.name, scheme, metric),
                _full_mark(ranking, response, method.name, scheme, metric),
            )
            for scheme in schemes
            for metric in metrics
        )
        for method in ranking.methods
        if any(_has_score(ranking, response, method.name, s) for s in schemes)
    }
    heads = tuple(
        (f"{_capital(scheme)}, n = {ranking.full_size(response, scheme)}", len(metrics))
        for scheme in schemes
    )
    columns = tuple(metric_head(metric, unit) for _ in schemes for metric in metrics)
    return Table(
        _method_caption(response, schemes, is_marked="r2" in metrics),
        "Method",
        columns,
        by_role(ranking.methods, cells),
        heads,
    )


def _method_caption(response: str, schemes: list[str], *, is_marked: bool) -> str:
    names = " and ".join(scheme_title(scheme) for scheme in schemes)
    subject_of = "Mean over the responses" if response == "mean" else response
    caption = (
        f"{subject_of}: mean over the repeats and its 95 % interval with the full "
        f"calibration set; validation by {names}."
    )
    if not is_marked:
        return caption
    return (
        f"{caption} Bold: best mean of the column, controls included. “≈ best”: R² "
        "not distinguishable from the best, because the interval of their paired "
        "difference includes zero or, where the pair was not compared, because the "
        "mean lies inside the interval of the best."
    )


def curve_table(ranking: Ranking, response: str, metric: str, unit: str) -> Table:
    """
    One metric of all methods at every calibration size.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.
    response : str
        Name of the response.
    metric : str
        Which metric.
    unit : str
        Unit of the response.

    Returns
    -------
    Table
        A row a method, a column for each scheme and size.
    """
    grid = size_grid(ranking, response)
    cells = {
        method.name: tuple(
            metric_cell(
                metric,
                ranking.score(response, method.name, scheme, size, metric),
                ranking.mark(response, method.name, scheme, size, metric),
            )
            for scheme, sizes in grid
            for size in sizes
        )
        for method in ranking.methods
        if any(_has_score(ranking, response, method.name, s) for s, _ in grid)
    }
    names = " and ".join(scheme_title(scheme) for scheme, _ in grid)
    return Table(
        f"{response}: {metric_head(metric, unit)} with its 95 % interval by number of "
        f"calibration samples n; validation by {names}; marks as in the table above.",
        "Method",
        tuple(f"n = {size}" for _, sizes in grid for size in sizes),
        by_role(ranking.methods, cells),
        tuple((_capital(scheme), len(sizes)) for scheme, sizes in grid),
    )


def difference_table(ranking: Ranking, response: str) -> Table | None:
    """
    Differences of the method in question at every calibration size.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.
    response : str
        Name of the response.

    Returns
    -------
    Table or None
        A row an opponent; None where nothing was compared.
    """
    method = subject(ranking, response)
    if method is None:
        return None
    grid = size_grid(ranking, response)
    cells = {
        name: tuple(
            difference_cell(ranking.difference(response, (method, name), scheme, size))
            for scheme, sizes in grid
            for size in sizes
        )
        for name in opponents(ranking, response)
    }
    cells = {
        name: row for name, row in cells.items() if any(c.text != "–" for c in row)
    }
    if not cells:
        return None
    names = " and ".join(scheme_title(scheme) for scheme, _ in grid)
    return Table(
        f"{response}: R² of “{ranking.title(method)}” minus R² of the method in the "
        f"row, with its interval, by number of calibration samples n; validation by "
        f"{names}. Marked only where the interval excludes zero.",
        "Against",
        tuple(f"n = {size}" for _, sizes in grid for size in sizes),
        by_role(ranking.methods, cells),
        tuple((_capital(scheme), len(sizes)) for scheme, sizes in grid),
    )


def size_grid(ranking: Ranking, response: str) -> list[tuple[str, list[int]]]:
    """
    Schemes with their calibration sizes.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.
    response : str
        Name of the response.

    Returns
    -------
    list of (str, list of int)
        Schemes in the order of the report, sizes increasing.
    """
    grid = [(s, ranking.sizes(response, s)) for s in ranking.results.schemes]
    return [(scheme, sizes) for scheme, sizes in grid if sizes]


def metric_head(metric: str, unit: str = "") -> str:
    """
    Head of a column.

    Parameters
    ----------
    metric : str
        Name of the metric.
    unit : str
        Unit of the response; used for metrics that have it.

    Returns
    -------
    str
        Label with the unit.

    Examples
    --------
    >>> metric_head("rmse", "mg/kg"), metric_head("r2", "mg/kg")
    ('RMSE, mg/kg', 'R²')
    """
    label = LABELS.get(metric, metric)
    return f"{label}, {unit}" if unit and metric in IN_UNITS else label


def axis_label(metric: str, unit: str) -> str:
    """
    Label of an axis.

    Parameters
    ----------
    metric : str
        Name of the metric.
    unit : str
        Unit of the response; used for metrics that have it.

    Returns
    -------
    str
        Label with the unit in parentheses.

    Examples
    --------
    >>> axis_label("rmse", "mg/kg")
    'RMSE (mg/kg)'
    """
    label = LABELS.get(metric, metric)
    return f"{label} ({unit})" if unit and metric in IN_UNITS else label


def short_name(method: str) -> str:
    """
    Name of a method that fits into a figure.

    Parameters
    ----------
    method : str
        Name in the CSV files.

    Returns
    -------
    str
        The same without underscores, at most 28 letters.
    """
    name = method.replace("_", " ")
    return name if len(name) <= 28 else f"{name[:27]}…"


def pair_table(ranking: Ranking, response: str) -> Table | None:
    """
    Every comparison of a response with the full calibration set.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.
    response : str
        Name of the response.

    Returns
    -------
    Table or None
        A row a pair, schemes side by side; None where nothing was compared.
    """
    schemes = [s for s in ranking.results.schemes if ranking.sizes(response, s)]
    pairs = dict.fromkeys(
        (item.method, item.against)
        for item in ranking.differences()
        if item.response == response and item.metric == "r2"
    )
    if not pairs:
        return None
    rows = tuple(
        Row(
            f"{short_name(pair[0])} − {short_name(pair[1])}",
            tuple(
                cell
                for scheme in schemes
                for cell in _pair_cells(
                    ranking.difference(
                        response, pair, scheme, ranking.full_size(response, scheme)
                    )
                )
            ),
        )
        for pair in pairs
    )
    names = " and ".join(scheme_title(scheme) for scheme in schemes)
    return Table(
        f"{response}: differences in R² of all pairs compared, with their intervals "
        "and two-sided p-values of the corrected resampled t-test, not adjusted for "
        f"their number; full calibration set, validation by {names}.",
        "Pair",
        tuple(head for _ in schemes for head in ("Difference in R²", "p")),
        (("", rows),),
        tuple((_capital(scheme), 2) for scheme in schemes),
    )


def _pair_cells(difference: Difference | None) -> tuple[Cell, Cell]:
    p = Cell("–") if difference is None else Cell(probability(difference.p_value))
    return difference_cell(difference), p


def _full_mark(
    ranking: Ranking, response: str, method: str, scheme: str, metric: str
) -> str:
    size = ranking.full_size(response, scheme)
    if metric == "r2":
        return ranking.mark(response, method, scheme, size)
    if not DIRECTIONS.get(metric):
        return ""
    best = ranking.best(response, scheme, size, metric)
    return "best" if best == method else ""


def _has_score(ranking: Ranking, response: str, method: str, scheme: str) -> bool:
    return any(
        math.isfinite(ranking.score(response, method, scheme, size, metric)[0])
        for size in ranking.sizes(response, scheme)
        for metric in ("r2", "rmse")
    )


def _capital(scheme: str) -> str:
    title = scheme_title(scheme)
    return title[:1].upper() + title[1:]
