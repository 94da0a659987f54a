"""Text of field and desk instruments: columns, percent, commas and gaps."""

import io
import zipfile

import numpy as np
import pytest

from cerussite.core.errors import UnreadableFileError
from cerussite.readers.instruments import read_spectra


def test_svc_keeps_reference_target_and_percent(write, build):
    file = read_spectra(write(build.svc))
    assert [block.quantity for block in file.blocks] == [
        "reflectance",
        "radiance",
        "radiance",
    ]
    np.testing.assert_array_equal(file.chosen.read()[0], [0.1, 0.2, 0.3, 0.4])
    assert file.date == "8/6/2015 9:37:15 AM"
    assert file.reference == "white reference of 8/6/2015 9:32:30 AM"
    assert file.position == (46.75, -92.5)


def test_svc_overlap_is_refused_or_cut_in_its_middle(write, build):
    file = read_spectra(write(build.svc))
    assert file.splices == (996.0,)
    assert "ranges of 2 detectors overlap" in file.warnings[0]
    with pytest.raises(UnreadableFileError, match="from 1000 to 992 nm"):
        file.to_spectra()
    spectra = file.to_spectra(overlap="cut")
    assert spectra.wavelengths.tolist() == [990, 1010]
    np.testing.assert_array_equal(spectra.values[0], [0.1, 0.4])


def test_svc_splices_are_read_from_a_matched_file(write, build):
    text = build.svc.replace("Overlap: Preserve", "Overlap: Remove @ 985,1906")
    text = text.replace("992.0 ", "1005.0 ")
    assert read_spectra(write(text)).splices == (985.0, 1906.0)


def test_sed_heading_says_whether_it_is_percent(write, build):
    file = read_spectra(write(build.sed))
    np.testing.assert_array_equal(file.chosen.read()[0], [0.5, 0.25, 0.125])
    fraction = read_spectra(write(build.sed.replace("Reflect. %", "Reflect. [1.0]")))
    np.testing.assert_array_equal(fraction.chosen.read()[0], [50, 25, 12.5])
    assert file.n_scans == 12
    assert file.position == (46.75, -92.5)
    assert file.date == "09/20/2024 13:58:58.25"


def test_sed_of_raw_numbers_alone_is_labelled_so(write, build):
    lines = build.sed.replace("Columns [4]", "Columns [3]").split("\n")
    text = "\n".join(
        line.rsplit("\t", 1)[0] if "\t" in line else line for line in lines
    )
    file = read_spectra(write(text.replace("Rad.", "Norm. DN")))
    assert file.chosen.quantity == "raw"
    assert "no column of reflectance" in file.warnings[0]
    with pytest.raises(UnreadableFileError, match="holds raw"):
        file.to_spectra()


def test_sed_with_missing_lines_is_refused(write, build):
    with pytest.raises(
        UnreadableFileError, match="2 lines of data; expected 3 channels"
    ):
        read_spectra(write(build.sed[: build.sed.index(" 352.0")]))


@pytest.mark.parametrize("comma", [False, True])
def test_ocean_text_is_read_with_either_decimal_mark(write, build, comma):
    head, mark, data = build.ocean.partition("<<<<<\n")
    text = head + mark + (data.replace(".", ",") if comma else data)
    file = read_spectra(write(text))
    np.testing.assert_array_equal(file.chosen.axis, [400, 401, 402])
    np.testing.assert_array_equal(file.chosen.values[0], [10, 20, 30])
    assert file.n_scans == 50


def test_ocean_text_leaves_quantity_and_unit_to_the_caller(write, build):
    path = write(build.ocean)
    with pytest.raises(UnreadableFileError, match="does not say what it holds"):
        read_spectra(path).to_spectra()
    with pytest.raises(UnreadableFileError, match="has no unit"):
        read_spectra(path, quantity="reflectance_percent").to_spectra()
    spectra = read_spectra(
        path, quantity="reflectance_percent", axis_unit="nm"
    ).to_spectra()
    np.testing.assert_array_equal(spectra.values[0], [0.1, 0.2, 0.3])


def test_ocean_text_without_its_end_is_refused(write, build):
    with pytest.raises(UnreadableFileError, match="2 lines of data; expected 3 pixels"):
        read_spectra(write(build.ocean[: build.ocean.index("402.00")]))


def test_jaz_columns_are_told_apart(write, build):
    start = build.ocean.index("400.00")
    data = "W\tD\tR\tS\tP\n400\t1\t9\t5\t50\n401\t1\t9\t3\t25\n402\t1\t9\t3\t25\n"
    file = read_spectra(write(build.ocean[:start] + data))
    assert [block.name for block in file.blocks] == [
        "dark",
        "reference",
        "sample",
        "processed",
    ]
    assert (file.chosen.name, file.chosen.axis_unit) == ("processed", "nm")


@pytest.mark.parametrize("comma", [False, True])
def test_avasoft_columns_have_the_units_of_their_row(write, build, comma):
    text = build.avasoft.replace(".", ",") if comma else build.avasoft
    file = read_spectra(write(text))
    assert (file.chosen.quantity, file.chosen.axis_unit) == ("reflectance", "nm")
    np.testing.assert_array_equal(file.chosen.axis, [299.87, 300.16])
    np.testing.assert_array_equal(file.chosen.read()[0], [0.5, 0.25])
    assert file.block("Dark").quantity == "raw"
    assert file.n_scans == 10


def test_avasoft_binary_gives_the_ratio_over_dark(write, build):
    file = read_spectra(write(build.trm()))
    expected = 100 * (build.sample - 5) / (build.reference - 5)
    np.testing.assert_allclose(file.chosen.values[0], expected)
    np.testing.assert_array_equal(file.chosen.axis, [205, 205.5, 206, 206.5])
    assert (file.chosen.quantity, file.chosen.divisor) == ("unknown", 100)
    assert (file.instrument, file.n_scans) == ("0411041S1", 10)
    with pytest.raises(UnreadableFileError, match="stored times 100"):
        read_spectra(file.path, quantity="absorbance")


def test_proc_spec_is_read_from_its_archive(write, build):
    file = read_spectra(write(build.proc_spec()))
    assert (file.chosen.quantity, file.chosen.axis_unit) == ("reflectance", "nm")
    np.testing.assert_array_equal(file.chosen.values[0], [1.5, 2.5, 3.5])
    with pytest.raises(UnreadableFileError, match="2 values for 3 wavelengths"):
        read_spectra(write(build.proc_spec("1 2")))
    with pytest.raises(UnreadableFileError, match="a damaged archive"):
        read_spectra(write(build.proc_spec()[:-30]))


def test_ecostress_is_read_in_its_own_units(write, build):
    spectra = read_spectra(write(build.ecostress)).to_spectra()
    np.testing.assert_allclose(spectra.wavelengths, [300, 400, 500])
    np.testing.assert_allclose(spectra.values[0], [0.088, 0.09, 0.092])


COLUMNS = "\n".join(f"{4000 - at * 2}.5\t0.{at + 10}" for at in range(12))


@pytest.mark.parametrize("separator", ["\t", ";", ",", "   "])
def test_plain_columns_are_read_whatever_separates_them(write, separator):
    file = read_spectra(write(COLUMNS.replace("\t", separator)))
    assert file.chosen.axis[[0, -1]].tolist() == [4000.5, 3978.5]
    assert (file.chosen.quantity, file.chosen.axis_unit) == ("unknown", "")
    assert file.chosen.values[0, 0] == 0.10


def test_plain_columns_may_have_decimal_commas_and_comments(write):
    text = COLUMNS.replace(".", ",") + "\n# made by hand\n"
    file = read_spectra(write(text))
    assert file.chosen.axis[0] == 4000.5
    assert file.metadata["header"] == "# made by hand"


def test_names_of_plain_columns_are_kept_and_believed(write):
    text = "Wavenumber (cm-1)\tAbsorbance\n" + COLUMNS
    spectra = read_spectra(write(text)).to_spectra()
    assert (spectra.quantity, spectra.original_unit) == ("absorbance", "cm-1")
    many = "Wavelength\ta.asd\tb.asd\n" + COLUMNS.replace("\n", "\t0.5\n") + "\t0.5"
    block = read_spectra(write(many)).chosen
    assert block.labels == ("a.asd", "b.asd")
    assert block.values.shape == (2, 12)


def test_a_table_of_spectra_in_rows_is_read(write):
    names = ",".join(str(nm) for nm in range(400, 450, 2))
    rows = "\n".join(f"soil {row},{'0.25,' * 24}0.5" for row in range(3))
    file = read_spectra(write(f"ID,{names}\n{rows}\n"))
    assert file.chosen.labels == ("soil 0", "soil 1", "soil 2")
    assert file.chosen.values.shape == (3, 25)
    assert file.chosen.axis[[0, -1]].tolist() == [400, 448]
    with pytest.raises(UnreadableFileError, match="21 cells in row 4; expected 26"):
        read_spectra(write(f"ID,{names}\n{rows[: -5 * 6 + 2]}"))


def test_a_compressed_bomb_is_not_unpacked(write):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ps_1.xml", bytes(1 << 26))
    with pytest.raises(UnreadableFileError, match="more than 32 MiB"):
        read_spectra(write(buffer.getvalue()))
