"""The files of an assessment, read once for its report."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cerussite.core.errors import UnreadableFileError

#: Files that every assessment has.
NEEDED = (
    *("indices", "exceedances", "ranking", "stations", "concentrations", "withheld"),
    *("classes", "references", "constants", "data_dictionary"),
)
_OPTIONAL = ("probabilities", "background", "reference_element", "health", "toxicity")
#: Columns that hold numbers; all others are text.
_NUMBERS = frozenset(
    {
        *("value", "lower", "upper", "limit", "quotient", "probability", "bound"),
        *("rank", "n_exceedances", "worst_quotient", "easting", "northing"),
        *("longitude", "latitude", "n_measured", "n_below_limit", "n_samples"),
        *("rank_correlation", "r2_log", "background_value", "threshold", "n"),
        *("threshold_lower", "threshold_upper", "n_censored", "year"),
    }
)


@dataclass(frozen=True, eq=False)
class AssessmentResults:
    """
    Everything the report of an assessment is made of.

    Attributes
    ----------
    tables : dict of str to DataFrame
        By name of the file without its ending; text is text, numbers are
        numbers, tables that were not written are missing.
    manifest : mapping
        What the assessment says about itself.
    """

    tables: dict[str, pd.DataFrame]
    manifest: Mapping[str, Any]

    @property
    def n_stations(self) -> int:
        """
        Number of stations.

        Returns
        -------
        int
            Rows that were assessed.
        """
        return len(self.tables["stations"])


def read_assessment(folder: Path) -> AssessmentResults:
    """
    Read the folder of an assessment.

    Parameters
    ----------
    folder : Path
        Folder that ``cerussite assess`` has written.

    Returns
    -------
    AssessmentResults
        Its tables and its manifest.

    Raises
    ------
    UnreadableFileError
        If it is none, or a file is missing or no table.
    """
    path = folder / "manifest.json"
    missing = [name for name in NEEDED if not (folder / f"{name}.csv").is_file()]
    if missing or not path.is_file():
        what = f"{missing[0]}.csv" if missing else "manifest.json"
        msg = (
            f"{folder}: has no {what}; expected a folder of an assessment; assess anew"
        )
        raise UnreadableFileError(msg)
    manifest = json.loads(path.read_text(encoding="utf-8"))
    names = [n for n in (*NEEDED, *_OPTIONAL) if (folder / f"{n}.csv").is_file()]
    tables = {name: _read(folder / f"{name}.csv") for name in names}
    return AssessmentResults(tables, manifest)


def _read(path: Path) -> pd.DataFrame:
    # Without `keep_default_na` a station called NA would turn into a gap.
    table = pd.read_csv(path, dtype="str", keep_default_na=False)
    for name in _NUMBERS & set(table):
        numbers = pd.to_numeric(table[name].replace("", "nan"), errors="coerce")
        table[name] = numbers.astype(float)
    if path.stem == "background":
        table["background"] = pd.to_numeric(table["background"], errors="coerce")
    for name in {"withheld", "predicts"} & set(table):
        table[name] = table[name] == "True"
    return table
