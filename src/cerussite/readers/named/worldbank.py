"""Data set worldbank-pm25-2016: fine dust and development indicators by country."""

from pathlib import Path

import pandas as pd

from cerussite.core.survey import Survey
from cerussite.readers.named.record import (
    Column,
    DatasetRecord,
    PublicFile,
    responses_of,
    survey_of,
    table_of,
)

_PM25 = Column("EN.ATM.PM25.MC.M3", "PM2.5", "ug/m3", "population_weighted_exposure")

WORLDBANK = DatasetRecord(
    name="worldbank-pm25-2016",
    title="PM2.5 and development indicators of 194 countries, 2016",
    role="table",
    n_samples=194,
    axis="50 environmental and economic indicators",
    responses=("PM2.5",),
    address=(
        "https://github.com/worldbank/sdgatlas2018/tree/9b480de2/inputs/cached_api_data"
    ),
    licence="CC BY 4.0 (World Development Indicators); PDDL (GDP and population)",
    citation=(
        "World Bank, World Development Indicators, as kept for the Atlas of Sustainable "
        "Development Goals 2018; GDP and population: https://github.com/datasets/gdp "
        "(822019c8) and https://github.com/datasets/population (425fc447)"
    ),
    file=PublicFile(
        name="wb_country_2016_wide.csv",
        folder="worldbank_pm25_2016",
        sha256="0cee239be8c5825a8bd4745e091e95447da75db3db2a2c62572227760474f3e7",
        shelf="geochem",
    ),
    notes=(
        (
            "Read from a derived table, to be had from a mirror only: latest value of "
            "2010 to 2016 of each series and country, series known for more than six "
            "in ten countries."
        ),
        (
            "PM2.5 is the mean annual exposure of 2016 as the World Bank gives it: an "
            "estimate for a whole country, no measurement at a place."
        ),
        (
            "Covariates keep the codes of the World Bank; SP.POP.TOTL and "
            "SP.POP.TOTL_2016 are the same quantity from two sources, and gdp_pc is "
            "NY.GDP.MKTP.CD_2016 over the latter. Neighbouring countries share air and "
            "economy, and no region is given: only random validation is possible."
        ),
    ),
)


def load_worldbank(path: Path) -> Survey:
    """
    Read fine dust and development indicators by country.

    Parameters
    ----------
    path : Path
        The derived .csv file.

    Returns
    -------
    Survey
        194 countries, by their three letters.
    """
    # "NA" must not be read as missing among codes.
    table = pd.read_csv(path, keep_default_na=False, na_values=[""])
    table = table.set_index("Country Code")
    survey = survey_of(
        WORLDBANK,
        samples=pd.DataFrame(index=table.index),
        measured=responses_of(table, [_PM25]),
    )
    return table_of(
        survey, covariates=table.drop(columns=_PM25.column).astype("float64")
    )
