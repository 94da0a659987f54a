"""The page that fits a results folder, whichever command made it."""

from collections.abc import Callable
from pathlib import Path

from cerussite.core.errors import UnreadableFileError
from cerussite.reporting.apportionment_page import write_apportionment_report
from cerussite.reporting.assessment_page import write_assessment_report
from cerussite.reporting.manifest import read_kind
from cerussite.reporting.page import write_study_report

#: Writers by what the manifest says the folder is.
_WRITERS: dict[str, Callable[[Path], Path]] = {
    "study": write_study_report,
    "assessment": write_assessment_report,
    "apportionment": write_apportionment_report,
}


def write_report(folder: str | Path) -> Path:
    """
    Write the report of a results folder.

    Reads the folder and nothing else. A report that is already there is replaced
    in one step when the new one is complete.

    Parameters
    ----------
    folder : str or Path
        Folder that a study, an assessment or an apportionment has written.

    Returns
    -------
    Path
        The file `report.html` in the folder.

    Raises
    ------
    UnreadableFileError
        If the folder is of another kind or release, or a file of it is missing
        or cannot be read.
    """
    folder = Path(folder)
    kind = read_kind(folder)
    if kind not in _WRITERS:
        msg = (
            f"{folder}: results of kind {kind!r}; expected one of "
            f"{', '.join(_WRITERS)}; update cerussite"
        )
        raise UnreadableFileError(msg)
    try:
        return _WRITERS[kind](folder)
    except KeyError as error:
        msg = (
            f"{folder}: lacks {error}, which the report needs; expected results of this "
            "release; run the command that made them again"
        )
        raise UnreadableFileError(msg) from error
