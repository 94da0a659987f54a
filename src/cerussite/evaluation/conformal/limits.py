"""Conformal prediction intervals, for each response or for all of them jointly."""

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
from cerussite.evaluation.conformal.residuals import CalibrationResiduals
from cerussite.evaluation.conformal.weights import weighted_quantile


def prediction_intervals(
    residuals: CalibrationResiduals,
    predictions: Predictions,
    *,
    level: float,
    joint: bool = False,
) -> tuple[FloatArray, FloatArray]:
    r"""
    Limits that hold the value of a new sample with a nominal probability.

    What is guaranteed, whatever the distribution of errors: with one model fitted
    apart from the calibration rows at least ``level``; with fold models at least
    ``2 level - 1``, and in practice about ``level``, as for out-of-fold residuals
    around a final model, which nothing is proven for; with sites (``groups``) the
    same for a sample of a *new* site; with classes, within each class. A sample
    that was drawn in another way than these has no guarantee.

    Parameters
    ----------
    residuals : CalibrationResiduals
        Of the calibration.
    predictions : Predictions
        Of new samples.
    level : float
        Nominal coverage.
    joint : bool
        Whether the level is the probability that *all* responses of a sample
        lie within their limits, instead of each one.

    Returns
    -------
    tuple of (ndarray, ndarray) of shape (n_new, n_responses)
        Lower and upper limits in the unit of the responses; NaN for a response
        without any residual.

    Raises
    ------
    InvalidStudyError
        If residuals or sites are too few for the level, predictions do not
        belong to the residuals, or the level of fold models is below 0.5.

    Notes
    -----
    A residual :math:`e_i` (over its difficulty) has the score
    :math:`s_i = |e_i|`. One model :math:`\hat y` with difficulty
    :math:`\sigma` gives :math:`\hat y \pm \sigma q`, where :math:`q` is the
    quantile of the scores at ``level`` under the weights of :func:`row_weights`;
    fold models give the quantiles of :math:`\hat y_{-i} - \sigma_{-i} s_i` and
    :math:`\hat y_{-i} + \sigma_{-i} s_i` over the rows :math:`i`, as CV+ does.

    Jointly, each response :math:`j` is measured against its mean score
    :math:`m_j`, and the score of a row is :math:`\max_j s_{ij} / m_j`: the limits
    of all responses are one common multiple of their typical errors, and no
    assumption ties the responses together. A row is measured against means
    without itself (or its site), as a new sample is; with means that hold the row
    its score would be too small. Only rows where every response was measured have
    such a score, for a gap would hide a miss and narrow the limits; the means are
    of all rows. As those means are estimated, the joint guarantee holds up to terms
    of the order of one over the number of rows (sites).

    Examples
    --------
    >>> import numpy as np
    >>> from cerussite.evaluation import Predictions, calibration_residuals
    >>> observed = np.array([[1.0], [-2.0], [4.0]])
    >>> residuals = calibration_residuals(observed, np.zeros((3, 1)))
    >>> lower, upper = prediction_intervals(
    ...     residuals, Predictions(np.array([[10.0]])), level=0.75
    ... )
    >>> lower, upper
    (array([[6.]]), array([[14.]]))
    """
    if predictions.unseen is not None and level < 0.5:
        msg = (
            f"level {level:g} with fold models; expected at least 0.5, below which "
            "their intervals may be empty"
        )
        raise InvalidStudyError(msg)
    lower, upper = np.full((2, *predictions.shape), np.nan)
    for part in parts(residuals, predictions):
        columns = _score_columns(residuals, part, level=level)
        if joint:
            columns = _joint_columns(residuals, part, columns, level=level)
        for new in blocks(part, predictions):
            for j, scores in columns.items():
                place = located(
                    predictions, scores.rows, new, j, is_log=bool(residuals.is_log[j])
                )
                limits = _limits(scores, *place, level=level)
                if residuals.is_log[j]:
                    limits = np.exp(limits)
                lower[new, j], upper[new, j] = limits
    return lower, upper


def _score_columns(
    residuals: CalibrationResiduals, part: Part, *, level: float
) -> dict[int, Column]:
    scores = np.abs(residuals.scaled)
    return {
        j: column(residuals, part, scores[:, j], level=level, what=f"response {j}")
        for j in measured_responses(residuals)
    }


def _joint_columns(
    residuals: CalibrationResiduals,
    part: Part,
    columns: dict[int, Column],
    *,
    level: float,
) -> dict[int, Column]:
    # Maximum over responses in units of their mean scores; NaN in incomplete rows.
    if len(columns) == 1:
        return columns
    scaled, means = np.full(residuals.scaled.shape, np.nan), {}
    for j, each in columns.items():
        sites = each.rows if residuals.groups is None else residuals.groups[each.rows]
        means[j], without_own = _mean_scores(each.values, sites, response=j)
        scaled[each.rows, j] = each.values / without_own
    maxima = scaled[:, list(columns)].max(axis=1)
    what = f"all {len(columns)} responses at once"
    together = column(residuals, part, maxima, level=level, what=what)
    return {
        j: Column(together.rows, mean * together.values, together.weights)
        for j, mean in means.items()
    }


def _mean_scores(
    values: FloatArray, sites: IntArray, *, response: int
) -> tuple[float, FloatArray]:
    # Mean over sites of their mean scores, and the same without a row's own site.
    codes, sizes = np.unique(sites, return_inverse=True, return_counts=True)[1:]
    by_site = np.bincount(codes, weights=values) / sizes
    without_own = (by_site.sum() - by_site) / max(by_site.size - 1, 1)
    if without_own.min() <= 0:
        msg = (
            f"nearly all residuals of response {response} are exactly 0; expected "
            "errors of models that had not seen the samples"
        )
        raise InvalidStudyError(msg)
    return float(by_site.mean()), without_own[codes]


def _limits(
    scores: Column, centres: FloatArray, sizes: FloatArray, *, level: float
) -> FloatArray:
    # Shape (2, n_new), on the scale of the residuals.
    weights = scores.weights
    if len(centres) == 1:
        half = sizes[0] * weighted_quantile(scores.values, weights, level=level)
        return np.stack([centres[0] - half, centres[0] + half])
    reach = sizes * scores.values[:, np.newaxis]
    return np.stack(
        [
            -weighted_quantile(reach - centres, weights, level=level),
            weighted_quantile(reach + centres, weights, level=level),
        ]
    )
