"""One function for all formats: content over names, the file over the caller."""

import numpy as np
import pytest

from cerussite.core.errors import UnreadableFileError
from cerussite.readers.instruments import read_spectra


def test_the_name_of_a_file_proves_nothing(write, build):
    for name in ("scan.spc", "scan.csv", "scan", "scan.0", "scan.jdx"):
        assert read_spectra(write(build.asd(), name)).format == "ASD version 8"
    assert read_spectra(write(build.jcamp, "scan.asd")).format == "JCAMP-DX 4.24"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "an empty file; expected spectra"),
        (b"\0" * 1000, "not recognised"),
        (b"sample,Pb\nA,12\n", "or read a table with read_table"),
        (b"PK\x03\x04" + bytes(100), "read a workbook with read_table"),
        (b"NIRCAL Project File Version 2.23", "export its spectra from NIRCal"),
        (b"Spectral Exte File", "an OMNIC series"),
    ],
)
def test_what_is_no_spectrum_is_refused_with_a_remedy(write, data, message):
    with pytest.raises(UnreadableFileError, match=message):
        read_spectra(write(data))


def test_missing_files_and_folders_are_refused(tmp_path):
    with pytest.raises(UnreadableFileError, match="no such file"):
        read_spectra(tmp_path / "none.asd")
    with pytest.raises(UnreadableFileError, match="a folder"):
        read_spectra(tmp_path)


def test_files_larger_than_any_measurement_are_refused(write, build, monkeypatch):
    monkeypatch.setattr("cerussite.readers.instruments.reading.MAX_BYTES", 1 << 10)
    path = write(build.asd() + bytes(1 << 17))
    with pytest.raises(UnreadableFileError, match="ASD of 131650 bytes; expected one"):
        read_spectra(path)


def test_a_block_is_chosen_by_its_name(write, build):
    path = write(build.asd())
    assert read_spectra(path, block="reference").chosen.quantity == "raw"
    with pytest.raises(
        UnreadableFileError, match="expected one of 'reflectance', 'sample'"
    ):
        read_spectra(path, block="AB")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"quantity": "absorbance"}, "holds reflectance in the file's own word"),
        ({"axis_unit": "cm-1"}, "has an axis in nm in the file's own word"),
        ({"quantity": "log"}, "quantity 'log'; expected one of"),
        ({"axis_unit": "Hz"}, "axis unit 'Hz'; expected one of"),
        ({"divisor": 10}, "stored times 1 in the file's own word; 10 was asked for"),
        ({"quantity": "reflectance_percent"}, "look like fractions: say reflectance"),
    ],
)
def test_the_caller_cannot_overrule_the_file(write, build, options, message):
    with pytest.raises(UnreadableFileError, match=message):
        read_spectra(write(build.asd()), **options)


def test_what_the_file_says_may_be_said_again(write, build):
    file = read_spectra(write(build.asd()), quantity="reflectance", axis_unit="nm")
    assert file.to_spectra().quantity == "reflectance"


def test_a_stated_scale_cannot_be_overruled(write, build):
    with pytest.raises(UnreadableFileError, match="stored times 100"):
        read_spectra(write(build.sed), divisor=10_000)


def test_spectra_come_out_by_increasing_wavelength(write, build):
    spectra = read_spectra(write(build.jcamp)).to_spectra()
    np.testing.assert_allclose(spectra.wavelengths, [2500, 1e7 / 3000, 5000, 10000])
    np.testing.assert_array_equal(spectra.values, [[0.5, 1.0, 1.5, 2.0]])
    assert spectra.original_unit == "cm-1"
    rising = build.jcamp.replace("=4000", "=500").replace("=1000", "=2000")
    spectra = read_spectra(write(rising)).to_spectra()
    np.testing.assert_allclose(spectra.wavelengths, [5000, 1e7 / 1500, 10000, 20000])
    np.testing.assert_array_equal(spectra.values, [[2.0, 1.5, 1.0, 0.5]])


def test_a_quantity_the_values_contradict_is_refused(write, build):
    text = build.jcamp.replace("ABSORBANCE", "REFLECTANCE").replace("0.5\n", "20\n")
    with pytest.raises(UnreadableFileError, match="say reflectance_percent"):
        read_spectra(write(text)).to_spectra()
    spectra = read_spectra(write(text), quantity="reflectance_percent").to_spectra()
    np.testing.assert_allclose(spectra.values, [[0.2, 0.4, 0.6, 0.8]])


@pytest.mark.parametrize("divisor", [0, -1, float("nan"), float("inf")])
def test_a_divisor_is_a_positive_number(tmp_path, build, divisor):
    path = build.envi(tmp_path, np.ones((1, 1, 2)), code=2)
    with pytest.raises(UnreadableFileError, match="expected a number above 0"):
        read_spectra(path, divisor=divisor)
