"""What a spectrometer adds to the reflectance of a soil."""

from dataclasses import dataclass

import numpy as np

from cerussite.core.types import FloatArray

#: Wavelengths in nm at which the detectors of field spectrometers meet.
SPLICES = (1000.0, 1800.0)


@dataclass(frozen=True)
class Instrument:
    """
    Errors of a spectrometer and of the way a sample lies under it.

    Attributes
    ----------
    shift : float
        Error of the wavelength scale in nm.
    resolution : float
        Full width at half maximum of the line shape in nm.
    gain : float
        Ratio of recorded to true reflectance of every spectrum, such as from an
        aged white reference.
    gain_spread : float
        Standard deviation of the logarithm of the gain between spectra.
    offset_spread : float
        Standard deviation between spectra of stray light added to reflectance.
    splice_spread : float
        Standard deviation of the relative step at each splice.
    noise : float
        Standard deviation of the noise of reflectance at 1200 nm; it is four
        times as large at 400 and at 2500 nm.
    """

    shift: float = 0.0
    resolution: float = 3.0
    gain: float = 1.0
    gain_spread: float = 0.02
    offset_spread: float = 0.002
    splice_spread: float = 0.002
    noise: float = 0.0003


#: A well-kept laboratory instrument.
LABORATORY = Instrument()
#: Another instrument: shifted, coarser, noisier.
PORTABLE = Instrument(
    shift=0.8,
    resolution=9.0,
    gain=1.03,
    gain_spread=0.04,
    offset_spread=0.004,
    splice_spread=0.006,
    noise=0.0006,
)


def record(
    true: FloatArray,
    wavelengths: FloatArray,
    *,
    instrument: Instrument,
    generator: np.random.Generator,
) -> FloatArray:
    r"""
    Reflectance as recorded, :math:`g\,(1 + \delta_d)\,R + o + \varepsilon`.

    Gain :math:`g` and stray light :math:`o` differ between spectra, the step
    :math:`\delta_d` between the detectors of one spectrum; the middle detector
    has none. Shift and resolution act earlier, on the bands.

    Parameters
    ----------
    true : ndarray of shape (n_samples, n_wavelengths)
        Reflectance :math:`R` of the samples.
    wavelengths : ndarray of shape (n_wavelengths,)
        In nm.
    instrument : Instrument
        How large the errors are.
    generator : Generator
        Source of the errors.

    Returns
    -------
    ndarray of shape (n_samples, n_wavelengths)
        Recorded reflectance in the type of ``true``.
    """
    n = len(true)
    gain = instrument.gain * np.exp(instrument.gain_spread * generator.normal(size=n))
    offset = instrument.offset_spread * np.abs(generator.normal(size=n))
    steps = 1.0 + instrument.splice_spread * generator.normal(size=(n, 3))
    steps[:, 1] = 1.0
    detector = np.searchsorted(SPLICES, wavelengths, side="right")
    recorded = true * (gain[:, np.newaxis] * steps).astype(true.dtype)[:, detector]
    recorded += offset.astype(true.dtype)[:, np.newaxis]
    noise = generator.standard_normal(true.shape, dtype=np.float32)
    noise *= _noise_profile(wavelengths, instrument.noise).astype(np.float32)
    recorded += noise
    return recorded


def _noise_profile(wavelengths: FloatArray, noise: float) -> FloatArray:
    edge = np.where(wavelengths < 1200.0, 800.0, 1300.0)
    return noise * (1.0 + 3.0 * ((wavelengths - 1200.0) / edge) ** 2)
