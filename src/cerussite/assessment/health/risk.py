"""Hazard quotients, hazard index and risk of cancer, by the toxicity of a date."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from cerussite.assessment.classes import classes_of
from cerussite.assessment.comparing import PROCEDURES
from cerussite.assessment.concentrations import Concentrations
from cerussite.assessment.entries import (
    Entry,
    Recipe,
    class_table,
    entries_of,
    probability_table,
)
from cerussite.assessment.health.doses import (
    dermal_dose,
    ingestion_dose,
    inhalation_exposure,
)
from cerussite.assessment.health.plan import HealthPlan
from cerussite.assessment.health.receptors import Receptor, receptor
from cerussite.assessment.health.result import HealthRisk
from cerussite.assessment.health.tables import exposure_table, toxicity_table
from cerussite.assessment.health.toxicity import toxic_substances
from cerussite.assessment.health.weights import (
    ROUTES,
    Effect,
    RouteWeights,
    check_dates,
    dermal_absorption,
    route_weights,
    species_of,
)
from cerussite.assessment.tidy import tidy_table
from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray

_NAMES: dict[Effect, tuple[str, str, str]] = {
    "hazard": ("hazard_quotient", "hazard_index", "hazard_index"),
    "cancer": ("cancer_risk", "total_cancer_risk", "cancer_risk"),
}


@dataclass(frozen=True, eq=False)
class _Scope:
    """What is assessed: columns, what they are read as, and how they are absorbed."""

    concentrations: Concentrations
    elements: tuple[str, ...]
    substances: tuple[str, ...]
    columns: list[int]
    absorption: FloatArray
    plan: HealthPlan
    n_draws: int | None


def health_risk(
    concentrations: Concentrations,
    *,
    receptors: Sequence[Receptor | str],
    plan: HealthPlan,
) -> HealthRisk:
    """
    Hazard and risk of cancer by soil that is swallowed, touched and breathed.

    Parameters
    ----------
    concentrations : Concentrations
        Values or draws; total concentrations, taken as fully bioavailable.
    receptors : sequence of Receptor or str
        Shipped receptors by name, or others; draws of their factors give
        intervals and probabilities.
    plan : HealthPlan
        Dates of the toxicity values and other choices.

    Returns
    -------
    HealthRisk
        Tidy tables that name the dates and sources of all toxicity values.

    Notes
    -----
    ``InvalidStudyError`` is raised if there is no receptor, no measured element
    has a toxicity value, or numbers of draws differ.

    Hazard quotients of all elements and routes add to the hazard index, as for
    a first screening; effects on different organs do not really add.
    ``UnknownStandardError`` is raised for a date before the first record.

    References
    ----------
    .. [1] US EPA (1989, 2004, 2009). Risk Assessment Guidance for Superfund,
       volume I, parts A, E and F.

    Examples
    --------
    The slope factor of arsenic rose from 1.5 to 32 on 13 January 2025:

    >>> measured = Concentrations(("a",), ("As",), np.array([[10.0]]))
    >>> dates = date(2025, 1, 12), date(2025, 1, 13)
    >>> found = health_risk(
    ...     measured, receptors=["resident_child"], plan=HealthPlan(dates)
    ... )
    >>> swallowed = found.risks.query("index == 'cancer_risk' and route == 'ingestion'")
    >>> before, after = swallowed["value"]
    >>> round(after / before, 6)
    21.333333
    """
    exposed = [receptor(r) if isinstance(r, str) else r for r in receptors]
    scope, notes = _scope(concentrations, exposed, plan)
    entries: list[Entry] = []
    weights: list[tuple[date, RouteWeights]] = []
    for on in plan.dates:
        check_dates(scope.substances, on)
        for effect in _NAMES:
            of_effect = [
                route_weights(scope.substances, effect=effect, route=route, on=on)
                for route in ROUTES
            ]
            of_effect[1] = _without_absorption(of_effect[1], scope)
            weights += [(on, each) for each in of_effect]
            entries += _entries(scope, exposed, of_effect, on=on)
    ids = concentrations.sample_ids
    return HealthRisk(
        risks=tidy_table([entry.block for entry in entries], ids),
        probabilities=probability_table(entries, ids),
        toxicity=toxicity_table(weights, scope.elements),
        exposure=exposure_table(exposed),
        classes=class_table(entries),
        dates=plan.dates,
        level=plan.level,
        notes=tuple(notes),
    )


def _scope(
    concentrations: Concentrations, exposed: list[Receptor], plan: HealthPlan
) -> tuple[_Scope, list[str]]:
    notes = [
        f"{element} taken for {substance}"
        for element, substance in plan.read_as.items()
        if element in concentrations.elements
    ]
    elements = []
    for element in concentrations.elements:
        if PROCEDURES.get(concentrations.procedure_of(element)) == "weak extraction":
            notes.append(
                f"{element}: dose of what a weak extraction dissolves, no total"
            )
        if plan.read_as.get(element, element) in toxic_substances():
            elements.append(element)
        elif species := species_of(element):
            notes.append(
                f"total {element} withheld: toxicity is of {' and '.join(species)}; say "
                "what it is to be read as"
            )
        else:
            notes.append(f"{element} left out: no toxicity value")
    if not elements or not exposed:
        msg = (
            f"{len(exposed)} receptors and no toxicity value of any of "
            f"{', '.join(concentrations.elements)}; expected at least one of each"
            if not elements
            else "no receptor; expected at least one"
        )
        raise InvalidStudyError(msg)
    substances = tuple(plan.read_as.get(element, element) for element in elements)
    scope = _Scope(
        concentrations,
        tuple(elements),
        substances,
        concentrations.columns(elements),
        dermal_absorption(substances, from_literature=plan.literature_dermal),
        plan,
        _n_draws(concentrations, exposed),
    )
    return scope, notes


def _n_draws(concentrations: Concentrations, exposed: list[Receptor]) -> int | None:
    found = {r.n_draws for r in exposed if r.n_draws is not None}
    if concentrations.draws is not None:
        found.add(len(concentrations.draws))
    if len(found) > 1:
        msg = (
            f"{sorted(found)} draws of concentrations and exposure factors; expected as "
            "many of each"
        )
        raise InvalidStudyError(msg)
    return found.pop() if found else None


def _without_absorption(weights: RouteWeights, scope: _Scope) -> RouteWeights:
    """Withhold the dermal route of substances whose absorption is not known."""
    unknown = np.isnan(scope.absorption) & ~np.isnan(weights.weights)
    reasons = tuple(
        f"US EPA gives no dermal absorption of {substance}" if missing else reason
        for substance, missing, reason in zip(
            scope.substances, unknown, weights.reasons, strict=True
        )
    )
    return replace(
        weights, weights=np.where(unknown, np.nan, weights.weights), reasons=reasons
    )


def _entries(
    scope: _Scope, exposed: list[Receptor], of_effect: list[RouteWeights], *, on: date
) -> list[Entry]:
    found = []
    for each in exposed:
        for weights in of_effect:
            found += _route_entries(scope, each, weights, on=on)
        found += _total_entries(scope, [each], of_effect, on=on)
    effect = of_effect[0].effect
    if effect == "cancer" and scope.plan.consecutive and len(exposed) > 1:
        found += _total_entries(scope, exposed, of_effect, on=on)
    return found


def _route_entries(
    scope: _Scope, exposed: Receptor, weights: RouteWeights, *, on: date
) -> list[Entry]:
    index, _, classes = _NAMES[weights.effect]
    recipe = Recipe(
        index,
        _quotients(scope, exposed, weights),
        scope.elements,
        classes_of(classes),
        reasons=weights.reasons,
    )
    words = {"route": weights.route, "receptor": exposed.name, "on": str(on)}
    entries = entries_of(
        recipe, scope.concentrations, level=scope.plan.level, n_draws=scope.n_draws
    )
    return [
        replace(
            entry,
            block=replace(
                entry.block,
                words=words,
                standard=""
                if used is None
                else f"{used.source}, from {used.effective_from}",
            ),
        )
        for entry, used in zip(entries, weights.used, strict=True)
    ]


def _total_entries(
    scope: _Scope, exposed: list[Receptor], of_effect: list[RouteWeights], *, on: date
) -> list[Entry]:
    _, index, classes = _NAMES[of_effect[0].effect]
    known = np.stack([~np.isnan(each.weights) for each in of_effect])
    if not known.any():
        return []
    parts = [
        (_quotients(scope, one, each), there)
        for one in exposed
        for each, there in zip(of_effect, known, strict=True)
        if there.any()
    ]

    def compute(c: FloatArray, rows: slice) -> FloatArray:
        sums = [part(c, rows)[..., there].sum(axis=-1) for part, there in parts]
        return np.sum(np.broadcast_arrays(*sums), axis=0)

    names = " ".join(np.array(scope.elements)[known.any(axis=0)])
    recipe = Recipe(index, compute, (names,), classes_of(classes))
    words = {
        "route": "all",
        "receptor": " + ".join(one.name for one in exposed),
        "on": str(on),
    }
    entries = entries_of(
        recipe, scope.concentrations, level=scope.plan.level, n_draws=scope.n_draws
    )
    return [
        replace(entry, block=replace(entry.block, words=words)) for entry in entries
    ]


def _quotients(
    scope: _Scope, exposed: Receptor, weights: RouteWeights
) -> Callable[[FloatArray, slice], FloatArray]:
    lifetime = weights.effect == "cancer"

    def compute(c: FloatArray, _: slice) -> FloatArray:
        chosen = c[..., scope.columns]
        if weights.route == "ingestion":
            dose = ingestion_dose(chosen, exposed, lifetime=lifetime)
        elif weights.route == "dermal":
            dose = dermal_dose(
                chosen, exposed, absorption=scope.absorption, lifetime=lifetime
            )
        else:
            dose = inhalation_exposure(chosen, exposed, lifetime=lifetime)
        return dose * weights.weights

    return compute
