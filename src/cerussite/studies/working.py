"""Many pieces of work over several processes, with progress on a terminal."""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from joblib import Parallel, delayed, parallel_config
from joblib.externals.loky import get_reusable_executor

from cerussite.core.errors import InvalidStudyError


def n_workers(jobs: int | None) -> int:
    """
    Number of processes to use.

    Parameters
    ----------
    jobs : int or None
        What was asked for; None means one for each core of this process.

    Returns
    -------
    int
        At least 1.

    Raises
    ------
    InvalidStudyError
        If fewer than one was asked for.
    """
    if jobs is None:
        return len(os.sched_getaffinity(0)) if _has_affinity() else os.cpu_count() or 1
    if jobs < 1:
        msg = f"jobs {jobs}; expected 1 or more processes"
        raise InvalidStudyError(msg)
    return jobs


def _has_affinity() -> bool:
    return hasattr(os, "sched_getaffinity")


def do_all(
    function: Callable[..., Any],
    arguments: Sequence[tuple[Any, ...]],
    *,
    jobs: int,
    label: str,
) -> None:
    """
    Call a function with each tuple of arguments; the order does not matter.

    What a call raises is raised here, and calls not begun are given up.

    Parameters
    ----------
    function : callable
        At the top of a module, so that processes can import it; keeps its own
        result.
    arguments : sequence of tuple
        Arguments of each call.
    jobs : int
        Number of processes; 1 means this one.
    label : str
        What the progress line says.
    """
    with _progress(label, len(arguments)) as advance:
        if jobs == 1 or len(arguments) < 2:
            for each in arguments:
                function(*each)
                advance()
            return
        for _ in _in_processes(function, arguments, jobs):
            advance()


def _in_processes(
    function: Callable[..., Any], arguments: Sequence[tuple[Any, ...]], jobs: int
) -> Iterator[Any]:
    # Results in the order of completion; on any error no process stays behind.
    try:
        with parallel_config(
            "loky", inner_max_num_threads=1, initializer=_prepare_worker
        ):
            yield from Parallel(
                n_jobs=min(jobs, len(arguments)), return_as="generator_unordered"
            )(delayed(function)(*each) for each in arguments)
    except BaseException:
        get_reusable_executor().shutdown(wait=True, kill_workers=True)
        raise


def _prepare_worker() -> None:
    """Leave Ctrl-C to the main process, which ends the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _progress(label: str, total: int) -> Iterator[Callable[[], None]]:
    # Progress line on standard error if that is a terminal, else nothing.
    if not sys.stderr.isatty() or not total:
        yield lambda: None
        return
    from rich.console import Console  # noqa: PLC0415 - only for terminals
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task(label, total=total)
        yield lambda: progress.advance(bar)
