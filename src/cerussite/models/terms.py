"""Predictions as averages over views, and how they are learnt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cerussite.core.types import FloatArray, IntArray
from cerussite.models.machines import Machine
from cerussite.models.tuning import (
    Candidate,
    Folds,
    Method,
    back,
    candidate,
    make_columns,
    out_of_fold,
    weights_of,
)
from cerussite.models.views import Block, View, make_views
from cerussite.preprocessing import ResponseTransform


@dataclass(frozen=True, eq=False)
class Term:
    """
    One summand of the prediction of a response.

    Attributes
    ----------
    weight : float
        Weight in the average; those of a response sum to one.
    view : View
        What the machine sees.
    transform : ResponseTransform
        Scale of the response that the machine predicts on.
    residuals : ndarray of shape (n_measured,)
        Out-of-fold residuals on that scale, for smearing.
    machine : Machine
        Fitted on all calibration rows where the response was measured.
    setting : str
        What was chosen, in words.
    """

    weight: float
    view: View
    transform: ResponseTransform
    residuals: FloatArray
    machine: Machine
    setting: str

    def predict(self, block: Block) -> FloatArray:
        """
        Weighted prediction in the unit of the response.

        Parameters
        ----------
        block : Block
            Calibration rows and new rows of the view.

        Returns
        -------
        ndarray of shape (n_new,)
            This summand.
        """
        z = self.machine.predict(block)
        return self.weight * back(self.transform, z, self.residuals)


#: Summands of each response.
Terms = list[list[Term]]


class Blocks:
    """
    New spectra in every view, each prepared once.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_wavelengths)
        New spectra as read.
    recipes : mapping of str to transformer
        Fitted preprocessings.
    """

    def __init__(self, X: FloatArray, recipes: Mapping[str, Any]) -> None:
        self._X = X
        self._recipes = recipes
        self._preprocessed: dict[str, FloatArray] = {}
        self._blocks: dict[int, Block] = {}

    def __getitem__(self, view: View) -> Block:
        if id(view) not in self._blocks:
            self._blocks[id(view)] = view.block_of(self._rows(view.recipe))
        return self._blocks[id(view)]

    def _rows(self, name: str) -> FloatArray:
        if name not in self._preprocessed:
            self._preprocessed[name] = self._recipes[name].transform(self._X)
        return self._preprocessed[name]

    def predict(self, terms: Terms) -> FloatArray:
        """
        Sum of the terms of each response.

        Parameters
        ----------
        terms : list of list of Term
            Summands of each response.

        Returns
        -------
        ndarray of shape (n_samples, n_responses)
            In the units of the responses.
        """
        columns = [sum(term.predict(self[term.view]) for term in of) for of in terms]
        return np.column_stack(columns)


def learn(
    methods: Sequence[Method],
    preprocessed: Mapping[str, FloatArray],
    y: FloatArray,
    responses: IntArray,
    folds: Folds,
) -> list[dict[int, tuple[list[Term], FloatArray]]]:
    """
    Tune and fit methods on rows where all the responses were measured.

    Parameters
    ----------
    methods : sequence of Method
        They see the same views, folds and scales of the responses, those of the
        first.
    preprocessed : mapping of str to ndarray of shape (n_rows, n_features)
        Calibration spectra after each recipe.
    y : ndarray of shape (n_rows, n_all_responses)
        Complete in ``responses``.
    responses : ndarray of int
        Columns of ``y`` to learn.
    folds : sequence of (ndarray, ndarray)
        Inner folds.

    Returns
    -------
    list of dict of int to (list of Term, ndarray of shape (n_rows,))
        For each method and response: summands, and out-of-fold predictions of
        their average.
    """
    leader = methods[0]
    views = make_views(preprocessed, standardise=as_flags(leader.standardise))
    candidates = _candidates(methods, views, y, responses, folds)
    blocks = {id(view): view.block_of(view.preprocessed[:0]) for view in views}
    slim = {id(view): view.without_rows() for view in views}
    learnt = []
    for method, of_method in zip(methods, candidates, strict=True):
        stored = {} if method.needs_rows else slim
        learnt.append(
            {
                response: _average(method, of_response, blocks, stored)
                for response, of_response in of_method.items()
            }
        )
    return learnt


def as_flags(standardise: bool | Sequence[bool]) -> tuple[bool, ...]:
    """
    Scalings to try.

    Parameters
    ----------
    standardise : bool or sequence of bool
        As given to a constructor.

    Returns
    -------
    tuple of bool
        One or two.
    """
    return (standardise,) if isinstance(standardise, bool) else tuple(standardise)


def _candidates(
    methods: Sequence[Method],
    views: Sequence[View],
    y: FloatArray,
    responses: IntArray,
    folds: Folds,
) -> list[dict[int, list[Candidate]]]:
    columns = make_columns(y, responses, methods[0].response_transform)
    Z = np.column_stack([column.z for column in columns])
    found: list[dict[int, list[Candidate]]] = [
        {int(response): [] for response in responses} for _ in methods
    ]
    for view in views:
        paths = out_of_fold(methods, view, Z, folds)
        for method, path, of_method in zip(methods, paths, found, strict=True):
            for k, column in enumerate(columns):
                one = candidate(method, view, column, path[:, :, k])
                of_method[column.response].append(one)
    return found


def _average(
    method: Method,
    candidates: Sequence[Candidate],
    blocks: Mapping[int, Block],
    stored: Mapping[int, View],
) -> tuple[list[Term], FloatArray]:
    weights = weights_of(candidates, sharpness=method.sharpness)
    chosen = [(w, c) for w, c in zip(weights, candidates, strict=True) if w > 0]
    terms = [
        Term(
            float(weight),
            stored.get(id(one.view), one.view),
            one.column.transform,
            one.residuals,
            method._machine(blocks[id(one.view)], one.column.z, one.setting),
            method._describe(one.setting),
        )
        for weight, one in chosen
    ]
    return terms, np.sum([w * one.predictions for w, one in chosen], axis=0)
