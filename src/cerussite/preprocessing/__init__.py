"""Transforms of spectra and responses, and the choice of samples to analyse."""

from cerussite.preprocessing.derivatives import (
    fractional_derivative,
    gap_derivative,
    savitzky_golay,
)
from cerussite.preprocessing.recipes import RECIPES, recipe
from cerussite.preprocessing.responses import (
    RESPONSE_TRANSFORMS,
    LogResponse,
    ResponseTransform,
    YeoJohnsonResponse,
    response_transform,
)
from cerussite.preprocessing.scatter import (
    MultiplicativeScatterCorrection,
    detrend,
    standard_normal_variate,
)

__all__ = [
    "RECIPES",
    "RESPONSE_TRANSFORMS",
    "LogResponse",
    "MultiplicativeScatterCorrection",
    "ResponseTransform",
    "YeoJohnsonResponse",
    "detrend",
    "fractional_derivative",
    "gap_derivative",
    "recipe",
    "response_transform",
    "savitzky_golay",
    "standard_normal_variate",
]
