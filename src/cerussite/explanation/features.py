"""What contributions are given to: bins of wavelengths, covariates, groups of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Features:
    """
    Runs of columns that share one contribution.

    Attributes
    ----------
    names : tuple of str
        Wavelength in nm of the middle of a bin, or name of a covariate or group.
    columns : tuple of ndarray of int
        Columns of ``X`` in each feature; together all of them, each once.
    low, high : ndarray of shape (n_features,)
        Outer edges of the bins in nm, halfway to the neighbouring bands; NaN for
        covariates.
    wavelengths : ndarray of shape (n_columns,) or None
        Band centres in nm; None for covariates.

    Raises
    ------
    InvalidStudyError
        If a column belongs to no feature, or to two.
    """

    names: tuple[str, ...]
    columns: tuple[IntArray, ...]
    low: FloatArray
    high: FloatArray
    wavelengths: FloatArray | None = None

    def __post_init__(self) -> None:
        found = np.sort(np.concatenate(self.columns))
        if not np.array_equal(found, np.arange(found.size)):
            msg = (
                f"{len(self.names)} features hold columns {found[:5].tolist()}...; "
                "expected every column in exactly one feature"
            )
            raise InvalidStudyError(msg)

    @classmethod
    def bins(cls, wavelengths: FloatArray, *, n_bands: int = 1) -> Self:
        """
        Bins of neighbouring bands, counted from the first one.

        Parameters
        ----------
        wavelengths : ndarray of shape (n_wavelengths,)
            Band centres in nm, increasing.
        n_bands : int
            Bands a bin: what the model can tell apart. The last bin may be
            narrower.

        Returns
        -------
        Features
            Without gaps.

        Raises
        ------
        InvalidStudyError
            If there is less than one band a bin.

        Examples
        --------
        >>> bins = Features.bins(np.arange(400.0, 420.0), n_bands=10)
        >>> bins.names, bins.low.tolist(), bins.high.tolist()
        (('404.5', '414.5'), [399.5, 409.5], [409.5, 419.5])
        """
        if n_bands < 1:
            msg = f"bins of {n_bands} bands; expected at least 1"
            raise InvalidStudyError(msg)
        return cls.runs(wavelengths, np.arange(0, wavelengths.size, n_bands))

    @classmethod
    def runs(cls, wavelengths: FloatArray, starts: IntArray) -> Self:
        """
        Bins of any numbers of neighbouring bands.

        Parameters
        ----------
        wavelengths : ndarray of shape (n_wavelengths,)
            Band centres in nm, increasing.
        starts : ndarray of int
            First band of each bin, increasing from 0.

        Returns
        -------
        Features
            Without gaps.
        """
        edges = _edges(wavelengths)
        ends = np.append(starts[1:], wavelengths.size)
        low, high = edges[starts], edges[ends]
        middle = [
            wavelengths[start:end].mean()
            for start, end in zip(starts, ends, strict=True)
        ]
        columns = tuple(map(np.arange, starts, ends))
        names = tuple(f"{centre:.10g}" for centre in middle)
        return cls(names, columns, low, high, np.asarray(wavelengths))

    @classmethod
    def covariates(
        cls, names: Sequence[str], *, groups: Mapping[str, Sequence[str]] | None = None
    ) -> Self:
        """
        Covariates, alone or in groups that are explained together.

        Parameters
        ----------
        names : sequence of str
            Columns of the table.
        groups : mapping of str to sequence of str, optional
            Name of each group and its covariates (``{"climate": ["rain",
            "temperature"]}``); covariates in no group stand alone.

        Returns
        -------
        Features
            Groups first.

        Raises
        ------
        InvalidStudyError
            If a group names a covariate that is not there.

        Examples
        --------
        >>> Features.covariates(["a", "b", "c"], groups={"g": ["a", "c"]}).names
        ('g', 'b')
        """
        names, groups = list(names), dict(groups or {})
        grouped = [name for members in groups.values() for name in members]
        missing = [name for name in grouped if name not in names]
        if missing:
            msg = f"no covariate {missing[0]!r}; expected some of {', '.join(names)}"
            raise InvalidStudyError(msg)
        sets = groups | {name: [name] for name in names if name not in grouped}
        columns = tuple(
            np.array([names.index(name) for name in members])
            for members in sets.values()
        )
        unknown = np.full(len(sets), np.nan)
        return cls(tuple(sets), columns, unknown, unknown)

    @property
    def n_columns(self) -> int:
        """
        Number of columns of ``X``.

        Returns
        -------
        int
            Bands or covariates.
        """
        return sum(columns.size for columns in self.columns)

    @property
    def centres(self) -> FloatArray:
        """
        Middle of each bin.

        Returns
        -------
        ndarray of shape (n_features,)
            In nm; NaN for covariates.
        """
        return (self.low + self.high) / 2

    def sums(self, values: FloatArray) -> FloatArray:
        """
        Contributions of features from those of columns.

        Parameters
        ----------
        values : ndarray of shape (..., n_columns, n_responses)
            Contributions of columns.

        Returns
        -------
        ndarray of shape (..., n_features, n_responses)
            Their sums: contributions add up, whatever the bins.

        Examples
        --------
        >>> bins = Features.bins(np.array([1.0, 2.0, 3.0]), n_bands=2)
        >>> bins.sums(np.array([[1.0], [2.0], [4.0]])).ravel().tolist()
        [3.0, 4.0]
        """
        order = np.concatenate(self.columns)
        starts = np.cumsum([0, *(columns.size for columns in self.columns[:-1])])
        if np.array_equal(order, np.arange(order.size)):
            ordered = values
        else:
            ordered = values[..., order, :]
        if starts.size == order.size:
            return ordered
        return np.add.reduceat(ordered, starts, axis=-2)

    def share_within(self, is_inside: BoolArray) -> FloatArray:
        """
        Part of each feature that lies within a mask of columns.

        Parameters
        ----------
        is_inside : ndarray of bool, shape (n_columns,)
            For example the wavelengths of an absorption feature.

        Returns
        -------
        ndarray of shape (n_features,)
            From 0 to 1.
        """
        return np.array([is_inside[columns].mean() for columns in self.columns])


def _edges(wavelengths: FloatArray) -> FloatArray:
    # Halfway between bands, and as far outside the last ones.
    middle = (wavelengths[1:] + wavelengths[:-1]) / 2
    first = 2 * wavelengths[0] - middle[0]
    last = 2 * wavelengths[-1] - middle[-1]
    return np.concatenate([[first], middle, [last]])
