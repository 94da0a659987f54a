"""From the results of tasks to series of predictions."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cerussite.core.errors import InvalidStudyError
from cerussite.studies.files import read_json
from cerussite.studies.intervals import limits_of
from cerussite.studies.methods import METHODS
from cerussite.studies.schemes import UNGROUPED
from cerussite.studies.series import Series
from cerussite.studies.tasks import Bench, Task


@dataclass(eq=False)
class Collected:
    """
    All results of a study.

    Attributes
    ----------
    series : list of Series
        Predictions with their limits, in the order of schemes and methods.
    seconds : dict of str to float
        Computing time by method.
    warnings : list of str
        Warnings raised while fitting, with the number of tasks.
    """

    series: list[Series] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def collect(
    bench: Bench,
    tasks: Sequence[Task],
    cache: Path,
    *,
    methods: Sequence[str],
    level: float,
) -> Collected:
    """
    Read the results of all tasks.

    Parameters
    ----------
    bench : Bench
        What the tasks share.
    tasks : sequence of Task
        Finished tasks.
    cache : Path
        Folder of their results.
    methods : sequence of str
        All methods of the study, means of others included.
    level : float
        Nominal coverage of the intervals.

    Returns
    -------
    Collected
        Series, times and warnings.
    """
    found = Collected()
    series: dict[tuple[str, int, str], Series] = {}
    counts: Counter[str] = Counter()
    for task in tasks:
        result = _result(bench, task, cache)
        split = task.split
        key = (split.scheme, split.n_calibration, task.method)
        if key not in series:
            series[key] = Series(
                task.method,
                split.scheme,
                split.n_calibration,
                [],
                [],
                n_members=result["n_members"],
                n_groups=_n_groups(bench, split.scheme),
            )
        series[key].splits.append(split)
        series[key].predicted.append(np.array(result["predicted"], dtype=np.float64))
        _count(found.seconds, task.method, result["seconds"])
        counts.update(f"{task.method}: {text}" for text in result["warnings"])
    found.series = _in_order(series, methods)
    for each in found.series:
        each.limits = limits_of(
            each,
            bench.y,
            bench.specimens,
            level=level,
            groups=sites(bench, each.scheme),
        )
    found.warnings = [f"{text} ({n} fits)" for text, n in sorted(counts.items())]
    return found


def _result(bench: Bench, task: Task, cache: Path) -> Mapping[str, Any]:
    path = task.path(bench, cache)
    result = read_json(path)
    if result is None:
        msg = f"{path}: the result of a task is gone; run the study again"
        raise InvalidStudyError(msg)
    return result


def sites(bench: Bench, scheme: str) -> np.ndarray | None:
    """
    Groups that the folds of a scheme leave out whole.

    Parameters
    ----------
    bench : Bench
        What the tasks share.
    scheme : str
        Name of the scheme.

    Returns
    -------
    ndarray of str of shape (n_samples,) or None
        None for schemes that deal single specimens.
    """
    return None if scheme in UNGROUPED else bench.groups[scheme].astype(str)


def _n_groups(bench: Bench, scheme: str) -> int | None:
    groups = sites(bench, scheme)
    return None if groups is None else len(np.unique(groups))


def _count(totals: dict[str, float], key: str, amount: float) -> None:
    totals[key] = round(totals.get(key, 0.0) + amount, 3)


def _in_order(
    series: dict[tuple[str, int, str], Series], methods: Sequence[str]
) -> list[Series]:
    # By scheme and size as they came, then by method; means of others are added.
    schemes = list(dict.fromkeys((scheme, size) for scheme, size, _ in series))
    ordered = []
    for scheme, size in schemes:
        for method in methods:
            parts = METHODS[method].mean_of
            ordered.append(
                _mean_of(method, [series[scheme, size, part] for part in parts])
                if parts
                else series[scheme, size, method]
            )
    return ordered


def _mean_of(method: str, parts: Sequence[Series]) -> Series:
    # Plain mean over the members of all parts, each member weighing the same.
    weights = [part.n_members for part in parts]
    first = parts[0]
    predicted = [
        np.average(each, axis=0, weights=weights)
        for each in zip(*(part.predicted for part in parts), strict=True)
    ]
    return Series(
        method,
        first.scheme,
        first.n_calibration,
        first.splits,
        predicted,
        n_members=sum(weights),
        n_groups=first.n_groups,
    )
