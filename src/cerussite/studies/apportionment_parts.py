"""Long pieces of an apportionment, kept so that an interrupted run goes on."""

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from joblib.externals.loky import get_reusable_executor

import cerussite
from cerussite.apportionment import (
    Bootstrap,
    DisplacedBootstrap,
    Displacement,
    FitSettings,
    NumberOfFactors,
)
from cerussite.studies.files import fingerprint, read_json, write_json
from cerussite.studies.manifest import package_versions
from cerussite.studies.progress import progress_line

#: What parts may be made of, by name.
_KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (Bootstrap, DisplacedBootstrap, Displacement, NumberOfFactors)
}


@dataclass(eq=False)
class Parts:
    """
    The pieces that were done, where they are kept, and what they said.

    Attributes
    ----------
    folder : Path
        One JSON file a piece, named by the hash of what decides it.
    jobs : int
        Processes.
    warnings : list of str
        What the pieces warned of, each once.
    seconds : dict of str to float
        Time of the pieces by kind, also of those done by an earlier run.
    n_found : int
        Pieces that were there already.
    """

    folder: Path
    jobs: int = 1
    warnings: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    n_found: int = 0

    def do(
        self,
        name: str,
        key: list[Any],
        compute: Callable[[FitSettings], Any],
        *,
        settings: FitSettings,
        label: str = "",
    ) -> Any:
        """
        A piece from the folder, or computed and put there.

        Parameters
        ----------
        name : str
            Kind of the piece.
        key : list
            Arrays and what JSON can hold: all that decides the result besides
            the code and ``settings``.
        compute : callable
            Is given the settings with processes and progress.
        settings : FitSettings
            Starts, robust or not, steps.
        label : str
            What the progress line says; the name if empty.

        Returns
        -------
        object
            What ``compute`` gives.
        """
        decided = [settings.n_starts, settings.is_robust, settings.max_iterations]
        hashed = fingerprint(_code_hash(), name, decided, *key)
        path = self.folder / f"{name}-{hashed}.json"
        kept = read_json(path)
        if kept is None:
            kept = self._computed(compute, settings, label or name)
            write_json(path, kept)
        else:
            self.n_found += 1
        for text in kept["warnings"]:
            self.warn(text)
        self.seconds[name] = round(self.seconds.get(name, 0.0) + kept["seconds"], 3)
        return unpack(kept["value"])

    def warn(self, text: str) -> None:
        """
        Keep a warning, unless it was given before.

        Parameters
        ----------
        text : str
            One sentence without a point.
        """
        if text not in self.warnings:
            self.warnings.append(text)

    def _computed(
        self, compute: Callable[[FitSettings], Any], settings: FitSettings, label: str
    ) -> dict[str, Any]:
        started = time.perf_counter()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                with progress_line(label) as progress:
                    value = compute(
                        FitSettings(
                            settings.n_starts,
                            settings.is_robust,
                            settings.max_iterations,
                            self.jobs,
                            progress,
                        )
                    )
            except BaseException:
                if self.jobs > 1:
                    get_reusable_executor().shutdown(wait=True, kill_workers=True)
                raise
        return {
            "value": pack(value),
            "warnings": sorted({" ".join(str(w.message).split()) for w in caught}),
            "seconds": round(time.perf_counter() - started, 3),
        }


def pack(value: Any) -> Any:
    """
    A result as JSON can hold it, to the last digit.

    Parameters
    ----------
    value : object
        Dataclasses of the room, tables, arrays, tuples, lists, mappings, numbers.

    Returns
    -------
    object
        For :func:`json.dumps`.
    """
    if is_dataclass(value) and not isinstance(value, type):
        inner = {each.name: pack(getattr(value, each.name)) for each in fields(value)}
        return {"kind": type(value).__name__, "value": inner}
    if isinstance(value, pd.DataFrame):
        return {"kind": "table", "value": value.to_dict("tight")}
    if isinstance(value, np.ndarray):
        return {"kind": "array", "type": value.dtype.str, "value": value.tolist()}
    if isinstance(value, tuple):
        return {"kind": "tuple", "value": [pack(each) for each in value]}
    if isinstance(value, dict):
        return {
            "kind": "dict",
            "value": {key: pack(each) for key, each in value.items()},
        }
    return value.item() if isinstance(value, np.generic) else value


def unpack(packed: Any) -> Any:
    """
    The result that :func:`pack` was given.

    Parameters
    ----------
    packed : object
        As read from JSON.

    Returns
    -------
    object
        Of the same kind as before.
    """
    if not isinstance(packed, dict):
        return packed
    kind, value = packed["kind"], packed["value"]
    if kind == "table":
        return pd.DataFrame.from_dict(value, orient="tight")
    if kind == "array":
        return np.array(value, dtype=packed["type"])
    if kind == "tuple":
        return tuple(unpack(each) for each in value)
    inner = {key: unpack(each) for key, each in value.items()}
    return inner if kind == "dict" else _KINDS[kind](**inner)


@cache
def _code_hash() -> str:
    """Hash of the code and packages that decide what a piece holds."""
    package = Path(cerussite.__file__).parent
    texts = {
        path.relative_to(package).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((package / "apportionment").rglob("*.py"))
    }
    return fingerprint(package_versions(), texts)
