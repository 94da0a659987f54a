"""Vectorised limits and distributions against literal loops over one number each."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from cerussite.evaluation import (
    Predictions,
    calibration_residuals,
    exceedance_probability,
    prediction_intervals,
    predictive_quantile,
)

N_ROWS, N_NEW, N_RESPONSES, N_MEMBERS = 90, 7, 3, 5


def weight(row, rows, groups):
    if groups is None:
        return 1 / (len(rows) + 1)
    mine = [i for i in rows if groups[i] == groups[row]]
    return 1 / ((len({groups[i] for i in rows}) + 1) * len(mine))


def smallest_reaching(pairs, level):
    total = 0.0
    for value, w in sorted(pairs):
        total += w
        if total >= level - 1e-12:
            return value
    return math.inf


def mean_unseen(values, unseen):
    kept = [value for value, is_unseen in zip(values, unseen, strict=True) if is_unseen]
    return sum(kept) / len(kept)


def make_case(kind, *, with_groups, with_classes, log):
    rng = np.random.default_rng(0)
    observed = np.exp(rng.normal(size=(N_ROWS, N_RESPONSES)))
    predicted = observed * np.exp(rng.normal(scale=0.4, size=observed.shape))
    observed[rng.random(observed.shape) < 0.2] = np.nan
    difficulty = rng.uniform(0.5, 2.0, size=observed.shape)
    groups = rng.integers(12, size=N_ROWS) if with_groups else None
    classes = rng.integers(2, size=N_ROWS) if with_classes else None
    new_classes = rng.integers(2, size=N_NEW) if with_classes else None
    shape = (N_MEMBERS, N_NEW, N_RESPONSES)
    values, sizes = np.exp(rng.normal(size=shape)), rng.uniform(0.5, 2.0, size=shape)
    unseen = rng.random((N_ROWS, N_MEMBERS)) < 0.4
    if kind == "folds":
        unseen = np.arange(N_ROWS)[:, np.newaxis] % N_MEMBERS == np.arange(N_MEMBERS)
    unseen[~unseen.any(axis=1), 0] = True
    if kind == "one":
        unseen, values, sizes = None, values[0], sizes[0]
    residuals = calibration_residuals(
        observed,
        predicted,
        difficulty=difficulty,
        groups=groups,
        classes=classes,
        log=log,
    )
    new = Predictions(values, difficulty=sizes, classes=new_classes, unseen=unseen)
    table = {"observed": observed, "predicted": predicted, "difficulty": difficulty}
    return residuals, new, table, groups, classes


def errors_of(table, j, *, log):
    errors = {}
    for i in range(N_ROWS):
        o, p = table["observed"][i, j], table["predicted"][i, j]
        if not math.isnan(o):
            apart = math.log(o) - math.log(p) if log else o - p
            errors[i] = apart / table["difficulty"][i, j]
    return errors


def place(new, row, x, j, *, log):
    values = new.values if new.unseen is not None else new.values[np.newaxis]
    sizes = new.difficulty if new.unseen is not None else new.difficulty[np.newaxis]
    unseen = [True] if new.unseen is None else new.unseen[row]
    centres = [math.log(v) if log else v for v in values[:, x, j]]
    return mean_unseen(centres, unseen), mean_unseen(sizes[:, x, j], unseen)


def mean_score(scores, groups, without=None):
    site = {i: i if groups is None else groups[i] for i in scores}
    means = []
    for label in set(site.values()):
        if without is None or label != site[without]:
            own = [score for i, score in scores.items() if site[i] == label]
            means.append(sum(own) / len(own))
    return sum(means) / len(means)


def slow_intervals(case, x, *, level, joint, log):
    _, new, table, groups, classes = case
    mine = [i for i in range(N_ROWS) if classes is None or classes[i] == new.classes[x]]
    scores = []
    for j in range(N_RESPONSES):
        errors = errors_of(table, j, log=log)
        scores.append({i: abs(errors[i]) for i in mine if i in errors})
    if joint:
        full = [i for i in mine if all(i in s for s in scores)]
        tops = {}
        for i in full:
            tops[i] = max(s[i] / mean_score(s, groups, without=i) for s in scores)
        means = [mean_score(s, groups) for s in scores]
        scores = [{i: tops[i] * mean for i in full} for mean in means]
    limits = []
    for j, s in enumerate(scores):
        downs, ups = [], []
        for i in s:
            centre, size = place(new, i, x, j, log=log)
            w = weight(i, list(s), groups)
            downs.append((-(centre - s[i] * size), w))
            ups.append((centre + s[i] * size, w))
        low, high = -smallest_reaching(downs, level), smallest_reaching(ups, level)
        limits.append((math.exp(low), math.exp(high)) if log else (low, high))
    return limits


CASES = pytest.mark.parametrize(
    ("kind", "with_groups", "with_classes", "log"),
    [
        ("one", False, False, False),
        ("one", True, False, True),
        ("one", False, True, False),
        ("folds", False, False, False),
        ("folds", True, False, False),
        ("folds", False, True, True),
        ("bootstrap", False, False, False),
        ("bootstrap", True, True, False),
    ],
)


@CASES
@pytest.mark.parametrize("joint", [False, True])
def test_intervals_equal_the_literal_ones(kind, with_groups, with_classes, log, joint):
    case = make_case(kind, with_groups=with_groups, with_classes=with_classes, log=log)
    lower, upper = prediction_intervals(case[0], case[1], level=0.8, joint=joint)
    for x in range(N_NEW):
        slow = slow_intervals(case, x, level=0.8, joint=joint, log=log)
        assert_allclose(np.transpose([lower[x], upper[x]]), slow, rtol=1e-10)


@CASES
def test_probabilities_and_quantiles_equal_the_literal_ones(
    kind, with_groups, with_classes, log
):
    case = make_case(kind, with_groups=with_groups, with_classes=with_classes, log=log)
    residuals, new, table, groups, classes = case
    found = exceedance_probability(residuals, new, threshold=1.3)
    low = predictive_quantile(residuals, new, probability=0.1)
    high = predictive_quantile(residuals, new, probability=0.9)
    limit = math.log(1.3) if log else 1.3
    for x in range(N_NEW):
        for j in range(N_RESPONSES):
            errors = errors_of(table, j, log=log)
            rows = [
                i for i in errors if classes is None or classes[i] == new.classes[x]
            ]
            points = []
            for i in rows:
                centre, size = place(new, i, x, j, log=log)
                points.append((centre + size * errors[i], weight(i, rows, groups)))
            above = sum(w for point, w in points if point > limit)
            unknown = 1 - sum(w for _, w in points)
            assert found[x, j] == pytest.approx(above + unknown / 2, abs=1e-12)
            top = smallest_reaching(points, 0.9)
            bottom = -smallest_reaching([(-point, w) for point, w in points], 0.9)
            expected = np.exp([bottom, top]) if log else np.array([bottom, top])
            assert_allclose([low[x, j], high[x, j]], expected, rtol=1e-10)
