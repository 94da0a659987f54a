"""Whether a metal is seen in the spectra, or only what it is bound to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray, IntArray

#: Skill is called indirect where at least this share of it is certainly explained.
MOSTLY = 0.5
#: Skill is called more than indirect where certainly less than this is explained.
NEARLY_ALL = 0.9
#: Constituents are named until this share of the explained skill is reached.
_NAMED = 0.95
_N_DRAWS = 2000
_PENALTIES = tuple(10.0**k for k in range(-3, 4))

#: Positions to fit on and to test on.
Folds = Sequence[tuple[IntArray, IntArray]]


@dataclass(frozen=True, eq=False)
class SurrogateTest:
    """
    How much of the skill for each response runs through constituents.

    Attributes
    ----------
    table : DataFrame
        A row a response: response; direct, surrogate (cross-fitted R²) and share
        (surrogate over direct), each with ``_low`` and ``_high``; through, the
        fewest constituents that explain nearly as much as all, empty where there
        is no skill; verdict, which is
        ``"indirect, through ..."``, ``"beyond the constituents"`` or ``"not
        shown"``; reason.
    constituents : DataFrame
        A row a constituent: constituent, r2 (cross-fitted).
    direct, surrogate : ndarray of shape (n_samples, n_responses)
        Predictions of each sample by models that have not seen it.
    """

    table: pd.DataFrame
    constituents: pd.DataFrame
    direct: FloatArray
    surrogate: FloatArray


def surrogate_test(  # noqa: PLR0913 - keyword-only behind the data
    estimator: Any,
    X: FloatArray,
    y: pd.DataFrame,
    constituents: pd.DataFrame,
    *,
    folds: Folds,
    groups: Sequence[Any] | None = None,
    level: float = 0.95,
    random_state: int | np.random.Generator = 0,
) -> SurrogateTest:
    r"""
    Share of the skill for a metal that constituents from the same spectra explain.

    Metals have no absorption of their own in soil; a calibration finds them through
    what binds them. Two predictions are compared on the same held-out samples:
    *direct*, from the spectra; and *surrogate*, from constituents alone (iron,
    clay, carbonate, organic carbon, pH), which are themselves predicted from the
    same spectra by models that have seen neither the sample nor, when the second
    stage is learnt, its neighbours in the fold. The second stage is a ridge
    regression on the constituents, their squares and products.

    Parameters
    ----------
    estimator : estimator
        From spectra to several responses, unfitted; cloned for each fold. It must
        take NaN in ``y`` where the tables hold some.
    X : ndarray of shape (n_samples, n_wavelengths)
        Spectra.
    y : DataFrame of n_samples rows
        Metals on the scale on which skill is compared: pass logarithms where
        values are skewed. NaN where not measured.
    constituents : DataFrame of n_samples rows
        Measured constituents; NaN where not measured.
    folds : sequence of (ndarray, ndarray)
        At least three folds whose test sets hold every row once. Folds of whole
        groups ask whether the relation holds at new sites.
    groups : sequence of n_samples labels, optional
        Labels drawn as one in the bootstrap; rows are drawn where not given.
    level : float
        Coverage of the intervals.
    random_state : int or Generator
        Source of the bootstrap.

    Returns
    -------
    SurrogateTest
        ``"indirect, through ..."`` where at least half of the direct skill is
        certainly explained; ``"beyond the constituents"`` where certainly less than
        nine tenths are; ``"not shown"`` otherwise, also where there is no skill to
        explain. Where less than nine tenths but more than half are explained, it is
        the second.

    Notes
    -----
    Intervals are percentiles of a bootstrap over held-out samples with the models
    kept as they are; they leave out how models change with the calibration set. A
    constituent that is predicted badly explains less than it could: ``share`` is a
    lower bound of the indirect part.

    References
    ----------
    .. [1] Wu, Y. et al. (2007). A mechanism study of reflectance spectroscopy for
       investigating heavy metals in soils. Soil Science Society of America Journal
       71(3), 918-926.
    """
    tests = _checked(X, y, constituents, folds)
    observed, known = y.to_numpy(np.float64), constituents.to_numpy(np.float64)
    direct = _cross_fitted(estimator, X, observed, tests)
    first = _first_stage(estimator, X, known, tests)
    every = list(range(known.shape[1]))
    surrogate = _second_stage(first, observed, tests, every)
    draws = _draws(len(X), groups, np.random.default_rng(random_state))
    rows = []
    for k, response in enumerate(y.columns):
        pair = (direct[:, k], surrogate[:, k])
        found = _intervals(observed[:, k], pair, draws, level)
        through = ""
        if found["direct_low"] > 0:
            chosen = _chosen(first, observed[:, [k]], tests, found["surrogate"])
            through = ", ".join(str(constituents.columns[c]) for c in chosen)
        verdict, reason = _verdict(found, through)
        rows.append(
            {"response": response, **found, "through": through}
            | {"verdict": verdict, "reason": reason}
        )
    of_constituents = _cross_fitted_r2(known, first, tests)
    skills = pd.DataFrame({"constituent": constituents.columns, "r2": of_constituents})
    return SurrogateTest(pd.DataFrame(rows), skills, direct, surrogate)


def _checked(
    X: FloatArray, y: pd.DataFrame, constituents: pd.DataFrame, folds: Folds
) -> list[IntArray]:
    if not len(X) == len(y) == len(constituents):
        msg = (
            f"{len(X)} spectra, {len(y)} rows of responses, {len(constituents)} of "
            "constituents; expected one each for every sample"
        )
        raise InvalidStudyError(msg)
    tests = [np.asarray(test) for _, test in folds]
    held = np.sort(np.concatenate(tests)) if tests else np.arange(0)
    if len(tests) < 3 or not np.array_equal(held, np.arange(len(X))):
        msg = (
            f"{len(tests)} folds that test {held.size} of {len(X)} rows; expected at "
            "least three folds that test every row once"
        )
        raise InvalidStudyError(msg)
    return tests


def _cross_fitted(
    estimator: Any, X: FloatArray, y: FloatArray, tests: list[IntArray]
) -> FloatArray:
    predictions = np.empty(y.shape)
    for test in tests:
        predictions[test] = _predicted(estimator, X, y, [test])[0]
    return predictions


def _predicted(
    estimator: Any, X: FloatArray, y: FloatArray, held: list[IntArray]
) -> list[FloatArray]:
    """Predictions of held-out rows by a fit on all others."""
    fitted = np.setdiff1d(np.arange(len(X)), np.concatenate(held))
    model = clone(estimator).fit(X[fitted], y[fitted])
    return [np.asarray(model.predict(X[rows])).reshape(rows.size, -1) for rows in held]


def _first_stage(
    estimator: Any, X: FloatArray, known: FloatArray, tests: list[IntArray]
) -> FloatArray:
    """Constituents predicted without two folds, (n_folds, n_samples, n_constituents)."""
    # Entry k holds, for rows of fold j, predictions by a fit that has seen neither j
    # nor k: the second stage for fold k learns from these and is tested on fold k.
    n = len(tests)
    found = np.empty((n, *known.shape))
    for k in range(n):
        found[k, tests[k]] = _predicted(estimator, X, known, [tests[k]])[0]
        for j in range(k):
            of_k, of_j = _predicted(estimator, X, known, [tests[k], tests[j]])
            found[k, tests[j]], found[j, tests[k]] = of_j, of_k
    return found


def _second_stage(
    first: FloatArray, y: FloatArray, tests: list[IntArray], columns: list[int]
) -> FloatArray:
    predictions = np.empty(y.shape)
    for k, test in enumerate(tests):
        rows = np.setdiff1d(np.arange(len(y)), test)
        for response in range(y.shape[1]):
            measured = rows[~np.isnan(y[rows, response])]
            model = make_pipeline(
                StandardScaler(),
                PolynomialFeatures(2, include_bias=False),
                StandardScaler(),
                RidgeCV(_PENALTIES),
            )
            model.fit(first[k][measured][:, columns], y[measured, response])
            inputs = first[k][test][:, columns]
            predictions[test, response] = model.predict(inputs)
    return predictions


def _chosen(
    first: FloatArray, y: FloatArray, tests: list[IntArray], full: float
) -> list[int]:
    """Constituents added one by one until they explain nearly as much as all."""
    chosen: list[int] = []
    best = -np.inf
    while best < _NAMED * full and len(chosen) < first.shape[2]:
        left = [c for c in range(first.shape[2]) if c not in chosen]
        skills = [
            _r2(y[:, 0], _second_stage(first, y, tests, [*chosen, c])[:, 0])
            for c in left
        ]
        best = max(skills)
        chosen.append(left[int(np.argmax(skills))])
    return chosen


def _draws(
    n_samples: int, groups: Sequence[Any] | None, rng: np.random.Generator
) -> FloatArray:
    """How often each row is drawn, (n_draws, n_samples)."""
    labels = np.arange(n_samples) if groups is None else np.asarray(groups)
    names, codes = np.unique(labels, return_inverse=True)
    even = np.full(names.size, 1 / names.size)
    return rng.multinomial(names.size, even, size=_N_DRAWS)[:, codes].astype(float)


def _intervals(
    observed: FloatArray,
    pair: tuple[FloatArray, FloatArray],
    draws: FloatArray,
    level: float,
) -> dict[str, float]:
    known = ~np.isnan(observed)
    drawn = [_drawn_r2(observed[known], p[known], draws[:, known]) for p in pair]
    direct, surrogate = (_r2(observed, p) for p in pair)
    found = {"direct": (direct, drawn[0]), "surrogate": (surrogate, drawn[1])}
    share, shares = surrogate / direct, drawn[1] / drawn[0]
    if direct <= 0:
        share, shares = np.nan, np.full_like(shares, np.nan)
    found["share"] = (share, shares)
    tail = (1 - level) / 2
    rows: dict[str, float] = {}
    for name, (value, values) in found.items():
        low, high = np.quantile(values, [tail, 1 - tail])
        rows |= {name: value, f"{name}_low": low, f"{name}_high": high}
    return rows


def _verdict(found: dict[str, float], through: str) -> tuple[str, str]:
    if found["direct_low"] <= 0:
        reason = (
            f"R² from the spectra is {found['direct']:.2f}, its interval holds 0: there "
            "is no skill to explain"
        )
        return "not shown", reason
    # Constituents may do worse than a constant, or better than the spectra.
    share, low, high = (
        min(max(found[name], 0.0), 1.0) for name in ("share", "share_low", "share_high")
    )
    explained = (
        f"{share:.0%} of the skill ({low:.0%} to {high:.0%}) are reached from "
        "constituents alone"
    )
    if found["share_high"] < NEARLY_ALL:
        return "beyond the constituents", explained
    if found["share_low"] >= MOSTLY:
        return f"indirect, through {through}", explained
    return "not shown", f"{explained}: too few samples to tell"


def _r2(observed: FloatArray, predicted: FloatArray) -> float:
    known = ~np.isnan(observed)
    own = observed[known]
    error = np.square(own - predicted[known]).sum()
    return float(1 - error / np.square(own - own.mean()).sum())


def _drawn_r2(
    observed: FloatArray, predicted: FloatArray, draws: FloatArray
) -> FloatArray:
    total = draws.sum(axis=1)
    means = draws @ observed / total
    spread = draws @ observed**2 - total * means**2
    return 1 - draws @ np.square(observed - predicted) / spread


def _cross_fitted_r2(
    known: FloatArray, first: FloatArray, tests: list[IntArray]
) -> list[float]:
    predictions = np.empty(known.shape)
    for k, test in enumerate(tests):
        predictions[test] = first[k, test]
    return [_r2(own, predictions[:, c]) for c, own in enumerate(known.T)]
