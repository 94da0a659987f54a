"""What a method finds in the values of one element."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np

from cerussite.assessment.censored import CensoredDistribution
from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import BoolArray, FloatArray, IntArray

Scale: TypeAlias = Literal["log", "linear"]


@dataclass(frozen=True, eq=False)
class ElementSample:
    """
    Measured values of one element.

    Attributes
    ----------
    concentrations : ndarray of shape (n_measured,)
        In mg/kg; limits where censored.
    is_censored : ndarray of bool, shape (n_measured,)
        True where ``concentrations`` holds a limit.
    rows : ndarray of int, shape (n_measured,)
        Which samples of the survey they are.
    """

    concentrations: FloatArray
    is_censored: BoolArray
    rows: IntArray


@dataclass(frozen=True)
class Found:
    """
    Background and threshold of one element.

    Attributes
    ----------
    background : float
        Centre of the background in mg/kg; NaN where the data support none.
    threshold : float
        Upper limit of the background in mg/kg; NaN where the data support none.
    reason : str
        Why one of them is missing.
    """

    background: float
    threshold: float
    reason: str = ""


def check_scale(scale: str) -> None:
    """
    Refuse an unknown scale.

    Parameters
    ----------
    scale : str
        ``"log"`` or ``"linear"``.

    Raises
    ------
    InvalidStudyError
        If it is neither.
    """
    if scale not in get_args(Scale):
        msg = f"scale: {scale!r}; expected 'log' or 'linear'"
        raise InvalidStudyError(msg)


def weighted_median(values: FloatArray, mass: FloatArray) -> float:
    """
    Median of values with weights; the mean of two where they share the middle.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Values, in any order.
    mass : ndarray of shape (n,)
        Weights that sum to 1.

    Returns
    -------
    float
        NaN for infinite medians.

    Examples
    --------
    >>> weighted_median(np.array([4.0, 1.0, 2.0, 8.0]), np.full(4, 0.25))
    3.0
    """
    order = np.argsort(values)
    sums = np.cumsum(mass[order])
    at = int(np.searchsorted(sums, 0.5 - 1e-12))
    low = values[order[at]]
    is_shared = abs(sums[at] - 0.5) < 1e-12
    high = values[order[at + 1]] if is_shared else low
    return float((low + high) / 2) if np.isfinite(high) else np.nan


def median_of(steps: CensoredDistribution) -> float:
    """
    Median of a distribution of which the lowest part may be undetermined.

    Parameters
    ----------
    steps : CensoredDistribution
        By Kaplan-Meier.

    Returns
    -------
    float
        NaN where the median is undetermined.
    """
    values = np.append(-np.inf, steps.detected)
    mass = np.append(steps.undetermined, steps.mass)
    # A share that is 0 must not be met.
    kept = mass > 0
    median = weighted_median(-values[kept], mass[kept])
    return -median
