"""Maps of cubes hold what the calibration predicts for each pixel, and nothing else."""

import numpy as np
import pandas as pd
import pytest
import spectral
from numpy.testing import assert_allclose, assert_array_equal

from cerussite.core.errors import (
    InvalidSpectraError,
    InvalidStudyError,
    UnreadableFileError,
)
from cerussite.core.spectra import Spectra
from cerussite.core.survey import Response, Survey
from cerussite.models.card import describe_calibration
from cerussite.models.partial_least_squares import PartialLeastSquares
from cerussite.models.saved import save_calibration
from cerussite.studies import cubes
from cerussite.studies.cubes import NO_DATA, VERDICT_CODES, predict_cube
from cerussite.studies.inputs import Reading
from cerussite.studies.prediction import predict_table

BANDS = np.linspace(500.0, 1600.0, 12)


def soils(n, seed):
    rng = np.random.default_rng(seed)
    lead, zinc = rng.uniform(10, 100, (2, n))
    shapes = np.exp(-(((BANDS - np.array([[900.0], [1300.0]])) / 150) ** 2))
    values = 0.3 + np.column_stack([lead, zinc]) / 500 @ shapes
    values += rng.normal(0, 0.002, values.shape)
    return np.column_stack([lead, zinc]), values


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return saved(tmp_path_factory.mktemp("model") / "lead", "reflectance")


def saved(folder, quantity):
    y, values = soils(60, seed=0)
    spectra = Spectra(values, BANDS, "reflectance").to_quantity(quantity)
    survey = Survey(
        samples=pd.DataFrame(index=[f"s{row}" for row in range(60)]),
        responses=(Response("Pb", "mg/kg", "xrf"), Response("Zn", "mg/kg", "xrf")),
        y=y,
        spectra=spectra,
    )
    estimator = PartialLeastSquares(
        n_components=4, preprocessing="none", random_state=0
    ).fit(spectra.values, y)
    ranges = {"lowest_observed": 5.0, "highest_observed": 95.0}
    metrics = {"Pb": ranges, "Zn": ranges}
    card = describe_calibration(survey, method="partial_least_squares", metrics=metrics)
    save_calibration(folder, estimator, card)
    return folder


def write_cube(path, values, *, interleave="bip", header="", kind=np.float32):
    """An ENVI image of pixels (lines, columns, bands) of reflectance."""
    order = {"bip": (0, 1, 2), "bil": (0, 2, 1), "bsq": (2, 0, 1)}[interleave]
    values.transpose(order).astype(kind).tofile(path)
    lines, columns, bands = values.shape
    code = {np.float32: 4, np.int16: 2}[kind]
    path.with_suffix(".hdr").write_text(
        f"ENVI\nsamples = {columns}\nlines = {lines}\nbands = {bands}\n"
        f"header offset = 0\nfile type = ENVI Standard\ndata type = {code}\n"
        f"interleave = {interleave}\nbyte order = 0\n"
        "map info = {UTM, 1, 1, 500000, 5000000, 30, 30, 32, North, WGS-84}\n"
        "wavelength units = Nanometers\n"
        f"wavelength = {{{', '.join(f'{band:.6f}' for band in BANDS)}}}\n{header}"
    )
    return path


def as_table(folder, model, values):
    """Predictions of the same pixels as rows of a table."""
    table = pd.DataFrame(values, columns=[f"{band:.6f}nm" for band in BANDS])
    table.insert(0, "id", [f"p{row}" for row in range(len(values))])
    table.to_csv(folder / "pixels.csv", index=False)
    predict_table(
        model,
        folder / "pixels.csv",
        folder / "predicted.csv",
        reading=Reading("reflectance", sample_id="id"),
    )
    return pd.read_csv(folder / "predicted.csv")


@pytest.mark.parametrize("interleave", ["bip", "bil", "bsq"])
def test_a_map_holds_what_a_table_of_its_pixels_gets(tmp_path, model, interleave):
    values = soils(35, seed=1)[1].astype(np.float32).reshape(5, 7, 12)
    cube = write_cube(tmp_path / "cube.img", values, interleave=interleave)
    made = predict_cube(model, cube, tmp_path / "map.img", quantity="reflectance")
    rows = as_table(tmp_path, model, values.reshape(35, 12))
    # Read by another program.
    raster = spectral.envi.open(str(tmp_path / "map.hdr"))
    assert raster.metadata["band names"] == list(made.bands)
    assert made.bands[:4] == ("Pb predicted", "Pb lower", "Pb upper", "Pb verdict")
    pixels = np.asarray(raster.load()).reshape(35, 8)
    for at, response in enumerate(["Pb", "Zn"]):
        mine = rows[rows["response"] == response]
        assert_allclose(pixels[:, 4 * at], mine["predicted"], rtol=1e-4)
        expected = mine["verdict"].map(VERDICT_CODES)
        assert_array_equal(pixels[:, 4 * at + 3], expected)
    assert (made.n_pixels, made.n_predicted) == (35, 35)
    n_outside = rows.groupby("sample_id")["verdict"].agg(lambda v: "outside" in set(v))
    assert made.n_outside == int(n_outside.sum())
    assert raster.metadata["map info"][0] == "UTM"


def test_blocks_of_lines_give_the_same_map_as_all_at_once(tmp_path, model, monkeypatch):
    values = soils(60, seed=2)[1].reshape(12, 5, 12)
    cube = write_cube(tmp_path / "cube.img", values)
    predict_cube(model, cube, tmp_path / "whole.img", quantity="reflectance")
    monkeypatch.setattr(cubes, "_AT_ONCE", 5 * 12 * 2)
    predict_cube(model, cube, tmp_path / "parts.img", quantity="reflectance")
    whole, parts = (
        np.fromfile(tmp_path / f"{name}.img", "<f4") for name in ("whole", "parts")
    )
    assert_allclose(parts, whole, rtol=1e-6)


def test_pixels_without_values_have_no_prediction(tmp_path, model):
    values = soils(12, seed=3)[1].reshape(3, 4, 12)
    values[0, 0, 5] = -1
    values[1, 1] = 0.0
    values[2, 3, 2] = 7.0
    cube = write_cube(tmp_path / "cube.img", values, header="data ignore value = -1\n")
    made = predict_cube(model, cube, tmp_path / "map.img", quantity="reflectance")
    assert (made.n_empty, made.n_implausible, made.n_predicted) == (2, 1, 9)
    pixels = np.asarray(spectral.envi.open(str(tmp_path / "map.hdr")).load())
    is_empty = (pixels == NO_DATA).all(axis=2)
    assert sorted(map(tuple, np.argwhere(is_empty))) == [(0, 0), (1, 1), (2, 3)]


def test_dark_pixels_have_no_absorbance(tmp_path):
    folder = saved(tmp_path / "model", "absorbance")
    values = soils(6, seed=4)[1].reshape(2, 3, 12)
    values[1, 2, 0] = 0.0
    cube = write_cube(tmp_path / "cube.img", values)
    made = predict_cube(folder, cube, tmp_path / "map.img", quantity="reflectance")
    assert (made.n_implausible, made.n_predicted) == (1, 5)
    assert "reflectance converted to absorbance" in made.notes


def test_scaled_integers_are_refused_until_the_divisor_is_said(tmp_path, model):
    values = np.rint(1e4 * soils(12, seed=5)[1]).reshape(3, 4, 12)
    cube = write_cube(tmp_path / "cube.img", values, kind=np.int16)
    out = tmp_path / "map.img"
    with pytest.raises(
        UnreadableFileError, match=r"12 pixels that cannot .* \(divisor"
    ):
        predict_cube(model, cube, out, quantity="reflectance")
    assert not out.exists()
    made = predict_cube(model, cube, out, quantity="reflectance", divisor=1e4)
    assert made.n_predicted == 12


def test_a_cube_that_does_not_say_what_it_holds_is_refused(tmp_path, model):
    cube = write_cube(tmp_path / "cube.img", soils(4, seed=6)[1].reshape(2, 2, 12))
    with pytest.raises(UnreadableFileError, match="does not say what it holds"):
        predict_cube(model, cube, tmp_path / "map.img")


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ([0, 1], "spectra from 700 to 1600 nm; the model needs 500 to 1600"),
        ([5, 6, 7], "no bands between 900 and 1300 nm, where the model has 3"),
    ],
)
def test_bands_that_would_have_to_be_invented_are_refused(
    tmp_path, model, bad, message
):
    flags = ", ".join("0" if band in bad else "1" for band in range(12))
    values = soils(4, seed=7)[1].reshape(2, 2, 12)
    cube = write_cube(tmp_path / "cube.img", values, header=f"bbl = {{{flags}}}\n")
    with pytest.raises(InvalidSpectraError, match=message):
        predict_cube(model, cube, tmp_path / "map.img", quantity="reflectance")


@pytest.mark.parametrize("name", ["cube.img", "cube.hdr", "cube.dat", "maps", "x.hdr"])
def test_a_map_never_replaces_the_cube(tmp_path, model, name):
    (tmp_path / "maps").mkdir()
    cube = write_cube(tmp_path / "cube.img", soils(4, seed=8)[1].reshape(2, 2, 12))
    before = cube.read_bytes()
    with pytest.raises(InvalidStudyError, match="name another"):
        predict_cube(model, cube, tmp_path / name, quantity="reflectance")
    assert cube.read_bytes() == before


def test_a_file_that_is_no_image_is_refused(tmp_path, model):
    path = tmp_path / "a.dx"
    path.write_text(
        "##TITLE=a\n##JCAMP-DX=4.24\n##DATA TYPE=INFRARED SPECTRUM\n##XUNITS=NANOMETERS\n"
        "##YUNITS=ABSORBANCE\n##FIRSTX=1\n##LASTX=2\n##XFACTOR=1\n##YFACTOR=1\n"
        "##NPOINTS=2\n##FIRSTY=1\n##XYDATA=(X++(Y..Y))\n1 1\n2 2\n##END=\n"
    )
    with pytest.raises(UnreadableFileError, match="without an image"):
        predict_cube(model, path, tmp_path / "map.img")
