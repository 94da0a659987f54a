"""The library is large: these tables are written here in the layout of its manual."""

import gzip

import numpy as np
import pytest
from numpy.testing import assert_allclose

from cerussite.core.errors import InvalidSurveyError, UnreadableFileError
from cerussite.readers.ossl import ossl_property, read_ossl

MIR = [f"scan_mir.{number}_abs" for number in range(600, 640, 2)]
VISNIR = [f"scan_visnir.{number}_ref" for number in range(350, 390, 2)]
PROPERTIES = [
    "ph.h2o_usda.a268_index",
    "clay.tot_usda.a334_w.pct",
    "oc_usda.c729_w.pct",
    "mn.ext_usda.a1067_mg.kg",
    "mn.ext_usda.a70_mg.kg",
    "fe.dith_usda.a66_w.pct",
    "fe.ext_aquaregia_g.kg",
    "k.ext_usda.a725_cmolc.kg",
]
HEADER = [
    "dataset.code_ascii_txt", "id.layer_uuid_txt", "longitude.point_wgs84_dd",
    "scan.mir.model.name_utf8_txt", "scan.visnir.date.begin_iso.8601_yyyy.mm.dd",
]  # fmt: skip


def row(dataset, layer, values, mir=None, visnir=None):
    blank = ["NA"] * 20
    both = [
        *(mir if mir is not None else blank),
        *(visnir if visnir is not None else blank),
    ]
    return ",".join(
        map(str, [dataset, layer, 10.5, "Vertex", "2015-01-01", *values, *both])
    )


@pytest.fixture
def path(tmp_path):
    ramp = np.round(np.linspace(0.5, 1.5, 20), 5)
    rows = [
        ",".join([*HEADER, *PROPERTIES, *MIR, *VISNIR]),
        row("KSSL.SSL", "a", [6.5, 25, 1.5, 12, 3, 2, "", 0.4], mir=ramp),
        row(
            "KSSL.SSL",
            "b",
            ["", 30, "NA", "", 4, 3, "", ""],
            mir=ramp / 2,
            visnir=ramp / 4,
        ),
        row("GARRETT.SSL", "c", [5, 70, 3, "", "", "", 20, ""], visnir=ramp / 2),
        row("AFSIS2.SSL", "d", [5.5, 40, 2, "", "", "", 30, ""], mir=ramp / 4),
    ]
    path = tmp_path / "ossl_all_L0_v1.2.csv.gz"
    with gzip.open(path, "wt") as file:
        file.write("\n".join(rows) + "\n")
    return path


def test_the_mid_infrared_is_absorbance_with_units_inside(path):
    survey = read_ossl(path, scan="mir", responses=["pH", "clay", "SOC"])
    assert survey.samples.index.tolist() == ["a", "b", "d"]
    assert survey.groups.tolist() == ["KSSL.SSL", "KSSL.SSL", "AFSIS2.SSL"]
    # percent to g/kg
    assert_allclose(survey.y, [[6.5, 250, 15], [np.nan, 300, np.nan], [5.5, 400, 20]])
    assert survey.spectra.quantity == "absorbance"
    assert survey.spectra.original_unit == "cm-1"
    assert_allclose(survey.spectra.wavelengths[-1], 1e7 / 600)
    assert_allclose(survey.spectra.values[0, -1], 0.5)
    assert "1 rows without a spectrum left out" in survey.notes
    assert survey.samples["longitude.point_wgs84_dd"].tolist() == [10.5] * 3


def test_the_visible_is_reflectance_and_garrett_is_remarked(path):
    survey = read_ossl(
        path, scan="visnir", responses={"clay": "clay.tot_usda.a334_w.pct"}
    )
    assert survey.samples.index.tolist() == ["b", "c"]
    assert survey.spectra.quantity == "reflectance"
    assert survey.spectra.wavelengths[0] == 350
    assert any("texture of the GARRETT" in note for note in survey.notes)
    assert "2 rows without a spectrum left out" in survey.notes


def test_licences_follow_the_data_sets(path):
    survey = read_ossl(path, scan="mir", responses=["clay"])
    assert survey.licence == "KSSL.SSL: CC-BY; AFSIS2.SSL: CC0"
    assert "2 rows of KSSL.SSL" in survey.notes


def test_data_sets_can_be_chosen(path):
    survey = read_ossl(path, scan="mir", responses=["clay"], datasets=["AFSIS2.SSL"])
    assert survey.samples.index.tolist() == ["d"]
    with pytest.raises(UnreadableFileError, match="no row of LUCAS; expected codes"):
        read_ossl(path, scan="mir", responses=["clay"], datasets=["LUCAS"])


def test_a_metal_measured_in_two_ways_needs_its_code(path):
    with pytest.raises(
        UnreadableFileError,
        match=r"Mn was measured in 2 ways: mn.ext_usda.a1067_mg.kg \(mehlich3\), mn.ext_usda.a70_mg.kg \(kcl\)",
    ):
        read_ossl(path, scan="mir", responses=["Mn"])
    survey = read_ossl(path, scan="mir", responses={"Mn": "mn.ext_usda.a70_mg.kg"})
    assert_allclose(survey.y[:, 0], [3, 4, np.nan])
    assert survey.responses[0].procedure == "kcl"
    survey = read_ossl(path, scan="mir", responses=["fe.ext_aquaregia_g.kg"])
    assert survey.response_names == ["Fe"]
    assert_allclose(survey.y[:, 0], [np.nan, np.nan, 30_000])  # g/kg to mg/kg


@pytest.mark.parametrize(
    ("code", "name", "unit", "procedure"),
    [
        ("ph.h2o_usda.a268_index", "pH", "1", "h2o"),
        ("oc_usda.c729_w.pct", "SOC", "%", "usda.c729"),
        ("cu.ext_usda.a1063_mg.kg", "Cu", "mg/kg", "mehlich3"),
        ("mn.ext_aquaregia_mg.kg", "Mn", "mg/kg", "aqua_regia"),
        ("fe.dith_usda.a66_w.pct", "Fe", "%", "dithionite"),
        ("fe.ox_usda.a60_w.pct", "Fe", "%", "oxalate"),
        ("n.tot_usda.a623_w.pct", "N", "%", "total"),
        ("k.ext_usda.a725_cmolc.kg", "K_exchangeable", "cmol/kg", "usda.a725"),
    ],
)
def test_codes_of_properties_are_read(code, name, unit, procedure):
    found = ossl_property(code)
    assert (found.name, found.unit, found.procedure) == (name, unit, procedure)


def test_other_columns_are_no_properties():
    for column in [*HEADER, MIR[0], VISNIR[0]]:
        assert ossl_property(column) is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scan": "nir"}, "scan='nir'; expected 'mir' or 'visnir'"),
        (
            {"responses": ["Pb"]},
            "no response 'Pb'; expected some of Fe, K_exchangeable",
        ),
    ],
)
def test_what_the_library_does_not_hold_is_refused(path, options, message):
    with pytest.raises(UnreadableFileError, match=message):
        read_ossl(path, **{"scan": "mir", "responses": ["clay"]} | options)


def test_another_table_is_refused(tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("id,clay\n1,2\n")
    with pytest.raises(
        UnreadableFileError, match="expected a joined table of the Open"
    ):
        read_ossl(path, scan="mir", responses=["clay"])


def test_layers_scanned_twice_are_refused_until_said(path):
    text = (
        gzip.decompress(path.read_bytes()).decode().replace("KSSL.SSL,b", "KSSL.SSL,a")
    )
    plain = path.with_suffix("")
    plain.write_text(text)
    with pytest.raises(InvalidSurveyError, match="sample id 'a' occurs 2 times"):
        read_ossl(plain, scan="mir", responses=["clay"])
    survey = read_ossl(plain, scan="mir", responses=["clay"], replicates="keep")
    assert survey.samples.index.tolist() == ["a#1", "a#2", "d"]
