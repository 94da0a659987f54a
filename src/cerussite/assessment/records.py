"""Tables that say what an assessment rests on."""

import pandas as pd

from cerussite.assessment.enrichment import ReferencePrediction
from cerussite.assessment.standards import Standard


def references(standards: list[Standard]) -> pd.DataFrame:
    """
    Backgrounds and guidelines that were used.

    Parameters
    ----------
    standards : list of Standard
        In the order of use.

    Returns
    -------
    DataFrame
        One row a standard.
    """
    columns = ["name", "title", "kind", "medium", "procedure", "normalisation"]
    columns += ["year", "source", "check"]
    return pd.DataFrame(
        [[getattr(standard, name) for name in columns] for standard in standards],
        columns=columns,
    )


def constants_used(
    standards: list[Standard], elements: tuple[str, ...]
) -> pd.DataFrame:
    """
    Every value that entered.

    Parameters
    ----------
    standards : list of Standard
        In the order of use.
    elements : tuple of str
        Elements that were measured.

    Returns
    -------
    DataFrame
        One row a value.
    """
    rows = [
        {
            "standard": standard.name,
            "element": limit.element,
            "value": limit.value,
            "unit": "mg/kg",
            "ph_above": limit.ph_above,
            "ph_up_to": limit.ph_up_to,
            "source": standard.source,
            "year": standard.year,
            "check": limit.check or standard.check,
        }
        for standard in standards
        for limit in standard.limits
        if limit.element in elements
    ]
    return pd.DataFrame(rows)


def prediction_table(prediction: ReferencePrediction | None) -> pd.DataFrame:
    """
    Whether the reference element predicts the others.

    Parameters
    ----------
    prediction : ReferencePrediction or None
        None without a reference element.

    Returns
    -------
    DataFrame
        One row an element; no rows without a reference element.
    """
    columns = ["reference", "element", "n_samples", "rank_correlation", "r2_log"]
    if prediction is None:
        return pd.DataFrame(columns=[*columns, "predicts"])
    return pd.DataFrame(
        {
            "reference": prediction.reference,
            "element": prediction.elements,
            "n_samples": prediction.n_samples,
            "rank_correlation": prediction.rank_correlation,
            "r2_log": prediction.r2_log,
            "predicts": prediction.predicts,
        }
    )
