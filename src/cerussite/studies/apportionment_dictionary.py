"""What the columns of the folder of an apportionment mean."""

from collections.abc import Sequence

import pandas as pd

#: What columns mean: columns, files (all if empty), meaning.
DICTIONARY: tuple[tuple[str, str, str], ...] = (
    (
        "factor",
        "",
        "Name of a factor; they are in order of falling share of all species.",
    ),
    ("species", "", "Name of the species as in the table of concentrations."),
    ("sample_id", "", "Name of the sample."),
    (
        "concentration",
        "profiles, constrained_profiles",
        "What the factor gives to the species on average, in the unit of the species.",
    ),
    (
        "percent_of_species",
        "profiles, constrained_profiles",
        "The same in percent of what all factors give to the species.",
    ),
    (
        "contribution",
        "contributions, constrained_contributions",
        "Of the factor to the sample; dimensionless, one is the mean of all samples.",
    ),
    (
        "explained_variation",
        "explained_variation",
        (
            "Share of the species that the factor explains, weighted by uncertainties; "
            "with 'unexplained' a species adds up to one."
        ),
    ),
    (
        "method",
        "errors",
        (
            "DISP: displacement, all else refitted. BS: bootstrap of samples, 5th to 95th "
            "percentile. BS noise: the same samples with errors of analysis drawn anew. "
            "BS-DISP: displacement within resamples. combined: the widest of DISP at dQ 4 "
            "and BS."
        ),
    ),
    ("d_q", "errors, swaps", "Increase of Q that an element was displaced to."),
    (
        "value, lower, upper",
        "errors",
        "Concentration of the profile with its interval, in the unit of the species.",
    ),
    (
        "is_reached",
        "errors",
        (
            "DISP only: no where the search ended before its level, so that the interval is "
            "at least this wide."
        ),
    ),
    (
        "n_swaps",
        "swaps",
        (
            "Displacements after which factors had changed places; any at dQ 4 means that "
            "the data do not tell the factors apart."
        ),
    ),
    (
        "factor 1 ..., unmapped",
        "mapping",
        (
            "How often the factor of the row, found anew in a resample, was most like the "
            "factor of the column; unmapped: no correlation reached 0.6."
        ),
    ),
    (
        "scaled_residual",
        "residuals",
        "Measured less modelled concentration over its uncertainty.",
    ),
    (
        "loss, q_true, q_robust",
        "starts",
        (
            "What was minimised; sum of squared scaled residuals; the same with 4|r| beyond "
            "four."
        ),
    ),
    (
        "optimality, expected_decrease, n_steps, is_converged",
        "starts",
        (
            "Certificate: violation of the Karush-Kuhn-Tucker conditions; fall of the loss "
            "that a further step would bring; steps; whether both are small enough."
        ),
    ),
    (
        "reaches_best",
        "starts",
        "Whether the start ended within 0.1 of the lowest loss.",
    ),
    (
        "held_out, difference, standard_error",
        "number_of_factors",
        (
            "Mean loss of held-out cells, its difference to the best number with its "
            "standard error over folds."
        ),
    ),
    (
        "q_over_expected, stability, share_reaching_best",
        "number_of_factors",
        (
            "Q over what it should be about; correlation of profiles between folds; starts "
            "that reached the best."
        ),
    ),
    (
        "category, suggested_category",
        "species",
        (
            "How the species counts (weak: three times its uncertainty; bad: left out), and "
            "what signal to noise suggests."
        ),
    ),
    ("signal_to_noise", "species", "Mean of (C - U)/U where C exceeds U."),
    (
        "apcs, unexplained, r2",
        "second_opinions",
        (
            "Percent of the mean of the species by APCS-MLR, its intercept, and the share "
            "of variance of the regression. Negative shares are shown."
        ),
    ),
    (
        "pmf, difference, loading",
        "second_opinions",
        (
            "Percent by the factorisation, APCS-MLR less it, loading of the log-ratio "
            "component."
        ),
    ),
    (
        "pmf, apcs, log_ratio, n_agreeing, agrees",
        "agreement",
        (
            "Leading factor of the species by each method; how many name that of the "
            "factorisation; whether two or more do with shares within 25 points."
        ),
    ),
    (
        "apcs, log_ratio",
        "similarity",
        (
            "Rank correlation of the contributions of the factor with the scores of its "
            "partner."
        ),
    ),
    (
        "kind, value, lower, upper, threshold, says",
        "evidence",
        (
            "A finding with its interval: above the threshold it speaks for human sources, "
            "below against them."
        ),
    ),
    (
        "verdict, supporting, opposing, undecided, reason",
        "verdicts",
        "Anthropogenic, geogenic, or withheld with the reason.",
    ),
    ("class, score, lead", "classes", "Class of the factor by its markers."),
    (
        "constraint, miss, d_q, d_q_percent",
        "constraints",
        (
            "What was asked, by how many standard deviations it is missed, and by how much Q "
            "rose."
        ),
    ),
    (
        "date, easting, northing, longitude, latitude, block",
        "samples",
        (
            "When and where the sample was taken; coordinates in m or degrees; samples of "
            "one block were drawn together."
        ),
    ),
)


def dictionary(tables: Sequence[str]) -> pd.DataFrame:
    """
    What columns mean, of the files that are there.

    Parameters
    ----------
    tables : sequence of str
        Names of the files without their endings.

    Returns
    -------
    DataFrame
        ``files``, ``column``, ``meaning``.
    """
    rows = [
        {"files": files, "column": column, "meaning": meaning}
        for column, files, meaning in DICTIONARY
        if not files or set(files.split(", ")) & set(tables)
    ]
    return pd.DataFrame(rows)
