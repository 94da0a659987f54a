"""The smallest piece of a study: one method fitted and applied on one split."""

import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cerussite.core.errors import CerussiteError, InvalidStudyError
from cerussite.core.types import FloatArray, IntArray
from cerussite.studies.files import fingerprint, read_json, seed_of, write_json
from cerussite.studies.methods import METHODS, Workbench
from cerussite.studies.schemes import StudySplit
from cerussite.studies.study import Calibrations, Networks


@dataclass(frozen=True, eq=False)
class Bench:
    """
    What all tasks of a study share; travels to the worker processes.

    Attributes
    ----------
    X : ndarray of shape (n_samples, n_wavelengths)
        Spectra of the target.
    y : ndarray of shape (n_samples, n_responses)
        Responses of the target; NaN where not measured.
    specimens : ndarray of shape (n_samples,)
        Labels of physical samples.
    network_bands : tuple of (int, int)
        Run of the bands of ``X`` that networks see.
    groups : dict of str to ndarray
        Labels that inner folds keep together, by scheme.
    calibrations : Calibrations
        Options of all methods that are no networks.
    networks : Networks
        Options of all networks.
    sources : dict of str to Path
        Folders of the pre-trained networks; their names are hashes of what
        decides them.
    random_state : int
        Seed of the study.
    data_hash : str
        Hash of ``X`` and ``y``.
    code_hash : str
        Hash of the code and the packages at work.
    """

    X: FloatArray
    y: FloatArray
    specimens: IntArray
    network_bands: tuple[int, int]
    groups: dict[str, np.ndarray]
    calibrations: Calibrations
    networks: Networks
    sources: dict[str, Path]
    random_state: int
    data_hash: str
    code_hash: str


@dataclass(frozen=True, eq=False)
class Task:
    """
    One method on one split.

    Attributes
    ----------
    method : str
        Name in the registry.
    options : dict
        Options of the method.
    split : StudySplit
        Calibration and test positions.
    """

    method: str
    options: dict[str, Any]
    split: StudySplit

    def seed(self, random_state: int) -> int:
        """
        Seed of the task, which all methods share on one split.

        Shared seeds take the luck of initial weights out of the difference
        between two methods.

        Parameters
        ----------
        random_state : int
            Seed of the study.

        Returns
        -------
        int
            Between 0 and 2³¹ - 1.
        """
        split = self.split
        labels = (split.scheme, split.repeat, split.fold, split.n_calibration)
        return seed_of(random_state, "task", *labels)

    def key(self, bench: Bench) -> str:
        """
        Hash of everything that decides the result.

        Parameters
        ----------
        bench : Bench
            What the tasks share.

        Returns
        -------
        str
            20 hexadecimal digits.
        """
        source = METHODS[self.method].source
        is_network = METHODS[self.method].is_network
        shared = bench.networks if is_network else bench.calibrations
        return fingerprint(
            [
                bench.code_hash,
                self.method,
                self.options,
                shared.model_dump(),
                bench.network_bands if is_network else None,
                bench.sources[source].name if source else None,
                self.seed(bench.random_state),
                bench.data_hash,
            ],
            self.split.calibration,
            self.split.test,
            _codes(bench.groups[self.split.scheme][self.split.calibration]),
        )

    def path(self, bench: Bench, cache: Path) -> Path:
        """
        File of the result.

        Parameters
        ----------
        bench : Bench
            What the tasks share.
        cache : Path
            Folder for such files.

        Returns
        -------
        Path
            Named by the hash of what decides it.
        """
        return cache / self.method / f"{self.key(bench)}.json"


def _codes(labels: np.ndarray) -> np.ndarray:
    return np.unique(labels.astype(str), return_inverse=True)[1]


def run_task(bench: Bench, task: Task) -> dict[str, Any]:
    """
    Fit a method on the calibration set and predict the test set.

    Parameters
    ----------
    bench : Bench
        What the tasks share.
    task : Task
        Method and split.

    Returns
    -------
    dict
        ``predicted`` (n_test, n_responses), ``seconds``, ``warnings``, and
        ``n_members``, the number of model families averaged.

    Raises
    ------
    InvalidStudyError
        If the method refuses the data; the message names the task.
    """
    split = task.split
    started = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            estimator = build_estimator(
                bench, task.method, task.options, seed=task.seed(bench.random_state)
            )
            predicted = estimator.fit(
                bench.X[split.calibration],
                bench.y[split.calibration],
                groups=bench.groups[split.scheme][split.calibration],
            ).predict(bench.X[split.test])
        except CerussiteError as error:
            msg = (
                f"{task.method}, {split.scheme} repeat {split.repeat} fold "
                f"{split.fold}, {len(split.calibration)} calibration samples: {error}"
            )
            raise InvalidStudyError(msg) from error
    _check_finite(task, predicted)
    return {
        "predicted": np.asarray(predicted).tolist(),
        "n_members": len(getattr(estimator, "members_", [estimator])),
        "seconds": round(time.perf_counter() - started, 3),
        "warnings": sorted({_warning_text(entry) for entry in caught}),
    }


def _warning_text(entry: warnings.WarningMessage) -> str:
    return f"{entry.category.__name__}: {' '.join(str(entry.message).split())}"


def _check_finite(task: Task, predicted: FloatArray) -> None:
    n_bad = int(np.count_nonzero(~np.isfinite(predicted)))
    if n_bad:
        split = task.split
        msg = (
            f"{task.method}, {split.scheme} repeat {split.repeat} fold {split.fold}: "
            f"{n_bad} predictions are not finite; leave the method out or change its "
            "options"
        )
        raise InvalidStudyError(msg)


def build_estimator(
    bench: Bench, method: str, options: dict[str, Any], *, seed: int
) -> Any:
    """
    Unfitted estimator of a method.

    Parameters
    ----------
    bench : Bench
        What the tasks share.
    method : str
        Name in the registry; none that is a mean of others.
    options : dict
        Options over those of the study.
    seed : int
        Random state of the estimator.

    Returns
    -------
    estimator
        With ``fit(X, y, *, groups=None)`` and ``predict(X)``.

    Raises
    ------
    InvalidStudyError
        If the method has no such option.
    """
    build = METHODS[method].build
    if build is None:
        msg = f"{method} is a mean of other methods; it has no estimator of its own"
        raise InvalidStudyError(msg)
    workbench = Workbench(
        seed, bench.calibrations, bench.networks, bench.network_bands, bench.sources
    )
    try:
        return build(workbench, **options)
    except TypeError as error:
        msg = f"methods: {method}: options {options}: {error}"
        raise InvalidStudyError(msg) from error


def do_task(bench: Bench, task: Task, cache: Path) -> Path:
    """
    Run a task unless its result is there, and keep the result.

    Parameters
    ----------
    bench : Bench
        What the tasks share.
    task : Task
        Method and split.
    cache : Path
        Folder for results.

    Returns
    -------
    Path
        File of the result, whole.
    """
    path = task.path(bench, cache)
    if read_json(path) is None:
        write_json(path, run_task(bench, task))
    return path
