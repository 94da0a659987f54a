"""SPC: exponents, byte orders and axes by the rules of the layout."""

import struct

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


def _trace(exponent, axis, stored):
    head = struct.pack("<BbHfffIIf4x", 0, exponent, 0, 0, 0, 0, len(axis), 0, 0)
    return (
        head + np.asarray(axis, "<f4").tobytes() + np.asarray(stored, "<i4").tobytes()
    )


@pytest.mark.parametrize("has_directory", [False, True])
def test_spectra_with_axes_of_their_own_are_blocks_of_their_own(
    write, build, has_directory
):
    head = bytearray(
        build.spc([STORED, STORED], flags=0x44, sub_exponents=(0, 0))[:512]
    )
    first, second = _trace(1, [1, 2, 4], STORED), _trace(3, [5, 9], STORED[:2])
    body, places = first + second, (512, 512 + len(first))
    if has_directory:
        # The directory decides, whatever the order of the spectra in the file.
        body, places = second + first, (512 + len(second), 512)
        body += b"".join(struct.pack("<IIf", at, 0, 0) for at in places)
    struct.pack_into("<I", head, 4, 512 + len(body) - 24 if has_directory else 0)
    file = read_spectra(write(bytes(head) + body))
    assert [block.name for block in file.blocks] == ["Absorbance", "Absorbance (2)"]
    np.testing.assert_array_equal(file.blocks[0].axis, [1, 2, 4])
    np.testing.assert_array_equal(file.blocks[0].values[0], FRACTIONS * 2)
    np.testing.assert_array_equal(file.blocks[1].axis, [5, 9])
    np.testing.assert_array_equal(file.blocks[1].values[0], FRACTIONS[:2] * 8)
    assert file.chosen is None


def test_several_spectra_of_the_old_layout_follow_each_other(write, build):
    one = bytearray(build.old_spc(STORED))
    one[0], one[225] = 0x04, 3
    second = one[224:].copy()
    second[1] = 2
    values = read_spectra(write(bytes(one + second))).chosen.values
    np.testing.assert_array_equal(values, [FRACTIONS * 8, FRACTIONS * 4])


def test_a_single_beam_code_alone_says_nothing(write, build):
    assert (
        read_spectra(write(build.spc([STORED], types=(1, 130)))).chosen.quantity
        == "unknown"
    )
