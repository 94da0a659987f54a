"""OPUS: the right block of several, and nothing that could hold the library."""

import struct
import sys

import numpy as np
import pytest

from cerussite.core.errors import UnreadableFileError
from cerussite.readers.instruments import read_spectra

pytest.importorskip("brukeropus")

ABSORBANCE, REFLECTANCE, SAMPLE, REFERENCE = 16, 48, 4, 8
FIRST, SECOND = [1.0, 2.0, 3.0], [1.5, 2.5, 3.5]


def test_the_compensated_spectrum_is_chosen_and_the_other_named(write, build):
    spectra = [(ABSORBANCE, 64, FIRST, 1.0), (ABSORBANCE, 0, SECOND, 1.0)]
    file = read_spectra(write(build.opus(spectra)))
    assert file.chosen.name == "Absorbance"
    np.testing.assert_array_equal(file.chosen.values[0], SECOND)
    other = file.block("Absorbance without atmospheric compensation")
    np.testing.assert_array_equal(other.values[0], FIRST)
    assert "also holds 'Absorbance without" in file.warnings[0]


def test_values_end_where_the_points_do_and_are_scaled(write, build):
    file = read_spectra(write(build.opus([(REFLECTANCE, 0, FIRST, 0.25)])))
    assert file.chosen.quantity == "reflectance"
    np.testing.assert_array_equal(file.chosen.values[0], [0.25, 0.5, 0.75])
    np.testing.assert_array_equal(file.chosen.axis, [4000, 2500, 1000])
    assert (file.instrument, file.date) == ("Alpha", "02/01/2024 03:04:05")


def test_a_reflectance_never_stands_in_for_an_absorbance(write, build):
    path = write(build.opus([(REFLECTANCE, 0, FIRST, 1.0)]))
    with pytest.raises(
        UnreadableFileError, match="holds reflectance in the file's own"
    ):
        read_spectra(path, quantity="absorbance")


def test_a_file_of_the_reference_alone_is_refused(write, build):
    reference = 2 << 2 | 1 << 10
    body = np.asarray(FIRST, "<f4").tobytes()
    data = build.opus([], extra=[(3 | reference, body)])
    with pytest.raises(UnreadableFileError, match="no spectrum of a sample"):
        read_spectra(write(data))


def _entry(number):
    return 24 + 12 * number


@pytest.mark.parametrize(
    ("offset", "value", "message"),
    [
        (4, 2**30, "the file is cut or damaged"),
        (4, -1, "the file is cut or damaged"),
        (8, 2**30, "the file is cut or damaged"),
    ],
)
def test_blocks_beyond_the_file_are_refused(write, build, offset, value, message):
    data = bytearray(build.opus([(ABSORBANCE, 0, FIRST, 1.0)]))
    struct.pack_into("<i", data, _entry(1) + offset, value)
    with pytest.raises(UnreadableFileError, match=message):
        read_spectra(write(bytes(data)))


def test_a_parameter_of_negative_size_cannot_hold_the_reader(write, build):
    data = build.opus([(ABSORBANCE, 0, FIRST, 1.0)])
    at = data.index(b"NPT\0") + 6
    damaged = data[:at] + struct.pack("<h", -4) + data[at + 2 :]
    with pytest.raises(UnreadableFileError, match="a parameter of -4 words"):
        read_spectra(write(damaged))


def test_more_points_than_bytes_are_refused(write, build):
    data = build.opus([(ABSORBANCE, 0, FIRST, 1.0)])
    at = data.index(b"NPT\0") + 8
    damaged = data[:at] + struct.pack("<i", 2**31 - 1) + data[at + 4 :]
    with pytest.raises(UnreadableFileError, match="2147483647 points"):
        read_spectra(write(damaged))


def test_a_series_larger_than_its_block_is_refused(write, build):
    series = 15 | ABSORBANCE << 8 | 2 << 19
    body = struct.pack("<6i", 0, 2**30, 24, 2**30, 0, 0)
    data = build.opus([(ABSORBANCE, 0, FIRST, 1.0)], extra=[(series, body)])
    with pytest.raises(UnreadableFileError, match="a series of 1073741824 spectra"):
        read_spectra(write(data))


def _series(build, scale):
    constants = pytest.importorskip("brukeropus.file.constants")
    fields = constants.STRUCT_3D_INFO_BLOCK
    layout = "<" + "".join(field["fmt"] for field in fields)
    info = struct.pack(layout, *(scale if f["key"] == "csf" else 0 for f in fields))
    series = 2 << 19
    body = struct.pack("<6i", 0, 2, 24, 12, len(info), 0)
    for values in (FIRST, SECOND):
        body += np.asarray(values, "<f4").tobytes() + info
    single = build.opus([(ABSORBANCE, 0, FIRST, 1.0)])
    at = single.index(b"DPF\0")
    status = single[at : single.index(b"END\0", at) + 8]
    kind = ABSORBANCE << 8 | series
    return build.opus([], extra=[(31 | kind, status), (15 | kind, body)])


def test_a_series_is_one_block_of_many_spectra(write, build):
    file = read_spectra(write(_series(build, 1)))
    np.testing.assert_array_equal(file.chosen.values, [FIRST, SECOND])


def test_a_scaled_series_is_refused(write, build):
    with pytest.raises(UnreadableFileError, match="a series with scales"):
        read_spectra(write(_series(build, 2)))


def test_a_derivative_is_no_absorbance(write, build):
    file = read_spectra(write(build.opus([(ABSORBANCE | 2 << 8, 0, FIRST, 1.0)])))
    assert file.chosen.quantity == "other"
    with pytest.raises(UnreadableFileError, match="holds other"):
        file.to_spectra()


def test_a_report_is_passed_over(write, build):
    # Its parameters would hold the library for ever.
    report = 112 << 16 | ABSORBANCE << 8 | 15
    body = bytes(12) + b"NLN\0" + struct.pack("<hh", 0, -4) + bytes(8)
    data = build.opus(
        [(ABSORBANCE, 0, FIRST, 1.0)], extra=[(report, body), (2 << 19, body)]
    )
    assert read_spectra(write(data)).chosen.name == "Absorbance"


def test_without_the_library_the_message_says_what_to_install(
    write, build, monkeypatch
):
    path = write(build.opus([(ABSORBANCE, 0, FIRST, 1.0)]))
    for name in [name for name in sys.modules if name.startswith("brukeropus")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "brukeropus", None)
    with pytest.raises(
        UnreadableFileError, match=r": a Bruker OPUS file; reading it needs the library"
    ):
        read_spectra(path)
