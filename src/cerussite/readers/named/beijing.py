"""Data set beijing-multisite: fine dust, gases and weather at 12 stations, daily."""

from pathlib import Path

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

_COVARIATES = {
    "SO2": "so2_ug_per_m3",
    "NO2": "no2_ug_per_m3",
    "CO": "co_ug_per_m3",
    "O3": "o3_ug_per_m3",
    "TEMP": "air_temperature_celsius",
    "PRES": "air_pressure_hpa",
    "DEWP": "dew_point_celsius",
    "RAIN": "rain_mm_per_hour",
    "WSPM": "wind_speed_m_per_s",
}

BEIJING = DatasetRecord(
    name="beijing-multisite",
    title="PM2.5, gases and weather at 12 stations of Beijing, daily 2013-2017",
    role="table",
    n_samples=17_532,
    axis="station, day of the year, gases, weather",
    responses=("PM2.5", "PM10"),
    address="https://archive.ics.uci.edu/dataset/501/beijing+multi+site+air+quality+data",
    licence="CC BY 4.0",
    citation=(
        "Chen, S. (2017). Beijing Multi-Site Air Quality. UCI Machine Learning "
        "Repository, doi:10.24432/C5RK5G; Zhang, S. et al. (2017). Cautionary tales on "
        "air-quality improvement in Beijing. Proceedings of the Royal Society A 473, "
        "20170457"
    ),
    file=PublicFile(
        name="prsa_multisite_daily.csv.gz",
        folder="uci_beijing_multisite",
        sha256="18e9048abb229581e4e06ce27f4af591ea4f707838473932ed7ec0842a2d908d",
        shelf="geochem",
    ),
    notes=(
        (
            "Read from a derived table, to be had from a mirror only: daily means of the "
            "420,768 station-hours of March 2013 to February 2017, taken from a copy of "
            "the public files (https://github.com/RungkadS/Proyek-Data, 5855e572). No "
            "day is missing in it; whether gaps between hours were filled before is not "
            "stated. Wind direction is left out."
        ),
        (
            "PM10 contains PM2.5: it is a second response and no covariate, for with it "
            "the first is nearly arithmetic."
        ),
        (
            "group = month. The stations share one weather, and days follow each other: "
            "a random split has the same episode on both sides. Leave out stations by "
            "the column station."
        ),
        "Positions of the stations are not in the table.",
    ),
)


def load_beijing(path: Path) -> Survey:
    """
    Read the station-days of Beijing.

    Parameters
    ----------
    path : Path
        The derived .csv.gz file.

    Returns
    -------
    Survey
        17,532 station-days, ids of station and date.
    """
    table = pd.read_csv(path, parse_dates=["date"])
    table.index = pd.Index(table["station"] + table["date"].dt.strftime(" %Y-%m-%d"))
    survey = survey_of(
        BEIJING,
        samples=pd.DataFrame(
            {
                "group": table["date"].dt.strftime("%Y-%m"),
                "station": table["station"],
                "date": table["date"],
            }
        ),
        measured=responses_of(
            table,
            [Column("PM2.5", "PM2.5", "ug/m3"), Column("PM10", "PM10", "ug/m3")],
        ),
    )
    covariates = table[list(_COVARIATES)].rename(columns=_COVARIATES)
    covariates = covariates.assign(
        station=category(table["station"]),
        day_of_year=table["date"].dt.day_of_year.astype("float64"),
    )
    return table_of(survey, covariates=covariates)
