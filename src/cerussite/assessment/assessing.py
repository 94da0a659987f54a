"""One call from concentrations to indices, exceedances and all that a report needs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cerussite.assessment.against_background import background_recipes
from cerussite.assessment.against_guidelines import (
    exceedance_blocks,
    guideline_recipes,
)
from cerussite.assessment.comparing import comparability, refuse_incomparable
from cerussite.assessment.comparison import Comparison, compare, needs_correction
from cerussite.assessment.concentrations import Concentrations
from cerussite.assessment.enrichment import ReferencePrediction
from cerussite.assessment.entries import (
    Entry,
    class_table,
    entries_of,
    probability_table,
)
from cerussite.assessment.plan import AssessmentPlan
from cerussite.assessment.ranking import ranked_stations
from cerussite.assessment.records import (
    constants_used,
    prediction_table,
    references,
)
from cerussite.assessment.result import Assessment
from cerussite.assessment.shipped import shipped_background, shipped_guideline
from cerussite.assessment.standards import Standard
from cerussite.assessment.tidy import COLUMNS, Block, tidy_table
from cerussite.core.errors import InvalidConcentrationError


@dataclass(frozen=True, eq=False)
class _Found:
    entries: list[Entry]
    exceedances: list[Block]
    prediction: ReferencePrediction | None
    notes: list[str]


def assess(
    concentrations: Concentrations,
    *,
    background: Standard | str,
    standards: Sequence[Standard | str] = (),
    plan: AssessmentPlan | None = None,
) -> Assessment:
    """
    Indices against a background, and concentrations against guidelines.

    Parameters
    ----------
    concentrations : Concentrations
        Values, or draws for intervals and probabilities.
    background : Standard or str
        A shipped background by name, or one of the caller. It needs a value of
        every element of the set.
    standards : sequence of Standard or str
        Guidelines. Each gives exceedances and a Nemerow index; those with
        published classes give a mean quotient, and a probable effect level
        together with its threshold level a toxic risk index.
    plan : AssessmentPlan, optional
        Set of elements, reference element and other choices.

    Returns
    -------
    Assessment
        Tidy tables with all that a report must name.

    Notes
    -----
    ``UnknownStandardError`` is raised for an unknown name,
    ``InvalidConcentrationError`` where the background misses an element, the
    reference element was not measured or a standard is asked for twice, and ``IncomparableError`` where a weak
    extraction is held against totals or a soil type correction is due and
    cannot be made. Total Cr against Cr(VI) withholds the verdict of that row.

    Examples
    --------
    >>> measured = Concentrations(
    ...     ("a", "b"), ("Pb", "Zn"), np.array([[80.0, 95.0], [20.0, 95.0]])
    ... )
    >>> found = assess(
    ...     measured, background="average_shale", standards=["consensus_pec"]
    ... )
    >>> found.ranking[["rank", "sample_id", "value", "class"]]
       rank sample_id  value                      class
    0   1.0         a    2.0  progressive deterioration
    1   2.0         b    1.0           no deterioration
    """
    plan = plan or AssessmentPlan()
    against = _resolved(background, "background")
    limits = [_resolved(standard, "guideline") for standard in standards]
    _check_once(limits)
    elements = _set_of(concentrations, plan)
    warnings = _warnings(concentrations, against, limits, elements=elements, plan=plan)
    found = _find(concentrations, against, limits, elements=elements, plan=plan)
    return _assessment(
        concentrations,
        found,
        [against, *limits],
        elements=elements,
        about=(plan.level, tuple(warnings)),
    )


def _resolved(standard: Standard | str, kind: str) -> Standard:
    if isinstance(standard, Standard):
        return standard
    named = shipped_background if kind == "background" else shipped_guideline
    return named(standard)


def _check_once(standards: list[Standard]) -> None:
    names = [standard.name for standard in standards]
    repeated = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if repeated:
        msg = f"standard {repeated[0]!r} is asked for twice; expected each once"
        raise InvalidConcentrationError(msg)


def _set_of(concentrations: Concentrations, plan: AssessmentPlan) -> tuple[str, ...]:
    others = tuple(e for e in concentrations.elements if e != plan.reference_element)
    elements = plan.elements or others
    concentrations.columns(elements)
    if plan.reference_element is not None:
        concentrations.columns([plan.reference_element])
    if not elements:
        msg = (
            f"no element but {plan.reference_element} was measured; expected at least "
            "one beside the reference element"
        )
        raise InvalidConcentrationError(msg)
    return elements


def _warnings(
    concentrations: Concentrations,
    background: Standard,
    standards: list[Standard],
    *,
    elements: tuple[str, ...],
    plan: AssessmentPlan,
) -> list[str]:
    texts = []
    for standard in (background, *standards):
        held = concentrations
        if needs_correction(concentrations, standard):
            held = replace(concentrations, normalisation="soil_type")
        findings = comparability(held, standard)
        refuse_incomparable(findings)
        texts += [finding.text for finding in findings]
    if plan.reference_element is None and concentrations.normalisation == "none":
        texts.append(
            f"{' '.join(elements)} are not normalised for grain size: coarse and fine "
            "samples differ from the background by their grain alone; name a reference "
            "element for enrichment factors"
        )
    return texts


def _find(
    concentrations: Concentrations,
    background: Standard,
    standards: list[Standard],
    *,
    elements: tuple[str, ...],
    plan: AssessmentPlan,
) -> _Found:
    recipes, prediction, notes = background_recipes(
        concentrations, background, elements, plan=plan
    )
    comparisons: list[Comparison] = []
    for standard in standards:
        comparison, more = compare(concentrations, standard)
        comparisons.append(comparison)
        notes += more
    for comparison in comparisons:
        recipes += guideline_recipes(comparison, comparisons)
    entries = [
        entry
        for recipe in recipes
        for entry in entries_of(recipe, concentrations, level=plan.level)
    ]
    blocks = [
        block
        for comparison in comparisons
        for block in exceedance_blocks(concentrations, comparison, level=plan.level)
    ]
    return _Found(entries, blocks, prediction, notes)


def _assessment(
    concentrations: Concentrations,
    found: _Found,
    used: list[Standard],
    *,
    elements: tuple[str, ...],
    about: tuple[float, tuple[str, ...]],
) -> Assessment:
    ids = concentrations.sample_ids
    indices = tidy_table([entry.block for entry in found.entries], ids)
    exceedances = _exceedance_table(found.exceedances, ids)
    return Assessment(
        indices=indices,
        exceedances=exceedances,
        probabilities=probability_table(found.entries, ids),
        ranking=ranked_stations(indices, exceedances),
        references=references(used),
        constants_used=constants_used(used, concentrations.elements),
        reference_element=prediction_table(found.prediction),
        classes=class_table(found.entries),
        elements=elements,
        level=about[0],
        n_draws=0 if concentrations.draws is None else len(concentrations.draws),
        warnings=about[1],
        notes=tuple(found.notes),
    )


def _exceedance_table(blocks: list[Block], ids: tuple[str, ...]) -> pd.DataFrame:
    more = ("limit", "quotient", "probability")
    table = tidy_table(blocks, ids)
    for name in more:
        if name not in table:
            table[name] = np.empty(0)
    return table[[*COLUMNS, *more]]
