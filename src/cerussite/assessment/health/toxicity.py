"""Toxicity values by the date on which they held."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from cerussite.assessment.names import nearest_names
from cerussite.assessment.packaged import constants
from cerussite.core.errors import UnknownStandardError


@dataclass(frozen=True)
class ToxicityValue:
    """
    A toxicity value and when it held.

    Attributes
    ----------
    quantity : str
        ``"reference_dose"``, ``"reference_concentration"``, ``"slope_factor"``
        or ``"unit_risk"``.
    substance : str
        Element or species.
    value : float
        In ``unit``.
    unit : str
        mg/kg/d, mg/m3, 1/(mg/kg/d) or 1/(ug/m3).
    effective_from : date
        First day; 1 January where only the year is known.
    effective_to : date or None
        Last day; None where no later record is known here.
    source : str
        Agency and year.
    check : str
        ``"primary"`` or ``"secondary"``.
    note : str
        What it holds for.
    """

    quantity: str
    substance: str
    value: float
    unit: str
    effective_from: date
    effective_to: date | None
    source: str
    check: str
    note: str = ""


def toxicity_value(substance: str, quantity: str, *, on: date) -> ToxicityValue:
    """
    The toxicity value that held on a date.

    Parameters
    ----------
    substance : str
        Element or species: ``"As"``, ``"Cr(VI)"``, ``"Hg(salts)"``.
    quantity : str
        ``"reference_dose"``, ``"reference_concentration"``, ``"slope_factor"``
        or ``"unit_risk"``.
    on : date
        Day of the assessment.

    Returns
    -------
    ToxicityValue
        With source and dates.

    Raises
    ------
    UnknownStandardError
        If there is no such quantity of the substance, or its first record is
        later than the date.

    Examples
    --------
    >>> toxicity_value("As", "slope_factor", on=date(2025, 1, 12)).value
    1.5
    >>> toxicity_value("As", "slope_factor", on=date(2025, 1, 13)).value
    32.0
    """
    records = toxicity_records(substance, quantity)
    for record in records:
        if record.effective_from <= on and (
            record.effective_to is None or on <= record.effective_to
        ):
            return record
    first = records[0]
    msg = (
        f"no {quantity.replace('_', ' ')} of {substance} on {on}: the first record, "
        f"{first.value:g} {first.unit} ({first.source}), holds from "
        f"{first.effective_from}; choose a later date"
    )
    raise UnknownStandardError(msg)


def toxicity_records(substance: str, quantity: str) -> tuple[ToxicityValue, ...]:
    """
    All records of a quantity of a substance.

    Parameters
    ----------
    substance : str
        Element or species.
    quantity : str
        As in :func:`toxicity_value`.

    Returns
    -------
    tuple of ToxicityValue
        The earliest first.

    Raises
    ------
    UnknownStandardError
        If there is none; the message offers the nearest names.
    """
    table = constants("toxicity")
    of_quantity = table[table["quantity"] == quantity]
    if of_quantity.empty:
        known = table["quantity"].unique().tolist()
        msg = f"no toxicity quantity {quantity!r}; {nearest_names(quantity, known)}"
        raise UnknownStandardError(msg)
    rows = of_quantity[of_quantity["element"] == substance]
    if rows.empty:
        known = of_quantity["element"].unique().tolist()
        words = quantity.replace("_", " ")
        msg = f"no {words} of {substance}; {nearest_names(substance, known)}"
        raise UnknownStandardError(msg)
    records = [_record(row) for row in rows.to_dict("records")]
    return tuple(sorted(records, key=lambda record: record.effective_from))


def toxic_substances() -> tuple[str, ...]:
    """
    Substances that have some toxicity value.

    Returns
    -------
    tuple of str
        Elements and species.
    """
    return tuple(constants("toxicity")["element"].unique())


def _record(row: dict[Any, Any]) -> ToxicityValue:
    last = row["effective_to"]
    return ToxicityValue(
        row["quantity"],
        row["element"],
        float(row["value"]),
        row["unit"],
        date.fromisoformat(row["effective_from"]),
        date.fromisoformat(last) if last and not pd.isna(last) else None,
        row["source"],
        row["check"],
        row["note"],
    )
