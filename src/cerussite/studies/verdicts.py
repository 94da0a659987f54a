"""Plain sentences about what a study has shown, and what it has not."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from cerussite.studies.methods import CONTROLS, METHODS

#: Below this many measured values no claim is made.
FEWEST_VALUES = 20

_SCHEMES = {
    "random": "samples left out at random",
    "grouped": "whole groups left out",
    "leave_one_group_out": "one group left out at a time",
    "spatial": "whole blocks of the ground left out",
    "hold_out": "single hold-out sets",
}


@dataclass(frozen=True)
class Verdict:
    """
    One sentence about one response under one scheme.

    Attributes
    ----------
    response : str
        Name, or ``"mean"`` over the responses.
    scheme : str
        Name of the scheme.
    n_calibration : int
        Label of the size of the calibration sets.
    topic : {"skill", "transfer"}
        Whether it is about the best method at all or about transfer.
    text : str
        The sentence.
    supported : bool
        True where the sentence claims a gain.
    """

    response: str
    scheme: str
    n_calibration: int
    topic: str
    text: str
    supported: bool


def study_verdicts(
    summary: pd.DataFrame, comparisons: pd.DataFrame, n_measured: dict[str, int]
) -> list[dict[str, Any]]:
    """
    Sentences for each response, scheme and size, the mean over responses last.

    Parameters
    ----------
    summary, comparisons : DataFrame
        Columns of ``summary.csv`` and ``comparisons.csv``.
    n_measured : dict of str to int
        Measured values of each response.

    Returns
    -------
    list of dict
        Fields of :class:`Verdict`.
    """
    r2 = summary[summary["metric"] == "r2"]
    found: list[Verdict] = []
    keys = r2[["scheme", "n_calibration", "response"]].drop_duplicates()
    for scheme, size, response in keys.itertuples(index=False):
        label = (str(response), str(scheme), int(size))
        rows = _matching(r2, label)
        n_values = n_measured.get(label[0], min(n_measured.values()))
        if n_values < FEWEST_VALUES:
            found.append(_withheld(label, n_values))
            continue
        found.append(_skill(label, rows))
        found += _transfer(label, rows, _matching(comparisons, label))
    return [asdict(verdict) for verdict in found]


_Label = tuple[str, str, int]


def _matching(table: pd.DataFrame, label: _Label) -> pd.DataFrame:
    response, scheme, size = label
    return table[
        (table["response"] == response)
        & (table["scheme"] == scheme)
        & (table["n_calibration"] == size)
        & (table["metric"] == "r2")
    ]


def _start(label: _Label) -> str:
    response, scheme, size = label
    name = "Mean over the responses" if response == "mean" else response
    return f"{name} ({_SCHEMES[scheme]}, {size} calibration samples)"


def _withheld(label: _Label, n_values: int) -> Verdict:
    text = (
        f"{_start(label)}: no verdict, for there are only {n_values} measured values; "
        f"at least {FEWEST_VALUES} are needed"
    )
    return Verdict(*label, "skill", text, supported=False)


def _skill(label: _Label, rows: pd.DataFrame) -> Verdict:
    is_control = rows["method"].map(lambda name: METHODS[name].role == "control")
    candidates = rows[~is_control].dropna(subset=["mean"])
    if candidates.empty:
        text = f"{_start(label)}: no verdict, for R² has no value"
        return Verdict(*label, "skill", text, supported=False)
    best = candidates.iloc[int(candidates["mean"].argmax())]
    figures = f"R² {_number(best['mean'])}{_range(best['low'], best['high'])}"
    name = _words(best["method"])
    if best["low"] > 0:
        text = f"{_start(label)}: predicted best by {name}, {figures}"
        return Verdict(*label, "skill", text, supported=True)
    reason = "no interval from one split" if np.isnan(best["low"]) else "not above zero"
    text = (
        f"{_start(label)}: no method is shown to predict it; the best, {name}, has "
        f"{figures}, {reason}"
    )
    return Verdict(*label, "skill", text, supported=False)


def _transfer(
    label: _Label, rows: pd.DataFrame, comparisons: pd.DataFrame
) -> Iterator[Verdict]:
    # One sentence for each transfer method; none is picked after the fact.
    for method in rows["method"]:
        if METHODS[method].role == "transfer":
            own = comparisons[comparisons["method"] == method]
            found = {row.against: row for row in own.itertuples(index=False)}
            yield _transfer_verdict(label, method, found)


def _transfer_verdict(label: _Label, method: str, own: Mapping[str, Any]) -> Verdict:
    rivals = [
        name
        for name in ("partial_least_squares", "consensus", *CONTROLS)
        if name in own
    ]
    unbeaten = [name for name in rivals if not own[name].low > 0]
    if any(np.isnan(own[name].low) for name in rivals):
        claim = f"no verdict on {_words(method)}, for one split gives no interval"
    elif len(unbeaten) == len(rivals):
        claim = f"{_words(method)} beat nothing that it was compared with"
    elif unbeaten:
        claim = f"{_words(method)} did not beat {_list(unbeaten)}"
    else:
        claim = f"{_words(method)} beat everything it was compared with"
    details = "; ".join(_difference(name, own[name]) for name in rivals)
    text = f"{_start(label)}: {claim}; difference of R² {details}"
    return Verdict(*label, "transfer", text, supported=not unbeaten)


def _difference(name: str, found: Any) -> str:
    value = _number(found.difference, signed=True)
    return f"{value}{_range(found.low, found.high)} against {_words(name)}"


def _number(value: float, *, signed: bool = False) -> str:
    return f"{value:{'+' if signed else ''}.2f}".replace("-", "−")


def _range(low: float, high: float) -> str:
    return "" if np.isnan(low) else f" [{_number(low)}, {_number(high)}]"


def _words(name: str) -> str:
    title = METHODS[name].title
    return title[0].lower() + title[1:]


def _list(names: list[str]) -> str:
    words = [_words(name) for name in names]
    return " or ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)
