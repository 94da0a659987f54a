"""Folders of instruments' files: what is joined, and what is told about the rest."""

import os
import struct
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from cerussite.core.errors import InvalidSurveyError, UnreadableFileError
from cerussite.readers import read_folder, read_table
from cerussite.readers.outlying import outlying_scans, replicate_distances

AXIS = np.arange(350.0, 2501.0)


def write_asd(path, values, first=350.0):
    """An ASD file of version 8 whose sample over reference is ``values``."""
    values = np.asarray(values, dtype=float)
    header = bytearray(484)
    header[:3] = b"as8"
    struct.pack_into("<6h", header, 160, 5, 4, 3, 2, 0, 121)
    header[186] = 1
    struct.pack_into("<ff", header, 191, first, 1.0)
    header[199] = 2
    struct.pack_into("<H", header, 204, values.size)
    struct.pack_into("<ff", header, 444, 1000.0, 1800.0)
    reference = np.full(values.size, 2.0)
    middle = struct.pack("<H", 1) + bytes(16) + struct.pack("<h", 0)
    content = (values * reference).tobytes() + middle + reference.tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(header) + content)


def write_jcamp(path, values):
    """A JCAMP-DX file of absorbance from 350 nm in steps of 1 nm."""
    lines = [
        "##TITLE=soil",
        "##JCAMP-DX=4.24",
        "##DATA TYPE=NEAR INFRARED SPECTRUM",
        "##XUNITS=NANOMETERS",
        "##YUNITS=ABSORBANCE",
        "##FIRSTX=350",
        f"##LASTX={350 + len(values) - 1}",
        "##XFACTOR=1",
        "##YFACTOR=1",
        f"##NPOINTS={len(values)}",
        f"##FIRSTY={values[0]:.6f}",
        "##XYDATA=(X++(Y..Y))",
        *(f"{350 + at} {value:.6f}" for at, value in enumerate(values)),
        "##END=",
    ]
    path.write_text("\n".join(lines))


def soil(level):
    return level * (1 + 0.2 * np.sin(AXIS / 300))


def laboratory(folder, ids, extra=""):
    table = folder.parent / "laboratory.csv"
    rows = [f"{name},{10 + at}{extra}" for at, name in enumerate(ids)]
    table.write_text("\n".join(["id,Pb" + (",scan" if extra else ""), *rows]))
    responses = {"Pb": {"unit": "mg/kg"}}
    return read_table(table, spectra=False, sample_id="id", responses=responses)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "scans"
    for level, name in ((0.2, "A1"), (0.3, "A2"), (0.4, "A3")):
        write_asd(folder / f"{name}.asd", soil(level))
    return folder


def test_files_and_analyses_become_a_survey(folder):
    reading = read_folder(folder, laboratory(folder, ["A3", "A1", "A2"]))
    survey = reading.survey
    assert survey.samples.index.tolist() == ["A1", "A2", "A3"]
    assert_array_equal(survey.y[:, 0], [11, 12, 10])
    assert_allclose(survey.spectra.values[2], soil(0.4), rtol=1e-6)
    assert_array_equal(survey.spectra.wavelengths, AXIS)
    assert survey.spectra.quantity == "reflectance"
    assert survey.samples.loc["A1", "file"] == "A1.asd"
    assert survey.samples.loc["A1", "date"] == "2021-01-02T03:04:05"
    assert reading.text().startswith("3 files, 3 samples joined\n0 scans without")


def test_what_does_not_match_is_listed_either_way(folder):
    (folder / "notes.txt").write_text("weather: rain\n")
    write_asd(folder / "more" / "B-07.asd", soil(0.3))
    reading = read_folder(folder, laboratory(folder, ["A1", "A2", "b7", "C1"]))
    assert reading.without_analyses == (("A3", "A3.asd"), ("B-07", "more/B-07.asd"))
    assert reading.without_spectrum == ("b7", "C1")
    assert [file for file, _ in reading.unreadable] == ["notes.txt"]
    assert reading.similar == (("B-07", "b7"),)
    assert "'B-07' in the folder, 'b7' in the table" in reading.text()
    assert reading.survey.notes[-4:] == (
        "2 scans without analyses left out: A3 (A3.asd), B-07 (more/B-07.asd)",
        "2 analyses without a scan left out: b7, C1",
        (
            "1 ids alike but for case, signs or zeros not joined: B-07 in the folder, "
            "b7 in the table"
        ),
        "1 files could not be read and were left out: notes.txt",
    )


def test_a_cut_file_is_listed_with_the_reason(folder):
    data = (folder / "A2.asd").read_bytes()
    (folder / "A2.asd").write_bytes(data[:5000])
    reading = read_folder(folder, laboratory(folder, ["A1", "A2", "A3"]))
    ((file, reason),) = reading.unreadable
    assert file == "A2.asd"
    assert "cut or damaged" in reason
    assert reading.without_spectrum == ("A2",)


def test_replicates_are_refused_averaged_or_kept(folder):
    for number, level in ((1, 0.5), (2, 0.7)):
        write_asd(folder / f"A9_{number}.asd", soil(level))
    analyses = laboratory(folder, ["A9"])
    pattern = r"(?P<id>[^_]+)(_\d+)?"
    with pytest.raises(InvalidSurveyError, match=r"A9_1.asd: sample id 'A9' occurs 2"):
        read_folder(folder, analyses, id_pattern=pattern)
    averaged = read_folder(folder, analyses, id_pattern=pattern, replicates="average")
    assert_allclose(averaged.survey.spectra.values, [soil(0.6)], rtol=1e-6)
    kept = read_folder(folder, analyses, id_pattern=pattern, replicates="keep").survey
    assert kept.samples.index.tolist() == ["A9#1", "A9#2"]
    assert_array_equal(kept.specimens, [0, 0])
    assert_array_equal(kept.y[:, 0], [10, 10])


def test_scans_numbered_by_their_ending_are_replicates(tmp_path):
    folder = tmp_path / "scans"
    for number in range(3):
        write_asd(folder / f"S1.00{number}", soil(0.3 + 0.1 * number))
    reading = read_folder(folder, laboratory(folder, ["S1"]), replicates="average")
    assert_allclose(reading.survey.spectra.values, [soil(0.4)], rtol=1e-6)


def test_an_outlying_replicate_is_reported_and_kept(tmp_path):
    folder = tmp_path / "scans"
    rng = np.random.default_rng(0)
    for sample in range(5):
        for scan in range(3):
            level = 0.3 + 0.02 * sample + rng.normal(0, 0.002)
            wrong = 0.2 if (sample, scan) == (3, 1) else 0.0
            write_asd(folder / f"S{sample}_{scan}.asd", soil(level + wrong))
    analyses = laboratory(folder, [f"S{sample}" for sample in range(5)])
    reading = read_folder(
        folder, analyses, id_pattern=r"(?P<id>S\d)_\d", replicates="keep"
    )
    (outlying,) = reading.outlying
    assert (outlying.sample_id, outlying.place) == ("S3", "S3_1.asd")
    assert outlying.distance == pytest.approx(0.2, abs=0.02)
    assert reading.survey.n_samples == 15
    assert "S3_1.asd of S3: 0.2" in reading.text()


def test_distances_of_replicates_are_those_computed_by_hand():
    values = np.array([[1.0, 3.0], [2.0, 1.0], [9.0, 9.0], [3.0, 2.0]])
    found = replicate_distances(values, np.array(["a", "a", "b", "a"]))
    # The median of a is (2, 2): differences (1, 1), (0, 1) and (1, 0).
    assert_allclose(found, [1.0, np.sqrt(0.5), np.nan, np.sqrt(0.5)])


def test_ordinary_replicates_are_hardly_ever_called_outlying():
    rng = np.random.default_rng(0)
    ids = np.repeat(np.arange(300), 3)
    gains = np.exp(rng.normal(0, 0.02, ids.size))
    values = 0.3 * gains[:, np.newaxis] + rng.normal(0, 0.001, (ids.size, 50))
    assert len(outlying_scans(values, ids, ids.astype(str).tolist())) <= 3


def test_scans_without_replicates_cannot_be_outlying():
    values = np.array([[0.1, 0.1], [0.9, 0.9]])
    assert outlying_scans(values, np.array(["a", "b"]), ["a", "b"]) == ()


def test_mixed_formats_come_to_one_quantity_and_axis(folder):
    write_jcamp(folder / "A4.jdx", -np.log10(soil(0.5)))
    analyses = laboratory(folder, ["A1", "A4"])
    with pytest.raises(InvalidSurveyError, match=r"reflectance, .*A4.jdx absorbance"):
        read_folder(folder, analyses)
    survey = read_folder(folder, analyses, to_quantity="reflectance").survey
    assert_allclose(survey.spectra.values, [soil(0.2), soil(0.5)], atol=2e-6)
    assert survey.samples["format"].nunique() == 2


def test_other_axes_are_refused_unless_bands_are_named(folder):
    write_asd(folder / "A4.asd", soil(0.4)[50:], first=400.0)
    analyses = laboratory(folder, ["A1", "A4"])
    message = r"2151 bands from 350 to 2500 nm, .*A4.asd 2101 bands from 400"
    with pytest.raises(InvalidSurveyError, match=message):
        read_folder(folder, analyses)
    bands = np.array([400.5, 1200.0, 2400.25])
    survey = read_folder(folder, analyses, wavelengths=bands).survey
    assert_array_equal(survey.spectra.wavelengths, bands)
    middle = (soil(0.4)[50] + soil(0.4)[51]) / 2
    assert survey.spectra.values[1, 0] == pytest.approx(middle)
    with pytest.raises(InvalidSurveyError, match=r"A4.asd: .* holds 380 to 2400"):
        read_folder(folder, analyses, wavelengths=np.array([380.0, 2400.0]))


def test_a_column_of_the_table_may_name_the_files(folder):
    table = folder.parent / "laboratory.csv"
    table.write_text("id,Pb,scan\nleft,1,A2.asd\nright,2,./A1.asd\nnone,3,gone.asd\n")
    analyses = read_table(
        table, spectra=False, sample_id="id", responses={"Pb": {"unit": "mg/kg"}}
    )
    reading = read_folder(folder, analyses, file_column="scan")
    assert reading.survey.samples.index.tolist() == ["right", "left"]
    assert_allclose(reading.survey.spectra.values[0], soil(0.2), rtol=1e-6)
    assert reading.without_spectrum == ("none",)
    assert reading.without_analyses == (("", "A3.asd"),)
    with pytest.raises(InvalidSurveyError, match="no column 'file'; expected one of"):
        read_folder(folder, analyses, file_column="file")


@pytest.mark.parametrize(
    "name", ["../secret.asd", "/etc/passwd", "more/../../x", r"..\x", r"C:\x.asd"]
)
def test_names_that_lead_out_of_the_folder_are_refused(folder, name):
    analyses = laboratory(folder, ["A1"], extra=f",{name}")
    with pytest.raises(UnreadableFileError, match="may lie outside"):
        read_folder(folder, analyses, file_column="scan")


def test_links_out_of_the_folder_are_refused(folder):
    outside = folder.parent / "outside"
    write_asd(outside / "A9.asd", soil(0.3))
    analyses = laboratory(folder, ["A1"])
    (folder / "A9.asd").symlink_to(outside / "A9.asd")
    with pytest.raises(UnreadableFileError, match=r"A9.asd: leads out of the folder"):
        read_folder(folder, analyses)
    (folder / "A9.asd").unlink()
    (folder / "more").symlink_to(outside, target_is_directory=True)
    with pytest.raises(UnreadableFileError, match=r"more: leads out of the folder"):
        read_folder(folder, analyses)


def test_a_link_in_a_circle_a_pipe_and_hidden_files_do_no_harm(folder):
    (folder / "round").symlink_to(folder, target_is_directory=True)
    os.mkfifo(folder / "pipe.asd")
    (folder / ".A1.asd").write_bytes(b"as8")
    reading = read_folder(folder, laboratory(folder, ["A1", "A2", "A3"]))
    assert reading.n_files == 3
    (folder / "self").symlink_to(folder / "self")
    with pytest.raises(UnreadableFileError, match=r"self: a link that leads nowhere"):
        read_folder(folder, laboratory(folder, ["A1"]))


def test_folders_without_anything_to_read_are_refused(tmp_path, folder):
    analyses = laboratory(folder, ["A1"])
    with pytest.raises(UnreadableFileError, match="no such folder"):
        read_folder(tmp_path / "gone", analyses)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnreadableFileError, match="empty: no files"):
        read_folder(tmp_path / "empty", analyses)
    (tmp_path / "empty" / "a.txt").write_text("nothing")
    with pytest.raises(UnreadableFileError, match=r"none of 1 files .*a.txt"):
        read_folder(tmp_path / "empty", analyses)


def test_ids_that_never_match_are_refused_with_both_sides(folder):
    message = r"'A1.asd' read as sample 'A1' .* laboratory \(\['X1'\]"
    with pytest.raises(InvalidSurveyError, match=message):
        read_folder(folder, laboratory(folder, ["X1"]))


@pytest.mark.parametrize(
    ("pattern", "message"),
    [(r"(", "expected a regular expression"), (r"\w+", "expected a group named id")],
)
def test_patterns_without_an_id_are_refused(folder, pattern, message):
    with pytest.raises(InvalidSurveyError, match=message):
        read_folder(folder, laboratory(folder, ["A1"]), id_pattern=pattern)


def test_a_thousand_files_become_a_survey_in_ten_seconds(tmp_path):
    folder, rng = tmp_path / "scans", np.random.default_rng(0)
    for number in range(1000):
        noise = rng.normal(0, 0.001, AXIS.size)
        write_asd(folder / f"S{number:04d}.asd", soil(0.3) + noise)
    ids = [f"S{number:04d}" for number in range(5, 1005)]
    analyses = laboratory(folder, ids)
    start = time.perf_counter()
    reading = read_folder(folder, analyses)
    assert time.perf_counter() - start < 10
    assert reading.survey.spectra.values.shape == (995, 2151)
    assert [name for name, _ in reading.without_analyses] == [
        f"S000{number}" for number in range(5)
    ]
    assert reading.without_spectrum == tuple(
        f"S{number}" for number in range(1000, 1005)
    )


DATA = os.environ.get("CERUSSITE_DATA")


@pytest.mark.skipif(DATA is None, reason="CERUSSITE_DATA names no folder of real files")
def test_a_folder_of_real_files_of_many_versions_is_read(tmp_path):
    folder = Path(DATA) / "instruments" / "asd"
    table = tmp_path / "laboratory.csv"
    table.write_text("id,Pb\nkssl_101453MD01,1\nasdreader_soil,2\nnowhere,3\n")
    analyses = read_table(
        table, spectra=False, sample_id="id", responses={"Pb": {"unit": "mg/kg"}}
    )
    reading = read_folder(folder, analyses)
    assert set(reading.survey.samples.index) == {"kssl_101453MD01", "asdreader_soil"}
    assert reading.without_spectrum == ("nowhere",)
    assert any("PROVENANCE" in file for file, _ in reading.unreadable)
