"""Background of each element of a survey, with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cerussite.assessment.background.found import ElementSample, Found
from cerussite.assessment.censored.checks import checked_cells
from cerussite.core.errors import InvalidConcentrationError, InvalidStudyError
from cerussite.core.types import BoolArray, FloatArray, IntArray


class BackgroundMethod(Protocol):
    """A way to find background and threshold in the values of one element."""

    @property
    def name(self) -> str:
        """
        What the report calls the method.

        Returns
        -------
        str
            With its options.
        """

    def find(self, sample: ElementSample) -> Found:
        """
        Background of one element.

        Parameters
        ----------
        sample : ElementSample
            Its measured values.

        Returns
        -------
        Found
            Background and threshold, or the reason for none.
        """


@dataclass(frozen=True, eq=False)
class LocalBackground:
    """
    Background found in the data of a survey.

    Attributes
    ----------
    table : DataFrame
        One row an element: element, background, lower, upper, threshold,
        threshold_lower, threshold_upper, unit, n, n_censored, withheld, reason.
    method : str
        How it was found.
    level : float
        Nominal coverage of the intervals.
    """

    table: pd.DataFrame
    method: str
    level: float

    def values_of(self, elements: Sequence[str]) -> FloatArray:
        """
        Background values for an index.

        Parameters
        ----------
        elements : sequence of str
            Names of the elements, in the order wanted.

        Returns
        -------
        ndarray of shape (n_elements,)
            In mg/kg.

        Raises
        ------
        InvalidConcentrationError
            If an element has no background, or it was withheld.
        """
        named = self.table.set_index("element")
        for element in elements:
            if element not in named.index:
                known = ", ".join(self.table["element"])
                msg = f"{element}: no local background; expected one of {known}"
                raise InvalidConcentrationError(msg)
            if named.loc[element, "withheld"]:
                msg = (
                    f"{element}: the local background was withheld "
                    f"({named.loc[element, 'reason']!s}); choose another method or "
                    "leave the element out"
                )
                raise InvalidConcentrationError(msg)
        return named.loc[list(elements), "background"].to_numpy(dtype=np.float64)


def local_background(  # noqa: PLR0913 - data, method, and how sure to be
    values: ArrayLike,
    is_censored: ArrayLike,
    *,
    elements: Sequence[str],
    method: BackgroundMethod,
    groups: ArrayLike | None = None,
    level: float = 0.95,
    n_bootstraps: int = 500,
    random_state: int | np.random.Generator | None = None,
) -> LocalBackground:
    """
    Background and threshold of each element, with bootstrap intervals.

    Parameters
    ----------
    values : array_like of shape (n_samples, n_elements)
        Concentrations in mg/kg; where censored, the detection limit; NaN where
        not measured.
    is_censored : array_like of bool, shape (n_samples, n_elements)
        True where the concentration lies below the limit in ``values``.
    elements : sequence of str
        Names of the columns.
    method : BackgroundMethod
        How to find it; no default, for the choice decides the answer.
    groups : array_like of shape (n_samples,), optional
        Samples that belong together, such as repeated visits to a station; they are
        resampled together.
    level : float
        Nominal coverage of the intervals.
    n_bootstraps : int
        Number of resamples.
    random_state : int, Generator or None
        Who draws them.

    Returns
    -------
    LocalBackground
        Where the data support no value, it is withheld with a reason. A resample
        without a value counts as one that could lie anywhere, so that such
        intervals reach from 0 to infinity rather than look sure.

    Raises
    ------
    InvalidConcentrationError
        If values are impossible.
    InvalidStudyError
        If names or groups do not match the values.

    Examples
    --------
    >>> from cerussite.assessment.background import MedianDeviation
    >>> values = np.array([[1.0], [2.0], [3.0], [4.0], [100.0]])
    >>> found = local_background(
    ...     values,
    ...     np.zeros((5, 1), bool),
    ...     elements=["Pb"],
    ...     method=MedianDeviation(scale="linear"),
    ...     random_state=0,
    ... )
    >>> found.values_of(["Pb"])
    array([3.])
    """
    checked, mask = checked_cells(values, is_censored)
    labels = np.arange(len(checked)) if groups is None else np.asarray(groups)
    if checked.ndim != 2 or checked.shape != (labels.size, len(elements)):
        msg = (
            f"values of shape {checked.shape} for {len(elements)} elements and "
            f"{labels.size} samples; expected (n_samples, n_elements)"
        )
        raise InvalidStudyError(msg)
    if not checked.size or np.isnan(checked).all(axis=0).any():
        msg = (
            "an element was measured on no sample; expected measurements; leave it out"
        )
        raise InvalidConcentrationError(msg)
    rng = np.random.default_rng(random_state)
    draws = [_drawn_rows(labels, rng) for _ in range(n_bootstraps)]
    rows = [
        {"element": element, **_row(checked[:, k], mask[:, k], method, draws, level)}
        for k, element in enumerate(elements)
    ]
    return LocalBackground(pd.DataFrame(rows), method.name, level)


def _drawn_rows(labels: NDArray[Any], rng: np.random.Generator) -> IntArray:
    codes = pd.factorize(labels)[0]
    n_groups = codes.max() + 1
    by_group = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes)))
    return np.concatenate([by_group[g] for g in rng.integers(n_groups, size=n_groups)])


def _sample(
    values: FloatArray, is_censored: BoolArray, rows: IntArray
) -> ElementSample:
    rows = rows[~np.isnan(values[rows])]
    return ElementSample(values[rows], is_censored[rows], rows)


def _row(
    values: FloatArray,
    is_censored: BoolArray,
    method: BackgroundMethod,
    draws: list[IntArray],
    level: float,
) -> dict[str, object]:
    sample = _sample(values, is_censored, np.arange(values.size))
    found = method.find(sample)
    drawn = [_sample(values, is_censored, rows) for rows in draws]
    others = [method.find(one) for one in drawn if one.concentrations.size]
    lower, upper = _interval([one.background for one in others], level)
    low, high = _interval([one.threshold for one in others], level)
    return {
        "background": found.background,
        "lower": lower,
        "upper": upper,
        "threshold": found.threshold,
        "threshold_lower": low,
        "threshold_upper": high,
        "unit": "mg/kg",
        "n": sample.concentrations.size,
        "n_censored": int(sample.is_censored.sum()),
        "withheld": bool(np.isnan(found.background)),
        "reason": found.reason,
    }


def _interval(drawn: list[float], level: float) -> tuple[float, float]:
    """Percentile interval; a resample without a value could lie anywhere."""
    values, tail = np.array(drawn), (1 - level) / 2
    if not values.size:
        return 0.0, np.inf
    unknown = np.isnan(values)
    low = np.quantile(np.where(unknown, 0.0, values), tail, method="inverted_cdf")
    high = np.quantile(
        np.where(unknown, np.inf, values), 1 - tail, method="inverted_cdf"
    )
    return float(low), float(high)
