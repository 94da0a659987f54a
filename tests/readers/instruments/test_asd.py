"""ASD: the right numbers out of each version of the layout."""

import numpy as np
import pytest

from cerussite.core.errors import UnreadableFileError
from cerussite.readers.instruments import read_spectra


@pytest.mark.parametrize(
    "magic", [b"as2", b"as3", b"as4", b"as5", b"as6", b"as7", b"as8"]
)
@pytest.mark.parametrize(
    ("kind", "number_format"), [("<f4", 0), ("<i4", 1), ("<f8", 2)]
)
def test_reflectance_is_sample_over_reference(write, build, magic, kind, number_format):
    path = write(build.asd(magic, kind=kind, number_format=number_format))
    file = read_spectra(path)
    assert file.chosen.quantity == "reflectance"
    np.testing.assert_array_equal(file.chosen.values[0], [0.1, 0.25, 0.5, 0.8])
    np.testing.assert_array_equal(file.chosen.axis, [350, 351, 352, 353])
    assert [block.name for block in file.blocks] == [
        "reflectance",
        "sample",
        "reference",
    ]
    assert file.block("sample").quantity == "raw"


def test_metadata_of_a_scan_are_kept(write, build):
    file = read_spectra(write(build.asd()))
    assert file.format == "ASD version 8"
    assert file.instrument == "FieldSpec FR 1234"
    assert file.date == "2024-01-02T03:04:05"
    assert file.reference == "Spectralon"
    assert file.splices == (1000.0, 1800.0)
    assert file.n_scans == 25
    assert file.metadata["comment"] == "plot 7"


def test_version_1_stores_reflectance_itself(write, build):
    data = build.asd(b"ASD", data_type=1, kind="<f4", number_format=0, reference=False)
    file = read_spectra(write(data))
    assert file.chosen.quantity == "reflectance"
    np.testing.assert_array_equal(file.chosen.values[0], build.sample)


def test_radiance_without_white_reference_is_no_reflectance(write, build):
    file = read_spectra(write(build.asd(data_type=2, flag=0)))
    assert file.chosen.quantity == "radiance"
    assert file.block("ratio").quantity == "other"
    assert "no reflectance" in file.warnings[0]
    with pytest.raises(UnreadableFileError, match="holds radiance; expected"):
        file.to_spectra()


@pytest.mark.parametrize(
    ("at", "value", "message"),
    [
        (199, 9, "numbers in format 9"),
        (205, 255, "of a file of"),
        (194, 255, "wavelengths"),
    ],
)
def test_impossible_headers_are_refused(write, build, at, value, message):
    data = bytearray(build.asd())
    data[at] = value
    with pytest.raises(UnreadableFileError, match=message):
        read_spectra(write(bytes(data)))


def test_a_file_cut_before_its_reference_is_refused(write, build):
    with pytest.raises(UnreadableFileError, match="the reference flag at bytes"):
        read_spectra(write(build.asd()[: 484 + 32]))
