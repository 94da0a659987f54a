"""The report of an assessment says what it rests on, and stands alone."""

import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cerussite.assessment import AssessmentPlan, HealthPlan
from cerussite.core.errors import UnreadableFileError
from cerussite.reporting.assessment_folder import read_assessment
from cerussite.reporting.assessment_page import write_assessment_report
from cerussite.reporting.figures.classes import class_colours, text_colour
from cerussite.reporting.figures.station_map import regions, round_below
from cerussite.studies.assessing import AssessmentRequest, assess_table
from cerussite.studies.below_limits import BelowLimits
from cerussite.studies.stations import StationTable

HOSTILE = "<script>alert(1)</script>"


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.labels: list[str] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        found = dict(attrs)
        self.labels.append(found.get("aria-label") or "")
        self.ids += [found["id"]] if "id" in found else []
        for name in ("href", "src", "xlink:href"):
            self.addresses += [found[name]] if name in found else []

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def read(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


@pytest.fixture(scope="module", name="folder")
def folder_fixture(tmp_path_factory) -> Path:
    base = tmp_path_factory.mktemp("assessment")
    rng = np.random.default_rng(0)
    size = np.exp(rng.normal(0, 0.5, 30))
    table = pd.DataFrame(
        {
            "sample_id": [HOSTILE, "007", *(f"s{at}" for at in range(2, 30))],
            "longitude": rng.uniform(-118.3, -118.2, 30),
            "latitude": rng.uniform(33.7, 33.8, 30),
            "Al (%)": 5 * size,
            "As (mg/kg)": 9 * size,
            "Cd (mg/kg)": [
                "<0.2" if value < 0.2 else value
                for value in np.exp(rng.normal(-1, 0.8, 30))
            ],
            "Pb (mg/kg)": 30 * size,
        }
    )
    table.to_csv(base / "port.csv", index=False)
    request = AssessmentRequest(
        background="upper_crust_mclennan",
        standards=("noaa_erm", "nepm_hil_a"),
        plan=AssessmentPlan(reference_element="Al"),
        below_limits=BelowLimits(n_draws=50),
        receptors=("resident_child",),
        health=HealthPlan((date(2025, 1, 12), date(2025, 1, 13))),
    )
    assess_table(
        StationTable(base / "port.csv", medium="marine sediment"),
        request,
        base / "out",
        finish=write_assessment_report,
    )
    return base / "out"


@pytest.fixture(scope="module", name="page")
def page_fixture(folder) -> Page:
    return read(folder / "report.html")


def test_standards_stand_with_source_and_year(page):
    assert "Long, E. R. et al. (1995)" in page.text
    assert "McLennan" in page.text
    for year in ("1995", "2001"):
        assert year in page.text


def test_both_dates_of_the_toxicity_values_are_named(page):
    assert "2025-01-12 and on 2025-01-13" in page.text
    assert "IRIS 1995, primary" in page.text
    assert "from 2025-01-13" in page.text


def test_bars_count_what_the_table_holds(folder, page):
    indices = pd.read_csv(folder / "indices.csv", keep_default_na=False)
    own = indices.query("index == 'geoaccumulation_index' and element == 'Pb'")
    classes = pd.read_csv(folder / "classes.csv").query(
        "index == 'geoaccumulation_index'"
    )
    counts = [int((own["class"] == label).sum()) for label in classes["label"]]
    label = next(
        text
        for text in page.labels
        if text.startswith("stations by class of Geoaccumulation index")
    )
    assert f"Pb: {', '.join(map(str, counts))}, withheld 0" in label
    assert sum(counts) == 30


def test_maps_show_every_station(page):
    maps = [text for text in page.labels if text.startswith("map of")]
    assert maps
    for text in maps:
        counts = [int(n) for n in re.findall(r" (\d+)(?:,|$)", text.split(":")[1])]
        assert text.startswith("map of 30 stations")
        assert sum(counts) <= 30
    assert "2 km" in page.text or "1 km" in page.text
    assert "Longitude" in page.text


def test_withheld_verdicts_stand_with_their_reasons(folder, page):
    withheld = pd.read_csv(folder / "withheld.csv", keep_default_na=False)
    assert len(withheld)
    for reason in withheld["reason"]:
        assert reason in page.text


def test_values_below_the_limit_and_their_draws_are_told(page):
    assert "were drawn 50 times from lognormal distributions" in page.text
    assert "measured values count as exact" in page.text


def test_warnings_and_the_dictionary_are_there(folder, page):
    assert "noaa_erm" in page.text
    assert "Read with these doubts" in page.text
    for meaning in pd.read_csv(folder / "data_dictionary.csv")["meaning"]:
        assert " ".join(meaning.split()) in page.text


def test_names_of_stations_are_text_whatever_they_look_like(folder, page):
    assert "script" not in page.tags
    assert HOSTILE in page.text
    ranking = read_assessment(folder).tables["ranking"]
    assert "007" in ranking["sample_id"].tolist()
    assert "007" in page.text


def test_the_page_needs_nothing_from_elsewhere(folder, page):
    assert all(address.startswith("#") for address in page.addresses)
    assert {address[1:] for address in page.addresses} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert (folder / "report.html").stat().st_size < 2e6


def test_without_coordinates_standards_and_health_their_parts_are_left_out(tmp_path):
    (tmp_path / "t.csv").write_text("sample_id,Pb (mg/kg)\na,30\n", encoding="utf-8")
    assess_table(
        StationTable(tmp_path / "t.csv"),
        AssessmentRequest("average_shale"),
        tmp_path / "out",
        finish=write_assessment_report,
    )
    page = read(tmp_path / "out" / "report.html")
    assert not {"maps", "exceedances", "health"} & set(page.ids)
    assert "1 of 1 stations lie above a pollution load index of 1" in page.text


def test_an_index_withheld_everywhere_is_no_headline_of_numbers(tmp_path):
    text = "sample_id,Pb (mg/kg),Zn (mg/kg)\na,30,\nb,,90\n"
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    assess_table(
        StationTable(tmp_path / "t.csv"),
        AssessmentRequest("average_shale", standards=("noaa_erm",)),
        tmp_path / "out",
        finish=write_assessment_report,
    )
    page = read(tmp_path / "out" / "report.html")
    assert "index is withheld at every station" in page.text
    assert "not every element of the set was measured" in page.text


def test_a_folder_of_something_else_is_refused(tmp_path):
    with pytest.raises(UnreadableFileError, match=r"no indices\.csv"):
        write_assessment_report(tmp_path)


def test_colours_darken_from_low_to_high_and_text_stays_readable():
    def light(colour: str) -> float:
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    for n_classes in range(2, 9):
        colours = class_colours(n_classes)
        shades = [light(colour) for colour in colours]
        assert shades == sorted(shades, reverse=True)
        for colour in colours:
            assert abs(light(text_colour(colour)) - light(colour)) > 90


def test_harbours_far_apart_get_maps_of_their_own():
    east = np.array([-118.27, -118.25, -117.15, -117.13])
    north = np.array([33.74, 33.75, 32.68, 32.70])
    found = regions(east, north, is_degrees=True)
    assert found[0] == found[1] != found[2] == found[3]
    assert regions(east[:1], north[:1], is_degrees=True).tolist() == [0]


def test_scale_bars_have_round_lengths():
    for value in np.geomspace(0.011, 9e5, 200):
        length = round_below(float(value))
        assert 0.4 * value < length <= value * (1 + 1e-8)
        assert f"{length:.0e}"[0] in "125"
