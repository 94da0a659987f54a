"""Fold models: who is fitted on which rows, and what they say of others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import has_fit_parameter

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Member:
    """
    Clones of an estimator, fitted on the same rows.

    Attributes
    ----------
    models : list of estimator
        One a response, or a single one for all.
    """

    models: list[Any]

    def predict(self, X: FloatArray) -> FloatArray:
        """
        Predict all responses.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Spectra or covariates.

        Returns
        -------
        ndarray of shape (n_samples, n_responses)
            On the scale that was fitted.
        """
        predicted = [np.asarray(model.predict(X)) for model in self.models]
        return np.column_stack([each.reshape(len(X), -1) for each in predicted])


def fit_member(
    estimator: Any,
    X: FloatArray,
    y: FloatArray,
    *,
    groups: IntArray,
    per_response: bool,
) -> Member:
    """
    Fit clones of an estimator.

    Parameters
    ----------
    estimator : estimator
        Template with ``fit`` and ``predict``.
    X : ndarray of shape (n_samples, n_features)
        Spectra or covariates.
    y : ndarray of shape (n_samples, n_responses)
        Responses; NaN where not measured.
    groups : ndarray of shape (n_samples,)
        Labels for the inner folds of an estimator that takes them; the doubles
        of a bootstrap sample share theirs.
    per_response : bool
        Whether each response has a clone of its own, fitted on the rows where
        it was measured; otherwise one clone gets all of ``y``.

    Returns
    -------
    Member
        The fitted clones.
    """
    takes_groups = has_fit_parameter(estimator, "groups")
    fits = (
        [(_measured(column, j), column) for j, column in enumerate(y.T)]
        if per_response
        else [(np.arange(len(X)), y)]
    )
    return Member(
        [
            clone(estimator).fit(
                X[rows],
                values[rows],
                **({"groups": groups[rows]} if takes_groups else {}),
            )
            for rows, values in fits
        ]
    )


def _measured(values: FloatArray, response: int) -> IntArray:
    rows = np.flatnonzero(~np.isnan(values))
    if not rows.size:
        msg = (
            f"response {response} was not measured on any row that a member is fitted "
            "on; expected some in every fold: measure more, or leave the response out"
        )
        raise InvalidStudyError(msg)
    return rows


def bootstrap_rows(groups: IntArray, rng: np.random.Generator) -> IntArray:
    """
    Rows of a bootstrap sample of whole groups.

    Parameters
    ----------
    groups : ndarray of shape (n_samples,)
        Labels drawn with replacement; all different where rows are independent.
    rng : Generator
        Who draws.

    Returns
    -------
    ndarray of shape (n_drawn,)
        Positions, as often as their group was drawn.
    """
    codes = np.unique(groups, return_inverse=True)[1]
    n_groups = int(codes.max()) + 1
    times = np.bincount(rng.integers(n_groups, size=n_groups), minlength=n_groups)
    return np.repeat(np.arange(codes.size), times[codes])


def split_rows(
    groups: IntArray, *, calibration_share: float, rng: np.random.Generator
) -> IntArray:
    """
    Rows to fit on where a share of the groups is left out for calibration.

    Parameters
    ----------
    groups : ndarray of shape (n_samples,)
        Labels that are never split; all different where rows are independent.
    calibration_share : float
        Share of the labels that is left out.
    rng : Generator
        Who chooses them.

    Returns
    -------
    ndarray of shape (n_fitted,)
        Positions.

    Raises
    ------
    InvalidStudyError
        If one side is empty.
    """
    labels = rng.permutation(np.unique(groups))
    n_left_out = round(calibration_share * labels.size)
    if not 0 < n_left_out < labels.size:
        msg = (
            f"a share of {calibration_share:g} leaves {n_left_out} of {labels.size} "
            "labels to calibrate on; expected some on both sides"
        )
        raise InvalidStudyError(msg)
    return np.flatnonzero(~np.isin(groups, labels[:n_left_out]))


def unseen_by(rows: Sequence[IntArray], n_samples: int) -> BoolArray:
    """
    Whether each member has not seen each row.

    Parameters
    ----------
    rows : sequence of ndarray
        Positions that each member was fitted on.
    n_samples : int
        Number of rows.

    Returns
    -------
    ndarray of shape (n_samples, n_members)
        True where a row was left out.

    Examples
    --------
    >>> unseen_by([[0, 0, 1], [1, 2]], 3)
    array([[False,  True],
           [False, False],
           [ True, False]])
    """
    every = np.arange(n_samples)
    return np.column_stack([~np.isin(every, each) for each in rows])


def out_of_fold(values: FloatArray, unseen: BoolArray) -> FloatArray:
    """
    What members that had not seen a row say of it, on average.

    Parameters
    ----------
    values : ndarray of shape (n_members, n_samples, n_responses)
        What all members say of all rows.
    unseen : ndarray of shape (n_samples, n_members)
        Whether a member has not seen a row; at least one a row.

    Returns
    -------
    ndarray of shape (n_samples, n_responses)
        Mean over the unseen members.
    """
    shares = unseen / unseen.sum(axis=1, keepdims=True)
    return np.einsum("im,mij->ij", shares, values)
