"""Many independent fits, in this process or in several."""

from collections.abc import Callable, Sequence
from typing import Any

from joblib import Parallel, delayed, parallel_config

from cerussite.apportionment.settings import FitSettings


def run_all(
    function: Callable[..., Any],
    arguments: Sequence[tuple[Any, ...]],
    *,
    settings: FitSettings,
) -> list[Any]:
    """
    Results of a function for many arguments, in their order.

    Parameters
    ----------
    function : callable
        At the top of a module, so that processes can import it.
    arguments : sequence of tuple
        Arguments of each call.
    settings : FitSettings
        Number of processes, and who is told about each result.

    Returns
    -------
    list
        One result a call.
    """
    results: list[Any] = []
    total = len(arguments)
    if settings.n_jobs == 1 or total < 2:
        found = (function(*each) for each in arguments)
    else:
        with parallel_config("loky", inner_max_num_threads=1):
            found = Parallel(n_jobs=min(settings.n_jobs, total), return_as="generator")(
                delayed(function)(*each) for each in arguments
            )
    for result in found:
        results.append(result)
        if settings.progress is not None:
            settings.progress(len(results), total)
    return results
