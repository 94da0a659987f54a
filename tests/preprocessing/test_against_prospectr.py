"""
The numbers of the R package prospectr on its own soils.

Printed values of its tests (github.com/l-ramirez-lopez/prospectr, tests/testthat,
read in November 2026) on NIRsoil: 825 soils, absorbance at 1100-2498 nm (Fernandez
Pierna and Dardenne, 2008).
"""

import os
from pathlib import Path

import numpy as np
import pytest
import rdata
from numpy.testing import assert_array_equal
from rdata.conversion import DEFAULT_CLASS_MAP
from scipy.spatial.distance import cdist
from sklearn.decomposition import PCA

from cerussite.preprocessing import (
    MultiplicativeScatterCorrection,
    band_response,
    continuum_removal,
    detrend,
    duplex,
    gap_derivative,
    kennard_stone,
    savitzky_golay,
    standard_normal_variate,
)

DATA = os.environ.get("CERUSSITE_DATA")
pytestmark = pytest.mark.skipif(DATA is None, reason="CERUSSITE_DATA is not set")
WAVELENGTHS = np.arange(1100.0, 2499.0, 2.0)


@pytest.fixture(scope="module", name="X")
def absorbance():
    path = Path(DATA) / "spectra" / "nirsoil" / "NIRsoil.RData"
    # Its data frame has a matrix for a column, which pandas cannot hold.
    classes = {**DEFAULT_CLASS_MAP, "data.frame": lambda columns, _: columns}
    soils = rdata.read_rda(path, constructor_dict=classes)["NIRsoil"]
    return np.asarray(soils["spc"], dtype=np.float64)


def test_scatter_corrections(X):
    snv = standard_normal_variate(X)
    assert snv[0].max().round(5) == 2.63444
    assert detrend(snv)[0].max().round(5) == 2.57863
    msc = MultiplicativeScatterCorrection().fit(X).transform(X)
    assert (msc[0].max().round(5), msc[0].min().round(5)) == (0.37394, 0.29474)


def test_derivatives(X):
    golay = savitzky_golay(X, window=3, degree=1, derivative=1)[0, 1:-1]
    assert np.abs(golay).max().round(5) == 0.00528
    expected = {(3, 1, 1): 0.00517, (3, 1, 2): 0.00089, (3, 3, 1): 0.00497}
    for (gap, segment, order), value in expected.items():
        derived = gap_derivative(X, gap=gap, segment=segment, derivative=order)
        assert np.abs(derived[0]).max().round(5) == value


def test_continuum_removal(X):
    assert continuum_removal(X, WAVELENGTHS)[0].min().round(5) == 0.80512


def test_band_response(X):
    centres = np.array([1650.0, 2165.0, 2205.0, 2260.0, 2330.0, 2395.0])
    fwhm = np.array([100.0, 40.0, 40.0, 50.0, 70.0, 70.0])
    bands = band_response(X, WAVELENGTHS, centres, fwhm)
    assert bands[0].max().round(5) == 0.34966


def mahalanobis_scores(X, n_components):
    return PCA(n_components, whiten=True).fit_transform(X)


def test_kennard_stone(X):
    expected = [
        687, 377, 410, 619, 87, 618, 611, 283, 317, 666, 789, 635, 147, 822, 285, 313,
        737, 803, 819, 383, 823, 204, 591, 252, 825, 272, 402, 39, 330, 590, 286, 608,
        363, 234, 701, 718, 287, 270, 571, 192, 614, 1, 386, 615, 126, 755, 734, 428,
        466, 426,
    ]  # fmt: skip
    chosen = kennard_stone(mahalanobis_scores(X, 3), 50) + 1
    assert sorted(chosen[:2]) == sorted(expected[:2])
    assert_array_equal(chosen[2:], expected[2:])


def test_kennard_stone_on_raw_spectra(X):
    expected = [
        87, 141, 204, 257, 279, 287, 291, 338, 410, 455, 570, 614, 615, 618, 619, 633,
        734, 800, 819, 824,
    ]  # fmt: skip
    assert_array_equal(np.sort(kennard_stone(X, 20)) + 1, expected)


def test_duplex_but_for_the_second_pair(X):
    # Looking for the second pair, duplex.R (commit 961029bc) searches a matrix without two columns
    # and reads the place of its maximum with the wrong number of rows: it starts
    # its second set with soils 141 and 587, which are not the farthest apart. From
    # there on its choice is that of the published procedure.
    scores = mahalanobis_scores(X, 2)
    distances = cdist(scores, scores)
    first, second = [788, 618], [140, 586]
    free = [soil for soil in range(len(X)) if soil not in first + second]
    while len(second) < 30:
        for chosen in (first, second):
            nearest = distances[np.ix_(chosen, free)].min(axis=0)
            chosen.append(free.pop(int(nearest.argmax())))
    expected = [
        789, 619, 39, 617, 594, 310, 737, 822, 683, 614, 204, 287, 825, 218, 701, 268,
        717, 350, 615, 702, 687, 653, 186, 479, 421, 282, 178, 728, 254, 613,
    ]  # fmt: skip
    assert_array_equal(np.array(first) + 1, expected)
    ours, others = duplex(scores, 30)
    assert sorted(ours[:2]) == sorted(first[:2])
    assert distances[*others[:2]] > distances[140, 586]
