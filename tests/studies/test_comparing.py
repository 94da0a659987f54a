from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from cerussite.studies.comparing import (
    comparison_pairs,
    comparison_table,
    summary_table,
)
from cerussite.studies.schemes import StudySplit
from cerussite.studies.series import Series, metric_table, prediction_table


def tables(trial, *series):
    metrics = metric_table(series, trial.y, trial.names)
    return metrics, summary_table(series, metrics, trial.y, trial.names)


def test_a_difference_and_its_interval_are_those_of_nadeau_and_bengio(trial):
    table = comparison_table([trial.bad, trial.good], trial.y, trial.names)
    row = table[(table["response"] == "Pb") & (table["method"] == "ridge")].iloc[0]
    terms = []
    for at, split in enumerate(trial.good.splits):
        # By hand: 1 - k SSE_f / SST of each method over the folds of its repeat.
        total = np.sum((trial.y[:, 0] - trial.y[:, 0].mean()) ** 2)
        errors = [
            np.sum((trial.y[split.test, 0] - each.predicted[at][:, 0]) ** 2)
            for each in (trial.good, trial.bad)
        ]
        terms.append(5 * (errors[1] - errors[0]) / total)
    error = np.sqrt(np.var(terms, ddof=1) * (1 / 10 + 12 / 48))
    half = stats.t.ppf(0.975, 9) * error
    assert row["difference"] == pytest.approx(np.mean(terms))
    assert row["low"] == pytest.approx(np.mean(terms) - half)
    assert row["p_value"] == pytest.approx(2 * stats.t.sf(np.mean(terms) / error, 9))
    assert row["low"] > 0


def test_columns_are_in_the_order_of_the_contract(trial):
    metrics, summary = tables(trial, trial.good)
    comparisons = comparison_table([trial.bad, trial.good], trial.y, trial.names)
    predictions = prediction_table(
        [trial.good],
        trial.y,
        sample_ids=[f"s{i}" for i in range(60)],
        names=trial.names,
        units=["mg/kg"] * 2,
    )
    assert list(metrics) == [
        *("response", "method", "scheme", "repeat", "fold", "n_calibration"),
        *("metric", "value"),
    ]
    assert list(summary) == [
        *("response", "method", "scheme", "n_calibration", "metric"),
        *("mean", "low", "high"),
    ]
    assert list(predictions) == [
        *("sample_id", "response", "method", "scheme", "repeat", "fold"),
        *("n_calibration", "observed", "predicted", "lower", "upper", "unit"),
    ]
    assert list(comparisons) == [
        *("response", "method", "against", "scheme", "n_calibration", "metric"),
        *("difference", "low", "high", "p_value"),
    ]


def test_the_pooled_r2_is_that_of_all_folds_together(trial):
    metrics, summary = tables(trial, trial.good)
    chosen = metrics.query("response == 'Pb' and metric == 'r2' and fold == 'all'")
    values = []
    for positions in trial.good.repeats:
        rows, predicted, _ = trial.good.pooled(positions)
        y = trial.y[rows, 0]
        values.append(
            1 - np.sum((y - predicted[:, 0]) ** 2) / np.sum((y - y.mean()) ** 2)
        )
    assert chosen["value"].tolist() == pytest.approx(values)
    mean = summary.query("response == 'Pb' and metric == 'r2'")["mean"].item()
    assert mean == pytest.approx(np.mean(values))


def test_every_mean_lies_inside_its_interval(trial):
    _, summary = tables(trial, trial.good, trial.bad)
    # Scores of logarithms come without an interval.
    summary = summary[~summary["metric"].isin(["rmse_log", "r2_log"])]
    assert (summary["low"] <= summary["mean"]).all()
    # Ratios to the error have no upper limit where an R2 of 1 is not excluded.
    unbounded = summary["metric"].isin(["rpd", "rpiq"]) & summary["high"].isna()
    assert ((summary["mean"] <= summary["high"]) | unbounded).all()


def test_the_interval_of_r2_covers_what_new_samples_give():
    # Recovery: R2 of noise 1 on a signal of variance 4 is 1 - 1/5 = 0.8.
    rng, inside = np.random.default_rng(0), 0
    for _ in range(60):
        observed = rng.normal(0, np.sqrt(5), (80, 1))
        trial = SimpleNamespace(y=observed, names=["Pb"])
        predicted = observed * 0.8 + rng.normal(0, np.sqrt(0.8), observed.shape)
        series = _series(observed, predicted, rng)
        _, summary = tables(trial, series)
        row = summary.query("metric == 'r2'").iloc[0]
        inside += row["low"] <= 0.8 <= row["high"]
    assert inside >= 51  # 95 % nominal; 85 % is four standard errors below


def _series(y, predicted, rng):
    folds = np.array_split(rng.permutation(len(y)), 5)
    splits = [
        StudySplit("random", 0, k, 64, np.setdiff1d(np.arange(len(y)), test), test)
        for k, test in enumerate(folds)
    ]
    series = Series("ridge", "random", 64, splits, [predicted[test] for test in folds])
    series.limits = [np.stack([p - 1.0, p + 1.0]) for p in series.predicted]
    return series


def test_one_split_alone_has_no_interval(trial):
    trial.good.splits = trial.good.splits[:1]
    trial.good.predicted = trial.good.predicted[:1]
    trial.good.limits = trial.good.limits[:1]
    _, summary = tables(trial, trial.good)
    assert summary[["low", "high"]].isna().all(axis=None)
    assert not summary["mean"].isna().any()


def test_a_fold_with_one_value_has_an_error_but_no_r2(trial):
    trial.good.splits[0] = type(trial.good.splits[0])(
        "random", 0, 0, 48, np.arange(1, 60), np.array([0])
    )
    trial.good.predicted[0] = trial.good.predicted[0][:1]
    trial.good.limits[0] = trial.good.limits[0][:, :1]
    metrics, _ = tables(trial, trial.good)
    first = metrics.query("repeat == 0 and fold == '0' and response == 'Pb'")
    values = first.set_index("metric")["value"]
    assert np.isfinite(values["rmse"])
    assert np.isnan(values["r2"])


def test_transfer_is_compared_with_every_control():
    methods = [
        *("partial_least_squares", "consensus", "resnet", "transfer_all"),
        *("control_untrained_trunk", "control_shuffled_source"),
    ]
    pairs = comparison_pairs(methods)
    assert {against for method, against in pairs if method == "transfer_all"} == (
        set(methods) - {"transfer_all"}
    )
    assert ("resnet", "control_shuffled_source") not in pairs


def test_means_over_responses_are_given_where_units_do_not_matter(trial):
    _, summary = tables(trial, trial.good)
    mean = summary[summary["response"] == "mean"]
    assert set(mean["metric"]) == {"r2", "ccc", "coverage"}
    r2 = summary[summary["metric"] == "r2"].set_index("response")["mean"]
    assert r2["mean"] == pytest.approx((r2["Pb"] + r2["Zn"]) / 2)
