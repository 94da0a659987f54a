"""Laboratory spectra as a satellite or an airborne sensor would see them."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Self

import numpy as np

from cerussite.core.errors import InvalidSpectraError
from cerussite.core.spectra import Spectra
from cerussite.core.types import BoolArray, FloatArray
from cerussite.preprocessing.bands import band_response

_TABLE = "sensor_bands.csv"
#: Bands that a message names at most.
_NAMED = 12
#: Sensors whose bands are described, each with a source, in ``sensor_bands.csv``.
SENSORS: tuple[str, ...] = (
    "Sentinel-2A",
    "Sentinel-2B",
    "Landsat-8",
    "Landsat-9",
    "EnMAP",
    "PRISMA",
    "DESIS",
    "EMIT",
)


@dataclass(frozen=True, eq=False)
class Sensor:
    """
    Bands of a sensor in increasing wavelength, as Gaussian curves.

    For a sensor that is not in :data:`SENSORS`, such as HyMap, whose bands differ
    from campaign to campaign, give the centres and widths of the image's header.

    Attributes
    ----------
    name : str
        Name of the sensor.
    bands : tuple of str
        Names of the bands, each once.
    centres : ndarray of shape (n_bands,)
        Centres in nm, strictly increasing.
    fwhm : ndarray of shape (n_bands,)
        Full widths at half maximum in nm, > 0.
    source : str
        Where centres and widths are from.

    Raises
    ------
    InvalidSpectraError
        If names, centres and widths do not match, repeat, or do not increase.
    """

    name: str
    bands: tuple[str, ...]
    centres: FloatArray
    fwhm: FloatArray
    source: str = ""

    def __post_init__(self) -> None:
        n_bands = len(set(self.bands))
        expected = (len(self.bands),)
        if n_bands == 0 or n_bands != len(self.bands):
            msg = f"{self.name}: {len(self.bands)} bands of {n_bands} names; expected each once"
            raise InvalidSpectraError(msg)
        if self.centres.shape != expected or self.fwhm.shape != expected:
            msg = (
                f"{self.name}: centres of shape {self.centres.shape} and widths of "
                f"shape {self.fwhm.shape} for {n_bands} bands; expected one of each"
            )
            raise InvalidSpectraError(msg)
        if not (np.diff(self.centres) > 0).all() or not (self.fwhm > 0).all():
            msg = (
                f"{self.name}: centres that do not increase, or widths that are not "
                "> 0; expected bands sorted by their centres in nm"
            )
            raise InvalidSpectraError(msg)

    def take(self, bands: Sequence[str]) -> Self:
        """
        The same sensor with some of its bands.

        Parameters
        ----------
        bands : sequence of str
            Names of the bands to keep, in any order.

        Returns
        -------
        Sensor
            These bands in increasing wavelength.

        Raises
        ------
        InvalidSpectraError
            If the sensor has no such band; the message lists those it has.
        """
        missing = [name for name in bands if name not in self.bands]
        if missing:
            msg = (
                f"{self.name}: no band {missing[0]!r}; expected some of "
                f"{', '.join(self.bands)}"
            )
            raise InvalidSpectraError(msg)
        return self._kept(np.isin(self.bands, list(bands)))

    def within(self, low: float, high: float) -> Self:
        """
        The same sensor with the bands that spectra of a range can form.

        Parameters
        ----------
        low, high : float
            First and last wavelength of the spectra in nm.

        Returns
        -------
        Sensor
            Bands whose centre lies one FWHM or more inside the range.

        Raises
        ------
        InvalidSpectraError
            If no band does.
        """
        covered = _covered(self, low, high)
        if not covered.any():
            msg = (
                f"{self.name}: none of its bands ({self.centres[0]:g} to "
                f"{self.centres[-1]:g} nm) lies inside {low:g} to {high:g} nm; "
                "expected one at least; choose another sensor"
            )
            raise InvalidSpectraError(msg)
        return self._kept(covered)

    def _kept(self, kept: BoolArray) -> Self:
        names = tuple(n for n, keep in zip(self.bands, kept, strict=True) if keep)
        return type(self)(
            self.name, names, self.centres[kept], self.fwhm[kept], self.source
        )


def sensor(name: str) -> Sensor:
    """
    Bands of a known sensor.

    Parameters
    ----------
    name : str
        One of :data:`SENSORS`; case and hyphens do not count. The two Sentinel-2
        differ by 17 nm in band 12 and are kept apart.

    Returns
    -------
    Sensor
        All its bands; where two detectors overlap (PRISMA, EnMAP) the bands of
        both, sorted by their centres.

    Raises
    ------
    InvalidSpectraError
        If the sensor is not known.

    Examples
    --------
    >>> sensor("Sentinel-2A").bands
    ('B1', 'B2', 'B3', 'B4', 'B5', 'B6', 'B7', 'B8', 'B8A', 'B9', 'B10', 'B11', 'B12')
    """
    known = {_plain(each): each for each in SENSORS}
    if _plain(name) not in known:
        msg = (
            f"no bands of a sensor {name!r} are known here; expected one of "
            f"{', '.join(SENSORS)}; for others (HyMap: bands differ by campaign) make a "
            "Sensor from the centres and widths in the header of the image"
        )
        raise InvalidSpectraError(msg)
    return _sensors()[known[_plain(name)]]


def sensor_bands(X: FloatArray, wavelengths: FloatArray, bands: Sensor) -> FloatArray:
    r"""
    Band values :math:`\sum_i r_i x_i \Delta_i / \sum_i r_i \Delta_i` of a sensor.

    Says what the light of a sample would give in a sensor's bands: no
    atmosphere, no illumination, no noise of the sensor, no neighbouring pixel.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_wavelengths)
        Reflectance (detectors average light, not its logarithm).
    wavelengths : ndarray of shape (n_wavelengths,)
        Band centres in nm, strictly increasing.
    bands : Sensor
        Bands to form.

    Returns
    -------
    ndarray of shape (n_samples, n_bands)
        Reflectance in the bands; a flat spectrum stays flat.

    Notes
    -----
    Refused by name are bands that reach beyond the spectra, one FWHM to either
    side of their centres, or are narrower than their spacing
    (:class:`~cerussite.core.errors.InvalidSpectraError`). The response :math:`r` is Gaussian, as in
    :func:`cerussite.preprocessing.band_response`. Bands of multispectral sensors
    are nearer to a box: with their tabulated response use
    :func:`cerussite.preprocessing.sensor_response`.

    Examples
    --------
    >>> import numpy as np
    >>> wavelengths = np.arange(400.0, 1001.0)
    >>> X = wavelengths[np.newaxis] / 1000
    >>> red = sensor("Sentinel-2A").take(["B4"])
    >>> print(sensor_bands(X, wavelengths, red).round(5))
    [[0.66462]]
    """
    low, high = float(wavelengths[0]), float(wavelengths[-1])
    spacing = float(np.diff(wavelengths).max())
    _refuse_bands(
        bands,
        ~_covered(bands, low, high),
        f"reach beyond the spectra, {low:g} to {high:g} nm; expected one FWHM of "
        "spectrum on either side; take those inside with within",
    )
    _refuse_bands(
        bands,
        bands.fwhm < spacing,
        f"are narrower than the spacing of the spectra, up to {spacing:g} nm; expected "
        "finer spectra; leave these bands out with take",
    )
    return band_response(X, wavelengths, bands.centres, bands.fwhm)


def resample_to_sensor(spectra: Spectra, bands: Sensor) -> Spectra:
    """
    Spectra as a sensor would record them, in the quantity they came in.

    Parameters
    ----------
    spectra : Spectra
        Laboratory spectra; absorbance is averaged as reflectance and returned as
        absorbance.
    bands : Sensor
        Bands to form, two or more.

    Returns
    -------
    Spectra
        The same samples on the centres of the bands.

    Notes
    -----
    Bands that cannot be formed are refused as in :func:`sensor_bands`.

    Examples
    --------
    >>> import numpy as np
    >>> axis = np.arange(400.0, 2501.0)
    >>> grey = Spectra(np.full((1, axis.size), 2.0), axis, "absorbance")
    >>> seen = resample_to_sensor(grey, sensor("Landsat-8"))
    >>> print(seen.quantity, seen.values.round(6))
    absorbance [[2. 2. 2. 2. 2. 2. 2. 2. 2.]]
    """
    reflectance = spectra.to_reflectance()
    values = sensor_bands(reflectance.values, reflectance.wavelengths, bands)
    return Spectra(values, bands.centres, "reflectance").to_quantity(spectra.quantity)


def _covered(bands: Sensor, low: float, high: float) -> BoolArray:
    return (bands.centres - bands.fwhm >= low) & (bands.centres + bands.fwhm <= high)


def _refuse_bands(bands: Sensor, refused: BoolArray, reason: str) -> None:
    if not refused.any():
        return
    n_refused = int(refused.sum())
    first = np.flatnonzero(refused)[:_NAMED]
    names = ", ".join(f"{bands.bands[at]} ({bands.centres[at]:g} nm)" for at in first)
    names += f" and {n_refused - _NAMED} more" if n_refused > _NAMED else ""
    msg = f"{bands.name}: {n_refused} of {len(bands.bands)} bands, {names}, {reason}"
    raise InvalidSpectraError(msg)


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace(" ", "")


@cache
def _sensors() -> dict[str, Sensor]:
    table = resources.files("cerussite.preprocessing").joinpath(_TABLE)
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    return {name: _from_rows(name, rows) for name in SENSORS}


def _from_rows(name: str, rows: list[dict[str, str]]) -> Sensor:
    own = [row for row in rows if row["sensor"] == name]
    return Sensor(
        name,
        tuple(row["band"] for row in own),
        np.array([float(row["centre_nm"]) for row in own]),
        np.array([float(row["fwhm_nm"]) for row in own]),
        own[0]["source"],
    )
