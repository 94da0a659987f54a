"""The folder of an apportionment: whose it is, and how it becomes whole."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cerussite.core.errors import InvalidStudyError
from cerussite.studies.files import read_json, remove, write_csv, write_json

#: Written last: a folder that has one is complete.
MANIFEST = "manifest.json"
#: Says, inside the cache, whose the folder is while a run has not ended.
MARKER = "apportionment.json"
CACHE = "cache"
#: Tables that an apportionment may write.
TABLES = (
    *("profiles", "contributions", "explained_variation", "errors", "samples"),
    *("species", "residuals", "starts", "number_of_factors", "swaps", "mapping"),
    *("second_opinions", "agreement", "evidence", "verdicts", "constraints"),
    *("constrained_profiles", "constrained_contributions", "similarity", "classes"),
    "data_dictionary",
)
_OWN = {*(f"{name}.csv" for name in TABLES), "diagnostics.json", "report.html"}
#: Significant digits of tables: more than any analysis is worth.
DIGITS = 7


def check_folder(folder: Path) -> None:
    """
    Refuse a folder that is not ours before anything is computed.

    Parameters
    ----------
    folder : Path
        Folder to write.

    Raises
    ------
    InvalidStudyError
        If it is a file, or holds anything that no apportionment has written.
    """
    if folder.exists() and not folder.is_dir():
        msg = f"{folder}: is a file; expected a folder for results"
        raise InvalidStudyError(msg)
    if not folder.exists() or not any(folder.iterdir()):
        return
    known = _content(folder / CACHE / MARKER) or _content(folder / MANIFEST)
    if known.get("kind") != "apportionment":
        msg = (
            f"{folder}: holds files that no apportionment has written; choose a new "
            "folder for the results"
        )
        raise InvalidStudyError(msg)
    own = {*_OWN, CACHE, MANIFEST}
    foreign = sorted(path.name for path in folder.iterdir() if path.name not in own)
    if foreign:
        msg = (
            f"{folder}: holds {foreign[0]} beside an apportionment; move it away, or "
            "choose a new folder for the results"
        )
        raise InvalidStudyError(msg)


def claim(folder: Path) -> Path:
    """
    Mark a folder as that of an apportionment that has begun.

    Parameters
    ----------
    folder : Path
        Made if need be.

    Returns
    -------
    Path
        Its cache.
    """
    write_json(folder / CACHE / MARKER, {"kind": "apportionment"})
    return folder / CACHE


def publish(
    folder: Path,
    tables: Mapping[str, pd.DataFrame],
    documents: Mapping[str, Any],
    *,
    finish: Callable[[Path], object] | None = None,
) -> None:
    """
    Replace the results of a folder when all new ones are complete.

    Parameters
    ----------
    folder : Path
        Claimed before.
    tables : mapping of str to DataFrame
        By name of the file without its ending; empty ones become no file.
    documents : mapping of str to object
        JSON files by name, the manifest among them.
    finish : callable, optional
        Is given the folder of the new results before they take their names, to
        add a report.
    """
    staged = folder / CACHE / "staged"
    remove(staged)
    try:
        for name, table in tables.items():
            if len(table):
                write_csv(staged / f"{name}.csv", table, significant=DIGITS)
        for name, content in documents.items():
            write_json(staged / name, content)
        if finish is not None:
            finish(staged)
        (folder / MANIFEST).unlink(missing_ok=True)
        for name in _OWN:
            (folder / name).unlink(missing_ok=True)
        for path in sorted(staged.iterdir(), key=lambda each: each.name == MANIFEST):
            path.replace(folder / path.name)
    finally:
        remove(staged)


def _content(path: Path) -> Mapping[str, Any]:
    try:
        found = read_json(path)
    except (ValueError, OSError):
        return {}
    return found if isinstance(found, dict) else {}
