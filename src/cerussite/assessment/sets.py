"""Indices of several elements, which mean nothing without the set they are of."""

from dataclasses import dataclass

import numpy as np

from cerussite.core.errors import IncomparableError, InvalidConcentrationError
from cerussite.core.types import FloatArray


@dataclass(frozen=True, eq=False)
class SetIndex:
    """
    An index of several elements together with the set that it was computed of.

    Attributes
    ----------
    index : str
        Name of the index.
    values : ndarray of shape (..., n_samples)
        Dimensionless; NaN where an element of the set was not measured.
    elements : tuple of str
        The set.

    Raises
    ------
    InvalidConcentrationError
        If the set is empty or names an element twice.
    """

    index: str
    values: FloatArray
    elements: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.elements or len(set(self.elements)) != len(self.elements):
            msg = (
                f"{self.index} of the elements {list(self.elements)}; expected at least "
                "one, and each once"
            )
            raise InvalidConcentrationError(msg)

    def ratio_to(self, other: "SetIndex") -> FloatArray:
        """
        How many times the same index of the same set, as of another year.

        Parameters
        ----------
        other : SetIndex
            The same index of the same elements, in any order.

        Returns
        -------
        ndarray of shape (..., n_samples)
            Ratio (dimensionless).

        Raises
        ------
        IncomparableError
            If the index or the set of elements differs.

        Examples
        --------
        >>> import numpy as np
        >>> now = SetIndex("pollution_load_index", np.array([4.0]), ("Pb", "Zn"))
        >>> then = SetIndex("pollution_load_index", np.array([2.0]), ("Zn", "Pb"))
        >>> now.ratio_to(then)
        array([2.])
        """
        if self.index != other.index:
            msg = f"{self.index} against {other.index}; expected the same index"
            raise IncomparableError(msg)
        if set(self.elements) != set(other.elements):
            apart = sorted(set(self.elements) ^ set(other.elements))
            msg = (
                f"{self.index} of {' '.join(self.elements)} against "
                f"{' '.join(other.elements)}; expected the same set: compute both "
                f"without {', '.join(apart)}"
            )
            raise IncomparableError(msg)
        return np.asarray(self.values / other.values)
