"""All indices of a survey against one background."""

from typing import Protocol

import numpy as np

from cerussite.assessment.classes import Classes, classes_of
from cerussite.assessment.concentrations import Concentrations
from cerussite.assessment.ecological import (
    SUM_OF_EIGHT_POLLUTANTS,
    contamination_degree_classes,
    ecological_risk_classes,
    ecological_risk_factor,
    ecological_risk_index,
    toxic_response_factors,
)
from cerussite.assessment.enrichment import (
    ReferencePrediction,
    enrichment_factor,
    modified_pollution_index,
    reference_prediction,
)
from cerussite.assessment.entries import Recipe
from cerussite.assessment.indices import (
    contamination_degree,
    contamination_factor,
    geoaccumulation_index,
    modified_contamination_degree,
    pollution_load_index,
)
from cerussite.assessment.plan import AssessmentPlan
from cerussite.assessment.scoring import Index
from cerussite.assessment.sets import SetIndex
from cerussite.assessment.standards import Standard
from cerussite.core.types import FloatArray


class _SetFunction(Protocol):
    def __call__(
        self,
        concentrations: FloatArray,
        *,
        background: FloatArray,
        elements: tuple[str, ...],
    ) -> SetIndex: ...


class _EachFunction(Protocol):
    def __call__(
        self, concentrations: FloatArray, *, background: FloatArray
    ) -> FloatArray: ...


def background_recipes(
    concentrations: Concentrations,
    background: Standard,
    elements: tuple[str, ...],
    *,
    plan: AssessmentPlan,
) -> tuple[list[Recipe], ReferencePrediction | None, list[str]]:
    """
    Recipes of all indices against a background.

    Parameters
    ----------
    concentrations : Concentrations
        Of the survey.
    background : Standard
        With a value of every element of the set.
    elements : tuple of str
        The set.
    plan : AssessmentPlan
        Choices.

    Returns
    -------
    tuple of (list of Recipe, ReferencePrediction or None, list of str)
        Recipes, whether the reference element predicts the others, and notes.
    """
    recipes = _plain(concentrations, background, elements)
    ecological, notes = _ecological(concentrations, background, elements, plan=plan)
    recipes += ecological
    if plan.reference_element is None:
        return recipes, None, notes
    found, prediction = _enrichment(concentrations, background, elements, plan=plan)
    return recipes + found, prediction, notes


def _plain(
    concentrations: Concentrations, background: Standard, elements: tuple[str, ...]
) -> list[Recipe]:
    columns = concentrations.columns(elements)
    against, name = background.values(elements), background.name
    together = " ".join(elements)
    recipes = [
        Recipe(
            index,
            _each(function, columns, against),
            elements,
            classes_of(index),
            name,
        )
        for index, function in (
            ("contamination_factor", contamination_factor),
            ("geoaccumulation_index", geoaccumulation_index),
        )
    ]
    sets: dict[str, tuple[_SetFunction, Classes]] = {
        "contamination_degree": (
            contamination_degree,
            contamination_degree_classes(len(elements)),
        ),
        "modified_degree": (
            modified_contamination_degree,
            classes_of("modified_degree"),
        ),
        "pollution_load_index": (
            pollution_load_index,
            classes_of("pollution_load_index"),
        ),
    }
    return recipes + [
        Recipe(
            index,
            _of_set(function, columns, against, elements),
            (together,),
            classes,
            name,
        )
        for index, (function, classes) in sets.items()
    ]


def _each(function: _EachFunction, columns: list[int], against: FloatArray) -> Index:
    return lambda c, _: function(c[..., columns], background=against)


def _of_set(
    function: _SetFunction,
    columns: list[int],
    against: FloatArray,
    elements: tuple[str, ...],
) -> Index:
    return lambda c, _: (
        function(c[..., columns], background=against, elements=elements).values
    )


def _ecological(
    concentrations: Concentrations,
    background: Standard,
    elements: tuple[str, ...],
    *,
    plan: AssessmentPlan,
) -> tuple[list[Recipe], list[str]]:
    factors = toxic_response_factors(elements, extended=plan.extended_toxic_response)
    known = ~np.isnan(factors)
    names = tuple(e for e, k in zip(elements, known, strict=True) if k)
    notes = []
    if len(names) < len(elements):
        without = [element for element in elements if element not in names]
        notes.append(f"no toxic response factor of {', '.join(without)}")
    if not names:
        return [], notes
    factors = factors[known]
    classes = ecological_risk_classes(factors)
    share = factors.sum() / SUM_OF_EIGHT_POLLUTANTS
    notes.append(
        f"class bounds of the ecological risk index times {share:.3f}: toxic response "
        f"factors of {' '.join(names)} over {SUM_OF_EIGHT_POLLUTANTS:g} of Håkanson's "
        "eight pollutants"
    )
    columns, against = concentrations.columns(names), background.values(names)

    def each(c: FloatArray, _: slice) -> FloatArray:
        return ecological_risk_factor(
            c[..., columns], background=against, factors=factors
        )

    def together(c: FloatArray, _: slice) -> FloatArray:
        return ecological_risk_index(
            c[..., columns], background=against, factors=factors, elements=names
        ).values

    one = classes_of("ecological_risk_factor")
    return [
        Recipe("ecological_risk_factor", each, names, one, background.name),
        Recipe(
            "ecological_risk_index",
            together,
            (" ".join(names),),
            classes,
            background.name,
        ),
    ], notes


def _enrichment(
    concentrations: Concentrations,
    background: Standard,
    elements: tuple[str, ...],
    *,
    plan: AssessmentPlan,
) -> tuple[list[Recipe], ReferencePrediction]:
    reference = plan.reference_element or ""
    names = tuple(element for element in elements if element != reference)
    everything = (reference, *names)
    at, *columns = concentrations.columns(everything)
    base, *against = background.values(everything)
    prediction = reference_prediction(
        concentrations.values[:, [at, *columns]],
        elements=everything,
        reference=reference,
    )
    reasons = tuple(prediction.reason(position) for position in range(len(names)))

    def each(c: FloatArray, _: slice) -> FloatArray:
        return enrichment_factor(
            c[..., columns],
            c[..., at],
            background=np.array(against),
            reference_background=float(base),
        )

    def together(c: FloatArray, rows: slice) -> FloatArray:
        return modified_pollution_index(each(c, rows), elements=names).values

    return [
        Recipe(
            "enrichment_factor",
            each,
            names,
            classes_of(plan.enrichment_classes),
            background.name,
            reasons=reasons,
        ),
        Recipe(
            "modified_pollution_index",
            together,
            (" ".join(names),),
            classes_of("modified_pollution_index"),
            background.name,
            reasons=(next((reason for reason in reasons if reason), ""),),
        ),
    ], prediction
