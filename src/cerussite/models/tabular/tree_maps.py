"""Trees of calibrations on covariates, for explanations."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cerussite.core.types import FloatArray
from cerussite.explanation import TreeMap, Trees, TreeTerm


def tree_map_of(calibration: Any, trees: Sequence[tuple[int, Trees]]) -> TreeMap:
    """
    Trees of a calibration on its encoded covariates.

    Parameters
    ----------
    calibration : TunedTabular
        Fitted.
    trees : sequence of (int, Trees)
        Response and its trees, on the scale that was learnt, smearing added.

    Returns
    -------
    TreeMap
        One column for each encoded covariate.
    """
    terms = [TreeTerm(response, one, 1.0, _as_they_are) for response, one in trees]
    return TreeMap(
        tuple(terms),
        len(terms),
        np.arange(len(calibration.encoder_.names_)),
        scale="log" if calibration.response_transform == "log" else "none",
        note="columns are the encoded covariates",
    )


def _as_they_are(X: FloatArray) -> FloatArray:
    return X
