"""Errors of an apportionment, in pieces that an interrupted run keeps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from cerussite.apportionment import (
    Bootstrap,
    DisplacedBootstrap,
    Displacement,
    Draws,
    Factorisation,
    FitSettings,
    bootstrap,
    combined_intervals,
    displaced_bootstrap,
    displacement,
    errors_table,
    noise_bootstrap,
    shares_of_species,
)
from cerussite.core.errors import CerussiteError
from cerussite.studies.apportionment_parts import Parts
from cerussite.studies.apportionment_plan import Apportionment
from cerussite.studies.files import seed_of

#: Increases of Q of the two kinds of request.
LEVELS = {"quick": (4.0,), "full": (4.0, 8.0, 16.0, 32.0)}
#: Resamples of one piece.
BATCH = 25
#: Starts of a resample: from the factorisation alone.
ONE_START = 1


@dataclass(frozen=True, eq=False)
class Errors:
    """
    All estimates of the errors of profiles.

    Attributes
    ----------
    displaced : Displacement or None
        DISP.
    resampled, noise : Bootstrap or None
        Bootstrap of samples, and of errors of analysis.
    both : DisplacedBootstrap or None
        BS-DISP.
    """

    displaced: Displacement | None = None
    resampled: Bootstrap | None = None
    noise: Bootstrap | None = None
    both: DisplacedBootstrap | None = None


def estimate_errors(
    parts: Parts,
    plan: Apportionment,
    found: Factorisation,
    *,
    blocks: Sequence[object] | None,
) -> Errors:
    """
    Displacement, bootstrap, and both at once, as far as they were asked for.

    Parameters
    ----------
    parts : Parts
        Where pieces are kept.
    plan : Apportionment
        What was asked for.
    found : Factorisation
        A factorisation; one that did not converge gets no errors.
    blocks : sequence or None
        Labels of samples that are drawn together.

    Returns
    -------
    Errors
        None where something was not asked for or cannot be had.
    """
    if plan.errors == "none":
        return Errors()
    if not found.is_converged:
        parts.warn("no errors are estimated, for the best start did not converge")
        return Errors()
    key: list[Any] = [found.data.concentrations, found.data.uncertainties]
    key += [list(found.data.categories), found.profiles, found.contributions]
    displaced = _displaced(parts, plan, found, key)
    labels = None if blocks is None else [str(each) for each in blocks]
    resampled = _resampled(parts, plan, found, [*key, labels])
    if plan.errors == "quick":
        return Errors(displaced, resampled)
    noise = _noise(parts, plan, found, key)
    return Errors(
        displaced, resampled, noise, _both(parts, plan, found, [*key, labels])
    )


def marking_species(found: Factorisation) -> list[str]:
    """
    The strong species of which each factor holds the largest share.

    Parameters
    ----------
    found : Factorisation
        Any.

    Returns
    -------
    list of str
        Each once, in the order of the factors.
    """
    shares = shares_of_species(found)[found.data.is_strong]
    return list(dict.fromkeys(str(shares[name].idxmax()) for name in found.factors))


def all_intervals(found: Factorisation, errors: Errors) -> pd.DataFrame:
    """
    Intervals of all methods, one below the other.

    Parameters
    ----------
    found : Factorisation
        What they belong to.
    errors : Errors
        What was estimated.

    Returns
    -------
    DataFrame
        ``method`` (DISP, BS, BS noise, BS-DISP, combined), ``factor``,
        ``species``, ``d_q``, ``value``, ``lower``, ``upper``, ``is_reached``.
    """
    tables = [
        errors_table(found, displaced=errors.displaced, resampled=errors.resampled)
    ]
    if errors.noise is not None:
        noise = errors_table(found, resampled=errors.noise)
        tables.append(noise.assign(method="BS noise"))
    if errors.both is not None:
        tables.append(errors.both.intervals.assign(method="BS-DISP"))
    if errors.displaced is not None and errors.resampled is not None:
        combined = combined_intervals(found, errors.displaced, errors.resampled)
        tables.append(combined.assign(method="combined", d_q=4.0))
    table = pd.concat([each for each in tables if len(each)] or tables)
    table["is_reached"] = ""
    if errors.displaced is not None:
        own = (table["method"] == "DISP").to_numpy()
        reached = errors.displaced.intervals["is_reached"].astype(bool)
        table.loc[own, "is_reached"] = ["yes" if each else "no" for each in reached]
    return table.reset_index(drop=True)


def _settings(plan: Apportionment) -> FitSettings:
    return FitSettings(n_starts=ONE_START, is_robust=plan.robust)


def _displaced(
    parts: Parts, plan: Apportionment, found: Factorisation, key: list[Any]
) -> Displacement:
    levels = LEVELS[plan.errors]
    strong = [
        name
        for name, is_strong in zip(
            found.data.species, found.data.is_strong, strict=True
        )
        if is_strong
    ]
    pieces = [
        parts.do(
            "displacement",
            [*key, list(levels), name],
            partial(_displaced_one, found, levels, name),
            settings=_settings(plan),
            label=f"displacement of {name} ({number} of {len(strong)} species)",
        )
        for number, name in enumerate(strong, start=1)
    ]
    return joined_displacements(pieces)


def _displaced_one(
    found: Factorisation, levels: Sequence[float], name: str, settings: FitSettings
) -> Displacement:
    return displacement(found, levels=levels, species=[name], settings=settings)


def joined_displacements(pieces: Sequence[Displacement]) -> Displacement:
    """
    Displacement of all species from those of single ones.

    Parameters
    ----------
    pieces : sequence of Displacement
        Of different species, of the same factorisation and levels.

    Returns
    -------
    Displacement
        Swaps added up.
    """
    swaps = pd.concat([each.swaps for each in pieces])
    counts = swaps.groupby(["factor", "d_q"], sort=False)["n_swaps"].sum()
    return Displacement(
        pd.concat([each.intervals for each in pieces], ignore_index=True),
        counts.reset_index(),
        max(each.largest_decrease for each in pieces),
    )


def _resampled(
    parts: Parts, plan: Apportionment, found: Factorisation, key: list[Any]
) -> Bootstrap:
    labels = key[-1]

    def _draw(n: int, seed: int, settings: FitSettings) -> Bootstrap:
        return bootstrap(found, draws=Draws(n, labels, seed), settings=settings)

    return _batches(parts, plan, key, "bootstrap", _draw)


def _noise(
    parts: Parts, plan: Apportionment, found: Factorisation, key: list[Any]
) -> Bootstrap:
    def _draw(n: int, seed: int, settings: FitSettings) -> Bootstrap:
        return noise_bootstrap(
            found, n_resamples=n, settings=settings, random_state=seed
        )

    return _batches(parts, plan, key, "noise", _draw)


def _batches(
    parts: Parts,
    plan: Apportionment,
    key: list[Any],
    name: str,
    draw: Callable[[int, int, FitSettings], Bootstrap],
) -> Bootstrap:
    pieces = []
    for number, n in enumerate(batch_sizes(plan.n_resamples)):
        seed = seed_of(plan.random_state, name, number)
        pieces.append(
            parts.do(
                name,
                [*key, n, seed],
                partial(draw, n, seed),
                settings=_settings(plan),
                label=f"{name}, from resample {number * BATCH + 1}",
            )
        )
    return joined_resamples(pieces)


def batch_sizes(n_resamples: int) -> list[int]:
    """
    Sizes of batches that add up, none of them a single resample.

    Parameters
    ----------
    n_resamples : int
        Two or more.

    Returns
    -------
    list of int
        About :data:`BATCH` each.

    Examples
    --------
    >>> batch_sizes(50), batch_sizes(7), batch_sizes(26)
    ([25, 25], [7], [13, 13])
    """
    n_batches = -(-n_resamples // BATCH)
    least, rest = divmod(n_resamples, n_batches)
    return [least + (number < rest) for number in range(n_batches)]


def joined_resamples(pieces: Sequence[Bootstrap]) -> Bootstrap:
    """
    One bootstrap from several of the same factorisation.

    Parameters
    ----------
    pieces : sequence of Bootstrap
        Drawn independently.

    Returns
    -------
    Bootstrap
        All resamples.
    """
    mapping = pieces[0].mapping.copy()
    for each in pieces[1:]:
        mapping = mapping + each.mapping
    sizes = [len(each.profiles) for each in pieces]
    unmapped = [each.share_unmapped for each in pieces]
    return Bootstrap(
        np.concatenate([each.profiles for each in pieces]),
        mapping,
        float(np.average(unmapped, weights=sizes)),
        sum(each.n_not_converged for each in pieces),
    )


def _both(
    parts: Parts, plan: Apportionment, found: Factorisation, key: list[Any]
) -> DisplacedBootstrap | None:
    species = plan.displaced_species or marking_species(found)
    seed = seed_of(plan.random_state, "displaced")
    draws = Draws(plan.displaced_resamples, key[-1], seed)
    try:
        return parts.do(
            "displaced",
            [*key, species, draws.n_resamples, seed],
            lambda settings: displaced_bootstrap(
                found, species, draws=draws, settings=settings
            ),
            settings=_settings(plan),
            label=f"displacement of {', '.join(species)} within resamples",
        )
    except CerussiteError as error:
        parts.warn(f"displacement within resamples is left out: {error}")
        return None
