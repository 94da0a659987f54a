"""Tables of concentrations and uncertainties in, a folder with their sources out."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cerussite.apportionment import (
    Constrained,
    Draws,
    Factorisation,
    FitSettings,
    NumberOfFactors,
    ReceptorData,
    constrain,
    diagnostics,
    f_peak,
    matched_factors,
    positive_matrix_factorisation,
    shares_of_species,
    suggest_number_of_factors,
)
from cerussite.core.errors import InvalidStudyError
from cerussite.studies.apportionment_dictionary import dictionary
from cerussite.studies.apportionment_errors import estimate_errors
from cerussite.studies.apportionment_folder import (
    MANIFEST,
    check_folder,
    claim,
    publish,
)
from cerussite.studies.apportionment_parts import Parts
from cerussite.studies.apportionment_plan import Apportionment
from cerussite.studies.apportionment_tables import Apportioned, result_tables
from cerussite.studies.files import fingerprint, seed_of
from cerussite.studies.manifest import package_versions
from cerussite.studies.receptor_input import (
    ReceptorInput,
    file_record,
    read_receptor_input,
)
from cerussite.studies.second_opinions import (
    judge_origin,
    second_opinions,
)
from cerussite.studies.working import n_workers

#: Numbers of factors that are tried where none is named.
MOST_FACTORS = 10
#: Starts and steps of each fit of the search for the number, and its folds.
SEARCH = FitSettings(n_starts=4, max_iterations=100)
N_FOLDS = 10
#: Losses nearer than this are the same minimum, as the room counts starts.
SAME_MINIMUM = 0.1
#: Shares of species (points) that solutions of two seeds may differ by unnoticed.
MOST_APART = 2.0


def apportion(
    plan: Apportionment,
    folder: str | Path,
    *,
    jobs: int | None = None,
    finish: Callable[[Path], object] | None = None,
) -> list[str]:
    """
    Apportion the samples of tables and write a folder, whole or not at all.

    Long pieces are kept in ``cache`` inside the folder: the same call goes on
    where an interrupted one stopped.

    Parameters
    ----------
    plan : Apportionment
        Data, number of factors and what is asked beside.
    folder : str or Path
        Folder to write: a new one, or one that this function has written.
    jobs : int, optional
        Processes; one a core if None.
    finish : callable, optional
        Is given the folder before its files take their names, to add a report.

    Returns
    -------
    list of str
        What makes the results doubtful; to be shown to the user.
    """
    folder, started = Path(folder), _now()
    n_jobs = n_workers(jobs)
    check_folder(folder)
    given = read_receptor_input(plan)
    numbers = numbers_to_try(plan, given.data)
    _check_names(plan, given.data)
    parts = Parts(claim(folder), n_jobs)
    for text in given.warnings:
        parts.warn(text)
    found = _find(plan, given, numbers, parts)
    tables = result_tables(found)
    tables |= {"samples": given.samples, "species": given.species}
    tables["data_dictionary"] = dictionary(list(tables))
    manifest = _manifest(plan, given, found, parts)
    manifest |= {"started": started, "finished": _now()}
    publish(
        folder,
        tables,
        {"diagnostics.json": _diagnostics(found), MANIFEST: manifest},
        finish=finish,
    )
    return parts.warnings


def numbers_to_try(plan: Apportionment, data: ReceptorData) -> list[int]:
    """
    Numbers of factors that are fitted: one, those listed, or all that can be.

    Parameters
    ----------
    plan : Apportionment
        What was asked for.
    data : ReceptorData
        What is to be factorised.

    Returns
    -------
    list of int
        Increasing.

    Raises
    ------
    InvalidStudyError
        If one of them cannot be fitted.
    """
    n_samples, n_species = data.concentrations.shape
    n_values = int(data.is_measured.sum())
    possible = [
        number
        for number in range(1, min(n_samples, n_species) + 1)
        if number * (n_samples + n_species - number) < n_values
    ]
    if plan.factors == "auto":
        # One factor less than species is no model of them.
        return [number for number in possible if number <= MOST_FACTORS][
            : max(n_species - 1, 1)
        ]
    asked = plan.factors if isinstance(plan.factors, list) else [plan.factors]
    numbers = sorted({int(number) for number in asked})
    too_many = [number for number in numbers if number not in possible]
    if too_many:
        msg = (
            f"factors: {too_many[0]} factors for {n_samples} samples of {n_species} "
            f"species with {n_values} values; expected {max(possible, default=0)} at "
            "most"
        )
        raise InvalidStudyError(msg)
    return numbers


def _check_names(plan: Apportionment, data: ReceptorData) -> None:
    """Refuse, before hours of work, names that are no species."""
    origin = plan.origin
    named = {
        "displaced_species": plan.displaced_species,
        "constraints": [
            name
            for each in plan.constraints
            for name in (
                *each.zero,
                *each.profile,
                *((each.ratio.of, each.ratio.to) if each.ratio else ()),
            )
        ],
        "origin.metals": origin.metals if origin else [],
        "origin.markers": [name for some in origin.markers.values() for name in some]
        if origin
        else [],
    }
    for key, names in named.items():
        unknown = [name for name in names if name not in data.species]
        if unknown:
            msg = (
                f"{key}: {unknown[0]!r} is no species that counts; expected some of "
                f"{', '.join(data.species)}"
            )
            raise InvalidStudyError(msg)


def _find(
    plan: Apportionment, given: ReceptorInput, numbers: list[int], parts: Parts
) -> Apportioned:
    data = given.data
    number = _number(plan, data, numbers, parts)
    best = _best(plan, data, number.n_factors if number else numbers[0], parts)
    best, other_seed = _other_seed(best, parts, plan)
    blocks = given.samples["block"].tolist() if "block" in given.samples else None
    is_spread = {"date", "easting", "longitude"} & set(given.samples)
    if plan.n_resamples and blocks is None and is_spread:
        parts.warn(
            "the bootstrap draws single samples although neighbours in time or space "
            "may be alike: its intervals may be too narrow; give blocks of days or "
            "kilometres"
        )
    errors = estimate_errors(parts, plan, best, blocks=blocks)
    opinions = second_opinions(best, random_state=plan.random_state)
    for text in opinions.notes:
        parts.warn(text)
    judged = None
    if plan.origin is not None:
        judged = judge_origin(
            best,
            plan.origin,
            resamples=errors.resampled,
            opinions=opinions,
            draws=Draws(200, blocks, seed_of(plan.random_state, "enrichment")),
        )
    constrained = _constrained(plan, best, parts)
    return Apportioned(number, best, other_seed, errors, opinions, judged, constrained)


def _key(data: ReceptorData) -> list[Any]:
    return [data.concentrations, data.uncertainties, list(data.categories)]


def _number(
    plan: Apportionment, data: ReceptorData, numbers: list[int], parts: Parts
) -> NumberOfFactors | None:
    if len(numbers) == 1:
        return None
    seed = seed_of(plan.random_state, "number")
    found: NumberOfFactors = parts.do(
        "number",
        [*_key(data), numbers, N_FOLDS, seed],
        lambda settings: suggest_number_of_factors(
            data, numbers, n_folds=N_FOLDS, settings=settings, random_state=seed
        ),
        settings=replace(SEARCH, is_robust=plan.robust),
        label="number of factors",
    )
    if found.n_factors == numbers[0] > 1:
        parts.warn(
            f"{numbers[0]} factors, the smallest number tried, is suggested; try fewer"
        )
    return found


def _best(
    plan: Apportionment, data: ReceptorData, n_factors: int, parts: Parts
) -> Factorisation:
    seed = seed_of(plan.random_state, "starts")
    found = _fitted(plan, data, (n_factors, plan.starts, seed), parts)
    reached = int(found.runs["reaches_best"].sum())
    if plan.starts > 1 and reached < max(2, plan.starts // 4):
        parts.warn(
            f"{reached} of {plan.starts} starts reached the lowest loss, and there may "
            "be a lower one; use more starts"
        )
    return found


def _fitted(
    plan: Apportionment,
    data: ReceptorData,
    asked: tuple[int, int, int],
    parts: Parts,
) -> Factorisation:
    """Factorisation by number of factors, starts and seed."""
    n_factors, n_starts, seed = asked

    def _fit(settings: FitSettings) -> dict[str, Any]:
        fitted = positive_matrix_factorisation(
            data, n_factors, settings=settings, random_state=seed
        )
        return {
            name: getattr(fitted, name)
            for name in ("profiles", "contributions", "runs", "losses")
        }

    kept = parts.do(
        "factorisation",
        [*_key(data), n_factors, seed],
        _fit,
        settings=FitSettings(n_starts=n_starts, is_robust=plan.robust),
        label=f"{n_factors} factors from {n_starts} starts",
    )
    return Factorisation(data, is_robust=plan.robust, **kept)


def _other_seed(
    best: Factorisation, parts: Parts, plan: Apportionment
) -> tuple[Factorisation, dict[str, float]]:
    """Better of it and a few starts of another seed, and how far they are apart."""
    # Q alone does not tell a minimum from a valley in which factors turn into each
    # other at no cost.
    seed = seed_of(plan.random_state, "other starts")
    n_starts = max(2, plan.starts // 4)
    other = _fitted(plan, best.data, (best.n_factors, n_starts, seed), parts)
    own, others = (shares_of_species(each).to_numpy() for each in (best, other))
    order = matched_factors(own, others).order
    apart = 100 * float(np.nanmax(np.abs(own - others[:, order])))
    d_loss = float(other.best["loss"] - best.best["loss"])
    if abs(d_loss) <= SAME_MINIMUM and apart > MOST_APART:
        parts.warn(
            f"starts of another seed reached the same Q with shares of species up to "
            f"{apart:.0f} points away: the data do not fix the rotation of the factors, "
            "and another seed gives other profiles"
        )
    about = {"n_starts": n_starts, "d_loss": d_loss, "largest_share_difference": apart}
    if d_loss >= -SAME_MINIMUM:
        return best, about
    parts.warn(
        f"starts of another seed reached a loss lower by {-d_loss:.1f} and are used; there "
        "may be a lower one still: use more starts"
    )
    return _joined(other, best), about


def _joined(better: Factorisation, other: Factorisation) -> Factorisation:
    """The better one with the starts of both."""
    runs = pd.concat([other.runs, better.runs], ignore_index=True)
    runs["start"] = range(len(runs))
    runs["reaches_best"] = runs["loss"] <= runs["loss"].min() + SAME_MINIMUM
    return replace(better, runs=runs)


def _constrained(
    plan: Apportionment, best: Factorisation, parts: Parts
) -> dict[str, Constrained]:
    found = {}
    if plan.constraints:
        wishes = [each.as_wish() for each in plan.constraints]
        pulled = constrain(best, wishes)
        words = [each.in_words() for each in plan.constraints]
        misses = pulled.misses.assign(constraint=words)
        found["constraints"] = replace(pulled, misses=misses)
    for strength, each in f_peak(best, plan.f_peak).items():
        found[f"F-peak {strength:g}"] = each
    for name, each in found.items():
        if not each.factorisation.is_converged:
            parts.warn(f"the solution with {name} did not converge")
    return found


def _diagnostics(found: Apportioned) -> dict[str, Any]:
    errors = found.errors
    numbers = diagnostics(found.best)
    return {
        **numbers,
        "q_true_over_expected": _ratio(numbers["q_true"], numbers["q_expected"]),
        "other_seed": found.other_seed,
        "number_of_factors": None
        if found.number is None
        else {
            "suggested": found.number.n_factors,
            "candidates": list(found.number.candidates),
            "words": found.number.words,
        },
        "displacement": None
        if errors.displaced is None
        else {"largest_decrease": errors.displaced.largest_decrease},
        "bootstrap": None if errors.resampled is None else _about(errors.resampled),
        "noise_bootstrap": None if errors.noise is None else _about(errors.noise),
        "displaced_bootstrap": None
        if errors.both is None
        else {
            "n_accepted": errors.both.n_accepted,
            "n_resamples": errors.both.n_resamples,
            "n_left_out": errors.both.n_swapped,
        },
        "second_opinions": {
            "n_samples": found.opinions.n_samples,
            "notes": list(found.opinions.notes),
        },
        "constraints": {
            name: {
                "d_q": each.d_q,
                "d_q_percent": each.d_q_percent,
                "is_converged": each.factorisation.is_converged,
            }
            for name, each in found.constrained.items()
        },
    }


def _about(resamples: Any) -> dict[str, Any]:
    return {
        "n_resamples": len(resamples.profiles),
        "share_unmapped": resamples.share_unmapped,
        "n_not_converged": resamples.n_not_converged,
    }


def _ratio(value: float, expected: int) -> float | None:
    return value / expected if expected > 0 else None


def _manifest(
    plan: Apportionment, given: ReceptorInput, found: Apportioned, parts: Parts
) -> dict[str, Any]:
    data = given.data
    files: list[Mapping[str, Any]] = list(given.files)
    if plan.origin is not None and plan.origin.background is not None:
        files.append(file_record("background", plan.origin.background.file))
    return {
        "schema_version": 1,
        "kind": "apportionment",
        "name": plan.name,
        "title": plan.title,
        "question": plan.question,
        "files": files,
        "data_sha256": fingerprint(
            list(data.sample_ids), list(data.species), *_key(data)
        ),
        "n_factors": found.best.n_factors,
        "uncertainties": given.rule,
        "settings": plan.model_dump(mode="json", exclude={"data"}),
        "data": _named_only(plan.data.model_dump(mode="json")),
        "crs": plan.data.crs,
        "notes": list(given.notes),
        "warnings": list(parts.warnings),
        "versions": package_versions(),
        "seeds": {"random_state": plan.random_state},
        "seconds": parts.seconds,
        "n_parts_kept": parts.n_found,
    }


def _named_only(block: Any) -> Any:
    """A block of settings with names of files in place of their paths."""
    if isinstance(block, dict):
        return {
            key: Path(value).name
            if isinstance(value, str) and key in _PATHS
            else _named_only(value)
            for key, value in block.items()
        }
    return block


_PATHS = frozenset({"concentrations", "uncertainties", "detection_limits", "file"})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
