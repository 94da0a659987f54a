"""The folder of an assessment: whose it is, what is in it, written in one step."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cerussite.core.errors import InvalidStudyError
from cerussite.core.survey import Survey
from cerussite.core.types import BoolArray
from cerussite.studies.files import read_json, write_csv, write_json, write_whole

#: Written last: a folder that has one is complete.
MANIFEST = "manifest.json"
#: Tables that an assessment may write.
TABLES = (
    *("indices", "exceedances", "health", "ranking", "stations", "probabilities"),
    *("withheld", "classes", "references", "constants", "reference_element"),
    *("concentrations", "background", "toxicity", "exposure", "data_dictionary"),
)
_OWN = {*(f"{name}.csv" for name in TABLES), MANIFEST, "report.html"}
#: Significant digits of tables: more than any analysis is worth.
DIGITS = 6

#: What columns mean that only the folder has.
DICTIONARY: tuple[tuple[str, str], ...] = (
    ("easting, northing", "Projected coordinates of the station in m."),
    ("longitude, latitude", "Coordinates of the station in degrees."),
    ("n_measured", "Elements that were measured at the station."),
    ("n_below_limit", "Elements of the station that lie below their detection limit."),
    (
        "value, lower, upper (concentrations)",
        (
            "In mg/kg dry mass; below the detection limit the median of the draws "
            "with its interval, or what was substituted."
        ),
    ),
    (
        "limit (concentrations)",
        "Detection limit in mg/kg; empty where the element was detected.",
    ),
    ("worst_element, worst_standard", "Where the largest quotient occurs."),
    ("unit", "Unit of the value; mg/kg dry mass for concentrations."),
    ("name, title, kind", "Background or guideline: short name, name, which of them."),
    (
        "medium, procedure, normalisation",
        "What a standard is made for, and what it demands before a comparison.",
    ),
    ("source, year", "Where a value or class was published, and when."),
    (
        "ph_above, ph_up_to",
        "pH for which a value holds; infinite where pH does not matter.",
    ),
    ("reference", "Element that the others are normalised by."),
    ("factor, n_draws", "Exposure factor, and draws of it; 0 for one number."),
    ("quantity, substance", "Toxicity value, and what it is of."),
    ("effective_from, effective_to", "Days between which a toxicity value holds."),
    ("note", "Remark on a toxicity value."),
    ("column, meaning", "Column of a file, and what it means."),
    ("files", "Files that a meaning is about; empty for all others."),
    ("n_samples", "Samples that the row is about."),
    ("n, n_censored", "Reference samples, and those below the detection limit."),
    (
        "threshold, threshold_lower, threshold_upper",
        "90th percentile of the reference stations with its interval, in mg/kg.",
    ),
    ("label, closed", "Class; whether a value on a bound belongs above or below it."),
)


def check_folder(folder: Path, table: Path) -> None:
    """
    Refuse a folder that is not ours before anything is computed.

    Parameters
    ----------
    folder : Path
        Folder to write.
    table : Path
        Table that is read.

    Raises
    ------
    InvalidStudyError
        If it is a file, or holds anything that no assessment has written.
    """
    if folder.exists() and not folder.is_dir():
        msg = f"{folder}: is a file; expected a folder for results"
        raise InvalidStudyError(msg)
    if not folder.exists() or not any(folder.iterdir()):
        return
    manifest = _manifest_of(folder)
    if manifest.get("kind") != "assessment":
        msg = (
            f"{folder}: holds files that no assessment has written; choose a new folder "
            "for the results"
        )
        raise InvalidStudyError(msg)
    foreign = sorted(path.name for path in folder.iterdir() if path.name not in _OWN)
    if foreign:
        msg = (
            f"{folder}: holds {foreign[0]} beside an assessment, which would be lost; "
            "move it away, or choose a new folder for the results"
        )
        raise InvalidStudyError(msg)
    if table.exists() and folder.resolve() == table.resolve().parent:
        msg = f"{folder}: holds the table to assess; choose another folder"
        raise InvalidStudyError(msg)


def _manifest_of(folder: Path) -> Mapping[str, Any]:
    try:
        found = read_json(folder / MANIFEST)
    except (ValueError, OSError):
        return {}
    return found if isinstance(found, dict) else {}


def input_record(path: Path, survey: Survey, is_assessed: BoolArray) -> dict[str, Any]:
    """
    What the table was, for the manifest and the report.

    Parameters
    ----------
    path : Path
        The table.
    survey : Survey
        All its rows.
    is_assessed : ndarray of bool, shape (n_rows,)
        Which were assessed.

    Returns
    -------
    dict
        Name, hash of the file, counts, units and procedures of the elements.
    """
    chosen = survey.take(is_assessed)
    mask = np.zeros(chosen.y.shape, bool)
    mask = mask if chosen.is_censored is None else chosen.is_censored
    return {
        "name": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "n_rows": survey.n_samples,
        "n_assessed": chosen.n_samples,
        "responses": [
            {
                "name": response.name,
                "unit": response.unit,
                "procedure": response.procedure,
                "n_measured": int(np.count_nonzero(~np.isnan(chosen.y[:, at]))),
                "n_below_limit": int(mask[:, at].sum()),
            }
            for at, response in enumerate(chosen.responses)
        ],
        "notes": list(survey.notes),
    }


def write_folder(
    folder: Path,
    tables: Mapping[str, pd.DataFrame],
    manifest: Mapping[str, Any],
    *,
    finish: Callable[[Path], object] | None = None,
) -> Path:
    """
    Write all tables and the manifest, whole or not at all.

    Parameters
    ----------
    folder : Path
        Its final name.
    tables : mapping of str to DataFrame
        By name of the file without its ending.
    manifest : mapping
        What JSON can hold.
    finish : callable, optional
        Is given the folder before it takes its name.

    Returns
    -------
    Path
        The folder.
    """

    def _write(to: Path) -> None:
        for name, table in tables.items():
            write_csv(to / f"{name}.csv", table, significant=DIGITS)
        write_json(to / MANIFEST, dict(manifest))
        if finish is not None:
            finish(to)

    return write_whole(Path(folder), _write)
