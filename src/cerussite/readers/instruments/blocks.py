"""Spectra of one kind on one axis, as a file stores them."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cerussite.core.types import BoolArray, FloatArray

#: What a block holds in the file's own word; ``"unknown"`` where it says nothing,
#: ``"other"`` where it says something that is none of these (Kubelka-Munk, Raman).
BlockQuantity: TypeAlias = Literal[
    "reflectance",
    "absorbance",
    "transmittance",
    "radiance",
    "irradiance",
    "single_channel",
    "interferogram",
    "raw",
    "other",
    "unknown",
]
#: Unit of an axis that leads to nm.
SpectralUnit: TypeAlias = Literal["nm", "um", "cm-1"]


@dataclass(frozen=True, eq=False)
class Block:
    """
    Spectra of one kind on one axis, in the order, unit and scale of the file.

    Attributes
    ----------
    name : str
        Name of the block, in the file's words where it has any; unique in the file.
    quantity : str
        ``"reflectance"``, ``"absorbance"``, ``"transmittance"``, ``"radiance"``,
        ``"irradiance"``, ``"single_channel"``, ``"interferogram"``, ``"raw"``,
        ``"other"`` or ``"unknown"``.
    axis : ndarray of shape (n_points,)
        Positions as in the file; may fall, and may go back at a detector.
    axis_unit : str
        ``"nm"``, ``"um"`` or ``"cm-1"``; the file's own words for any other axis;
        empty where the file does not say.
    values : ndarray of shape (n_spectra, n_points) or (n_lines, n_columns, n_points)
        Values as stored; images are mapped from the disk and not read. Use
        :meth:`read` for their quantity.
    labels : tuple of str
        Name of each spectrum, where the file has names.
    divisor : float
        What stored values are divided by: 100 for percent, 10 000 for scaled
        integers, 1 otherwise.
    missing_value : float or None
        Stored value that means "not measured".
    is_bad : ndarray of bool, shape (n_points,), or None
        Bands that the file itself declares bad.
    """

    name: str
    quantity: BlockQuantity
    axis: FloatArray
    axis_unit: str
    values: NDArray[Any]
    labels: tuple[str, ...] = ()
    divisor: float = 1.0
    missing_value: float | None = None
    is_bad: BoolArray | None = None

    @property
    def is_image(self) -> bool:
        """
        Whether the spectra are the pixels of an image.

        Returns
        -------
        bool
            True for values of three dimensions.
        """
        return self.values.ndim == 3

    def read(self, rows: slice = slice(None)) -> FloatArray:
        """
        Values of some spectra, or of some lines of an image, in their quantity.

        Parameters
        ----------
        rows : slice, optional
            Spectra, or lines of an image; all by default.

        Returns
        -------
        ndarray of shape (n_rows, n_points) or (n_rows, n_columns, n_points)
            Stored values over :attr:`divisor`; NaN where not measured.
        """
        stored = np.asarray(self.values[rows])
        with np.errstate(all="ignore"):  # damaged values may overflow
            values = np.array(stored, dtype=float) / self.divisor
        if self.missing_value is not None:
            values[np.isclose(stored, self.missing_value, rtol=1e-5, atol=0)] = np.nan
        return values
