"""Studies of instruments' files, through the bands of sensors, and from two instruments."""

import doctest
import json
import struct
import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.decomposition import PCA

from cerussite.core.errors import (
    InvalidSpectraError,
    InvalidStudyError,
    InvalidSurveyError,
    UnreadableFileError,
)
from cerussite.core.spectra import Spectra
from cerussite.models.card import CalibrationCard, describe_calibration
from cerussite.preprocessing import (
    kennard_stone,
    resample_to_sensor,
    sensor,
    standard_normal_variate,
)
from cerussite.reporting import write_report
from cerussite.simulation.instrument import LABORATORY
from cerussite.simulation.soils import draw_soils, random_settings
from cerussite.simulation.spectra import simulate_spectra
from cerussite.studies.applicability import learn_applicability
from cerussite.studies.bands import on_bands, to_common_grid
from cerussite.studies.data import load_data
from cerussite.studies.model_bands import ModelBands
from cerussite.studies.reading import read_study
from cerussite.studies.run import run_study
from cerussite.studies.study import SpectraOptions
from cerussite.transfer import PiecewiseDirectStandardisation

STUDY = """\
name: scans
title: Scans and analyses
target:
  folder: scans
  id_pattern: '(?P<id>[^_]+)_\\d+'
  replicates: average
  analyses:
    file: laboratory.csv
    sample_id: id
    group: site
    responses: {Pb: {unit: mg/kg, procedure: xrf}}
calibrations: {preprocessing: [none]}
methods: [mean, partial_least_squares]
validation:
  random: {folds: 3, repeats: 2}
  level: 0.8
save_models: [partial_least_squares]
"""


def write_asd(path, values, *, first=350.0, step=10.0):
    """An ASD file of version 8 whose sample over reference is ``values``."""
    header = bytearray(484)
    header[:3] = b"as8"
    struct.pack_into("<6h", header, 160, 5, 4, 3, 2, 0, 121)
    header[186] = 1
    struct.pack_into("<ff", header, 191, first, step)
    header[199] = 2
    struct.pack_into("<H", header, 204, values.size)
    struct.pack_into("<ff", header, 444, 1000.0, 1800.0)
    reference = np.full(values.size, 2.0)
    middle = struct.pack("<H", 1) + bytes(16) + struct.pack("<h", 0)
    content = (values * reference).tobytes() + middle + reference.tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(header) + content)


def soils(n, axis, seed=0):
    """Lead, and reflectance that tells it."""
    rng = np.random.default_rng(seed)
    lead = np.exp(rng.normal(4, 1, n))
    shape = np.exp(-(((axis - 900) / 150) ** 2))
    values = 0.3 + 0.03 * np.log(lead)[:, None] * shape
    return lead, values + rng.normal(0, 0.002, values.shape)


@pytest.fixture
def folder(tmp_path):
    """Two scans of each of 24 samples, their analyses, and what does not match."""
    axis = np.arange(350.0, 2501.0, 10.0)
    lead, values = soils(25, axis)
    for at, spectrum in enumerate(values):
        for scan in (1, 2):
            write_asd(tmp_path / "scans" / f"A{at}_{scan}.asd", spectrum + 1e-3 * scan)
    (tmp_path / "scans" / "notes.txt").write_text("weather: rain\n")
    rows = [f"A{at},g{at % 4},{lead[at]:.3f}" for at in range(24)]
    table = "\n".join(["id,site,Pb", *rows, "a-24,g0,50"])
    (tmp_path / "laboratory.csv").write_text(table)
    (tmp_path / "study.yaml").write_text(STUDY)
    return tmp_path


def changed(folder, old, new):
    assert old in STUDY
    (folder / "study.yaml").write_text(STUDY.replace(old, new, 1))
    return folder / "study.yaml"


def test_scans_and_analyses_are_joined_and_averaged(folder):
    target = load_data(read_study(folder / "study.yaml")).target
    assert target.n_samples == 24
    assert (target.name, target.spectra.quantity) == ("scans", "absorbance")
    expected = soils(25, target.spectra.wavelengths)[1][3] + 1.5e-3
    at = target.samples.index.get_loc("A3")
    assert_allclose(target.spectra.values[at], -np.log10(expected), rtol=1e-6)
    assert target.groups[at] == "g3"
    assert target.notes[-4:] == (
        "2 scans without analyses left out: A24 (A24_1.asd), A24 (A24_2.asd)",
        "1 analyses without a scan left out: a-24",
        (
            "1 ids alike but for case, signs or zeros not joined: A24 in the folder, "
            "a-24 in the table"
        ),
        "1 files could not be read and were left out: notes.txt",
    )


@pytest.mark.slow
def test_what_did_not_match_is_shown_in_the_report(folder):
    out = run_study(folder / "study.yaml", folder / "out", jobs=1)
    report = write_report(out).read_text(encoding="utf-8")
    assert "A24_1.asd" in report


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("id_pattern", "id_patern", "target.id_patern: unknown key 'id_patern'; did"),
        ("sample_id", "sampel_id", "target.analyses.sampel_id: unknown key"),
        ("analyses:", "analysis:", "did you mean 'analyses'?"),
        ("folder:", "foldr:", "target.foldr: unknown key 'foldr'; did you mean 'fol"),
        ("folder: scans", "folder: 5", "target.folder: found 5; expected text"),
        ("replicates: average", "replicates: mean", "target.replicates: found 'mean'"),
        ("replicates:", "responses: {Pb: {}}\n  x:", "target: responses beside folder"),
        ("unit: mg/kg,", "units: mg/kg,", "responses.Pb.units: unknown key 'units'"),
        (
            "    file: laboratory.csv\n",
            "",
            "target.analyses.file: not found; this key is required",
        ),
        (
            "replicates: average",
            "wavelengths: {low: 400}",
            "target.wavelengths.high: not found",
        ),
    ],
)
def test_a_mistake_about_a_folder_names_its_key(folder, old, new, expected):
    with pytest.raises(InvalidStudyError) as caught:
        read_study(changed(folder, old, new))
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_key_that_resembles_nothing_gets_the_keys_of_a_folder(folder):
    with pytest.raises(InvalidStudyError) as caught:
        read_study(changed(folder, "replicates: average", "zzzz: 1"))
    assert "expected folder, analyses, file_column, id_pattern" in str(caught.value)
    assert "dataset" not in str(caught.value)


def test_paths_lie_beside_the_study_and_may_hold_variables(folder, monkeypatch):
    monkeypatch.setenv("SOILS", str(folder / "elsewhere"))
    target = read_study(changed(folder, "folder: scans", "folder: '${SOILS}/a'")).target
    assert target.folder == str((folder / "elsewhere" / "a").resolve())
    assert target.analyses.file == str((folder / "laboratory.csv").resolve())
    monkeypatch.delenv("SOILS")
    with pytest.raises(InvalidStudyError, match="variable SOILS is not set"):
        read_study(folder / "study.yaml")


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        (
            "replicates: average",
            "replicates: refuse",
            InvalidSurveyError,
            r"target: A0_1.asd: sample id 'A0' occurs 2 times .* replicates: keep",
        ),
        (
            "    sample_id: id",
            "    sample_id: name",
            UnreadableFileError,
            r"target: analyses: .*laboratory.csv: no column 'name'",
        ),
        (
            "(?P<id>[^_]+)_",
            "(?P<id>nothing)_",
            InvalidSurveyError,
            r"target: .*scans: no scan .* \(id_pattern\)",
        ),
        (
            "folder: scans",
            "folder: nowhere",
            UnreadableFileError,
            r"target: .*nowhere: no such folder",
        ),
    ],
)
def test_a_folder_that_cannot_be_read_is_refused_by_its_key(
    folder, old, new, error, message
):
    with pytest.raises(error, match=message):
        load_data(read_study(changed(folder, old, new)))


def test_a_source_may_be_a_folder_and_differ_in_axis(folder):
    lead, values = soils(12, np.arange(350.0, 2501.0, 5.0), seed=1)
    for at, spectrum in enumerate(values):
        write_asd(folder / "library" / f"L{at}.asd", spectrum, step=5.0)
    wider = np.arange(300.0, 2501.0, 10.0)
    write_asd(
        folder / "library" / "L12.asd", soils(1, wider, seed=2)[1][0], first=300.0
    )
    rows = [f"L{at},{value:.3f}" for at, value in enumerate([*lead, 40.0])]
    (folder / "library.csv").write_text("\n".join(["name,clay", *rows]))
    block = """\
    source:
      - folder: library
        name: our library
        wavelengths: {low: 400, high: 2400, step: 20}
        analyses: {file: library.csv, sample_id: name, responses: {clay: {unit: g/kg}}}
    """
    text = STUDY + textwrap.dedent(block)
    (folder / "study.yaml").write_text(text)
    (source,) = load_data(read_study(folder / "study.yaml")).sources
    assert (source.name, source.n_samples) == ("our library", 13)
    assert source.spectra.wavelengths[[0, -1]].tolist() == [400, 2400]
    (folder / "study.yaml").write_text(
        text.replace("    wavelengths: {low: 400, high: 2400, step: 20}\n", "")
    )
    with pytest.raises(InvalidSurveyError, match=r"^source\[0\]: .*\(wavelengths\)"):
        load_data(read_study(folder / "study.yaml"))


def test_dark_ends_of_a_scan_cost_nothing_where_no_band_is_asked_for():
    axis = np.arange(350.0, 1001.0, 10.0)
    values = soils(3, axis, seed=1)[1]
    bands = np.arange(400.0, 901.0, 20.0)
    whole = on_bands(Spectra(values, axis, "reflectance"), bands, quantity="absorbance")
    values = values.copy()
    values[1, :2] = -0.01
    dark = Spectra(values, axis, "reflectance")
    found = on_bands(dark, bands, quantity="absorbance")
    assert_array_equal(found.values, whole.values)
    with pytest.raises(InvalidSpectraError, match="have no absorbance"):
        on_bands(dark, axis, quantity="absorbance")


def test_the_page_on_folders_runs():
    page = Path(__file__).parents[2] / "docs" / "folders.md"
    results = doctest.testfile(str(page), module_relative=False)
    assert results.attempted == 10
    assert results.failed == 0


# Sensors


@pytest.fixture(scope="session")
def site(survey_of):
    """The function that makes sites of 30 samples with spectra on an axis."""

    def make(axis, seed=0, name="site"):
        lead, values = soils(30, axis, seed)
        return replace(
            survey_of().with_responses(["Pb"]),
            y=lead[:, np.newaxis],
            spectra=Spectra(values, axis, "reflectance"),
            name=name,
        )

    return make


def test_a_study_sees_the_bands_of_a_sensor_as_integrals_of_light(site):
    axis = np.arange(400.0, 2501.0)
    known = site(axis)
    options = SpectraOptions(sensor="sentinel2a", quantity="reflectance")
    target, _ = to_common_grid(options, known, [])
    whole = sensor("Sentinel-2A")
    assert_array_equal(target.spectra.wavelengths, whole.centres)
    at = whole.bands.index("B4")
    response = np.exp(
        -4 * np.log(2) * ((axis - whole.centres[at]) / whole.fwhm[at]) ** 2
    )
    expected = np.trapezoid(known.spectra.values * response, axis) / np.trapezoid(
        response, axis
    )
    assert_allclose(target.spectra.values[:, at], expected, rtol=1e-6)
    assert target.notes == ("resampled to 13 bands of Sentinel-2A",)


def test_bands_that_spectra_cannot_form_are_named(site):
    target, (source,) = to_common_grid(
        SpectraOptions(sensor="EMIT"),
        site(np.arange(400.0, 2501.0)),
        [site(np.arange(380.0, 2401.0), name="library")],
    )
    assert target.spectra.wavelengths.size == 280
    assert "5 bands of EMIT left out, for they reach beyond" in target.notes[-1]
    assert "(381" in target.notes[-1]
    assert np.isin(source.spectra.wavelengths, target.spectra.wavelengths).all()
    assert source.spectra.wavelengths[-1] < 2400


def test_ranges_of_a_sensor_are_left_out_as_said(site):
    options = SpectraOptions(sensor="Sentinel-2B", leave_out=[(930, 960), (1340, 1450)])
    target, _ = to_common_grid(options, site(np.arange(400.0, 2501.0)), [])
    assert target.spectra.wavelengths.size == 11
    assert target.notes[-1] == (
        "2 bands of Sentinel-2B left out, as spectra.leave_out says"
    )


@pytest.mark.parametrize("name", ["PRISMA", "EnMAP", "DESIS"])
def test_detectors_that_overlap_make_one_increasing_axis(site, name):
    target, _ = to_common_grid(
        SpectraOptions(sensor=name), site(np.arange(350.0, 2551.0)), []
    )
    assert (np.diff(target.spectra.wavelengths) > 0).all()


@pytest.mark.parametrize(
    ("axis", "message"),
    [
        (np.arange(400.0, 2501.0, 20.0), "spectra.sensor: site: EnMAP: .* narrower"),
        (np.arange(2600.0, 9000.0, 5.0), "spectra.sensor: site: EnMAP: none of its"),
    ],
)
def test_spectra_that_a_sensor_cannot_see_are_refused(site, axis, message):
    with pytest.raises(InvalidStudyError, match=message):
        to_common_grid(SpectraOptions(sensor="EnMAP"), site(axis), [])


@pytest.mark.parametrize(
    ("spectra", "message"),
    [
        ("{sensor: enmap, grid: target}", "spectra: grid and sensor EnMAP; expected"),
        (
            "{sensor: enmap, grid: {low: 400, high: 900, step: 10}}",
            "spectra: grid and sensor EnMAP",
        ),
        ("{sensor: hymap}", "spectra.sensor: no bands of a sensor 'hymap'"),
        ("{leave_out: [[900, 950]]}", "spectra: leave_out without a sensor"),
        ("{sensor: enmap, leave_out: [[950, 900]]}", "leave_out 950 to 900 nm"),
        ("{sensro: enmap}", "spectra.sensro: unknown key 'sensro'; did you mean"),
    ],
)
def test_a_sensor_and_what_contradicts_it(folder, spectra, message):
    (folder / "study.yaml").write_text(f"{STUDY}spectra: {spectra}\n")
    with pytest.raises(InvalidStudyError) as caught:
        read_study(folder / "study.yaml")
    assert message in str(caught.value)


def test_the_sensor_stands_in_the_manifest_and_on_the_card(folder):
    table = STUDY.index("calibrations")
    text = STUDY[:table] + "spectra: {sensor: sentinel-2a}\n" + STUDY[table:]
    (folder / "study.yaml").write_text(text)
    out = run_study(folder / "study.yaml", folder / "out", jobs=1)
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["wavelengths"]["sensor"] == "Sentinel-2A"
    assert manifest["wavelengths"]["n_bands"] == 13
    notes = manifest["data"][0]["notes"]
    assert "1 analyses without a scan left out: a-24" in notes
    assert notes[-1] == "resampled to 13 bands of Sentinel-2A"
    plain = json.loads((out / "models/partial_least_squares/model.json").read_text())
    assert CalibrationCard.from_json(plain).sensor == "Sentinel-2A"
    del plain["sensor"]  # as an earlier release wrote it
    assert CalibrationCard.from_json(plain).sensor == ""


@pytest.fixture
def card(site):
    axis = np.arange(400.0, 2501.0)
    seen, _ = to_common_grid(SpectraOptions(sensor="EnMAP"), site(axis), [])
    return describe_calibration(seen, method="ridge", sensor="EnMAP")


def test_laboratory_spectra_are_averaged_with_the_response_of_the_bands(card, site):
    axis = np.arange(350.0, 2501.0)
    spectra = site(axis, seed=3).spectra
    way = ModelBands(card, axis, source="new.csv")
    brought = way.bring(spectra)
    expected = resample_to_sensor(spectra, sensor("EnMAP")).to_absorbance()
    assert_allclose(brought.values, expected.values)
    lines = np.array([np.interp(way.bands, axis, row) for row in spectra.values])
    assert np.abs(brought.values + np.log10(lines)).max() > 1e-4
    assert way.notes_on("reflectance") == [
        "reflectance converted to absorbance",
        "averaged to the 224 bands of EnMAP",
    ]


@pytest.mark.parametrize("drift", [0.0, 0.3])
def test_bands_of_the_sensor_itself_are_not_averaged_again(card, site, drift):
    axis = sensor("EnMAP").centres + drift
    spectra = site(axis, seed=3).spectra
    way = ModelBands(card, axis, source="scene.img")
    brought = way.bring(spectra)
    inside = np.clip(sensor("EnMAP").centres, axis[0], axis[-1])
    absorbance = -np.log10(spectra.values)
    expected = np.array([np.interp(inside, axis, row) for row in absorbance])
    assert_allclose(brought.values, expected, rtol=1e-9)
    assert_array_equal(brought.wavelengths, card.wavelengths)
    assert way.notes == (("bands taken as those of EnMAP",) if drift else ())


@pytest.mark.parametrize(
    ("axis", "message"),
    [
        (np.arange(400.0, 2501.0, 20.0), "site: the model expects the bands of a sens"),
        (np.arange(500.0, 2501.0), "EnMAP: .* bands, .* reach beyond the spectra"),
        (np.delete(sensor("EnMAP").centres, [3, 150]), "lacks 2 bands of EnMAP that"),
        (sensor("Landsat-8").centres, "the model expects the bands of a sensor"),
    ],
)
def test_spectra_that_cannot_form_the_bands_of_the_model_are_refused(
    card, axis, message
):
    with pytest.raises(InvalidSpectraError, match=message):
        ModelBands(card, axis, source="site")


def test_a_model_on_bands_that_no_release_knows_is_refused(card):
    moved = replace(card, wavelengths=tuple(band + 1 for band in card.wavelengths))
    with pytest.raises(UnreadableFileError, match="not those of EnMAP in this release"):
        ModelBands(moved, np.arange(350.0, 2501.0), source="site")


# Two instruments


def test_another_instrument_is_noticed_until_it_is_standardised():
    generator = np.random.default_rng(1)
    members = generator.integers(0, 6, 400)
    soil = draw_soils(random_settings(6, generator), members, generator)
    other = replace(LABORATORY, shift=8.0, gain=1.1, resolution=30.0)
    axis = np.arange(400.0, 2500.0, 5.0)

    def scan(instrument):
        spectra = simulate_spectra(
            soil, axis, instrument=instrument, generator=generator
        )
        return standard_normal_variate(spectra.to_absorbance().values.astype(float))

    primary, secondary = (
        [scan(each) for _ in range(3)] for each in (LABORATORY, other)
    )
    calibration, test = slice(0, 250), slice(250, 400)
    known = learn_applicability(primary[0][calibration], axis, np.arange(250))

    def inside(X):
        return (known.judge(X, axis)["verdict"] == "inside").mean()

    scores = PCA(8, whiten=True).fit_transform(primary[0][calibration])
    standards = kennard_stone(scores, 30)
    standardised = PiecewiseDirectStandardisation(3).fit(
        np.mean(secondary, axis=0)[standards], np.mean(primary, axis=0)[standards]
    )
    usual = inside(primary[0][test])
    assert usual > 0.85
    assert inside(secondary[0][test]) < 0.15
    assert inside(standardised.transform(secondary[0][test])) > usual - 0.05
