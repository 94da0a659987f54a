import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from cerussite.core.errors import CerussiteError, InvalidSpectraError
from cerussite.core.spectra import Spectra

AXIS = np.array([400.0, 410.0, 420.0])
reflectances = arrays(float, (4, 3), elements=st.floats(0.5, 1.5))


def spectra(values=0.5, quantity="reflectance", wavelengths=AXIS):
    return Spectra(np.full((2, 3), values), wavelengths, quantity)


def test_a_tenth_of_the_light_has_absorbance_one():
    found = Spectra(np.array([[1.0, 0.1, 0.01]]), AXIS, "reflectance").to_absorbance()
    assert_allclose(found.values, [[0.0, 1.0, 2.0]], atol=1e-15)
    assert found.quantity == "absorbance"


@given(values=reflectances)
def test_absorbance_and_back_is_where_it_began(values):
    original = Spectra(values, AXIS, "reflectance", "cm-1")
    again = original.to_absorbance().to_reflectance()
    assert_allclose(again.values, values)
    assert again.quantity == "reflectance"
    assert again.original_unit == "cm-1"


def test_converting_to_what_it_is_changes_nothing():
    reflectance = spectra()
    assert reflectance.to_reflectance() is reflectance
    assert reflectance.to_quantity("reflectance") is reflectance
    absorbance = reflectance.to_quantity("absorbance")
    assert absorbance.quantity == "absorbance"
    assert absorbance.to_quantity("absorbance") is absorbance


def test_no_light_at_all_has_no_absorbance():
    values = np.array([[0.5, 0.0, 0.5], [0.5, 0.5, -0.05]])
    with pytest.raises(InvalidSpectraError, match=r"2 reflectances .*spectrum 0, 410"):
        Spectra(values, AXIS, "reflectance").to_absorbance()


@pytest.mark.parametrize("rows", [[2, 0], np.array([True, False, True]), slice(None)])
def test_taking_samples_keeps_the_axis_and_the_order_asked_for(rows):
    values = np.arange(9.0).reshape(3, 3) / 10
    original = Spectra(values, AXIS, "absorbance", "cm-1")
    if isinstance(rows, slice):
        rows = np.arange(3)
    taken = original.take(rows)
    assert_array_equal(taken.values, values[np.asarray(rows)])
    assert taken.n_samples == len(taken.values)
    assert taken.wavelengths is AXIS
    assert (taken.quantity, taken.original_unit) == ("absorbance", "cm-1")


def test_no_sample_is_a_valid_choice():
    assert spectra().take(np.zeros(2, dtype=bool)).n_samples == 0


@pytest.mark.parametrize(
    ("wavelengths", "message"),
    [
        ([400.0, 410.0], r"shape \(2, 3\) do not match 2 wavelengths"),
        ([400.0, 400.0, 410.0], "400 nm follows 400 nm .bands 0 and 1"),
        ([400.0, 420.0, 410.0], "410 nm follows 420 nm .bands 1 and 2"),
        ([400.0, np.nan, 420.0], "nan nm follows 400 nm"),
        ([400.0, 410.0, np.inf], "inf nm follows 410 nm"),
        ([0.0, 410.0, 420.0], "two positive band centres"),
        ([np.nan, 410.0, 420.0], "two positive band centres"),
    ],
)
def test_an_axis_must_increase_from_above_zero(wavelengths, message):
    with pytest.raises(InvalidSpectraError, match=message):
        spectra(wavelengths=np.array(wavelengths))


def test_one_band_is_no_spectrum_and_values_are_a_table():
    with pytest.raises(InvalidSpectraError, match="1 wavelengths"):
        Spectra(np.ones((2, 1)), AXIS[:1], "reflectance")
    with pytest.raises(InvalidSpectraError, match=r"shape \(3,\) do not match"):
        Spectra(np.ones(3), AXIS, "reflectance")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_gaps_are_refused_with_their_place(bad):
    values = np.full((5, 3), 0.5)
    values[[1, 3], 2] = bad
    with pytest.raises(InvalidSpectraError, match=r"2 spectra .*spectrum 1, 420 nm"):
        Spectra(values, AXIS, "reflectance")


@pytest.mark.parametrize(
    ("quantity", "value", "message"),
    [
        ("reflectance", 45.0, "these look like percent"),
        ("reflectance", -0.2, "these look like absorbance or raw counts"),
        ("absorbance", 45.0, "expected log10"),
        ("absorbance", -1.5, "expected log10"),
    ],
)
def test_values_must_be_what_the_quantity_can_be(quantity, value, message):
    with pytest.raises(InvalidSpectraError, match=message):
        spectra(value, quantity)


@pytest.mark.parametrize(
    ("quantity", "value"),
    [
        ("reflectance", 2.0),
        ("reflectance", -0.1),
        ("absorbance", 10.0),
        ("absorbance", -1.0),
    ],
)
def test_limits_themselves_are_allowed(quantity, value):
    assert spectra(value, quantity).n_samples == 2


def test_a_misspelt_quantity_or_unit_is_refused():
    # Anything but "absorbance" would otherwise be read as reflectance.
    with pytest.raises(InvalidSpectraError, match="'Absorbance'; expected one of refl"):
        spectra(quantity="Absorbance")
    with pytest.raises(InvalidSpectraError, match="'um'; expected one of nm, cm-1"):
        Spectra(np.full((2, 3), 0.5), AXIS, "reflectance", "um")


def test_errors_are_caught_as_ours_and_as_value_errors():
    for kind in (CerussiteError, ValueError):
        with pytest.raises(kind, match="percent"):
            spectra(45.0)
