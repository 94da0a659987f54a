"""Difficulty as the disagreement of members fitted on bootstrap samples."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from cerussite.core.types import BoolArray, FloatArray, IntArray
from cerussite.evaluation.conformal.difficulty import FLOOR
from cerussite.evaluation.conformal.members import (
    Member,
    out_of_fold,
    unseen_by,
)


def out_of_fold_spread(values: FloatArray, unseen: BoolArray) -> FloatArray:
    """
    Standard deviation of what members that had not seen a row say of it.

    Parameters
    ----------
    values : ndarray of shape (n_members, n_samples, n_responses)
        What all members say of all rows.
    unseen : ndarray of shape (n_samples, n_members)
        Whether a member has not seen a row; at least one a row.

    Returns
    -------
    ndarray of shape (n_samples, n_responses)
        With the number of members in the denominator.
    """
    around = values - values.mean(axis=0)
    square = out_of_fold(around**2, unseen) - out_of_fold(around, unseen) ** 2
    return np.sqrt(np.maximum(square, 0.0))


@dataclass(frozen=True, eq=False)
class Spread:
    """
    Disagreement of members fitted on bootstrap samples of the same rows.

    Attributes
    ----------
    members : list of Member
        One a bootstrap sample.
    floor : ndarray of shape (n_responses,)
        Half of the median disagreement about rows that members have not seen.
    """

    members: list[Member]
    floor: FloatArray

    def predict(self, X: FloatArray) -> FloatArray:
        """
        Difficulty of new samples.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Spectra or covariates.

        Returns
        -------
        ndarray of shape (n_samples, n_responses)
            Floor plus standard deviation, on the scale that was fitted.
        """
        return self.floor + np.std([each.predict(X) for each in self.members], axis=0)


def fit_spread(
    fit_rows: Callable[[IntArray], Member], X: FloatArray, drawn: Sequence[IntArray]
) -> Spread:
    """
    Fit members on bootstrap samples of the rows of one fold model.

    Parameters
    ----------
    fit_rows : callable
        Takes positions and fits a member on them.
    X : ndarray of shape (n_samples, n_features)
        Rows that the fold model is fitted on.
    drawn : sequence of ndarray
        Positions of each bootstrap sample.

    Returns
    -------
    Spread
        The fitted members and their floor.
    """
    members = [fit_rows(rows) for rows in drawn]
    values = np.array([member.predict(X) for member in members])
    return Spread(members, spread_floor(values, unseen_by(drawn, len(X))))


def spread_floor(values: FloatArray, unseen: BoolArray) -> FloatArray:
    """
    Half of the median disagreement about rows that members have not seen.

    Parameters
    ----------
    values : ndarray of shape (n_members, n_samples, n_responses)
        What all members say of all rows.
    unseen : ndarray of shape (n_samples, n_members)
        Whether a member has not seen a row.

    Returns
    -------
    ndarray of shape (n_responses,)
        On the scale of ``values``; rows seen by all members do not count.
    """
    rows = unseen.any(axis=1)
    return FLOOR * np.median(out_of_fold_spread(values[:, rows], unseen[rows]), axis=0)
