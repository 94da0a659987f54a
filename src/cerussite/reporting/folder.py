"""The files of a results folder, read and checked once."""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from cerussite.core.errors import UnreadableFileError
from cerussite.reporting.csv_files import read_table
from cerussite.reporting.manifest import Manifest, Method, read_manifest
from cerussite.reporting.trust_folder import Trust, read_trust

#: Name of the mean over responses in the tables.
MEAN = "mean"

#: Columns that each file must have; others are kept and ignored.
COLUMNS: dict[str, tuple[str, ...]] = {
    "metrics.csv": (
        *("response", "method", "scheme", "repeat", "fold"),
        *("n_calibration", "metric", "value"),
    ),
    "summary.csv": (
        *("response", "method", "scheme", "n_calibration"),
        *("metric", "mean", "low", "high"),
    ),
    "predictions.csv": (
        *("sample_id", "response", "method", "scheme", "repeat", "fold"),
        *("n_calibration", "observed", "predicted", "lower", "upper", "unit"),
    ),
    "comparisons.csv": (
        *("response", "method", "against", "scheme", "n_calibration"),
        *("metric", "difference", "low", "high", "p_value"),
    ),
}


@dataclass(frozen=True, eq=False)
class Results:
    """
    Everything a report is made of.

    Attributes
    ----------
    path : Path
        The folder.
    metrics, summary, predictions, comparisons : DataFrame
        The CSV files; text columns are text, the others numbers.
    manifest : Manifest
        What the study says about itself.
    models : tuple of str
        Names of the saved calibrations in the folder.
    trust : Trust
        What the study says about intervals, new samples and reasons.
    """

    path: Path
    metrics: pd.DataFrame
    summary: pd.DataFrame
    predictions: pd.DataFrame
    comparisons: pd.DataFrame
    manifest: Manifest
    models: tuple[str, ...] = ()
    trust: Trust = field(default_factory=Trust)

    @property
    def responses(self) -> list[str]:
        """
        Responses in the order of the summary.

        Returns
        -------
        list of str
            Without the mean over responses.
        """
        names = self.summary["response"].unique()
        return [str(name) for name in names if name != MEAN]

    @property
    def schemes(self) -> list[str]:
        """
        Validation schemes in the order of the summary, random ones first.

        Returns
        -------
        list of str
            Names as in the CSV files.
        """
        names = [str(name) for name in self.summary["scheme"].unique()]
        return sorted(names, key=lambda name: not name.startswith("random"))

    @property
    def methods(self) -> list[Method]:
        """
        Methods of the summary in the order of the manifest.

        Returns
        -------
        list of Method
            Those that the manifest does not describe come last.
        """
        found = {str(name): None for name in self.summary["method"].unique()}
        listed = [item for item in self.manifest.methods if item.name in found]
        known = {item.name for item in listed}
        rest = [Method(name, name, "unlisted") for name in found if name not in known]
        return listed + rest

    def unit(self, response: str) -> str:
        """
        Unit of a response.

        Parameters
        ----------
        response : str
            Name of the response.

        Returns
        -------
        str
            As written with the predictions, else as in the manifest; empty
            where there is none.
        """
        is_response = self.predictions["response"] == response
        units = self.predictions.loc[is_response, "unit"].unique()
        unit = str(units[0]) if len(units) else ""
        unit = unit or self.manifest.units().get(response, "")
        return "" if unit == "1" else unit


def read_results(folder: Path) -> Results:
    """
    Read a results folder.

    Parameters
    ----------
    folder : Path
        Folder that a study has written.

    Returns
    -------
    Results
        Its tables and its manifest.

    Raises
    ------
    UnreadableFileError
        If the folder or a file is missing, a column is missing or holds no
        numbers, or there is no result yet.
    """
    _check_files(folder)
    tables = {name: read_table(folder / name, COLUMNS[name]) for name in COLUMNS}
    if tables["summary.csv"].empty or tables["predictions.csv"].empty:
        msg = (
            f"{folder}: holds no results yet; let the study finish at least one method"
        )
        raise UnreadableFileError(msg)
    return Results(
        path=folder,
        metrics=tables["metrics.csv"],
        summary=tables["summary.csv"],
        predictions=tables["predictions.csv"],
        comparisons=tables["comparisons.csv"],
        manifest=read_manifest(folder / "manifest.json"),
        models=tuple(sorted(p.parent.name for p in folder.glob("models/*/model.json"))),
        trust=read_trust(folder),
    )


def _check_files(folder: Path) -> None:
    if not folder.is_dir():
        msg = (
            f"{folder}: is no folder; give the results folder that a study has written"
        )
        raise UnreadableFileError(msg)
    missing = [n for n in (*COLUMNS, "manifest.json") if not (folder / n).is_file()]
    if missing:
        msg = (
            f"{folder}: has no {', '.join(missing)}; expected a results folder with "
            f"{', '.join(COLUMNS)} and manifest.json; run the study to its end first"
        )
        raise UnreadableFileError(msg)
