"""Which sample a scan belongs to, and what its file says about the measurement."""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from cerussite.core.errors import InvalidSurveyError
from cerussite.core.survey import Survey
from cerussite.readers.folder_files import file_inside
from cerussite.readers.folder_scans import Scan


def ids_from_names(id_pattern: str | None) -> Callable[[Scan], str]:
    """
    Sample ids as names of files, or of spectra inside a file, hold them.

    Parameters
    ----------
    id_pattern : str or None
        Regular expression with a group ``id`` for the whole name without its
        ending; None where the name is the id.

    Returns
    -------
    callable
        Gives the sample id of a scan; empty where the name does not match.

    Raises
    ------
    InvalidSurveyError
        If it is no regular expression, or has no such group.
    """
    if id_pattern is None:
        return _name
    try:
        pattern = re.compile(id_pattern)
    except re.error as error:
        msg = f"id_pattern {id_pattern!r}: {error}; expected a regular expression"
        raise InvalidSurveyError(msg) from error
    if "id" not in pattern.groupindex:
        msg = f"id_pattern {id_pattern!r}; expected a group named id: (?P<id>...)"
        raise InvalidSurveyError(msg)

    def _matched(scan: Scan) -> str:
        match = pattern.fullmatch(_name(scan))
        return "" if match is None else match["id"]

    return _matched


def ids_from_table(
    folder: Path, analyses: Survey, column: str
) -> Callable[[Scan], str]:
    """
    Sample ids as a column of the laboratory's table gives them to files.

    Parameters
    ----------
    folder : Path
        Folder of the files.
    analyses : Survey
        The table.
    column : str
        Its column of names of files, relative to the folder.

    Returns
    -------
    callable
        Gives the sample id of a scan; empty where the table does not name its file.

    Raises
    ------
    InvalidSurveyError
        If there is no such column, or two samples name one file.
    """
    if column not in analyses.samples:
        msg = (
            f"{analyses.name}: no column {column!r}; expected one of "
            f"{', '.join(map(str, analyses.samples.columns))}"
        )
        raise InvalidSurveyError(msg)
    sample_of: dict[Path, str] = {}
    for name, file in analyses.samples[column].dropna().items():
        path = file_inside(folder, str(file), f"{analyses.name}, sample {name!r}")
        if path in sample_of:
            msg = (
                f"{analyses.name}: samples {sample_of[path]!r} and {name!r} both name "
                f"the file {file!r}; expected one sample a file; correct the table"
            )
            raise InvalidSurveyError(msg)
        sample_of[path] = str(name)
    return lambda scan: sample_of.get(scan.path, "")


def scan_table(scans: list[Scan]) -> pd.DataFrame:
    """
    What the files say about each scan.

    Parameters
    ----------
    scans : list of Scan
        Scans whose samples are known.

    Returns
    -------
    DataFrame of n_scans rows
        Indexed by sample id, which may repeat; columns that no file fills are left
        out.
    """
    table = pd.DataFrame([dict(scan.details) for scan in scans])
    table = table.dropna(axis=1, how="all")
    table.insert(0, "file", [scan.place for scan in scans])
    ids = [scan.sample_id for scan in scans]
    table.index = pd.Index(ids, name="sample_id", dtype=object)
    return table


def _name(scan: Scan) -> str:
    # Spectra of a file that have numbers only are scans of one sample.
    is_named = bool(scan.label) and not scan.label.startswith("#")
    return scan.label if is_named else scan.path.stem
