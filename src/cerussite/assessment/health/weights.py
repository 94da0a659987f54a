"""Which routes of which elements can be quantified on a date, and with what number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

import numpy as np

from cerussite.assessment.comparing import element_of
from cerussite.assessment.health.toxicity import (
    ToxicityValue,
    toxic_substances,
    toxicity_records,
    toxicity_value,
)
from cerussite.assessment.packaged import constants
from cerussite.core.errors import UnknownStandardError
from cerussite.core.types import FloatArray

Effect: TypeAlias = Literal["hazard", "cancer"]
Route: TypeAlias = Literal["ingestion", "dermal", "inhalation"]

ROUTES: tuple[Route, ...] = ("ingestion", "dermal", "inhalation")
#: Micrograms in a milligram: unit risks are per ug/m3, exposures in mg/m3.
UG_PER_MG = 1000.0

_QUANTITIES: dict[tuple[Effect, Route], str] = {
    ("hazard", "ingestion"): "reference_dose",
    ("hazard", "dermal"): "reference_dose",
    ("hazard", "inhalation"): "reference_concentration",
    ("cancer", "ingestion"): "slope_factor",
    ("cancer", "dermal"): "slope_factor",
    ("cancer", "inhalation"): "unit_risk",
}


@dataclass(frozen=True, eq=False)
class RouteWeights:
    """
    What doses of one route are multiplied with.

    Attributes
    ----------
    effect : {"hazard", "cancer"}
        Hazard quotient or risk of cancer.
    route : {"ingestion", "dermal", "inhalation"}
        Route of exposure.
    weights : ndarray of shape (n_elements,)
        Quotient or risk per unit dose; NaN where it cannot be quantified.
    reasons : tuple of str
        Why not; empty text where it can.
    used : tuple of (ToxicityValue or None)
        Toxicity value of each element.
    """

    effect: Effect
    route: Route
    weights: FloatArray
    reasons: tuple[str, ...]
    used: tuple[ToxicityValue | None, ...]


def route_weights(
    substances: Sequence[str],
    *,
    effect: Effect,
    route: Route,
    on: date,
) -> RouteWeights:
    """
    Weights of one route.

    Parameters
    ----------
    substances : sequence of str
        Elements or species.
    effect : {"hazard", "cancer"}
        Hazard quotient or risk of cancer.
    route : {"ingestion", "dermal", "inhalation"}
        Route of exposure.
    on : date
        Day of the assessment.

    Returns
    -------
    RouteWeights
        With a reason wherever something is missing.
    """
    found = [_weight(name, effect, route, on) for name in substances]
    return RouteWeights(
        effect,
        route,
        np.array([weight for weight, _, _ in found]),
        tuple(reason for _, reason, _ in found),
        tuple(value for _, _, value in found),
    )


def dermal_absorption(
    substances: Sequence[str], *, from_literature: bool = False
) -> FloatArray:
    """
    Fractions of substances that are absorbed through the skin.

    Parameters
    ----------
    substances : sequence of str
        Elements or species.
    from_literature : bool
        Fill with the 0.001 of the literature where US EPA gives no value.

    Returns
    -------
    ndarray of shape (n_elements,)
        Dimensionless; NaN where there is none.

    References
    ----------
    .. [1] US EPA (2004). Risk Assessment Guidance for Superfund, volume I, part
       E, exhibit 3-4.

    Examples
    --------
    >>> dermal_absorption(["As", "Pb"])
    array([0.03,  nan])
    """
    known = _factors("dermal_absorption")
    other = _factors("dermal_absorption_literature")[""] if from_literature else np.nan
    return np.array([known.get(name, other) for name in substances])


def check_dates(substances: Sequence[str], on: date) -> None:
    """
    Refuse a date before the first record of a substance.

    Parameters
    ----------
    substances : sequence of str
        Elements or species that have toxicity values.
    on : date
        Day of the assessment.

    Raises
    ------
    UnknownStandardError
        If no quantity of a substance has a record that early.
    """
    table = constants("toxicity")
    for substance in substances:
        quantities = table.loc[table["element"] == substance, "quantity"].unique()
        firsts = [toxicity_records(substance, quantity)[0] for quantity in quantities]
        if all(first.effective_from > on for first in firsts):
            first = min(firsts, key=lambda record: record.effective_from)
            msg = (
                f"no toxicity value of {substance} on {on}: the first record, "
                f"{first.quantity.replace('_', ' ')} {first.value:g} {first.unit} "
                f"({first.source}), holds from {first.effective_from}; choose a later "
                "date"
            )
            raise UnknownStandardError(msg)


def species_of(element: str) -> tuple[str, ...]:
    """
    Toxic species of an element that has no toxicity values of its own.

    Parameters
    ----------
    element : str
        As measured.

    Returns
    -------
    tuple of str
        Empty where the element itself has values, or no species of it has.

    Examples
    --------
    >>> species_of("Cr"), species_of("As")
    (('Cr(VI)', 'Cr(III)'), ())
    """
    substances = toxic_substances()
    if element in substances:
        return ()
    return tuple(name for name in substances if element_of(name) == element)


def _weight(
    substance: str, effect: Effect, route: Route, on: date
) -> tuple[float, str, ToxicityValue | None]:
    try:
        found = toxicity_value(substance, _QUANTITIES[effect, route], on=on)
    except UnknownStandardError as error:
        return np.nan, str(error).partition(";")[0], None
    if route == "dermal":
        share = _factors("gastrointestinal_absorption").get(substance)
        if share is None:
            reason = f"no gastrointestinal absorption of {substance}"
            return np.nan, reason, None
        absorbed = found.value * share if effect == "hazard" else found.value / share
        return (1 / absorbed if effect == "hazard" else absorbed), "", found
    if effect == "hazard":
        return 1 / found.value, "", found
    return found.value * (UG_PER_MG if route == "inhalation" else 1.0), "", found


def _factors(factor: str) -> dict[str, float]:
    table = constants("exposure")
    rows = table[table["factor"] == factor]
    return dict(zip(rows["element"], rows["value"], strict=True))
