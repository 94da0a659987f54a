"""Whether responses are seen themselves or through constituents, as words and tables."""

import math

import pandas as pd

from cerussite.reporting.numerals import fixed, percent
from cerussite.reporting.ranking import Ranking
from cerussite.reporting.tables import Cell, Row, Table, metric_cell
from cerussite.reporting.wording import scheme_title

#: Constituents are named from this share of the skill on.
MOSTLY = 0.5


def indirectness(ranking: Ranking) -> list[tuple[str, str]]:
    """
    Whether each response is seen itself or through constituents, in a sentence each.

    Parameters
    ----------
    ranking : Ranking
        Holds `surrogates.csv`.

    Returns
    -------
    list of (str, str)
        Response and sentence; empty where it was not tested.
    """
    table = ranking.results.trust.surrogates
    return [
        (str(row["response"]), _surrogate_sentence(ranking, row))
        for _, row in table.iterrows()
    ]


def _surrogate_sentence(ranking: Ranking, row: pd.Series) -> str:
    response, scheme = str(row["response"]), scheme_title(str(row["scheme"]))
    where = f"{'log scale, ' if is_logarithmic(ranking, response) else ''}{scheme}"
    if not row["direct_low"] > 0:
        limits = f"[{fixed(row['direct_low'], 2)}, {fixed(row['direct_high'], 2)}]"
        return (
            f"no skill to explain (R² {fixed(row['direct'], 2)} {limits} from the "
            f"spectra; {where})."
        )
    table = ranking.results.trust.constituents
    names = [str(name) for name in table["constituent"] if name != response]
    source = f"{_listed(names)} predicted" if names else "constituents predicted"
    numbers = f"R² {fixed(row['surrogate'], 2)} against {fixed(row['direct'], 2)}"
    return (
        f"{_verdict(row)}: {_skill(row)} is reached from {source} from the same "
        f"spectra ({numbers}; {where}).{_caveat(ranking, response)}"
    )


def _verdict(row: pd.Series) -> str:
    return {
        "indirect": f"predicted indirectly, through {_listed(_through(row))}",
        "beyond the constituents": "predicted from more than the constituents tested",
    }.get(
        str(row["verdict"]).split(",", maxsplit=1)[0],
        "not clear whether it is predicted through constituents",
    )


def _caveat(ranking: Ranking, response: str) -> str:
    # Skill on the log scale must not be taken for skill in the unit.
    if ranking.is_useful(response) or not is_logarithmic(ranking, response):
        return ""
    unit = ranking.results.unit(response)
    scale = f"In {unit}" if unit else "On the plain scale"
    return f" {scale} no method is shown to beat a constant."


def _through(row: pd.Series) -> list[str]:
    return [name.strip() for name in str(row["through"]).split(",")]


def _skill(row: pd.Series) -> str:
    share, low, high = _shares(row)
    if round(high, 2) == 0:
        return "none of the skill"
    limits = f"[{fixed(100 * low, 0)}, {fixed(100 * high, 0)}]"
    if round(share, 2) == 1:
        at_least = "" if round(low, 2) == 1 else f" (at least {percent(low)})"
        return f"all of the skill{at_least}"
    return f"{percent(share)} {limits} of the skill"


def _shares(row: pd.Series) -> tuple[float, ...]:
    # R² from constituents may be negative, or above that from spectra: beyond none
    # and all the share has no more to say.
    names = ("share", "share_low", "share_high")
    return tuple(min(max(float(row[name]), 0.0), 1.0) for name in names)


def is_logarithmic(ranking: Ranking, response: str) -> bool:
    """
    Tell whether a study tests a response for indirect prediction on the log scale.

    Parameters
    ----------
    ranking : Ranking
        Holds the predictions.
    response : str
        Name of the response.

    Returns
    -------
    bool
        True where every observed value is above zero.
    """
    table = ranking.results.predictions
    observed = table.loc[table["response"] == response, "observed"].dropna()
    return bool((observed > 0).all())


def surrogate_table(ranking: Ranking) -> Table | None:
    """
    Skill from spectra and from constituents, a row a response.

    Parameters
    ----------
    ranking : Ranking
        Holds `surrogates.csv`.

    Returns
    -------
    Table or None
        None where it was not tested.
    """
    table = ranking.results.trust.surrogates
    if table.empty:
        return None
    rows = tuple(
        Row(
            f"{row['response']}, logarithms"
            if is_logarithmic(ranking, str(row["response"]))
            else str(row["response"]),
            (
                *(
                    metric_cell("r2", (row[n], row[f"{n}_low"], row[f"{n}_high"]))
                    for n in ("direct", "surrogate")
                ),
                _share_cell(row),
                Cell(_listed(_through(row)) if row["share"] >= MOSTLY else "–"),
                Cell(str(row["verdict"]).split(",", maxsplit=1)[0]),
            ),
        )
        for _, row in table.iterrows()
    )
    names = " and ".join(scheme_title(str(s)) for s in table["scheme"].unique())
    return Table(
        "R² from the spectra directly, and from constituents alone that were predicted "
        f"from the same spectra; partial least squares, validation by {names}, 95 % "
        "bootstrap intervals over samples with the models kept as they are. “Through”: "
        "the fewest constituents that reach nearly as much as all, where these reach "
        f"{percent(MOSTLY)} or more. Shares are cut to "
        "the range from 0 to 100 %. Indirect: at least half of the skill is certainly "
        "reached; beyond the constituents: certainly less than nine tenths.",
        "Response",
        ("R², spectra", "R², constituents", "Share of the skill", "Through", "Verdict"),
        (("", rows),),
    )


def _share_cell(row: pd.Series) -> Cell:
    if not math.isfinite(row["share"]):
        return Cell("–")
    share, low, high = _shares(row)
    words = {0.0: "none", 1.0: "all"}
    text = words.get(round(share, 2), percent(share))
    return Cell(text, f"[{fixed(100 * low, 0)}, {fixed(100 * high, 0)}]")


def constituent_table(ranking: Ranking) -> Table | None:
    """
    How well the constituents themselves are predicted.

    Parameters
    ----------
    ranking : Ranking
        Holds `constituents.csv`.

    Returns
    -------
    Table or None
        None where none was tested.
    """
    table = ranking.results.trust.constituents
    if table.empty:
        return None
    rows = tuple(
        Row(row["constituent"], (Cell(fixed(row["r2"], 2)),))
        for row in table.to_dict("records")
    )
    schemes = ranking.results.trust.surrogates["scheme"].unique()
    names = " and ".join(scheme_title(str(s)) for s in schemes)
    where = f", validation by {names}" if names else ""
    return Table(
        f"Constituents predicted from the same spectra (partial least squares{where}). "
        "One that is predicted badly explains less of a metal than it could: the "
        "indirect part is then a lower bound.",
        "Constituent",
        ("R²",),
        (("", rows),),
    )


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
