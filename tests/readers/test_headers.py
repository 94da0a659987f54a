import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from cerussite.core.errors import UnreadableFileError
from cerussite.readers.headers import find_spectral_columns


@pytest.mark.parametrize(
    ("names", "unit", "quantity"),
    [
        (["400nm", "410nm"], "nm", None),
        (["400 nm", "410 nm"], "nm", None),
        (["wl_400", "wl_410"], "nm", None),
        (["scan_visnir.400_ref", "scan_visnir.410_ref"], "nm", "reflectance"),
        (["wn_600.5", "wn_601.5"], "cm-1", None),
        (["m7497.964", "m7496.035"], "cm-1", None),
        (["scan_mir.600_abs", "scan_mir.602_abs"], "cm-1", "absorbance"),
        (["4000cm-1", "3998cm-1"], "cm-1", None),
        (["4000 cm⁻¹", "3998 cm⁻¹"], "cm-1", None),
        (["X4000cm.1", "X3998cm.1"], "cm-1", None),
    ],
)
def test_names_state_their_unit(names, unit, quantity):
    columns = find_spectral_columns(["id", *names], source="t.csv")
    assert columns.unit == unit
    assert columns.quantity == quantity
    assert sorted(columns.positions) == [1, 2]


@pytest.mark.parametrize(
    "names", [["X400", "X410"], ["spc.400", "spc.410.5"], ["400", "400,5"]]
)
def test_plain_numbers_need_a_unit(names):
    with pytest.raises(UnreadableFileError, match=r"nm or cm-1.*say it with axis_unit"):
        find_spectral_columns(names, source="t.csv")
    columns = find_spectral_columns(names, source="t.csv", axis_unit="nm")
    assert columns.wavelengths[0] == 400


def test_wavenumbers_become_wavelengths():
    columns = find_spectral_columns(["id", "wn_4000", "wn_2000", "wn_1000"], source="t")
    # 1 cm = 10,000,000 nm
    assert_allclose(columns.wavelengths, [2500, 5000, 10000])
    assert columns.positions.tolist() == [1, 2, 3]
    assert not any("turned" in note for note in columns.notes)


def test_a_falling_axis_is_turned_around_and_said():
    columns = find_spectral_columns(["500nm", "450nm", "400nm"], source="t")
    assert columns.positions.tolist() == [2, 1, 0]
    assert "bands turned around" in columns.notes[0]
    assert "500 to 400 nm" in columns.notes[0]


@pytest.mark.parametrize(
    "names", [["400nm", "410nm", "405nm", "420nm"], ["400nm", "410nm", "410nm"]]
)
def test_an_axis_that_goes_back_is_refused_with_the_columns(names):
    with pytest.raises(
        UnreadableFileError,
        match=rf"{names[2]!r} \(column 3\) follows '410nm' \(column 2\)",
    ):
        find_spectral_columns(names, source="t")


def test_a_unit_against_the_names_is_refused():
    with pytest.raises(
        UnreadableFileError, match=r"axis in nm asked for, but .* says cm-1"
    ):
        find_spectral_columns(["4000cm-1", "3998cm-1"], source="t", axis_unit="nm")


@pytest.mark.parametrize(
    ("names", "unit", "other"),
    [
        (["350", "2500"], "cm-1", "nm"),
        (["4000", "600"], "nm", "cm-1"),
        (["60", "400"], "nm", "cm-1"),
    ],
)
def test_a_range_against_the_unit_is_refused(names, unit, other):
    with pytest.raises(UnreadableFileError, match=f"give axis_unit: {other}"):
        find_spectral_columns(names, source="t", axis_unit=unit)


def test_a_unit_that_is_none_is_refused():
    with pytest.raises(UnreadableFileError, match="axis unit 'um'; expected 'nm' or"):
        find_spectral_columns(["400", "410"], source="t", axis_unit="um")


def test_elements_and_isotopes_are_no_bands():
    with pytest.raises(
        UnreadableFileError, match="no wavelength columns among 6 columns"
    ):
        find_spectral_columns(
            ["Pb", "Zn66", "V51", "B10", "pH", "Pb_208"], source="t", axis_unit="nm"
        )


def test_two_kinds_of_spectra_are_refused_until_one_is_named():
    header = [
        "scan_visnir.400_ref",
        "scan_visnir.402_ref",
        "scan_mir.600_abs",
        "scan_mir.602_abs",
    ]
    with pytest.raises(UnreadableFileError, match="two kinds of spectral columns"):
        find_spectral_columns(header, source="t")
    columns = find_spectral_columns(header, source="t", prefix="scan_mir.")
    assert columns.quantity == "absorbance"
    assert columns.unit == "cm-1"
    assert columns.positions.tolist() == [3, 2]


def test_a_year_beside_many_bands_is_no_band_and_is_said():
    header = [f"wl_{number}" for number in range(400, 420, 2)] + ["2015"]
    columns = find_spectral_columns(header, source="t")
    assert columns.positions.size == 10
    assert columns.notes == ("2015 not read as bands: named unlike wl_400",)


@given(st.lists(st.integers(400, 9000), min_size=2, max_size=30, unique=True))
def test_either_order_gives_the_same_axis(numbers):
    rising = [f"wn_{number}" for number in sorted(numbers)]
    first = find_spectral_columns(rising, source="t")
    second = find_spectral_columns(rising[::-1], source="t")
    assert_allclose(first.wavelengths, second.wavelengths)
    assert_allclose(1e7 / first.wavelengths[::-1], sorted(numbers))
    names = [rising[at] for at in first.positions]
    assert names == [rising[::-1][at] for at in second.positions]
