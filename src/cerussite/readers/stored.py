"""Surveys as Parquet files: everything they hold, in one file, read in blocks."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cerussite.core.errors import UnreadableFileError
from cerussite.core.spectra import Spectra
from cerussite.core.survey import Response, Survey
from cerussite.core.types import FloatArray

#: Key of the description in the file, and the layout that this release writes.
_KEY, _SCHEMA_VERSION = b"cerussite.survey", 1
#: Spectra written and read at once; bounds the memory above the matrix itself.
_ROWS = 512
_SPECTRA, _Y, _CENSORED, _SAMPLES = "spectra", "y ", "censored ", "sample "
_COVARIATES = "covariate "


def save_survey(survey: Survey, path: Path, *, origin: str = "") -> Path:
    """
    Write a survey as Parquet.

    Parameters
    ----------
    survey : Survey
        Covariates are kept with it, categories as categories.
    path : Path
        File to write.
    origin : str
        What the survey was made from, to recognise it by.

    Returns
    -------
    Path
        The file.
    """
    columns = _columns(survey)
    schema = columns.schema
    if survey.spectra is not None:
        values = survey.spectra.values
        kind = pa.list_(pa.from_numpy_dtype(values.dtype), values.shape[1])
        schema = schema.append(pa.field(_SPECTRA, kind))
    description = json.dumps(_description(survey, origin)).encode()
    schema = schema.with_metadata({_KEY: description})
    with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=False) as to:
        for start in range(0, max(survey.n_samples, 1), _ROWS):
            part = columns.slice(start, _ROWS)
            if survey.spectra is not None:
                rows = np.ascontiguousarray(
                    survey.spectra.values[start : start + _ROWS]
                )
                flat = pa.array(rows.ravel())
                lists = pa.FixedSizeListArray.from_arrays(flat, rows.shape[1])
                part = part.append_column(_SPECTRA, lists)
            to.write_table(part.cast(schema))
    return path


def load_survey(path: Path) -> Survey:
    """
    Read a survey back.

    Parameters
    ----------
    path : Path
        File written by :func:`save_survey`.

    Returns
    -------
    Survey
        As it was.

    Raises
    ------
    UnreadableFileError
        If the file is damaged, or of another kind or release.
    """
    told = describe_stored(path)
    try:
        with pq.ParquetFile(path) as file:
            names = [name for name in file.schema_arrow.names if name != _SPECTRA]
            table = file.read(columns=names).to_pandas()
            spectra = None if told["spectra"] is None else _spectra(file, told)
    except (pa.ArrowException, OSError) as error:
        msg = f"{path}: damaged ({error}); delete it, and it is made again"
        raise UnreadableFileError(msg) from error
    return Survey(
        samples=_part(table, _SAMPLES),
        responses=tuple(Response(**response) for response in told["responses"]),
        y=_part(table, _Y).to_numpy(dtype=np.float64),
        is_censored=(
            _part(table, _CENSORED).to_numpy(dtype=bool)
            if told["is_censored"]
            else None
        ),
        spectra=spectra,
        covariates=_covariates(table, told.get("categories")),
        notes=tuple(told["notes"]),
        **{key: told[key] for key in ("crs", "name", "licence", "citation")},
    )


def describe_stored(path: Path) -> dict[str, Any]:
    """
    What a stored survey says about itself.

    Parameters
    ----------
    path : Path
        File written by :func:`save_survey`.

    Returns
    -------
    dict
        Its ``origin`` among others.

    Raises
    ------
    UnreadableFileError
        If it is no such file, or of another release.
    """
    try:
        metadata = pq.read_schema(path).metadata or {}
        told = json.loads(metadata.get(_KEY, b"{}"))
    except (pa.ArrowException, OSError, ValueError) as error:
        msg = f"{path}: no stored survey ({error}); delete it, and it is made again"
        raise UnreadableFileError(msg) from error
    if told.get("schema_version") != _SCHEMA_VERSION:
        msg = (
            f"{path}: stored survey of layout {told.get('schema_version')}; expected "
            f"{_SCHEMA_VERSION}; delete it, and it is made again"
        )
        raise UnreadableFileError(msg)
    return told


def _columns(survey: Survey) -> pa.Table:
    frame = survey.samples.rename(columns=lambda name: f"{_SAMPLES}{name}")
    frame = frame.reset_index(names="sample_id")
    for at, name in enumerate(survey.response_names):
        frame[f"{_Y}{name}"] = survey.y[:, at]
        if survey.is_censored is not None:
            frame[f"{_CENSORED}{name}"] = survey.is_censored[:, at]
    if survey.covariates is not None:
        covariates = survey.covariates.reset_index(drop=True)
        frame = frame.join(covariates.add_prefix(_COVARIATES))
    return pa.Table.from_pandas(frame, preserve_index=False)


def _description(survey: Survey, origin: str) -> dict[str, Any]:
    spectra = survey.spectra
    return {
        "schema_version": _SCHEMA_VERSION,
        "origin": origin,
        "responses": [asdict(response) for response in survey.responses],
        "is_censored": survey.is_censored is not None,
        "categories": _categories(survey),
        "spectra": None
        if spectra is None
        else {
            "wavelengths": [float(band).hex() for band in spectra.wavelengths],
            "quantity": spectra.quantity,
            "original_unit": spectra.original_unit,
        },
        "crs": survey.crs,
        "name": survey.name,
        "licence": survey.licence,
        "citation": survey.citation,
        "notes": list(survey.notes),
    }


def _categories(survey: Survey) -> dict[str, list[str]] | None:
    """Categories of covariates, used or not; None without covariates."""
    if survey.covariates is None:
        return None
    chosen = survey.covariates.select_dtypes("category")
    return {str(name): list(chosen[name].cat.categories) for name in chosen}


def _covariates(table: Any, categories: dict[str, list[str]] | None) -> Any:
    if categories is None:
        return None
    covariates = _part(table, _COVARIATES)
    # Parquet drops categories that no row has.
    return covariates.assign(
        **{
            name: covariates[name].astype("category").cat.set_categories(labels)
            for name, labels in categories.items()
        }
    )


def _spectra(file: pq.ParquetFile, told: dict[str, Any]) -> Spectra:
    axis = np.array([float.fromhex(band) for band in told["spectra"]["wavelengths"]])
    kind = file.schema_arrow.field(_SPECTRA).type.value_type.to_pandas_dtype()
    values: FloatArray = np.empty((file.metadata.num_rows, axis.size), dtype=kind)
    start = 0
    for batch in file.iter_batches(batch_size=_ROWS, columns=[_SPECTRA]):
        rows = batch.column(0).flatten().to_numpy().reshape(-1, axis.size)
        values[start : start + len(rows)] = rows
        start += len(rows)
    about = told["spectra"]
    return Spectra(values, axis, about["quantity"], about["original_unit"])


def _part(table: Any, prefix: str) -> Any:
    """Columns of one kind, indexed by sample id."""
    frame = table.set_index("sample_id")
    frame.index = frame.index.astype(object)
    chosen = frame[[name for name in frame if name.startswith(prefix)]]
    return chosen.rename(columns=lambda name: name.removeprefix(prefix))
