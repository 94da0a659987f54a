"""Backgrounds and guidelines by name, with what must be known to compare with them."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from cerussite.assessment.names import nearest_names
from cerussite.assessment.packaged import constants
from cerussite.core.errors import InvalidConcentrationError, UnknownStandardError
from cerussite.core.types import FloatArray
from cerussite.core.units import canonical_unit


@dataclass(frozen=True)
class Limit:
    """
    The value of one element or species, where it depends on pH for one interval.

    Attributes
    ----------
    element : str
        Symbol of an element, or a species of it: ``"Cr(VI)"``.
    value : float
        In mg/kg dry mass.
    ph_above, ph_up_to : float
        It holds for pH above the one and up to and including the other;
        infinite where pH does not matter.
    check : str
        ``"primary"`` or ``"secondary"`` for a shipped value; empty otherwise.
    """

    element: str
    value: float
    ph_above: float = -np.inf
    ph_up_to: float = np.inf
    check: str = ""


@dataclass(frozen=True)
class Standard:
    """
    A background or guideline: values by element, and what they are.

    Attributes
    ----------
    name, title : str
        Short name, and name in words.
    kind : str
        ``"background"`` or ``"guideline"``.
    limits : tuple of Limit
        Values in mg/kg dry mass.
    medium : str
        What was sampled: ``"freshwater sediment"``, ``"soil"`` ...
    procedure : str
        What was measured how, ``"not stated"`` where the source does not say.
    normalisation : {"none", "aluminium", "soil_type"}
        What the standard demands of concentrations before they are compared.
    year : int
        Year of the standard.
    source : str
        Where it was published.
    check : str
        ``"primary"``, ``"secondary"`` or ``"user"`` for a table of the caller.

    Raises
    ------
    InvalidConcentrationError
        If there is no value, or one is not above zero and finite.
    """

    name: str
    title: str
    kind: str
    limits: tuple[Limit, ...]
    medium: str = ""
    procedure: str = "not stated"
    normalisation: str = "none"
    year: int = 0
    source: str = ""
    check: str = "user"

    def __post_init__(self) -> None:
        bad = [r for r in self.limits if not (r.value > 0 and np.isfinite(r.value))]
        if bad or not self.limits:
            found = f"{bad[0].element} = {bad[0].value:g} mg/kg" if bad else "no value"
            msg = f"{self.name}: {found}; expected values > 0 mg/kg"
            raise InvalidConcentrationError(msg)

    @property
    def elements(self) -> tuple[str, ...]:
        """
        Elements and species that have a value.

        Returns
        -------
        tuple of str
            Each once, in the order of the table.
        """
        return tuple(dict.fromkeys(limit.element for limit in self.limits))

    @property
    def needs_ph(self) -> bool:
        """
        Whether values depend on the pH of the sample.

        Returns
        -------
        bool
            True where they do.
        """
        return any(np.isfinite([r.ph_above, r.ph_up_to]).any() for r in self.limits)

    def values(
        self, elements: Sequence[str], *, ph: FloatArray | None = None
    ) -> FloatArray:
        """
        Values of elements in the order asked for.

        Parameters
        ----------
        elements : sequence of str
            Elements or species, all of which must be there.
        ph : ndarray of shape (n_samples,), optional
            pH of the samples; needed where ``needs_ph``.

        Returns
        -------
        ndarray of shape (n_elements,) or (n_samples, n_elements)
            In mg/kg dry mass; one row a sample where values depend on pH.

        Raises
        ------
        InvalidConcentrationError
            If an element has no value (all such are named), or pH is missing.

        Examples
        --------
        >>> shipped_background("average_shale").values(["Pb", "Zn"])
        array([20., 95.])
        """
        missing = [element for element in elements if element not in self.elements]
        if missing:
            msg = (
                f"{self.kind} {self.name!r} has no value of {', '.join(missing)}; it has "
                f"{', '.join(self.elements)}: leave {missing[0]} out or choose another "
                f"{self.kind}"
            )
            raise InvalidConcentrationError(msg)
        if not self.needs_ph:
            found = {limit.element: limit.value for limit in self.limits}
            return np.array([found[element] for element in elements])
        return self._values_by_ph(elements, ph)

    def _values_by_ph(
        self, elements: Sequence[str], ph: FloatArray | None
    ) -> FloatArray:
        if ph is None or np.isnan(ph).any():
            msg = (
                f"{self.name} depends on pH, which is missing; give the pH of every "
                "sample"
            )
            raise InvalidConcentrationError(msg)
        values = np.full((len(ph), len(elements)), np.nan)
        for limit in self.limits:
            if limit.element in elements:
                holds = (ph > limit.ph_above) & (ph <= limit.ph_up_to)
                values[holds, list(elements).index(limit.element)] = limit.value
        return values


def shipped_background(name: str) -> Standard:
    """
    A shipped background by name.

    Parameters
    ----------
    name : str
        For example ``"average_shale"``; see the table ``"standards"``.

    Returns
    -------
    Standard
        With source, year and check.

    Notes
    -----
    ``UnknownStandardError`` is raised if there is none; the message offers the
    nearest names.

    Examples
    --------
    >>> shipped_background("upper_crust_rudnick_gao").values(["Al"])
    array([81505.])
    """
    return _named(name, "background")


def shipped_guideline(name: str) -> Standard:
    """
    A shipped guideline by name.

    Parameters
    ----------
    name : str
        For example ``"consensus_pec"``; see the table ``"standards"``.

    Returns
    -------
    Standard
        With source, year and check.

    Notes
    -----
    ``UnknownStandardError`` is raised if there is none; the message offers the
    nearest names.

    Examples
    --------
    >>> shipped_guideline("consensus_pec").values(["Pb"])
    array([128.])
    """
    return _named(name, "guideline")


def standard_names(kind: str) -> tuple[str, ...]:
    """
    Names of the shipped standards.

    Parameters
    ----------
    kind : {"background", "guideline"}
        Which.

    Returns
    -------
    tuple of str
        In the order of the table.
    """
    table = constants("standards")
    return tuple(table.loc[table["kind"] == kind, "standard"])


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
    limits = tuple(_limit(row, factor) for row in table.to_dict("records"))
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


def _limit(row: Mapping[Hashable, Any], factor: float) -> Limit:
    above, up_to = (float(row.get(key, np.nan)) for key in ("ph_above", "ph_up_to"))
    return Limit(
        str(row["element"]),
        float(row["value"]) * factor,
        -np.inf if np.isnan(above) else above,
        np.inf if np.isnan(up_to) else up_to,
        str(row.get("check", "")),
    )


def _named(name: str, kind: str) -> Standard:
    known = standard_names(kind)
    if name not in known:
        msg = f"no {kind} {name!r}; {nearest_names(name, known)}"
        raise UnknownStandardError(msg)
    return _shipped(name)


@cache
def _shipped(name: str) -> Standard:
    names = constants("standards").set_index("standard")
    about: dict[Hashable, Any] = names.loc[[name]].to_dict("records")[0]
    table = constants(f"{about['kind']}s")
    rows = table[table["standard"] == name]
    checks = set(rows["check"])
    return Standard(
        name,
        about["title"],
        about["kind"],
        tuple(_limit(row, 1.0) for row in rows.to_dict("records")),
        medium=about["medium"],
        procedure=about["procedure"],
        normalisation=about["normalisation"],
        year=int(about["year"]),
        source=about["source"],
        check="primary" if checks == {"primary"} else "secondary",
    )
