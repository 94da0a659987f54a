"""Other receptor models on the same samples, where they can be had, and verdicts."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cerussite.apportionment import (
    Agreement,
    Bootstrap,
    Draws,
    Evidence,
    Factorisation,
    ReceptorData,
    ScoreRegression,
    agreement,
    classes_by_markers,
    enrichment_evidence,
    log_ratio_components,
    receptor_evidence,
    score_regression,
    shares_of_species,
    verdicts,
)
from cerussite.core.errors import CerussiteError, InvalidStudyError
from cerussite.core.types import FloatArray
from cerussite.studies.apportionment_plan import Background, Origin
from cerussite.studies.receptor_input import complete_rows
from cerussite.studies.receptor_tables import Columns, read_numbers


@dataclass(frozen=True, eq=False)
class Opinions:
    """
    What other methods say.

    Attributes
    ----------
    regression : ScoreRegression or None
        APCS-MLR, where the data allow it.
    compared : Agreement or None
        All three methods, where log-ratios can be had, too.
    n_samples : int
        Samples that they saw.
    notes : tuple of str
        What is missing, and why.
    """

    regression: ScoreRegression | None
    compared: Agreement | None
    n_samples: int
    notes: tuple[str, ...]


def second_opinions(found: Factorisation, *, random_state: int) -> Opinions:
    """
    APCS-MLR and log-ratio components of the samples without gaps.

    Parameters
    ----------
    found : Factorisation
        What they are compared with.
    random_state : int
        Seed of the robust covariance.

    Returns
    -------
    Opinions
        A method that the data do not allow is left out with its reason.
    """
    n_factors, n_all = found.n_factors, len(found.data.sample_ids)
    notes = []
    try:
        positive = complete_rows(found.data, positive=True)
        components = log_ratio_components(
            positive, n_factors, random_state=random_state
        )
        regression = score_regression(positive, n_factors)
        compared = agreement(_of(found, positive), regression, components)
    except CerussiteError as error:
        notes.append(f"log-ratio components are left out: {error}")
    else:
        n_seen = len(positive.sample_ids)
        if n_seen < n_all:
            notes.append(
                f"the other methods saw the {n_seen} of {n_all} samples without gaps "
                "or values at or below zero"
            )
        return Opinions(regression, compared, n_seen, tuple(notes))
    try:
        complete = complete_rows(found.data, positive=False)
        regression = score_regression(complete, n_factors)
    except CerussiteError as error:
        notes.append(f"APCS-MLR is left out: {error}")
        return Opinions(None, None, 0, tuple(notes))
    return Opinions(regression, None, len(complete.sample_ids), tuple(notes))


def _of(found: Factorisation, data: ReceptorData) -> Factorisation:
    """The factorisation of some of its samples, contributions with mean one again."""
    at = {name: row for row, name in enumerate(found.data.sample_ids)}
    chosen = found.contributions[[at[name] for name in data.sample_ids]]
    means = np.maximum(chosen.mean(axis=0), np.finfo(float).tiny)
    return replace(
        found,
        data=data,
        contributions=chosen / means,
        profiles=found.profiles * means[:, None],
    )


@dataclass(frozen=True, eq=False)
class Judged:
    """
    Verdicts, and what they rest on.

    Attributes
    ----------
    classes : DataFrame
        Class of each factor.
    evidence : DataFrame
        Row a finding.
    verdicts : DataFrame
        Row a metal.
    """

    classes: pd.DataFrame
    evidence: pd.DataFrame
    verdicts: pd.DataFrame


def judge_origin(
    found: Factorisation,
    origin: Origin,
    *,
    resamples: Bootstrap | None,
    opinions: Opinions,
    draws: Draws,
) -> Judged:
    """
    Geogenic or anthropogenic, or no verdict.

    Parameters
    ----------
    found : Factorisation
        Whose factors are classed.
    origin : Origin
        Markers, classes of human origin, background.
    resamples : Bootstrap or None
        For the intervals of the shares; without them receptor models decide
        nothing.
    opinions : Opinions
        Metals on which methods disagree get no verdict.
    draws : Draws
        Resamples of the median enrichment.

    Returns
    -------
    Judged
        With all evidence for and against.

    Raises
    ------
    InvalidStudyError
        If a metal or marker is no species.
    """
    species = found.data.species
    metals = tuple(origin.metals) or species
    unknown = [name for name in metals if name not in species]
    if unknown:
        msg = f"origin.metals: no species {unknown[0]!r}; expected {', '.join(species)}"
        raise InvalidStudyError(msg)
    classes = classes_by_markers(shares_of_species(found), origin.markers)
    is_human = [
        None if not name else name in origin.anthropogenic for name in classes["class"]
    ]
    columns = [species.index(name) for name in metals]
    drawn = np.empty((0, *found.profiles.shape))
    drawn = drawn if resamples is None else resamples.profiles
    evidence = receptor_evidence(
        found.profiles[:, columns],
        drawn[:, :, columns],
        metals=metals,
        is_anthropogenic=is_human,
    )
    if origin.background is not None:
        evidence += _enrichment(found.data, origin.background, metals, draws)
    compared = opinions.compared
    disputed = (
        []
        if compared is None
        else compared.species.loc[~compared.species["agrees"], "species"].tolist()
    )
    return Judged(classes, _rows(evidence), verdicts(evidence, disagreeing=disputed))


def _rows(evidence: list[Evidence]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "metal": each.metal,
                "kind": each.kind,
                "value": each.value,
                "lower": each.lower,
                "upper": each.upper,
                "threshold": each.threshold,
                "says": each.vote or "undecided",
                "meaning": each.words,
            }
            for each in evidence
        ]
    )


def _enrichment(
    data: ReceptorData, given: Background, metals: tuple[str, ...], draws: Draws
) -> list[Evidence]:
    if given.reference not in data.species:
        msg = (
            f"origin.background.reference: {given.reference!r} is no species; expected "
            f"a conservative one of {', '.join(data.species)}"
        )
        raise InvalidStudyError(msg)
    # A metal is not held against itself.
    judged = [name for name in metals if name != given.reference]
    wanted = [*judged, given.reference]
    rows, values = _background(given, wanted, data.sample_ids)
    own = data.concentrations[rows][:, [data.species.index(name) for name in wanted]]
    if draws.blocks is not None:
        draws = replace(draws, blocks=[draws.blocks[row] for row in rows])
    return enrichment_evidence(
        own[:, :-1],
        values[:, :-1],
        metals=judged,
        reference=(own[:, -1], values[:, -1]),
        draws=draws,
    )


def _background(
    given: Background, wanted: list[str], sample_ids: tuple[str, ...]
) -> tuple[list[int], FloatArray]:
    """Rows of the samples that have a background, and their backgrounds."""
    heads = tuple(given.columns.get(name, name) for name in wanted)
    ids = (given.sample_id,) if given.sample_id else ()
    table = read_numbers(given.file, Columns(ids, species=heads))
    if given.sample_id is None:
        if len(table.values) != 1:
            msg = (
                f"{given.file}: {len(table.values)} rows; expected one, or a column of "
                "ids (origin.background.sample_id)"
            )
            raise InvalidStudyError(msg)
        everywhere = np.repeat(table.values, len(sample_ids), axis=0)
        return list(range(len(sample_ids))), everywhere
    at = {name: row for row, name in enumerate(table.sample_ids)}
    rows = [row for row, name in enumerate(sample_ids) if name in at]
    if len(rows) < 10:
        msg = (
            f"{given.file}: {len(rows)} of {len(sample_ids)} samples are in it; expected "
            "ten at least: check the ids"
        )
        raise InvalidStudyError(msg)
    values: FloatArray = np.asarray(table.values)
    return rows, values[[at[sample_ids[row]] for row in rows]]
