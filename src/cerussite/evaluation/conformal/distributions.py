"""Conformal predictive systems: probabilities, quantiles and draws."""

from dataclasses import dataclass

import numpy as np

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray, IntArray
from cerussite.evaluation.conformal.parts import (
    Column,
    Part,
    blocks,
    column,
    measured_responses,
    parts,
)
from cerussite.evaluation.conformal.predictions import Predictions, located
from cerussite.evaluation.conformal.residuals import CalibrationResiduals, on_scale
from cerussite.evaluation.conformal.weights import weighted_quantile

#: Level whose residuals must be there to draw from them.
_DRAWN_LEVEL = 0.9


@dataclass(frozen=True, eq=False)
class _Pick:
    """Calibration rows, those that draws take, and draws beyond all of them."""

    rows: IntArray
    at: IntArray
    beyond: IntArray


def exceedance_probability(
    residuals: CalibrationResiduals,
    predictions: Predictions,
    *,
    threshold: FloatArray | float,
) -> FloatArray:
    r"""
    Probability that the value of a new sample lies above a threshold.

    Parameters
    ----------
    residuals : CalibrationResiduals
        Of the calibration.
    predictions : Predictions
        Of new samples.
    threshold : float or ndarray that broadcasts to (n_new, n_responses)
        In the unit of the responses; NaN for a response without a threshold.

    Returns
    -------
    ndarray of shape (n_new, n_responses)
        Between 0 and 1 and never at them; NaN without threshold or residuals.

    Notes
    -----
    A threshold without logarithm is refused where residuals are of logarithms.
    The predictive distribution puts the weight of each residual (see
    :func:`row_weights`) at :math:`C_i = \hat y + \sigma e_i`, and

    .. math:: Q(t) = \sum_{C_i < t} w_i + \tau \Bigl(\sum_{C_i = t} w_i +
       w_\infty\Bigr)

    with a random :math:`\tau` is uniform for a new sample [1]_, [2]_. Here
    :math:`\tau = 1/2`, so that results can be repeated; the probability is
    :math:`1 - Q(t)` and cannot tell apart less than the mass :math:`w_\infty`:
    :math:`1/(n + 1)`, or one over the number of sites plus one.

    References
    ----------
    .. [1] Vovk, V., Shen, J., Manokhin, V. and Xie, M. (2019). Nonparametric
       predictive distributions based on conformal prediction. Machine Learning
       108, 445-474.
    .. [2] Vovk, V., Nouretdinov, I., Manokhin, V. and Gammerman, A. (2018).
       Cross-conformal predictive distributions. PMLR 91, 37-51.

    Examples
    --------
    >>> import numpy as np
    >>> from cerussite.evaluation import Predictions, calibration_residuals
    >>> residuals = calibration_residuals(
    ...     np.array([[-2.0], [0.0], [1.0]]), np.zeros((3, 1))
    ... )
    >>> new = Predictions(np.array([[10.0], [100.0]]))
    >>> exceedance_probability(residuals, new, threshold=10.5)
    array([[0.375],
           [0.875]])
    """
    every = np.broadcast_to(np.asarray(threshold, dtype=np.float64), predictions.shape)
    found = np.full(predictions.shape, np.nan)
    for part in parts(residuals, predictions):
        for j, errors in _error_columns(residuals, part, level=0.5).items():
            is_log = bool(residuals.is_log[j])
            limits = on_scale(every[:, j], is_log=is_log, response=j, what="threshold")
            for new in blocks(part, predictions):
                place = located(predictions, errors.rows, new, j, is_log=is_log)
                found[new, j] = 1.0 - _cumulated(errors, *place, limits[new])
    return np.where(np.isnan(every), np.nan, found)


def predictive_quantile(
    residuals: CalibrationResiduals,
    predictions: Predictions,
    *,
    probability: float,
) -> FloatArray:
    """
    Value that a new sample stays below with a probability.

    Two of them make an interval that need not be symmetric: with 0.05 and 0.95
    it covers at least 90 % of new samples, each tail at most 5 %.

    Parameters
    ----------
    residuals : CalibrationResiduals
        Of the calibration.
    predictions : Predictions
        Of new samples.
    probability : float
        Between 0 and 1; rounded outwards, away from 0.5, to the next residual.

    Returns
    -------
    ndarray of shape (n_new, n_responses)
        In the unit of the responses; NaN for a response without any residual.

    Examples
    --------
    >>> import numpy as np
    >>> from cerussite.evaluation import Predictions, calibration_residuals
    >>> residuals = calibration_residuals(
    ...     np.array([[-2.0], [0.0], [1.0]]), np.zeros((3, 1))
    ... )
    >>> predictive_quantile(
    ...     residuals, Predictions(np.array([[10.0]])), probability=0.75
    ... )
    array([[11.]])
    """
    sign = 1.0 if probability >= 0.5 else -1.0
    level = probability if probability >= 0.5 else 1.0 - probability
    found = np.full(predictions.shape, np.nan)
    for part in parts(residuals, predictions):
        for j, errors in _error_columns(residuals, part, level=level).items():
            is_log = bool(residuals.is_log[j])
            for new in blocks(part, predictions):
                place = located(predictions, errors.rows, new, j, is_log=is_log)
                values = sign * _quantile(errors, *place, sign=sign, level=level)
                found[new, j] = np.exp(values) if is_log else values
    return found


def predictive_draws(
    residuals: CalibrationResiduals,
    predictions: Predictions,
    *,
    n_draws: int,
    random_state: int | np.random.Generator,
    joint: bool = True,
) -> FloatArray:
    r"""
    Values that new samples might have, for indices of several responses.

    Parameters
    ----------
    residuals : CalibrationResiduals
        Of the calibration.
    predictions : Predictions
        Of new samples.
    n_draws : int
        Number of draws.
    random_state : int or Generator
        Who draws.
    joint : bool
        Whether errors of all responses of a draw come from one calibration
        sample, measured in full, so that they keep their dependence. Otherwise
        each response is drawn on its own, from all of its residuals.

    Returns
    -------
    ndarray of shape (n_draws, n_new, n_responses)
        In the unit of the responses; NaN for a response without any residual.

    Raises
    ------
    InvalidStudyError
        If residuals, or sites, are fewer than intervals at 90 % need, or no
        draw is asked for.

    Notes
    -----
    The mass :math:`w_\infty` that no residual stands for (see
    :func:`exceedance_probability`) is drawn as the largest error of every
    response, all up or all down with equal chances, so that shares of draws
    above a threshold agree with exceedance probabilities.
    Different samples are drawn independently of each other: the error of a sum or
    mean over samples of one site, whose errors go together, is larger than such
    draws say.

    Examples
    --------
    >>> import numpy as np
    >>> from cerussite.evaluation import Predictions, calibration_residuals
    >>> errors = np.arange(-10.0, 11.0)[:, np.newaxis]
    >>> residuals = calibration_residuals(errors, np.zeros((21, 1)))
    >>> draws = predictive_draws(
    ...     residuals, Predictions(np.array([[50.0]])), n_draws=1000, random_state=0
    ... )
    >>> draws.shape, float(draws.min()), float(draws.max())
    ((1000, 1, 1), 40.0, 60.0)
    """
    if n_draws < 1:
        msg = f"{n_draws} draws; expected at least 1"
        raise InvalidStudyError(msg)
    rng = np.random.default_rng(random_state)
    drawn = np.full((n_draws, *predictions.shape), np.nan)
    for part in parts(residuals, predictions):
        picked = _picked(residuals, part, (n_draws, part.new.size), rng, joint=joint)
        for j, pick in picked.items():
            drawn[:, part.new, j] = _drawn(residuals, predictions, part, pick, j)
    return drawn


def _error_columns(
    residuals: CalibrationResiduals, part: Part, *, level: float
) -> dict[int, Column]:
    return {
        j: column(
            residuals, part, residuals.scaled[:, j], level=level, what=f"response {j}"
        )
        for j in measured_responses(residuals)
    }


def _cumulated(
    errors: Column, centres: FloatArray, sizes: FloatArray, limits: FloatArray
) -> FloatArray:
    # Q(t) with tau = 1/2, on the scale of the residuals.
    weights = errors.weights
    if len(centres) == 1:
        order = np.argsort(errors.values, kind="stable")
        cumulated = np.concatenate([[0.0], np.cumsum(weights[order])])
        at = (limits - centres[0]) / sizes[0]
        ordered = errors.values[order]
        below = cumulated[np.searchsorted(ordered, at, "left")]
        at_most = cumulated[np.searchsorted(ordered, at, "right")]
    else:
        points = centres + sizes * errors.values[:, np.newaxis]
        below = weights @ (points < limits)
        at_most = weights @ (points <= limits)
    return 0.5 * (below + at_most + 1.0 - weights.sum())


def _quantile(
    errors: Column,
    centres: FloatArray,
    sizes: FloatArray,
    *,
    sign: float,
    level: float,
) -> FloatArray:
    # Upper quantile of the distribution, or of its mirror image.
    if len(centres) == 1:
        error = weighted_quantile(sign * errors.values, errors.weights, level=level)
        return sign * centres[0] + sizes[0] * error
    points = centres + sizes * errors.values[:, np.newaxis]
    return weighted_quantile(sign * points, errors.weights, level=level)


def _picked(
    residuals: CalibrationResiduals,
    part: Part,
    size: tuple[int, int],
    rng: np.random.Generator,
    *,
    joint: bool,
) -> dict[int, _Pick]:
    if not joint:
        columns = _error_columns(residuals, part, level=_DRAWN_LEVEL)
        return {j: _pick(each, size, rng) for j, each in columns.items()}
    responses = measured_responses(residuals)
    complete = residuals.scaled[:, responses].sum(axis=1)
    what = f"all {len(responses)} responses at once"
    together = column(residuals, part, complete, level=_DRAWN_LEVEL, what=what)
    return dict.fromkeys(responses, _pick(together, size, rng))


def _pick(source: Column, size: tuple[int, int], rng: np.random.Generator) -> _Pick:
    known = source.weights.sum()
    at = rng.choice(source.rows.size, size=size, p=source.weights / known)
    signs = rng.choice(np.array([-1, 1]), size=size)
    return _Pick(source.rows, at, np.where(rng.random(size) < known, 0, signs))


def _drawn(
    residuals: CalibrationResiduals,
    predictions: Predictions,
    part: Part,
    pick: _Pick,
    response: int,
) -> FloatArray:
    # Shape (n_draws, n_new of the part).
    is_log = bool(residuals.is_log[response])
    errors = residuals.scaled[pick.rows, response]
    largest = np.abs(errors).max()
    chosen = np.where(pick.beyond == 0, errors[pick.at], largest * pick.beyond)
    lots, start = [], 0
    for new in blocks(part, predictions):
        columns = np.arange(new.size)
        here = slice(start, start + new.size)
        start += new.size
        centres, sizes = located(predictions, pick.rows, new, response, is_log=is_log)
        model = pick.at[:, here] if len(centres) > 1 else 0
        lots.append(centres[model, columns] + sizes[model, columns] * chosen[:, here])
    values = np.concatenate(lots, axis=1)
    return np.exp(values) if is_log else values
