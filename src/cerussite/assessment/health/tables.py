"""Tables of a health risk assessment that say what it rests on."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from cerussite.assessment.health.receptors import Receptor, factor_names
from cerussite.assessment.health.weights import RouteWeights

#: What the columns of the tables of a health risk assessment mean.
HEALTH_DICTIONARY: tuple[tuple[str, str], ...] = (
    ("sample_id", "Sample as named in the data."),
    (
        "index",
        (
            "hazard_quotient: dose over reference dose, or exposure over reference "
            "concentration; hazard_index: their sum; cancer_risk: dose averaged over "
            "70 years times slope factor, or exposure times unit risk; "
            "total_cancer_risk: their sum."
        ),
    ),
    ("element", "Element, or the elements whose quotients or risks were added."),
    ("value", "Without unit; the median where draws are given."),
    ("lower, upper", "Ends of the interval over the draws; empty without draws."),
    ("class", "Hazard: above 1 or not; cancer: below 1e-6, up to 1e-4, above."),
    ("standard", "Source of the toxicity value, and the day from which it holds."),
    ("withheld, reason", "True where a route was not quantified, and why."),
    ("route", "Ingestion, dermal, inhalation, or all that were quantified."),
    ("receptor", "Who is exposed; several names for consecutive stages of one life."),
    ("on", "Day whose toxicity values were used."),
    ("bound, probability", "P(index > bound); empty without draws."),
    (
        "check",
        (
            "primary: read on the page of the agency; secondary: read in a text that "
            "cites it."
        ),
    ),
)


def toxicity_table(
    weights: Sequence[tuple[date, RouteWeights]], elements: Sequence[str]
) -> pd.DataFrame:
    """
    Toxicity values that entered.

    Parameters
    ----------
    weights : sequence of (date, RouteWeights)
        All routes, effects and dates.
    elements : sequence of str
        Elements as measured.

    Returns
    -------
    DataFrame
        One row a value, element and date.
    """
    rows = [
        {
            "on": str(on),
            "element": element,
            "substance": used.substance,
            "quantity": used.quantity,
            "value": used.value,
            "unit": used.unit,
            "effective_from": str(used.effective_from),
            "effective_to": "" if used.effective_to is None else str(used.effective_to),
            "source": used.source,
            "check": used.check,
            "note": used.note,
        }
        for on, each in weights
        for element, used in zip(elements, each.used, strict=True)
        if used is not None
    ]
    columns = ["on", "element", "substance", "quantity", "value", "unit"]
    columns += ["effective_from", "effective_to", "source", "check", "note"]
    table = pd.DataFrame(rows, columns=columns)
    return table.drop_duplicates(ignore_index=True)


def exposure_table(receptors: Sequence[Receptor]) -> pd.DataFrame:
    """
    Exposure factors that entered.

    Parameters
    ----------
    receptors : sequence of Receptor
        Who is exposed.

    Returns
    -------
    DataFrame
        Columns ``receptor``, ``factor``, ``value`` (median of draws),
        ``n_draws`` (0 for one number) and ``source``.
    """
    rows = [
        {
            "receptor": each.name,
            "factor": factor,
            "value": float(np.median(getattr(each, factor))),
            "n_draws": int(np.size(getattr(each, factor)))
            if np.ndim(getattr(each, factor))
            else 0,
            "source": each.source,
        }
        for each in receptors
        for factor in factor_names()
    ]
    return pd.DataFrame(rows)
