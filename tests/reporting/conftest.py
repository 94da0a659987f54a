"""A realistic results folder, made without the rooms that would write it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

METHODS = (
    ("mean", "Mean of the calibration set", "control", 0.0),
    ("partial_least_squares", "Partial least squares", "baseline", 0.62),
    ("ridge", "Ridge regression", "baseline", 0.60),
    ("random_forest", "Random forest", "baseline", 0.45),
    ("consensus", "Consensus: mean of several model families", "consensus", 0.66),
    ("resnet", "Residual network from scratch", "network", 0.35),
    (
        "transfer_paper",
        "Transfer, convolutions frozen as published",
        "transfer",
        0.5,
    ),
    ("transfer_all", "Transfer, all layers trained further", "transfer", 0.62),
    (
        "control_untrained_trunk",
        "Control: frozen trunk of random weights",
        "control",
        0.3,
    ),
    (
        "control_shuffled_source",
        "Control: transfer from a library with shuffled labels",
        "control",
        0.36,
    ),
)
#: Location and spread of the logarithm, unit, procedure.
RESPONSES = {
    "Pb": (5.4, 0.9, "mg/kg", "aqua_regia"),
    "Zn": (5.9, 0.6, "mg/kg", "aqua_regia"),
    "pH": (1.9, 0.12, "1", "cacl2"),
}
PENALTY = {"random": 0.0, "grouped": 0.22}


def write_results(
    folder: Path,
    *,
    responses: tuple[str, ...] = tuple(RESPONSES),
    methods: tuple[tuple[str, str, str, float], ...] = METHODS,
    schemes: tuple[str, ...] = ("random", "grouped"),
    sizes: tuple[int, ...] = (20, 40, 80),
    n_samples: int = 130,
    n_repeats: int = 5,
    has_groups: bool = True,
    **manifest: Any,
) -> Path:
    """Write a folder whose tables agree with its predictions."""
    rng = np.random.default_rng(0)
    predictions = pd.concat(
        [
            _predictions(rng, response, methods, schemes, sizes, n_samples, n_repeats)
            for response in responses
        ]
    )
    if not has_groups:
        predictions = predictions.drop(columns="group")
    metrics = _metrics(predictions)
    folder.mkdir(parents=True, exist_ok=True)
    predictions.to_csv(folder / "predictions.csv", index=False)
    metrics.to_csv(folder / "metrics.csv", index=False)
    _summary(metrics).to_csv(folder / "summary.csv", index=False)
    _comparisons(metrics).to_csv(folder / "comparisons.csv", index=False)
    content = _manifest(responses, methods, n_samples) | manifest
    if "verdicts" not in manifest:
        content["verdicts"] = _verdicts(folder)
    text = json.dumps(content, ensure_ascii=False)
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    return folder


def _predictions(
    rng: np.random.Generator,
    response: str,
    methods: tuple[tuple[str, str, str, float], ...],
    schemes: tuple[str, ...],
    sizes: tuple[int, ...],
    n_samples: int,
    n_repeats: int,
) -> pd.DataFrame:
    location, spread, unit, _ = RESPONSES[response]
    groups = rng.integers(0, 12, n_samples)
    site = rng.normal(0, 0.5, 12)[groups]
    z = site + rng.normal(0, np.sqrt(0.75), n_samples)
    observed = np.round(np.exp(location + spread * z), 3)
    is_measured = rng.random(n_samples) > 0.05
    full = round(0.8 * n_samples)
    parts = []
    for scheme in schemes:
        for size in (*sizes, full):
            for repeat in range(n_repeats):
                folds = (
                    groups % 5
                    if scheme == "grouped"
                    else rng.permutation(np.arange(n_samples) % 5)
                )
                shared = rng.normal(size=n_samples)
                for name, _, _, skill in methods:
                    share = max(skill - PENALTY.get(scheme, 0.1), 0.0)
                    share *= 1 - 8 / size
                    noise = 0.7 * shared + 0.7 * rng.normal(size=n_samples)
                    guess = share * z + np.sqrt(share * (1 - share)) * noise
                    predicted = np.exp(location + spread * guess)
                    width = 1.5 * spread * np.sqrt(1 - share)
                    has_interval = name in {"partial_least_squares", "consensus"}
                    table = pd.DataFrame(
                        {
                            "sample_id": [f"S{i:03d}" for i in range(n_samples)],
                            "response": response,
                            "method": name,
                            "scheme": scheme,
                            "repeat": repeat,
                            "fold": folds,
                            "n_calibration": size,
                            "observed": observed,
                            "predicted": predicted,
                            "lower": predicted * np.exp(-width)
                            if has_interval
                            else np.nan,
                            "upper": predicted * np.exp(width)
                            if has_interval
                            else np.nan,
                            "unit": unit,
                            "group": [f"site {g}" for g in groups],
                        }
                    )
                    parts.append(table[is_measured])
    return pd.concat(parts)


def _metrics(predictions: pd.DataFrame) -> pd.DataFrame:
    rows = []
    cell = ["response", "method", "scheme", "repeat", "n_calibration"]
    for (response, method, scheme, repeat, size), part in predictions.groupby(
        cell, sort=False
    ):
        y, p = part["observed"].to_numpy(), part["predicted"].to_numpy()
        rmse = np.sqrt(np.mean((p - y) ** 2))
        values = {
            "r2": 1 - np.sum((p - y) ** 2) / np.sum((y - y.mean()) ** 2),
            "rmse": rmse,
            "mae": np.mean(np.abs(p - y)),
            "bias": np.mean(p - y),
            "ccc": 2
            * np.cov(y, p, ddof=0)[0, 1]
            / (y.var() + p.var() + (y.mean() - p.mean()) ** 2),
            "rpd": y.std(ddof=1) / rmse,
            "rpiq": np.subtract(*np.percentile(y, [75, 25])) / rmse,
        }
        rows += [
            (response, method, scheme, repeat, "all", size, name, value)
            for name, value in values.items()
        ]
    columns = ["response", "method", "scheme", "repeat", "fold"]
    return pd.DataFrame(rows, columns=[*columns, "n_calibration", "metric", "value"])


def _interval(values: np.ndarray) -> tuple[float, float, float]:
    """Mean with the corrected resampled t-interval, five folds a repeat."""
    mean, n = values.mean(), 5 * len(values)
    if len(values) < 2:
        return mean, np.nan, np.nan
    half = stats.t.ppf(0.975, n - 1) * np.sqrt((1 / n + 0.25) * values.var(ddof=1))
    return mean, mean - half, mean + half


def _summary(metrics: pd.DataFrame) -> pd.DataFrame:
    cell = ["response", "method", "scheme", "n_calibration", "metric"]
    rows = [
        (*key, *_interval(part["value"].to_numpy()))
        for key, part in metrics.groupby(cell, sort=False)
    ]
    return pd.DataFrame(rows, columns=[*cell, "mean", "low", "high"])


def _comparisons(metrics: pd.DataFrame) -> pd.DataFrame:
    wide = metrics[metrics["metric"].isin(["r2", "rmse"])].pivot_table(
        index=["response", "scheme", "n_calibration", "metric"],
        columns=["method", "repeat"],
        values="value",
    )
    names = list(metrics["method"].unique())
    against = [name for name in names if not name.startswith("transfer")]
    rows = [
        (key[0], method, other, *key[1:], *_interval(row[method] - row[other]), 0.04)
        for key, row in wide.iterrows()
        for method in names
        if method.startswith("transfer")
        for other in against
    ]
    return pd.DataFrame(
        rows,
        columns=[
            *("response", "method", "against", "scheme", "n_calibration", "metric"),
            *("difference", "low", "high", "p_value"),
        ],
    )


def _verdicts(folder: Path) -> list[dict[str, Any]]:
    """Sentences like those of a study, for each transfer method."""
    table = pd.read_csv(folder / "comparisons.csv")
    found = []
    cell = ["response", "scheme", "n_calibration", "method"]
    for (response, scheme, size, method), rows in table[
        table["metric"] == "r2"
    ].groupby(cell, sort=False):
        unbeaten = rows.loc[~(rows["low"] > 0), "against"].tolist()
        claim = (
            f"did not beat {' or '.join(unbeaten)}"
            if unbeaten
            else "beat everything it was compared with"
        )
        details = "; ".join(
            f"{row.difference:+.2f} [{row.low:.2f}, {row.high:.2f}] against {row.against}"
            for row in rows.itertuples()
        )
        text = (
            f"{response} (whole groups left out, {size} calibration samples): {method} "
            f"{claim}; difference of R² {details}"
        )
        found.append(
            {
                "response": response,
                "scheme": scheme,
                "n_calibration": size,
                "topic": "transfer",
                "text": text,
                "supported": not unbeaten,
            }
        )
    return found


def _manifest(
    responses: tuple[str, ...],
    methods: tuple[tuple[str, str, str, float], ...],
    n_samples: int,
) -> dict[str, Any]:
    described = [
        {"name": name, "unit": RESPONSES[name][2], "procedure": RESPONSES[name][3]}
        for name in responses
    ]
    return {
        "name": "mine-site",
        "title": "Does a continental library help at one mine site?",
        "question": "Lead, zinc and pH at a simulated mine site with 130 samples: does "
        "a network trained on a library predict them better than methods that know "
        "the site alone?",
        "study": {
            "name": "mine-site",
            "target": {"dataset": "simulated-mine-site", "responses": list(responses)},
            "methods": ["partial_least_squares", "transfer_all"],
            "validation": {
                "random": {"folds": 5, "repeats": 5},
                "grouped": {"folds": 5, "repeats": 5},
                "learning_curve": [20, 40, 80],
                "level": 0.9,
            },
        },
        "data": [
            {
                "role": "target",
                "name": "simulated-mine-site",
                "n_samples": n_samples,
                "responses": described,
                "licence": "CC0",
                "citation": "simulated for this study",
                "sha256": "0" * 64,
                "notes": ["spectra converted from reflectance to absorbance"],
            },
            {
                "role": "source",
                "name": "library <b>",
                "n_samples": 4000,
                "responses": [{"name": "pH", "unit": "1", "procedure": ""}],
                "licence": "",
                "citation": "Author, A. (2020). https://doi.org/10.0000/example",
                "sha256": "",
                "notes": [],
            },
        ],
        "versions": {"cerussite": "0.1.0", "numpy": "2.4.0"},
        "seeds": {"study": 0, "networks": [1, 2]},
        "started": "2026-01-31T09:00:00+00:00",
        "seconds": {name: 4.5 * (i + 1) ** 2 for i, (name, *_) in enumerate(methods)},
        "warnings": ["resnet stopped early in 2 of 50 folds"],
        "methods": [
            {"name": name, "title": title, "role": role}
            for name, title, role, _ in methods
        ],
    }


@pytest.fixture(scope="session", name="write_results")
def write_results_fixture() -> Callable[..., Path]:
    return write_results


@pytest.fixture(scope="session")
def results_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_results(tmp_path_factory.mktemp("results"))
