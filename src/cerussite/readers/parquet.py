"""Parquet tables as rows of text."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cerussite.core.errors import UnreadableFileError
from cerussite.readers.rows import Row, Rows

_BATCH = 256


def open_parquet(path: Path) -> Rows:
    """
    Open a Parquet table.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Rows
        The names of the columns, then rows numbered from 1.

    Raises
    ------
    UnreadableFileError
        If it is no Parquet file.
    """
    try:
        names = pq.read_schema(path).names
    except pa.ArrowInvalid as error:
        msg = f"{path}: no Parquet table ({error}); write it again or send it as CSV"
        raise UnreadableFileError(msg) from error
    return Rows(partial(_rows, path, list(names)), "row", "Parquet columns")


def _rows(path: Path, names: list[str]) -> Iterator[Row]:
    number = 0
    yield Row(number, names)
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=_BATCH):
            columns = [column.to_pylist() for column in batch.columns]
            for values in zip(*columns, strict=True):
                number += 1
                cells = ["" if value is None else str(value) for value in values]
                if any(map(str.strip, cells)):
                    yield Row(number, cells)
