"""What is known about a public data set, and the way from its table to a survey."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from cerussite.core.errors import InvalidStudyError
from cerussite.core.spectra import Spectra
from cerussite.core.survey import Response, Survey
from cerussite.core.types import FloatArray
from cerussite.core.units import canonical_unit


@dataclass(frozen=True)
class PublicFile:
    """
    A file as its provider publishes it.

    Attributes
    ----------
    name : str
        Name of the file.
    folder : str
        Its folder under the shelf in a local mirror.
    sha256 : str
        Checksum of the file.
    address : str
        Where it can be downloaded; empty where it cannot.
    member : str
        Path inside the archive at ``address``; empty where the address leads
        to the file itself.
    archive_sha256 : str
        Checksum of that archive.
    shelf : str
        Top folder in a local mirror.
    """

    name: str
    folder: str
    sha256: str
    address: str = ""
    member: str = ""
    archive_sha256: str = ""
    shelf: str = "spectra"


@dataclass(frozen=True)
class DatasetRecord:
    """
    A public data set: what it holds, where it lies, who is to be cited.

    Attributes
    ----------
    name : str
        Name for :func:`~cerussite.readers.datasets.load_dataset`.
    title : str
        One line for a table of data sets.
    role : {"source", "target", "table", "grid"}
        Library of constituents to learn from, or survey of metals to predict,
        both with spectra; without spectra, samples with covariates, or cells of a
        map with covariates only.
    n_samples : int
        Rows with the default options.
    axis : str
        Range, step and quantity of the spectra; of a table, what the covariates
        are.
    responses : tuple of str
        Names of the responses with the default options.
    address : str
        Page or file where the provider publishes it.
    licence, citation : str
        As the provider states them.
    file : PublicFile or None
        The file that is read; None where an installed package holds the data, or
        several files are read.
    notes : tuple of str
        What everybody who uses it must know; each loaded survey carries them.
    files : tuple of PublicFile
        The files that are read, of one folder, where there are several.
    """

    name: str
    title: str
    role: Literal["source", "target", "table", "grid"]
    n_samples: int
    axis: str
    responses: tuple[str, ...]
    address: str
    licence: str
    citation: str
    file: PublicFile | None
    notes: tuple[str, ...] = ()
    files: tuple[PublicFile, ...] = ()


@dataclass(frozen=True)
class Column:
    """
    A column of a published table and the response it becomes.

    Attributes
    ----------
    column : str
        Name in the table.
    response : str
        Name inside.
    unit : str
        Unit in the table.
    procedure : str
        How it was measured; empty where the provider does not say.
    """

    column: str
    response: str
    unit: str
    procedure: str = ""


def responses_of(
    table: pd.DataFrame, columns: Sequence[Column]
) -> tuple[tuple[Response, ...], FloatArray]:
    """
    Responses in the units used inside.

    Parameters
    ----------
    table : DataFrame of n_samples rows
        Published values.
    columns : sequence of Column
        Which of them to take, and their units.

    Returns
    -------
    tuple of (tuple of Response, ndarray of shape (n_samples, n_responses))
        What was measured, and the values; NaN where not measured.
    """
    y = np.empty((len(table), len(columns)))
    responses = []
    for position, column in enumerate(columns):
        unit, factor = canonical_unit(column.response, column.unit)
        y[:, position] = table[column.column].to_numpy(np.float64) * factor
        responses.append(Response(column.response, unit, column.procedure))
    return tuple(responses), y


def spectra_on_wavenumbers(
    absorbance: FloatArray, wavenumbers: Iterable[float]
) -> Spectra:
    """
    Absorbance spectra whose axis is in wavenumbers.

    Parameters
    ----------
    absorbance : ndarray of shape (n_samples, n_wavelengths)
        log10(1/R), in the order of ``wavenumbers``.
    wavenumbers : iterable of float
        In cm-1, in any order.

    Returns
    -------
    Spectra
        The same values along increasing wavelengths in nm.
    """
    wavelengths = 1e7 / np.asarray(list(wavenumbers), dtype=np.float64)
    order = np.argsort(wavelengths)
    return Spectra(absorbance[:, order], wavelengths[order], "absorbance", "cm-1")


def survey_of(
    record: DatasetRecord,
    *,
    samples: pd.DataFrame,
    measured: tuple[tuple[Response, ...], FloatArray],
    spectra: Spectra | None = None,
    notes: Sequence[str] = (),
) -> Survey:
    """
    Survey that carries the licence, citation and notes of its record.

    Parameters
    ----------
    record : DatasetRecord
        Where the data come from.
    samples : DataFrame of n_samples rows
        Indexed by sample id.
    measured : tuple of (tuple of Response, ndarray)
        As :func:`responses_of` gives them.
    spectra : Spectra, optional
        One a sample.
    notes : sequence of str
        What the options chosen add to the notes of the record.

    Returns
    -------
    Survey
        Checked.
    """
    responses, y = measured
    return Survey(
        samples=samples.rename_axis("sample_id"),
        responses=responses,
        y=y,
        spectra=spectra,
        name=record.name,
        licence=record.licence,
        citation=record.citation,
        notes=(*record.notes, *notes),
    )


def table_of(
    survey: Survey, *, covariates: pd.DataFrame, crs: str | None = None
) -> Survey:
    """
    The survey with its covariates and the reference system of its coordinates.

    Parameters
    ----------
    survey : Survey
        As :func:`survey_of` gives it.
    covariates : DataFrame of n_samples rows
        In the order of the samples; the index is taken from them.
    crs : str, optional
        Coordinate reference system of ``easting`` and ``northing``.

    Returns
    -------
    Survey
        Checked.
    """
    rows = covariates.set_axis(survey.samples.index)
    return replace(survey, covariates=rows, crs=crs)


def category(
    values: Iterable[object], *, missing: Iterable[str] = ("",)
) -> "pd.Categorical[str]":
    """
    Labels as categories; surrounding blanks do not count.

    Parameters
    ----------
    values : iterable of n_samples labels
        Text or codes; whole numbers lose their ``.0``.
    missing : iterable of str
        Labels that stand for "not known".

    Returns
    -------
    Categorical of n_samples labels
        NaN where not known.

    Examples
    --------
    >>> list(category([1.0, 10.0, float("nan")]))
    ['1', '10', nan]
    """
    text = pd.Series(list(values)).astype("str").str.strip()
    text = text.str.removesuffix(".0").where(text.notna() & ~text.isin(set(missing)))
    return pd.Categorical(text)


def check_option(dataset: str, option: str, value: str, allowed: Iterable[str]) -> None:
    """
    Refuse an option that the data set does not have.

    Parameters
    ----------
    dataset : str
        Name of the data set.
    option, value : str
        What was asked for.
    allowed : iterable of str
        What can be asked for.

    Raises
    ------
    InvalidStudyError
        If ``value`` is none of ``allowed``.
    """
    choices = sorted(allowed)
    if value not in choices:
        msg = f"{dataset}: {option} {value!r}; expected one of {', '.join(choices)}"
        raise InvalidStudyError(msg)


def numbered(name: str, n_samples: int, **columns: object) -> pd.DataFrame:
    """
    Samples that the provider gives no names.

    Parameters
    ----------
    name : str
        Name of the data set, the beginning of each id.
    n_samples : int
        How many.
    **columns : array_like of n_samples values
        What else is known of them.

    Returns
    -------
    DataFrame of n_samples rows
        Indexed by ids that follow the order of the file, from 1.
    """
    index = pd.Index([f"{name}-{row + 1:03d}" for row in range(n_samples)], dtype=str)
    return pd.DataFrame(dict(columns), index=index)
