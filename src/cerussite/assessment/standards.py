"""Backgrounds and guidelines, with what must be known to compare with them."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cerussite.core.errors import InvalidConcentrationError
from cerussite.core.types import FloatArray


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
        >>> standard = Standard(
        ...     "offshore", "Offshore", "background", (Limit("Pb", 20.0), Limit("Zn", 95.0))
        ... )
        >>> standard.values(["Zn", "Pb"])
        array([95., 20.])
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


def limit_of_row(row: Mapping[Hashable, Any], *, factor: float = 1.0) -> Limit:
    """
    A limit from a row of a table.

    Parameters
    ----------
    row : mapping
        With ``element`` and ``value``, and perhaps ``ph_above``, ``ph_up_to``
        (NaN where pH does not matter) and ``check``.
    factor : float
        What leads from the unit of the table to mg/kg.

    Returns
    -------
    Limit
        In mg/kg dry mass.
    """
    above, up_to = (float(row.get(key, np.nan)) for key in ("ph_above", "ph_up_to"))
    return Limit(
        str(row["element"]),
        float(row["value"]) * factor,
        -np.inf if np.isnan(above) else above,
        np.inf if np.isnan(up_to) else up_to,
        str(row.get("check", "")),
    )
