"""Which wavelengths count, and which bands transfer kept, as words and tables."""

import math

import numpy as np
import pandas as pd

from cerussite.reporting.numerals import fixed, percent, significant
from cerussite.reporting.ranking import Ranking
from cerussite.reporting.tables import Cell, Row, Table
from cerussite.reporting.wording import in_words

#: An interval of the overlap at least this wide tells nothing.
VAGUE = 0.5
_VERDICTS = ("kept", "new", "dropped", "unused", "undecided")


def overlap_table(ranking: Ranking) -> Table | None:
    """
    Attribution that source and transferred networks share, and bins by verdict.

    Parameters
    ----------
    ranking : Ranking
        Holds `bands.csv`.

    Returns
    -------
    Table or None
        A row a pair of responses; None where bands were not compared.
    """
    table = ranking.results.trust.bands
    if table.empty:
        return None
    parts = []
    for method, own in table.groupby("method", sort=False):
        pairs = own.groupby(["response", "source_response"], sort=False)
        rows = tuple(
            Row(f"{source} → {response}", _overlap_cells(rows))
            for (response, source), rows in pairs
        )
        parts.append((ranking.title(str(method)), rows))
    return Table(
        "Share of the attribution that the source network and the transferred one have "
        "in common (sum over bins of the smaller share), with a 95 % interval over "
        "pairs of networks (refits on folds of the validation after transfer), and "
        "the number of bins by verdict. “unknown”: the interval "
        f"spans {percent(VAGUE)} or more, for there are too few networks.",
        "From source to target",
        ("In common", *(verdict.capitalize() for verdict in _VERDICTS)),
        tuple(parts),
    )


def _overlap_cells(rows: pd.DataFrame) -> tuple[Cell, ...]:
    value, limits, is_vague = _overlap(rows)
    counts = rows["verdict"].value_counts()
    return (
        Cell(value, limits, "", "unknown" if is_vague else ""),
        *(Cell(str(counts.get(verdict, 0))) for verdict in _VERDICTS),
    )


def _overlap(rows: pd.DataFrame) -> tuple[str, str, bool]:
    overlap, low, high = (
        float(rows.iloc[0][name]) for name in ("overlap", "overlap_low", "overlap_high")
    )
    limits = f"[{fixed(100 * low, 0)}, {fixed(100 * high, 0)}]"
    return percent(overlap), limits, not high - low < VAGUE


def overlap_sentence(rows: pd.DataFrame) -> str:
    """
    Which bands transfer kept, in words.

    Parameters
    ----------
    rows : DataFrame
        Rows of `bands.csv` of one source response, response and method.

    Returns
    -------
    str
        Overlap with its interval, and the number of bins by verdict.
    """
    value, limits, is_vague = _overlap(rows)
    counts = rows["verdict"].value_counts()
    named = ", ".join(f"{counts.get(verdict, 0)} {verdict}" for verdict in _VERDICTS)
    text = f"{value} {limits} of the attribution in common; {len(rows)} bins: {named}."
    if not is_vague:
        return text
    return (
        f"{text} The interval is so wide that the overlap is unknown: too few networks."
    )


def main_bins(rows: pd.DataFrame, n_bins: int = 3) -> str:
    """
    The bins that carry most, as far as the spread allows to name them.

    Parameters
    ----------
    rows : DataFrame
        Rows of `attributions.csv` on the variance, of one response and method.
    n_bins : int
        How many to name.

    Returns
    -------
    str
        Wavelengths, share with its standard deviation, and what absorbs there;
        a plain sentence where no share exceeds the even one by its spread.
    """
    even = 1 / len(rows)
    sure = rows[rows["value"] - rows["spread"].fillna(0.0) > even]
    top = sure.sort_values("value", ascending=False).head(n_bins)
    if top.empty:
        return (
            f"No bin stands out: none exceeds the even share of {percent(even)} by more "
            "than its spread over refits."
        )
    parts = [_bin(row) for _, row in top.iterrows()]
    return f"Most variance: {'; '.join(parts)}"


def _bin(row: pd.Series) -> str:
    absorbing = str(row.get("constituent") or "").replace(";", ",")
    hint = f" ({absorbing})" if absorbing else ""
    decimals = 0 if row["value"] >= 0.1 else 1
    value, spread = (fixed(100 * row[name], decimals) for name in ("value", "spread"))
    error = f"\u202f±\u202f{spread}" if math.isfinite(row["spread"]) else ""
    share = f"{value}{error}\u202f%"
    return f"{row['low']:.0f}–{row['high']:.0f} nm{hint} {share}"


def cancellation(rows: pd.DataFrame) -> str:
    """
    Warning where bins cancel each other, so that none can be read alone.

    Parameters
    ----------
    rows : DataFrame
        Rows of `attributions.csv` on the variance, of one response and method.

    Returns
    -------
    str
        Empty where the shares are what shares should be.
    """
    total = float(rows["value"].abs().sum())
    if total < 2:
        return ""
    return (
        f"Bins cancel each other: without their signs they add up to "
        f"{fixed(total, 0 if total >= 10 else 1)} times the variance. Do not read "
        "single bins."
    )


def resolution(rows: pd.DataFrame) -> str:
    """
    Width of the bins, the finest that can be spoken of.

    Parameters
    ----------
    rows : DataFrame
        Rows of `attributions.csv` of one response and method.

    Returns
    -------
    str
        In nm, and in wavenumbers where these are even instead.

    Examples
    --------
    >>> resolution(pd.DataFrame({"low": [400.0, 500.0], "high": [500.0, 600.0]}))
    'bins of 100 nm'
    >>> edges = pd.Series([2000.0, 2500.0, 3333.3, 5000.0])
    >>> resolution(pd.DataFrame({"low": edges[:3], "high": edges[1:].to_numpy()}))
    'bins of 1000 cm⁻¹ (500 to 1670 nm)'
    """
    # The last bin may be narrower than the others.
    inner = rows.iloc[:-1] if len(rows) > 1 else rows
    widths = (inner["high"] - inner["low"]).to_numpy()
    numbers = (1e7 / inner["low"] - 1e7 / inner["high"]).to_numpy()
    if widths.max() < 1.1 * widths.min():
        return f"bins of {significant(float(np.median(widths)))} nm"
    widths = (rows["high"] - rows["low"]).to_numpy()
    in_nm = f"{significant(widths.min())} to {significant(widths.max())} nm"
    if numbers.max() < 1.2 * numbers.min():
        return f"bins of {significant(float(np.median(numbers)))} cm⁻¹ ({in_nm})"
    return f"bins of {in_nm}"


def way(rows: pd.DataFrame) -> str:
    """
    How an attribution was made, in words.

    Parameters
    ----------
    rows : DataFrame
        Rows of `attributions.csv` of one response and method.

    Returns
    -------
    str
        Method, and what must be known to read it.
    """
    name = str(rows.iloc[0]["attribution"]).removesuffix("_variance")
    if name == "occlusion":
        return "occlusion by blocks, whose contributions need not add up"
    return in_words(name.replace("_", " "))
