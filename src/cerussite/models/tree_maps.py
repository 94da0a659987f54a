"""Trees of calibrations and the bins of spectra they compare, for explanations."""

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray
from cerussite.explanation import TreeMap, TreeTerm
from cerussite.models.linear_maps import smearing_of
from cerussite.models.pooling import first_bands, pooled
from cerussite.models.terms import Term
from cerussite.preprocessing import LogResponse


def tree_map_of(calibration: Any) -> TreeMap:
    """
    Trees of a calibration, and the bins of the spectra they compare.

    Parameters
    ----------
    calibration : Calibration
        Fitted, with forests or boosted trees.

    Returns
    -------
    TreeMap
        Predicts what the calibration does, or its logarithm where one was learnt.

    Raises
    ------
    InvalidStudyError
        If logarithms are averaged with other views, or a preprocessing loses bands.
    """
    check_is_fitted(calibration)
    terms = [term for of_response in calibration.terms_ for term in of_response]
    is_log = any(isinstance(term.transform, LogResponse) for term in terms)
    if is_log and len(terms) > len(calibration.terms_):
        msg = (
            f"{len(terms)} views of {len(calibration.terms_)} responses, some learnt "
            "as logarithms, whose averages are no sum of trees; expected one view a "
            "response; fit with one preprocessing, one scaling and no "
            "response_transform 'auto'"
        )
        raise InvalidStudyError(msg)
    n_features = terms[0].view.scaling.centre.size
    if any(t.view.scaling.centre.size != calibration.n_features_in_ for t in terms):
        msg = (
            f"preprocessing leaves {n_features} of {calibration.n_features_in_} bands, "
            "so that bins lie elsewhere; expected one that keeps them all"
        )
        raise InvalidStudyError(msg)
    found = [
        _tree_term(response, term, calibration)
        for response, of_response in enumerate(calibration.terms_)
        for term in of_response
    ]
    recipes = ", ".join(sorted({term.view.recipe for term in terms} - {"none"}))
    return TreeMap(
        tuple(found),
        len(calibration.terms_),
        first_bands(n_features, calibration.n_bands),
        scale="log" if is_log else "none",
        note=f"bins are averages of the spectra after {recipes}" if recipes else "",
    )


def _tree_term(response: int, term: Term, calibration: Any) -> TreeTerm:
    machine: Any = term.machine
    scaling, step = term.view.scaling, calibration.recipes_[term.view.recipe]
    trees = machine.trees().plus(np.array([smearing_of(term)]))

    def prepare(X: FloatArray) -> FloatArray:
        return pooled(scaling(step.transform(X)), machine.n_bands)

    return TreeTerm(response, trees, term.weight, prepare)
