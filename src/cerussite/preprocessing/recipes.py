"""Named chains of spectral transforms that work on any equally spaced axis."""

from collections.abc import Callable
from typing import Any

from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from cerussite.core.errors import InvalidStudyError
from cerussite.preprocessing.derivatives import (
    fractional_derivative,
    gap_derivative,
    savitzky_golay,
)
from cerussite.preprocessing.scatter import (
    MultiplicativeScatterCorrection,
    detrend,
    standard_normal_variate,
)


def _step(function: Callable[..., Any] | None, **options: Any) -> FunctionTransformer:
    # With validate=True the transformer checks its input and counts its bands.
    return FunctionTransformer(function, kw_args=options or None, validate=True)


# Makers, not transformers: every call of `recipe` gives an unfitted object.
_STEPS: dict[str, Callable[[], Any]] = {
    "none": lambda: _step(None),
    "snv": lambda: _step(standard_normal_variate),
    "msc": MultiplicativeScatterCorrection,
    "detrend": lambda: _step(detrend, degree=2),
    "savgol": lambda: _step(savitzky_golay, window=11, degree=2),
    "savgol1": lambda: _step(savitzky_golay, window=11, degree=2, derivative=1),
    "savgol2": lambda: _step(savitzky_golay, window=11, degree=2, derivative=2),
    "gap1": lambda: _step(gap_derivative, gap=5, segment=5, derivative=1),
    "fractional05": lambda: _step(fractional_derivative, order=0.5),
    "fractional15": lambda: _step(fractional_derivative, order=1.5),
}

#: Names that :func:`recipe` knows; the parts of a name are applied left to right.
RECIPES: tuple[str, ...] = (
    "none",
    "snv",
    "snv_detrend",
    "msc",
    "savgol",
    "savgol1",
    "savgol2",
    "snv_savgol1",
    "snv_savgol2",
    "msc_savgol1",
    "gap1",
    "fractional05",
    "fractional15",
)


def recipe(name: str) -> Any:
    """
    Unfitted scikit-learn transformer for a named preprocessing of spectra.

    Windows are counted in bands and need at least 15 of them; derivatives are
    per band. Recipes fit inside pipelines and folds, clone, and are stored by
    skops: the only types that are not scikit-learn's are those of this package.

    Parameters
    ----------
    name : str
        One of :data:`RECIPES`, built of these parts, applied from left to right:
        ``snv`` standard normal variate; ``msc`` multiplicative scatter correction;
        ``detrend`` minus a parabola; ``savgol``, ``savgol1``, ``savgol2``
        Savitzky-Golay smoothing, first and second derivative (window 11,
        degree 2); ``gap1`` first gap derivative (gap 5, segment 5), which loses
        seven bands at either end; ``fractional05``, ``fractional15`` derivatives
        of order 0.5 and 1.5; ``none`` leaves the spectra alone.

    Returns
    -------
    FunctionTransformer, MultiplicativeScatterCorrection or Pipeline
        With ``fit(X)`` and ``transform(X)``; ``X`` of shape
        (n_samples, n_wavelengths).

    Raises
    ------
    InvalidStudyError
        If the name is unknown; the message lists those that are known.

    Examples
    --------
    >>> import numpy as np
    >>> recipe("snv").fit_transform(np.array([[1.0, 2.0, 3.0]]))
    array([[-1.,  0.,  1.]])
    """
    if name not in RECIPES:
        msg = f"no preprocessing {name!r}; expected one of {', '.join(RECIPES)}"
        raise InvalidStudyError(msg)
    parts = name.split("_")
    if len(parts) == 1:
        return _STEPS[name]()
    return Pipeline([(part, _STEPS[part]()) for part in parts])
