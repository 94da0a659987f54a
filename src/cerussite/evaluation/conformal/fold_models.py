"""Models of all folds together, and what they know of calibration and new rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import BoolArray, FloatArray, IntArray
from cerussite.evaluation.conformal.difficulty import NeighbourDifficulty
from cerussite.evaluation.conformal.members import (
    Member,
    bootstrap_rows,
    fit_member,
    out_of_fold,
    unseen_by,
)
from cerussite.evaluation.conformal.predictions import Predictions
from cerussite.evaluation.conformal.residuals import on_scale
from cerussite.evaluation.conformal.spread import (
    fit_spread,
    out_of_fold_spread,
    spread_floor,
)
from cerussite.evaluation.splits import Labels

#: Estimates of difficulty that a recipe knows.
DIFFICULTIES = ("none", "neighbours", "spread")


@dataclass(frozen=True)
class Recipe:
    """
    How each fold model is made.

    Attributes
    ----------
    estimator : estimator
        Template with ``fit`` and ``predict``.
    per_response : bool
        Whether each response has a clone of its own.
    difficulty : {"none", "neighbours", "spread"}
        What intervals widen with.
    n_members, n_neighbours : int
        Bootstrap samples of a spread, and neighbours of a sample.

    Raises
    ------
    InvalidStudyError
        If the difficulty is unknown, or bootstrap members are fewer than two.
    """

    estimator: Any
    per_response: bool = True
    difficulty: str = "none"
    n_members: int = 30
    n_neighbours: int = 5

    def __post_init__(self) -> None:
        if self.difficulty not in DIFFICULTIES:
            expected = ", ".join(DIFFICULTIES)
            msg = f"difficulty {self.difficulty!r}; expected one of {expected}"
            raise InvalidStudyError(msg)
        if self.n_members < 2:
            msg = f"{self.n_members} bootstrap members; expected at least 2, better 30"
            raise InvalidStudyError(msg)

    def member(self, X: FloatArray, y: FloatArray, groups: IntArray) -> Member:
        """
        Clones of the estimator, fitted on some rows.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Spectra or covariates.
        y : ndarray of shape (n_samples, n_responses)
            Responses on the scale that is fitted.
        groups : ndarray of shape (n_samples,)
            Labels for inner folds.

        Returns
        -------
        Member
            The fitted clones.
        """
        return fit_member(
            self.estimator, X, y, groups=groups, per_response=self.per_response
        )

    def estimate(
        self, X: FloatArray, y: FloatArray, groups: IntArray, rng: np.random.Generator
    ) -> Any:
        """
        Estimate of difficulty, learnt on the rows of one fold model.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Spectra or covariates.
        y : ndarray of shape (n_samples, n_responses)
            Responses on the scale that is fitted.
        groups : ndarray of shape (n_samples,)
            Labels drawn as a whole.
        rng : Generator
            Who draws.

        Returns
        -------
        object with ``predict``
            Fitted.
        """
        if self.difficulty == "neighbours":
            return NeighbourDifficulty(n_neighbours=self.n_neighbours).fit(X)
        drawn = [bootstrap_rows(groups, rng) for _ in range(self.n_members)]
        return fit_spread(lambda i: self.member(X[i], y[i], groups[i]), X, drawn)


@dataclass(frozen=True, eq=False)
class FoldModels:
    """
    Fitted models of all folds, with their estimates of difficulty.

    Attributes
    ----------
    members : list of Member
        One a fold or bootstrap sample; a single one is a split.
    estimates : list of object
        Estimate of difficulty of each member; empty without, and where the
        members themselves disagree.
    unseen : ndarray of shape (n_calibration, n_members)
        Whether a member has not seen a calibration row.
    is_log : ndarray of shape (n_responses,)
        Whether the logarithm of a response was fitted.
    floor : ndarray of shape (n_responses,) or None
        Where the disagreement of the members is the difficulty: what is added.
    """

    members: list[Member]
    estimates: list[Any]
    unseen: BoolArray
    is_log: BoolArray
    floor: FloatArray | None = None

    def values(self, X: FloatArray) -> FloatArray:
        """
        Predictions of every member.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Spectra or covariates.

        Returns
        -------
        ndarray of shape (n_members, n_samples, n_responses)
            On the scale that was fitted.
        """
        return np.array([member.predict(X) for member in self.members])

    def difficulty(self, X: FloatArray) -> FloatArray | None:
        """
        Difficulty by the estimate of every member.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Spectra or covariates.

        Returns
        -------
        ndarray of shape (n_members, n_samples, n_responses) or None
            None where there are no estimates.
        """
        if not self.estimates:
            return None
        found = [each.predict(X).reshape(len(X), -1) for each in self.estimates]
        shape = (len(found), len(X), self.is_log.size)
        return np.broadcast_to(np.array(found), shape)

    def out_of_fold(self, X: FloatArray) -> tuple[FloatArray, FloatArray | None]:
        """
        Calibration rows as seen by the members that have not seen them.

        Parameters
        ----------
        X : ndarray of shape (n_calibration, n_features)
            Calibration rows, those of ``unseen``.

        Returns
        -------
        tuple of (ndarray, ndarray or None)
            Predictions in the unit of the responses, and difficulties.
        """
        values = self.values(X)
        predicted = back(out_of_fold(values, self.unseen), self.is_log)
        if self.floor is not None:
            return predicted, self.floor + out_of_fold_spread(values, self.unseen)
        every = self.difficulty(X)
        return predicted, None if every is None else out_of_fold(every, self.unseen)

    def predictions(self, X: FloatArray, classes: Labels | None) -> Predictions:
        """
        New samples as each calibration residual is to see them.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Spectra or covariates.
        classes : array_like of shape (n_samples,) or None
            Their classes.

        Returns
        -------
        Predictions
            For the functions of this room.
        """
        values = back(self.values(X), self.is_log)
        every = self.difficulty(X)
        if len(self.members) == 1:
            own = None if every is None else every[0]
            return Predictions(values[0], difficulty=own, classes=classes)
        return Predictions(
            values,
            difficulty=every,
            classes=classes,
            unseen=self.unseen,
            spread_floor=self.floor,
        )


def fit_fold_models(  # noqa: PLR0913 - data, labels and who is fitted on what
    recipe: Recipe,
    X: FloatArray,
    y: FloatArray,
    *,
    groups: IntArray,
    rows: Sequence[IntArray],
    is_log: BoolArray,
    rng: np.random.Generator,
    own_spread: bool,
) -> FoldModels:
    """
    Fit the models of all folds and their estimates of difficulty.

    Parameters
    ----------
    recipe : Recipe
        How each is made.
    X : ndarray of shape (n_samples, n_features)
        Spectra or covariates.
    y : ndarray of shape (n_samples, n_responses)
        Responses on the scale that is fitted; NaN where not measured.
    groups : ndarray of shape (n_samples,)
        Labels that are never split; all different where rows are independent.
    rows : sequence of ndarray
        Positions that each model is fitted on.
    is_log : ndarray of shape (n_responses,)
        Whether that scale is the logarithm.
    rng : Generator
        Who draws.
    own_spread : bool
        Whether the disagreement of these models is the difficulty.

    Returns
    -------
    FoldModels
        Their calibration rows are those that some model has not seen. Which
        these are does not depend on the data, so that leaving out the others (the
        fitted rows of a split, now and then one of a bootstrap) is harmless.
    """
    unseen = unseen_by(rows, len(X))
    members = [recipe.member(X[each], y[each], groups[each]) for each in rows]
    floor = None
    if own_spread:
        floor = spread_floor(np.array([each.predict(X) for each in members]), unseen)
    estimates = []
    if not own_spread and recipe.difficulty != "none":
        single = [np.unique(each) for each in rows]
        estimates = [recipe.estimate(X[i], y[i], groups[i], rng) for i in single]
    return FoldModels(members, estimates, unseen[unseen.any(axis=1)], is_log, floor)


def forward(y: FloatArray, is_log: BoolArray) -> FloatArray:
    """
    Responses on the scale that is fitted.

    Parameters
    ----------
    y : ndarray of shape (n_samples, n_responses)
        In their unit; NaN where not measured.
    is_log : ndarray of shape (n_responses,)
        Whether that scale is the logarithm.

    Returns
    -------
    ndarray of shape (n_samples, n_responses)
        Refused where a value has no logarithm.
    """
    flags = enumerate(is_log.tolist())
    return np.column_stack(
        [on_scale(y[:, j], is_log=f, response=j, what="observed") for j, f in flags]
    )


def back(values: FloatArray, is_log: BoolArray) -> FloatArray:
    """
    From the scale that is fitted to the unit of the responses.

    Parameters
    ----------
    values : ndarray of shape (..., n_responses)
        On that scale.
    is_log : ndarray of shape (n_responses,)
        Whether it is the logarithm.

    Returns
    -------
    ndarray of shape (..., n_responses)
        In the unit of the responses.
    """
    natural = values.copy()
    natural[..., is_log] = np.exp(values[..., is_log])
    return natural
