"""ENVI: layouts of images and libraries, gaps, bad bands and honest units."""

import numpy as np
import pytest

from cerussite.core.errors import UnreadableFileError
from cerussite.readers.instruments import read_spectra

CUBE = np.arange(24.0).reshape(2, 3, 4) / 32
NM = {"wavelength": "{400, 500, 600, 700}", "wavelength_units": "Nanometers"}
LIBRARY = "ENVI Spectral Library"


@pytest.mark.parametrize("interleave", ["bip", "bil", "bsq"])
@pytest.mark.parametrize("byte_order", [0, 1])
def test_every_layout_gives_lines_of_columns_of_bands(
    tmp_path, build, interleave, byte_order
):
    path = build.envi(
        tmp_path, CUBE, interleave=interleave, byte_order=byte_order, **NM
    )
    block = read_spectra(path).chosen
    assert block.is_image
    np.testing.assert_array_equal(block.values, CUBE)
    np.testing.assert_array_equal(block.axis, [400, 500, 600, 700])


def test_an_image_is_mapped_and_not_read(tmp_path, build):
    block = read_spectra(build.envi(tmp_path, CUBE, **NM)).chosen
    assert isinstance(block.values, np.memmap)
    assert block.read(slice(1, 2)).shape == (1, 3, 4)


def test_either_file_may_be_named(tmp_path, build):
    build.envi(tmp_path, CUBE, **NM)
    for name in ("cube.img", "cube.hdr"):
        np.testing.assert_array_equal(read_spectra(tmp_path / name).chosen.values, CUBE)


def test_a_library_keeps_names_and_gaps(tmp_path, build):
    values = np.array([[0.1, -1.23e34, 0.3, 0.4], [0.5, 0.6, 0.7, 0.8]])
    path = build.envi(
        tmp_path,
        values,
        code=5,
        kind=LIBRARY,
        wavelength="{0.4, 0.5, 0.6, 0.7}",
        wavelength_units="Micrometers",
        z_plot_titles="{Wavelengths, Reflectance}",
        spectra_names="{kaolinite a,\n goethite b}",
    )
    file = read_spectra(path)
    assert file.chosen.labels == ("kaolinite a", "goethite b")
    assert (file.chosen.quantity, file.chosen.axis_unit) == ("reflectance", "um")
    np.testing.assert_array_equal(np.isnan(file.chosen.read()).sum(axis=1), [1, 0])
    assert "1 values of -1.23e34" in file.warnings[0]
    with pytest.raises(UnreadableFileError, match="1 spectra hold missing"):
        file.to_spectra()
    spectra = file.to_spectra(rows=slice(1, 2))
    np.testing.assert_allclose(spectra.wavelengths, [400, 500, 600, 700])


def test_scaled_whole_numbers_become_fractions(tmp_path, build):
    path = build.envi(
        tmp_path, CUBE * 10_000, code=12, reflectance_scale_factor=10000, **NM
    )
    file = read_spectra(path)
    np.testing.assert_allclose(file.chosen.read(), CUBE, atol=5e-5)
    assert file.to_spectra().values.shape == (6, 4)


def test_whole_numbers_without_a_scale_are_the_callers_to_explain(tmp_path, build):
    path = build.envi(tmp_path, CUBE * 10_000, code=2, **NM)
    with pytest.raises(UnreadableFileError, match="does not say what it holds"):
        read_spectra(path).to_spectra()
    file = read_spectra(path, quantity="reflectance", divisor=10_000)
    np.testing.assert_allclose(file.to_spectra().values[0], CUBE[0, 0], atol=1e-4)


def test_bad_bands_are_left_out_and_missing_pixels_are_gaps(tmp_path, build):
    values = CUBE.copy()
    values[1, 1, 2] = -9999
    path = build.envi(
        tmp_path, values, bbl="{1, 0, 1, 1}", data_ignore_value=-9999, **NM
    )
    file = read_spectra(path, quantity="reflectance")
    assert "1 bands declared bad" in " ".join(file.warnings)
    assert file.to_spectra(rows=slice(0, 1)).wavelengths.tolist() == [400, 600, 700]
    assert np.isnan(file.chosen.read()).sum() == 1


def test_wavelengths_without_a_unit_are_not_guessed(tmp_path, build):
    path = build.envi(tmp_path, CUBE, wavelength=NM["wavelength"])
    file = read_spectra(path, quantity="reflectance")
    assert "look like nm: say it (axis_unit)" in file.warnings[0]
    with pytest.raises(UnreadableFileError, match=r"has no unit.*say it \(axis_unit\)"):
        file.to_spectra()
    spectra = read_spectra(path, quantity="reflectance", axis_unit="nm").to_spectra()
    assert spectra.wavelengths[-1] == 700


@pytest.mark.parametrize(
    ("found", "instead", "message"),
    [
        ("lines = 2", "lines = 999999999999", "the file is cut or damaged"),
        ("lines = 2", "lines = -2", "lines = '-2'"),
        ("bands = 4", "bands = 0", "the file is cut or damaged"),
        ("data type = 4", "data type = 6", "data type 6"),
        ("interleave = bip", "interleave = zip", "interleave 'zip'"),
        ("{400, 500, 600, 700}", "{400, 500, 600}", "3 wavelengths"),
        ("{400, 500, 600, 700}", "{400, 500, 600, 700", "does not end"),
        ("{400, 500, 600, 700}", "{400, 500, 600, x}", "wavelength = "),
        ("ENVI Standard", "ENVI Classification", "ENVI Classification"),
        ("header offset = 0", "header offset = 500", "the file is cut or damaged"),
    ],
)
def test_damaged_headers_are_refused(tmp_path, build, found, instead, message):
    path = build.envi(tmp_path, CUBE, **NM)
    header = tmp_path / "cube.hdr"
    text = header.read_text("latin-1")
    assert found in text
    header.write_text(text.replace(found, instead), "latin-1")
    with pytest.raises(UnreadableFileError, match=message):
        read_spectra(path)


def test_a_header_without_its_image_is_refused(tmp_path, build):
    build.envi(tmp_path, CUBE, **NM).unlink()
    with pytest.raises(UnreadableFileError, match="without its file of values"):
        read_spectra(tmp_path / "cube.hdr")


@pytest.mark.parametrize("interleave", ["bip", "bil", "bsq"])
def test_the_library_spectral_reads_the_same(tmp_path, build, interleave):
    spectral = pytest.importorskip("spectral")
    path = build.envi(tmp_path, CUBE, interleave=interleave, **NM)
    header = tmp_path / "cube.hdr"
    header.write_text(header.read_text("latin-1").replace("°", ""), "ascii")
    image = spectral.envi.open(str(header), str(path))
    np.testing.assert_array_equal(
        read_spectra(path).chosen.values, image.open_memmap(interleave="bip")
    )
