"""Contributions at sites whose concentrations were predicted or measured later."""

from dataclasses import dataclass

import numpy as np

from cerussite.apportionment.factorisation import Factorisation
from cerussite.apportionment.nonnegative import least_squares_rows
from cerussite.apportionment.problem import normal_equations
from cerussite.apportionment.receptor_data import ReceptorData
from cerussite.apportionment.resampling import Bootstrap
from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray


@dataclass(frozen=True, eq=False)
class SiteContributions:
    """
    What factors contribute to sites, with intervals.

    Attributes
    ----------
    contributions, lower, upper : ndarray of shape (n_sites, n_factors)
        Dimensionless; one is the mean of the samples the factors come from.
    amounts, amounts_lower, amounts_upper : ndarray of (n_sites, n_factors, n_species)
        Concentration of each species that each factor gives, unit of the species.
    scaled_misfit : ndarray of shape (n_sites,)
        Root mean square of the scaled residuals; far above one, the site is no
        mixture of these factors and its contributions are not to be used.
    """

    contributions: FloatArray
    lower: FloatArray
    upper: FloatArray
    amounts: FloatArray
    amounts_lower: FloatArray
    amounts_upper: FloatArray
    scaled_misfit: FloatArray


def site_contributions(
    sites: ReceptorData,
    factorisation: Factorisation,
    resamples: Bootstrap,
    *,
    level: float = 0.9,
    random_state: int | np.random.Generator = 0,
) -> SiteContributions:
    """
    Apportion new sites to known factors, with errors of both passed on.

    Each draw takes the profiles of a resample and concentrations disturbed by
    their uncertainties; contributions are refitted, none below zero. Errors of
    the species of a site are taken as independent: where one calibration predicts
    all species, errors go together and the intervals of amounts are too narrow.

    Parameters
    ----------
    sites : ReceptorData
        Concentrations, predicted or measured, with one standard deviation each:
        some or all species of the factorisation in their units.
    factorisation : Factorisation
        Where the factors come from.
    resamples : Bootstrap
        Its resamples; those with an unmapped factor are left out.
    level : float
        Of the intervals.
    random_state : int or Generator
        Source of the disturbances.

    Returns
    -------
    SiteContributions
        Sites in their order, species in that of the sites.

    Raises
    ------
    InvalidStudyError
        If a species is none of the factorisation, a site has fewer known species
        than there are factors, or no resample holds all factors.
    """
    columns = [
        factorisation.data.species.index(name)
        for name in sites.species
        if name in factorisation.data.species
    ]
    here = sites.is_measured
    draws = resamples.profiles
    draws = draws[~np.isnan(draws).any(axis=(1, 2))][:, :, columns]
    profiles = factorisation.profiles[:, columns]
    fewest = int(here.sum(axis=1).min())
    if len(columns) < len(sites.species) or fewest < len(profiles) or not len(draws):
        msg = (
            f"{len(sites.species)} species, {fewest} or more known a site, for "
            f"{len(profiles)} factors of which {len(draws)} resamples hold all; "
            f"expected species among {', '.join(factorisation.data.species)}, as many "
            "a site as factors, and one resample at least"
        )
        raise InvalidStudyError(msg)
    values = np.where(here, sites.concentrations, 0.0)
    errors = np.where(here, sites.uncertainties, np.inf)
    best = _fitted(values, errors, profiles)
    rng = np.random.default_rng(random_state)
    noise = np.where(here, sites.uncertainties, 0.0)
    fits = np.stack(
        [
            _fitted(values + noise * rng.normal(size=noise.shape), errors, drawn)
            for drawn in draws
        ]
    )
    tails = [(1 - level) / 2, (1 + level) / 2]
    lower, upper = np.quantile(fits, tails, axis=0)
    amounts = fits[:, :, :, None] * draws[:, None]
    amounts_lower, amounts_upper = np.quantile(amounts, tails, axis=0)
    scaled = (values - best @ profiles) / errors
    misfit = np.sqrt((scaled**2).sum(axis=1) / here.sum(axis=1))
    return SiteContributions(
        best,
        np.minimum(lower, best),
        np.maximum(upper, best),
        best[:, :, None] * profiles,
        amounts_lower,
        amounts_upper,
        misfit,
    )


def _fitted(values: FloatArray, errors: FloatArray, profiles: FloatArray) -> FloatArray:
    normal, target = normal_equations(profiles, values, 1 / errors**2)
    return least_squares_rows(normal, target, np.zeros(target.shape))
