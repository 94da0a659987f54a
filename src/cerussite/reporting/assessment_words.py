"""Standing texts of the report of an assessment: titles of indices, and limits."""

#: Titles of indices, in the order of the report.
INDICES: dict[str, str] = {
    "pollution_load_index": "Pollution load index",
    "contamination_factor": "Contamination factor",
    "geoaccumulation_index": "Geoaccumulation index",
    "enrichment_factor": "Enrichment factor",
    "ecological_risk_factor": "Ecological risk factor",
    "contamination_degree": "Degree of contamination",
    "modified_degree": "Modified degree of contamination",
    "modified_pollution_index": "Modified pollution index",
    "ecological_risk_index": "Potential ecological risk index",
    "mean_erm_quotient": "Mean ERM quotient",
    "mean_pec_quotient": "Mean PEC quotient",
    "mean_pel_quotient": "Mean PEL quotient",
    "toxic_risk_index": "Toxic risk index",
    "nemerow_index": "Nemerow index",
}
#: Indices that maps are drawn of, the most telling first.
MAPPED = (
    *("ecological_risk_index", "modified_degree", "mean_erm_quotient"),
    *("mean_pec_quotient", "mean_pel_quotient", "toxic_risk_index"),
    *("pollution_load_index", "nemerow_index"),
)

#: Limits that hold for every assessment.
LIMITS: tuple[str, ...] = (
    (
        "An index says how far concentrations lie from a reference, not how much harm "
        "is done. Another background gives other classes."
    ),
    (
        "Classes are conventions of the papers that are named; a station just above a "
        "bound hardly differs from one just below it."
    ),
    (
        "Background and guidelines count as exact. Intervals and probabilities cover "
        "only what the notes say."
    ),
    (
        "Coarse samples hold less of every metal. Without a reference element or a "
        "normalisation, grain size is part of every index of this report."
    ),
    (
        "Indices of different sets of elements must not be compared; the set stands "
        "beside each value."
    ),
)
#: Limits of a health risk assessment.
HEALTH_LIMITS: tuple[str, ...] = (
    (
        "Total concentrations count as fully bioavailable, and hazard quotients of all "
        "elements are added, as in a first screening."
    ),
    (
        "Routes and elements that were not quantified are left out of the sums, which "
        "are therefore no upper bounds; the section on withheld verdicts says why."
    ),
    "Toxicity values change: look for later ones than those of the dates named.",
)


def index_title(index: str, standard: str = "") -> str:
    """
    Name of an index for people.

    Parameters
    ----------
    index : str
        Name in the CSV files.
    standard : str
        Guideline that it was held against.

    Returns
    -------
    str
        With a capital letter, and the guideline where several may be.

    Examples
    --------
    >>> index_title("nemerow_index", "noaa_erm")
    'Nemerow index, noaa_erm'
    """
    title = INDICES.get(index, index.replace("_", " ").capitalize())
    return f"{title}, {standard}" if index == "nemerow_index" and standard else title


def join(names: list[str]) -> str:
    """
    Names in a sentence.

    Parameters
    ----------
    names : list of str
        One or more.

    Returns
    -------
    str
        With commas and a last ``and``.

    Examples
    --------
    >>> join(["Cd", "Pb", "Zn"])
    'Cd, Pb and Zn'
    """
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
