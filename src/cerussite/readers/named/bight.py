"""Data set bight-sediment: metals in sediments off Southern California, 1998-2023."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from cerussite.core.survey import Response, Survey
from cerussite.readers.named.bight_values import (
    METALS,
    constituents_of,
    located,
    metals_of,
)
from cerussite.readers.named.record import (
    DatasetRecord,
    PublicFile,
    category,
    survey_of,
    table_of,
)
from cerussite.readers.positions import position_clusters
from cerussite.readers.projection import CALIFORNIA_ALBERS, albers_equal_area

#: Strata inside harbours, lagoons and river mouths; the others lie off the coast.
INSHORE = ("Port", "Marina", "Bay", "Estuaries", "Brackish Estuaries")
#: Stations so near, in m, count as one place under several ids.
SAME_PLACE = 100.0
#: Longest step, in m, from station to station of one embayment.
SAME_EMBAYMENT = 2000.0

BIGHT = DatasetRecord(
    name="bight-sediment",
    title="Sediments of the Southern California Bight, six surveys 1998-2023",
    role="table",
    n_samples=2164,
    axis="position, year, stratum, TOC, TN, grain size",
    responses=tuple(METALS.values()),
    address=(
        "https://github.com/SCCWRP/SQOUnified/blob/0be5c6f3/"
        "data/unified.bight.data.RData"
    ),
    licence="CC0",
    citation=(
        "Southern California Bight Regional Monitoring Program, Southern California "
        "Coastal Water Research Project (SCCWRP): surveys 1998, 2003, 2008, 2013, "
        "2018 and 2023; R package SQOUnified, table bight.unified.chem"
    ),
    file=PublicFile(
        name="bight_chem_long.parquet",
        folder="scb_bight_sediment",
        sha256="a77fe8a95c5c4ccad544c576cfbd004507c34ddd2adc8e50838e03cae4731403",
        shelf="geochem",
    ),
    notes=(
        (
            "Read from a derived table, to be had from a mirror only: the rows of the "
            "public table at the address that are metals, TOC, TN or grain size, values "
            "unchanged."
        ),
        (
            "Results of zero or with a negative code (-88, -99) are censored below the "
            "method detection limit, or the reporting limit where there is none; they "
            "are never zero. Values that a laboratory reported below its limit are kept."
        ),
        (
            "Metals at 27 stations of 2013 have limits up to 410,000 mg/kg Al, above "
            "every value reported there: read as ug/kg and divided by 1000."
        ),
        (
            "At 106 stations of 1998 the table holds second values of Cd, Cu, Ni, Pb and "
            "Zn in 'ug/g' instead of 'ug/g dw': medians are 82, 36, 14, 93 and 51 % of "
            "the first. They are those of an extraction (the five metals commonly "
            "extracted along with acid-volatile sulfide): our inference. Not read, "
            "never averaged with the total."
        ),
        (
            "Left out: 72 station-years without coordinates (71 of 1998 and station "
            "'0000'). Repeated analyses are averaged."
        ),
        (
            "Missingness encodes the survey: TOC and TN are missing in 2008, silt and "
            "sand outside 2013 but for 18 stations of 2008. A model that may see which "
            "values are missing sees the year."
        ),
        (
            "TOC and TN below the limit (covariates have no mask) are half the limit: "
            "54 and 130 values of 2023, one and 44 of 2013, 7 of TN of 2018."
        ),
        (
            "group = stations within 100 m of each other, step by step, under whatever "
            "id and in whatever year: ids change between surveys. embayment = inshore "
            "stations within 2 km, step by step, named by their mean position; missing "
            "off the coast. San Diego Bay and the harbours of Los Angeles and Long "
            "Beach hold six in ten inshore stations."
        ),
        (
            "Digestions are not stated in the table; laboratories and limits changed "
            "between surveys (median limit of Sb 1.5 mg/kg in 1998, 0.03 in 2023)."
        ),
        (
            "easting and northing: California Albers (EPSG:3310) from latitude and "
            "longitude (WGS 84)."
        ),
    ),
)


def load_bight(path: Path) -> Survey:
    """
    Read the sediments of the Southern California Bight.

    Parameters
    ----------
    path : Path
        The derived Parquet table.

    Returns
    -------
    Survey
        2164 station-years.
    """
    analyses = located(pd.read_parquet(path))
    stations = analyses.drop_duplicates("stationid").set_index("stationid")
    stations = stations.sort_values(["surveyyear", "latitude"], kind="stable")
    y, is_censored = metals_of(analyses, stations.index)
    metals = tuple(Response(name, "mg/kg") for name in METALS.values())
    survey = survey_of(BIGHT, samples=_samples(stations), measured=(metals, y))
    covariates = stations[["latitude", "longitude"]].assign(
        year=stations["surveyyear"].astype(np.float64),
        stratum=category(stations["stratum"]),
    )
    constituents = constituents_of(analyses, stations.index)
    return replace(
        table_of(
            survey,
            covariates=pd.concat([covariates, constituents], axis=1),
            crs=CALIFORNIA_ALBERS.crs,
        ),
        is_censored=is_censored,
    )


def _samples(stations: pd.DataFrame) -> pd.DataFrame:
    latitude, longitude = stations[["latitude", "longitude"]].to_numpy(np.float64).T
    easting, northing = albers_equal_area(latitude, longitude, CALIFORNIA_ALBERS)
    places = position_clusters(latitude, longitude, within=SAME_PLACE)
    return pd.DataFrame(
        {
            "group": [f"place-{place + 1:04d}" for place in places],
            "embayment": _embayments(stations),
            "survey": stations["surveyyear"].astype(str),
            "stratum": stations["stratum"],
            "easting": easting,
            "northing": northing,
        },
        index=stations.index,
    )


def _embayments(stations: pd.DataFrame) -> pd.Series:
    """Names of clusters of inshore stations; NaN off the coast."""
    inshore = stations.loc[stations["stratum"].isin(INSHORE)]
    latitude, longitude = inshore[["latitude", "longitude"]].to_numpy(np.float64).T
    clusters = position_clusters(latitude, longitude, within=SAME_EMBAYMENT)
    centres = inshore[["latitude", "longitude"]].groupby(clusters).mean()
    names = [f"{north:.2f}N {-east:.2f}W" for north, east in centres.to_numpy()]
    named = pd.Series([names[cluster] for cluster in clusters], index=inshore.index)
    return named.reindex(stations.index)
