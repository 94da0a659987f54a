"""What a reader wants first: a few sentences and one table."""

import math

import pandas as pd

from cerussite.reporting.numerals import percent, significant, with_interval
from cerussite.reporting.ranking import Ranking
from cerussite.reporting.tables import (
    Cell,
    Row,
    Table,
    difference_cell,
    metric_cell,
    scheme_head,
)
from cerussite.reporting.wording import in_words, scheme_title, subject


def study_in_brief(ranking: Ranking) -> str:
    """
    What was done, in two sentences.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.

    Returns
    -------
    str
        Data, responses, numbers of methods and controls, and schemes.
    """
    results = ranking.results
    schemes = " and by ".join(scheme_title(scheme) for scheme in results.schemes)
    n_controls = sum(method.role == "control" for method in results.methods)
    n_methods = len(results.methods) - n_controls
    targets = [data for data in results.manifest.data if data.role == "target"]
    sizes = " and ".join(f"{data.size} of {data.name}" for data in targets if data.size)
    return (
        f"Predicted from spectra: {', '.join(results.responses)}"
        f"{f' in {sizes}' if sizes else ''}. {_count(n_methods, 'method')} and "
        f"{_count(n_controls, 'control')} were judged on samples that took no part in their calibration, by "
        f"{schemes}."
    )


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'s' if number != 1 else ''}"


def usefulness(ranking: Ranking, response: str) -> str:
    """
    What a response can be predicted with, and how well, in one sentence.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.
    response : str
        Name of the response.

    Returns
    -------
    str
        A recommendation, or why there is none.
    """
    method, scheme = ranking.recommended(response), ranking.primary_scheme
    if method is None or not ranking.is_useful(response):
        return (
            "no recommendation: no method is shown to predict better than a constant "
            f"({scheme_title(scheme)}; the interval of R² has to lie above zero)."
        )
    mean = ranking.full_score(response, method, scheme)[0]
    rmse = ranking.full_score(response, method, scheme, "rmse")[0]
    unit = ranking.results.unit(response)
    error = f"{significant(rmse)} {unit}".rstrip()
    best = ranking.best(
        response, scheme, ranking.full_size(response, scheme), among=ranking.eligible
    )
    reason = (
        "the best method"
        if best == method
        else f"the simplest method that cannot be told from the best, "
        f"{in_words(ranking.title(str(best)))}"
    )
    return (
        f"{in_words(ranking.title(method))}, {reason}; it explains "
        f"{percent(max(mean, 0.0))} of the variance with a typical error (RMSE) of "
        f"{error} ({scheme_title(scheme)})."
    )


def glance_table(ranking: Ranking, coverage: pd.DataFrame, level: float) -> Table:
    """
    What to take and what it is worth: the report in one table.

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
        A row a response with schemes side by side; where these are more than two,
        which would not fit a page, a row a scheme.
    """
    schemes = ranking.results.schemes
    table = _wide_glance if len(schemes) <= 2 else _long_glance
    return table(ranking, coverage, level)


def _wide_glance(ranking: Ranking, coverage: pd.DataFrame, level: float) -> Table:
    schemes, primary = ranking.results.schemes, ranking.primary_scheme
    rows = []
    for response in ranking.results.responses:
        method = ranking.recommended(response) or ""
        cells = [Cell(ranking.title(method) or "none", _doubt(ranking, response))]
        for scheme in schemes:
            cells += _score_cells(ranking, response, method, scheme)
        cells.append(_coverage_cell(coverage, (response, method, primary), level))
        cells.append(_subject_cell(ranking, response, primary))
        rows.append(Row(_with_unit(ranking, response), tuple(cells)))
    heads = (
        ("", 1),
        *((scheme_head(scheme), 2) for scheme in schemes),
        (scheme_head(primary), 2),
    )
    columns = (
        "Recommended method",
        *(head for _ in schemes for head in ("R²", "RMSE")),
        "Interval coverage",
        f"{_subject_kind(ranking)} − reference, R²",
    )
    return Table(
        _glance_caption(ranking), "Response", columns, (("", tuple(rows)),), heads
    )


def _long_glance(ranking: Ranking, coverage: pd.DataFrame, level: float) -> Table:
    parts = []
    for response in ranking.results.responses:
        method, doubt = ranking.recommended(response) or "", _doubt(ranking, response)
        title = f"{_with_unit(ranking, response)}: {ranking.title(method) or 'none'}"
        rows = tuple(
            Row(
                scheme_head(scheme),
                (
                    *_score_cells(ranking, response, method, scheme),
                    _coverage_cell(coverage, (response, method, scheme), level),
                    _subject_cell(ranking, response, scheme),
                ),
            )
            for scheme in ranking.results.schemes
        )
        parts.append((f"{title} ({doubt})" if doubt else title, rows))
    kind = _subject_kind(ranking)
    return Table(
        _glance_caption(ranking),
        "Response, recommended method",
        ("R²", "RMSE", "Interval coverage", f"{kind} − reference, R²"),
        tuple(parts),
    )


def _glance_caption(ranking: Ranking) -> str:
    return (
        "At a glance, with the full calibration set: the simplest method that cannot "
        f"be told from the best one (by R² in {scheme_title(ranking.primary_scheme)}), "
        "its scores with 95 % intervals, the nominal and measured coverage of its "
        "prediction intervals, and the difference of the best "
        f"{_subject_kind(ranking).lower()} method and the reference (partial least "
        "squares, or the best established method)."
    )


def _with_unit(ranking: Ranking, response: str) -> str:
    unit = ranking.results.unit(response)
    return f"{response}, {unit}" if unit else response


def _doubt(ranking: Ranking, response: str) -> str:
    useful = ranking.is_useful(response)
    return "" if useful else "simplest candidate; none is shown to be of use"


def _score_cells(
    ranking: Ranking, response: str, method: str, scheme: str
) -> list[Cell]:
    return [
        metric_cell(metric, ranking.full_score(response, method, scheme, metric))
        for metric in ("r2", "rmse")
    ]


def _subject_cell(ranking: Ranking, response: str, scheme: str) -> Cell:
    own, reference = subject(ranking, response), ranking.reference(response)
    if own is None or reference is None:
        return difference_cell(None)
    size = ranking.full_size(response, scheme)
    return difference_cell(ranking.difference(response, (own, reference), scheme, size))


def _subject_kind(ranking: Ranking) -> str:
    roles = {method.role for method in ranking.methods}
    kinds = ("transfer", "network", "consensus")
    return next((kind for kind in kinds if kind in roles), "consensus").capitalize()


def _coverage_cell(
    coverage: pd.DataFrame, cell: tuple[str, str, str], level: float
) -> Cell:
    response, method, scheme = cell
    is_row = (
        (coverage["response"] == response)
        & (coverage["method"] == method)
        & (coverage["scheme"] == scheme)
    )
    if not is_row.any():
        return Cell("–")
    row = coverage[is_row].iloc[0]
    nominal = "" if math.isnan(level) else f"nominal {percent(level)}"
    return Cell(percent(float(row["coverage"])), nominal)


def optimism(ranking: Ranking) -> str:
    """
    How much random folds flatter, in one sentence.

    Parameters
    ----------
    ranking : Ranking
        Scores and differences.

    Returns
    -------
    str
        Empty where there are no two schemes to compare.
    """
    primary = ranking.primary_scheme
    if primary == "random" or "random" not in ranking.results.schemes:
        return ""
    parts = []
    for response in ranking.results.responses:
        method = ranking.recommended(response)
        if method is None or not ranking.is_useful(response):
            continue
        before, after = (
            with_interval("r2", *ranking.full_score(response, method, scheme))[0]
            for scheme in ("random", primary)
        )
        parts.append(f"{response} {before} → {after}")
    if not parts:
        return ""
    return (
        f"R² of the recommended methods from random folds to {scheme_title(primary)}: "
        f"{'; '.join(parts)}. For places without calibration samples only the second "
        "number counts."
    )
