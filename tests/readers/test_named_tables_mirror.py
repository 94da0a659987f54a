"""The public tables themselves, against figures that other programs found."""

import json
import os
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cerussite.readers.datasets import load_dataset

MIRROR = os.environ.get("CERUSSITE_DATA", "")
pytestmark = pytest.mark.skipif(
    not MIRROR, reason="CERUSSITE_DATA names no mirror of the public data"
)
GEOCHEM = Path(MIRROR) / "geochem"


@cache
def bight():
    return load_dataset("bight-sediment")


def column(survey, name):
    return survey.y[:, survey.response_names.index(name)]


def test_strata_and_years_of_the_bight_are_those_of_its_description():
    strata = bight().samples["stratum"].value_counts()
    assert strata[["Port", "Marina", "Bay", "Estuaries"]].tolist() == [
        237,
        246,
        221,
        246,
    ]
    years = bight().samples["survey"].value_counts().sort_index()
    assert years.tolist() == [311, 375, 383, 395, 360, 340]


def test_1433_pairs_of_surveys_lie_within_100_m_and_share_their_group():
    # Number of revisits in the description of the data, found by coordinates.
    samples, covariates = bight().samples, bight().covariates
    a, b = np.radians(covariates[["latitude", "longitude"]].to_numpy().T)
    h = np.sin((a[:, None] - a) / 2) ** 2
    h += np.cos(a[:, None]) * np.cos(a) * np.sin((b[:, None] - b) / 2) ** 2
    near = 2 * 6_371_008.8 * np.arcsin(np.sqrt(h)) <= 100.0
    first, second = np.nonzero(np.triu(near, 1))
    year, group = samples["survey"].to_numpy(), samples["group"].to_numpy()
    assert np.sum(year[first] != year[second]) == 1433
    assert (group[first] == group[second]).all()


def test_values_of_the_bight_equal_a_table_that_another_program_made():
    other = pd.read_csv(GEOCHEM / "scb_bight_sediment/bight_metals_wide.csv.gz")
    other = other.set_index("stationid").loc[bight().samples.index]
    # That table has half limits below the limit, averages them where analyses were
    # repeated (1998 with extracts), so it is compared where there was one analysis.
    raw = pd.read_parquet(GEOCHEM / "scb_bight_sediment/bight_chem_long.parquet")
    is_repeat = raw.duplicated(["stationid", "analytename"], keep=False)
    repeated = bight().samples.index.isin(raw.loc[is_repeat, "stationid"])
    later = (bight().samples["survey"] != "1998").to_numpy()
    for at, name in enumerate(bight().response_names):
        kept = later & ~repeated & ~bight().is_censored[:, at]
        assert kept.sum() > 1000
        np.testing.assert_allclose(
            column(bight(), name)[kept], other[name].to_numpy()[kept], err_msg=name
        )
    carbon = bight().covariates["total_organic_carbon_percent"]
    known = carbon.notna() & other["TOC_pct"].gt(0) & ~repeated
    np.testing.assert_allclose(carbon[known], other["TOC_pct"][known])


def test_no_metal_of_the_bight_is_zero_and_zeros_are_censored():
    assert np.nanmin(bight().y) > 0
    raw = pd.read_parquet(GEOCHEM / "scb_bight_sediment/bight_chem_long.parquet")
    is_zero = (raw["analytename"] == "Silver") & (raw["result"] == 0)
    rows = bight().samples.index.isin(raw.loc[is_zero, "stationid"])
    assert rows.sum() == 365
    silver = bight().response_names.index("Ag")
    # One station of 2003 has a second analysis that detected silver.
    assert bight().is_censored[rows, silver].sum() == 364


def test_totals_of_1998_are_not_averaged_with_extracts():
    row = bight().samples.index.get_loc("B98-2128")
    found = {name: bight().y[row, at] for at, name in enumerate(bight().response_names)}
    expected = {"Cd": 0.65, "Cu": 131.0, "Pb": 24.9, "Ni": 44.0, "Zn": 205.0}
    assert {name: found[name] for name in expected} == expected


def test_missing_covariates_of_the_bight_encode_the_survey():
    covariates, survey = bight().covariates, bight().samples["survey"]
    n_carbon = covariates["total_organic_carbon_percent"].groupby(survey).count()
    assert n_carbon["2008"] == 0
    assert (n_carbon.drop("2008") > 280).all()
    n_silt = covariates["silt_percent"].groupby(survey).count()
    assert n_silt[n_silt > 0].to_dict() == {"2008": 18, "2013": 395}


def test_an_embayment_is_not_split_between_groups():
    labels = bight().samples[["group", "embayment"]].dropna()
    assert labels.groupby("group")["embayment"].nunique().max() == 1
    assert labels["embayment"].nunique() == 29
    assert labels["embayment"].value_counts().iloc[:2].tolist() == [334, 258]


def test_censored_values_of_ds801_are_as_many_as_its_description_counts():
    told = json.loads(
        (GEOCHEM / "usgs_ds801_top5/units_and_censoring.json").read_text()
    )
    survey = load_dataset("usgs-ds801-top5")
    for at, response in enumerate(survey.responses):
        n_censored = int(survey.is_censored[:, at].sum())
        assert n_censored == told["n_left_censored"][response.name]
    in_percent = {name for name, unit in told["units"].items() if unit == "wt. %"}
    # Iron in soils is per cent, not mg/kg: 0.5 to 8 % in nine of ten.
    assert {"Al", "Fe", "Ti"} < in_percent
    assert 1e4 < np.nanmedian(column(survey, "Fe")) < 3e4
    assert int(np.isfinite(survey.y).any(axis=1).sum()) == 4841


@pytest.mark.parametrize(
    ("horizon", "n_sites"), [("O", 617), ("B", 609), ("C", 605), ("topsoil", 607)]
)
def test_horizons_of_kola_have_their_sites(horizon, n_sites):
    survey = load_dataset("kola", horizon=horizon)
    assert survey.n_samples == n_sites
    assert not (survey.covariates.select_dtypes("number") == -9999).any().any()


def test_half_limits_of_kola_are_the_same_in_two_tables_of_one_method():
    # Both layers went through neutron activation; each was read on its own.
    found = []
    for horizon in ("C", "topsoil"):
        survey = load_dataset("kola", horizon=horizon, procedure="inaa")
        lowest = dict(zip(survey.response_names, survey.y.min(axis=0), strict=True))
        some = survey.is_censored.any(axis=0)
        names = np.array(survey.response_names)[some]
        found.append({name: lowest[name] for name in names})
    shared = sorted(set(found[0]) & set(found[1]))
    assert len(shared) == 16
    assert [found[0][name] for name in shared] == [found[1][name] for name in shared]


def test_the_second_of_each_pair_is_a_row_of_the_c_horizon():
    horizon = load_dataset("kola")
    copper = pd.Series(column(horizon, "Cu"), index=horizon.samples["site"])
    for name, n_pairs, n_known in [("field", 49, 49), ("analytical", 52, 50)]:
        pairs = load_dataset(f"kola-{name}-duplicates")
        second = pairs.samples.index.str[1] == "2"
        known = copper.reindex(pairs.groups[second]).to_numpy()
        assert second.sum() == n_pairs
        assert (known == column(pairs, "Cu")[second]).sum() == n_known
        assert (known == column(pairs, "Cu")[~second]).sum() <= 2


def test_copper_of_kola_falls_off_from_the_smelter_of_monchegorsk():
    # 67.94 N 32.92 E: easting 747.8 km, northing 7548.1 km in zone 35 (by PROJ).
    survey = load_dataset("kola", horizon="O")
    place = survey.samples[["easting", "northing"]].to_numpy() - [747.8e3, 7548.1e3]
    distance = np.hypot(*place.T)
    copper = column(survey, "Cu")
    assert np.median(copper[distance < 20e3]) > 1000
    assert np.median(copper[distance > 200e3]) < 10


def test_parts_of_jura_and_meuse_are_whole():
    jura = load_dataset("jura")
    assert jura.samples["part"].value_counts().tolist() == [259, 100]
    assert jura.y[0].tolist() == [1.74, 9.32, 38.32, 25.72, 21.32, 77.36, 92.56]
    assert column(jura, "Pb").max() == 300.0
    assert load_dataset("jura-grid").samples["easting"].max() == pytest.approx(5100.0)
    meuse = load_dataset("meuse")
    assert int(meuse.is_censored.sum()) == 21
    # Summary of the data in the R package sp: zinc 113 to 1839, median 326.
    zinc = column(meuse, "Zn")
    assert (zinc.min(), np.median(zinc), zinc.max()) == (113.0, 326.0, 1839.0)


def test_twelve_stations_of_beijing_have_1461_days_each():
    survey = load_dataset("beijing-multisite")
    days = survey.samples["station"].value_counts()
    assert (len(days), set(days)) == (12, {1461})
    assert survey.samples["group"].nunique() == 48
