"""Backgrounds and guidelines of the caller."""

from collections.abc import Mapping

import pandas as pd

from cerussite.assessment.standards import Limit, Standard, limit_of_row
from cerussite.core.errors import InvalidConcentrationError
from cerussite.core.units import canonical_unit


def own_standard(
    values: Mapping[str, float],
    *,
    name: str,
    kind: str = "background",
    source: str = "",
    procedure: str = "not stated",
) -> Standard:
    """
    A background or guideline of the caller, such as a local one.

    Parameters
    ----------
    values : mapping of str to float
        Value of each element in mg/kg dry mass.
    name : str
        Name for tables and the report.
    kind : {"background", "guideline"}
        What it is.
    source : str
        Where it comes from, for the report.
    procedure : str
        What was measured how.

    Returns
    -------
    Standard
        Marked ``check="user"``.

    Notes
    -----
    ``InvalidConcentrationError`` is raised if there is no value, or one is not
    above zero and finite.

    Examples
    --------
    >>> own_standard({"Pb": 12.5}, name="offshore").values(["Pb"])
    array([12.5])
    """
    limits = tuple(Limit(element, float(value)) for element, value in values.items())
    return Standard(
        name, name, kind, limits, procedure=procedure, source=source or "given by user"
    )


def standard_from_table(
    table: pd.DataFrame, *, name: str, kind: str = "background"
) -> Standard:
    """
    A standard from a table with the columns of the shipped ones.

    Parameters
    ----------
    table : DataFrame
        Columns ``element``, ``value`` and ``unit``; optionally ``ph_above``,
        ``ph_up_to``, ``medium``, ``procedure``, ``source`` and ``year`` (the
        first row counts for the last four). Values are converted to mg/kg.
    name : str
        Name for tables and the report.
    kind : {"background", "guideline"}
        What it is.

    Returns
    -------
    Standard
        Marked ``check="user"``.

    Notes
    -----
    ``InvalidConcentrationError`` is raised if a column is missing, units are
    mixed or unknown, an element occurs twice without a pH, or a value is not
    above zero.

    Examples
    --------
    >>> table = pd.DataFrame({"element": ["Pb"], "value": [12.5], "unit": ["mg/kg"]})
    >>> standard_from_table(table, name="offshore").values(["Pb"])
    array([12.5])
    """
    _check_table(table, name)
    factor = canonical_unit("Pb", str(table["unit"].iloc[0]))[1]
    first = table.iloc[0]
    limits = tuple(limit_of_row(row, factor=factor) for row in table.to_dict("records"))
    return Standard(
        name,
        name,
        kind,
        limits,
        medium=str(first.get("medium", "")),
        procedure=str(first.get("procedure", "not stated")),
        year=int(first.get("year", 0)),
        source=str(first.get("source", "given by user")),
    )


def _check_table(table: pd.DataFrame, name: str) -> None:
    missing = [key for key in ("element", "value", "unit") if key not in table]
    if missing or table.empty:
        msg = (
            f"table {name!r} has {len(table)} rows and no column {missing}; expected "
            "rows with element, value and unit"
        )
        raise InvalidConcentrationError(msg)
    units = table["unit"].unique().tolist()
    if len(units) > 1:
        msg = f"table {name!r} mixes the units {', '.join(units)}; use one of them"
        raise InvalidConcentrationError(msg)
    keys = [key for key in ("element", "ph_above", "ph_up_to") if key in table]
    repeated = table.loc[table.duplicated(keys), "element"].tolist()
    if repeated:
        msg = (
            f"table {name!r} has several values of {repeated[0]}; expected one, or one "
            "an interval of pH"
        )
        raise InvalidConcentrationError(msg)
