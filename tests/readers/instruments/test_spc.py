"""SPC: exponents, byte orders and axes by the rules of the layout."""

import numpy as np
import pytest

from cerussite.core.errors import UnreadableFileError
from cerussite.readers.instruments import read_spectra

# A quarter, a half and minus a half of the full range.
STORED = np.array([2**30, 2**31 - 2**24, -(2**31)])
FRACTIONS = STORED / 2.0**32


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("exponent", [-3, 0, 1, 20])
def test_whole_numbers_are_scaled_by_a_signed_exponent(write, build, order, exponent):
    path = write(build.spc([STORED], order=order, exponent=exponent))
    block = read_spectra(path).chosen
    np.testing.assert_array_equal(block.values[0], FRACTIONS * 2.0**exponent)
    np.testing.assert_array_equal(block.axis, [4000, 2500, 1000])
    assert (block.quantity, block.axis_unit) == ("absorbance", "cm-1")


def test_numbers_of_16_bits_have_their_own_scale(write, build):
    path = write(build.spc([[2**14, -(2**15)]], kind="<i2", flags=0x01, exponent=2))
    np.testing.assert_array_equal(read_spectra(path).chosen.values[0], [1.0, -2.0])


def test_single_precision_is_marked_by_the_exponent(write, build):
    path = write(build.spc([[0.5, 1.5]], kind="<f4", exponent=-128))
    np.testing.assert_array_equal(read_spectra(path).chosen.values[0], [0.5, 1.5])


def test_the_exponent_of_a_spectrum_counts_only_in_files_of_several(write, build):
    one = write(build.spc([STORED], exponent=1, sub_exponents=(5,)))
    np.testing.assert_array_equal(read_spectra(one).chosen.values[0], FRACTIONS * 2)
    both = [STORED, STORED]
    several = write(build.spc(both, flags=0x04, exponent=7, sub_exponents=(-1, 3)))
    values = read_spectra(several).chosen.values
    np.testing.assert_array_equal(values, [FRACTIONS / 2, FRACTIONS * 8])


def test_an_uneven_axis_is_read_from_the_file(write, build):
    path = write(
        build.spc([STORED], flags=0x80, x=[400.0, 401.5, 410.0], types=(3, 129))
    )
    block = read_spectra(path).chosen
    np.testing.assert_array_equal(block.axis, [400.0, 401.5, 410.0])
    assert (block.quantity, block.axis_unit) == ("reflectance", "nm")


def test_words_of_the_file_count_before_its_codes(write, build):
    words = b"Wavelength (um)\0Reflectance (%)\0"
    path = write(build.spc([STORED], flags=0x20, types=(1, 2), labels=words))
    block = read_spectra(path).chosen
    assert (block.axis_unit, block.quantity, block.divisor) == (
        "um",
        "reflectance",
        100,
    )


def test_the_old_layout_swaps_its_words(write, build):
    file = read_spectra(write(build.old_spc(STORED)))
    assert file.format == "SPC, old layout"
    np.testing.assert_array_equal(file.chosen.values[0], FRACTIONS * 2)
    np.testing.assert_array_equal(file.chosen.axis, [4000, 2500, 1000])
    assert file.date == "1992-05-14T20:19"
    assert file.metadata["comment"] == "soil 7"


def test_date_and_scans_are_kept(write, build):
    file = read_spectra(write(build.spc([STORED])))
    assert file.date == "2024-01-02T03:04"
    assert file.n_scans == 16


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_points": 2**31}, "spectra of 2147483648 points"),
        ({"n_points": 400}, "1 spectra of 400 points in 556 bytes"),
        ({"n_points": 200}, "the values of a spectrum at bytes 544 to 1344"),
        ({"n_points": 0}, "0 values"),
        ({"flags": 0x40, "n_points": 550}, "the directory at bytes 550 to 562"),
    ],
)
def test_sizes_beyond_the_file_are_refused(write, build, options, message):
    with pytest.raises(UnreadableFileError, match=message):
        read_spectra(write(build.spc([STORED], **options)))


def test_a_raman_shift_is_no_wavenumber(write, build):
    file = read_spectra(write(build.spc([STORED], types=(13, 2))))
    with pytest.raises(UnreadableFileError, match=r"axis is in 'Raman shift \(cm-1\)'"):
        file.to_spectra()
