import numpy as np
import pytest
from scipy.signal import argrelmax

from cerussite.simulation.bands import (
    BANDS,
    CONSTITUENTS,
    CONTINUA,
    absorption,
    band_profile,
    features,
)

GRID = np.arange(350.0, 2501.0)


def row(values: np.ndarray, constituent: str) -> np.ndarray:
    return values[CONSTITUENTS.index(constituent)]


@pytest.mark.parametrize(
    ("constituent", "published"),
    [
        # Minima of spectra of the USGS library, version 7 (Kokaly et al., 2017).
        ("kaolinite", [1413, 2162, 2205]),
        ("smectite", [1412, 1906, 2206]),
        ("illite", [1410, 1911, 2199, 2346]),
        ("calcite", [1875, 1995, 2339]),
        ("hematite", [527, 898]),
        ("goethite", [974]),
    ],
)
def test_pure_minerals_absorb_most_where_published_spectra_do(constituent, published):
    peaks = GRID[argrelmax(row(absorption(GRID), constituent))[0]]
    for centre in published:
        assert np.abs(peaks - centre).min() <= 8  # the continuum pulls a little


def test_resolution_keeps_the_area_of_a_band():
    for band in BANDS[:6]:
        wide = np.arange(-3000.0, 6000.0)
        sharp, blurred = (band_profile(band, wide, spread) for spread in (0.0, 30.0))
        assert blurred.sum() == pytest.approx(sharp.sum(), rel=1e-6)
        assert blurred.max() < sharp.max()


def test_shift_moves_bands_to_longer_wavelengths():
    moved = row(absorption(GRID, shift=5.0), "calcite")
    still = row(absorption(GRID), "calcite")
    np.testing.assert_allclose(moved[5:], still[:-5])


def test_features_leave_out_what_is_flat():
    marks = features(GRID)
    assert (marks >= 0).all()
    far = row(marks, "organic_matter")[np.abs(GRID - 2100).argmin()]
    assert far < 0.01 * row(marks, "organic_matter").max()
    assert set(CONTINUA) == set(CONSTITUENTS)
