"""When and where samples were taken, and which are drawn together."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from cerussite.core.errors import InvalidSurveyError, UnreadableFileError
from cerussite.core.types import FloatArray
from cerussite.readers.cells import NotANumberError, is_missing, parse_number
from cerussite.studies.apportionment_plan import Blocks, ReceptorTables
from cerussite.studies.receptor_tables import NumberTable

#: Kilometres of a degree of latitude, on a sphere of 6371 km.
DEGREE = 111.195
#: Formats of dates tried in this order: year first, then the two that are mixed up.
_FORMATS = (
    ("%Y-%m-%d", "%Y/%m/%d"),
    ("%m/%d/%Y", "%m/%d/%y"),
    ("%d/%m/%Y", "%d.%m.%Y", "%d/%m/%y"),
)
_TIMES = ("", " %H:%M", " %H:%M:%S", "T%H:%M:%S", "T%H:%M")


def sample_table(
    table: NumberTable, given: ReceptorTables, blocks: Blocks | None
) -> pd.DataFrame:
    """
    Date, coordinates and block of each sample.

    Parameters
    ----------
    table : NumberTable
        Concentrations, with the text of these columns.
    given : ReceptorTables
        Format of the dates.
    blocks : Blocks or None
        How samples are drawn together.

    Returns
    -------
    DataFrame
        ``sample_id`` and what is known of ``date`` (ISO 8601), ``easting``,
        ``northing``, ``longitude``, ``latitude`` and ``block``.
    """
    samples = pd.DataFrame({"sample_id": table.sample_ids}, dtype=object)
    if "date" in table.texts:
        samples["date"] = read_dates(table.texts["date"], given.date_format)
    for name in ("easting", "northing", "longitude", "latitude"):
        if name in table.texts:
            samples[name] = _numbers(table, name)
    if blocks is not None:
        samples["block"] = _blocks(samples, table, blocks)
    if "date" in samples:
        stamps = samples["date"]
        form = (
            "%Y-%m-%d" if (stamps == stamps.dt.normalize()).all() else "%Y-%m-%dT%H:%M"
        )
        samples["date"] = stamps.dt.strftime(form)
    return samples


def read_dates(texts: Sequence[str], form: str | None = None) -> pd.Series:
    """
    Dates of one format.

    Parameters
    ----------
    texts : sequence of str
        One a sample.
    form : str or None
        Format such as ``%d/%m/%Y``; found where one only fits all if None.

    Returns
    -------
    Series of datetime64
        In the order given.

    Raises
    ------
    UnreadableFileError
        If no format fits, or day and month cannot be told apart.

    Examples
    --------
    >>> read_dates(["12/14/2000", "1/2/2001"]).dt.month.tolist()
    [12, 1]
    """
    if form is not None:
        found = pd.to_datetime(pd.Series(texts), format=form, errors="coerce")
        if found.isna().any():
            bad = texts[int(found.isna().to_numpy().argmax())]
            msg = f"date: found {bad!r}; expected all dates as {form} (date_format)"
            raise UnreadableFileError(msg)
        return found
    fits = [fit for group in _FORMATS if (fit := _first_fit(texts, group)) is not None]
    if len(fits) == 1 or (fits and (fits[0] == fits[-1]).all()):
        return fits[0]
    what = "may have day or month first" if fits else "are of no known format"
    msg = f"date: dates such as {texts[0]!r} {what}; say their format (date_format)"
    raise UnreadableFileError(msg)


def _first_fit(texts: Sequence[str], forms: Sequence[str]) -> pd.Series | None:
    for form in forms:
        for time in _TIMES:
            found = pd.to_datetime(
                pd.Series(texts), format=form + time, errors="coerce"
            )
            if not found.isna().any():
                return found
    return None


def _numbers(table: NumberTable, role: str) -> FloatArray:
    values = []
    for name, text in zip(table.sample_ids, table.texts[role], strict=True):
        try:
            values.append(math.nan if is_missing(text) else parse_number(text))
        except NotANumberError as error:
            msg = f"{table.path}: {role} of sample {name!r}: {error}"
            raise UnreadableFileError(msg) from error
    return np.array(values)


def _blocks(samples: pd.DataFrame, table: NumberTable, blocks: Blocks) -> pd.Series:
    if blocks.column is not None:
        labels = table.texts["label"]
        return pd.Series(labels, dtype=object)
    if blocks.days is not None:
        _needs(samples, ("date",), "days")
        passed = samples["date"] - samples["date"].min()
        return (passed.dt.total_seconds() // (86400 * blocks.days)).astype(int)
    is_degrees = "easting" not in samples
    pair = ("longitude", "latitude") if is_degrees else ("easting", "northing")
    _needs(samples, pair, "kilometres")
    east, north = (samples[name].to_numpy(dtype=float) for name in pair)
    scale = DEGREE if is_degrees else 1e-3
    stretch = math.cos(math.radians(float(np.mean(north)))) if is_degrees else 1.0
    side = blocks.kilometres or math.nan
    cells = [
        np.floor(values * scale * factor / side).astype(int)
        for values, factor in ((east, stretch), (north, 1.0))
    ]
    return pd.Series(
        [f"{column} {row}" for column, row in zip(*cells, strict=True)], dtype=object
    )


def _needs(samples: pd.DataFrame, columns: Sequence[str], key: str) -> None:
    missing = [
        name for name in columns if name not in samples or samples[name].isna().any()
    ]
    if missing:
        msg = (
            f"blocks: {key} need {' and '.join(columns)} of every sample; expected "
            f"a column of {missing[0]} without gaps ({missing[0]})"
        )
        raise InvalidSurveyError(msg)
