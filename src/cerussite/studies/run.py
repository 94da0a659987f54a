"""A study file in, a results folder out; an interrupted run goes on where it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cerussite.core.errors import InvalidStudyError
from cerussite.core.survey import Survey
from cerussite.core.types import FloatArray
from cerussite.evaluation import residuals_needed
from cerussite.studies.bands import spectra_in
from cerussite.studies.collecting import Collected, collect
from cerussite.studies.comparing import comparison_table, summary_table
from cerussite.studies.data import StudyData, load_data
from cerussite.studies.explaining import explain_study
from cerussite.studies.files import read_json, write_csv, write_json
from cerussite.studies.final import check_saved, deciding_series, save_final_models
from cerussite.studies.indirect import indirect_tables
from cerussite.studies.manifest import (
    code_hash,
    data_records,
    method_records,
    package_versions,
    survey_hash,
)
from cerussite.studies.methods import METHODS, check_options, find_method, with_controls
from cerussite.studies.reading import find_study, read_study
from cerussite.studies.schemes import StudySplit, inner_groups, study_splits
from cerussite.studies.series import Series, metric_table, prediction_table
from cerussite.studies.sources import needed_sources, pretrain_sources
from cerussite.studies.study import Study
from cerussite.studies.tasks import Bench, Task, do_task
from cerussite.studies.trust import (
    coverage_by_group,
    judge_left_out,
    rejection_table,
)
from cerussite.studies.verdicts import study_verdicts
from cerussite.studies.working import do_all, n_workers

#: Marks a results folder and says whose it is.
MARKER = "study.json"
#: Written last: a folder that has one is complete.
MANIFEST = "manifest.json"
#: Tables that every results folder has: a single method leaves no comparisons.
_ALWAYS = ("metrics", "summary", "predictions", "comparisons")


@dataclass(frozen=True, eq=False)
class _Plan:
    """A checked study with its data and everything that has to be done."""

    study: Study
    data: StudyData
    methods: list[str]
    bench: Bench
    tasks: list[Task]


def run_study(
    study: str | Path, folder: str | Path, *, jobs: int | None = None
) -> Path:
    """
    Run a study and write its tables, models and manifest.

    The study, its data and the folder are checked before anything is written.

    Parameters
    ----------
    study : str or Path
        Path of a study file, or the name of a study that comes with the
        package.
    folder : str or Path
        Results folder: a new one, or one that a run of this study began.
    jobs : int or None
        Number of processes; one for each core if left out. Results do not
        depend on it.

    Returns
    -------
    Path
        The results folder; the report is written by
        :func:`cerussite.reporting.write_report`.

    Raises
    ------
    InvalidStudyError
        If the study cannot be carried out; files that cannot be read are other
        kinds of :class:`~cerussite.CerussiteError`.
    """
    path, folder = find_study(study), Path(folder)
    workers = n_workers(jobs)
    checked = read_study(path)
    _check_folder(folder, checked)
    started = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        _check_methods(checked)
        plan = _plan(checked)
    except InvalidStudyError as error:
        msg = f"{path}: {error}"
        raise InvalidStudyError(msg) from error
    _claim(folder, checked)
    plan = _with_sources(plan, folder / "cache", workers)
    results = folder / "cache" / "tasks"
    do_all(
        do_task,
        [(plan.bench, task, results) for task in plan.tasks],
        jobs=workers,
        label="Fitting and testing",
    )
    _write(plan, results, folder, started=started, jobs=workers)
    return folder


def _check_methods(study: Study) -> None:
    names = [find_method(method.name).name for method in study.methods]
    _check_torch(names)
    for method in study.methods:
        check_options(method.name, method.options)
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        msg = f"methods: {min(twice)!r} is named twice; expected each method once"
        raise InvalidStudyError(msg)


def _check_torch(names: Sequence[str]) -> None:
    networks = [name for name in with_controls(names) if METHODS[name].is_network]
    if networks and find_spec("torch") is None:
        msg = (
            f"methods: {networks[0]} needs PyTorch, which is not installed; install "
            "'cerussite[networks]' with constraints.txt, or leave the method out"
        )
        raise InvalidStudyError(msg)


def _check_level(study: Study, target: Survey) -> None:
    # No interval of this level could be made at the end of all the work.
    level = study.validation.level
    needed = residuals_needed(level)
    counts = np.count_nonzero(~np.isnan(target.y), axis=0).tolist()
    for name, count in zip(target.response_names, counts, strict=True):
        if count < needed:
            msg = (
                f"validation.level: {level:g} needs {needed} measured values of each "
                f"response, {name} has {count}; expected at most "
                f"{np.floor(1000 * count / (count + 1)) / 1000:g}"
            )
            raise InvalidStudyError(msg)


def _check_folder(folder: Path, study: Study) -> None:
    # Refuse a folder that is not ours before anything is computed.
    if folder.exists() and not folder.is_dir():
        msg = f"{folder}: is a file; expected a folder for results"
        raise InvalidStudyError(msg)
    if not folder.exists() or not any(folder.iterdir()):
        return
    # The cache may have been deleted to save space.
    marker = read_json(folder / "cache" / MARKER) or read_json(folder / MANIFEST)
    if marker is None:
        msg = (
            f"{folder}: holds files that no study has written; choose a new folder for "
            "the results"
        )
        raise InvalidStudyError(msg)
    if marker["name"] != study.name:
        msg = (
            f"{folder}: holds the results of study {marker['name']!r}, not of "
            f"{study.name!r}; choose another folder, or remove this one"
        )
        raise InvalidStudyError(msg)


def _claim(folder: Path, study: Study) -> None:
    write_json(folder / "cache" / MARKER, {"name": study.name})


def _plan(study: Study) -> _Plan:
    methods = with_controls(method.name for method in study.methods)
    check_saved(study, methods)
    needed = needed_sources(methods)
    if needed and not study.source:
        msg = "source: not found; transfer methods need at least one data set"
        raise InvalidStudyError(msg)
    data = load_data(study, with_source=bool(needed))
    _check_level(study, data.target)
    splits = study_splits(study.validation, data.target)
    bench = Bench(
        X=spectra_in(data.target).values,
        y=data.target.y,
        specimens=data.target.specimens,
        network_bands=data.network_bands,
        groups={
            scheme: inner_groups(study.validation, data.target, scheme)
            for scheme in dict.fromkeys(split.scheme for split in splits)
        },
        calibrations=study.calibrations,
        networks=study.networks,
        sources={},
        random_state=study.validation.random_state,
        data_hash=survey_hash(data.target),
        code_hash=code_hash(),
    )
    options = {method.name: method.options for method in study.methods}
    tasks = [
        Task(name, options.get(name, {}), split)
        for split in splits
        for name in methods
        if not METHODS[name].mean_of
    ]
    return _Plan(study, data, methods, bench, tasks)


def _with_sources(plan: _Plan, cache: Path, jobs: int) -> _Plan:
    sources = pretrain_sources(
        plan.study, plan.data, needed_sources(plan.methods), cache=cache, jobs=jobs
    )
    bench = Bench(**{**vars(plan.bench), "sources": sources})
    return _Plan(plan.study, plan.data, plan.methods, bench, plan.tasks)


def _write(
    plan: _Plan, results: Path, folder: Path, *, started: str, jobs: int
) -> None:
    (folder / MANIFEST).unlink(missing_ok=True)
    study, bench = plan.study, plan.bench
    names = plan.data.target.response_names
    found = collect(
        bench,
        plan.tasks,
        results,
        methods=plan.methods,
        level=study.validation.level,
    )
    tables = _tables(plan, found, names)
    saved = save_final_models(
        study,
        plan.data,
        bench,
        found,
        summary=tables["summary"],
        folder=folder,
        jobs=jobs,
    )
    deciding = [deciding_series(found.series, method) for method in saved]
    options = {method.name: method.options for method in study.methods}
    explained = explain_study(
        plan.data,
        bench,
        [(each, options.get(each.method, {})) for each in deciding],
        cache=folder / "cache",
        jobs=jobs,
    )
    splits = [task.split for task in plan.tasks if task.method == plan.tasks[0].method]
    tables |= _trust_tables(plan, found, deciding, splits) | explained.tables
    tables |= indirect_tables(plan.data, bench, splits)
    for name, table in tables.items():
        _write_or_remove(folder / f"{name}.csv", table, is_needed=name in _ALWAYS)
    found.warnings += explained.warnings
    write_json(folder / MANIFEST, _manifest(plan, found, tables, started))


def _write_or_remove(path: Path, table: pd.DataFrame, *, is_needed: bool) -> None:
    # A table without rows is no file; one of an earlier run must not stay.
    if len(table) or is_needed:
        write_csv(path, table)
    else:
        path.unlink(missing_ok=True)


def _trust_tables(
    plan: _Plan, found: Collected, deciding: list[Series], splits: list[StudySplit]
) -> dict[str, pd.DataFrame]:
    target, bench = plan.data.target, plan.bench
    judged = judge_left_out(
        bench,
        splits,
        sample_ids=[str(label) for label in target.samples.index],
        wavelengths=spectra_in(target).wavelengths,
    )
    return {
        "coverage": coverage_by_group(
            found.series, bench.y, target.groups, target.response_names
        ),
        "applicability": judged.drop(columns="position"),
        "rejection": rejection_table(
            deciding,
            judged,
            bench.y,
            names=target.response_names,
            random_state=bench.random_state,
        ),
    }


def _tables(plan: _Plan, found: Collected, names: list[str]) -> dict[str, pd.DataFrame]:
    target, y = plan.data.target, plan.bench.y
    metrics = metric_table(found.series, y, names)
    return {
        "metrics": metrics,
        "summary": summary_table(found.series, metrics, y, names),
        "predictions": prediction_table(
            found.series,
            y,
            sample_ids=[str(label) for label in target.samples.index],
            names=names,
            units=[response.unit for response in target.responses],
        ),
        "comparisons": comparison_table(found.series, y, names),
    }


def _manifest(
    plan: _Plan, found: Collected, tables: dict[str, pd.DataFrame], started: str
) -> dict[str, Any]:
    study, target = plan.study, plan.data.target
    counts = np.count_nonzero(~np.isnan(target.y), axis=0).tolist()
    n_measured = dict(zip(target.response_names, counts, strict=True))
    return {
        "schema_version": 1,
        "name": study.name,
        "title": study.title,
        "question": study.question,
        "started": started,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "study": study.model_dump(mode="json"),
        "level": study.validation.level,
        "data": data_records(plan.data),
        "wavelengths": _axis_record(plan.data),
        "methods": method_records(plan.methods),
        "verdicts": study_verdicts(
            tables["summary"], tables["comparisons"], n_measured
        ),
        "warnings": [*plan.data.warnings, *_interval_warnings(found), *found.warnings],
        "versions": package_versions(),
        "seeds": {"random_state": study.validation.random_state},
        "seconds": found.seconds,
    }


def _axis_record(data: StudyData) -> dict[str, Any]:
    axis = spectra_in(data.target).wavelengths
    first, stop = data.network_bands
    return {
        **_ends(axis),
        "networks": _ends(axis[first:stop]),
        "sensor": data.sensor or None,
    }


def _ends(axis: FloatArray) -> dict[str, Any]:
    return {"low": float(axis[0]), "high": float(axis[-1]), "n_bands": int(axis.size)}


def _interval_warnings(found: Collected) -> Sequence[str]:
    without = {
        (each.scheme, each.n_calibration)
        for each in found.series
        if all(np.isnan(limits).any() for limits in each.limits)
    }
    return [
        f"{scheme}, {size} calibration samples: no prediction intervals, for there are "
        "too few residuals of other samples"
        for scheme, size in sorted(without)
    ]
