"""Data set usgs-ds801-top5: 44 elements in topsoils of the conterminous USA."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from cerussite.core.survey import Survey
from cerussite.readers.named.record import (
    Column,
    DatasetRecord,
    PublicFile,
    category,
    responses_of,
    survey_of,
    table_of,
)
from cerussite.readers.projection import CONUS_ALBERS, albers_equal_area

_IN_PER_CENT = frozenset({"Al", "Ca", "Fe", "K", "Mg", "Na", "S", "Ti"})
_ELEMENTS = (
    "Ag",
    "Al",
    "As",
    "Ba",
    "Be",
    "Bi",
    "Ca",
    "Cd",
    "Ce",
    "Co",
    "Cr",
    "Cs",
    "Cu",
    "Fe",
    "Ga",
    "Hg",
    "In",
    "K",
    "La",
    "Li",
    "Mg",
    "Mn",
    "Mo",
    "Na",
    "Nb",
    "Ni",
    "P",
    "Pb",
    "Rb",
    "S",
    "Sb",
    "Sc",
    "Se",
    "Sn",
    "Sr",
    "Te",
    "Th",
    "Ti",
    "Tl",
    "U",
    "V",
    "W",
    "Y",
    "Zn",
)
_PROCEDURES = {"As": "sodium_peroxide_fusion", "Hg": "epa_7471b"}
_COLUMNS = tuple(
    Column(
        name,
        name,
        "%" if name in _IN_PER_CENT else "mg/kg",
        _PROCEDURES.get(name, "total_hf"),
    )
    for name in _ELEMENTS
)

DS801 = DatasetRecord(
    name="usgs-ds801-top5",
    title="Soils of the conterminous United States, 0-5 cm, 2007-2010",
    role="table",
    n_samples=4857,
    axis="position, land cover",
    responses=_ELEMENTS,
    address="https://doi.org/10.3133/ds801",
    licence="public domain (US Geological Survey)",
    citation=(
        "Smith, D. B., Cannon, W. F., Woodruff, L. G., Solano, F., Kilburn, J. E. and "
        "Fey, D. L. (2013). Geochemical and mineralogical data for soils of the "
        "conterminous United States. US Geological Survey Data Series 801"
    ),
    file=PublicFile(
        name="ds801_top5.csv.gz",
        folder="usgs_ds801_top5",
        sha256="67a3fd4f9d0e825355e4e1279e8aa2067cf6c89ad50a7f31f475578e9abef546",
        shelf="geochem",
    ),
    notes=(
        (
            "Read from a derived table, to be had from a mirror only: "
            "Appendix_2b_Top5_18Sept2013.txt of the report without its header lines, "
            "'<x' written as -x, 'N.S.' left empty."
        ),
        (
            "A negative value means below that limit: read as censored. Ag, Te and Cs "
            "are below it at more than eight in ten sites."
        ),
        (
            "Near-total digestion by four acids, HF among them; As after fusion with "
            "sodium peroxide, Hg after nitric and hydrochloric acid (EPA 7471B), as "
            "https://mrdata.usgs.gov/ds-801/ describes them. S is near-total."
        ),
        (
            "16 sites were not analysed: every response is missing there. Carbon and "
            "minerals, which the report has for other horizons, are empty in this file."
        ),
        (
            "easting and northing: Albers (EPSG:5070) from latitude and longitude, "
            "whose datum the file does not state (taken for NAD83). One site in 1600 "
            "km2: random folds interpolate between neighbours 40 km apart, spatial "
            "folds do not. Land cover is NLCD 1992, older than the samples."
        ),
    ),
)


def load_ds801(path: Path) -> Survey:
    """
    Read the topsoils of the conterminous United States.

    Parameters
    ----------
    path : Path
        The derived .csv.gz file.

    Returns
    -------
    Survey
        4857 sites.
    """
    table = pd.read_csv(path)
    table.index = pd.Index([f"ds801-{site}" for site in table["SiteID"]])
    latitude, longitude = table[["Latitude", "Longitude"]].to_numpy(np.float64).T
    easting, northing = albers_equal_area(latitude, longitude, CONUS_ALBERS)
    samples = pd.DataFrame(
        {
            "state": table["StateID"],
            "date": pd.to_datetime(table["CollDate"], format="%m/%d/%y"),
            "easting": easting,
            "northing": northing,
        },
        index=table.index,
    )
    responses, signed = responses_of(table, _COLUMNS)
    survey = survey_of(DS801, samples=samples, measured=(responses, np.abs(signed)))
    covariates = pd.DataFrame(
        {
            "latitude": latitude,
            "longitude": longitude,
            "land_cover": category(table["LandCover1"]),
            "land_cover_detail": category(table["LandCover2"]),
        }
    )
    survey = table_of(survey, covariates=covariates, crs=CONUS_ALBERS.crs)
    return replace(survey, is_censored=signed < 0)
