"""What a health risk assessment found."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from cerussite.assessment.health.tables import HEALTH_DICTIONARY


@dataclass(frozen=True, eq=False)
class HealthRisk:
    """
    Hazard and risk, and what they rest on.

    Attributes
    ----------
    risks : DataFrame
        The columns of the indices of an assessment with ``index`` =
        ``"hazard_quotient"``, ``"hazard_index"``, ``"cancer_risk"`` or
        ``"total_cancer_risk"``, ``standard`` the toxicity value with its date,
        then ``route``, ``receptor`` and ``on``.
    probabilities : DataFrame
        P(index > bound); empty without draws.
    toxicity : DataFrame
        Toxicity values used: ``on``, ``element``, ``substance``, ``quantity``,
        ``value``, ``unit``, ``effective_from``, ``effective_to``, ``source``,
        ``check``, ``note``.
    exposure : DataFrame
        Factors used: ``receptor``, ``factor``, ``value`` (median of draws),
        ``n_draws``, ``source``.
    classes : DataFrame
        Classes as applied.
    dates : tuple of date
        Days of the toxicity values.
    level : float
        Probability inside the intervals.
    notes : tuple of str
        What was left out or assumed.
    data_dictionary : tuple of (str, str)
        What the columns mean.
    """

    risks: pd.DataFrame
    probabilities: pd.DataFrame
    toxicity: pd.DataFrame
    exposure: pd.DataFrame
    classes: pd.DataFrame
    dates: tuple[date, ...]
    level: float
    notes: tuple[str, ...]
    data_dictionary: tuple[tuple[str, str], ...] = HEALTH_DICTIONARY
