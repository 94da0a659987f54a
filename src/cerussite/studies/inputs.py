"""Spectra to predict, from whatever holds them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cerussite.core.errors import InvalidStudyError
from cerussite.core.spectra import Spectra
from cerussite.core.survey import Survey
from cerussite.readers import (
    Kind,
    kind_of,
    read_folder_spectra,
    read_spectra,
    read_table,
)
from cerussite.studies.bands import spectra_in

#: What each kind of input is called, and what may be said about it.
_KINDS: dict[Kind, tuple[str, frozenset[str]]] = {
    "table": (
        "a table",
        frozenset({"quantity", "axis_unit", "sample_id", "replicates", "sheet"}),
    ),
    "file": (
        "a file of an instrument",
        frozenset({"quantity", "axis_unit", "block", "overlap", "divisor"}),
    ),
    "folder": (
        "a folder of instruments' files",
        frozenset(
            {"quantity", "axis_unit", "block", "overlap", "id_pattern", "replicates"}
        ),
    ),
    "image": ("an image", frozenset({"quantity", "axis_unit", "divisor"})),
}


@dataclass(frozen=True)
class Reading:
    """
    What a caller says about spectra to predict, as far as they do not say it.

    Attributes
    ----------
    quantity : {"reflectance", "reflectance_percent", "absorbance"} or None
        What they hold.
    axis_unit : {"nm", "um", "cm-1"} or None
        Unit of their axis.
    sample_id : str or None
        Column of sample ids in a table.
    replicates : {"refuse", "keep", "average"}
        What to do with rows or scans that share one id.
    id_pattern : str or None
        Regular expression with a group ``id`` for names of files in a folder.
    block : str or None
        Block to take from instruments' files, where there are several.
    overlap : {"refuse", "cut"}
        What to do where the ranges of two detectors overlap.
    divisor : float or None
        What stored values of a file or an image are divided by.
    sheet : str or None
        Sheet of a workbook with more than one.
    """

    quantity: Any = None
    axis_unit: Any = None
    sample_id: str | None = None
    replicates: Any = "refuse"
    id_pattern: str | None = None
    block: str | None = None
    overlap: Any = "refuse"
    divisor: float | None = None
    sheet: str | None = None

    def said(self) -> dict[str, Any]:
        """
        What was said.

        Returns
        -------
        dict of str to object
            Without what was left open.
        """
        return {
            name: value
            for name, value in vars(self).items()
            if value not in {None, "refuse"}
        }


@dataclass(frozen=True, eq=False)
class Batch:
    """
    Spectra of samples on one axis.

    Attributes
    ----------
    ids : list of str
        Sample ids.
    spectra : Spectra
        One spectrum each.
    """

    ids: list[str]
    spectra: Spectra


@dataclass(frozen=True, eq=False)
class Input:
    """
    All spectra to predict.

    Attributes
    ----------
    batches : list of Batch
        One for each axis and quantity.
    notes : tuple of str
        What was left out.
    """

    batches: list[Batch] = field(default_factory=list)
    notes: tuple[str, ...] = ()


def check_reading(path: str | Path, reading: Reading) -> Kind:
    """
    Tell what lies under a path, and refuse what means nothing for it.

    Parameters
    ----------
    path : str or Path
        What to predict.
    reading : Reading
        What the caller says about it.

    Returns
    -------
    {"folder", "image", "file", "table"}
        As :func:`cerussite.readers.kind_of` tells.

    Raises
    ------
    InvalidStudyError
        If something was said that this kind of input does not need.
    """
    kind = kind_of(path)
    name, known = _KINDS[kind]
    needless = [each for each in reading.said() if each not in known]
    if needless:
        msg = f"{path}: {name}, which needs no ({needless[0]}); leave it out"
        raise InvalidStudyError(msg)
    return kind


def read_input(path: str | Path, reading: Reading) -> Input:
    """
    Read the spectra of a table, of a file of an instrument, or of a folder of them.

    Parameters
    ----------
    path : str or Path
        What to predict; an image is predicted by
        :func:`cerussite.studies.predict_cube`.
    reading : Reading
        What it does not say itself.

    Returns
    -------
    Input
        Spectra as read, with their ids.

    Raises
    ------
    InvalidStudyError
        If it is an image, or something was said that it does not need.
    """
    kind = check_reading(path, reading)
    said = reading.said()
    if kind == "image":
        msg = (
            f"{path}: an image; expected a table, a file of samples or a folder of such "
            "files; take pixels of it into a table"
        )
        raise InvalidStudyError(msg)
    if kind == "table":
        return Input([_batch(read_table(path, **said))])
    if kind == "file":
        return Input([_of_file(Path(path), said)])
    found = read_folder_spectra(path, **said)
    notes = [note for survey in found.surveys for note in survey.notes]
    return Input([_batch(each) for each in found.surveys], (*notes, *found.notes()))


def _batch(survey: Survey) -> Batch:
    return Batch([str(name) for name in survey.samples.index], spectra_in(survey))


def _of_file(path: Path, said: dict[str, Any]) -> Batch:
    overlap = said.pop("overlap", "refuse")
    file = read_spectra(path, **said)
    spectra = file.to_spectra(overlap=overlap)
    labels = () if file.chosen is None else file.chosen.labels
    if spectra.n_samples == 1:
        return Batch([path.stem], spectra)
    if len(set(labels)) != spectra.n_samples:
        labels = tuple(f"{path.stem}#{row + 1}" for row in range(spectra.n_samples))
    return Batch(list(labels), spectra)
