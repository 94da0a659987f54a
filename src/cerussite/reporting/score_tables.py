"""Tables of scores: all methods, schemes side by side, full size and smaller."""

import math

from cerussite.reporting.folder import MEAN
from cerussite.reporting.numerals import DIRECTIONS
from cerussite.reporting.ranking import Ranking
from cerussite.reporting.tables import (
    Table,
    by_role,
    metric_cell,
    metric_head,
    scheme_head,
)
from cerussite.reporting.wording import scheme_title

_HEADLINE = ("r2", "rmse", "rpiq")
_FURTHER = ("mae", "bias", "ccc", "rpd", "r2_log", "rmse_log")


def score_tables(ranking: Ranking, response: str, unit: str) -> list[Table]:
    """
    Metrics of all methods: first those that matter most, then the others.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.
    response : str
        Name of the response, or ``"mean"``.
    unit : str
        Unit of the response.

    Returns
    -------
    list of Table
        R², RMSE and RPIQ with schemes side by side (without RPIQ where there are
        more than two schemes, for the table would not fit a page); then a table of
        the other metrics for each scheme.
    """
    schemes = _schemes(ranking, response)
    n_first = 3 if len(schemes) <= 2 else 2
    further = (*_HEADLINE[n_first:], *_FURTHER)
    first = method_table(ranking, response, _HEADLINE[:n_first], unit)
    others = [method_table(ranking, response, further, unit, [s]) for s in schemes]
    return [first, *others]


def _schemes(ranking: Ranking, response: str) -> list[str]:
    return [s for s in ranking.results.schemes if ranking.sizes(response, s)]


def method_table(
    ranking: Ranking,
    response: str,
    metrics: tuple[str, ...],
    unit: str,
    schemes: list[str] | None = None,
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
    schemes : list of str or None
        Which schemes; all if None.

    Returns
    -------
    Table
        A row a method.
    """
    schemes = _schemes(ranking, response) if schemes is None else schemes
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
        (
            f"{scheme_head(scheme)}, n = {ranking.full_size(response, scheme)}",
            len(metrics),
        )
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
    subject_of = "Mean over the responses" if response == MEAN else response
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
        tuple((scheme_head(scheme), len(sizes)) for scheme, sizes in grid),
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
