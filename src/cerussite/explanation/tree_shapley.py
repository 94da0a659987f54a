"""Shapley values of trees, exact and for all samples at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray, IntArray
from cerussite.explanation.attribution import Attribution
from cerussite.explanation.contrast import Contrast
from cerussite.explanation.features import Features
from cerussite.explanation.inputs import check_names
from cerussite.explanation.tree_paths import shapley_of_trees
from cerussite.explanation.trees import Trees


@dataclass(frozen=True, eq=False)
class TreeTerm:
    """
    One summand of a prediction.

    Attributes
    ----------
    response : int
        Column of the predictions it belongs to.
    trees : Trees
        With one response.
    weight : float
        Weight in the average.
    prepare : callable
        From spectra as read to the columns the trees compare.
    """

    response: int
    trees: Trees
    weight: float
    prepare: Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, eq=False)
class TreeMap:
    """
    A model as sums of trees on bins of prepared spectra.

    Attributes
    ----------
    terms : tuple of TreeTerm
        Of all responses; their trees share the columns.
    n_responses : int
        Number of responses.
    starts : ndarray of int
        First band of the bin behind each column.
    scale : str
        ``"none"``, or ``"log"`` where the trees predict natural logarithms.
    note : str
        What the bins are.
    """

    terms: tuple[TreeTerm, ...]
    n_responses: int
    starts: IntArray
    scale: str = "none"
    note: str = ""


def tree_shapley(models: Any, contrast: Contrast) -> Attribution:
    r"""
    Shapley values of trees [1]_, exact, in the distribution of the background.

    A leaf counts for a set of known features with the share of background samples
    that would take the unknown turns of its path, as in path-dependent TreeSHAP,
    but with shares counted on the background instead of the training set. The
    baseline is therefore the mean prediction of the background. The sum over sets
    is a polynomial, integrated exactly by Gauss-Legendre quadrature:

    .. math:: \phi_i = \sum_{leaves} v\,(o_i - p_i)
              \int_0^1 \prod_{j \ne i} (t\,o_j + (1 - t)\,p_j)\,dt

    with :math:`o_j` one where the sample takes the turns on feature :math:`j`, and
    :math:`p_j` the share of the background that does.

    Parameters
    ----------
    models : object or sequence
        Fitted: anything with ``tree_map()``, trees and forests of scikit-learn,
        LightGBM; members of an ensemble or refits on other folds.
    contrast : Contrast
        Samples and background. Models with ``tree_map()`` bring their own bins.

    Returns
    -------
    Attribution
        Complete up to rounding.

    References
    ----------
    .. [1] Lundberg, S. M. et al. (2020). From local explanations to global
       understanding with explainable AI for trees. Nature Machine Intelligence 2,
       56-67.
    """
    members = list(models) if isinstance(models, Sequence) else [models]
    if hasattr(members[0], "tree_map"):
        maps = [model.tree_map() for model in members]
        features = _own_bins(maps[0], contrast)
    else:
        maps = [_plain_map(model, contrast.X.shape[1]) for model in members]
        features = contrast.parts
    names = check_names(contrast.responses, maps[0].n_responses)
    found = [_member(one, contrast, features) for one in maps]
    values, predictions, baselines = map(np.stack, zip(*found, strict=True))
    return Attribution(
        "tree_shapley",
        features,
        names,
        values,
        predictions,
        baselines,
        scale=maps[0].scale,
        note=maps[0].note,
    )


def _own_bins(one: TreeMap, contrast: Contrast) -> Features:
    wavelengths = contrast.parts.wavelengths
    if contrast.features is not None or wavelengths is None:
        msg = (
            "the trees compare bins of their own; expected spectra and no features: "
            "leave them out of the contrast"
        )
        raise InvalidStudyError(msg)
    return Features.runs(wavelengths, one.starts)


def _plain_map(model: Any, n_columns: int) -> TreeMap:
    trees = Trees.of(model)
    term = TreeTerm(-1, trees, 1.0, lambda X: X)
    return TreeMap((term,), trees.leaf_values.shape[1], np.arange(n_columns))


def _member(
    one: TreeMap, contrast: Contrast, features: Features
) -> tuple[FloatArray, FloatArray, FloatArray]:
    n_samples, n_responses = len(contrast.X), one.n_responses
    columns = np.zeros((n_samples, one.starts.size, n_responses))
    prediction = np.zeros((n_samples, n_responses))
    baseline = np.zeros(n_responses)
    for term in one.terms:
        own = slice(None) if term.response < 0 else [term.response]
        X, reference = term.prepare(contrast.X), term.prepare(contrast.reference)
        columns[:, :, own] += term.weight * shapley_of_trees(term.trees, X, reference)
        prediction[:, own] += term.weight * term.trees.predict(X)
        baseline[own] += term.weight * term.trees.predict(reference).mean(axis=0)
    is_summed = len(features.names) < one.starts.size
    return features.sums(columns) if is_summed else columns, prediction, baseline
