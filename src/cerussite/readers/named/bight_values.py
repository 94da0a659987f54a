"""Results of the Bight surveys, one row an analysis, as one row a station."""

from typing import Literal

import numpy as np
import pandas as pd

from cerussite.core.types import BoolArray, FloatArray

_How = Literal["mean", "min", "count"]
#: Names of the metals in the published table.
METALS = {
    "Silver": "Ag",
    "Aluminum": "Al",
    "Arsenic": "As",
    "Barium": "Ba",
    "Beryllium": "Be",
    "Cadmium": "Cd",
    "Chromium": "Cr",
    "Copper": "Cu",
    "Iron": "Fe",
    "Mercury": "Hg",
    "Nickel": "Ni",
    "Lead": "Pb",
    "Antimony": "Sb",
    "Selenium": "Se",
    "Zinc": "Zn",
}
#: Names of constituents, which changed between surveys.
CONSTITUENTS = {
    "TOC": "total_organic_carbon_percent",
    "Total Organic Carbon": "total_organic_carbon_percent",
    "TN": "total_nitrogen_percent",
    "Total Nitrogen": "total_nitrogen_percent",
    "Clay": "clay_percent",
    "Silt": "silt_percent",
    "Sand": "sand_percent",
    "Gravel": "gravel_percent",
}
#: Limit of aluminium, in mg/kg, above which a limit must be in µg/kg: no value of
#: the whole table is as high.
_IMPOSSIBLE_LIMIT = 1e5


def located(analyses: pd.DataFrame) -> pd.DataFrame:
    """
    Analyses of stations with coordinates, total metals only, with their limits.

    Parameters
    ----------
    analyses : DataFrame of n_analyses rows
        As published.

    Returns
    -------
    DataFrame of at most n_analyses rows
        With ``limit`` (NaN where the provider gives none) and ``is_detected``.
    """
    is_extract = (analyses["units"] == "ug/g") & (analyses["surveyyear"] == 1998)
    kept = analyses[analyses["latitude"].notna() & ~is_extract]
    limit = kept["mdl"].where(kept["mdl"] > 0, kept["rl"].where(kept["rl"] > 0))
    is_metal = kept["analytename"].isin(METALS)
    is_told = kept["analytename"].eq("Aluminum") & (limit > _IMPOSSIBLE_LIMIT)
    in_micrograms = kept["stationid"].isin(kept.loc[is_told, "stationid"]) & is_metal
    limit = limit.where(~in_micrograms, limit / 1e3)
    return kept.assign(limit=limit, is_detected=kept["result"] > 0)


def metals_of(
    analyses: pd.DataFrame, stations: pd.Index
) -> tuple[FloatArray, BoolArray]:
    """
    Concentrations of the metals, and which lie below their limit.

    Repeated analyses of one metal are averaged over those that detected it; where
    none did, the value lies below the lowest of their limits.

    Parameters
    ----------
    analyses : DataFrame
        As :func:`located` gives them.
    stations : Index of n_samples ids
        Rows of the result.

    Returns
    -------
    tuple of (ndarray, ndarray), each of shape (n_samples, 15)
        In mg/kg, in the order of :data:`METALS`; limits where censored.
    """
    detected = _wide(analyses[analyses["is_detected"]], "result", METALS, "mean")
    limits = _wide(analyses[~analyses["is_detected"]], "limit", METALS, "min")
    known = _wide(analyses, "result", METALS, "count") > 0
    columns = list(METALS.values())
    values = detected.reindex(index=stations, columns=columns)
    is_censored = known.reindex(index=stations, columns=columns, fill_value=False)
    is_censored &= values.isna()
    y = values.fillna(limits.reindex(index=stations, columns=columns))
    return y.to_numpy(np.float64), is_censored.to_numpy(bool)


def constituents_of(analyses: pd.DataFrame, stations: pd.Index) -> pd.DataFrame:
    """
    Organic carbon, nitrogen and grain size as covariates, in per cent.

    A covariate has no mask: a value below its limit becomes half the limit. A
    code without a limit is missing; a zero without a limit stays zero for grain
    size, where it is a share, and is missing for carbon and nitrogen.

    Parameters
    ----------
    analyses : DataFrame
        As :func:`located` gives them.
    stations : Index of n_samples ids
        Rows of the result.

    Returns
    -------
    DataFrame of n_samples rows
        NaN where not measured.
    """
    is_chemical = analyses["analytename"].isin(
        ["TOC", "Total Organic Carbon", "TN", "Total Nitrogen"]
    )
    is_share = analyses["result"].eq(0) & ~is_chemical & analyses["limit"].isna()
    value = analyses["result"].where(
        analyses["is_detected"] | is_share, analyses["limit"] / 2
    )
    wide = _wide(analyses.assign(value=value), "value", CONSTITUENTS, "mean")
    columns = list(dict.fromkeys(CONSTITUENTS.values()))
    return wide.reindex(index=stations, columns=columns).astype(np.float64)


def _wide(
    analyses: pd.DataFrame, values: str, names: dict[str, str], how: _How
) -> pd.DataFrame:
    """One row a station, one column a name; NaN where there is nothing."""
    chosen = analyses[analyses["analytename"].isin(names)]
    named = chosen.assign(name=chosen["analytename"].map(names))
    return named.pivot_table(
        index="stationid", columns="name", values=values, aggfunc=how
    )
