"""Occlusion by band block and permutation by window, for anything that predicts."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray
from cerussite.explanation.attribution import Attribution, Profile
from cerussite.explanation.contrast import Contrast
from cerussite.explanation.inputs import check_names, predictions_of


def occlusion(models: Any, contrast: Contrast) -> Attribution:
    r"""
    Change of a prediction when a block takes the values of the background.

    :math:`\phi_j = f(x) - f(x \text{ with block } j \text{ of the mean
    background})`: asks for nothing but ``predict``, in one pass for all responses.
    Blocks that do the same work hide each other, so the contributions need not add
    up; ``residual`` says by how much they do not.

    Parameters
    ----------
    models : object or sequence
        Fitted, with ``predict``; members of an ensemble or refits.
    contrast : Contrast
        Samples, background and blocks (``features``).

    Returns
    -------
    Attribution
        The baseline is the prediction of the mean of the background.

    References
    ----------
    .. [1] Zeiler, M. D. and Fergus, R. (2014). Visualizing and understanding
       convolutional networks. European Conference on Computer Vision, 818-833.
    """
    members = list(models) if isinstance(models, Sequence) else [models]
    mean = contrast.reference.mean(axis=0)
    predictions = np.stack([predictions_of(model, contrast.X) for model in members])
    names = check_names(contrast.responses, predictions.shape[2])
    values = [
        np.stack(
            [own - _occluded(model, contrast, mean, k) for k in _blocks(contrast)], 1
        )
        for model, own in zip(members, predictions, strict=True)
    ]
    baselines = [predictions_of(model, mean[np.newaxis])[0] for model in members]
    return Attribution(
        "occlusion",
        contrast.parts,
        names,
        np.stack(values),
        predictions,
        np.stack(baselines),
    )


def permutation_importance(
    models: Any,
    contrast: Contrast,
    y: FloatArray,
    *,
    n_repeats: int = 5,
    random_state: int | np.random.Generator = 0,
) -> Profile:
    """
    Increase of the root mean squared error when a window is dealt out anew.

    All bands of a window, or covariates of a group, move together from sample to
    sample. Give samples that the model has not seen: on those it was fitted on,
    noise counts as well.

    Parameters
    ----------
    models : object or sequence
        Fitted, with ``predict``; members of an ensemble or refits.
    contrast : Contrast
        Samples and windows (``features``); its background is not used.
    y : ndarray of shape (n_samples, n_responses)
        Measured responses; NaN where not measured.
    n_repeats : int
        How often each window is dealt.
    random_state : int or Generator
        Who deals.

    Returns
    -------
    Profile
        Increase of the error in the unit of each response, one member for each
        model and repeat; below zero where a window only harms.

    Raises
    ------
    InvalidStudyError
        If there is no repeat, or ``y`` does not fit the samples.

    References
    ----------
    .. [1] Breiman, L. (2001). Random forests. Machine Learning 45, 5-32.
    """
    members = list(models) if isinstance(models, Sequence) else [models]
    observed = np.asarray(y, dtype=np.float64).reshape(len(y), -1)
    if n_repeats < 1 or len(observed) != len(contrast.X):
        msg = (
            f"{n_repeats} repeats, {len(observed)} rows of y for {len(contrast.X)} "
            "samples; expected at least one repeat and one row each"
        )
        raise InvalidStudyError(msg)
    names = check_names(contrast.responses, observed.shape[1])
    rng = np.random.default_rng(random_state)
    increases = []
    for model in members:
        before = _rmse(predictions_of(model, contrast.X), observed)
        for _ in range(n_repeats):
            order = rng.permutation(len(observed))
            after = [
                _rmse(_permuted(model, contrast, order, k), observed)
                for k in _blocks(contrast)
            ]
            increases.append(np.stack(after) - before)
    return Profile("permutation", contrast.parts, names, np.stack(increases))


def _blocks(contrast: Contrast) -> range:
    return range(len(contrast.parts.names))


def _occluded(
    model: Any, contrast: Contrast, mean: FloatArray, block: int
) -> FloatArray:
    columns = contrast.parts.columns[block]
    changed = contrast.X.copy()
    changed[:, columns] = mean[columns]
    return predictions_of(model, changed)


def _permuted(model: Any, contrast: Contrast, order: Any, block: int) -> FloatArray:
    columns = contrast.parts.columns[block]
    changed = contrast.X.copy()
    changed[:, columns] = contrast.X[np.ix_(order, columns)]
    return predictions_of(model, changed)


def _rmse(predicted: FloatArray, observed: FloatArray) -> FloatArray:
    return np.sqrt(np.nanmean((predicted - observed) ** 2, axis=0))
