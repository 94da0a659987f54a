"""An applicability as plain arrays, and back."""

from collections.abc import Mapping

import numpy as np

from cerussite.core.errors import UnreadableFileError
from cerussite.core.types import FloatArray
from cerussite.evaluation.applicability.dissimilarity import Dissimilarity
from cerussite.evaluation.applicability.latent import LatentSpace
from cerussite.evaluation.applicability.ranges import CalibrationRange
from cerussite.evaluation.applicability.verdicts import (
    STATISTICS,
    Applicability,
    Limits,
)


def to_arrays(known: Applicability) -> dict[str, FloatArray]:
    """
    Everything as plain arrays, to be stored.

    Parameters
    ----------
    known : Applicability
        What a calibration has seen.

    Returns
    -------
    dict of str to ndarray
        64-bit floats; :func:`from_arrays` makes the same value of them.
    """
    space, neighbours = known.space, known.neighbours
    arrays = {
        "wavelengths": known.wavelengths,
        "centre": space.centre,
        "loadings": space.loadings,
        "variances": space.variances,
        "score_centre": neighbours.centre,
        "score_factor": neighbours.factor,
        "reference": neighbours.reference,
        "distances": np.array([neighbours.mean_distance, neighbours.threshold]),
        "lowest": known.ranges.lowest,
        "highest": known.ranges.highest,
        "limits": np.array([known.limits[name] for name in STATISTICS]),
    }
    return {
        name: np.ascontiguousarray(array, dtype=np.float64)
        for name, array in arrays.items()
    }


def from_arrays(arrays: Mapping[str, FloatArray]) -> Applicability:
    """
    Applicability from plain arrays.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        As given by :func:`to_arrays`.

    Returns
    -------
    Applicability
        The same as before.

    Raises
    ------
    UnreadableFileError
        If an array is missing or does not fit the others.
    """
    if msg := _misfit(arrays):
        raise UnreadableFileError(msg)
    mean_distance, threshold = arrays["distances"].tolist()
    pairs = [Limits(*pair) for pair in arrays["limits"].tolist()]
    return Applicability(
        wavelengths=arrays["wavelengths"],
        space=LatentSpace(arrays["centre"], arrays["loadings"], arrays["variances"]),
        neighbours=Dissimilarity(
            centre=arrays["score_centre"],
            factor=arrays["score_factor"],
            reference=arrays["reference"],
            mean_distance=mean_distance,
            threshold=threshold,
        ),
        ranges=CalibrationRange(arrays["lowest"], arrays["highest"]),
        limits=dict(zip(STATISTICS, pairs, strict=True)),
    )


def _misfit(arrays: Mapping[str, FloatArray]) -> str | None:
    # None stands for any number of calibration samples.
    n_bands, n_components = (*arrays.get("loadings", np.empty(0)).shape, 0)[:2]
    expected: dict[str, tuple[int | None, ...]] = {
        "loadings": (n_bands, n_components),
        **dict.fromkeys(("wavelengths", "centre", "lowest", "highest"), (n_bands,)),
        **dict.fromkeys(("variances", "score_centre", "score_factor"), (n_components,)),
        "reference": (None, n_components),
        "distances": (2,),
        "limits": (len(STATISTICS), 2),
    }
    for name, shape in expected.items():
        if name not in arrays:
            return f"no array {name!r}; expected one of a stored applicability"
        found = arrays[name].shape
        if len(found) != len(shape) or any(
            size not in {None, at} for at, size in zip(found, shape, strict=True)
        ):
            return f"array {name!r} of shape {found}; expected {shape}"
    return None
