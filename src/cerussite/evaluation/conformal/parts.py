"""Calibration residuals that speak for some new samples, with their weights."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray, IntArray
from cerussite.evaluation.conformal.predictions import Predictions
from cerussite.evaluation.conformal.residuals import CalibrationResiduals, class_names
from cerussite.evaluation.conformal.weights import check_enough, row_weights

#: Values held at once, so that maps fit into memory.
_CHUNK = 4_000_000


@dataclass(frozen=True, eq=False)
class Part:
    """
    New samples and the calibration rows that speak for them: one class.

    Attributes
    ----------
    rows : ndarray of shape (n_rows,)
        Positions of calibration samples.
    new : ndarray of shape (n_new,)
        Positions of new samples.
    name : str
        Class for messages, empty where there are none.
    """

    rows: IntArray
    new: IntArray
    name: str = ""


def parts(residuals: CalibrationResiduals, predictions: Predictions) -> Iterator[Part]:
    """
    Classes of the new samples, after everything was checked.

    Parameters
    ----------
    residuals : CalibrationResiduals
        Of the calibration.
    predictions : Predictions
        Of new samples.

    Yields
    ------
    Part
        One a class; all samples where there are no classes.

    Raises
    ------
    InvalidStudyError
        If predictions and residuals do not belong together, or a class has no
        residuals.
    """
    _check_match(residuals, predictions)
    n_rows, n_new = len(residuals.scaled), predictions.shape[0]
    if residuals.classes is None or predictions.classes is None:
        yield Part(np.arange(n_rows), np.arange(n_new))
        return
    names = class_names(predictions.classes, n_new)
    unknown = np.setdiff1d(names, residuals.classes)
    if unknown.size:
        known = ", ".join(np.unique(residuals.classes).tolist())
        msg = (
            f"class {str(unknown[0])!r} has no residuals; expected one of {known}; "
            "analyse samples of this class, or calibrate without classes"
        )
        raise InvalidStudyError(msg)
    for name in np.unique(names).tolist():
        rows = np.flatnonzero(residuals.classes == name)
        yield Part(rows, np.flatnonzero(names == name), name)


def _check_match(residuals: CalibrationResiduals, predictions: Predictions) -> None:
    n_rows, n_responses = residuals.scaled.shape
    n_seen = n_rows if predictions.unseen is None else len(predictions.unseen)
    for what, of_residuals, of_predictions in (
        ("responses", n_responses, predictions.shape[1]),
        ("calibration rows", n_rows, n_seen),
    ):
        if of_residuals != of_predictions:
            msg = (
                f"residuals of {of_residuals} {what}, predictions for "
                f"{of_predictions}; expected the same calibration"
            )
            raise InvalidStudyError(msg)
    is_scaled = not (
        predictions.difficulty is None and predictions.spread_floor is None
    )
    for what, has, given in (
        ("difficulty", residuals.has_difficulty, is_scaled),
        ("classes", residuals.classes is not None, predictions.classes is not None),
    ):
        if has != given:
            found, expected = ("without", "with") if has else ("with", "without")
            msg = (
                f"predictions {found} {what}; expected predictions {expected} {what}, "
                "as the calibration residuals are"
            )
            raise InvalidStudyError(msg)


def blocks(part: Part, predictions: Predictions) -> Iterator[IntArray]:
    """
    New samples of a part in lots that fit into memory.

    Parameters
    ----------
    part : Part
        A class.
    predictions : Predictions
        Of new samples.

    Yields
    ------
    ndarray of shape (n_block,)
        Positions of new samples.
    """
    held = 1 if predictions.unseen is None else part.rows.size
    n_blocks = max(1, -(-held * part.new.size // _CHUNK))
    yield from np.array_split(part.new, n_blocks)


@dataclass(frozen=True, eq=False)
class Column:
    """
    Residuals, or scores, of one response and class.

    Attributes
    ----------
    rows : ndarray of shape (n_rows,)
        Positions of the calibration samples.
    values : ndarray of shape (n_rows,)
        One number each.
    weights : ndarray of shape (n_rows,)
        From :func:`row_weights`.
    """

    rows: IntArray
    values: FloatArray
    weights: FloatArray


def column(
    residuals: CalibrationResiduals,
    part: Part,
    values: FloatArray,
    *,
    level: float,
    what: str,
) -> Column:
    """
    Rows of a class that have a value, refused where they are too few.

    Parameters
    ----------
    residuals : CalibrationResiduals
        Of the calibration; they know the sites.
    part : Part
        A class.
    values : ndarray of shape (n_calibration,)
        One number a calibration sample; NaN where there is none.
    level : float
        Probability that limits are to reach.
    what : str
        What the values are of, for the message.

    Returns
    -------
    Column
        The values with their weights.
    """
    rows = part.rows[~np.isnan(values[part.rows])]
    groups = None if residuals.groups is None else residuals.groups[rows]
    where = f"{what} in class {part.name!r}" if part.name else what
    check_enough(rows.size, groups, level=level, what=where)
    return Column(rows, values[rows], row_weights(rows.size, groups))


def measured_responses(residuals: CalibrationResiduals) -> list[int]:
    """
    Responses that have any residual.

    Parameters
    ----------
    residuals : CalibrationResiduals
        Of the calibration.

    Returns
    -------
    list of int
        Positions of the responses.
    """
    return np.flatnonzero(~np.isnan(residuals.scaled).all(axis=0)).tolist()
