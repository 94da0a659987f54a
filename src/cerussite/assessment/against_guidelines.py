"""Indices and exceedances of a survey against one guideline."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cerussite.assessment.classes import classes_of
from cerussite.assessment.comparing import species_conflicts
from cerussite.assessment.comparison import Comparison
from cerussite.assessment.concentrations import Concentrations
from cerussite.assessment.entries import Recipe, missing_reason
from cerussite.assessment.quotients import (
    mean_guideline_quotient,
    nemerow_index,
    toxic_risk_index,
)
from cerussite.assessment.scoring import Index, Scores, score
from cerussite.assessment.tidy import Block
from cerussite.core.types import FloatArray

#: Guidelines whose mean quotient is in use.
MEAN_QUOTIENTS: dict[str, str] = {
    "noaa_erm": "mean_erm_quotient",
    "consensus_pec": "mean_pec_quotient",
    "fdep_pel": "mean_pel_quotient",
    "ccme_pel_marine": "mean_pel_quotient",
    "pel_freshwater": "mean_pel_quotient",
    "ccme_pel_freshwater": "mean_pel_quotient",
}
#: Those among them that the published classes were not made for.
WITHOUT_CLASSES = ("pel_freshwater", "ccme_pel_freshwater")
#: Threshold level that goes with a probable effect level, for the toxic risk index.
THRESHOLD_OF_PROBABLE: dict[str, str] = {
    "fdep_pel": "fdep_tel",
    "pel_freshwater": "tel_freshwater",
    "ccme_pel_marine": "ccme_isqg_marine",
    "ccme_pel_freshwater": "ccme_isqg_freshwater",
}
#: Labels of an exceedance.
ABOVE = ("not above", "above")


def guideline_recipes(
    comparison: Comparison, others: Sequence[Comparison]
) -> list[Recipe]:
    """
    Recipes of the indices against a guideline.

    Parameters
    ----------
    comparison : Comparison
        Against this guideline.
    others : sequence of Comparison
        Against all guidelines, among which the threshold level is sought that
        goes with a probable effect level.

    Returns
    -------
    list of Recipe
        Nemerow index, and mean quotient and toxic risk index where the guideline
        is of their kind; nothing where no element is limited.
    """
    if not comparison.elements:
        return []
    name = comparison.standard.name
    recipes = [_nemerow(comparison)]
    if name in MEAN_QUOTIENTS:
        recipes.append(_mean_quotient(comparison, MEAN_QUOTIENTS[name]))
    for other in others:
        if other.standard.name == THRESHOLD_OF_PROBABLE.get(name):
            recipes += _toxic_risk(other, comparison)
    return recipes


def exceedance_blocks(
    concentrations: Concentrations, comparison: Comparison, *, level: float
) -> list[Block]:
    """
    Concentrations above or not above a guideline.

    Parameters
    ----------
    concentrations : Concentrations
        Of the survey.
    comparison : Comparison
        Against one guideline.
    level : float
        Probability inside the intervals over draws.

    Returns
    -------
    list of Block
        One an element; those measured as another species are withheld.
    """
    blocks = []
    if comparison.elements:
        scores = score(
            concentrations,
            comparison.concentrations,
            bounds=comparison.limits[np.newaxis],
            level=level,
        )
        blocks = [
            _exceedance(scores, comparison, column)
            for column in range(len(comparison.elements))
        ]
    conflicts = species_conflicts(concentrations.elements, comparison.standard)
    return blocks + [
        _other_species(concentrations, comparison, element, reason)
        for element, reason in conflicts.items()
    ]


def _nemerow(comparison: Comparison) -> Recipe:
    def compute(c: FloatArray, rows: slice) -> FloatArray:
        return nemerow_index(
            comparison.concentrations(c, rows),
            guideline=comparison.limits[rows],
            elements=comparison.elements,
        ).values

    return _of_set("nemerow_index", compute, comparison, comparison.elements)


def _mean_quotient(comparison: Comparison, index: str) -> Recipe:
    def compute(c: FloatArray, rows: slice) -> FloatArray:
        return mean_guideline_quotient(
            comparison.concentrations(c, rows),
            guideline=comparison.limits[rows],
            elements=comparison.elements,
            index=index,
        ).values

    recipe = _of_set(index, compute, comparison, comparison.elements)
    if comparison.standard.name not in WITHOUT_CLASSES:
        return recipe
    reason = "classes of the mean PEL quotient are of marine and estuarine sediment"
    return replace(recipe, reasons=(reason,))


def _toxic_risk(threshold: Comparison, probable: Comparison) -> list[Recipe]:
    names = tuple(e for e in probable.elements if e in threshold.elements)
    if not names:
        return []
    columns = [probable.columns[probable.elements.index(name)] for name in names]
    lower, upper = (each.standard.values(names) for each in (threshold, probable))

    def compute(c: FloatArray, _: slice) -> FloatArray:
        return toxic_risk_index(
            c[..., columns], threshold=lower, probable=upper, elements=names
        ).values

    recipe = _of_set("toxic_risk_index", compute, probable, names)
    both = f"{threshold.standard.name} and {probable.standard.name}"
    return [replace(recipe, standard=both)]


def _of_set(
    index: str, compute: Index, comparison: Comparison, elements: tuple[str, ...]
) -> Recipe:
    return Recipe(
        index,
        compute,
        (" ".join(elements),),
        classes_of(index),
        standard=comparison.standard.name,
    )


def _exceedance(scores: Scores, comparison: Comparison, column: int) -> Block:
    value, limit = scores.value[:, column], comparison.limits[:, column]
    missing = np.isnan(value)
    shares = scores.probabilities[:, :, column]
    element = comparison.elements[column]
    return Block(
        "concentration",
        element,
        value,
        scores.lower[:, column],
        scores.upper[:, column],
        np.where(missing, -1, value > limit),
        ABOVE,
        "",
        comparison.standard.name,
        missing,
        missing_reason(element),
        {
            "limit": limit,
            "quotient": value / limit,
            "probability": shares[0] if len(shares) else np.full_like(value, np.nan),
        },
    )


def _other_species(
    concentrations: Concentrations, comparison: Comparison, element: str, reason: str
) -> Block:
    value = concentrations.values[:, concentrations.columns([element])[0]]
    empty = np.full_like(value, np.nan)
    return Block(
        "concentration",
        element,
        value,
        empty,
        empty,
        np.full(value.shape, -1),
        ABOVE,
        "",
        comparison.standard.name,
        np.full(value.shape, True),
        reason,
        dict.fromkeys(("limit", "quotient", "probability"), empty),
    )
