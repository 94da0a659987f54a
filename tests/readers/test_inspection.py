"""What is said about a file is what was written into it."""

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from cerussite.core.errors import UnreadableFileError
from cerussite.readers.inspection import MOST_READ, inspect_file


def write_jcamp(path, values, *, title="soil 7", unit="ABSORBANCE"):
    lines = [
        f"##TITLE={title}",
        "##JCAMP-DX=4.24",
        "##DATA TYPE=INFRARED SPECTRUM",
        "##XUNITS=1/CM",
        f"##YUNITS={unit}",
        "##FIRSTX=4000",
        f"##LASTX={4000 - 10 * (len(values) - 1)}",
        "##XFACTOR=1",
        "##YFACTOR=1",
        f"##NPOINTS={len(values)}",
        f"##FIRSTY={values[0]}",
        "##XYDATA=(X++(Y..Y))",
        *(f"{4000 - 10 * at} {value}" for at, value in enumerate(values)),
        "##END=",
    ]
    path.write_text("\n".join(lines))
    return path


def write_cube(path, values, header=""):
    """An ENVI image of float32, band interleaved by pixel, 400 nm onwards."""
    lines, columns, bands = values.shape
    values.astype("<f4").tofile(path)
    centres = ", ".join(f"{400 + 10 * band}" for band in range(bands))
    path.with_suffix(".hdr").write_text(
        f"ENVI\nsamples = {columns}\nlines = {lines}\nbands = {bands}\n"
        "header offset = 0\nfile type = ENVI Standard\ndata type = 4\n"
        "interleave = bip\nbyte order = 0\nwavelength units = Nanometers\n"
        f"wavelength = {{{centres}}}\n{header}"
    )
    return path


def test_a_file_is_described_by_what_it_holds(tmp_path):
    found = inspect_file(write_jcamp(tmp_path / "a.dx", [0.25, 0.5, 1.5]))
    (block,) = found.blocks
    assert (block.first, block.last, block.steps) == (4000.0, 3980.0, (-10.0, -10.0))
    assert (block.low, block.high, block.n_missing) == (0.25, 1.5, 0)
    assert (block.quantity, block.shape, block.is_chosen) == (
        "absorbance",
        (1, 3),
        True,
    )
    assert found.n_bytes == (tmp_path / "a.dx").stat().st_size
    assert found.spectra.original_unit == "cm-1"
    assert_allclose(found.spectra.values, [[0.25, 0.5, 1.5]])
    text = found.text()
    assert "a.dx: JCAMP-DX" in text
    assert (
        "absorbance, 1 spectra, 3 points from 4000 to 3980 cm-1 in steps of -10" in text
    )
    assert "values 0.25 to 1.5" in text


def test_a_file_that_a_study_cannot_use_is_described_with_the_reason(tmp_path):
    path = write_jcamp(tmp_path / "a.dx", [95.0, 90.0], unit="TRANSMITTANCE")
    found = inspect_file(path)
    assert found.spectra is None
    assert "holds transmittance; expected reflectance" in found.warnings[-1]
    assert "warning: block" in found.text()


def test_the_text_commands_no_terminal(tmp_path):
    path = write_jcamp(tmp_path / "a.dx", [0.1, 0.2], title="soil\x1b[2Jgone")
    assert "\x1b" not in inspect_file(path).text()


def test_a_large_image_is_sampled_and_says_so(tmp_path):
    values = np.full((200, 3, 4), 0.3)
    values[0, 0, 0], values[-1, -1, -1] = 0.1, 0.9
    path = write_cube(tmp_path / "cube.img", values, "data ignore value = -1\n")
    found = inspect_file(path, quantity="reflectance")
    (block,) = found.blocks
    assert block.shape == (200, 3, 4)
    assert block.n_read == MOST_READ
    assert (block.low, block.high) == pytest.approx((0.1, 0.9))
    assert "200 x 3 lines x columns" in found.text()
    assert f"(in {MOST_READ} of 200)" in found.text()
    assert found.spectra.values.shape == (3, 4)


def test_what_the_file_leaves_open_is_told_and_can_be_said(tmp_path):
    path = write_cube(tmp_path / "cube.img", np.full((2, 2, 3), 0.4))
    assert "does not say what it holds" in inspect_file(path).warnings[-1]
    assert inspect_file(path, quantity="reflectance").spectra.values.shape == (2, 3)


def test_what_is_no_spectral_file_is_refused(tmp_path):
    (tmp_path / "a.bin").write_bytes(bytes(range(256)))
    with pytest.raises(UnreadableFileError, match="not recognised"):
        inspect_file(tmp_path / "a.bin")


DATA = os.environ.get("CERUSSITE_DATA")


@pytest.mark.skipif(DATA is None, reason="CERUSSITE_DATA names no folder of real files")
def test_real_scans_are_described():
    found = inspect_file(Path(DATA) / "instruments" / "asd" / "kssl_101453MD01.asd")
    assert found.format == "ASD version 8"
    assert [block.name for block in found.blocks if block.is_chosen] == ["reflectance"]
    assert found.facts["detectors end at"] == "1000 nm, 1830 nm"
    assert found.facts["scans averaged"] == "100"
