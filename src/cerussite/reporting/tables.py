"""Tables of the report: rows of cells that a template prints as they are."""

from dataclasses import dataclass

from cerussite.reporting.differences import Difference
from cerussite.reporting.manifest import ROLES, Method
from cerussite.reporting.numerals import (
    IN_UNITS,
    LABELS,
    difference_with_interval,
    with_interval,
)
from cerussite.reporting.wording import scheme_title

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
    """

    caption: str
    corner: str
    columns: tuple[str, ...]
    parts: tuple[tuple[str, tuple[Row, ...]], ...]
    heads: tuple[tuple[str, int], ...] = ()


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
            Row(row_title(method), cells[method.name], role)
            for method in methods
            if method.role == role and method.name in cells
        )
        if rows:
            parts.append((_ROLE_TITLES[role], rows))
    return tuple(parts)


def row_title(method: Method) -> str:
    """
    Title of a method at the head of a row.

    Parameters
    ----------
    method : Method
        The method.

    Returns
    -------
    str
        Without the word that already marks controls.

    Examples
    --------
    >>> row_title(Method("x", "Control: shuffled labels", "control"))
    'Shuffled labels'
    """
    title = method.title.removeprefix("Control: ") or method.title
    return title[:1].upper() + title[1:]


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


def scheme_head(scheme: str) -> str:
    """
    Name of a validation scheme at the head of columns.

    Parameters
    ----------
    scheme : str
        Name in the CSV files.

    Returns
    -------
    str
        With a capital letter.

    Examples
    --------
    >>> scheme_head("grouped")
    'Grouped folds'
    """
    title = scheme_title(scheme)
    return title[:1].upper() + title[1:]
