"""Standing texts of the report: limits, and what the columns of the files mean."""

#: What the columns of the CSV files mean.
DATA_DICTIONARY: tuple[tuple[str, str], ...] = (
    ("sample_id", "Sample as named in the data."),
    ("response", "Element by symbol, or property; “mean” is the mean over responses."),
    ("method", "Name of the method; the manifest gives its title and its role."),
    ("against", "Method that is subtracted."),
    ("scheme", "Validation scheme: how calibration and test samples were separated."),
    ("repeat", "Number of the repetition of the scheme."),
    ("fold", "Number of the fold; “all” for figures pooled over the folds."),
    ("n_calibration", "Calibration samples, the mean over folds of unequal size."),
    (
        "metric",
        (
            "r2 = 1 − SSE/SST; rmse, mae and bias (mean of predicted − observed) in the "
            "unit of the response; ccc = Lin's concordance; rpd = standard deviation / "
            "RMSE; rpiq = interquartile range / RMSE; r2_log and rmse_log = the same of natural "
            "logarithms, empty where an observed or predicted value is not above zero; coverage = share of observations inside the prediction interval."
        ),
    ),
    ("value", "The metric in this repeat and fold."),
    ("mean, low, high", "Mean over repeats and the ends of its 95 % interval."),
    (
        "observed, predicted",
        (
            "Laboratory value, and prediction by a model that did "
            "not see the sample; in the unit of the row."
        ),
    ),
    ("lower, upper", "Prediction interval; empty where the method gives none."),
    ("unit", "Unit of the row; mg/kg dry mass for elements, g/kg for constituents."),
    ("difference", "Metric of the method minus metric of the one it is against."),
    (
        "p_value",
        (
            "Two-sided, of the corrected resampled t-test; not adjusted for the "
            "number of comparisons."
        ),
    ),
)

#: What the files on trust hold, and what their columns mean.
FILES: dict[str, str] = {
    "coverage.csv": (
        "Prediction intervals by group of the target: n_values, predictions of all "
        "repeats with an observed value; coverage, their share inside the interval; "
        "width, the median width in the unit of the response."
    ),
    "applicability.csv": (
        "Each test spectrum, judged by the calibration set of its fold in the first "
        "repeat: dissimilarity, distance to the nearest calibration spectrum over the "
        "mean distance between them; squared_residual, the part that the principal "
        "components of the calibration do not explain (Q); verdict and reason."
    ),
    "rejection.csv": (
        "share, part of the samples that is sent to the laboratory, those with the "
        "largest squared_residual first; rmse, error of the others with its 90 % "
        "bootstrap interval low, high; random and oracle, the same by lot and by "
        "the errors themselves; captured, part of the possible gain over all shares: "
        "1 as the oracle, 0 as the lot, with captured_low and captured_high."
    ),
    "attributions.csv": (
        "attribution, how it was made, with “_variance” for the share in the variance "
        "of the predictions, else the mean absolute contribution; low and high, edges "
        "of the bin in nm, and feature, its middle; value and spread, mean and "
        "standard deviation over refits; share, part of the positive total; scale, "
        "“log” for contributions to natural logarithms; constituent, what is known "
        "to absorb in the bin."
    ),
    "bands.csv": (
        "A bin of the source network and of the transferred one: source and "
        "transferred, share of all attribution, with 95 % intervals; difference, "
        "transferred minus source, p_value of Welch's test; verdict kept, new, "
        "dropped, unused or undecided; overlap, sum over bins of the smaller share."
    ),
    "surrogates.csv": (
        "direct and surrogate, R² from spectra and from constituents predicted from "
        "the same spectra (of logarithms where all values are above zero); share, "
        "surrogate over direct; through, the fewest constituents that reach nearly as "
        "much; each with its 95 % bootstrap interval; verdict and reason."
    ),
    "constituents.csv": "r2 of each constituent, predicted from the spectra.",
}

#: Limits that hold for every study of this kind.
LIMITS: tuple[str, ...] = (
    (
        "The figures hold for samples like those of the target data: the same kind of "
        "material, the same laboratory procedure, the same instrument and preparation."
    ),
    (
        "Trace metals have no usable absorption of their own in the visible and "
        "infrared at soil concentrations; a calibration follows the oxides, clays, carbonates and organic "
        "matter that go with them. Where that relation changes, the calibration fails "
        "without notice."
    ),
    (
        "Repeats deal the same samples anew. Intervals over repeats say how much the "
        "result depends on the split and the seed; they do not cover other sites, "
        "campaigns or laboratories."
    ),
    (
        "Differences are not adjusted for the number of comparisons: of twenty "
        "comparisons without any true difference one is expected to look decided."
    ),
    (
        "Where several methods of a kind were run, the best of them was chosen by the "
        "results shown, which favours it a little."
    ),
    (
        "The recommendation was made with the test results shown here; an independent "
        "test set would be needed to confirm its figures."
    ),
)
