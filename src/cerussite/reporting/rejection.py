"""Which samples to send to the laboratory: verdicts, their errors, the reject curve."""

import math

import numpy as np
import pandas as pd

from cerussite.core.types import FloatArray
from cerussite.reporting.numerals import percent, significant
from cerussite.reporting.ranking import Ranking
from cerussite.reporting.tables import Cell, Row, Table, scheme_head
from cerussite.reporting.wording import in_words, scheme_title

#: Verdicts in the order of tables.
VERDICTS = ("inside", "borderline", "outside")
#: Samples that the list of strange ones names at most.
MOST_SAMPLES = 30
#: An error of fewer samples gets no interval.
FEW = 10
_N_RESAMPLES = 1000


def verdict_table(ranking: Ranking, predictions: pd.DataFrame) -> Table | None:
    """
    Test spectra by verdict, and the error of their predictions.

    Parameters
    ----------
    ranking : Ranking
        Scores and the files on trust.
    predictions : DataFrame
        At the full size.

    Returns
    -------
    Table or None
        A part a scheme, a row a verdict; None where no spectrum was judged.
    """
    judged = ranking.results.trust.applicability
    responses = ranking.results.responses
    parts = []
    for scheme in ranking.results.schemes:
        own = judged[judged["scheme"] == scheme]
        errors = {r: errors_by_verdict(ranking, predictions, r, own) for r in responses}
        rows = tuple(
            Row(verdict.capitalize(), _verdict_cells(own, errors, verdict))
            for verdict in VERDICTS
        )
        if len(own):
            parts.append((scheme_head(scheme), rows))
    if not parts:
        return None
    units = {r: ranking.results.unit(r) for r in responses}
    heads = (f"RMSE {r}, {units[r]}" if units[r] else f"RMSE {r}" for r in responses)
    return Table(
        "Test spectra judged by the calibration set of their fold (first repeat), and "
        "the error of the predictions within each verdict with a 95 % bootstrap "
        f"interval ({_methods(ranking)}; full calibration set, validation as named); "
        f"no interval for fewer than {FEW} samples.",
        "Verdict",
        ("Spectra", *heads),
        tuple(parts),
    )


def _methods(ranking: Ranking) -> str:
    by_title: dict[str, list[str]] = {}
    for response in ranking.results.responses:
        title = in_words(ranking.title(str(ranking.in_use(response))))
        by_title.setdefault(title, []).append(response)
    if len(by_title) == 1:
        return next(iter(by_title))
    return "; ".join(f"{', '.join(names)}: {t}" for t, names in by_title.items())


def errors_by_verdict(
    ranking: Ranking, predictions: pd.DataFrame, response: str, judged: pd.DataFrame
) -> dict[str, FloatArray]:
    """
    Squared errors of the method in use, by verdict on the spectrum.

    Parameters
    ----------
    ranking : Ranking
        Tells the method in use.
    predictions : DataFrame
        At the full size.
    response : str
        Name of the response.
    judged : DataFrame
        Rows of `applicability.csv`.

    Returns
    -------
    dict of str to ndarray
        In the unit of the response, squared; first repeat only, for that is the one
        whose spectra were judged.
    """
    own = predictions[
        (predictions["response"] == response)
        & (predictions["method"] == ranking.in_use(response))
        & (predictions["repeat"] == 0)
    ]
    both = own.merge(judged, on=["sample_id", "scheme", "fold"], validate="1:1")
    squares = (both["predicted"] - both["observed"]) ** 2
    return {v: squares[both["verdict"] == v].to_numpy() for v in VERDICTS}


def _verdict_cells(
    judged: pd.DataFrame, errors: dict[str, dict[str, FloatArray]], verdict: str
) -> tuple[Cell, ...]:
    number = int((judged["verdict"] == verdict).sum())
    share = percent(number / len(judged)) if len(judged) else ""
    return (
        Cell(str(number), share),
        *(_error_cell(own[verdict]) for own in errors.values()),
    )


def _error_cell(squares: FloatArray) -> Cell:
    if not squares.size:
        return Cell("–")
    value = significant(math.sqrt(squares.mean()))
    if squares.size < FEW:
        return Cell(value, f"n = {squares.size}")
    rng = np.random.default_rng(0)
    drawn = rng.choice(squares, size=(_N_RESAMPLES, squares.size))
    low, high = np.quantile(np.sqrt(drawn.mean(axis=1)), [0.025, 0.975])
    return Cell(value, f"[{significant(low)}, {significant(high)}]")


def strange_table(ranking: Ranking) -> Table | None:
    """
    Samples that are not inside, the strangest first, with the reasons.

    Parameters
    ----------
    ranking : Ranking
        Holds `applicability.csv`.

    Returns
    -------
    Table or None
        Of the primary scheme; None where all are inside or none was judged.
    """
    judged, scheme = ranking.results.trust.applicability, ranking.primary_scheme
    own = judged[(judged["scheme"] == scheme) & (judged["verdict"] != "inside")]
    if own.empty:
        return None
    own = own.sort_values(["verdict", "squared_residual"], ascending=[False, False])
    rows = tuple(
        Row(row["sample_id"], (Cell(row["verdict"]), Cell(row["reason"])))
        for row in own.head(MOST_SAMPLES).to_dict("records")
    )
    cut = f", the first {MOST_SAMPLES} of {len(own)}" if len(own) > MOST_SAMPLES else ""
    return Table(
        f"Samples that are not inside, {scheme_title(scheme)}{cut}: outside first, then "
        "by the part of the spectrum that the calibration does not explain.",
        "Sample",
        ("Verdict", "Reason"),
        (("", rows),),
    )


def captured_text(rows: pd.DataFrame) -> str:
    """
    What sending the strangest spectra to the laboratory brings, in words.

    Parameters
    ----------
    rows : DataFrame
        Rows of `rejection.csv` of one response, method and scheme.

    Returns
    -------
    str
        Plain where the interval of the captured gain includes zero.

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     {"captured": [0.5], "captured_low": [-0.1], "captured_high": [0.75]}
    ... )
    >>> captured_text(rows).split(":")[0]
    'not shown to help'
    """
    value, low, high = (
        float(rows.iloc[0][name])
        for name in ("captured", "captured_low", "captured_high")
    )
    if not all(map(math.isfinite, (value, low, high))):
        return "cannot be judged: no gain was possible"
    verdict = (
        "helps" if low > 0 else "worse than by lot" if high < 0 else "not shown to help"
    )
    gain = f"{percent(value)} [{_whole(low)}, {_whole(high)}]"
    return f"{verdict}: {gain} of the possible gain captured"


def _whole(share: float) -> str:
    return percent(share).split("\u202f", maxsplit=1)[0]


def rejection_sentence(ranking: Ranking, response: str) -> str:
    """
    The reject curve of the method in use, in words.

    Parameters
    ----------
    ranking : Ranking
        Holds `rejection.csv`.
    response : str
        Name of the response.

    Returns
    -------
    str
        Empty where there is no curve.
    """
    rows = rejection_rows(ranking, response)
    rows = rows[rows["method"] == ranking.in_use(response)]
    if rows.empty or not math.isfinite(rows.iloc[0]["rmse"]):
        return ""
    first = rows.iloc[0]
    at = rows.iloc[(rows["share"] - 0.2).abs().argsort().iloc[0]]
    unit = ranking.results.unit(response)
    title = in_words(ranking.title(str(first["method"])))
    return (
        f"{captured_text(rows)}. Without the strangest {percent(at['share'])} the "
        f"error of {title} is {significant(at['rmse'])} instead of "
        f"{significant(first['rmse'])} {unit}".rstrip()
        + f" ({scheme_title(str(first['scheme']))})."
    )


def rejection_rows(ranking: Ranking, response: str) -> pd.DataFrame:
    """
    Reject curves of a response in the strictest scheme that has some.

    Parameters
    ----------
    ranking : Ranking
        Holds `rejection.csv`.
    response : str
        Name of the response.

    Returns
    -------
    DataFrame
        Rows of `rejection.csv`, shares increasing.
    """
    table = ranking.results.trust.rejection
    own = table[table["response"] == response]
    schemes = [*ranking.results.schemes[::-1]]
    order = [ranking.primary_scheme, *schemes]
    known = [scheme for scheme in order if (own["scheme"] == scheme).any()]
    return own[own["scheme"] == known[0]].sort_values("share") if known else own
