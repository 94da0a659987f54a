"""Spectra of mixtures: Kubelka-Munk on additive absorption."""

import numpy as np

from cerussite.core.errors import InvalidStudyError
from cerussite.core.spectra import Spectra
from cerussite.core.types import FloatArray
from cerussite.simulation.bands import absorption
from cerussite.simulation.instrument import Instrument, record
from cerussite.simulation.kubelka_munk import reflectance
from cerussite.simulation.soils import Soils

#: Range of wavelengths in nm for which constituents are described.
RANGE = (350.0, 2500.0)
_ROWS_AT_ONCE = 1024


def default_wavelengths() -> FloatArray:
    """
    Grid of the simulated spectra.

    Returns
    -------
    ndarray of shape (2100,)
        400 to 2499 nm at 1 nm.
    """
    return np.arange(400.0, 2500.0)


def simulate_spectra(
    soils: Soils,
    wavelengths: FloatArray,
    *,
    instrument: Instrument,
    generator: np.random.Generator,
) -> Spectra:
    r"""
    Recorded reflectance of mixtures.

    :math:`K/S = \sum_i f_i (K/S)_i \; (\lambda / 1000)^{\eta} / s`: absorption
    is additive by mass [1]_, and scattering :math:`s\,(\lambda / 1000)^{-\eta}`
    differs between soils with their texture and the packing of the sample.

    Parameters
    ----------
    soils : Soils
        Composition and scattering.
    wavelengths : ndarray of shape (n_wavelengths,)
        In nm, increasing, between 350 and 2500.
    instrument : Instrument
        What records the spectra.
    generator : Generator
        Source of the instrument's errors.

    Returns
    -------
    Spectra
        Reflectance in single precision; memory stays near the size of the
        result because rows are computed in blocks.

    Raises
    ------
    InvalidStudyError
        If a wavelength lies outside the range that is described.

    References
    ----------
    .. [1] Duncan, D. R. (1940). The colour of pigment mixtures. Proceedings of
       the Physical Society 52, 390-401.
    """
    if wavelengths[0] < RANGE[0] or wavelengths[-1] > RANGE[1]:
        msg = (
            f"wavelengths from {wavelengths[0]:g} to {wavelengths[-1]:g} nm; expected "
            f"{RANGE[0]:g} to {RANGE[1]:g} nm, where the constituents are described"
        )
        raise InvalidStudyError(msg)
    pure = absorption(
        wavelengths, resolution=instrument.resolution, shift=instrument.shift
    ).astype(np.float32)
    values = np.empty((len(soils.ph), len(wavelengths)), dtype=np.float32)
    for start in range(0, len(values), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        values[rows] = record(
            reflectance(_absorption_ratio(soils, rows, pure, wavelengths)),
            wavelengths,
            instrument=instrument,
            generator=generator,
        )
    return Spectra(values, wavelengths, "reflectance")


def _absorption_ratio(
    soils: Soils, rows: slice, pure: FloatArray, wavelengths: FloatArray
) -> FloatArray:
    logarithm = np.log(wavelengths / 1000.0).astype(np.float32)
    slope = soils.slope[rows].astype(np.float32)[:, np.newaxis]
    scattering = soils.scattering[rows].astype(np.float32)[:, np.newaxis]
    ratio = soils.fractions[rows].astype(np.float32) @ pure
    ratio *= np.exp(slope * logarithm)
    ratio /= scattering
    return ratio
