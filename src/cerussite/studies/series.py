"""Predictions of one method under one scheme, and the figures they give."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from cerussite.core.types import FloatArray, IntArray
from cerussite.evaluation import METRICS
from cerussite.evaluation import coverage as interval_coverage
from cerussite.studies.schemes import StudySplit

#: Metrics that may be averaged over responses of different units.
MEAN_METRICS = ("r2", "ccc", "coverage")


@dataclass(eq=False)
class Series:
    """
    Predictions of one method on all splits of one scheme and size.

    Attributes
    ----------
    method, scheme : str
        Names.
    n_calibration : int
        Label of the size of the calibration sets.
    splits : list of StudySplit
        Repeat by repeat, fold by fold.
    predicted : list of ndarray of shape (n_test, n_responses)
        Predictions of each test set, in the unit of ``y``.
    limits : list of ndarray of shape (2, n_test, n_responses)
        Lower and upper limits of the predictions of each test set; NaN where
        too few residuals are at hand.
    """

    method: str
    scheme: str
    n_calibration: int
    splits: list[StudySplit]
    predicted: list[FloatArray]
    limits: list[FloatArray] = field(default_factory=list)
    n_members: int = 1
    n_groups: int | None = None

    @cached_property
    def repeats(self) -> list[list[int]]:
        """
        Positions of the splits of each repeat.

        Returns
        -------
        list of list of int
            One list a repeat.
        """
        numbers = [split.repeat for split in self.splits]
        return [
            [at for at, number in enumerate(numbers) if number == repeat]
            for repeat in sorted(set(numbers))
        ]

    def pooled(self, positions: list[int]) -> tuple[IntArray, FloatArray, IntArray]:
        """
        Test sets of some splits as one.

        Parameters
        ----------
        positions : list of int
            Splits to pool.

        Returns
        -------
        tuple of (ndarray, ndarray, ndarray)
            Positions of the samples, predictions, and the fold of each row,
            counted from 0.
        """
        rows = np.concatenate([self.splits[at].test for at in positions])
        folds = np.concatenate(
            [np.full(len(self.splits[at].test), i) for i, at in enumerate(positions)]
        )
        return rows, np.vstack([self.predicted[at] for at in positions]), folds

    def pooled_limits(self, positions: list[int]) -> FloatArray:
        """
        Limits of each pooled row.

        Parameters
        ----------
        positions : list of int
            Splits to pool.

        Returns
        -------
        ndarray of shape (2, n_rows, n_responses)
            Lower and upper, in the unit of ``y``.
        """
        return np.concatenate([self.limits[at] for at in positions], axis=1)

    @property
    def mean_sizes(self) -> tuple[float, float]:
        """
        Mean sizes of the sets of a split.

        Returns
        -------
        tuple of (float, float)
            Calibration and test samples.
        """
        return (
            float(np.mean([len(split.calibration) for split in self.splits])),
            float(np.mean([len(split.test) for split in self.splits])),
        )


def metric_values(
    y: FloatArray, predicted: FloatArray, limits: FloatArray
) -> dict[str, FloatArray]:
    """
    All metrics of one set of predictions.

    Parameters
    ----------
    y, predicted : ndarray of shape (n_samples, n_responses)
        Observed values (NaN where not measured) and predictions.
    limits : ndarray of shape (2, n_samples, n_responses)
        Lower and upper limits of the predictions.

    Returns
    -------
    dict of str to ndarray of shape (n_responses,)
        By name; NaN where a metric has no value.
    """
    measured = np.count_nonzero(~np.isnan(y), axis=0)
    spread = np.where(measured >= 2, y, np.nan)
    values = {
        name: metric(y if metric.has_unit else spread, predicted)
        for name, metric in METRICS.items()
    }
    values["coverage"] = coverage(y, limits)
    return {
        name: np.where(np.isfinite(value), value, np.nan)
        for name, value in values.items()
    }


def coverage(y: FloatArray, limits: FloatArray) -> FloatArray:
    """
    Share of the measured values that lie inside their interval.

    Parameters
    ----------
    y : ndarray of shape (n_samples, n_responses)
        Observed values; NaN where not measured.
    limits : ndarray of shape (2, n_samples, n_responses)
        Lower and upper; a value without limits does not count.

    Returns
    -------
    ndarray of shape (n_responses,)
        Between 0 and 1; NaN where nothing counts.

    Examples
    --------
    >>> y = np.array([[1.0], [2.0], [5.0], [np.nan]])
    >>> coverage(y, np.stack([np.full((4, 1), 1.0), np.full((4, 1), 3.0)]))
    array([0.66666667])
    """
    lower, upper = limits
    return interval_coverage(np.where(np.isnan(lower), np.nan, y), lower, upper)


def metric_table(
    series: Iterable[Series], y: FloatArray, names: list[str]
) -> pd.DataFrame:
    """
    Metrics of every fold and of the pooled folds of every repeat.

    Parameters
    ----------
    series : iterable of Series
        Predictions with their limits.
    y : ndarray of shape (n_samples, n_responses)
        Observed values.
    names : list of str
        Names of the responses.

    Returns
    -------
    DataFrame
        Columns of ``metrics.csv``.
    """
    rows: list[tuple[object, ...]] = []
    for each in series:
        for positions in each.repeats:
            sets = [(str(each.splits[at].fold), [at]) for at in positions]
            for fold, chosen in [*sets, ("all", positions)]:
                label = (
                    each.method,
                    each.scheme,
                    each.splits[positions[0]].repeat,
                    fold,
                    each.n_calibration,
                )
                samples, predicted, _ = each.pooled(chosen)
                values = metric_values(
                    y[samples], predicted, each.pooled_limits(chosen)
                )
                rows += _metric_rows(label, values, names)
    columns = ["response", "method", "scheme", "repeat", "fold", "n_calibration"]
    return pd.DataFrame(rows, columns=[*columns, "metric", "value"])


def _metric_rows(
    label: tuple[object, ...], values: dict[str, FloatArray], names: list[str]
) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = [
        (name, *label, metric, value)
        for metric, by_response in values.items()
        for name, value in zip(names, by_response.tolist(), strict=True)
    ]
    if len(names) > 1:
        rows += [
            ("mean", *label, metric, float(np.mean(values[metric])))
            for metric in MEAN_METRICS
        ]
    return rows


def prediction_table(
    series: Iterable[Series],
    y: FloatArray,
    *,
    sample_ids: list[str],
    names: list[str],
    units: list[str],
) -> pd.DataFrame:
    """
    Every prediction with its interval.

    Parameters
    ----------
    series : iterable of Series
        Predictions with their limits.
    y : ndarray of shape (n_samples, n_responses)
        Observed values; NaN where not measured.
    sample_ids, names, units : list of str
        Samples, and names and units of the responses.

    Returns
    -------
    DataFrame
        Columns of ``predictions.csv``.
    """
    ids = np.array(sample_ids, dtype=object)
    parts = [
        pd.DataFrame(
            {
                "sample_id": ids[split.test],
                "response": name,
                "method": each.method,
                "scheme": each.scheme,
                "repeat": split.repeat,
                "fold": split.fold,
                "n_calibration": each.n_calibration,
                "observed": y[split.test, column],
                "predicted": predicted[:, column],
                "lower": limits[0, :, column],
                "upper": limits[1, :, column],
                "unit": unit,
            }
        )
        for each in series
        for split, predicted, limits in zip(
            each.splits, each.predicted, each.limits, strict=True
        )
        for column, (name, unit) in enumerate(zip(names, units, strict=True))
    ]
    return pd.concat(parts, ignore_index=True)
