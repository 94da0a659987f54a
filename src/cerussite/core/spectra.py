"""Spectra of many samples on one shared wavelength axis."""

from dataclasses import dataclass
from typing import Self, get_args

import numpy as np

from cerussite.core.errors import InvalidSpectraError
from cerussite.core.types import AxisUnit, FloatArray, Quantity

#: A fraction of a white reference above this was measured in another unit.
MAX_REFLECTANCE = 2.0
#: log10(1/R) outside these limits means another quantity or a broken scan.
ABSORBANCE_LIMITS = (-1.0, 10.0)


@dataclass(frozen=True, eq=False)
class Spectra:
    r"""
    Spectra of many samples on one shared wavelength axis.

    Checked once, here; arrays are not copied and must not be written to.

    Attributes
    ----------
    values : ndarray of shape (n_samples, n_wavelengths)
        Reflectance as a fraction of the white reference, or absorbance
        :math:`\log_{10}(1/R)`; finite.
    wavelengths : ndarray of shape (n_wavelengths,)
        Band centres in nm, strictly increasing.
    quantity : {"reflectance", "absorbance"}
        What ``values`` holds.
    original_unit : {"nm", "cm-1"}
        Unit of the axis in the file; figures use it, computations do not.

    Raises
    ------
    InvalidSpectraError
        If the quantity or the unit of the axis is unknown, shapes disagree,
        wavelengths do not increase, values are not finite or lie where the
        quantity cannot be.
    """

    values: FloatArray
    wavelengths: FloatArray
    quantity: Quantity
    original_unit: AxisUnit = "nm"

    def __post_init__(self) -> None:
        self._check_names()
        self._check_axis()
        self._check_values()

    def _check_names(self) -> None:
        for found, expected in (
            (self.quantity, get_args(Quantity)),
            (self.original_unit, get_args(AxisUnit)),
        ):
            if found not in expected:
                msg = f"spectra in {found!r}; expected one of {', '.join(expected)}"
                raise InvalidSpectraError(msg)

    def _check_axis(self) -> None:
        if self.values.ndim != 2 or self.values.shape[1:] != self.wavelengths.shape:
            msg = (
                f"values of shape {self.values.shape} do not match "
                f"{self.wavelengths.size} wavelengths; expected "
                f"(n_samples, {self.wavelengths.size})"
            )
            raise InvalidSpectraError(msg)
        if self.wavelengths.size < 2 or not self.wavelengths[0] > 0:
            msg = (
                f"{self.wavelengths.size} wavelengths; expected at least two positive "
                "band centres in nm"
            )
            raise InvalidSpectraError(msg)
        steps = np.diff(self.wavelengths)
        if not np.all((steps > 0) & np.isfinite(steps)):
            at = int(np.argmin((steps > 0) & np.isfinite(steps)))
            before, after = self.wavelengths[at : at + 2]
            msg = (
                f"wavelengths do not increase: {after:g} nm follows {before:g} nm "
                f"(bands {at} and {at + 1}); sort the bands, or cut the overlap of "
                "two detectors, before reading"
            )
            raise InvalidSpectraError(msg)

    def _check_values(self) -> None:
        finite = np.isfinite(self.values)
        if not finite.all():
            row, band = np.argwhere(~finite)[0]
            n_rows = int(np.count_nonzero(~finite.all(axis=1)))
            msg = (
                f"{n_rows} spectra hold missing or infinite values (first: spectrum "
                f"{row}, {self.wavelengths[band]:g} nm); drop these spectra or bands"
            )
            raise InvalidSpectraError(msg)
        if self.values.size == 0:
            return
        low, high = float(self.values.min()), float(self.values.max())
        if self.quantity == "reflectance" and (high > MAX_REFLECTANCE or low < -0.1):
            hint = (
                "these look like percent: read them as percent"
                if high > MAX_REFLECTANCE and low >= 0
                else "these look like absorbance or raw counts: say what they are"
            )
            msg = (
                f"reflectance from {low:g} to {high:g}; expected fractions of a white "
                f"reference between 0 and about 1; {hint}"
            )
            raise InvalidSpectraError(msg)
        least, most = ABSORBANCE_LIMITS
        if self.quantity == "absorbance" and (high > most or low < least):
            msg = (
                f"absorbance from {low:g} to {high:g}; expected log10(1/R) between "
                f"{least:g} and {most:g}; check the quantity and the unit of the file"
            )
            raise InvalidSpectraError(msg)

    @property
    def n_samples(self) -> int:
        """
        Number of spectra.

        Returns
        -------
        int
            Rows of ``values``.
        """
        return int(self.values.shape[0])

    def take_bands(self, first: int, stop: int) -> "Spectra":
        """
        A run of neighbouring bands.

        Parameters
        ----------
        first, stop : int
            Position of the first band and the position behind the last.

        Returns
        -------
        Spectra
            The same samples.

        Examples
        --------
        >>> whole = Spectra(np.ones((1, 3)), np.array([400.0, 410.0, 420.0]), "absorbance")
        >>> whole.take_bands(1, 3).wavelengths.tolist()
        [410.0, 420.0]
        """
        return Spectra(
            np.ascontiguousarray(self.values[:, first:stop]),
            self.wavelengths[first:stop],
            self.quantity,
            self.original_unit,
        )

    def take(self, rows: object) -> Self:
        """
        Spectra of some samples, in the order asked for.

        Parameters
        ----------
        rows : array_like of int or bool
            Positions or mask of the samples to keep.

        Returns
        -------
        Spectra
            The chosen spectra on the same axis.
        """
        values = self.values[np.asarray(rows)]
        return type(self)(values, self.wavelengths, self.quantity, self.original_unit)

    def to_absorbance(self) -> "Spectra":
        r"""
        Convert reflectance :math:`R` to absorbance :math:`\log_{10}(1/R)`.

        Returns
        -------
        Spectra
            The same samples as absorbance; ``self`` when it already is.

        Raises
        ------
        InvalidSpectraError
            If any reflectance is zero or negative.
        """
        if self.quantity == "absorbance":
            return self
        n_bad = int(np.count_nonzero(self.values <= 0))
        if n_bad:
            row, band = np.argwhere(self.values <= 0)[0]
            msg = (
                f"{n_bad} reflectances are <= 0 (first: spectrum {row}, "
                f"{self.wavelengths[band]:g} nm), which have no absorbance; "
                "drop these spectra or bands"
            )
            raise InvalidSpectraError(msg)
        return Spectra(
            -np.log10(self.values), self.wavelengths, "absorbance", self.original_unit
        )

    def to_reflectance(self) -> "Spectra":
        r"""
        Convert absorbance :math:`A` to reflectance :math:`10^{-A}`.

        Returns
        -------
        Spectra
            The same samples as reflectance; ``self`` when it already is.
        """
        if self.quantity == "reflectance":
            return self
        return Spectra(
            10.0**-self.values, self.wavelengths, "reflectance", self.original_unit
        )

    def to_quantity(self, quantity: Quantity) -> "Spectra":
        """
        Convert to the quantity asked for.

        Parameters
        ----------
        quantity : {"reflectance", "absorbance"}
            What the result holds.

        Returns
        -------
        Spectra
            The same samples; ``self`` when nothing changes.
        """
        if quantity == "absorbance":
            return self.to_absorbance()
        return self.to_reflectance()
