"""The files of a results folder that say how far predictions may be trusted."""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from cerussite.reporting.csv_files import read_table

#: Columns that each file must have where it is there.
COLUMNS: dict[str, tuple[str, ...]] = {
    "coverage": (
        *("response", "method", "scheme", "n_calibration", "group"),
        *("n_values", "coverage", "width"),
    ),
    "applicability": (
        *("sample_id", "scheme", "fold", "dissimilarity", "squared_residual"),
        *("verdict", "reason"),
    ),
    "rejection": (
        *("response", "method", "scheme", "share", "rmse", "low", "high", "random"),
        *("oracle", "captured", "captured_low", "captured_high"),
    ),
    "attributions": (
        *("response", "method", "attribution", "feature", "low", "high"),
        *("value", "spread", "share", "scale"),
    ),
    "bands": (
        *("source_response", "response", "method", "low", "high"),
        *("source", "source_low", "source_high"),
        *("transferred", "transferred_low", "transferred_high"),
        *("verdict", "overlap", "overlap_low", "overlap_high"),
    ),
    "surrogates": (
        *("response", "direct", "direct_low", "direct_high"),
        *("surrogate", "surrogate_low", "surrogate_high"),
        *("share", "share_low", "share_high", "through", "verdict", "scheme"),
    ),
    "constituents": ("constituent", "r2"),
}


def _empty(name: str) -> pd.DataFrame:
    return pd.DataFrame(columns=list(COLUMNS[name]))


@dataclass(frozen=True, eq=False)
class Trust:
    """
    Tables on intervals, new samples and reasons; without rows where absent.

    Attributes
    ----------
    coverage : DataFrame
        Coverage and width of intervals in each group of the target.
    applicability : DataFrame
        Verdict on each test spectrum by the calibration set of its fold.
    rejection : DataFrame
        Error of the predictions that are kept when the strangest spectra are
        analysed in the laboratory.
    attributions : DataFrame
        How much each bin of wavelengths counts.
    bands : DataFrame
        Bands that transfer kept from its source, and new ones.
    surrogates, constituents : DataFrame
        Skill that is reached through constituents, and their own R².
    """

    coverage: pd.DataFrame = field(default_factory=lambda: _empty("coverage"))
    applicability: pd.DataFrame = field(default_factory=lambda: _empty("applicability"))
    rejection: pd.DataFrame = field(default_factory=lambda: _empty("rejection"))
    attributions: pd.DataFrame = field(default_factory=lambda: _empty("attributions"))
    bands: pd.DataFrame = field(default_factory=lambda: _empty("bands"))
    surrogates: pd.DataFrame = field(default_factory=lambda: _empty("surrogates"))
    constituents: pd.DataFrame = field(default_factory=lambda: _empty("constituents"))

    @property
    def files(self) -> list[str]:
        """
        Files with rows.

        Returns
        -------
        list of str
            Names with their suffix.
        """
        return [f"{name}.csv" for name in COLUMNS if len(getattr(self, name))]


def read_trust(folder: Path) -> Trust:
    """
    Read what a results folder says about trust.

    Parameters
    ----------
    folder : Path
        Folder that a study has written.

    Returns
    -------
    Trust
        Files that are not there, or that hold nothing, give tables without rows.

    Raises
    ------
    UnreadableFileError
        If a file is there, but lacks a column or holds text for numbers.
    """  # noqa: DOC502 -- raised where files are read
    paths = {name: folder / f"{name}.csv" for name in COLUMNS}
    return Trust(
        **{
            name: read_table(path, COLUMNS[name])
            for name, path in paths.items()
            if path.is_file() and path.read_text(encoding="utf-8").strip()
        }
    )
