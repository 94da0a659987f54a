"""Classes of an index: bounds and labels as data, exhaustive and disjoint."""

from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, Self

import numpy as np
import pandas as pd

from cerussite.assessment.names import nearest_names
from cerussite.assessment.packaged import constants
from cerussite.core.errors import InvalidStudyError, UnknownStandardError
from cerussite.core.types import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Classes:
    """
    Labels of the intervals between increasing bounds.

    Attributes
    ----------
    index : str
        Index that the classes belong to, as in the table ``"classes"``.
    bounds : ndarray of shape (n_classes - 1,)
        Inner bounds, strictly increasing; the first class begins at minus and
        the last ends at plus infinity, so that every number has one class.
    labels : tuple of str
        One more than bounds, from low to high.
    closed : {"left", "right"}
        Whether a value on a bound belongs to the class above (``"left"``) or
        below it (``"right"``).
    source : str
        Who defined the classes.

    Raises
    ------
    InvalidStudyError
        If bounds do not increase, or labels do not fit them.
    """

    index: str
    bounds: FloatArray
    labels: tuple[str, ...]
    closed: Literal["left", "right"] = "left"
    source: str = ""

    def __post_init__(self) -> None:
        if len(self.labels) != self.bounds.size + 1 or self.closed not in {
            "left",
            "right",
        }:
            msg = (
                f"classes of {self.index}: {len(self.labels)} labels for "
                f"{self.bounds.size} bounds closed {self.closed!r}; expected one label "
                "more than bounds, closed 'left' or 'right'"
            )
            raise InvalidStudyError(msg)
        if not np.all(np.isfinite(self.bounds)) or np.any(np.diff(self.bounds) <= 0):
            msg = (
                f"classes of {self.index}: bounds {self.bounds.tolist()} do not "
                "increase; sort them"
            )
            raise InvalidStudyError(msg)

    def positions(self, values: FloatArray) -> IntArray:
        """
        Number of the class of each value.

        Parameters
        ----------
        values : ndarray of any shape
            Values of the index (dimensionless); NaN where it was withheld.

        Returns
        -------
        ndarray of int, same shape
            Position in ``labels``; -1 for NaN.
        """
        side: Literal["left", "right"] = "right" if self.closed == "left" else "left"
        found = np.searchsorted(self.bounds, values, side=side).astype(np.int8)
        found[np.isnan(values)] = -1
        return found

    def label(self, values: FloatArray) -> np.ndarray:
        """
        Label of each value.

        Parameters
        ----------
        values : ndarray of any shape
            Values of the index (dimensionless); NaN where it was withheld.

        Returns
        -------
        ndarray of str, same shape
            Labels; empty text for NaN.

        Examples
        --------
        >>> import numpy as np
        >>> classes_of("geoaccumulation_index").label(np.array([0.0, 0.1, np.nan]))
        array(['0 uncontaminated', '1 uncontaminated to moderate', ''],
              dtype=object)
        """
        return np.array([*self.labels, ""], dtype=object)[self.positions(values)]

    def rescaled(self, factor: float) -> Self:
        """
        The same labels with every bound multiplied.

        Parameters
        ----------
        factor : float
            Positive number.

        Returns
        -------
        Classes
            With ``bounds * factor``.

        Raises
        ------
        InvalidStudyError
            If the factor is not positive and finite.
        """
        if not (factor > 0 and np.isfinite(factor)):
            msg = f"bounds of {self.index} times {factor:g}; expected a positive number"
            raise InvalidStudyError(msg)
        return replace(self, bounds=self.bounds * factor)


@cache
def classes_of(index: str) -> Classes:
    """
    Published classes of an index.

    Parameters
    ----------
    index : str
        Name in the column ``index`` of the table ``"classes"``.

    Returns
    -------
    Classes
        Bounds as published. Those of ``"contamination_degree"`` are of 8 metals
        and those of ``"ecological_risk_index"`` of Håkanson's 8 pollutants.

    Raises
    ------
    UnknownStandardError
        If the index has no classes; the message offers the nearest names.

    Examples
    --------
    >>> classes_of("contamination_factor").bounds
    array([1., 3., 6.])
    """
    table = constants("classes")
    rows = table[table["index"] == index]
    if rows.empty:
        known = table["index"].unique().tolist()
        msg = f"no classes of {index!r}; {nearest_names(index, known)}"
        raise UnknownStandardError(msg)
    return _from_rows(index, rows)


@cache
def all_classes() -> dict[str, Classes]:
    """
    Published classes of every index.

    Returns
    -------
    dict of str to Classes
        By name of the index, in the order of the table.
    """
    return {name: classes_of(name) for name in constants("classes")["index"].unique()}


def _from_rows(index: str, rows: pd.DataFrame) -> Classes:
    lower, upper = rows["lower"].to_numpy(), rows["upper"].to_numpy()
    seamless = lower[0] == -np.inf and upper[-1] == np.inf
    if not seamless or np.any(lower[1:] != upper[:-1]):
        msg = (
            f"classes of {index} leave gaps or overlap; expected each to begin where "
            "the one before ends"
        )
        raise InvalidStudyError(msg)
    return Classes(
        index,
        lower[1:].astype(np.float64),
        tuple(rows["label"]),
        "left" if rows["closed"].iloc[0] == "left" else "right",
        rows["source"].iloc[0],
    )
