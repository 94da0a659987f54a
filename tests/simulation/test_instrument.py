import numpy as np
import pytest

from cerussite.simulation.instrument import Instrument, record

GRID = np.arange(400.0, 2500.0)
PERFECT = Instrument(gain_spread=0, offset_spread=0, splice_spread=0, noise=0)


def constant(n: int) -> np.ndarray:
    return np.full((n, GRID.size), 0.5, dtype=np.float32)


def recorded(instrument: Instrument, n: int = 3) -> np.ndarray:
    generator = np.random.default_rng(0)
    return record(constant(n), GRID, instrument=instrument, generator=generator)


def test_a_perfect_instrument_records_the_truth():
    np.testing.assert_array_equal(recorded(PERFECT), constant(3))


def test_steps_occur_at_the_splices_only():
    values = recorded(Instrument(gain_spread=0, offset_spread=0, noise=0))
    jumps = GRID[1:][np.abs(np.diff(values, axis=1)).max(axis=0) > 0]
    assert jumps.tolist() == [1000.0, 1800.0]
    assert (values[:, 800] == 0.5).all()


def test_noise_has_the_size_asked_for_and_grows_towards_the_ends():
    noisy = Instrument(gain_spread=0, offset_spread=0, splice_spread=0, noise=0.001)
    spread = recorded(noisy, n=4000).std(axis=0)
    assert spread[800] == pytest.approx(0.001, rel=0.05)
    assert spread[0] == pytest.approx(0.004, rel=0.05)


def test_gain_scales_every_spectrum():
    dark = Instrument(
        gain=0.8, gain_spread=0, offset_spread=0, splice_spread=0, noise=0
    )
    np.testing.assert_allclose(recorded(dark), 0.4, rtol=1e-6)
