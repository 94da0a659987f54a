"""Calibrations refitted on all samples and saved for later predictions."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cerussite.core.errors import InvalidStudyError
from cerussite.models.card import CalibrationCard, describe_calibration
from cerussite.models.saved import save_calibration
from cerussite.studies.applicability import (
    HIGHEST,
    LOWEST,
    R2_LOW,
    learn_applicability,
    save_applicability,
)
from cerussite.studies.background import explained_rows, save_background
from cerussite.studies.collecting import Collected, sites
from cerussite.studies.data import StudyData
from cerussite.studies.files import fingerprint, remove, seed_of, write_whole
from cerussite.studies.intervals import by_repeat, error_model, first_known
from cerussite.studies.methods import METHODS
from cerussite.studies.series import Series
from cerussite.studies.study import Study
from cerussite.studies.tasks import Bench, build_estimator
from cerussite.studies.working import do_all

#: Schemes whose residuals make the intervals of saved calibrations, strictest first.
STRICTEST = ("grouped", "leave_one_group_out", "spatial", "random", "hold_out")


def check_saved(study: Study, methods: Sequence[str]) -> None:
    """
    Refuse names of calibrations that cannot be saved.

    Parameters
    ----------
    study : Study
        Its ``save_models`` block.
    methods : sequence of str
        Methods that will be run.

    Raises
    ------
    InvalidStudyError
        If a name is no method of the study, or nothing that can be saved.
    """
    possible = [name for name in methods if _can_be_saved(name)]
    for name in study.save_models or []:
        if name not in possible:
            expected = (
                f"some of {', '.join(possible)}"
                if possible
                else "nothing, for no method of this study makes a calibration"
            )
            msg = f"save_models: found {name!r}; expected {expected}"
            raise InvalidStudyError(msg)


def _can_be_saved(method: str) -> bool:
    return METHODS[method].build is not None and METHODS[method].role != "control"


def save_final_models(  # noqa: PLR0913 - everything that a study has found goes in
    study: Study,
    data: StudyData,
    bench: Bench,
    found: Collected,
    *,
    summary: pd.DataFrame,
    folder: Path,
    jobs: int,
) -> list[str]:
    """
    Fit the chosen methods on all samples and save them under ``models/``.

    Parameters
    ----------
    study : Study
        Says which methods, if it does.
    data : StudyData
        Target and sources.
    bench : Bench
        What the tasks share.
    found : Collected
        Validation results, for intervals and the choice of the best transfer.
    summary : DataFrame
        Columns of ``summary.csv``, for the cards.
    folder : Path
        Results folder; calibrations of an earlier run in it are replaced.
    jobs : int
        Number of processes.

    Returns
    -------
    list of str
        Methods that were saved.
    """
    options = {method.name: method.options for method in study.methods}
    saved, arguments = {}, []
    for method in _chosen(study, summary):
        series = deciding_series(found.series, method)
        card = _card(data, bench, series, summary, study.validation.level)
        key = _key(bench, card, options.get(method, {}))
        saved[method] = folder / "cache" / "models" / f"{method}-{key}"
        if not saved[method].exists():
            arguments.append((bench, card, options.get(method, {}), saved[method]))
    do_all(save_final, arguments, jobs=jobs, label="Refitting on all samples")
    remove(folder / "models")
    for method, cached in saved.items():
        write_whole(
            folder / "models" / method,
            lambda to, cached=cached: shutil.copytree(cached, to),  # type: ignore[misc]
        )
    return list(saved)


def _chosen(study: Study, summary: pd.DataFrame) -> list[str]:
    if study.save_models is not None:
        return study.save_models
    methods = summary["method"].unique().tolist()
    transfers = [name for name in methods if METHODS[name].role == "transfer"]
    best = sorted(transfers, key=lambda name: _mean_r2(summary, name))[-1:]
    return [name for name in methods if name == "consensus" or name in best]


def _mean_r2(summary: pd.DataFrame, method: str) -> float:
    rows = summary[(summary["method"] == method) & (summary["metric"] == "r2")]
    strictest = next(s for s in STRICTEST if s in set(rows["scheme"]))
    rows = rows[rows["scheme"] == strictest]
    return float(
        rows[rows["n_calibration"] == rows["n_calibration"].max()]["mean"].mean()
    )


def deciding_series(series: Sequence[Series], method: str) -> Series:
    """
    Predictions that say most about new samples.

    Parameters
    ----------
    series : sequence of Series
        All predictions of a study.
    method : str
        Name of the method.

    Returns
    -------
    Series
        Of the strictest scheme that was run, with the largest calibration
        sets.
    """
    own = [each for each in series if each.method == method]
    return min(own, key=lambda s: (STRICTEST.index(s.scheme), -s.n_calibration))


def _card(
    data: StudyData, bench: Bench, series: Series, summary: pd.DataFrame, level: float
) -> CalibrationCard:
    names = data.target.response_names
    errors = error_model(
        first_known(by_repeat(series, len(bench.y))),
        bench.y,
        bench.specimens,
        level=level,
        groups=sites(bench, series.scheme),
    )
    rows = summary[
        (summary["method"] == series.method)
        & (summary["scheme"] == series.scheme)
        & (summary["n_calibration"] == series.n_calibration)
    ]
    metrics = {
        name: {
            **_values(rows[rows["response"] == name]),
            LOWEST: float(np.nanmin(column)),
            HIGHEST: float(np.nanmax(column)),
        }
        for name, column in zip(names, bench.y.T, strict=True)
    }
    return describe_calibration(
        data.target,
        method=series.method,
        preprocessing=tuple(bench.calibrations.preprocessing or ()),
        scheme=series.scheme,
        metrics=metrics,
        errors=errors,
        level=level,
        sensor=data.sensor,
    )


def _values(rows: pd.DataFrame) -> dict[str, float]:
    values = dict(zip(rows["metric"], rows["mean"].astype(float), strict=True))
    return {**values, R2_LOW: float(rows.loc[rows["metric"] == "r2", "low"].iloc[0])}


def _key(bench: Bench, card: CalibrationCard, options: dict[str, Any]) -> str:
    source = METHODS[card.method].source
    return fingerprint(
        [
            bench.code_hash,
            card.to_json(),
            options,
            bench.calibrations.model_dump(),
            bench.networks.model_dump(),
            bench.sources[source].name if source else None,
            bench.random_state,
        ]
    )


def save_final(
    bench: Bench, card: CalibrationCard, options: dict[str, Any], folder: Path
) -> None:
    """
    Fit one method on all samples and save it with its card.

    Parameters
    ----------
    bench : Bench
        What the tasks share.
    card : CalibrationCard
        Names the method and the scheme whose groups inner folds keep together.
    options : dict
        Options of the method.
    folder : Path
        Where it goes, whole or not at all.
    """
    seed = seed_of(bench.random_state, "final")
    estimator = build_estimator(bench, card.method, options, seed=seed)
    groups = bench.groups[card.scheme]
    estimator.fit(bench.X, bench.y, groups=groups)
    known = learn_applicability(bench.X, np.array(card.wavelengths), groups)

    def _all_of_it(to: Path) -> None:
        save_calibration(to, estimator, card)
        save_background(to, bench.X[explained_rows(len(bench.X), bench.random_state)])
        if known is not None:
            save_applicability(to, known, card)

    write_whole(folder, _all_of_it)
