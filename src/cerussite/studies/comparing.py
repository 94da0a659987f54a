"""Summaries over repeats, and differences between methods, with intervals."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple
from itertools import product

import numpy as np
import pandas as pd

from cerussite.core.types import FloatArray
from cerussite.evaluation import Difference, corrected_difference
from cerussite.studies.methods import CONTROLS, METHODS
from cerussite.studies.series import MEAN_METRICS, Series
from cerussite.studies.terms import fold_terms

#: Every method is compared with these.
REFERENCES = ("partial_least_squares", "consensus")


def summary_table(
    series: Iterable[Series], metrics: pd.DataFrame, y: FloatArray, names: list[str]
) -> pd.DataFrame:
    """
    Mean over repeats of every pooled metric, with a 95 % interval.

    Parameters
    ----------
    series : iterable of Series
        Predictions.
    metrics : DataFrame
        Columns of ``metrics.csv``.
    y : ndarray of shape (n_samples, n_responses)
        Observed values.
    names : list of str
        Names of the responses.

    Returns
    -------
    DataFrame
        Columns of ``summary.csv``; no interval where there is one split only,
        and limits no further than a metric can reach.
    """
    keys = ["response", "method", "scheme", "n_calibration", "metric"]
    pooled = metrics[metrics["fold"] == "all"]
    # A repeat without a value withholds the mean: the others are not all there is.
    values = pooled.groupby(keys, sort=False)["value"]
    table = values.mean(skipna=False).rename("mean").reset_index()
    limits = {
        (response, each.method, each.scheme, each.n_calibration, metric): interval
        for each in series
        for response, metric, interval in _intervals(each, y, names)
    }
    found = [
        _limits(metric, mean, limits.get((*key, metric)))
        for *key, metric, mean in table[[*keys, "mean"]].itertuples(index=False)
    ]
    low, high = np.array(found, dtype=np.float64).reshape(-1, 2).T
    return table.assign(low=low, high=high)


def _intervals(
    series: Series, y: FloatArray, names: list[str]
) -> Iterator[tuple[str, str, Difference]]:
    for metric, terms in _SOURCES.items():
        values = fold_terms(series, y, terms)
        columns = dict(zip(names, values.T, strict=True))
        if metric in MEAN_METRICS and len(names) > 1:
            columns["mean"] = values.mean(axis=1)
        for name, column in columns.items():
            yield name, metric, difference_of(column, series)


#: Terms whose interval leads to that of a metric.
_SOURCES = {
    **{name: name for name in ("mae", "bias", "r2", "ccc", "coverage")},
    "rmse": "log_rmse",
    "rpd": "r2",
    "rpiq": "r2",
}
#: Values that metrics cannot pass.
_BOUNDS = {
    "mae": (0.0, np.inf),
    "coverage": (0.0, 1.0),
    "r2": (-np.inf, 1.0),
    "ccc": (-1.0, 1.0),
}


def _limits(metric: str, mean: float, found: Difference | None) -> tuple[float, float]:
    # Limits around the mean over repeats; ratios of errors are scaled, not moved.
    if found is None or np.isnan(found.low):
        return np.nan, np.nan
    if metric == "rmse":
        offsets = np.array([found.low, found.high]) - found.mean
        low, high = mean * np.exp(offsets)
    elif metric in {"rpd", "rpiq"}:
        # Both go with 1 / sqrt(1 - R2), without bound where that reaches zero.
        rest = np.maximum(1.0 - np.array([found.low, found.high]), 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            low, high = mean * np.sqrt((1.0 - found.mean) / rest)
    else:
        low, high = mean + found.low - found.mean, mean + found.high - found.mean
    least, most = _BOUNDS.get(metric, (-np.inf, np.inf))
    high = min(high, most)
    return float(max(low, least)), float(high) if np.isfinite(high) else np.nan


def difference_of(terms: FloatArray, series: Series) -> Difference:
    """
    Mean of terms with the interval corrected for overlapping calibration sets.

    Parameters
    ----------
    terms : ndarray of shape (n_splits,)
        One term a fold and repeat; NaN where there is none.
    series : Series
        Whose splits the terms belong to.

    Returns
    -------
    Difference
        Without limits where fewer than two terms are at hand.
    """
    known = terms[np.isfinite(terms)]
    if known.size < 2:
        mean = float(known.mean()) if known.size else np.nan
        return Difference(mean=mean, low=np.nan, high=np.nan, p_value=np.nan)
    n_calibration, n_test = series.mean_sizes
    return corrected_difference(
        known,
        n_calibration=n_calibration,
        n_test=n_test,
        n_groups=series.n_groups,
    )


def comparison_pairs(methods: Sequence[str]) -> list[tuple[str, str]]:
    """
    Which method is compared with which.

    Parameters
    ----------
    methods : sequence of str
        Methods of the study.

    Returns
    -------
    list of (str, str)
        Each method with partial least squares and the consensus, and each
        transfer method with the network from scratch and its controls.

    Examples
    --------
    >>> comparison_pairs(["partial_least_squares", "ridge"])
    [('ridge', 'partial_least_squares')]
    """
    return [
        (method, against)
        for method, against in product(methods, methods)
        if method != against
        and (
            against in REFERENCES
            or (METHODS[method].role == "transfer" and against in CONTROLS)
        )
    ]


def comparison_table(
    series: Sequence[Series], y: FloatArray, names: list[str]
) -> pd.DataFrame:
    """
    Differences of R² between methods on the same folds.

    Parameters
    ----------
    series : sequence of Series
        Predictions; methods of one scheme and size share their splits.
    y : ndarray of shape (n_samples, n_responses)
        Observed values.
    names : list of str
        Names of the responses.

    Returns
    -------
    DataFrame
        Columns of ``comparisons.csv``; a positive difference is in favour of
        ``method``.
    """
    terms = {
        (each.scheme, each.n_calibration, each.method): fold_terms(
            each, y, "r2_contributions"
        )
        for each in series
    }
    by_size = {(each.scheme, each.n_calibration): each for each in series}
    pairs = comparison_pairs(list(dict.fromkeys(each.method for each in series)))
    rows = [
        (response, method, against, *size, "r2", *astuple(found))
        for size, (method, against) in product(by_size, pairs)
        for response, found in _differences(
            terms[*size, method] - terms[*size, against], names, by_size[size]
        )
    ]
    columns = ["response", "method", "against", "scheme", "n_calibration", "metric"]
    limits = ["difference", "low", "high", "p_value"]
    return pd.DataFrame(rows, columns=[*columns, *limits])


def _differences(
    differences: FloatArray, names: list[str], series: Series
) -> Iterator[tuple[str, Difference]]:
    columns = dict(zip(names, differences.T, strict=True))
    if len(names) > 1:
        columns["mean"] = differences.mean(axis=1)
    for name, values in columns.items():
        yield name, difference_of(values, series)
