"""A table of stations in, a folder with its assessment out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cerussite.assessment import (
    Assessment,
    AssessmentPlan,
    Concentrations,
    HealthPlan,
    HealthRisk,
    LocalBackground,
    assess,
    health_risk,
    interval_of_draws,
)
from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray
from cerussite.studies.assessment_folder import (
    DICTIONARY,
    check_folder,
    input_record,
    write_folder,
)
from cerussite.studies.below_limits import (
    BelowLimits,
    check_usable,
    concentrations_of,
)
from cerussite.studies.manifest import package_versions
from cerussite.studies.station_standards import (
    background_of_references,
    find_standard,
)
from cerussite.studies.stations import (
    Choice,
    Stations,
    StationTable,
    describe,
    read_stations,
    rows_where,
)

#: What sentences say of one standard, and of several.
_PLURALS = {
    " does not state its procedure": " do not state their procedure",
    " gives no value of ": " give no value of ",
}
#: Headers of coordinates in degrees, in the order east, north.
_DEGREES = (("longitude", "lon", "long"), ("latitude", "lat"))


@dataclass(frozen=True)
class AssessmentRequest:
    """
    What stations are held against, and how.

    Attributes
    ----------
    background : str or None
        Shipped background by name, or path of a table; None where reference
        stations give it.
    reference_stations : mapping of str to tuple of str
        Rows of the table whose medians are the background: one of these values in
        each of these columns.
    standards : tuple of str
        Guidelines by name, or paths of tables.
    plan : AssessmentPlan
        Set of elements, reference element, level.
    below_limits : BelowLimits
        What is done with values below the detection limit.
    receptors : tuple of str
        Who is exposed; empty for no health risk.
    health : HealthPlan or None
        Dates of the toxicity values, needed with receptors.
    """

    background: str | None = None
    reference_stations: Choice = field(default_factory=dict)
    standards: tuple[str, ...] = ()
    plan: AssessmentPlan = field(default_factory=AssessmentPlan)
    below_limits: BelowLimits = field(default_factory=BelowLimits)
    receptors: tuple[str, ...] = ()
    health: HealthPlan | None = None


@dataclass(frozen=True, eq=False)
class _Found:
    stations: Stations
    concentrations: Concentrations
    assessment: Assessment
    local: LocalBackground | None
    health: HealthRisk | None
    notes: list[str]


def assess_table(
    table: StationTable,
    request: AssessmentRequest,
    folder: str | Path,
    *,
    finish: Callable[[Path], object] | None = None,
) -> list[str]:
    """
    Assess the stations of a table and write a folder, whole or not at all.

    Parameters
    ----------
    table : StationTable
        The file, and what it does not say.
    request : AssessmentRequest
        Background, standards and choices.
    folder : str or Path
        Folder to write: a new one, or one that this command has written.
    finish : callable, optional
        Is given the folder before it takes its name, to add a report.

    Returns
    -------
    list of str
        Doubts about the comparisons; to be shown to the user.

    Raises
    ------
    InvalidStudyError
        If there is no background or two, receptors lack dates, or the folder
        holds other files. What cannot be read or compared is refused by other
        kinds of :class:`~cerussite.CerussiteError`.
    """  # noqa: DOC502 -- raised by the checks
    folder, started = Path(folder), datetime.now(UTC).isoformat(timespec="seconds")
    check_folder(folder, table.path)
    _check_request(request)
    found = _find(read_stations(table), request)
    manifest = {
        **_manifest(table, request, found),
        "started": started,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": package_versions(),
    }
    write_folder(folder, _tables(found), manifest, finish=finish)
    return together(found.assessment.warnings)


def together(texts: Sequence[str]) -> list[str]:
    """
    Sentences that say the same of several standards, said once.

    Parameters
    ----------
    texts : sequence of str
        Those that begin with a standard and one of two phrases are joined.

    Returns
    -------
    list of str
        Others as they are, in the order of the first of each kind.

    Examples
    --------
    >>> together(["a gives no value of Al", "c is old", "b gives no value of Al"])
    ['a, b give no value of Al', 'c is old']
    """
    joined: dict[tuple[str, str], list[str]] = {}
    for text in texts:
        phrase = next((one for one in _PLURALS if one in text), None)
        name, _, rest = text.partition(phrase or text)
        joined.setdefault((phrase or text, rest), []).append(name)
    found = []
    for (phrase, rest), names in joined.items():
        said = phrase if len(names) == 1 else _PLURALS.get(phrase, phrase)
        found.append(f"{', '.join(names)}{said}{rest}")
    return found


def _check_request(request: AssessmentRequest) -> None:
    if (request.background is None) == (not request.reference_stations):
        found = "neither" if request.background is None else "both"
        msg = (
            f"{found} of background and reference stations given; expected one of "
            "them, for the background decides the answer"
        )
        raise InvalidStudyError(msg)
    if bool(request.receptors) != (request.health is not None):
        msg = (
            "receptors and dates of toxicity values belong together; expected both or "
            "none, for the toxicity of arsenic and chromium changed in 2024 and 2025"
        )
        raise InvalidStudyError(msg)


def _find(stations: Stations, request: AssessmentRequest) -> _Found:
    survey, rows = stations.survey, stations.is_assessed
    local, notes = None, []
    if request.background is not None:
        background = find_standard(request.background, "background")
    else:
        choice = request.reference_stations
        is_reference = rows_where(survey, choice, "reference_stations")
        check_usable(survey.take(is_reference))
        background, local = background_of_references(
            survey, choice, random_state=request.below_limits.random_state
        )
        if n_both := np.count_nonzero(is_reference & rows):
            notes.append(f"{n_both} reference stations are assessed as well")
    standards = [find_standard(name, "guideline") for name in request.standards]
    concentrations, sentences = concentrations_of(
        survey.take(rows), request.below_limits
    )
    properties = {name: values[rows] for name, values in stations.properties.items()}
    concentrations = replace(
        concentrations,
        medium=stations.medium,
        ph=properties.get("ph"),
        clay=properties.get("clay"),
        organic_matter=properties.get("organic_matter"),
    )
    return _Found(
        stations,
        concentrations,
        assess(
            concentrations,
            background=background,
            standards=standards,
            plan=request.plan,
        ),
        local,
        None
        if request.health is None
        else health_risk(
            concentrations, receptors=request.receptors, plan=request.health
        ),
        sentences + notes,
    )


def _tables(found: _Found) -> dict[str, pd.DataFrame]:
    assessment, health = found.assessment, found.health
    tables = {
        "indices": assessment.indices,
        "exceedances": assessment.exceedances,
        "ranking": assessment.ranking,
        "stations": _station_table(found),
        "concentrations": _concentration_table(found),
        "withheld": assessment.withheld(),
        "classes": assessment.classes,
        "references": assessment.references,
        "constants": assessment.constants_used,
    }
    if assessment.n_draws:
        tables["probabilities"] = assessment.probabilities
    if len(assessment.reference_element):
        tables["reference_element"] = assessment.reference_element
    if found.local is not None:
        tables["background"] = found.local.table
    if health is not None:
        tables["health"] = health.risks
        tables["toxicity"] = health.toxicity
        tables["exposure"] = health.exposure
    tables["data_dictionary"] = _dictionary(found)
    return tables


def _dictionary(found: _Found) -> pd.DataFrame:
    rows = [("", *row) for row in (*found.assessment.data_dictionary, *DICTIONARY)]
    if found.health is not None:
        files = "health, toxicity, exposure"
        rows += [(files, *row) for row in found.health.data_dictionary]
    return pd.DataFrame(rows, columns=["files", "column", "meaning"])


def _concentration_table(found: _Found) -> pd.DataFrame:
    """Concentrations as they entered, sample by sample."""
    used, level = found.concentrations, found.assessment.level
    survey = found.stations.survey.take(found.stations.is_assessed)
    middle: FloatArray = np.asarray(used.values)
    n_elements = middle.shape[1]
    lower = upper = np.full(middle.shape, np.nan)
    if used.draws is not None:
        lower, _, upper = interval_of_draws(used.draws, level=level)
    mask = survey.is_censored
    limits = np.where(False if mask is None else mask, survey.y, np.nan)
    return pd.DataFrame(
        {
            "sample_id": np.repeat(np.array(used.sample_ids, dtype=object), n_elements),
            "element": list(used.elements) * len(middle),
            "value": middle.ravel(),
            "lower": lower.ravel(),
            "upper": upper.ravel(),
            "unit": "mg/kg",
            "limit": limits.ravel(),
        }
    )


def _station_table(found: _Found) -> pd.DataFrame:
    survey = found.stations.survey.take(found.stations.is_assessed)
    mask = survey.is_censored
    columns: dict[str, Any] = {
        "sample_id": [str(name) for name in survey.samples.index]
    }
    for name, column in _coordinates(survey.samples).items():
        columns[name] = survey.samples[column].to_numpy(dtype=np.float64)
    columns["n_measured"] = np.count_nonzero(~np.isnan(survey.y), axis=1)
    columns["n_below_limit"] = 0 if mask is None else mask.sum(axis=1)
    return pd.DataFrame(columns)


def _coordinates(samples: pd.DataFrame) -> dict[str, str]:
    """Columns of the coordinates by what they are; empty where there are none."""
    if {"easting", "northing"} <= set(samples):
        return {"easting": "easting", "northing": "northing"}
    lowered = {str(name).lower(): str(name) for name in samples}
    pair = [
        next((lowered[name] for name in names if name in lowered), None)
        for names in _DEGREES
    ]
    numeric = [
        name
        for name in pair
        if name is not None and pd.api.types.is_numeric_dtype(samples[name])
    ]
    return (
        dict(zip(("longitude", "latitude"), numeric, strict=True))
        if len(numeric) == 2
        else {}
    )


def _manifest(
    table: StationTable, request: AssessmentRequest, found: _Found
) -> dict[str, Any]:
    assessment, survey = found.assessment, found.stations.survey
    below = request.below_limits
    return {
        "schema_version": 1,
        "kind": "assessment",
        "input": input_record(table.path, survey, found.stations.is_assessed),
        "request": {
            "background": request.background
            or f"stations with {describe(request.reference_stations)}",
            "standards": list(request.standards),
            "only": describe(table.only),
            "elements": list(assessment.elements),
            "reference_element": request.plan.reference_element,
            "medium": table.medium,
            "crs": survey.crs or "",
            "below_limits": _below_limits(found, below.substitute),
        },
        "local_background": found.local is not None,
        "level": assessment.level,
        "n_draws": assessment.n_draws,
        "health": _health_record(found.health, request.receptors),
        "warnings": together(assessment.warnings),
        "notes": [*found.notes, *together(assessment.notes)],
        "seeds": {"random_state": below.random_state},
    }


def _below_limits(found: _Found, substitute: float | None) -> str:
    mask = found.stations.survey.is_censored
    if mask is None or not mask[found.stations.is_assessed].any():
        return "no value lies there"
    if substitute is not None:
        return f"{substitute:g} times the limit substituted"
    return f"drawn {found.assessment.n_draws} times"


def _health_record(
    health: HealthRisk | None, receptors: tuple[str, ...]
) -> Mapping[str, Any] | None:
    if health is None:
        return None
    return {
        "dates": [str(on) for on in health.dates],
        "receptors": list(receptors),
        "notes": list(health.notes),
    }
