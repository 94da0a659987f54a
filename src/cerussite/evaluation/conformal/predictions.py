"""Predictions of new samples, as each calibration residual is to see them."""

from dataclasses import dataclass

import numpy as np

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import BoolArray, FloatArray, IntArray
from cerussite.evaluation.conformal.residuals import (
    checked_difficulty,
    on_scale,
)
from cerussite.evaluation.splits import Labels


@dataclass(frozen=True, eq=False)
class Predictions:
    r"""
    Predictions of new samples by one model, or by those of all folds.

    With fold models a calibration residual is added to the prediction by the
    models that had not seen its row: of the one fold that left it out (CV+ [1]_),
    or the mean of the bootstraps it was not drawn into (jackknife+-after-bootstrap
    [2]_). With one model it is added to that model's prediction (split conformal,
    or cross-validated residuals around the final model).

    Attributes
    ----------
    values : ndarray of shape (n_new, n_responses) or (n_members, n_new, n_responses)
        In the unit of the responses; the first axis is for fold models.
    difficulty : ndarray, optional
        As for the calibration residuals; of the shape of ``values``, or without
        its last axis, which is then filled up.
    classes : array_like of shape (n_new,), optional
        Classes, where the calibration residuals have them.
    unseen : ndarray of shape (n_calibration, n_members), optional
        Whether a member has not seen a calibration row; needed with fold models.
    spread_floor : ndarray of shape (n_responses,), optional
        With it the difficulty of a sample is this floor plus the standard
        deviation over the unseen members.

    Raises
    ------
    InvalidStudyError
        If shapes do not fit, a prediction or difficulty is none, or a calibration
        row was seen by all members.

    References
    ----------
    .. [1] Barber, R. F., Candes, E. J., Ramdas, A. and Tibshirani, R. J. (2021).
       Predictive inference with the jackknife+. Annals of Statistics 49(1),
       486-507.
    .. [2] Kim, B., Xu, C. and Barber, R. F. (2020). Predictive inference is free
       with the jackknife+-after-bootstrap. NeurIPS 33.
    """

    values: FloatArray
    difficulty: FloatArray | None = None
    classes: Labels | None = None
    unseen: BoolArray | None = None
    spread_floor: FloatArray | None = None

    def __post_init__(self) -> None:
        expected = 2 if self.unseen is None else 3
        if self.values.ndim != expected:
            msg = (
                f"predictions of shape {self.values.shape}; expected (n_new, "
                "n_responses), or (n_members, n_new, n_responses) together with "
                "`unseen`"
            )
            raise InvalidStudyError(msg)
        n_bad = int(np.count_nonzero(~np.isfinite(self.values)))
        if n_bad:
            msg = f"{n_bad} predictions are not finite; expected a number each"
            raise InvalidStudyError(msg)
        if self.unseen is not None:
            check_unseen(self.unseen, len(self.values))
        if self.difficulty is not None:
            needed = np.ones(self.values.shape, dtype=np.bool_)
            every = checked_difficulty(self.difficulty, needed)
            object.__setattr__(self, "difficulty", every)

    @property
    def shape(self) -> tuple[int, int]:
        """
        Numbers of new samples and of responses.

        Returns
        -------
        tuple of (int, int)
            Shape of the results.
        """
        n_new, n_responses = self.values.shape[-2:]
        return int(n_new), int(n_responses)


def check_unseen(unseen: BoolArray, n_members: int) -> None:
    """
    Refuse a table of who has seen what that does not fit, or has empty rows.

    Parameters
    ----------
    unseen : ndarray of shape (n_calibration, n_members)
        Whether a member has not seen a calibration row.
    n_members : int
        Number of fold models.

    Raises
    ------
    InvalidStudyError
        If the shape does not fit, or a row was seen by all members.
    """
    if unseen.ndim != 2 or unseen.shape[1] != n_members or unseen.dtype != np.bool_:
        msg = (
            f"`unseen` of shape {unseen.shape} and type {unseen.dtype} for {n_members} "
            "members; expected (n_calibration, n_members) of True and False"
        )
        raise InvalidStudyError(msg)
    n_seen = int(np.count_nonzero(~unseen.any(axis=1)))
    if n_seen:
        msg = (
            f"{n_seen} calibration rows were seen by all {n_members} members and have "
            "no honest residual; expected one unseen member each: fit more members"
        )
        raise InvalidStudyError(msg)


def located(
    predictions: Predictions,
    rows: IntArray,
    new: IntArray,
    response: int,
    *,
    is_log: bool,
) -> tuple[FloatArray, FloatArray]:
    """
    Where and how wide each calibration residual is put down.

    Parameters
    ----------
    predictions : Predictions
        Of new samples.
    rows, new : ndarray
        Positions of calibration and of new samples.
    response : int
        Position of the response.
    is_log : bool
        Whether residuals are of logarithms.

    Returns
    -------
    tuple of (ndarray, ndarray)
        Prediction and difficulty on the scale of the residuals, of shape
        (1, n_new) for one model and (n_rows, n_new) for fold models.
    """
    n_new, n_responses = predictions.shape
    stack = (-1, n_new, n_responses)
    values = on_scale(
        predictions.values.reshape(stack)[:, new, response],
        is_log=is_log,
        response=response,
        what="predicted",
    )
    sizes = np.ones_like(values)
    if predictions.difficulty is not None:
        sizes = predictions.difficulty.reshape(stack)[:, new, response]
    if predictions.unseen is None:
        return values, sizes
    unseen = predictions.unseen[rows]
    if predictions.spread_floor is not None:
        floor = float(predictions.spread_floor[response])
        return unseen_mean(values, unseen), floor + unseen_spread(values, unseen)
    return unseen_mean(values, unseen), unseen_mean(sizes, unseen)


def unseen_mean(values: FloatArray, unseen: BoolArray) -> FloatArray:
    """
    Mean over the members that have not seen a row.

    Parameters
    ----------
    values : ndarray of shape (n_members, n_new)
        Predictions of each member.
    unseen : ndarray of shape (n_rows, n_members)
        Whether a member has not seen a row; at least one a row.

    Returns
    -------
    ndarray of shape (n_rows, n_new)
        One mean a row and new sample.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.array([[1.0], [3.0]])
    >>> unseen_mean(values, np.array([[True, False], [True, True]]))
    array([[1.],
           [2.]])
    """
    return unseen / unseen.sum(axis=1, keepdims=True) @ values


def unseen_spread(values: FloatArray, unseen: BoolArray) -> FloatArray:
    """
    Standard deviation over the members that have not seen a row.

    Parameters
    ----------
    values : ndarray of shape (n_members, n_new)
        Predictions of each member.
    unseen : ndarray of shape (n_rows, n_members)
        Whether a member has not seen a row; at least one a row.

    Returns
    -------
    ndarray of shape (n_rows, n_new)
        With the number of members in the denominator.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.array([[1.0], [3.0]])
    >>> unseen_spread(values, np.array([[True, False], [True, True]]))
    array([[0.],
           [1.]])
    """
    # Around the mean of all members, or squares of large values lose digits.
    centred = values - values.mean(axis=0)
    mean = unseen_mean(centred, unseen)
    square = unseen_mean(centred**2, unseen)
    return np.sqrt(np.maximum(square - mean**2, 0.0))
