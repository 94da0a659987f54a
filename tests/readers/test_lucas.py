"""LUCAS is handed out on request: these files are written here in its layouts."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from cerussite.core.errors import (
    InvalidConcentrationError,
    InvalidSpectraError,
    InvalidSurveyError,
    UnreadableFileError,
)
from cerussite.readers.lucas import read_lucas_2009, read_lucas_2015
from cerussite.readers.lucas_metals import read_lucas_metals

AXIS = np.arange(400, 2500, 50.0)
#: A soil: reflectance rises from blue to red and dips at 1915 nm.
SOIL = (
    0.1
    + 0.3 * (1 - np.exp(-(AXIS - 400) / 300))
    - 0.1 * np.exp(-(((AXIS - 1915) / 40) ** 2))
)


def line(*cells):
    return ",".join(str(cell) for cell in cells) + "\n"


def bands(spectrum):
    return [f"{value:.5f}" for value in spectrum]


@pytest.fixture
def lucas_2009(tmp_path):
    header = ["", "ID", "POINT_ID", "country", "GPS_LAT", "GPS_LONG", "clay", "silt", "sand", "pH.in.CaCl2", "pH.in.H2O", "OC", "CaCO3", "N", "P", "K", "CEC"]  # fmt: skip
    text = line(*header, *(f"spc.{number:g}" for number in AXIS))
    text += line(
        1,
        11,
        30001,
        "AT",
        47.5,
        15.1,
        20,
        30,
        50,
        6.1,
        6.6,
        24,
        1,
        2,
        "<5",
        150,
        12.5,
        *bands(-np.log10(SOIL)),
    )
    text += line(
        2,
        12,
        30002,
        "MT",
        35.9,
        14.4,
        40,
        35,
        25,
        7.1,
        7.7,
        12,
        300,
        1,
        21.5,
        -999,
        "NA",
        *bands(-np.log10(SOIL) + 0.1),
    )
    path = tmp_path / "LUCAS.SOIL_corr.csv"
    path.write_text(text)
    return path


def test_lucas_2009_has_its_units_and_procedures(lucas_2009):
    survey = read_lucas_2009(lucas_2009)
    y = dict(zip(survey.response_names, survey.y.T, strict=True))
    assert survey.samples.index.tolist() == ["30001", "30002"]
    assert_allclose(y["clay"], [200, 400])  # % to g/kg
    assert_allclose(y["SOC"], [24, 12])
    assert_allclose(y["N"], [2000, 1000])  # g/kg to mg/kg
    assert_allclose(y["pH"], [6.6, 7.7])
    assert_allclose(y["pH_CaCl2"], [6.1, 7.1])
    assert_allclose(y["P"], [5, 21.5])
    assert_allclose(y["K"], [150, np.nan])
    assert_allclose(y["CEC"], [12.5, np.nan])
    assert survey.is_censored.sum() == 1
    assert survey.is_censored[0, survey.response_names.index("P")]
    assert survey.samples["GPS_LONG"].tolist() == [15.1, 14.4]
    assert "no redistribution" in survey.licence
    assert any(
        "K: 1 negative values mark what was not measured" in n for n in survey.notes
    )
    assert any("C:N ratio of 12" in note for note in survey.notes)


def test_lucas_2009_holds_log10_absorbance(lucas_2009):
    spectra = read_lucas_2009(lucas_2009).spectra
    assert spectra.quantity == "absorbance"
    assert_allclose(spectra.wavelengths, AXIS)
    assert_allclose(spectra.to_reflectance().values[0], SOIL, atol=1e-5)


@pytest.mark.parametrize("unit", ["%", "mg/kg"])
def test_nitrogen_in_another_unit_is_refused(lucas_2009, unit):
    with pytest.raises(InvalidConcentrationError, match="carbon to nitrogen ratio"):
        read_lucas_2009(lucas_2009, nitrogen_unit=unit)


def test_nitrogen_in_percent_is_read_when_said(lucas_2009):
    text = (
        lucas_2009.read_text()
        .replace(",24,1,2,", ",24,1,0.2,")
        .replace(",12,300,1,", ",12,300,0.1,")
    )
    lucas_2009.write_text(text)
    with pytest.raises(InvalidConcentrationError, match="ratio 120 with"):
        read_lucas_2009(lucas_2009)
    survey = read_lucas_2009(lucas_2009, nitrogen_unit="%")
    assert_allclose(survey.with_responses(["N"]).y[:, 0], [2000, 1000])


def test_texture_that_is_no_percent_is_refused(lucas_2009):
    lucas_2009.write_text(
        lucas_2009.read_text().replace("20,30,50", "2,3,5").replace("40,35,25", "4,3,3")
    )
    with pytest.raises(InvalidConcentrationError, match=r"sum up to 10 % .median"):
        read_lucas_2009(lucas_2009)


def test_reflectance_under_the_name_of_lucas_2009_is_refused(tmp_path):
    axis = np.arange(400, 2500, 10.0)
    soil = np.interp(axis, AXIS, SOIL)
    text = line("POINT_ID", "OC", "N", *(f"spc.{number:g}" for number in axis))
    for point in range(6):
        text += line(point + 1, 20, 2, *bands(soil + 0.01 * point))
    path = tmp_path / "LUCAS.SOIL_corr.csv"
    path.write_text(text)
    with pytest.raises(
        InvalidSpectraError, match=r"said to be absorbance, but they rise"
    ):
        read_lucas_2009(path)


def test_the_older_layout_joins_scans_to_samples(tmp_path):
    (tmp_path / "v1.csv").write_text(
        "sample_ID;POINT_ID;OC;N\n124;9;30;3\n123;8;20;2\n125;7;1;0.1\n"
    )
    absorbance = -np.log10(SOIL)
    text = line("sample_ID", *(f"spc.{number:g}" for number in AXIS))
    text += line("123UK", *bands(absorbance)) + line(
        "123UK-1", *bands(absorbance + 0.2)
    )
    text += line("124", *bands(absorbance)) + line("126-1", *bands(absorbance))
    (tmp_path / "spectral.csv").write_text(text)
    survey = read_lucas_2009(tmp_path / "v1.csv", spectra=tmp_path / "spectral.csv")
    assert survey.samples.index.tolist() == ["123", "124"]
    assert_allclose(survey.y[:, survey.response_names.index("SOC")], [20, 30])
    assert_allclose(survey.spectra.values[0], absorbance + 0.1, atol=1e-5)
    assert any(
        "left out: 1 spectra without analyses, 1 analyses" in n for n in survey.notes
    )
    kept = read_lucas_2009(
        tmp_path / "v1.csv", spectra=tmp_path / "spectral.csv", replicates="keep"
    )
    assert kept.samples.index.tolist() == ["123#1", "123#2", "124"]
    assert kept.specimens.tolist() == [0, 0, 1]


@pytest.fixture
def lucas_2015(tmp_path):
    header = [
        "Point_ID",
        "Coarse",
        "Clay",
        "Sand",
        "Silt",
        "pH(CaCl2)",
        "pH(H2O)",
        "EC",
        "OC",
        "CaCO3",
        "P",
        "N",
        "K",
        "NUTS_0",
    ]
    text = line(*header)
    for point in (101, 102, 103, 201):
        text += line(point, 5, 20, 50, 30, 6, 6.5, 12.3, 20, 2, "< LOD", 2, 100, "MT")
    (tmp_path / "LUCAS_Topsoil_2015_20200323.csv").write_text(text)
    return tmp_path


def write_country(folder, country, points, spectrum):
    text = line(
        "source", "SampleID", "PointID", "NUTS_0", "SampleN", *(f"{n:g}" for n in AXIS)
    )
    for point in points:
        for scan in (1, 2):
            offset = 0.02 * scan
            text += line(
                "x", f"{point}_{scan}", point, country, scan, *bands(spectrum + offset)
            )
    (folder / f"spectra_ {country} .csv").write_text(text)


@pytest.mark.parametrize(
    ("quantity", "spectrum"), [("absorbance", -np.log10(SOIL)), ("reflectance", SOIL)]
)
def test_lucas_2015_decides_the_quantity_and_says_so(lucas_2015, quantity, spectrum):
    write_country(lucas_2015, "MT", [101, 102, 999], spectrum)
    write_country(lucas_2015, "CY", [201], spectrum)
    survey = read_lucas_2015(
        lucas_2015 / "LUCAS_Topsoil_2015_20200323.csv",
        spectra=lucas_2015,
        limits={"P": 10},
    )
    assert survey.spectra.quantity == quantity
    assert survey.samples.index.tolist() == ["201", "101", "102"]
    assert_allclose(survey.spectra.values[1], spectrum + 0.03, atol=1e-5)
    assert survey.is_censored[:, survey.response_names.index("P")].all()
    assert survey.y[0, survey.response_names.index("P")] == 10
    assert [r.unit for r in survey.responses if r.name == "EC"] == ["mS/m"]
    assert any(
        f"taken as {quantity}: decided from their values" in n for n in survey.notes
    )
    assert any(
        "left out: 1 spectra without analyses, 1 analyses" in n for n in survey.notes
    )


def test_lucas_2015_reads_the_countries_asked_for(lucas_2015):
    write_country(lucas_2015, "MT", [101], SOIL)
    write_country(lucas_2015, "CY", [201], SOIL)
    path = lucas_2015 / "LUCAS_Topsoil_2015_20200323.csv"
    limits = {"P": 10}
    survey = read_lucas_2015(
        path, spectra=lucas_2015, countries=["mt"], limits=limits, replicates="keep"
    )
    assert survey.samples.index.tolist() == ["101#1", "101#2"]
    with pytest.raises(
        UnreadableFileError, match="no spectra of 'FR'; expected some of CY, MT"
    ):
        read_lucas_2015(path, spectra=lucas_2015, countries=["FR"], limits=limits)
    with pytest.raises(
        UnreadableFileError, match="found '< LOD', below a limit that is not stated"
    ):
        read_lucas_2015(path, spectra=lucas_2015)


def test_lucas_2015_asks_where_the_values_show_nothing(lucas_2015):
    flat = 0.5 + 0.1 * np.sin(np.arange(AXIS.size))
    flat[AXIS <= 700] = 0.5
    write_country(lucas_2015, "MT", [101], flat)
    path = lucas_2015 / "LUCAS_Topsoil_2015_20200323.csv"
    with pytest.raises(InvalidSpectraError, match="say it with quantity"):
        read_lucas_2015(path, spectra=lucas_2015, limits={"P": 10})
    survey = read_lucas_2015(
        path, spectra=lucas_2015, limits={"P": 10}, quantity="reflectance"
    )
    assert survey.spectra.quantity == "reflectance"


def test_lucas_2015_countries_of_different_quantity_are_refused(lucas_2015):
    write_country(lucas_2015, "MT", [101], SOIL)
    write_country(lucas_2015, "CY", [201], -np.log10(SOIL))
    with pytest.raises(InvalidSurveyError, match="expected absorbance in the 42"):
        read_lucas_2015(
            lucas_2015 / "LUCAS_Topsoil_2015_20200323.csv",
            spectra=lucas_2015,
            limits={"P": 10},
        )


def test_no_spectra_and_no_properties_are_refused(lucas_2015, tmp_path):
    path = lucas_2015 / "LUCAS_Topsoil_2015_20200323.csv"
    with pytest.raises(UnreadableFileError, match="no spectra of LUCAS 2015"):
        read_lucas_2015(path, spectra=tmp_path, limits={"P": 10})
    other = tmp_path / "other.csv"
    other.write_text("POINT_ID,colour\n1,red\n")
    with pytest.raises(UnreadableFileError, match="none of the properties of LUCAS"):
        read_lucas_2009(other)
    other.write_text("point,OC\n1,2\n")
    with pytest.raises(UnreadableFileError, match="no column of point ids"):
        read_lucas_2009(other)


METALS = "POINTID;As;Cd_mg_kg;HG (ug/kg);Lead;Zn67;remark\n30002;5,5;0,2;38;20;1;x\n30001;-1;<0,1;40;30;1;y\n"


def test_metals_are_matched_by_rule_and_joined_to_spectra(tmp_path, lucas_2009):
    path = tmp_path / "metals.csv"
    path.write_text(METALS)
    survey = read_lucas_metals(path, units={"As": "mg/kg", "Pb": "mg/kg"})
    assert survey.response_names == ["As", "Cd", "Hg", "Pb"]
    assert {response.procedure for response in survey.responses} == {"aqua_regia"}
    # ug/kg are a thousandth of mg/kg
    assert_allclose(survey.y, [[5.5, 0.2, 0.038, 20], [np.nan, 0.1, 0.04, 30]])
    joined = read_lucas_metals(
        path, units={"As": "mg/kg", "Pb": "mg/kg"}, spectra=read_lucas_2009(lucas_2009)
    )
    assert joined.samples.index.tolist() == ["30001", "30002"]
    assert_allclose(joined.with_responses(["Pb"]).y[:, 0], [30, 20])
    assert_allclose(joined.with_responses(["SOC"]).y[:, 0], [24, 12])
    assert joined.is_censored[0, joined.response_names.index("Cd")]


@pytest.mark.parametrize(
    ("old", "new", "units", "message"),
    [
        ("", "", None, "response As has no unit"),
        (
            "",
            "",
            "mg/kg",
            r"Hg in mg/kg according to the caller, but the name 'HG \(ug/kg\)'",
        ),
        ("HG (ug/kg)", "Hg", "mg/kg", "median mercury 39 mg/kg; expected less than 1"),
        ("remark", "pb", {"As": "mg/kg", "Pb": "mg/kg"}, "Pb may be 'Lead' or 'pb'"),
    ],
)
def test_metals_without_or_against_a_unit_are_refused(
    tmp_path, old, new, units, message
):
    path = tmp_path / "metals.csv"
    path.write_text(METALS.replace(old, new) if old else METALS)
    with pytest.raises((InvalidConcentrationError, UnreadableFileError), match=message):
        read_lucas_metals(path, units=units)


def test_surveys_without_a_common_sample_are_refused(tmp_path, lucas_2009):
    path = tmp_path / "metals.csv"
    path.write_text("POINT_ID,Pb\n7,1\n")
    with pytest.raises(InvalidSurveyError, match=r"no sample of LUCAS 2009 .'30001'"):
        read_lucas_metals(path, units="mg/kg", spectra=read_lucas_2009(lucas_2009))
    path.write_text("POINT_ID,colour\n7,1\n")
    with pytest.raises(UnreadableFileError, match="no column of a metal"):
        read_lucas_metals(path)
