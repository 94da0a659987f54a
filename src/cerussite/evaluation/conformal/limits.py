"""Conformal prediction intervals, for each response or for all of them jointly."""

import numpy as np

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray
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
    ``2 level - 1``, and in practice about ``level``; with sites (``groups``) the
    same for a sample of a *new* site; with classes, within each class. No
    guarantee holds for a sample drawn in another way than these.

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

    Jointly, each response :math:`j` is measured against its own limit
    :math:`q_j`, and the score of a row is :math:`\max_j s_{ij} / q_j`: limits
    of single responses widen by one common factor, and no assumption ties the
    responses together. Only rows where every response was measured have such a
    score (a gap would hide a miss and narrow the limits); :math:`q_j` is taken
    from all rows. As :math:`q_j` comes from the same residuals as the factor,
    the joint guarantee holds up to terms of the order of one over their number.

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
    # Maximum over responses in units of their own limits; NaN in incomplete rows.
    own = {
        j: float(weighted_quantile(each.values, each.weights, level=level))
        for j, each in columns.items()
    }
    for j, limit in own.items():
        if limit == 0:
            msg = (
                f"response {j} has a half-width of 0: most residuals are exactly 0; "
                "expected errors of models that had not seen the samples"
            )
            raise InvalidStudyError(msg)
    scores = np.abs(residuals.scaled)
    maxima = np.max([scores[:, j] / limit for j, limit in own.items()], axis=0)
    what = f"all {len(own)} responses at once"
    together = column(residuals, part, maxima, level=level, what=what)
    return {
        j: Column(together.rows, limit * together.values, together.weights)
        for j, limit in own.items()
    }


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
