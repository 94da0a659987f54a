import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from cerussite.core.errors import InvalidSpectraError
from cerussite.core.spectra import Spectra
from cerussite.preprocessing import reconcile


def spectra(axis, values=None, *, unit="nm", quantity="absorbance"):
    """Spectra whose values are given, or rise with the axis in its own unit."""
    axis = np.asarray(axis, dtype=float)
    values = axis / 10_000 if values is None else np.asarray(values)
    values = np.atleast_2d(values)
    if unit == "cm-1":
        axis, values = 1e7 / axis[::-1], values[:, ::-1]
    return Spectra(values, axis, quantity, unit)


def test_the_grid_is_the_bands_of_the_target_that_the_source_covers():
    source = spectra(np.arange(400, 2500.5, 0.5))
    target = spectra(np.arange(350, 2501, 10))
    new_source, new_target = reconcile(source, target)
    assert new_source.wavelengths.tolist() == list(range(400, 2501, 10))
    assert np.array_equal(new_source.wavelengths, new_target.wavelengths)
    assert_allclose(new_target.values, target.values[:, 5:])


@pytest.mark.parametrize(("axis", "unit"), [((400, 2500), "nm"), ((600, 4000), "cm-1")])
@settings(max_examples=20, deadline=None)
@given(steps=st.tuples(st.integers(1, 40), st.integers(1, 40)), shift=st.floats(0, 9))
def test_a_straight_line_survives_any_pair_of_grids(axis, unit, steps, shift):
    low, high = axis
    source = spectra(np.arange(low, high, steps[0]), unit=unit)
    target = spectra(np.arange(low + shift, high, steps[1]), unit=unit)
    new_source, new_target = reconcile(source, target)
    line = new_source.wavelengths if unit == "nm" else 1e7 / new_source.wavelengths
    # The outermost bands may average less than their width: half a step at most.
    assert_allclose(new_source.values[0, 1:-1], line[1:-1] / 10_000, rtol=1e-9)
    assert_allclose(new_target.values[0], line / 10_000)
    assert new_source.original_unit == unit


def test_a_finer_source_is_averaged_over_the_bands_of_the_target():
    wavelengths = np.arange(400.0, 441.0)
    source = spectra(wavelengths, (wavelengths % 10 == 0).astype(float))
    target = spectra([400, 410, 420, 430, 440])
    # Triangles of height 1 and base 2 nm, one a band 10 nm wide; half at the ends.
    assert_allclose(reconcile(source, target)[0].values, [[0.1] * 5])


def test_a_source_as_fine_as_the_target_is_interpolated():
    source = spectra([400, 410, 420, 430], [0.0, 1.0, 0.0, 1.0])
    target = spectra([405, 415, 425])
    assert_allclose(reconcile(source, target)[0].values, [[0.5, 0.5, 0.5]])


def test_equal_grids_are_left_alone():
    source, target = spectra([400, 410, 420], [1.0, 3.0, 2.0]), spectra([400, 410, 420])
    assert reconcile(source, target)[0].values is source.values


def test_quantities_are_reconciled_before_interpolation():
    source = spectra([400, 410, 420], [0.1, 0.01, 0.001], quantity="reflectance")
    target = spectra([405, 415], [1.0, 2.0])
    new_source, new_target = reconcile(source, target)
    assert_allclose(new_source.values, [[1.5, 2.5]])
    new_source, new_target = reconcile(source, target, quantity="reflectance")
    assert_allclose(new_source.values, [[0.055, 0.0055]])
    assert_allclose(new_target.values, [[0.1, 0.01]])
    assert new_target.quantity == "reflectance"


def test_wavelengths_asked_for_are_used():
    wavelengths = np.array([402.0, 407.0])
    source, target = spectra([400, 410]), spectra([401, 409])
    for side in reconcile(source, target, wavelengths=wavelengths):
        assert side.wavelengths.tolist() == [402.0, 407.0]
        assert_allclose(side.values, [[0.0402, 0.0407]])


def test_a_small_overlap_is_refused_with_numbers_in_the_unit_of_the_target():
    source = spectra(np.arange(3000, 5001, 10), unit="cm-1")
    target = spectra(np.arange(1000, 4001, 10), unit="cm-1")
    match = (
        "source covers 3000 to 5000 cm-1, the target 1000 to 4000 cm-1: they share "
        "33 % of the target's range .101 bands.; expected at least 50 %"
    )
    with pytest.raises(InvalidSpectraError, match=match):
        reconcile(source, target)
    assert reconcile(source, target, min_overlap=0.3)[1].wavelengths.size == 101


def test_spectral_regions_apart_are_refused():
    infrared = spectra(np.arange(600, 4001, 10), unit="cm-1")
    visible = spectra(np.arange(400, 2401, 10))
    match = r"covers 2500 to 16666.7 nm, the target 400 to 2400 nm: they share 0 %"
    with pytest.raises(InvalidSpectraError, match=match):
        reconcile(infrared, visible)
    with pytest.raises(InvalidSpectraError, match=r"first: 500 nm; leave them out"):
        reconcile(infrared, visible, wavelengths=np.array([500.0, 600.0]))
