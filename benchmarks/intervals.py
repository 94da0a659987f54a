"""What intervals cover: every method over 500 simulated surveys.

Run with ``python benchmarks/intervals.py``; takes about three minutes on one core and
fails where a promise is broken. Each survey has 200 calibration samples, three
responses with shared errors that grow with a covariate and have heavy tails, and
labels missing here and there.
"""

import sys
import time
from collections import defaultdict

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin

from cerussite.evaluation import (
    ConformalRegressor,
    Predictions,
    calibration_residuals,
    inner_folds,
    prediction_intervals,
)

N_SURVEYS, N_KNOWN, N_NEW, N_FEATURES, N_RESPONSES = 500, 200, 50, 6, 3
N_SITES, PER_SITE, N_NEW_SITES = 20, 6, 8
LEVEL, LOWEST, HIGHEST = 0.9, 0.88, 0.92


class Ridge(RegressorMixin, BaseEstimator):
    """Ridge regression of each response on the rows where it was measured."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> "Ridge":
        """Coefficients of every response."""
        design = np.column_stack([np.ones(len(X)), X])
        self.coefficients_ = np.column_stack(
            [solve(design[known], column[known]) for column, known in masks(y)]
        )
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """All responses."""
        return self.coefficients_[0] + X @ self.coefficients_[1:]


def solve(design: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Coefficients with a small penalty on all but the mean."""
    penalty = np.eye(design.shape[1])
    penalty[0, 0] = 0.0
    return np.linalg.solve(design.T @ design + penalty, design.T @ y)


def masks(y: np.ndarray) -> list:
    """Each response and where it was measured."""
    return [(column, ~np.isnan(column)) for column in y.T]


def survey(rng: np.random.Generator, n_samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Covariates, and responses without gaps."""
    X = rng.normal(size=(n_samples, N_FEATURES))
    shared = rng.standard_t(4, size=(n_samples, 1))
    noise = 0.6 * shared + rng.standard_t(4, size=(n_samples, N_RESPONSES))
    size = 0.5 + np.abs(X[:, :1])
    return X, X @ np.ones((N_FEATURES, N_RESPONSES)) + size * noise


def with_gaps(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Responses of which every tenth was not measured."""
    return np.where(rng.random(y.shape) < 0.1, np.nan, y)


def inside(y: np.ndarray, limits: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Whether each value lies within its limits."""
    return (limits[0] <= y) & (y <= limits[1])


def regressor(**options: object) -> ConformalRegressor:
    """Conformal regressor around the ridge, cheap enough for 500 surveys."""
    defaults = {"per_response": False, "n_folds": 8, "n_members": 30}
    return ConformalRegressor(Ridge(), **{**defaults, **options})


def exchangeable(rng: np.random.Generator, found: dict) -> None:
    """One survey, and new samples drawn like its own."""
    X, y = survey(rng, N_KNOWN + N_NEW)
    known, new = slice(N_KNOWN), slice(N_KNOWN, None)
    y_known, y_new = with_gaps(y[known], rng), y[new]
    classes = np.where(X[:, 0] ** 2 > 0.5, "far", "near")
    for method in ("split", "cross", "bootstrap"):
        for difficulty in ("none", "neighbours", "spread"):
            model = regressor(method=method, difficulty=difficulty, random_state=rng)
            model.set_params(n_members=15 if method == "cross" else 30)
            model.fit(X[known], y_known)
            name = f"{method}, difficulty {difficulty}"
            score(found, name, model, X[new], y_new)
        model = regressor(method=method, random_state=rng)
        model.fit(X[known], y_known, classes=classes[known])
        score(found, f"{method}, classes", model, X[new], y_new, classes=classes[new])
        model = regressor(method=method, log=True, random_state=rng)
        model.fit(X[known], np.exp(y_known))
        score(found, f"{method}, log", model, X[new], np.exp(y_new))
    around_final_model(rng, found, (X[known], y_known), (X[new], y_new))


def score(found: dict, name: str, model, X, y, **classes) -> None:
    """Coverage of single, joint and asymmetric intervals, and of probabilities."""
    single = model.predict_interval(X, level=LEVEL, **classes)
    found[name, "single"].append(inside(y, single).mean())
    joint = model.predict_interval(X, level=LEVEL, joint=True, **classes)
    found[name, "joint"].append(inside(y, joint).all(axis=1).mean())
    if not model.grouped:  # a tail of 5 % needs 19 sites, a split leaves 10
        tails = [
            model.predict_quantile(X, probability=p, **classes) for p in (0.05, 0.95)
        ]
        found[name, "tails"].append(inside(y, tails).mean())
    threshold = np.exp(2.0) if model.log else 2.0
    above = model.predict_exceedance(X, threshold=threshold, **classes)
    found[name, "exceeds"].append((above - (y > threshold)).mean())
    draws = model.predict_draws(X, n_draws=400, random_state=0, **classes).sum(axis=2)
    limits = np.quantile(draws, [0.05, 0.95], axis=0)
    found[name, "draws"].append(inside(y.sum(axis=1), limits).mean())


def around_final_model(rng, found: dict, known: tuple, new: tuple) -> None:
    """Out-of-fold residuals around one model of all rows, as a study saves them."""
    (X, y), (X_new, y_new) = known, new
    predicted = np.empty_like(y)
    for rows, left_out in inner_folds(range(len(X)), n_folds=10, random_state=rng):
        predicted[left_out] = Ridge().fit(X[rows], y[rows]).predict(X[left_out])
    residuals = calibration_residuals(y, predicted)
    predictions = Predictions(Ridge().fit(X, y).predict(X_new))
    name = "out-of-fold residuals, final model"
    for joint in (False, True):
        limits = prediction_intervals(residuals, predictions, level=LEVEL, joint=joint)
        covered = inside(y_new, limits)
        kind = "joint" if joint else "single"
        found[name, kind].append((covered.all(axis=1) if joint else covered).mean())


def new_sites(rng: np.random.Generator, found: dict) -> None:
    """One survey of 20 sites, and samples of sites it has not seen."""
    n_sites = N_SITES + N_NEW_SITES
    sites = np.repeat(np.arange(n_sites), PER_SITE)
    X, y = survey(rng, sites.size)
    X[:, 1:] += 2.0 * rng.normal(size=(n_sites, N_FEATURES - 1))[sites]
    y += 3.0 * rng.standard_t(4, size=(n_sites, N_RESPONSES))[sites]
    known = sites < N_SITES
    y_known = with_gaps(y[known], rng)
    for method in ("split", "cross", "bootstrap"):
        for grouped in (False, True):
            model = regressor(method=method, grouped=grouped, random_state=rng)
            model.fit(X[known], y_known, groups=sites[known] if grouped else None)
            name = f"new sites, {method}, {'grouped' if grouped else 'plain'}"
            score(found, name, model, X[~known], y[~known])


def report(found: dict) -> list[str]:
    """Print all figures; names of those that break a promise."""
    kinds = ("single", "joint", "tails", "draws", "exceeds")
    print(f"{'coverage at 0.90':38s}" + "".join(f"{kind:>9s}" for kind in kinds))
    broken = []
    for name in dict.fromkeys(name for name, _ in found):
        means = [np.mean(found.get((name, kind), [np.nan])) for kind in kinds]
        print(f"{name:38s}" + "".join(f"{mean:9.3f}" for mean in means))
        is_new, is_plain = name.startswith("new sites"), name.endswith("plain")
        low, high = (LOWEST, 1.0) if is_new else (LOWEST, HIGHEST)
        if is_plain:
            low, high = 0.0, LOWEST
        if not all(low <= mean <= high for mean in means[:2]):
            broken.append(name)
    return broken


def main() -> int:
    """Simulate, print, and say whether promises were kept."""
    found: dict = defaultdict(list)
    rng = np.random.default_rng(0)
    start = time.process_time()
    n_surveys = int(sys.argv[1]) if len(sys.argv) > 1 else N_SURVEYS
    for _ in range(n_surveys):
        exchangeable(rng, found)
        new_sites(rng, found)
    broken = report(found)
    print(f"{n_surveys} surveys, {time.process_time() - start:.0f} s of processor time")
    for name in broken:
        print(f"out of the promised range: {name}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
