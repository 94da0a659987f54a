"""Spectra brought to the quantity and the bands that a saved calibration expects."""

from collections.abc import Sequence

import numpy as np

from cerussite.core.errors import InvalidSpectraError, UnreadableFileError
from cerussite.core.spectra import Spectra
from cerussite.core.types import BoolArray, FloatArray
from cerussite.models.card import CalibrationCard
from cerussite.preprocessing import Sensor, resample_to_sensor, sensor, sensor_bands
from cerussite.studies.bands import on_bands

#: A band this share of its width off the centre is still the sensor's own: centres
#: of delivered images drift by a few tenths of a nm.
_DRIFT = 0.25


class ModelBands:
    """
    The way from spectra on one axis to the bands of a calibration, checked once.

    Parameters
    ----------
    card : CalibrationCard
        What the calibration expects.
    wavelengths : ndarray of shape (n_wavelengths,)
        Band centres in nm of the spectra to come.
    source : str
        Where they come from, for messages.

    Attributes
    ----------
    bands : ndarray of shape (n_bands,)
        Band centres in nm of the calibration.
    notes : tuple of str
        What is done on the way.

    Notes
    -----
    Refused is an axis that does not reach over the bands, or leaves several of them
    to be invented between two of its own. For a calibration on the bands of a sensor
    spectra of a laboratory are averaged with the response of each band, and refused
    where they are too coarse or too short for it; images of the sensor itself are
    taken as they are.
    """

    def __init__(
        self, card: CalibrationCard, wavelengths: FloatArray, *, source: str
    ) -> None:
        self.card, self.source = card, source
        self.bands = np.asarray(card.wavelengths, dtype=np.float64)
        self.notes: tuple[str, ...] = ()
        self._seen: Sensor | None = None
        if card.sensor:
            self._check_sensor(wavelengths)
        else:
            self._check_reach(wavelengths)
            self._check_gaps(wavelengths)
            if not np.array_equal(wavelengths, self.bands):
                n_own, n_model = wavelengths.size, self.bands.size
                self.notes = (
                    f"resampled from {n_own} bands to the {n_model} bands of the model",
                )

    def bring(self, spectra: Spectra, ids: Sequence[str] = ()) -> Spectra:
        """
        Spectra as the calibration expects them.

        Parameters
        ----------
        spectra : Spectra
            On the axis that was checked.
        ids : sequence of str
            Names of the samples, for messages.

        Returns
        -------
        Spectra
            The same samples.

        Raises
        ------
        InvalidSpectraError
            If a value has no counterpart in the quantity of the calibration.
        """
        quantity = self.card.quantity
        try:
            if self._seen is not None:
                return resample_to_sensor(spectra, self._seen).to_quantity(quantity)
            # The outermost bands of an image may have drifted inwards.
            inside = np.clip(self.bands, *spectra.wavelengths[[0, -1]])
            brought = on_bands(spectra, inside, quantity=quantity)
        except InvalidSpectraError as error:
            msg = f"{self.source}: {_dark(spectra, ids)}{error}"
            raise InvalidSpectraError(msg) from error
        if np.array_equal(inside, self.bands):
            return brought
        return Spectra(brought.values, self.bands, quantity, spectra.original_unit)

    def notes_on(self, quantity: str) -> list[str]:
        """
        What is done to spectra of a quantity on the way.

        Parameters
        ----------
        quantity : {"reflectance", "absorbance"}
            What they hold.

        Returns
        -------
        list of str
            Empty for spectra that are taken as they are.
        """
        converted = f"{quantity} converted to {self.card.quantity}"
        return [*([converted] if quantity != self.card.quantity else []), *self.notes]

    def _check_reach(self, axis: FloatArray) -> None:
        low, high = axis[[0, -1]]
        # Converting cm-1 to nm and back may leave the last digits different.
        slack = 1e-6 * high
        if self.bands[0] < low - slack or self.bands[-1] > high + slack:
            msg = (
                f"{self.source}: spectra from {low:g} to {high:g} nm; the model needs "
                f"{self.bands[0]:g} to {self.bands[-1]:g} nm; measure the whole range, "
                "or use a model made for these bands"
            )
            raise InvalidSpectraError(msg)

    def _check_gaps(self, axis: FloatArray) -> None:
        # Bands of the model that would have to be invented between two others.
        inside = np.searchsorted(self.bands, axis[1:], "left") - np.searchsorted(
            self.bands, axis[:-1], "right"
        )
        at = int(np.argmax(inside))
        if inside[at] > 1:
            msg = (
                f"{self.source}: no bands between {axis[at]:g} and {axis[at + 1]:g} nm, "
                f"where the model has {inside[at]}; measure the whole range, or use a "
                "model made for these bands"
            )
            raise InvalidSpectraError(msg)

    def _check_sensor(self, axis: FloatArray) -> None:
        whole = sensor(self.card.sensor)
        own = self._own_bands(whole)
        if _are_all_near(axis, whole):
            missing = ~_is_near(own.centres, axis, own.fwhm)
            self._refuse_missing(own, missing)
            if not np.array_equal(axis, self.bands):
                self.notes = (f"bands taken as those of {whole.name}",)
            return
        try:
            sensor_bands(np.ones((1, axis.size)), axis, own)
        except InvalidSpectraError as error:
            msg = (
                f"{self.source}: the model expects the bands of a sensor, which "
                f"{axis.size} bands from {axis[0]:g} to {axis[-1]:g} nm cannot form: "
                f"{error}; or use a model made for these bands"
            )
            raise InvalidSpectraError(msg) from error
        self._seen = own
        self.notes = (f"averaged to the {self.bands.size} bands of {whole.name}",)

    def _own_bands(self, whole: Sensor) -> Sensor:
        at = np.abs(whole.centres[:, np.newaxis] - self.bands).argmin(axis=0)
        if not np.allclose(whole.centres[at], self.bands, rtol=1e-9):
            msg = (
                f"the bands of the model are not those of {whole.name} in this "
                "release; run the study that made it again"
            )
            raise UnreadableFileError(msg)
        return whole.take([whole.bands[band] for band in at])

    def _refuse_missing(self, own: Sensor, missing: BoolArray) -> None:
        names = [name for name, gone in zip(own.bands, missing, strict=True) if gone]
        if names:
            more = " ..." if len(names) > 12 else ""
            msg = (
                f"{self.source}: lacks {len(names)} bands of {own.name} that the model "
                f"needs: {', '.join(names[:12])}{more}; use all bands of the image, or "
                "make a model without these (spectra.leave_out)"
            )
            raise InvalidSpectraError(msg)


def _dark(spectra: Spectra, ids: Sequence[str]) -> str:
    # Samples without an absorbance, by name.
    rows = np.flatnonzero((spectra.values <= 0).any(axis=1))
    if not ids or spectra.quantity == "absorbance" or not rows.size:
        return ""
    more = f" and {rows.size - 5} more" if rows.size > 5 else ""
    return f"samples {', '.join(ids[row] for row in rows[:5])}{more}: "


def _are_all_near(axis: FloatArray, whole: Sensor) -> bool:
    # Whether bands are those that the sensor itself records, or some of them.
    low, high = whole.centres[[0, -1]] + np.array([-1, 1]) * whole.fwhm[[0, -1]]
    inside = axis[(axis >= low) & (axis <= high)]
    nearest = np.abs(whole.centres[:, np.newaxis] - inside).argmin(axis=0)
    room = _DRIFT * whole.fwhm[nearest]
    return bool(inside.size and (np.abs(whole.centres[nearest] - inside) <= room).all())


def _is_near(centres: FloatArray, axis: FloatArray, fwhm: FloatArray) -> BoolArray:
    distance = np.abs(axis[:, np.newaxis] - centres).min(axis=0)
    return distance <= _DRIFT * fwhm
