"""What is gained by sending doubtful samples to the laboratory."""

from dataclasses import dataclass

import numpy as np

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import BoolArray, FloatArray
from cerussite.evaluation.splits import Labels, encode


@dataclass(frozen=True, eq=False)
class RejectionCurve:
    """
    Error of the kept predictions against the share sent to the laboratory.

    Attributes
    ----------
    shares : ndarray of shape (n_shares,)
        Shares of the samples that are measured instead of predicted.
    error, low, high : ndarray of shape (n_shares, n_responses)
        Root mean squared error of the predictions kept, and its interval.
    random : ndarray of shape (n_shares, n_responses)
        The same for samples drawn by lot: no gain.
    oracle : ndarray of shape (n_shares, n_responses)
        The same when the largest errors are sent: no doubt can do better.
    captured, captured_low, captured_high : ndarray of shape (n_responses,)
        Area between ``random`` and ``error`` over that between ``random`` and
        ``oracle``: 1 is perfect, 0 no better than lots, below 0 misleading.
    """

    shares: FloatArray
    error: FloatArray
    low: FloatArray
    high: FloatArray
    random: FloatArray
    oracle: FloatArray
    captured: FloatArray
    captured_low: FloatArray
    captured_high: FloatArray


def rejection_curve(  # noqa: PLR0913 - two arrays in, one of doubt, and the bootstrap
    y_true: FloatArray,
    y_pred: FloatArray,
    doubt: FloatArray,
    *,
    shares: FloatArray,
    groups: Labels | None = None,
    level: float = 0.9,
    n_resamples: int = 500,
    random_state: int | np.random.Generator,
) -> RejectionCurve:
    r"""
    Error of the kept predictions when the most doubtful samples are measured.

    Use predictions of samples that the calibration had not seen, and doubt that
    is known without the analysis: width of the interval, dissimilarity, T².

    Parameters
    ----------
    y_true : ndarray of shape (n_samples, n_responses)
        Observed values; NaN where not measured.
    y_pred : ndarray of shape (n_samples, n_responses)
        Predictions in the unit of ``y_true``.
    doubt : ndarray of shape (n_samples,) or (n_samples, n_responses)
        The larger, the sooner a sample goes to the laboratory. Of equal ones
        the lot decides; the curve is then its expectation.
    shares : ndarray of shape (n_shares,)
        Increasing shares from 0 to below 1.
    groups : array_like of shape (n_samples,), optional
        Labels drawn whole in the bootstrap: sites or specimens.
    level : float
        Coverage of the intervals.
    n_resamples : int
        Bootstrap samples.
    random_state : int or Generator
        Who draws them.

    Returns
    -------
    RejectionCurve
        In the unit of each response; NaN for a response never measured.

    Raises
    ------
    InvalidStudyError
        If shapes differ, a prediction or doubt of a measured value is not
        finite, shares do not increase from 0 to below 1, or an option makes no
        sense.

    Notes
    -----
    A share that is no whole number of samples is interpolated in the sum of
    squares. The interval is that of percentiles of the bootstrap [1]_.

    References
    ----------
    .. [1] Efron, B. and Tibshirani, R. J. (1993). An Introduction to the
       Bootstrap. Chapman & Hall.

    Examples
    --------
    >>> import numpy as np
    >>> y_true, y_pred = np.zeros((4, 1)), np.array([[1.0], [1.0], [1.0], [5.0]])
    >>> curve = rejection_curve(
    ...     y_true, y_pred, np.array([0.0, 1.0, 2.0, 3.0]),
    ...     shares=np.array([0.0, 0.25]), random_state=0,
    ... )
    >>> curve.error[:, 0] ** 2, curve.captured
    (array([7., 1.]), array([1.]))
    """
    doubts = doubt
    if doubt.ndim == 1:
        doubts = np.repeat(doubt[:, np.newaxis], y_true.shape[-1], axis=1)
    if msg := (
        _mismatch(y_true, y_pred, doubts)
        or _wrong_shares(shares)
        or _senseless(level, n_resamples)
    ):
        raise InvalidStudyError(msg)
    n = len(y_true)
    codes = np.arange(n) if groups is None else encode(groups, what="groups")
    if codes.size != n:
        msg = f"{codes.size} groups for {n} samples; expected one each"
        raise InvalidStudyError(msg)
    weights = _resampled(codes, n_resamples, np.random.default_rng(random_state))
    curves = [
        _one_response((p - o) ** 2, d, shares=shares, weights=weights, level=level)
        for o, p, d in zip(y_true.T, y_pred.T, doubts.T, strict=True)
    ]
    columns = [np.stack(parts, axis=-1) for parts in zip(*curves, strict=True)]
    return RejectionCurve(shares, *columns)


def _one_response(
    squares: FloatArray,
    doubt: FloatArray,
    *,
    shares: FloatArray,
    weights: FloatArray,
    level: float,
) -> tuple[FloatArray, ...]:
    # The columns of a curve for one response.
    is_measured = ~np.isnan(squares)
    if not is_measured.any():
        empty, none = np.full(shares.size, np.nan), np.array(np.nan)
        return (empty,) * 5 + (none,) * 3
    squares, doubt, weights = (
        squares[is_measured],
        doubt[is_measured],
        weights[:, is_measured],
    )
    error, random, oracle = (
        _kept_error(squares, by, weights, shares)
        for by in (doubt, np.zeros_like(doubt), squares)
    )
    captured = _captured(random - error, random - oracle, shares)
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = _quantiles(error[1:], tails)
    captured_low, captured_high = _quantiles(captured[1:], tails)
    return (
        *(error[0], low, high, random[0], oracle[0]),
        *(captured[0], captured_low, captured_high),
    )


def _kept_error(
    squares: FloatArray, doubt: FloatArray, weights: FloatArray, shares: FloatArray
) -> FloatArray:
    # Shape (1 + n_resamples, n_shares); the first row is the sample itself. Sums are
    # known at the ends of runs of equal doubt; the lot within one is a straight line.
    order = np.argsort(doubt, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(doubt[order]) > 0])
    counts = np.add.reduceat(weights[:, order], starts, axis=1).cumsum(axis=1)
    sums = np.add.reduceat((weights * squares)[:, order], starts, axis=1)
    sums = sums.cumsum(axis=1)
    errors = np.full((len(weights), shares.size), np.nan)
    for row, (count, total) in enumerate(zip(counts, sums, strict=True)):
        if count[-1] > 0:
            kept = (1 - shares) * count[-1]
            errors[row] = np.interp(kept, np.r_[0, count], np.r_[0, total]) / kept
    return np.sqrt(errors)


def _captured(gain: FloatArray, most: FloatArray, shares: FloatArray) -> FloatArray:
    # Areas between two curves, by trapezoids; the first row is the sample itself.
    gained, possible = (
        np.asarray(np.trapezoid(area, shares, axis=1)) for area in (gain, most)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(possible > 0, gained / possible, np.nan)


def _quantiles(values: FloatArray, tails: list[float]) -> FloatArray:
    known = values[~np.isnan(values.reshape(len(values), -1)).any(axis=1)]
    if not len(known):
        return np.full((2, *values.shape[1:]), np.nan)
    return np.quantile(known, tails, axis=0)


def _resampled(
    codes: np.ndarray, n_resamples: int, rng: np.random.Generator
) -> FloatArray:
    # How often each sample counts; once in the first row.
    n_groups = int(codes.max()) + 1
    drawn = rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), n_resamples)
    return np.vstack([np.ones(codes.size), drawn[:, codes]])


def _mismatch(y_true: FloatArray, y_pred: FloatArray, doubt: FloatArray) -> str | None:
    if y_true.ndim != 2 or not y_true.shape == y_pred.shape == doubt.shape:
        return (
            f"observed of shape {y_true.shape}, predicted of shape {y_pred.shape} and "
            f"doubt of shape {doubt.shape}; expected (n_samples, n_responses) "
            "each, or one doubt a sample"
        )
    is_known: BoolArray = np.isfinite(y_pred) & np.isfinite(doubt)
    n_bad = int(np.count_nonzero(~np.isnan(y_true) & ~is_known))
    if n_bad:
        return (
            f"{n_bad} measured values without a finite prediction and doubt; expected "
            "both for every measured value"
        )
    return None


def _wrong_shares(shares: FloatArray) -> str | None:
    if shares.ndim == 1 and shares.size >= 2:
        increases = bool((np.diff(shares) > 0).all())
        if increases and shares[0] >= 0 and shares[-1] < 1:
            return None
    return (
        f"shares {shares.tolist()}; expected at least two that increase, from 0 to "
        "below 1"
    )


def _senseless(level: float, n_resamples: int) -> str | None:
    if not 0 < level < 1:
        return f"level {level:g}; expected a fraction between 0 and 1, such as 0.9"
    if n_resamples < 1:
        return f"{n_resamples} bootstrap samples; expected at least 1"
    return None
