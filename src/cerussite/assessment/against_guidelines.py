"""Indices and exceedances of a survey against one guideline."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cerussite.assessment.classes import classes_of
from cerussite.assessment.comparing import species_conflicts
from cerussite.assessment.concentrations import Concentrations
from cerussite.assessment.entries import Recipe, missing_reason
from cerussite.assessment.quotients import (
    mean_guideline_quotient,
    nemerow_index,
    toxic_risk_index,
)
from cerussite.assessment.scoring import Index, Scores, score
from cerussite.assessment.soil_type import soil_type_correction, soil_type_elements
from cerussite.assessment.standards import Standard
from cerussite.assessment.tidy import Block
from cerussite.core.types import FloatArray

#: Guidelines whose mean quotient has published classes.
MEAN_QUOTIENTS: dict[str, str] = {
    "noaa_erm": "mean_erm_quotient",
    "consensus_pec": "mean_pec_quotient",
    "fdep_pel": "mean_pel_quotient",
    "ccme_pel_marine": "mean_pel_quotient",
    "pel_freshwater": "mean_pel_quotient",
    "ccme_pel_freshwater": "mean_pel_quotient",
}
#: Threshold level that goes with a probable effect level, for the toxic risk index.
THRESHOLD_OF_PROBABLE: dict[str, str] = {
    "fdep_pel": "fdep_tel",
    "pel_freshwater": "tel_freshwater",
    "ccme_pel_marine": "ccme_isqg_marine",
    "ccme_pel_freshwater": "ccme_isqg_freshwater",
}
#: Labels of an exceedance.
ABOVE = ("not above", "above")


@dataclass(frozen=True, eq=False)
class Comparison:
    """
    Concentrations next to the values of one standard.

    Attributes
    ----------
    standard : Standard
        The guideline.
    elements : tuple of str
        Elements that it limits and that were measured as it means them.
    columns : list of int
        Where they are among the concentrations.
    limits : ndarray of shape (n_samples, n_elements)
        Values in mg/kg dry mass, one row a sample.
    factor : ndarray of shape (n_samples, n_elements)
        Soil type correction of the concentrations; 1 where there is none.
    """

    standard: Standard
    elements: tuple[str, ...]
    columns: list[int]
    limits: FloatArray
    factor: FloatArray

    def concentrations(self, c: FloatArray, rows: slice) -> FloatArray:
        """
        Concentrations as the standard wants them.

        Parameters
        ----------
        c : ndarray of shape (..., n_rows, n_columns)
            Concentrations in mg/kg dry mass of some samples.
        rows : slice
            Which samples.

        Returns
        -------
        ndarray of shape (..., n_rows, n_elements)
            In mg/kg dry mass, corrected for soil type where that is demanded.
        """
        return c[..., self.columns] * self.factor[rows]


def needs_correction(concentrations: Concentrations, standard: Standard) -> bool:
    """
    Whether the Dutch soil type correction is due and possible.

    Parameters
    ----------
    concentrations : Concentrations
        With clay and organic matter, or without.
    standard : Standard
        Guideline.

    Returns
    -------
    bool
        False where the standard does not demand it, it has been done, or clay or
        organic matter is not known.
    """
    return (
        standard.normalisation == "soil_type"
        and concentrations.normalisation == "none"
        and concentrations.clay is not None
        and concentrations.organic_matter is not None
    )


def compare(
    concentrations: Concentrations, standard: Standard
) -> tuple[Comparison, list[str]]:
    """
    Put concentrations next to a standard.

    Parameters
    ----------
    concentrations : Concentrations
        Of the survey.
    standard : Standard
        Guideline.

    Returns
    -------
    tuple of (Comparison, list of str)
        The elements that can be compared, and notes on those that cannot.
    """
    correct = needs_correction(concentrations, standard)
    limited = [e for e in concentrations.elements if e in standard.elements]
    usable = soil_type_elements() if correct else tuple(limited)
    elements = tuple(element for element in limited if element in usable)
    conflicts = species_conflicts(concentrations.elements, standard)
    notes = []
    if without := [
        e for e in concentrations.elements if e not in limited and e not in conflicts
    ]:
        notes.append(f"{standard.name} gives no value of {', '.join(without)}")
    if uncorrected := [e for e in limited if e not in elements]:
        notes.append(
            f"no soil type correction of {', '.join(uncorrected)}: not compared with "
            f"{standard.name}"
        )
    if correct:
        notes.append(f"soil type correction before the comparison with {standard.name}")
    columns = concentrations.columns(elements)
    shape = len(concentrations.sample_ids), len(elements)
    limits = (
        standard.values(elements, ph=concentrations.ph) if elements else np.empty(0)
    )
    limits = np.broadcast_to(limits, shape)
    factor = _factor(concentrations, standard, elements)
    return Comparison(standard, elements, columns, limits, factor), notes


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


def _factor(
    concentrations: Concentrations, standard: Standard, elements: tuple[str, ...]
) -> FloatArray:
    ones = np.ones((len(concentrations.sample_ids), len(elements)))
    clay, organic_matter = concentrations.clay, concentrations.organic_matter
    if clay is None or organic_matter is None:
        return ones
    if not elements or not needs_correction(concentrations, standard):
        return ones
    return soil_type_correction(
        ones, elements=elements, clay=clay, organic_matter=organic_matter
    )


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

    return _of_set(index, compute, comparison, comparison.elements)


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
