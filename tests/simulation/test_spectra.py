import numpy as np
import pytest

from cerussite.core.errors import InvalidStudyError
from cerussite.simulation import spectra as module
from cerussite.simulation.bands import BANDS, CONSTITUENTS, CONTINUA
from cerussite.simulation.instrument import LABORATORY, Instrument
from cerussite.simulation.soils import Soils, draw_soils, random_settings
from cerussite.simulation.spectra import default_wavelengths, simulate_spectra

PERFECT = Instrument(
    resolution=0, gain_spread=0, offset_spread=0, splice_spread=0, noise=0
)


def some_soils(n: int = 50) -> Soils:
    generator = np.random.default_rng(0)
    return draw_soils(random_settings(3, generator), np.arange(n) % 3, generator)


def literal_reflectance(soils: Soils, sample: int, wavelength: float) -> float:
    absorbed = 0.0
    for constituent in CONSTITUENTS:
        plain = CONTINUA[constituent]
        pure = plain.flat
        pure += plain.edge * np.exp(-(wavelength - 400) / plain.decay)
        pure += plain.wing * np.exp((wavelength - 2500) / 120)
        for band in BANDS:
            if band.constituent == constituent:
                distance = (wavelength - band.centre) / band.width
                pure += band.strength * np.exp(-(distance**2) / 2)
        absorbed += soils.fraction(constituent)[sample] * pure
    scattered = soils.scattering[sample] * (wavelength / 1000) ** -soils.slope[sample]
    ratio = absorbed / scattered
    return 1 + ratio - np.sqrt(ratio**2 + 2 * ratio)


def test_spectra_equal_a_literal_loop_over_constituents_and_bands():
    soils = some_soils()
    grid = np.array([450.0, 900.0, 1412.0, 1935.0, 2205.0, 2339.0])
    spectra = simulate_spectra(
        soils, grid, instrument=PERFECT, generator=np.random.default_rng(0)
    )
    for sample in (0, 7, 49):
        literal = [literal_reflectance(soils, sample, w) for w in grid]
        np.testing.assert_allclose(spectra.values[sample], literal, rtol=2e-5)


def test_spectra_have_the_brightness_and_bands_of_dry_soils():
    soils = some_soils(300)
    spectra = simulate_spectra(
        soils,
        default_wavelengths(),
        instrument=LABORATORY,
        generator=np.random.default_rng(0),
    )
    mean = spectra.values.mean(axis=0)

    def at(wavelength: int) -> float:
        return float(mean[wavelength - 400])

    # Dry, sieved field soils of two Swedish, two Brazilian sites (LimeSoDa): 0.04 to
    # 0.14 at 450 nm, 0.22 to 0.38 at 1700 nm; site means.
    assert 0.04 < at(450) < 0.16
    assert 0.22 < at(1700) < 0.42
    for band, left, right in [
        (1412, 1360, 1480),
        (1915, 1850, 2000),
        (2205, 2130, 2260),
    ]:
        assert at(band) < 0.97 * (at(left) + at(right)) / 2
    assert at(2480) < at(2130)


def test_the_size_of_blocks_does_not_change_the_result(monkeypatch):
    soils = some_soils()
    grid = np.arange(400.0, 2500.0, 20.0)

    def simulated() -> np.ndarray:
        generator = np.random.default_rng(5)
        return simulate_spectra(
            soils, grid, instrument=PERFECT, generator=generator
        ).values

    whole = simulated()
    monkeypatch.setattr(module, "_ROWS_AT_ONCE", 7)
    np.testing.assert_allclose(simulated(), whole, rtol=1e-5)


def test_wavelengths_that_are_not_described_are_refused():
    with pytest.raises(InvalidStudyError, match="400 to 2600 nm; expected 350 to 2500"):
        simulate_spectra(
            some_soils(),
            np.array([400.0, 2600.0]),
            instrument=PERFECT,
            generator=np.random.default_rng(0),
        )
