"""What an assessment found, with all that a report must say about it."""

from dataclasses import dataclass

import pandas as pd

#: What the columns of the tables of an assessment mean.
DATA_DICTIONARY: tuple[tuple[str, str], ...] = (
    ("sample_id", "Sample as named in the data."),
    (
        "index",
        (
            "contamination_factor C / B; geoaccumulation_index log2(C / 1.5 B); "
            "enrichment_factor (C / R) over the same of the background; "
            "ecological_risk_factor Tr C / B; contamination_degree, modified_degree "
            "and pollution_load_index: sum, mean and geometric mean of the "
            "contamination factors; ecological_risk_index: sum of the risk factors; "
            "nemerow_index and modified_pollution_index: root of half the squared "
            "mean plus half the squared maximum of C / guideline and of the "
            "enrichment factors; mean_..._quotient: mean of C / guideline; "
            "toxic_risk_index: sum of the root mean squares of C / TEL and C / PEL; "
            "concentration: the concentration itself, in mg/kg."
        ),
    ),
    ("element", "Element, or the set of elements that the index was computed of."),
    (
        "value",
        "The index (no unit), or mg/kg dry mass; the median where draws are given.",
    ),
    ("lower, upper", "Ends of the interval over the draws; empty without draws."),
    ("class", "Class of the value by the published bounds; empty where withheld."),
    ("background", "Background that the index was computed against."),
    ("standard", "Guideline that it was held against; empty where none."),
    ("withheld", "True where no verdict is given; the reason stands beside it."),
    ("reason", "Why the verdict is withheld."),
    ("limit", "Guideline in mg/kg dry mass, for this sample where it depends on pH."),
    ("quotient", "Concentration over guideline."),
    ("probability", "Share of draws above the bound; empty without draws."),
    ("bound", "Bound between two classes of the index."),
    ("rank", "Stations by pollution load index, the highest first; ties share a rank."),
    ("n_exceedances", "Guideline values that the concentrations of the sample exceed."),
    ("worst_quotient", "Largest concentration over guideline, and where it occurs."),
    ("rank_correlation", "Spearman's correlation of element and reference element."),
    ("r2_log", "Squared correlation of their logarithms."),
    ("predicts", "Whether the reference element predicts the element well enough."),
    (
        "check",
        (
            "primary: read in the legal text, the page of the agency or the paper; "
            "secondary: read in a text that cites it; user: given by the user."
        ),
    ),
)


@dataclass(frozen=True, eq=False)
class Assessment:
    """
    Indices and exceedances of a survey, and what they rest on.

    Attributes
    ----------
    indices : DataFrame
        Columns ``sample_id``, ``index``, ``element``, ``value``, ``lower``,
        ``upper``, ``class``, ``background``, ``standard``, ``withheld``,
        ``reason``; one row an index, element or set, and sample.
    exceedances : DataFrame
        The same columns with ``index`` = ``"concentration"`` in mg/kg and
        ``class`` = ``"above"`` or ``"not above"``, then ``limit``, ``quotient``
        and ``probability``; one row a standard, element and sample.
    probabilities : DataFrame
        P(index > bound) for each bound between classes: ``sample_id``,
        ``index``, ``element``, ``standard``, ``bound``, ``probability``; empty
        without draws.
    ranking : DataFrame
        Stations by pollution load index: ``rank``, ``sample_id``, ``value``,
        ``lower``, ``upper``, ``class``, ``n_exceedances``, ``worst_quotient``,
        ``worst_element``, ``worst_standard``; last those where it is withheld.
    references : DataFrame
        Background and standards used: ``name``, ``title``, ``kind``, ``medium``,
        ``procedure``, ``normalisation``, ``year``, ``source``, ``check``.
    constants_used : DataFrame
        Every value that entered: ``standard``, ``element``, ``value``,
        ``unit``, ``ph_above``, ``ph_up_to``, ``source``, ``year``, ``check``.
    reference_element : DataFrame
        Whether the reference element predicts the others: ``reference``,
        ``element``, ``n_samples``, ``rank_correlation``, ``r2_log``,
        ``predicts``; empty without one.
    classes : DataFrame
        Classes as applied, rescaled bounds included: ``index``, ``element``,
        ``label``, ``lower``, ``upper``, ``closed``, ``source``.
    elements : tuple of str
        Set of the indices against the background.
    level : float
        Probability inside the intervals.
    n_draws : int
        Draws that they come from; 0 without.
    warnings : tuple of str
        Doubts about comparisons; the report prints them first.
    notes : tuple of str
        What was decided, left out or rescaled.
    data_dictionary : tuple of (str, str)
        What the columns mean.
    """

    indices: pd.DataFrame
    exceedances: pd.DataFrame
    probabilities: pd.DataFrame
    ranking: pd.DataFrame
    references: pd.DataFrame
    constants_used: pd.DataFrame
    reference_element: pd.DataFrame
    classes: pd.DataFrame
    elements: tuple[str, ...]
    level: float
    n_draws: int
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    data_dictionary: tuple[tuple[str, str], ...] = DATA_DICTIONARY

    def withheld(self) -> pd.DataFrame:
        """
        How many verdicts were withheld, and why.

        Returns
        -------
        DataFrame
            Columns ``index``, ``element``, ``standard``, ``reason`` and
            ``n_samples``, the most frequent first.
        """
        tables = [
            table.loc[table["withheld"], ["index", "element", "standard", "reason"]]
            for table in (self.indices, self.exceedances)
        ]
        rows = pd.concat([table.astype(str) for table in tables])
        counted = rows.groupby(list(rows.columns)).size().rename("n_samples")
        return counted.sort_values(ascending=False, kind="stable").reset_index()
