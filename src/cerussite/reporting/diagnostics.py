"""What the predictions themselves say: coverage, bias along the range, groups."""

import math

import numpy as np
import pandas as pd
from scipy import stats

from cerussite.core.types import FloatArray

_NUMBERS = ["observed", "predicted", "lower", "upper"]


def at_full_size(predictions: pd.DataFrame) -> pd.DataFrame:
    """
    Predictions made with the full calibration set.

    Parameters
    ----------
    predictions : DataFrame
        As in `predictions.csv`.

    Returns
    -------
    DataFrame
        Rows with the largest calibration set of their response, method,
        scheme, repeat and fold, where an observation and a prediction exist.
    """
    cell = ["response", "method", "scheme", "repeat", "fold"]
    largest = predictions.groupby(cell, sort=False)["n_calibration"].transform("max")
    is_known = predictions[["observed", "predicted"]].notna().all(axis=1)
    return predictions[(predictions["n_calibration"] == largest) & is_known]


def wilson_interval(share: float, n_trials: int) -> tuple[float, float]:
    """
    95 % interval of a share, after Wilson (1927).

    Parameters
    ----------
    share : float
        Share of successes, between 0 and 1.
    n_trials : int
        Number of independent trials.

    Returns
    -------
    tuple of (float, float)
        Low and high, between 0 and 1.

    References
    ----------
    .. [1] Wilson, E. B. (1927). Probable inference, the law of succession, and
       statistical inference. Journal of the American Statistical Association
       22(158), 209-212.

    Examples
    --------
    >>> low, high = wilson_interval(0.5, 100)
    >>> round(low, 3), round(high, 3)
    (0.404, 0.596)
    """
    if n_trials == 0:
        return math.nan, math.nan
    z = float(stats.norm.ppf(0.975))
    centre = (share + z**2 / (2 * n_trials)) / (1 + z**2 / n_trials)
    half = (
        z
        * math.sqrt(share * (1 - share) / n_trials + z**2 / (4 * n_trials**2))
        / (1 + z**2 / n_trials)
    )
    return centre - half, centre + half


def measured_coverage(predictions: pd.DataFrame) -> pd.DataFrame:
    """
    Share of observations inside their prediction intervals.

    Parameters
    ----------
    predictions : DataFrame
        As in `predictions.csv`, usually at the full size.

    Returns
    -------
    DataFrame
        Columns response, method, scheme, coverage, low, high, n_samples,
        n_predictions, width; a row for every method that gave intervals.
        ``low`` and ``high`` follow Wilson with the number of different samples,
        for the predictions of one sample in several repeats are no independent
        trials; ``width`` is the median width in the unit of the response.
    """
    has_interval = predictions[_NUMBERS].notna().all(axis=1)
    rows = []
    for key, part in predictions[has_interval].groupby(
        ["response", "method", "scheme"], sort=False
    ):
        inside = part["observed"].between(part["lower"], part["upper"])
        share, n_samples = float(inside.mean()), int(part["sample_id"].nunique())
        width = float((part["upper"] - part["lower"]).median())
        limits = wilson_interval(share, n_samples)
        rows.append((*key, share, *limits, n_samples, len(part), width))
    return pd.DataFrame(
        rows,
        columns=[
            *("response", "method", "scheme", "coverage", "low", "high"),
            *("n_samples", "n_predictions", "width"),
        ],
    )


def mean_by_sample(predictions: pd.DataFrame) -> pd.DataFrame:
    """
    Observation and mean residual of each sample over the repeats.

    Parameters
    ----------
    predictions : DataFrame
        Of one response, method and scheme.

    Returns
    -------
    DataFrame
        Indexed by sample_id; columns observed and residual (predicted minus
        observed), in the unit of the response.
    """
    residual = predictions["predicted"] - predictions["observed"]
    table = predictions.assign(residual=residual)
    return table.groupby("sample_id")[["observed", "residual"]].mean()


def bias_by_quantile(predictions: pd.DataFrame, n_bins: int = 5) -> pd.DataFrame:
    """
    Bias along the range of the observations.

    A method that shrinks towards the mean shows a positive bias at low and a
    negative one at high values.

    Parameters
    ----------
    predictions : DataFrame
        Of one response, method and scheme.
    n_bins : int
        Number of bins with about equally many samples; fewer where values tie.

    Returns
    -------
    DataFrame
        Columns first, last (range of the observations in the bin), n_samples,
        bias, low, high: mean residual of the samples and its 95 % t-interval,
        in the unit of the response.
    """
    samples = mean_by_sample(predictions)
    bins = pd.qcut(samples["observed"], n_bins, labels=False, duplicates="drop")
    rows = []
    for _, part in samples.groupby(bins):
        observed, residual = part["observed"], part["residual"].to_numpy()
        rows.append((observed.min(), observed.max(), len(part), *_t_interval(residual)))
    return pd.DataFrame(
        rows, columns=["first", "last", "n_samples", "bias", "low", "high"]
    )


def error_by_group(predictions: pd.DataFrame) -> pd.DataFrame:
    """
    RMSE and bias of each group of samples.

    Parameters
    ----------
    predictions : DataFrame
        Of one response, method and scheme, with a column ``group``.

    Returns
    -------
    DataFrame
        Columns group, n_samples, rmse, bias in the unit of the response; the
        largest error first.
    """
    residual = predictions["predicted"] - predictions["observed"]
    table = predictions.assign(residual=residual, squared=residual**2)
    grouped = table.groupby("group")
    errors = pd.DataFrame(
        {
            "n_samples": grouped["sample_id"].nunique(),
            "rmse": np.sqrt(grouped["squared"].mean()),
            "bias": grouped["residual"].mean(),
        }
    )
    return errors.sort_values("rmse", ascending=False).reset_index()


def is_skewed(values: FloatArray) -> bool:
    """
    Tell whether values are better seen on a logarithmic axis.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        Observations without NaN.

    Returns
    -------
    bool
        True for positive values whose skewness is above 1.5 and whose logarithm
        is less skewed.

    Examples
    --------
    >>> is_skewed(np.array([1.0, 2.0, 4.0, 8.0, 16.0, 400.0]))
    True
    >>> is_skewed(np.array([4.0, 5.0, 6.0, 7.0]))
    False
    """
    if values.size < 3 or values.min() <= 0:
        return False
    skewness = float(stats.skew(values))
    return skewness > 1.5 and abs(float(stats.skew(np.log(values)))) < skewness


def _t_interval(values: FloatArray) -> tuple[float, float, float]:
    mean = float(values.mean())
    if values.size < 2:
        return mean, math.nan, math.nan
    error = float(values.std(ddof=1)) / math.sqrt(values.size)
    half = float(stats.t.ppf(0.975, values.size - 1)) * error
    return mean, mean - half, mean + half
