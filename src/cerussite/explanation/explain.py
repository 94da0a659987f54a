"""One call that explains whatever model it is given."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cerussite.core.spectra import Spectra
from cerussite.explanation.attribution import Attribution
from cerussite.explanation.contrast import Contrast
from cerussite.explanation.features import Features
from cerussite.explanation.linear import linear_shapley
from cerussite.explanation.replacement import occlusion
from cerussite.explanation.tree_shapley import tree_shapley

#: Bands of a block that is occluded where the caller names no features.
BLOCK = 10


def explain(models: Any, contrast: Contrast) -> Attribution:
    """
    Contributions by the method that suits the model best.

    Networks (``as_modules()``) by integrated gradients in the bins they can tell
    apart, linear models (``linear_map()``) by Shapley values in closed form, trees
    (``tree_map()``) by exact Shapley values, all others by occlusion of blocks of
    ten bands.

    Parameters
    ----------
    models : object or sequence
        Fitted: one model, or refits of it on other folds or seeds.
    contrast : Contrast
        Samples and background; features named there are kept.

    Returns
    -------
    Attribution
        ``method`` says which way was taken.
    """
    members = list(models) if isinstance(models, Sequence) else [models]
    first = members[0]
    if hasattr(first, "as_modules"):
        from cerussite.explanation.gradients import (  # noqa: PLC0415 - imports torch
            integrated_gradients,
        )

        modules = [module for model in members for module in model.as_modules()]
        return integrated_gradients(modules, _binned(contrast, first))
    if hasattr(first, "linear_map"):
        return linear_shapley(members, contrast)
    if hasattr(first, "tree_map"):
        return tree_shapley(members, contrast)
    return occlusion(members, _binned(contrast, first))


def _binned(contrast: Contrast, model: Any) -> Contrast:
    if contrast.features is not None or not isinstance(contrast.samples, Spectra):
        return contrast
    wavelengths = contrast.samples.wavelengths
    if hasattr(model, "explained_features"):
        return replace(contrast, features=model.explained_features(wavelengths))
    return replace(contrast, features=Features.bins(wavelengths, n_bands=BLOCK))
