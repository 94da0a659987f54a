"""What is chosen inside ``fit``: settings, preprocessing, scale of the response."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray, IntArray
from cerussite.models.machines import Machine
from cerussite.models.views import Block, View
from cerussite.preprocessing import ResponseTransform, response_transform

#: Positions of the rows to fit on and of those to choose on.
Folds = Sequence[tuple[IntArray, IntArray]]


class Method(Protocol):
    """What a family of regressions must be able to do."""

    standardise: bool | Sequence[bool]
    response_transform: str
    sharpness: float
    needs_rows: bool

    def _paths(self, block: Block, Z: FloatArray) -> FloatArray:
        """Predictions of the new rows, (n_settings, n_new, n_columns)."""

    def _cross_validated(
        self, view: View, Z: FloatArray, folds: Folds
    ) -> FloatArray | None:
        """Out-of-fold paths by a faster way, or None to go through the folds."""

    def _choice(self, errors: FloatArray) -> int:
        """Setting chosen from squared errors (n_settings, n_samples)."""

    def _machine(self, block: Block, z: FloatArray, setting: int) -> Machine:
        """Machine with one setting, fitted on the rows of a block."""

    def _describe(self, setting: int) -> str:
        """Setting in words."""


@dataclass(frozen=True, eq=False)
class Column:
    """
    One response on one scale.

    Attributes
    ----------
    response : int
        Column of ``y``.
    transform : ResponseTransform
        Fitted on this response alone.
    y : ndarray of shape (n_samples,)
        Response in its own unit.
    z : ndarray of shape (n_samples,)
        Response on the scale that is learnt.
    """

    response: int
    transform: ResponseTransform
    y: FloatArray
    z: FloatArray


def back(
    transform: ResponseTransform, z: FloatArray, residuals: FloatArray
) -> FloatArray:
    """
    Predictions of one response in its own unit.

    Parameters
    ----------
    transform : ResponseTransform
        Fitted on this response alone.
    z : ndarray of shape (n_samples,)
        Predictions on the scale that is learnt.
    residuals : ndarray of shape (n_calibration,)
        Out-of-fold residuals on that scale, for smearing.

    Returns
    -------
    ndarray of shape (n_samples,)
        Expected responses.
    """
    columns = z[:, np.newaxis], residuals[:, np.newaxis]
    return transform.back_transform(*columns)[:, 0]


def make_columns(y: FloatArray, responses: IntArray, scales: str) -> list[Column]:
    """
    Every response on every scale that is tried.

    Parameters
    ----------
    y : ndarray of shape (n_samples, n_responses)
        Rows where all ``responses`` were measured.
    responses : ndarray of int
        Columns of ``y`` to learn.
    scales : {"none", "log", "auto"}
        ``"auto"`` tries both, and no logarithm for responses that hold values
        <= 0.

    Returns
    -------
    list of Column
        Those of one response stand together.
    """
    columns = []
    for response in responses:
        values = y[:, [response]]
        names = ("none", "log") if scales == "auto" else (scales,)
        if scales == "auto" and values.min() <= 0:
            names = ("none",)
        for name in names:
            transform = response_transform(name).fit(values)
            z = transform.transform(values)[:, 0]
            columns.append(Column(int(response), transform, values[:, 0], z))
    return columns


def out_of_fold(
    methods: Sequence[Method], view: View, Z: FloatArray, folds: Folds
) -> list[FloatArray]:
    """
    Predictions of every row by fits that have not seen it.

    Parameters
    ----------
    methods : sequence of Method
        They share the geometry of each fold.
    view : View
        Preprocessed calibration rows; centring and scaling are learnt in each
        fold again.
    Z : ndarray of shape (n_samples, n_columns)
        Responses on the scales that are learnt.
    folds : sequence of (ndarray, ndarray)
        Positions to fit on and to choose on; the latter cover all rows once.

    Returns
    -------
    list of ndarray of shape (n_settings, n_samples, n_columns)
        One array a method; settings that some fold is too small for are left
        out.
    """
    paths = [method._cross_validated(view, Z, folds) for method in methods]
    open_methods = [k for k, path in enumerate(paths) if path is None]
    parts: dict[int, list[FloatArray]] = {k: [] for k in open_methods}
    for fitted, tuning in folds if open_methods else ():
        block = view.block(fitted, tuning)
        for k in open_methods:
            parts[k].append(methods[k]._paths(block, Z[fitted]))
    order = np.argsort(np.concatenate([tuning for _, tuning in folds]))
    for k in open_methods:
        n_settings = min(len(part) for part in parts[k])
        joined = np.concatenate([part[:n_settings] for part in parts[k]], axis=1)
        paths[k] = joined[:, order]
    return [path for path in paths if path is not None]


@dataclass(frozen=True, eq=False)
class Candidate:
    """
    A view, a scale of the response and a setting, with what they reach.

    Attributes
    ----------
    view : View
        Preprocessed calibration rows.
    column : Column
        Response and its scale.
    setting : int
        Position of the setting among those of the method.
    predictions : ndarray of shape (n_samples,)
        Out-of-fold predictions in the unit of the response.
    residuals : ndarray of shape (n_samples,)
        Out-of-fold residuals on the scale that is learnt.
    error : float
        Mean squared out-of-fold error in the squared unit of the response.
    """

    view: View
    column: Column
    setting: int
    predictions: FloatArray
    residuals: FloatArray
    error: float


def candidate(
    method: Method, view: View, column: Column, path: FloatArray
) -> Candidate:
    """
    Best setting of a method for one view and one column.

    Parameters
    ----------
    method : Method
        Decides which setting is best.
    view : View
        Preprocessed calibration rows.
    column : Column
        Response and its scale.
    path : ndarray of shape (n_settings, n_samples)
        Out-of-fold predictions on the scale that is learnt.

    Returns
    -------
    Candidate
        Judged in the unit of the response.
    """
    residuals = column.z - path
    # Back from a logarithm, a hopeless setting may leave the range of numbers.
    with np.errstate(over="ignore", invalid="ignore"):
        predictions = np.stack(
            [back(column.transform, z, r) for z, r in zip(path, residuals, strict=True)]
        )
        errors = np.square(predictions - column.y)
    errors[~np.isfinite(errors)] = np.inf
    setting = method._choice(errors)
    return Candidate(
        view,
        column,
        setting,
        predictions[setting],
        residuals[setting],
        float(errors[setting].mean()),
    )


def weights_of(candidates: Sequence[Candidate], *, sharpness: float) -> FloatArray:
    r"""
    Weights :math:`\propto (\min_k e_k / e_k)^s` of candidates in an average.

    Averaging views, and scales of the response, that their own errors can hardly tell apart loses less than
    trusting the luckiest.

    Parameters
    ----------
    candidates : sequence of Candidate
        All of one response.
    sharpness : float
        Exponent :math:`s`: 0 weighs all alike, infinity keeps the best alone.

    Returns
    -------
    ndarray of shape (n_candidates,)
        Sum to one; less than a hundredth is dropped.

    Raises
    ------
    InvalidStudyError
        If no candidate has a finite error.

    Examples
    --------
    >>> from types import SimpleNamespace as Of
    >>> print(weights_of([Of(error=1.0), Of(error=2.0)], sharpness=1.0).round(3))
    [0.667 0.333]
    """
    errors = np.array([one.error for one in candidates])
    best = errors.min()
    if not np.isfinite(best):
        msg = (
            "every setting predicts beyond the range of numbers for some calibration "
            "sample; expected finite predictions; look for a spectrum unlike the "
            "others, or use response_transform 'none'"
        )
        raise InvalidStudyError(msg)
    if best == 0 or np.isinf(sharpness):
        weights = (np.arange(errors.size) == errors.argmin()).astype(float)
    else:
        weights = (best / errors) ** sharpness
        weights[weights < 0.01 * weights.sum()] = 0.0
    return weights / weights.sum()
