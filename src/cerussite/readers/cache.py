"""Surveys read once and kept: large tables of text take minutes, Parquet seconds."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cerussite.core.errors import UnreadableFileError
from cerussite.core.survey import Survey
from cerussite.readers.stored import describe_stored, load_survey, save_survey


def read_cached(
    reader: Callable[..., Survey],
    path: str | Path,
    *,
    cache: str | Path,
    **options: Any,
) -> Survey:
    """
    Read a survey with a reader, or from the cache where nothing has changed.

    The cache holds one Parquet file for each reader, file and set of options. It
    is used only where the content of every file is the same to the last byte.

    Parameters
    ----------
    reader : callable
        A reader of this room, such as :func:`cerussite.readers.read_lucas_2009`.
    path : str or Path
        What it reads.
    cache : str or Path
        Folder of the cache; made where it does not exist. Data that must not be
        passed on must not be passed on as a cache either.
    **options
        Further arguments of the reader; those that name files or folders count
        with their content.

    Returns
    -------
    Survey
        As the reader gives it.
    """
    name = getattr(reader, "__name__", "reader")
    origin = _origin(name, Path(path), options)
    label = hashlib.sha256(f"{name} {Path(path).resolve()}".encode()).hexdigest()[:8]
    kept = Path(cache) / f"{Path(path).stem}-{label}.parquet"
    if _is_current(kept, origin):
        return load_survey(kept)
    survey = reader(path, **options)
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_name(f".{kept.name}.part")
    try:
        save_survey(survey, part, origin=origin)
        part.replace(kept)
    finally:
        part.unlink(missing_ok=True)
    return survey


def _is_current(kept: Path, origin: str) -> bool:
    if not kept.is_file():
        return False
    try:
        return bool(describe_stored(kept)["origin"] == origin)
    except UnreadableFileError:
        # A cache of an earlier release, or one cut short, is made again.
        return False


def _origin(name: str, path: Path, options: dict[str, Any]) -> str:
    """Reader, options and a hash of the content of all files."""
    told = {key: _told(value) for key, value in sorted(options.items())}
    return json.dumps([name, _told(path), told], sort_keys=True, default=repr)


def _told(value: Any) -> Any:
    if not isinstance(value, str | Path):
        return value
    path = Path(value)
    if path.is_dir():
        inside = sorted(each for each in path.rglob("*") if each.is_file())
        return [[str(each.relative_to(path)), _hash(each)] for each in inside]
    return _hash(path) if path.is_file() else str(value)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
