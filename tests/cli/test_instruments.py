"""Commands take tables, files of instruments, folders of them and images alike."""

import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from cerussite.cli.main import main
from cerussite.core.spectra import Spectra
from cerussite.core.survey import Response, Survey
from cerussite.models.card import describe_calibration
from cerussite.models.partial_least_squares import PartialLeastSquares
from cerussite.models.saved import save_calibration

BANDS = np.arange(500.0, 1700.0, 50.0)
FINE = np.arange(450.0, 1701.0, 5.0)


def soils(n, axis, seed):
    rng = np.random.default_rng(seed)
    lead = rng.uniform(10, 100, n)
    values = 0.3 + lead[:, np.newaxis] / 500 * np.exp(-(((axis - 900) / 150) ** 2))
    return lead, values + rng.normal(0, 0.001, values.shape)


def write_jcamp(path, values, *, unit="REFLECTANCE", axis=FINE):
    lines = [
        "##TITLE=soil",
        "##JCAMP-DX=4.24",
        "##DATA TYPE=NEAR INFRARED SPECTRUM",
        "##XUNITS=NANOMETERS",
        f"##YUNITS={unit}",
        f"##FIRSTX={axis[0]}",
        f"##LASTX={axis[-1]}",
        "##XFACTOR=1",
        "##YFACTOR=1",
        f"##NPOINTS={axis.size}",
        f"##FIRSTY={values[0]:.6f}",
        "##XYDATA=(X++(Y..Y))",
        *(f"{x:g} {y:.6f}" for x, y in zip(axis, values, strict=True)),
        "##END=",
    ]
    path.write_text("\n".join(lines))


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    lead, values = soils(40, BANDS, seed=0)
    spectra = Spectra(values, BANDS, "reflectance")
    survey = Survey(
        samples=pd.DataFrame(index=[f"s{row}" for row in range(40)]),
        responses=(Response("Pb", "mg/kg", "xrf"),),
        y=lead[:, np.newaxis],
        spectra=spectra,
    )
    values = np.asarray(spectra.values)
    estimator = PartialLeastSquares(
        n_components=3, preprocessing="none", random_state=0
    ).fit(values, survey.y)
    folder = tmp_path_factory.mktemp("model") / "lead"
    card = describe_calibration(survey, method="partial_least_squares")
    save_calibration(folder, estimator, card)
    return folder


@pytest.fixture
def scans(tmp_path):
    """A folder with two scans of each of three soils."""
    folder = tmp_path / "scans"
    folder.mkdir()
    _, values = soils(3, FINE, seed=1)
    for at, row in enumerate(values):
        write_jcamp(folder / f"A{at}_1.dx", row - 0.001)
        write_jcamp(folder / f"A{at}_2.dx", row + 0.001)
    return folder


@pytest.fixture
def command(capsys):
    """Run a command; give its status and what it printed."""

    def run(*arguments):
        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return caught.value.code, printed.out, printed.err

    return run


def as_table(folder, values, ids):
    table = pd.DataFrame(values, columns=[f"{band:g}nm" for band in FINE])
    table.insert(0, "id", ids)
    table.to_csv(folder / "table.csv", index=False)
    return folder / "table.csv"


PATTERN = ("--id-pattern", r"(?P<id>[^_]+)_\d")


def test_a_folder_is_predicted_as_the_table_of_its_means(
    tmp_path, model, scans, command
):
    out = tmp_path / "folder.csv"
    status, printed, err = command(
        "predict", model, scans, "-o", out, *PATTERN, "--replicates", "average"
    )
    assert (status, printed) == (0, f"{out}\n")
    assert "6 rows averaged to 3 samples" in err
    table = as_table(tmp_path, soils(3, FINE, seed=1)[1], ["A0", "A1", "A2"])
    given = ("--quantity", "reflectance", "--sample-id", "id")
    status, _, _ = command("predict", model, table, "-o", tmp_path / "t.csv", *given)
    assert status == 0
    found, expected = pd.read_csv(out), pd.read_csv(tmp_path / "t.csv")
    assert found["sample_id"].tolist() == ["A0", "A1", "A2"]
    assert_allclose(found["predicted"], expected["predicted"], rtol=1e-4)
    assert found["reason"][0].endswith(
        "resampled from 251 bands to the 24 bands of the model"
    )


def test_files_of_other_axes_and_quantities_are_predicted_side_by_side(
    tmp_path, model, scans, command
):
    axis = np.arange(400.0, 1701.0, 10.0)
    absorbance = -np.log10(soils(1, axis, seed=5)[1][0])
    write_jcamp(scans / "B.dx", absorbance, unit="ABSORBANCE", axis=axis)
    (scans / "notes.txt").write_text("weather: rain\n")
    out = tmp_path / "folder.csv"
    status, _, err = command("predict", model, scans, "-o", out)
    assert status == 0
    assert "1 files could not be read and were left out: notes.txt (" in err
    found = pd.read_csv(out).set_index("sample_id")
    assert len(found) == 7
    assert "absorbance converted to reflectance" in found.loc["B", "reason"]
    assert "absorbance" not in found.loc["A0_1", "reason"]
    assert abs(found.loc["B", "predicted"] - soils(1, axis, seed=5)[0][0]) < 5


def test_one_file_is_one_sample(tmp_path, model, scans, command):
    out = tmp_path / "one.csv"
    status, _, _ = command("predict", model, scans / "A1_1.dx", "-o", out)
    assert status == 0
    assert pd.read_csv(out)["sample_id"].tolist() == ["A1_1"]


def test_an_image_becomes_a_map(tmp_path, model, command):
    _, values = soils(6, FINE, seed=2)
    values.astype("<f4").tofile(tmp_path / "scene.img")
    centres = ", ".join(f"{band:g}" for band in FINE)
    (tmp_path / "scene.hdr").write_text(
        f"ENVI\nsamples = 3\nlines = 2\nbands = {FINE.size}\nheader offset = 0\n"
        "file type = ENVI Standard\ndata type = 4\ninterleave = bip\nbyte order = 0\n"
        f"wavelength units = Nanometers\nwavelength = {{{centres}}}\n"
    )
    given = ("predict", model, tmp_path / "scene.img", "--quantity", "reflectance")
    status, _, err = command(*given, "-o", tmp_path / "map.csv")
    assert (status, err.count("\n")) == (2, 1)
    assert "expected a map to write, such as lead.img" in err
    status, _, err = command(*given, "-o", tmp_path / "m.img", "--threshold", "Pb=1")
    assert status == 2
    assert "maps hold no probabilities; leave out (--threshold)" in err
    status, out, err = command(*given, "-o", tmp_path / "lead.img")
    assert (status, out) == (0, f"{tmp_path / 'lead.img'}\n")
    assert err.startswith("6 of 6 pixels predicted, ")
    pixels = np.fromfile(tmp_path / "lead.img", "<f4").reshape(2, 4, 3)
    expected = soils(6, FINE, seed=2)[0].reshape(2, 3)
    assert_allclose(pixels[:, 0], expected, atol=5)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), "--replicates keep or average"),
        (("--sample-id", "id"), "a folder of instruments' files, which needs no (--sa"),
        (("--divisor", "100"), "needs no (--divisor); leave it out"),
        (("--id-pattern", "("), "expected a regular expression"),
        (("--id-pattern", r"(?P<id>\d+)"), "holds a sample id; expected names that"),
        (("--quantity", "percent"), ""),
    ],
)
def test_what_a_folder_needs_and_does_not_need(
    tmp_path, model, scans, command, options, expected
):
    given = PATTERN if "--id-pattern" not in options else ()
    status, _, err = command(
        "predict", model, scans, "-o", tmp_path / "a.csv", *given, *options
    )
    assert (status, err.count("\n")) == (2, 1)
    assert expected in err


def test_scans_of_one_sample_must_be_alike(tmp_path, model, scans, command):
    axis = np.arange(400.0, 1701.0, 10.0)
    write_jcamp(scans / "A0_3.dx", soils(1, axis, seed=5)[1][0], axis=axis)
    status, _, err = command(
        "predict",
        model,
        scans,
        "-o",
        tmp_path / "a.csv",
        *PATTERN,
        "--replicates",
        "keep",
    )
    assert status == 2
    assert "scans of sample 'A0' that differ in bands" in err


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (bytes(range(1, 200)) + b"\0\0", "not recognised (begins"),
        (b"", "an empty file"),
        (b"NIRCAL Project File\0\0", "export its spectra from NIRCal"),
        (b"one\ntwo\n", "one column only"),
        (b"a,b\n1,2\n", "no wavelength columns among 2 columns"),
    ],
)
def test_what_is_nothing_of_the_kind_is_one_line(
    tmp_path, model, command, content, expected
):
    (tmp_path / "thing").write_bytes(content)
    status, _, err = command(
        "predict", model, tmp_path / "thing", "-o", tmp_path / "a.csv"
    )
    assert (status, err.count("\n")) == (2, 1)
    assert expected in err


def test_columns_of_text_and_tables_are_told_apart(tmp_path, model, command):
    _, values = soils(12, BANDS, seed=3)
    rows = "\n".join(
        f"{band:g},{value:.6f}" for band, value in zip(BANDS, values[0], strict=True)
    )
    (tmp_path / "columns.csv").write_text(f"nm,reflectance\n{rows}\n")
    few = pd.DataFrame(values.round(6), columns=[f"wl_{band:g}" for band in BANDS])
    few.insert(0, "id", range(1, 13))
    few.to_csv(tmp_path / "table.csv", index=False)
    status, _, err = command(
        "predict", model, tmp_path / "columns.csv", "-o", tmp_path / "a.csv"
    )
    assert status == 0, err
    assert pd.read_csv(tmp_path / "a.csv")["sample_id"].tolist() == ["columns"]
    given = ("--quantity", "reflectance", "--sample-id", "id")
    status, _, err = command(
        "predict", model, tmp_path / "table.csv", "-o", tmp_path / "b.csv", *given
    )
    assert status == 0, err
    assert len(pd.read_csv(tmp_path / "b.csv")) == 12


def test_a_sheet_is_chosen(tmp_path, model, command):
    _, values = soils(2, FINE, seed=3)
    table = pd.DataFrame(values.round(6), columns=[f"{band:g}nm" for band in FINE])
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        table.to_excel(book, sheet_name="spectra", index=False)
        pd.DataFrame({"a": [1]}).to_excel(book, sheet_name="notes", index=False)
    given = ("predict", model, tmp_path / "book.xlsx", "-o", tmp_path / "a.csv")
    status, _, err = command(*given, "--quantity", "reflectance")
    assert status == 2
    assert "say which (--sheet)" in err
    status, _, err = command(*given, "--quantity", "reflectance", "--sheet", "spectra")
    assert status == 0, err
    status, out, _ = command("inspect", tmp_path / "book.xlsx", "--sheet", "spectra")
    assert status == 0
    assert "251 bands from 450 to 1700 nm in steps of 5, quantity not stated" in out


def test_a_table_is_described_with_what_is_unclear(tmp_path, command):
    path = tmp_path / "site.csv"
    path.write_text(
        "id;site;Pb;400;500;600\n;;mg/kg;;;\n"
        "A;north;12,5;0,1;0,2;0,3\nB;south;<5;0,1;0,25;0,3\nC;south;;0,1;0,2;0,35\n"
    )
    status, out, err = command("inspect", path)
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == f"{path}: table, 3 rows, 6 columns, {path.stat().st_size} bytes"
    assert lines[1].startswith("spectra: 3 bands from 400 to 600 (unit not stated)")
    assert lines[1].endswith("9 numbers 0.1 to 0.35")
    assert "    id: 3 different texts (A, B, C)" in lines
    assert (
        "    Pb [mg/kg]: 2 numbers 5 to 12.5, 1 of them below a limit, 1 empty" in lines
    )
    assert "say it with --axis-unit nm or cm-1" in lines[-1]
    status, out, _ = command("inspect", path, "--axis-unit", "nm")
    assert "say it with --quantity reflectance" in out
    given = ("--axis-unit", "nm", "--quantity", "reflectance")
    status, out, _ = command("inspect", path, *given)
    assert status == 0
    assert "reflectance by nm" in out
    assert "warning" not in out
    status, _, err = command("inspect", path, "--block", "rows")
    assert status == 2
    assert "a table, which needs no (--block)" in err


def test_a_table_that_breaks_off_is_described_up_to_there(tmp_path, command):
    path = tmp_path / "site.csv"
    path.write_text("id,Pb\nA,1\nB,2\nC\n")
    status, out, _ = command("inspect", path)
    assert status == 0
    assert "table, 2 rows, 2 columns" in out
    assert "warning: read up to here only: " in out
    assert "line 4: found 1 of the 2 cells" in out


def test_real_files_of_field_spectrometers_are_predicted(tmp_path, model, command):
    data = os.environ.get("CERUSSITE_DATA")
    if not data:
        pytest.skip("needs the folder that CERUSSITE_DATA names")
    scans = tmp_path / "field"
    scans.mkdir()
    for name in ("asd/kssl_101453MD01.asd", "svc/BNL13001_000.sig"):
        shutil.copy(Path(data) / "instruments" / name, scans)
    status, _, err = command(
        "predict", model, scans, "-o", tmp_path / "a.csv", "--overlap", "cut"
    )
    assert status == 0, err
    assert len(pd.read_csv(tmp_path / "a.csv")) == 2
