"""From a table of stations to the folder of an assessment."""

import errno
import json
import os
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cerussite.assessment import AssessmentPlan, HealthPlan
from cerussite.core.errors import (
    InvalidConcentrationError,
    InvalidStudyError,
    UnknownStandardError,
    UnreadableFileError,
)
from cerussite.studies.assessing import AssessmentRequest, assess_table
from cerussite.studies.assessment_folder import TABLES
from cerussite.studies.below_limits import BelowLimits
from cerussite.studies.station_columns import find_concentrations, recognise
from cerussite.studies.stations import StationTable, read_stations

SHALE = AssessmentRequest(background="average_shale")
DATA = os.environ.get("CERUSSITE_DATA")


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def two_stations(tmp_path: Path) -> StationTable:
    text = "sample_id,Pb (mg/kg),Zn (mg/kg)\nquay,80,95\nbay,20,95\n"
    return StationTable(write(tmp_path / "two.csv", text), procedures={"": "total_hf"})


def censored(tmp_path: Path, n: int = 40) -> tuple[StationTable, np.ndarray]:
    truth = np.exp(np.random.default_rng(0).normal(3.0, 0.8, (n, 2)))
    rows = [
        f"s{at},{'<12' if lead < 12 else lead},{zinc},{'ref' if at % 4 == 0 else 'port'}"
        for at, (lead, zinc) in enumerate(truth)
    ]
    text = "\n".join(["sample_id,Pb,Zn,stratum", *rows])
    return StationTable(write(tmp_path / "c.csv", text), units={"": "ppm"}), truth


def table_of(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", keep_default_na=False, na_values=[""])


def test_the_pollution_load_index_is_that_of_the_hand(tmp_path):
    # Average shale: Pb 20, Zn 95 mg/kg; the root of 4 times 1 is 2.
    assess_table(two_stations(tmp_path), SHALE, tmp_path / "out")
    ranking = table_of(tmp_path / "out", "ranking")
    assert ranking["sample_id"].tolist() == ["quay", "bay"]
    assert ranking["value"].tolist() == [2.0, 1.0]


def test_the_columns_of_the_indices_are_those_of_the_design(tmp_path):
    assess_table(two_stations(tmp_path), SHALE, tmp_path / "out")
    assert list(table_of(tmp_path / "out", "indices")) == [
        *("sample_id", "index", "element", "value", "lower", "upper", "class"),
        *("background", "standard", "withheld", "reason"),
    ]


def test_the_dictionary_explains_every_column(tmp_path):
    table, _ = censored(tmp_path)
    text = table.path.read_text(encoding="utf-8").replace("Zn", "Al", 1)
    write(table.path, text)
    request = AssessmentRequest(
        reference_stations={"stratum": ("ref",)},
        standards=("noaa_erm",),
        plan=AssessmentPlan(reference_element="Al"),
        below_limits=BelowLimits(n_draws=20),
        receptors=("resident_child",),
        health=HealthPlan((date(2025, 1, 13),)),
    )
    assess_table(table, request, tmp_path / "out")
    meanings = table_of(tmp_path / "out", "data_dictionary")["column"]
    known = {name.strip() for row in meanings for name in row.split("(")[0].split(",")}
    paths = list((tmp_path / "out").glob("*.csv"))
    assert len(paths) == len(TABLES)
    for path in paths:
        assert set(pd.read_csv(path, nrows=0)) <= known, path.name


def test_values_below_the_limit_are_drawn_below_it(tmp_path):
    table, truth = censored(tmp_path)
    assess_table(table, SHALE, tmp_path / "out")
    found = table_of(tmp_path / "out", "concentrations").query("element == 'Pb'")
    below = truth[:, 0] < 12
    assert (found["limit"].notna() == below).all()
    assert (found["upper"][below] < 12).all()
    assert (found["lower"][below] < found["value"][below]).all()
    np.testing.assert_allclose(found["value"][~below], truth[~below, 0], rtol=1e-5)
    np.testing.assert_allclose(found["lower"][~below], found["upper"][~below])


def test_intervals_of_the_index_cover_the_truth_where_a_metal_was_not_detected(
    tmp_path,
):
    table, truth = censored(tmp_path, n=200)
    assess_table(table, SHALE, tmp_path / "out")
    found = table_of(tmp_path / "out", "ranking").set_index("sample_id")
    below = np.flatnonzero(truth[:, 0] < 12)
    index = np.sqrt(truth[:, 0] / 20 * truth[:, 1] / 95)
    own = found.loc[[f"s{at}" for at in below]]
    covered = (own["lower"] <= index[below]) & (index[below] <= own["upper"])
    # 90 % nominal; 50 to 70 values, so that 3 standard errors are 12 %.
    assert 0.78 <= covered.mean() <= 1.0


@pytest.mark.parametrize("factor", ["copy", "constant"])
def test_an_element_that_copies_another_or_never_varies_is_no_obstacle(
    tmp_path, factor
):
    table, truth = censored(tmp_path)
    lines = table.path.read_text(encoding="utf-8").splitlines()
    more = 2 * truth[:, 1] if factor == "copy" else np.full(len(truth), 5.0)
    rows = [f"{line},{value}" for line, value in zip(lines[1:], more, strict=True)]
    write(table.path, "\n".join([f"{lines[0]},Cu", *rows]))
    assess_table(table, SHALE, tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert "each element by itself" in manifest["notes"][0]


def test_equal_seeds_give_equal_folders(tmp_path):
    table, _ = censored(tmp_path)
    for name in ("a", "b"):
        assess_table(table, SHALE, tmp_path / name)
    for path in sorted((tmp_path / "a").glob("*.csv")):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_substitution_is_only_on_request_and_is_said(tmp_path):
    table, truth = censored(tmp_path)
    request = AssessmentRequest(
        background="average_shale", below_limits=BelowLimits(substitute=0.5)
    )
    assess_table(table, request, tmp_path / "out")
    found = table_of(tmp_path / "out", "concentrations").query("element == 'Pb'")
    below = truth[:, 0] < 12
    assert (found["value"][below] == 6.0).all()
    assert found["lower"].isna().all()
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    n = int(below.sum())
    assert f"{n} of 80 values lay below their detection limit" in manifest["notes"][0]
    assert manifest["request"]["below_limits"] == "0.5 times the limit substituted"


def test_the_background_of_reference_stations_is_their_median(tmp_path):
    table, truth = censored(tmp_path)
    request = AssessmentRequest(reference_stations={"stratum": ("ref",)})
    chosen = StationTable(**{**vars(table), "only": {"stratum": ("port",)}})
    assess_table(chosen, request, tmp_path / "out")
    is_reference = np.arange(len(truth)) % 4 == 0
    found = table_of(tmp_path / "out", "background").set_index("element")
    zinc = truth[is_reference, 1]
    assert found.loc["Zn", "background"] == pytest.approx(np.median(zinc), rel=1e-5)
    assert found.loc["Zn", "lower"] <= found.loc["Zn", "background"]
    assert found.loc["Zn", "n"] == 10
    stations = table_of(tmp_path / "out", "stations")["sample_id"]
    assert stations.tolist() == [f"s{at}" for at in np.flatnonzero(~is_reference)]


def test_units_of_the_header_are_converted(tmp_path):
    text = "sample_id,Pb (ug/kg),Zn_ppm,Fe [%],Cu (mg/kg dw)\na,20000,95,4.72,45\n"
    table = StationTable(write(tmp_path / "u.csv", text))
    survey = read_stations(table).survey
    np.testing.assert_allclose(survey.y, [[20.0, 95.0, 47200.0, 45.0]])


@pytest.mark.parametrize(
    ("header", "element"),
    [
        ("Pb", "Pb"),
        ("lead", "Pb"),
        ("Pb (mg/kg)", "Pb"),
        ("Cd_mg_kg", "Cd"),
        ("As ppm", "As"),
        ("Al_pct", "Al"),
        ("Hg [µg/kg dry weight]", "Hg"),
    ],
)
def test_headers_of_elements_are_recognised(header, element):
    found = recognise(header)
    assert found is not None
    assert found.element == element


@pytest.mark.parametrize(
    "header", ["Cr (VI)", "Pb_sd", "pb", "Pb <LOD", "TOC_pct", "Pb/Zn", "", "no"]
)
def test_other_headers_are_not_taken_for_elements(header):
    assert recognise(header) is None


def test_x_and_y_are_coordinates_and_carbon_is_no_contaminant():
    found = find_concentrations(["X", "Y", "C", "N", "Pb"], {})
    assert [column.element for column in found] == ["Pb"]


def test_two_columns_of_one_element_are_refused_until_one_is_named():
    header = ["Pb (mg/kg)", "Pb_ppm"]
    with pytest.raises(InvalidStudyError, match=r"Pb=COLUMN"):
        find_concentrations(header, {})
    assert find_concentrations(header, {"Pb": "Pb_ppm"})[0].unit == "ppm"


def test_tables_of_the_user_are_backgrounds_and_guidelines(tmp_path):
    text = "element,value,unit,year,source\nPb,0.01,g/kg,2020,port survey\n"
    own = write(tmp_path / "offshore.csv", text + "Zn,0.05,g/kg,2020,port survey\n")
    request = AssessmentRequest(background=str(own), standards=(str(own),))
    assess_table(two_stations(tmp_path), request, tmp_path / "out")
    above = table_of(tmp_path / "out", "exceedances")
    assert above["limit"].tolist() == [10, 10, 50, 50]
    assert above["quotient"].tolist() == [8, 2, 1.9, 1.9]
    references = table_of(tmp_path / "out", "references")
    assert references["name"].tolist() == ["offshore", "offshore"]
    assert references["year"].tolist() == [2020, 2020]


def test_arsenic_risk_differs_by_the_slopes_of_both_dates(tmp_path):
    # Slope factors of IRIS: 1.5 (1995) and 32 (2025) per mg/kg and day.
    text = "sample_id,As (mg/kg)\na,12\nb,30\n"
    request = AssessmentRequest(
        background="average_shale",
        receptors=("resident_child",),
        health=HealthPlan((date(2025, 1, 12), date(2025, 1, 13))),
    )
    table = StationTable(write(tmp_path / "as.csv", text))
    assess_table(table, request, tmp_path / "out")
    risks = table_of(tmp_path / "out", "health")
    risks = risks.query("index == 'cancer_risk' and route == 'ingestion'")
    before, after = (own["value"].to_numpy() for _, own in risks.groupby("on"))
    np.testing.assert_allclose(after / before, 32 / 1.5, rtol=1e-5)


def test_ph_clay_and_organic_matter_are_taken_from_their_columns(tmp_path):
    text = "sample_id,Cd (mg/kg),acid,lutum,humus\na,0.5,5.0,25,10\nb,0.5,8,25,10\n"
    table = StationTable(
        write(tmp_path / "p.csv", text),
        ph="acid",
        clay="lutum",
        organic_matter="humus",
        medium="soil",
    )
    names = ("gb_15618_screening_other", "nl_soil_background")
    request = AssessmentRequest(background="average_shale", standards=names)
    assess_table(table, request, tmp_path / "out")
    found = table_of(tmp_path / "out", "exceedances")
    by_ph = found[found["standard"] == names[0]]
    # GB 15618-2018, Cd on other land: 0.3 up to pH 7.5, 0.6 above.
    assert by_ph["limit"].tolist() == [0.3, 0.6]
    # 25 % clay and 10 % organic matter are the Dutch standard soil.
    dutch = found[found["standard"] == names[1]]
    np.testing.assert_allclose(dutch["value"], 0.5)


@pytest.mark.parametrize(
    ("request_", "match"),
    [
        (AssessmentRequest(), "neither of background"),
        (
            AssessmentRequest("average_shale", {"stratum": ("a",)}),
            "both of background",
        ),
        (AssessmentRequest("average_shale", receptors=("resident_child",)), "dates"),
    ],
)
def test_requests_that_leave_the_answer_open_are_refused(tmp_path, request_, match):
    with pytest.raises(InvalidStudyError, match=match):
        assess_table(two_stations(tmp_path), request_, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_unknown_standards_offer_the_nearest(tmp_path):
    request = AssessmentRequest("average_shale", standards=("noaa_erx",))
    with pytest.raises(UnknownStandardError, match="noaa_erm, noaa_erl"):
        assess_table(two_stations(tmp_path), request, tmp_path / "out")


def test_an_element_without_background_is_named(tmp_path):
    table = two_stations(tmp_path)
    write(table.path, "sample_id,Pb (mg/kg),Ag (mg/kg)\na,1,1\n")
    with pytest.raises(InvalidConcentrationError, match="no value of Ag"):
        assess_table(table, SHALE, tmp_path / "out")


def test_zeros_are_refused_with_their_sample(tmp_path):
    table = two_stations(tmp_path)
    write(table.path, "sample_id,Pb (mg/kg),Zn (mg/kg)\na,1,1\nwharf,0,1\n")
    with pytest.raises(InvalidConcentrationError, match=r"Pb 1; first: Pb .*'wharf'"):
        assess_table(table, SHALE, tmp_path / "out")


def test_zeros_in_rows_that_are_not_assessed_do_not_matter(tmp_path):
    text = "sample_id,Pb (mg/kg),kind\na,20,port\nb,0,shelf\n"
    table = StationTable(write(tmp_path / "z.csv", text), only={"kind": ("port",)})
    assess_table(table, SHALE, tmp_path / "out")
    assert table_of(tmp_path / "out", "ranking")["value"].tolist() == [1.0]


def test_elements_that_were_never_measured_are_named(tmp_path):
    table = two_stations(tmp_path)
    write(table.path, "sample_id,Pb (mg/kg),Zn (mg/kg),Cd (mg/kg)\na,1,1,\n")
    with pytest.raises(InvalidConcentrationError, match=r"Cd measured .*: Pb,Zn\)"):
        assess_table(table, SHALE, tmp_path / "out")


def test_units_that_contradict_the_header_are_refused(tmp_path):
    table = two_stations(tmp_path)
    for header in ("Pb (ug/kg)", "Pb_ugkg"):
        write(table.path, f"sample_id,{header},x\na,1,\n")
        mixed = StationTable(table.path, units={"": "mg/kg"})
        with pytest.raises(InvalidConcentrationError, match="header"):
            assess_table(mixed, SHALE, tmp_path / "out")


def test_elements_detected_too_rarely_are_named_with_the_way_out(tmp_path):
    rows = "\n".join(f"s{at},<1,{at + 1}" for at in range(10))
    table = two_stations(tmp_path)
    write(table.path, f"sample_id,Cd (mg/kg),Pb (mg/kg)\n{rows}\n")
    with pytest.raises(InvalidConcentrationError, match=r"leave Cd out \(elements: Pb"):
        assess_table(table, SHALE, tmp_path / "out")


def test_draws_that_do_not_fit_into_memory_are_refused(tmp_path):
    table, _ = censored(tmp_path)
    request = AssessmentRequest(
        "average_shale", below_limits=BelowLimits(n_draws=10**7)
    )
    with pytest.raises(InvalidStudyError, match=r"need 6\.0 GiB"):
        assess_table(table, request, tmp_path / "out")


def test_foreign_files_are_never_touched(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    write(folder / "thesis.txt", "years of work")
    with pytest.raises(InvalidStudyError, match="no assessment has written"):
        assess_table(two_stations(tmp_path), SHALE, folder)
    (folder / "thesis.txt").unlink()
    assess_table(two_stations(tmp_path), SHALE, folder)
    write(folder / "thesis.txt", "years of work")
    with pytest.raises(InvalidStudyError, match=r"thesis\.txt beside"):
        assess_table(two_stations(tmp_path), SHALE, folder)
    assert (folder / "thesis.txt").read_text() == "years of work"


def test_a_failed_report_leaves_the_old_folder_whole(tmp_path):
    folder = tmp_path / "out"
    assess_table(two_stations(tmp_path), SHALE, folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def fail(_: Path) -> None:
        raise OSError(errno.ENOSPC, "the disk is full")

    with pytest.raises(OSError, match="full"):
        assess_table(two_stations(tmp_path), SHALE, folder, finish=fail)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert not list(tmp_path.glob(".*partial"))


def test_tables_of_the_user_with_text_for_numbers_are_refused_by_line(tmp_path):
    own = write(tmp_path / "own.csv", "element,value,unit\nPb,high,mg/kg\n")
    request = AssessmentRequest(background=str(own))
    with pytest.raises(UnreadableFileError, match="line 2, column 'value'"):
        assess_table(two_stations(tmp_path), request, tmp_path / "out")


@pytest.mark.skipif(DATA is None, reason="needs CERUSSITE_DATA")
def test_port_sediments_have_the_index_of_numpy(tmp_path):
    path = Path(str(DATA)) / "geochem/scb_bight_sediment/bight_metals_wide.csv.gz"
    wide = pd.read_csv(path)
    elements = ["Cr", "Cu", "Pb", "Zn"]
    ports = wide[(wide["surveyyear"] == 2018) & (wide["stratum"] == "Port")]
    table = StationTable(
        path,
        elements=dict.fromkeys(elements, ""),
        units={"": "mg/kg"},
        only={"surveyyear": ("2018",), "stratum": ("Port",)},
    )
    assess_table(table, SHALE, tmp_path / "out")
    stations = table_of(tmp_path / "out", "stations")
    assert len(stations) == len(ports) == 45
    np.testing.assert_allclose(stations["longitude"], ports["longitude"], rtol=1e-5)
    # Turekian and Wedepohl (1961): Cr 90, Cu 45, Pb 20, Zn 95 mg/kg.
    ratios = ports[elements].to_numpy() / [90, 45, 20, 95]
    expected = np.sort(np.exp(np.log(ratios).mean(axis=1)))[::-1]
    found = table_of(tmp_path / "out", "ranking")["value"]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.skipif(DATA is None, reason="needs CERUSSITE_DATA")
def test_the_wide_port_table_is_refused_for_its_zeros(tmp_path):
    path = Path(str(DATA)) / "geochem/scb_bight_sediment/bight_metals_wide.csv.gz"
    table = StationTable(path, elements={"Ag": ""}, units={"": "mg/kg"})
    zeros = int((pd.read_csv(path)["Ag"] == 0).sum())
    assert zeros > 0
    with pytest.raises(InvalidConcentrationError, match=f"Ag {zeros}; first"):
        assess_table(table, SHALE, tmp_path / "out")
