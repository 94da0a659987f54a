"""What concentrations and backgrounds must be before an index is computed."""

from collections.abc import Sequence

import numpy as np

from cerussite.core.errors import InvalidConcentrationError
from cerussite.core.types import FloatArray


def check_concentrations(
    concentrations: FloatArray, *, elements: Sequence[str] | None = None
) -> None:
    """
    Refuse concentrations that no index is defined for.

    Parameters
    ----------
    concentrations : ndarray of shape (..., n_samples, n_elements)
        Concentrations in mg/kg dry mass; NaN where not measured.
    elements : sequence of str, optional
        Names of the columns, for the message.

    Raises
    ------
    InvalidConcentrationError
        If a concentration is zero, negative or infinite, or the shape is not
        (n_samples, n_elements) or (n_draws, n_samples, n_elements).
    """
    if concentrations.ndim not in {2, 3}:
        msg = (
            f"concentrations of shape {concentrations.shape}; expected (n_samples, "
            "n_elements) or (n_draws, n_samples, n_elements)"
        )
        raise InvalidConcentrationError(msg)
    if elements is not None and concentrations.shape[-1] != len(elements):
        msg = (
            f"{concentrations.shape[-1]} columns of concentrations for {len(elements)} "
            "elements; expected one each"
        )
        raise InvalidConcentrationError(msg)
    # NaN fails neither comparison: minimum and maximum that skip it cost no copy.
    low = np.fmin.reduce(concentrations, axis=None, initial=np.inf)
    high = np.fmax.reduce(concentrations, axis=None, initial=-np.inf)
    if low <= 0 or high == np.inf:
        _refuse(concentrations, elements)


def check_background(
    background: FloatArray, shape: tuple[int, ...], *, name: str = "background"
) -> None:
    """
    Refuse a background or guideline that nothing can be divided by.

    Parameters
    ----------
    background : ndarray of shape (n_elements,) or (n_samples, n_elements)
        Background, guideline or factor of each element, in mg/kg dry mass; one
        row a sample where it depends on the sample, as on its pH.
    shape : tuple of int
        Shape of the concentrations that it goes with.
    name : str
        What it is, for the message.

    Raises
    ------
    InvalidConcentrationError
        If the shape differs or a value is missing, zero, negative or infinite.
    """
    if background.shape not in {shape[-1:], shape[-2:]}:
        msg = (
            f"{name} of shape {background.shape}; expected {shape[-1:]}, one value an "
            f"element, or {shape[-2:]}"
        )
        raise InvalidConcentrationError(msg)
    bad = np.argwhere(~(np.isfinite(background) & (background > 0)))
    if len(bad):
        msg = (
            f"{name} of column {bad[0][-1]} is {background[tuple(bad[0])]:g}; expected "
            "values > 0 for every element: leave the element out or give a value"
        )
        raise InvalidConcentrationError(msg)


def _refuse(concentrations: FloatArray, elements: Sequence[str] | None) -> None:
    """Name the first concentration that is not above zero and finite."""
    bad = (concentrations <= 0) | np.isinf(concentrations)
    first = tuple(int(i) for i in np.argwhere(bad)[0])
    column = f"column {first[-1]}" if elements is None else elements[first[-1]]
    msg = (
        f"{np.count_nonzero(bad)} concentrations are not above zero and finite "
        f"(first: row {first[-2]}, {column} = {concentrations[first]:g} mg/kg); "
        "expected values > 0: impute what lies below the detection limit first, and "
        "leave empty what was not measured"
    )
    raise InvalidConcentrationError(msg)
