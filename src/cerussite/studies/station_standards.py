"""Backgrounds and guidelines of an assessment: shipped, own tables, own stations."""

from pathlib import Path

import numpy as np
import pandas as pd

from cerussite.assessment import (
    LocalBackground,
    ReferenceStations,
    Standard,
    local_background,
    own_standard,
    shipped_background,
    shipped_guideline,
    standard_from_table,
)
from cerussite.core.errors import UnreadableFileError
from cerussite.core.survey import Survey
from cerussite.readers.sources import open_table
from cerussite.studies.stations import Choice, describe, rows_where

#: Percentile of the reference stations that is told as threshold.
THRESHOLD = 90.0
_NUMBERS = ("value", "ph_above", "ph_up_to", "year")


def find_standard(name: str, kind: str) -> Standard:
    """
    A background or guideline by name, or from a table of the user.

    Parameters
    ----------
    name : str
        Name of a shipped one, or path of a table with the columns element, value
        and unit (see :func:`cerussite.assessment.standard_from_table`).
    kind : {"background", "guideline"}
        What it is.

    Returns
    -------
    Standard
        Values in mg/kg dry mass.
    """
    path = Path(name)
    if path.suffix or path.is_file():
        return standard_from_table(_own_table(path), name=path.stem, kind=kind)
    named = shipped_background if kind == "background" else shipped_guideline
    return named(name)


def _own_table(path: Path) -> pd.DataFrame:
    table = open_table(path)
    rows = list(table.rows())
    found = pd.DataFrame([row.cells for row in rows], columns=table.header, dtype=str)
    found = found.apply(lambda cells: cells.str.strip())
    for name in _NUMBERS:
        if name not in found:
            continue
        numbers = pd.to_numeric(found[name].replace("", "nan"), errors="coerce")
        bad = numbers.isna() & ~found[name].isin(["", "nan"])
        if name == "value":
            bad = numbers.isna()
        if bad.any():
            at = int(np.argmax(bad))
            where = table.place(rows[at].number, table.header.index(name))
            msg = f"{where}: found {found[name].iloc[at]!r}; expected a number"
            raise UnreadableFileError(msg)
        found[name] = numbers
    if "year" in found and found["year"].isna().any():
        found = found.drop(columns="year")
    return found


def background_of_references(
    survey: Survey, choice: Choice, *, random_state: int
) -> tuple[Standard, LocalBackground]:
    """
    Background from chosen stations of the survey itself: their median.

    Parameters
    ----------
    survey : Survey
        All stations.
    choice : mapping of str to tuple of str
        Which are the references.
    random_state : int
        Draws the resamples of the intervals.

    Returns
    -------
    tuple of (Standard, LocalBackground)
        Values for the indices, and the same with intervals.
    """
    is_reference = rows_where(survey, choice, "reference_stations")
    chosen = survey.take(is_reference)
    names = chosen.response_names
    mask = np.zeros(chosen.y.shape, bool)
    found = local_background(
        chosen.y,
        mask if chosen.is_censored is None else chosen.is_censored,
        elements=names,
        method=ReferenceStations(np.ones(len(mask), bool), THRESHOLD),
        groups=chosen.groups,
        random_state=random_state,
    )
    procedures = {response.procedure for response in chosen.responses}
    standard = own_standard(
        dict(zip(names, found.values_of(names).tolist(), strict=True)),
        name=f"stations with {describe(choice)}",
        source=f"median of {len(mask)} rows of {survey.name}",
        procedure=(procedures.pop() if len(procedures) == 1 else "") or "not stated",
    )
    return standard, found
