"""Constants as tidy tables that come with the package, each row with its source."""

from functools import cache
from importlib.resources import files

import pandas as pd

from cerussite.assessment.names import nearest_names
from cerussite.core.errors import UnknownStandardError

#: Packaged tables and what a row of each is.
TABLES: dict[str, str] = {
    "standards": "a background or guideline: title, medium, procedure, what it demands",
    "backgrounds": "a background value of an element",
    "guidelines": "a guideline value of an element or a species of it",
    "toxic_response": "a toxic response factor of an element",
    "soil_type": "a coefficient of the Dutch soil type correction",
    "classes": "a class of an index with its bounds",
    "toxicity": "a toxicity value with the dates between which it held",
    "exposure": "an exposure factor of a receptor",
    "left_out": "a value that was not shipped, and why",
}

_NUMBERS = ("ph_above", "ph_up_to", "value", "lower", "upper")


def constants(table: str) -> pd.DataFrame:
    """
    A table of constants as shipped.

    Every value comes with ``source``, ``year``, ``check`` (``"primary"``: read
    in the legal text, the agency's page or the paper; ``"secondary"``: read in a
    text, data file or program that cites it) and ``read_in``, where it was read.
    What was not read in a text is not shipped; ``"left_out"`` lists it.

    Parameters
    ----------
    table : str
        A key of :data:`TABLES`.

    Returns
    -------
    DataFrame
        A copy; empty text where a column does not apply.

    Raises
    ------
    UnknownStandardError
        If there is no such table; the message offers the nearest names.

    Examples
    --------
    >>> table = constants("backgrounds").set_index(["standard", "element"])
    >>> print(table.loc[("average_shale", "Pb"), ["value", "unit", "year", "check"]])
    value         20.0
    unit         mg/kg
    year          1961
    check    secondary
    Name: (average_shale, Pb), dtype: object
    """
    if table not in TABLES:
        msg = f"no table of constants {table!r}; {nearest_names(table, list(TABLES))}"
        raise UnknownStandardError(msg)
    return _read(table).copy()


@cache
def _read(table: str) -> pd.DataFrame:
    path = files("cerussite.assessment.tables").joinpath(f"{table}.csv")
    with path.open(encoding="utf-8") as stream:
        frame = pd.read_csv(stream, dtype=str, keep_default_na=False)
    for name in (*_NUMBERS, "year"):
        if name in frame:
            numbers = pd.to_numeric(frame[name].where(frame[name] != ""))
            frame[name] = numbers.astype("int64" if name == "year" else "float64")
    return frame
