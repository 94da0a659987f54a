"""Real files: each reproduces its truth to the last digit the truth was written with."""

import csv
import os
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from cerussite.core.errors import UnreadableFileError
from cerussite.readers.instruments import read_spectra

_FOLDER = Path(os.environ.get("CERUSSITE_DATA", "/nowhere")) / "instruments"
_MANIFEST = _FOLDER / "MANIFEST.csv"
_EARLIER = " without atmospheric compensation"
#: Truths whose axis a program calculated from ends rounded to three decimals.
_AXIS_ALLOWANCE = {"spa": 1e-3}


def _truths():
    if not _MANIFEST.is_file():
        return []
    with _MANIFEST.open(encoding="utf-8") as opened:
        rows = [
            (row["format"], row["file"], row["truth_file"])
            for row in csv.DictReader(opened)
        ]
    return [
        row
        for row in rows
        if row[2].endswith(".csv") and row[0] not in {"xrf", "wide_csv"}
        if (_FOLDER / row[0] / row[2]).is_file()
        and (_FOLDER / row[0] / row[1]).is_file()
    ]


def _read_truth(path):
    """Columns of a truth, and half a unit of the last digit written."""
    with path.open(encoding="utf-8", newline="") as opened:
        header, *rows = csv.reader(opened)
    halves = [
        [
            0.5 * 10.0 ** Decimal(cell).as_tuple().exponent if cell else np.nan
            for cell in row
        ]
        for row in rows
    ]
    table = [[float(cell) if cell else np.nan for cell in row] for row in rows]
    return header, np.array(table), np.array(halves)


def _block(file, truth_file):
    if truth_file.endswith("truth_no_atm_comp.csv"):
        return file.block(f"{file.chosen.name}{_EARLIER}")
    # Saved as radiance without a white reference: the truth is a mere ratio.
    return file.block("ratio") if file.path.name == "v7sample00000.asd" else file.chosen


def _values(block, file_format, header):
    """Values in the scale of the truth, one column a spectrum."""
    if file_format == "envi" and block.is_image:
        places = [name.removeprefix("row").split("_col") for name in header[1:]]
        return np.array(
            [block.values[int(row), int(column)] for row, column in places]
        ).T
    if file_format == "envi":
        rows = [block.labels.index(name.strip()) for name in header[1:]]
        return np.array(block.values[rows]).T
    # Reflectance of text in percent was divided by 100 in the truth.
    divisor = block.divisor if file_format in {"svc", "sed"} else 1.0
    return block.values.T[:, : len(header) - 1] / divisor


@pytest.mark.skipif(not _MANIFEST.is_file(), reason="CERUSSITE_DATA is not set")
@pytest.mark.parametrize(("file_format", "name", "truth_file"), _truths())
def test_every_file_reproduces_its_truth(file_format, name, truth_file):
    header, truth, half = _read_truth(_FOLDER / file_format / truth_file)
    file = read_spectra(_FOLDER / file_format / name)
    block = _block(file, truth_file)
    values = _values(block, file_format, header)
    assert block.axis.shape == (len(truth),)
    assert values.shape == truth[:, 1:].shape
    half *= 1.001
    off_axis = np.abs(block.axis - truth[:, 0]) - half[:, 0]
    assert off_axis.max() <= _AXIS_ALLOWANCE.get(file_format, 0.0)
    np.testing.assert_array_equal(np.isnan(values), np.isnan(truth[:, 1:]))
    off = np.abs(values - truth[:, 1:]) - half[:, 1:]
    assert np.nanmax(off) <= 0


@pytest.mark.skipif(not _MANIFEST.is_file(), reason="CERUSSITE_DATA is not set")
def test_enough_truths_are_tested():
    assert len(_truths()) >= 80


@pytest.mark.skipif(not _MANIFEST.is_file(), reason="CERUSSITE_DATA is not set")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("opus/scp_background.0", "no spectrum of a sample"),
        ("jcamp/ISAS_CDX.DX", "without a spectrum"),
        ("envi/class_map.img", "Classification"),
        ("foss_buchi/buchi_foliar_transfer.nir", "NIRCal project"),
        ("foss_buchi/foss_xds_wheat2_metadata.xlsx", "read_table"),
        ("xrf/vanta_chemistry_2022.csv", "not recognised"),
        ("envi/splib07a_Brick_GDS355_ASDFRa_AREF.txt", "not recognised"),
    ],
)
def test_files_without_a_sample_spectrum_are_refused(name, message):
    with pytest.raises(UnreadableFileError, match=message):
        read_spectra(_FOLDER / name)


@pytest.mark.skipif(not _MANIFEST.is_file(), reason="CERUSSITE_DATA is not set")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("spa/interfero.SPA", "holds interferogram"),
        ("sed/psr_DN_only.sed", "holds raw"),
        ("asd/v7sample00000.asd", "holds radiance"),
        ("spc/RAMAN.SPC", "holds other"),
        ("svc/BNL13001_000.sig", "goes back 2 times"),
        ("envi/cubescope-mini-cube.img", "does not say what it holds"),
        ("spc/CRAIC.spc", "look like percent"),
        ("jcamp/compound_file.jdx", "2 blocks of equal right"),
    ],
)
def test_what_is_no_reflectance_is_labelled_and_not_converted(name, message):
    with pytest.raises(UnreadableFileError, match=message):
        read_spectra(_FOLDER / name).to_spectra()


@pytest.mark.skipif(not _MANIFEST.is_file(), reason="CERUSSITE_DATA is not set")
def test_old_perkin_elmer_file_keeps_the_range_its_header_states():
    # The header says that values lie between 0.657678 and 2.395560. The values that a
    # peer's test expects, 0.6823456 at 7800 and 1.726805 at 450 cm-1, come from reading
    # the whole numbers as single-precision ones and stretching them to that range.
    path = _FOLDER / "perkinelmer_sp" / "csiro_peir_example.sp"
    block = read_spectra(path).chosen
    assert block.axis.size == 3676
    assert (block.axis[0], block.axis[-1]) == (7800.0, 450.0)
    assert block.values.min() == pytest.approx(0.657678, abs=1e-6)
    assert block.values.max() == pytest.approx(2.395560, abs=1e-6)
    start = path.read_bytes().index(b"#DATA\r\n") + 7
    misread = np.frombuffer(path.read_bytes(), "<f4", 3676, start).astype(float)
    stretched = (misread - misread.min()) / np.ptp(misread) * (2.395560 - 0.657678)
    assert stretched[0] + 0.657678 == pytest.approx(0.6823456, abs=1e-7)
    assert stretched[-1] + 0.657678 == pytest.approx(1.726805, abs=1e-6)


@pytest.mark.skipif(not _MANIFEST.is_file(), reason="CERUSSITE_DATA is not set")
def test_soil_spectra_become_spectra_in_nm():
    spectra = read_spectra(_FOLDER / "asd" / "kssl_101453MD01.asd").to_spectra()
    assert spectra.quantity == "reflectance"
    assert spectra.wavelengths[[0, -1]].tolist() == [350.0, 2500.0]
    mid = read_spectra(_FOLDER / "opus" / "kssl_235157XS01.0").to_spectra()
    assert (mid.quantity, mid.original_unit) == ("absorbance", "cm-1")
    assert mid.wavelengths[0] == pytest.approx(1e7 / 7498.04282, rel=1e-8)


@pytest.mark.skipif(not _MANIFEST.is_file(), reason="CERUSSITE_DATA is not set")
def test_two_encodings_of_one_spectrum_agree():
    folder = _FOLDER / "jcamp"
    packed = read_spectra(folder / "difdup_example.jdx").chosen
    plain = read_spectra(folder / "noencoding_example.jdx").chosen
    np.testing.assert_array_equal(packed.values, plain.values)
    np.testing.assert_array_equal(packed.axis, plain.axis)


@pytest.mark.skipif(not _MANIFEST.is_file(), reason="CERUSSITE_DATA is not set")
@pytest.mark.parametrize("name", ["nir.spc", "RAMAN.SPC", "RUBY18.SPC", "s_evenx.spc"])
def test_spc_agrees_with_the_text_another_program_wrote(name):
    block = read_spectra(_FOLDER / "spc" / name).chosen
    text = (_FOLDER / "spc" / f"{name}.rohanisaac.txt").read_text().split("\n")
    rows = [
        line.split("\t") for line in text if line and line[:1] in set("-0123456789")
    ]
    table = np.array(rows, float)
    np.testing.assert_allclose(block.axis, table[:, 0], rtol=1e-9)
    np.testing.assert_allclose(block.values.T, table[:, 1:], rtol=1e-5, atol=1e-8)
