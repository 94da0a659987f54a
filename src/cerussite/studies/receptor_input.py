"""From tables to checked data of a receptor model, with all that was decided."""

import hashlib
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import pearsonr

from cerussite.apportionment import (
    Category,
    ReceptorData,
    halved_where_censored,
    limit_uncertainties,
    signal_categories,
    signal_to_noise,
)
from cerussite.core.errors import InvalidConcentrationError, InvalidSurveyError
from cerussite.core.types import FloatArray
from cerussite.studies.apportionment_plan import Apportionment, ReceptorTables
from cerussite.studies.receptor_limits import by_species, error_fractions, read_limits
from cerussite.studies.receptor_tables import Columns, NumberTable, read_numbers
from cerussite.studies.sample_places import sample_table

#: Median uncertainties over concentrations that no analysis has: other units.
LEAST_RELATIVE, MOST_RELATIVE = 5e-4, 30.0
#: Correlation above which two species are one measurement.
SAME_MEASUREMENT = 0.9999


@dataclass(frozen=True, eq=False)
class ReceptorInput:
    """
    What an apportionment starts from.

    Attributes
    ----------
    data : ReceptorData
        Checked, categorised, with extra uncertainty.
    samples : DataFrame
        Row a sample: ``sample_id``, and ``date``, ``easting``, ``northing``,
        ``longitude``, ``latitude`` and ``block`` where they are known.
    species : DataFrame
        Row a species of the tables, bad ones too.
    files : list of dict
        Names and hashes of what was read.
    rule : str
        Where uncertainties come from, in words.
    notes, warnings : tuple of str
        What was decided; what makes results doubtful.
    """

    data: ReceptorData
    samples: pd.DataFrame
    species: pd.DataFrame
    files: list[dict[str, str]]
    rule: str
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def read_receptor_input(plan: Apportionment) -> ReceptorInput:
    """
    Read, match and check the tables of an apportionment.

    Parameters
    ----------
    plan : Apportionment
        Where they are, and how species count.

    Returns
    -------
    ReceptorInput
        Samples and species in the order of the concentrations.
    """
    given = plan.data
    limits, tabled = read_limits(given.detection_limits)
    table = read_numbers(given.concentrations, _columns(plan, limits))
    values = halved_where_censored(table.values, table.is_censored)
    errors, rule, notes = _uncertainties(given, table, values, (limits, tabled))
    raw = ReceptorData(
        values, errors, table.species, table.sample_ids, table.is_censored
    )
    _check_units(raw)
    categories, ratios = _categories(plan, raw)
    data = raw.categorised(categories, total=plan.total)
    if plan.extra_uncertainty:
        data = data.with_extra_uncertainty(plan.extra_uncertainty)
    units = _units(given, table)
    species = _species(raw, table, ratios, units)
    if plan.total:
        categories = {**categories, plan.total: "weak"}
    species["category"] = [categories.get(name, "strong") for name in raw.species]
    return ReceptorInput(
        data,
        sample_table(table, given, plan.blocks),
        species,
        _files(given),
        rule,
        (*table.notes, *notes, *_about(raw)),
        (*_doubts(species), *_doubles(data)),
    )


def _columns(plan: Apportionment, limits: dict[str, float]) -> Columns:
    given = plan.data
    names = ("date", "easting", "northing", "longitude", "latitude")
    roles = {name: column for name in names if (column := getattr(given, name))}
    if plan.blocks is not None and plan.blocks.column:
        roles["label"] = plan.blocks.column
    return Columns(
        tuple(given.sample_id),
        roles,
        tuple(given.species),
        tuple(given.leave_out),
        given.sheets[0] if given.sheets else None,
        limits,
    )


def _uncertainties(
    given: ReceptorTables,
    table: NumberTable,
    values: FloatArray,
    tabled: tuple[dict[str, float], dict[str, float]],
) -> tuple[FloatArray, str, list[str]]:
    if given.uncertainties is not None or given.sheets is not None:
        return _from_table(given, table)
    limits, fractions = tabled
    notes = []
    if not limits:
        limits = _stated_limits(table)
        notes.append("detection limits are the highest that cells with '<' state")
    found = by_species(limits, table.species, "detection limit")
    errors = error_fractions(given, table.species, tabled=fractions)
    rule = "rule of EPA PMF: error fraction {} and detection limits".format(
        "of duplicates"
        if given.duplicates
        else f"{given.error_fraction:g}"
        if isinstance(given.error_fraction, float)
        else "of each species"
    )
    if given.duplicates:
        listed = ", ".join(
            f"{name} {100 * each:.0f} %"
            for name, each in zip(table.species, errors, strict=True)
        )
        notes.append(f"relative standard deviations by duplicates: {listed}")
    computed = limit_uncertainties(
        values, detection_limits=found, error_fractions=errors
    )
    return computed, rule, notes


def _stated_limits(table: NumberTable) -> dict[str, float]:
    highest = np.where(table.is_censored, table.values, -np.inf).max(axis=0)
    return {
        name: float(limit)
        for name, limit in zip(table.species, highest, strict=True)
        if np.isfinite(limit)
    }


def _from_table(
    given: ReceptorTables, table: NumberTable
) -> tuple[FloatArray, str, list[str]]:
    path = given.uncertainties or given.concentrations
    sheet = given.sheets[1] if given.sheets else None
    ids = tuple(given.sample_id)
    other = read_numbers(path, Columns(ids, species=table.species, sheet=sheet))
    _check_same_units(table, other)
    missing = [name for name in table.sample_ids if name not in set(other.sample_ids)]
    spare = [name for name in other.sample_ids if name not in set(table.sample_ids)]
    if missing or spare:
        first = (missing or spare)[0]
        msg = (
            f"{path}: {len(missing)} samples of the concentrations are missing and "
            f"{len(spare)} are not among them (first: {first!r}); expected "
            "uncertainties of the same samples"
        )
        raise InvalidSurveyError(msg)
    if other.is_censored.any():
        msg = f"{path}: holds cells with '<'; expected one standard deviation in each"
        raise InvalidConcentrationError(msg)
    rows = [other.sample_ids.index(name) for name in table.sample_ids]
    notes = []
    if rows != sorted(rows):
        notes.append("uncertainties stood in another order and were matched by id")
    return np.asarray(other.values)[rows], f"table {Path(path).name}", notes


def _check_same_units(table: NumberTable, other: NumberTable) -> None:
    for name in table.species:
        units = table.units[name], other.units[name]
        if all(units) and units[0] != units[1]:
            msg = (
                f"{name} is in {units[0]} in {table.path} and in {units[1]} in "
                f"{other.path}; expected one unit in both"
            )
            raise InvalidConcentrationError(msg)


def _check_units(data: ReceptorData) -> None:
    """Refuse uncertainties that must be in another unit than concentrations."""
    size = np.where(data.concentrations > 0, data.concentrations, np.nan)
    for column, name in enumerate(data.species):
        ratio = float(np.nanmedian(data.uncertainties[:, column] / size[:, column]))
        if not LEAST_RELATIVE <= ratio <= MOST_RELATIVE:
            msg = (
                f"{name}: the median uncertainty is {ratio:.2g} times the concentration; "
                f"expected {LEAST_RELATIVE:g} to {MOST_RELATIVE:g}: are both tables in "
                "one unit? If so, leave the species out (leave_out)"
            )
            raise InvalidConcentrationError(msg)


def _categories(
    plan: Apportionment, data: ReceptorData
) -> tuple[dict[str, Category], FloatArray]:
    ratios = signal_to_noise(data.concentrations, data.uncertainties)
    if plan.categories != "suggested":
        return dict(plan.categories), ratios
    suggested = signal_categories(ratios)
    return dict(zip(data.species, suggested, strict=True)), ratios


def _units(given: ReceptorTables, table: NumberTable) -> list[str]:
    by_name = given.unit if isinstance(given.unit, dict) else {}
    general = given.unit if isinstance(given.unit, str) else ""
    return [by_name.get(name) or table.units[name] or general for name in table.species]


def _species(
    data: ReceptorData, table: NumberTable, ratios: FloatArray, units: list[str]
) -> pd.DataFrame:
    here = data.is_measured
    relative = np.where(here, data.uncertainties / np.abs(data.concentrations), np.nan)
    return pd.DataFrame(
        {
            "species": data.species,
            "unit": units,
            "n_measured": here.sum(axis=0),
            "n_missing": (~here).sum(axis=0),
            "n_below_limit": table.is_censored.sum(axis=0),
            "minimum": np.nanmin(data.concentrations, axis=0),
            "median": np.nanmedian(data.concentrations, axis=0),
            "maximum": np.nanmax(data.concentrations, axis=0),
            "median_relative_uncertainty": np.nanmedian(relative, axis=0),
            "signal_to_noise": ratios,
            "suggested_category": signal_categories(ratios),
        }
    )


def _about(data: ReceptorData) -> list[str]:
    notes = []
    if n_missing := int((~data.is_measured).sum()):
        notes.append(f"{n_missing} missing values have no weight")
    if data.is_censored is not None and (n_below := int(data.is_censored.sum())):
        notes.append(f"{n_below} values below their limit stand at half of it")
    if n_negative := int((data.concentrations < 0).sum()):
        notes.append(f"{n_negative} concentrations are negative and were kept")
    return notes


def _doubts(species: pd.DataFrame) -> tuple[str, ...]:
    order = {"strong": 2, "weak": 1, "bad": 0}
    doubts = []
    for category in ("bad", "weak"):
        is_doubtful = (species["suggested_category"] == category) & (
            species["category"].map(order) > order[category]
        )
        names = species.loc[is_doubtful, "species"].tolist()
        if names:
            doubts.append(
                f"signal to noise suggests {category} for {', '.join(names)}; "
                f"{'it counts' if len(names) == 1 else 'they count'} for more here"
            )
    return tuple(doubts)


def _doubles(data: ReceptorData) -> list[str]:
    """Pairs of species that are one measurement counted twice."""
    doubts = []
    for first, second in combinations(range(len(data.species)), 2):
        pair = data.concentrations[:, [first, second]]
        pair = pair[~np.isnan(pair).any(axis=1)]
        if len(pair) < 3 or not (np.ptp(pair, axis=0) > 0).all():
            continue
        if float(pearsonr(*pair.T).statistic) > SAME_MEASUREMENT:
            doubts.append(
                f"{data.species[first]} and {data.species[second]} are proportional: one "
                "measurement seems to be counted twice"
            )
    return doubts


def _files(given: ReceptorTables) -> list[dict[str, str]]:
    paths = {
        "concentrations": given.concentrations,
        "uncertainties": given.uncertainties,
        "detection limits": given.detection_limits,
        "duplicates": given.duplicates.file if given.duplicates else None,
    }
    return [
        file_record(role, path)
        for role, path in paths.items()
        if isinstance(path, Path)
    ]


def file_record(role: str, path: Path) -> dict[str, Any]:
    """
    What a file was, for the manifest.

    Parameters
    ----------
    role : str
        What it holds.
    path : Path
        The file.

    Returns
    -------
    dict of str to str
        ``role``, ``name`` and ``sha256``.
    """
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {"role": role, "name": path.name, "sha256": digest}


def complete_rows(data: ReceptorData, *, positive: bool) -> ReceptorData:
    """
    Samples without gaps, as principal components need them.

    Parameters
    ----------
    data : ReceptorData
        All samples.
    positive : bool
        Whether values must be above zero, too.

    Returns
    -------
    ReceptorData
        Fewer samples, or the same.

    Raises
    ------
    InvalidConcentrationError
        If no sample is left.
    """
    kept = data.is_measured.all(axis=1)
    if positive:
        kept &= (np.nan_to_num(data.concentrations) > 0).all(axis=1)
    if not kept.any():
        msg = "no sample has all species" + " above zero" * positive
        raise InvalidConcentrationError(msg)
    return replace(
        data,
        concentrations=data.concentrations[kept],
        uncertainties=data.uncertainties[kept],
        sample_ids=tuple(np.array(data.sample_ids, dtype=object)[kept]),
        is_censored=None if data.is_censored is None else data.is_censored[kept],
    )
