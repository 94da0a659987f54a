"""Tidy tables of a factorisation and its errors, as files and reports hold them."""

from typing import Any

import numpy as np
import pandas as pd

from cerussite.apportionment.displacing import Displacement
from cerussite.apportionment.factorisation import Factorisation
from cerussite.apportionment.resampling import Bootstrap, bootstrap_intervals


def profiles_table(factorisation: Factorisation) -> pd.DataFrame:
    """
    Profiles in concentration, in percent of the species and of the total.

    Parameters
    ----------
    factorisation : Factorisation
        Any.

    Returns
    -------
    DataFrame
        Row a factor and species: ``factor``, ``species``, ``concentration``
        (unit of the species, at the mean contribution) and
        ``percent_of_species`` (of what all factors give to the species).
    """
    percent = 100 * shares_of_species(factorisation).to_numpy().T
    rows = [
        {
            "factor": factor,
            "species": species,
            "concentration": factorisation.profiles[at, column],
            "percent_of_species": percent[at, column],
        }
        for at, factor in enumerate(factorisation.factors)
        for column, species in enumerate(factorisation.data.species)
    ]
    return pd.DataFrame(rows)


def shares_of_species(factorisation: Factorisation) -> pd.DataFrame:
    """
    Fraction of the modelled mean of each species that each factor gives.

    Parameters
    ----------
    factorisation : Factorisation
        Any.

    Returns
    -------
    DataFrame
        Row a species, column a factor; rows add up to one.
    """
    totals = factorisation.profiles.sum(axis=0)
    shares = factorisation.profiles / np.where(totals > 0, totals, np.nan)
    return pd.DataFrame(
        shares.T,
        index=pd.Index(factorisation.data.species, name="species"),
        columns=list(factorisation.factors),
    )


def contributions_table(factorisation: Factorisation) -> pd.DataFrame:
    """
    Contributions of the factors to the samples.

    Parameters
    ----------
    factorisation : Factorisation
        Any.

    Returns
    -------
    DataFrame
        Row a sample and factor: ``sample_id``, ``factor``, ``contribution``
        (dimensionless, mean one).
    """
    samples = factorisation.data.sample_ids
    return pd.DataFrame(
        {
            "sample_id": np.repeat(samples, factorisation.n_factors),
            "factor": list(factorisation.factors) * len(samples),
            "contribution": factorisation.contributions.ravel(),
        }
    )


def explained_variation_table(factorisation: Factorisation) -> pd.DataFrame:
    r"""
    How much of each species each factor explains, and how much none.

    .. math:: EV_{kj} = \frac{\sum_i g_{ik} f_{kj} / u_{ij}}
       {\sum_i (\sum_h g_{ih} f_{hj} + |e_{ij}|) / u_{ij}}

    Parameters
    ----------
    factorisation : Factorisation
        Any.

    Returns
    -------
    DataFrame
        Row a species and factor, and one with factor ``unexplained``:
        ``species``, ``factor``, ``explained_variation`` (they add up to one a
        species).

    References
    ----------
    .. [1] Paatero, P. (2004). User's guide for positive matrix factorization
       programs PMF2 and PMF3. University of Helsinki.
    """
    data = factorisation.data
    here = data.is_measured
    weights = np.where(here, 1 / np.where(here, data.uncertainties, 1.0), 0.0)
    explained = (factorisation.contributions.T @ weights) * factorisation.profiles
    left = np.nansum(np.abs(factorisation.scaled_residuals), axis=0)
    parts = np.vstack([explained, left])
    names = [*factorisation.factors, "unexplained"]
    return pd.DataFrame(
        {
            "species": np.repeat(data.species, len(names)),
            "factor": names * len(data.species),
            "explained_variation": (parts / parts.sum(axis=0)).T.ravel(),
        }
    )


def errors_table(
    factorisation: Factorisation,
    *,
    displaced: Displacement | None = None,
    resampled: Bootstrap | None = None,
) -> pd.DataFrame:
    """
    Intervals of the profiles by all methods, one below the other.

    Parameters
    ----------
    factorisation : Factorisation
        What they belong to.
    displaced : Displacement, optional
        Intervals by displacement.
    resampled : Bootstrap, optional
        Resamples, shown from the 5th to the 95th percentile.

    Returns
    -------
    DataFrame
        ``method`` (``"DISP"`` or ``"BS"``), ``factor``, ``species``, ``d_q``
        (NaN for BS), ``value``, ``lower``, ``upper`` in the unit of the species.
    """
    columns = ["method", "factor", "species", "d_q", "value", "lower", "upper"]
    parts = []
    if displaced is not None:
        parts.append(displaced.intervals.assign(method="DISP")[columns])
    if resampled is not None:
        table = bootstrap_intervals(factorisation, resampled)
        parts.append(table.assign(method="BS", d_q=np.nan)[columns])
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True)


def combined_intervals(
    factorisation: Factorisation,
    displaced: Displacement,
    resampled: Bootstrap,
    *,
    d_q: float = 4.0,
    level: float = 0.9,
) -> pd.DataFrame:
    """
    Intervals that hold both those by displacement and those by bootstrap.

    Displacement knows how far factors can be rotated, the bootstrap how samples
    differ; neither alone holds both. A cheap stand-in for displacement within
    resamples, wider than either.

    Parameters
    ----------
    factorisation : Factorisation
        What they belong to.
    displaced : Displacement
        With the level ``d_q``.
    resampled : Bootstrap
        Resamples.
    d_q : float
        Level of the displacement.
    level : float
        Of the bootstrap.

    Returns
    -------
    DataFrame
        ``factor``, ``species``, ``value``, ``lower``, ``upper`` in the unit of the
        species, for the species that were displaced.
    """
    keys = ["factor", "species"]
    table = displaced.intervals
    by_rotation = table[table["d_q"] == d_q].set_index(keys)
    by_sample = bootstrap_intervals(factorisation, resampled, level=level)
    by_sample = by_sample.set_index(keys).loc[by_rotation.index]
    table = by_rotation[["value"]].copy()
    # Where a factor found no pair in any resample, displacement stands alone.
    table["lower"] = np.fmin(by_rotation["lower"], by_sample["lower"])
    table["upper"] = np.fmax(by_rotation["upper"], by_sample["upper"])
    return table.reset_index()


def diagnostics(factorisation: Factorisation) -> dict[str, Any]:
    """
    Numbers that a reviewer asks for first.

    Parameters
    ----------
    factorisation : Factorisation
        Any.

    Returns
    -------
    dict
        Plain numbers, texts and lists: Q true, robust and expected, starts and
        how many reached the best and converged, the certificate of the best
        start, sizes, and for each species its Q over the number of its values
        and the share of scaled residuals beyond three.
    """
    residuals = factorisation.scaled_residuals
    here = ~np.isnan(residuals)
    best = factorisation.best
    far = np.where(here, np.abs(residuals) > 3, False).sum(axis=0) / here.sum(axis=0)
    mean_square = np.nanmean(residuals**2, axis=0)
    return {
        "n_samples": len(factorisation.data.sample_ids),
        "n_species": len(factorisation.data.species),
        "n_factors": factorisation.n_factors,
        "n_missing": int((~here).sum()),
        "is_robust": factorisation.is_robust,
        "q_true": factorisation.q_true,
        "q_robust": factorisation.q_robust,
        "q_expected": factorisation.q_expected,
        "n_starts": len(factorisation.runs),
        "n_starts_converged": int(factorisation.runs["is_converged"].sum()),
        "n_starts_reaching_best": int(factorisation.runs["reaches_best"].sum()),
        "is_converged": factorisation.is_converged,
        "optimality": float(best["optimality"]),
        "expected_decrease": float(best["expected_decrease"]),
        "species": {
            name: {
                "category": category,
                "q_per_value": float(mean_square[column]),
                "share_beyond_three": float(far[column]),
            }
            for column, (name, category) in enumerate(
                zip(
                    factorisation.data.species,
                    factorisation.data.categories,
                    strict=True,
                )
            )
        },
    }
