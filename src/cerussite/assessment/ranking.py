"""Stations in the order of their pollution load."""

import numpy as np
import pandas as pd

from cerussite.core.types import FloatArray


def ranked_stations(indices: pd.DataFrame, exceedances: pd.DataFrame) -> pd.DataFrame:
    """
    Stations by pollution load index, with what they exceed.

    Parameters
    ----------
    indices : DataFrame
        Tidy indices, the pollution load index of one set among them.
    exceedances : DataFrame
        Tidy exceedances; may have no rows.

    Returns
    -------
    DataFrame
        Columns ``rank`` (NaN where the index is withheld), ``sample_id``,
        ``value``, ``lower``, ``upper``, ``class``, ``n_exceedances``,
        ``worst_quotient``, ``worst_element`` and ``worst_standard``; the highest
        first.
    """
    rows = indices[indices["index"] == "pollution_load_index"]
    columns = ["sample_id", "value", "lower", "upper", "class"]
    table = rows[columns].reset_index(drop=True)
    ranks = table["value"].rank(method="min", ascending=False)
    table.insert(0, "rank", ranks)
    table = pd.concat([table, _worst(exceedances, len(table))], axis=1)
    return table.sort_values("rank", kind="stable", na_position="last").reset_index(
        drop=True
    )


def _worst(exceedances: pd.DataFrame, n_samples: int) -> pd.DataFrame:
    # Blocks of samples in one order: rows of a matrix of blocks by samples.
    above = (exceedances["class"] == "above").to_numpy().reshape(-1, n_samples)
    quotients: FloatArray = exceedances["quotient"].to_numpy().reshape(-1, n_samples)
    known = ~np.isnan(quotients)
    if not len(quotients):
        nothing = np.full(n_samples, "", dtype=object)
        return pd.DataFrame(
            {
                "n_exceedances": np.zeros(n_samples, dtype=int),
                "worst_quotient": np.full(n_samples, np.nan),
                "worst_element": nothing,
                "worst_standard": nothing,
            }
        )
    at = np.where(known, quotients, -np.inf).argmax(axis=0)
    samples = np.arange(n_samples)
    firsts = np.arange(len(quotients)) * n_samples
    there = known.any(axis=0)
    named = {
        name: np.where(
            there, exceedances[name].iloc[firsts].astype(object).to_numpy()[at], ""
        )
        for name in ("element", "standard")
    }
    columns = {
        "n_exceedances": above.sum(axis=0),
        "worst_quotient": np.where(there, quotients[at, samples], np.nan),
        "worst_element": named["element"],
        "worst_standard": named["standard"],
    }
    return pd.DataFrame(columns)
