"""Which wavelengths the calibrations of a study use."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cerussite.core.errors import InvalidStudyError
from cerussite.core.spectra import Spectra
from cerussite.core.survey import Survey
from cerussite.core.types import IntArray
from cerussite.explanation import (
    Contrast,
    Features,
    Profile,
    compare_bands,
    explain,
    profile_table,
)
from cerussite.studies.background import explained_rows
from cerussite.studies.bands import spectra_in
from cerussite.studies.data import StudyData
from cerussite.studies.files import fingerprint, read_json, write_json
from cerussite.studies.methods import METHODS
from cerussite.studies.series import Series
from cerussite.studies.tasks import Bench, Task, build_estimator
from cerussite.studies.working import do_all

#: Folds whose models are members of an explanation.
N_FOLDS = 5
#: How the summary that tells carriers from suppressors is called in tables.
CARRIERS = "_variance"


@dataclass(frozen=True, eq=False)
class Explained:
    """
    Explanations of the saved calibrations of a study.

    Attributes
    ----------
    attributions, bands : DataFrame
        Columns of the CSV files of these names; empty where there is nothing.
    warnings : tuple of str
        What could not be explained, and why.
    """

    attributions: pd.DataFrame
    bands: pd.DataFrame
    warnings: tuple[str, ...] = ()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """
        Tables by the name of their file.

        Returns
        -------
        dict of str to DataFrame
            Without the suffix.
        """
        return {"attributions": self.attributions, "bands": self.bands}


def explain_study(
    data: StudyData,
    bench: Bench,
    calibrations: Sequence[tuple[Series, dict[str, Any]]],
    *,
    cache: Path,
    jobs: int,
) -> Explained:
    """
    Explain calibrations by refits on folds.

    Parameters
    ----------
    data : StudyData
        Target and sources.
    bench : Bench
        What the tasks share.
    calibrations : sequence of (Series, dict)
        The scheme whose folds are refitted, and the options of the method.
    cache : Path
        Folder for finished parts.
    jobs : int
        Number of processes.

    Returns
    -------
    Explained
        Tables.
    """
    rows = explained_rows(len(bench.X), bench.random_state)
    tasks = [
        (bench, Task(each.method, options, split), data.target, rows)
        for each, options in calibrations
        for split in _first_folds(each)
    ]
    do_all(
        explain_task,
        [(*task, cache / "explained") for task in tasks],
        jobs=jobs,
        label="Explaining predictions",
    )
    names = tuple(data.target.response_names)
    series = [each for each, _ in calibrations]
    profiles: dict[str, list[Profile]] = {each.method: [] for each in series}
    for each in series:
        found = [
            read_json(_path(bench, task, rows, cache / "explained"))
            for _, task, _, _ in tasks
            if task.method == each.method
        ]
        for kind in ("", CARRIERS):
            profiles[each.method].append(_profile(found, kind, names))
    bands, warnings = _bands(data, bench, profiles, rows)
    return Explained(_attributions(profiles), bands, tuple(warnings))


def _first_folds(series: Series) -> list[Any]:
    first = series.splits[0].repeat
    return [split for split in series.splits if split.repeat == first][:N_FOLDS]


def _path(bench: Bench, task: Task, rows: IntArray, cache: Path) -> Path:
    return cache / task.method / f"{fingerprint(task.key(bench), rows)}.json"


def explain_task(
    bench: Bench, task: Task, target: Survey, rows: IntArray, cache: Path
) -> None:
    """
    Explain the model of one fold unless that has been done.

    Parameters
    ----------
    bench : Bench
        What the tasks share.
    task : Task
        Method and split.
    target : Survey
        Samples, with spectra.
    rows : ndarray of int
        Samples to explain, contrasted with each other.
    cache : Path
        Folder for finished parts.
    """
    path = _path(bench, task, rows, cache)
    if read_json(path) is not None:
        return
    split = task.split
    seed = task.seed(bench.random_state)
    estimator = build_estimator(bench, task.method, task.options, seed=seed)
    groups = bench.groups[split.scheme][split.calibration]
    estimator.fit(bench.X[split.calibration], bench.y[split.calibration], groups=groups)
    samples = spectra_in(target).take(rows)
    write_json(path, explained(estimator, samples, samples, target.response_names))


def explained(
    estimator: Any, samples: Spectra, background: Spectra, responses: Sequence[str]
) -> dict[str, Any]:
    """
    Summaries of the contributions to the predictions of an estimator.

    Parameters
    ----------
    estimator : object
        Fitted, of a class of this package.
    samples, background : Spectra
        What is explained, and what it is contrasted with, on all bands of the
        estimator.
    responses : sequence of str
        Names of the responses.

    Returns
    -------
    dict
        Numbers, text and lists: features, profile, profile of the variance,
        completeness residual.
    """
    seen, against = (seen_bands(estimator, each) for each in (samples, background))
    found = explain(estimator, Contrast(seen, against, responses))
    features = found.features
    return {
        "method": found.method,
        "scale": found.scale,
        "note": found.note,
        "names": list(features.names),
        "low": features.low.tolist(),
        "high": features.high.tolist(),
        "columns": [columns.tolist() for columns in features.columns],
        "profile": found.profile().mean.tolist(),
        f"profile{CARRIERS}": found.variance_profile().mean.tolist(),
        "residual": found.relative_residual.max(axis=0).tolist(),
    }


def seen_bands(estimator: Any, spectra: Spectra) -> Spectra:
    """
    Bands of spectra that an estimator looks at.

    Parameters
    ----------
    estimator : object
        Networks may see a run of bands only.
    spectra : Spectra
        All bands.

    Returns
    -------
    Spectra
        As they are for all other estimators.
    """
    if getattr(estimator, "bands", None) is None:
        return spectra
    return spectra.take_bands(*estimator.bands)


def _profile(found: list[Any], kind: str, names: tuple[str, ...]) -> Profile:
    first = found[0]
    features = Features(
        tuple(first["names"]),
        tuple(np.array(columns, dtype=np.intp) for columns in first["columns"]),
        np.array(first["low"]),
        np.array(first["high"]),
    )
    values = np.array([one[f"profile{kind}"] for one in found], dtype=np.float64)
    return Profile(
        f"{first['method']}{kind}",
        features,
        names,
        values,
        "share" if kind else first["scale"],
        first["note"],
    )


def _attributions(profiles: dict[str, list[Profile]]) -> pd.DataFrame:
    parts = []
    for method, own in profiles.items():
        table = profile_table(*own).rename(columns={"method": "attribution"})
        table.insert(1, "method", method)
        parts.append(table)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _bands(
    data: StudyData, bench: Bench, profiles: dict[str, list[Profile]], rows: IntArray
) -> tuple[pd.DataFrame, list[str]]:
    # Kept and new bands of each transfer method that starts from the library.
    parts: list[pd.DataFrame] = []
    warnings = []
    for method, (profile, _) in profiles.items():
        if METHODS[method].source != "library":
            continue
        source = _source_profile(data, bench, rows)
        if min(len(source.importances), len(profile.importances)) < 2:
            warnings.append(
                f"{method}: bands kept from the source are not told from new ones, for "
                "that needs two source networks or more (networks.source_members)"
            )
            continue
        parts += _pairs(method, source, profile)
    return (pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()), warnings


def _pairs(method: str, source: Profile, profile: Profile) -> list[pd.DataFrame]:
    parts = []
    for before in source.responses:
        for after in profile.responses:
            try:
                found = compare_bands(
                    source, profile, source_response=before, response=after
                )
            except InvalidStudyError:
                # A member that predicts one value for all has no bands to compare.
                continue
            labels = {"source_response": before, "response": after, "method": method}
            overlap = {
                "overlap": found.overlap,
                "overlap_low": found.overlap_low,
                "overlap_high": found.overlap_high,
            }
            table = found.table.assign(**labels, **overlap)
            parts.append(table[[*labels, *found.table.columns, *overlap]])
    return parts


def _source_profile(data: StudyData, bench: Bench, rows: IntArray) -> Profile:
    from cerussite.models.resnet import PretrainedNetwork  # noqa: PLC0415 - needs torch

    network = PretrainedNetwork.load(bench.sources["library"])
    spectra = spectra_in(data.target).take(rows).take_bands(*bench.network_bands)
    return explain(network, Contrast(spectra, spectra, network.responses)).profile()
