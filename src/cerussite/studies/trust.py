"""What left-out samples say about intervals and verdicts: covered, rejected, right."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from cerussite.core.types import FloatArray
from cerussite.evaluation.applicability import rejection_curve
from cerussite.studies.applicability import learn_applicability
from cerussite.studies.intervals import by_repeat, first_known
from cerussite.studies.schemes import StudySplit
from cerussite.studies.series import Series, coverage
from cerussite.studies.tasks import Bench

#: Shares of the samples that are sent to the laboratory instead of predicted.
SHARES = np.arange(0.0, 0.55, 0.1)
#: Statistic by which samples are sent: the part of a spectrum that the calibration
#: spectra do not explain. It foretold errors best on two of the real surveys.
DOUBT = "squared_residual"
_COVERAGE = ["response", "method", "scheme", "n_calibration", "group"]
_REJECTION = ["response", "method", "scheme", "share", "rmse", "low", "high"]


def coverage_by_group(
    series: Iterable[Series],
    y: FloatArray,
    groups: np.ndarray | None,
    names: Sequence[str],
) -> pd.DataFrame:
    """
    Coverage and width of intervals in each group of the target.

    Parameters
    ----------
    series : iterable of Series
        Predictions with limits.
    y : ndarray of shape (n_samples, n_responses)
        Observed values.
    groups : ndarray of shape (n_samples,) or None
        Groups of the target, whatever the scheme.
    names : sequence of str
        Names of the responses.

    Returns
    -------
    DataFrame
        Columns of ``coverage.csv``; no rows without groups.
    """
    columns = [*_COVERAGE, "n_values", "coverage", "width"]
    if groups is None:
        return pd.DataFrame(columns=columns)
    rows: list[tuple[object, ...]] = []
    for each in series:
        samples = each.pooled(list(range(len(each.splits))))[0]
        limits = each.pooled_limits(list(range(len(each.splits))))
        for group in np.unique(groups):
            own = groups[samples] == group
            inside = limits[:, own]
            values = y[samples[own]]
            found = (
                np.count_nonzero(~np.isnan(values + inside[0]), axis=0),
                coverage(values, inside),
                _median(inside[1] - inside[0]),
            )
            label = (each.method, each.scheme, each.n_calibration, group)
            rows += [
                (name, *label, *figures)
                for name, *figures in zip(names, *found, strict=True)
            ]
    return pd.DataFrame(rows, columns=columns)


def _median(values: FloatArray) -> FloatArray:
    # Not nanmedian, which warns where a response has no interval at all.
    return np.array(
        [
            np.median(column[~np.isnan(column)])
            if not np.isnan(column).all()
            else np.nan
            for column in values.T
        ]
    )


def judge_left_out(
    bench: Bench,
    splits: Sequence[StudySplit],
    *,
    sample_ids: Sequence[str],
    wavelengths: FloatArray,
) -> pd.DataFrame:
    """
    Verdict on each test spectrum by the calibration set of its fold.

    Parameters
    ----------
    bench : Bench
        What the tasks share.
    splits : sequence of StudySplit
        The first repeat of each scheme with the largest calibration sets is
        judged.
    sample_ids : sequence of str
        Samples of the target.
    wavelengths : ndarray of shape (n_wavelengths,)
        Band centres in nm.

    Returns
    -------
    DataFrame
        Columns of ``applicability.csv``; no rows for folds whose calibration
        set is too small.
    """
    ids = np.array(sample_ids, dtype=object)
    parts = []
    for split in _first_repeats(splits):
        known = learn_applicability(
            bench.X[split.calibration],
            wavelengths,
            bench.groups[split.scheme][split.calibration],
        )
        if known is None:
            continue
        found = known.judge(bench.X[split.test], wavelengths)
        labels = {"sample_id": ids[split.test], "position": split.test}
        parts.append(
            pd.DataFrame(
                {
                    **labels,
                    "scheme": split.scheme,
                    "fold": split.fold,
                    "dissimilarity": found["dissimilarity"],
                    "squared_residual": found["squared_residual"],
                    "verdict": found["verdict"],
                    "reason": found["reason"],
                }
            )
        )
    columns = ["sample_id", "position", "scheme", "fold", "dissimilarity"]
    empty = pd.DataFrame(columns=[*columns, DOUBT, "verdict", "reason"])
    return pd.concat(parts, ignore_index=True) if parts else empty


def _first_repeats(splits: Sequence[StudySplit]) -> list[StudySplit]:
    largest: dict[str, int] = {}
    for split in splits:
        known = largest.get(split.scheme, 0)
        largest[split.scheme] = max(known, split.n_calibration)
    return [
        split
        for split in splits
        if split.repeat == 0 and split.n_calibration == largest[split.scheme]
    ]


def rejection_table(
    series: Iterable[Series],
    judged: pd.DataFrame,
    y: FloatArray,
    *,
    names: Sequence[str],
    random_state: int,
) -> pd.DataFrame:
    """
    Error of what is still predicted when the strangest spectra are analysed.

    Parameters
    ----------
    series : iterable of Series
        Predictions of the methods that are saved.
    judged : DataFrame
        From :func:`judge_left_out`.
    y : ndarray of shape (n_samples, n_responses)
        Observed values.
    names : sequence of str
        Names of the responses.
    random_state : int
        Seed of the bootstrap.

    Returns
    -------
    DataFrame
        Columns of ``rejection.csv``.
    """
    parts = []
    for each in series:
        own = judged[judged["scheme"] == each.scheme]
        rows = own["position"].to_numpy(dtype=np.intp)
        predicted = first_known(by_repeat(each, len(y)))
        if rows.size < 2 / SHARES[1]:
            continue
        curve = rejection_curve(
            y[rows],
            predicted[rows],
            own[DOUBT].to_numpy(dtype=np.float64),
            shares=SHARES,
            random_state=random_state,
        )
        figures = (curve.error, curve.low, curve.high, curve.random, curve.oracle)
        captured = (curve.captured, curve.captured_low, curve.captured_high)
        parts += [
            (
                *(name, each.method, each.scheme, share),
                *(values[at, column] for values in figures),
                *(values[column] for values in captured),
            )
            for column, name in enumerate(names)
            for at, share in enumerate(curve.shares.tolist())
        ]
    captures = ["captured", "captured_low", "captured_high"]
    return pd.DataFrame(parts, columns=[*_REJECTION, "random", "oracle", *captures])
