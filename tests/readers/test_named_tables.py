"""Small files with the layout of the public tables; numbers worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from cerussite.core.errors import InvalidStudyError, UnreadableFileError
from cerussite.readers.datasets import DATASETS, fetch_dataset
from cerussite.readers.named.beijing import load_beijing
from cerussite.readers.named.bight import load_bight
from cerussite.readers.named.ds801 import load_ds801
from cerussite.readers.named.jura import load_jura, load_jura_grid
from cerussite.readers.named.kola import load_kola
from cerussite.readers.named.kola_duplicates import (
    load_kola_analytical_duplicates,
    load_kola_field_duplicates,
)
from cerussite.readers.named.kola_values import censored, half_limits
from cerussite.readers.named.meuse import load_meuse, load_meuse_grid
from cerussite.readers.named.record import category
from cerussite.readers.named.worldbank import load_worldbank

TABLES = [name for name, record in DATASETS.items() if record.role in {"table", "grid"}]


def value(survey, sample, response):
    row = survey.samples.index.get_loc(sample)
    return survey.y[row, survey.response_names.index(response)]


def is_below(survey, sample, response):
    row = survey.samples.index.get_loc(sample)
    return bool(survey.is_censored[row, survey.response_names.index(response)])


def analyses(rows):
    """Published layout of the Bight; a row is (station, analyte, result, changes)."""
    common = {
        "latitude": 33.7,
        "longitude": -118.2,
        "stratum": "Port",
        "mdl": 0.01,
        "rl": 0.05,
        "units": "ug/g dw",
        "surveyyear": 2018,
    }
    return pd.DataFrame(
        [
            {
                **common,
                "stationid": station,
                "analytename": name,
                "result": result,
                **changes,
            }
            for station, name, result, changes in rows
        ]
    )


def bight(tmp_path, rows):
    path = tmp_path / "long.parquet"
    analyses(rows).to_parquet(path)
    return load_bight(path)


def test_codes_and_zeros_of_the_bight_are_below_their_limits(tmp_path):
    survey = bight(
        tmp_path,
        [
            ("a", "Silver", 0.0, {}),
            ("a", "Cadmium", -88.0, {"mdl": -99.0}),
            ("a", "Lead", 0.004, {}),
        ],
    )
    assert (value(survey, "a", "Ag"), is_below(survey, "a", "Ag")) == (0.01, True)
    assert (value(survey, "a", "Cd"), is_below(survey, "a", "Cd")) == (0.05, True)
    assert (value(survey, "a", "Pb"), is_below(survey, "a", "Pb")) == (0.004, False)
    assert np.isnan(value(survey, "a", "Zn"))
    assert not is_below(survey, "a", "Zn")


def test_extracts_of_1998_are_never_mixed_with_totals(tmp_path):
    extract = {"units": "ug/g", "surveyyear": 1998}
    survey = bight(
        tmp_path,
        [
            ("a", "Copper", 131.0, {"surveyyear": 1998}),
            ("a", "Copper", 51.0, extract),
            ("b", "Nickel", 8.0, extract),
            ("b", "Zinc", 90.0, {"surveyyear": 1998}),
        ],
    )
    assert value(survey, "a", "Cu") == 131.0
    assert np.isnan(value(survey, "b", "Ni"))
    assert value(survey, "b", "Zn") == 90.0


def test_repeated_analyses_are_averaged_over_those_that_detected(tmp_path):
    survey = bight(
        tmp_path,
        [
            ("a", "Arsenic", 5.0, {}),
            ("a", "Arsenic", 8.0, {}),
            ("a", "Mercury", -99.0, {"mdl": 0.02}),
            ("a", "Mercury", 0.03, {}),
            ("a", "Selenium", -99.0, {"mdl": 0.2}),
            ("a", "Selenium", -99.0, {"mdl": 0.1}),
        ],
    )
    assert value(survey, "a", "As") == 6.5
    assert (value(survey, "a", "Hg"), is_below(survey, "a", "Hg")) == (0.03, False)
    assert (value(survey, "a", "Se"), is_below(survey, "a", "Se")) == (0.1, True)


def test_limits_above_every_value_are_read_as_micrograms(tmp_path):
    rows = [
        ("a", "Aluminum", 2490.0, {"mdl": 410_000.0, "rl": 500_000.0}),
        ("a", "Antimony", 0.0, {"mdl": 100.0, "rl": 200.0}),
        ("a", "TOC", -88.0, {"mdl": 0.02, "units": "%"}),
        ("b", "Antimony", -88.0, {"mdl": 10.0}),
    ]
    survey = bight(tmp_path, rows)
    assert value(survey, "a", "Sb") == 0.1
    assert value(survey, "b", "Sb") == 10.0
    assert survey.covariates.loc["a", "total_organic_carbon_percent"] == 0.01


def test_names_of_organic_carbon_changed_between_surveys(tmp_path):
    survey = bight(
        tmp_path,
        [
            ("a", "TOC", 1.5, {"units": "%"}),
            ("b", "Total Organic Carbon", 0.5, {"units": "% dry weight"}),
            ("b", "Gravel", 0.0, {"mdl": np.nan, "rl": 0.0, "units": "%"}),
            ("b", "TN", 0.0, {"mdl": np.nan, "rl": -99.0, "units": "%"}),
            ("c", "Gravel", -88.0, {"mdl": -99.0, "rl": -99.0, "units": "%"}),
        ],
    )
    covariates = survey.covariates
    carbon = covariates["total_organic_carbon_percent"]
    assert carbon[["a", "b"]].tolist() == [1.5, 0.5]
    assert covariates.loc["b", "gravel_percent"] == 0.0
    assert np.isnan(covariates.loc["b", "total_nitrogen_percent"])
    assert np.isnan(covariates.loc["c", "gravel_percent"])


def test_stations_of_the_bight_are_grouped_by_position_and_not_by_id(tmp_path):
    off_coast = {"stratum": "Mid Shelf", "latitude": 33.0}
    survey = bight(
        tmp_path,
        [
            ("B98-1", "Zinc", 1.0, {"surveyyear": 1998}),
            # 0.0005 degrees of latitude are 56 m, 0.01 are 1.1 km, 0.1 are 11 km.
            ("B18-9", "Zinc", 1.0, {"latitude": 33.7005}),
            ("B18-8", "Zinc", 1.0, {"latitude": 33.71, "stratum": "Marina"}),
            ("B18-7", "Zinc", 1.0, {"latitude": 33.81}),
            ("B18-6", "Zinc", 1.0, off_coast),
            ("B18-5", "Zinc", 1.0, {"latitude": np.nan}),
        ],
    )
    samples = survey.samples
    assert samples.loc["B98-1", "group"] == samples.loc["B18-9", "group"]
    assert samples["group"].nunique() == 4
    near = samples.loc[["B98-1", "B18-9", "B18-8"], "embayment"]
    assert near.unique().tolist() == ["33.70N 118.20W"]
    assert samples.loc["B18-7", "embayment"] == "33.81N 118.20W"
    assert pd.isna(samples.loc["B18-6", "embayment"])
    assert "B18-5" not in samples.index
    assert survey.covariates["stratum"].dtype == "category"


def test_negative_values_of_ds801_are_limits_in_mg_per_kg(tmp_path):
    record = DATASETS["usgs-ds801-top5"]
    row = dict.fromkeys(record.responses, 1.0) | {
        "SiteID": 96,
        "StateID": "AL",
        "Latitude": 31.3146,
        "Longitude": -87.1166,
        "CollDate": "02/18/09",
        "LandCover1": "Planted/Cultivated",
        "LandCover2": "Pasture/Hay",
    }
    empty = row | dict.fromkeys(record.responses, np.nan) | {"SiteID": 97}
    path = tmp_path / "top5.csv"
    pd.DataFrame([row | {"Al": 0.79, "Ca": -0.01, "Cd": -0.1}, empty]).to_csv(
        path, index=False
    )
    survey = load_ds801(path)
    assert value(survey, "ds801-96", "Al") == pytest.approx(7900.0)
    assert value(survey, "ds801-96", "Ca") == pytest.approx(100.0)
    assert value(survey, "ds801-96", "Cd") == 0.1
    assert survey.is_censored.sum() == 2
    assert is_below(survey, "ds801-96", "Cd")
    assert np.isnan(survey.y[1]).all()
    assert survey.samples["date"].iloc[0] == pd.Timestamp(2009, 2, 18)
    assert survey.covariates["land_cover"].dtype == "category"


def test_half_a_limit_is_told_from_a_measured_minimum():
    values = np.array(
        [
            [0.05, 0.2, 5.0, 0.1, np.nan],
            [0.05, 0.2, 5.0, 0.3, 0.5],
            [0.10, 0.3, 5.0, 0.4, 0.5],
        ]
    )
    halves = half_limits(values)
    # Gap up to the double; value between; constant; occurs once; missing values.
    np.testing.assert_array_equal(halves, [0.05, np.nan, 5.0, np.nan, 0.5])
    y, is_censored = censored(values, halves)
    assert y[:, 0].tolist() == [0.1, 0.1, 0.1]
    assert is_censored[:, 0].tolist() == [True, True, False]
    assert is_censored[:, 4].tolist() == [False, True, True]


@pytest.mark.parametrize("repeats", [2, 50])
def test_half_limits_written_over_simulated_values_are_all_found(repeats):
    rng = np.random.default_rng(0)
    truth = rng.lognormal(size=(40 * repeats, 3))
    limits = np.quantile(truth, 0.3, axis=0)
    written = np.where(truth < limits, limits / 2, truth)
    y, is_censored = censored(written, half_limits(written))
    np.testing.assert_array_equal(is_censored, truth < limits)
    np.testing.assert_allclose(
        y[is_censored], np.broadcast_to(limits, y.shape)[is_censored]
    )


C_HORIZON = pd.DataFrame(
    {
        "ID": [1, 2, 3],
        "XCOO": [547960, 770025, 600000],
        "YCOO": [7690000, 7680000, 7600000],
        "ELEV": [135, 140, -9999],
        "COUN": ["FIN", "RUS", "NOR"],
        "ASP": ["NW", "", "S"],
        "TOPC": [35.0, 52.0, np.nan],
        "LITO": [20, 4, 4],
        "pH": [5.8, 5.8, 6.0],
        "LOI": [1.72, 0.49, 1.0],
        "EC": [0.19, 0.14, 0.3],
        "As": [0.05, 0.05, 0.3],
        "As_INAA": [0.25, 0.25, 0.75],
        "Au": [1.344, 0.44, 0.9],
        "Au_INAA": [0.001, 0.001, 0.002],
        "Cl": [1.0, 1.0, 1.0],
        "Rb": [55.0, 7.5, 7.5],
        "Si_XRF": [308500.0, 332400.0, 300000.0],
        "SiO2": [66.01, 71.12, 65.0],
    }
)


def test_procedures_of_kola_are_kept_apart(tmp_path):
    C_HORIZON.to_csv(tmp_path / "kola_chorizon.csv", index=False)
    acid = load_kola(tmp_path)
    assert acid.response_names == ["As", "Au"]
    assert {r.procedure for r in acid.responses} == {"aqua_regia"}
    assert value(acid, "C-1", "Au") == pytest.approx(0.001344)  # ug/kg
    assert (value(acid, "C-1", "As"), is_below(acid, "C-1", "As")) == (0.1, True)
    activated = load_kola(tmp_path, procedure="inaa")
    assert activated.response_names == ["As", "Au", "Rb"]
    assert value(activated, "C-2", "As") == 0.5
    assert value(activated, "C-2", "Rb") == 15.0
    assert load_kola(tmp_path, procedure="xrf").response_names == ["Si"]
    assert "Read: C, aqua_regia." in acid.notes


def test_covariates_of_kola_keep_categories_and_what_is_missing(tmp_path):
    C_HORIZON.to_csv(tmp_path / "kola_chorizon.csv", index=False)
    survey = load_kola(tmp_path)
    covariates = survey.covariates
    assert covariates["elevation_m"].isna().tolist() == [False, False, True]
    assert covariates["aspect"].isna().tolist() == [False, True, False]
    assert covariates["lithology"].tolist() == ["20", "4", "4"]
    assert survey.samples["site"].tolist() == ["1", "2", "3"]
    assert survey.crs == "EPSG:32635"


def test_pairs_of_kola_use_the_limits_of_the_whole_horizon(tmp_path):
    C_HORIZON.to_csv(tmp_path / "kola_chorizon.csv", index=False)
    pairs = {"As": [0.05, 0.4], "As_INAA": [1.0, 2.0], "Cl": [1.0, 1.0]}
    field = {f"F{n}_{name}": both for n in (1, 2) for name, both in pairs.items()} | {
        "F1_.Loc": [312, 746],
        "F2_.Loc": [22, 32],
        "XCOO": [7.0, 6.0],
    }
    pd.DataFrame(field | {"YCOO": [1.0, 2.0]}).to_csv(
        tmp_path / "kola_c_field_duplicates.csv", index=False
    )
    survey = load_kola_field_duplicates(tmp_path)
    assert survey.samples.index.tolist() == ["F1-22", "F1-32", "F2-22", "F2-32"]
    assert survey.groups.tolist() == ["22", "32", "22", "32"]
    assert is_below(survey, "F2-22", "As")
    assert not is_below(survey, "F2-32", "As")
    assert len(set(survey.specimens)) == 4
    analytical = {f"A{n}_{k}": v for n in (1, 2) for k, v in pairs.items()}
    pd.DataFrame(analytical | {"A1_.Loc": [14, 29], "A2_.Loc": [5, 21]}).to_csv(
        tmp_path / "kola_c_analytical_duplicates.csv", index=False
    )
    repeated = load_kola_analytical_duplicates(tmp_path, procedure="inaa")
    assert len(set(repeated.specimens)) == 2
    assert value(repeated, "A2-21", "As") == 2.0


def stations(n, **columns):
    return pd.DataFrame({name: [each] * n for name, each in columns.items()})


def test_jura_joins_its_parts_and_shares_categories_with_its_grid(tmp_path):
    place = {"Xloc": 2.386, "Yloc": 3.077, "long": 6.85, "lat": 47.14}
    kind = {"Landuse": "Meadow", "Rock": "Sequanian"}
    metals = dict.fromkeys(("Cd", "Co", "Cr", "Cu", "Ni", "Pb", "Zn"), 1.5)
    whole = {**place, **kind, **metals}
    stations(2, **whole).to_csv(tmp_path / "jura_pred.csv", index=False)
    stations(1, **whole).to_csv(tmp_path / "jura_val.csv", index=False)
    stations(3, **place, **kind).to_csv(tmp_path / "jura_grid.csv", index=False)
    survey = load_jura(tmp_path)
    assert survey.samples.index.tolist() == [
        "prediction-001",
        "prediction-002",
        "validation-001",
    ]
    assert survey.samples["easting"].tolist() == pytest.approx([2386.0] * 3)
    assert load_jura(tmp_path, part="validation").n_samples == 1
    grid = load_jura_grid(tmp_path / "jura_grid.csv")
    assert grid.y.shape == (3, 0)
    for name in ("land_use", "rock"):
        assert grid.covariates[name].dtype == survey.covariates[name].dtype


def test_cadmium_of_meuse_that_was_zero_is_below_its_limit(tmp_path):
    common = {"copper": 85, "lead": 299, "zinc": 1022, "elev": 7.9, "dist": 0.5}
    kind = {"om": 13.6, "ffreq": 1, "soil": 2, "lime": 1, "landuse": "Ah", "dist.m": 50}
    table = stations(3, x=181072, y=333611, **common, **kind)
    table = table.assign(row=[1, 2, 3], cadmium=[0.2, 0.4, 11.7])
    table.loc[2, "landuse"] = np.nan
    table.to_csv(tmp_path / "meuse.csv", index=False)
    survey = load_meuse(tmp_path / "meuse.csv")
    assert survey.y[:, 0].tolist() == [0.4, 0.4, 11.7]
    assert survey.is_censored[:, 0].tolist() == [True, False, False]
    assert survey.covariates["land_use"].isna().tolist() == [False, False, True]
    cells = {"x": 181180, "y": 333740, "part.a": 1, "part.b": 0}
    stations(2, **cells, dist=0.0, soil=1, ffreq=1).to_csv(
        tmp_path / "grid.csv", index=False
    )
    grid = load_meuse_grid(tmp_path / "grid.csv")
    assert grid.covariates["soil"].dtype == survey.covariates["soil"].dtype
    assert (grid.crs, survey.crs) == ("EPSG:28992", "EPSG:28992")


def test_dust_is_a_response_and_what_contains_it_no_covariate(tmp_path):
    weather = dict.fromkeys(("SO2", "NO2", "CO", "O3", "TEMP", "PRES", "DEWP"), 1.0)
    table = stations(2, **weather, RAIN=0.0, WSPM=1.0, station="Dingling")
    table = table.assign(date=["2013-03-01", "2013-12-31"])
    table["PM2.5"], table["PM10"] = [7.0, 8.0], [10.0, 20.0]
    table.to_csv(tmp_path / "daily.csv", index=False)
    survey = load_beijing(tmp_path / "daily.csv")
    assert survey.samples.index.tolist() == [
        "Dingling 2013-03-01",
        "Dingling 2013-12-31",
    ]
    assert survey.groups.tolist() == ["2013-03", "2013-12"]
    assert survey.covariates["day_of_year"].tolist() == [60.0, 365.0]
    assert not [name for name in survey.covariates if "pm" in name.lower()]
    assert [response.unit for response in survey.responses] == ["ug/m3", "ug/m3"]


def test_indicators_keep_their_codes_and_gaps(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text(
        "Country Code,AG.LND.FRST.ZS,EN.ATM.PM25.MC.M3,gdp_pc\n"
        "AFG,2.5,62.85,522\nAND,,10.5,\n"
    )
    survey = load_worldbank(path)
    assert survey.y[:, 0].tolist() == [62.85, 10.5]
    assert list(survey.covariates) == ["AG.LND.FRST.ZS", "gdp_pc"]
    assert survey.covariates.loc["AND"].isna().all()


def test_labels_lose_blanks_and_decimals_but_not_their_zeros():
    found = category(["NW", " NW", "", 10.0, 4, None])
    assert list(found)[:2] == ["NW", "NW"]
    assert list(found)[3:5] == ["10", "4"]
    assert pd.isna(found).tolist() == [False, False, True, False, False, True]


@pytest.mark.parametrize("name", TABLES)
def test_each_table_says_how_it_was_derived_and_where_it_belongs(
    name, tmp_path, monkeypatch
):
    record = DATASETS[name]
    assert record.address.startswith("https://")
    assert record.licence
    assert record.citation
    assert "derived table" in record.notes[0]
    monkeypatch.setenv("CERUSSITE_DATA", str(tmp_path))
    with pytest.raises(UnreadableFileError, match=r"CERUSSITE_DATA/geochem/\w+/\w+"):
        fetch_dataset(name)


@pytest.mark.parametrize(
    ("load", "options", "message"),
    [
        (load_kola, {"horizon": "E"}, r"horizon 'E'; expected one of B, C, O"),
        (load_kola, {"horizon": "B", "procedure": "inaa"}, r"kola B: procedure 'inaa'"),
        (load_jura, {"part": "test"}, r"part 'test'; expected one of all, pred"),
        (load_kola_field_duplicates, {"procedure": "xrf"}, r"procedure 'xrf'"),
    ],
)
def test_options_that_do_not_exist_are_refused(load, options, message, tmp_path):
    with pytest.raises(InvalidStudyError, match=message):
        load(tmp_path, **options)
