"""Files that are either whole or not there, and keys made from what decides them."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd


def write_whole(path: Path, write: Callable[[Path], object]) -> Path:
    """
    Let a function write a file or folder elsewhere, then rename it in one step.

    Parameters
    ----------
    path : Path
        Final name; its folder is made if need be.
    write : callable
        Is given the temporary name and writes there.

    Returns
    -------
    Path
        The final name.

    Raises
    ------
    OSError
        If writing failed; it names the file, and nothing of that name is there,
        or what was there before.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        write(partial)
        if path.is_dir():
            shutil.rmtree(path)
        partial.replace(path)
    except OSError as error:
        # A failed write does not know the name of its file.
        error.filename = error.filename or str(path)
        raise
    finally:
        remove(partial)
    return path


def remove(path: Path) -> None:
    """
    Remove a file, or a folder with all it holds, if it is there.

    Parameters
    ----------
    path : Path
        What to remove.
    """
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_json(path: Path, content: Any) -> Path:
    """
    Write a value as JSON, whole or not at all.

    Parameters
    ----------
    path : Path
        Name of the file.
    content : object
        What :func:`json.dumps` takes.

    Returns
    -------
    Path
        Name of the file.
    """
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    return write_whole(path, lambda to: to.write_text(text, encoding="utf-8"))


def write_csv(
    path: Path, table: pd.DataFrame, *, significant: int | None = None
) -> Path:
    """
    Write a table as CSV, whole or not at all; missing values are empty cells.

    Parameters
    ----------
    path : Path
        Name of the file.
    table : DataFrame
        Written without its index.
    significant : int or None
        Significant digits of numbers; as many as are needed to read back the
        same number if None.

    Returns
    -------
    Path
        Name of the file.
    """
    digits = None if significant is None else f"%.{significant}g"
    return write_whole(
        path,
        lambda to: table.to_csv(to, index=False, encoding="utf-8", float_format=digits),
    )


def fingerprint(*parts: Any) -> str:
    """
    Hash of values that decide a result.

    Parameters
    ----------
    *parts : object
        Arrays, and anything that JSON can hold.

    Returns
    -------
    str
        20 hexadecimal digits; equal for equal values.

    Examples
    --------
    >>> fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    True
    >>> fingerprint(np.zeros(2)) == fingerprint(np.zeros((1, 2)))
    False
    """
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            digest.update(f"{part.dtype.str}{part.shape}".encode())
            digest.update(np.ascontiguousarray(part).tobytes())
        else:
            digest.update(json.dumps(part, sort_keys=True).encode())
        digest.update(b"\x00")
    return digest.hexdigest()[:20]


def seed_of(random_state: int, *labels: str | int) -> int:
    """
    Seed for one piece of work, whatever the order in which pieces are done.

    Parameters
    ----------
    random_state : int
        Seed of the study.
    *labels : str or int
        What names the piece of work.

    Returns
    -------
    int
        Between 0 and 2³¹ - 1.
    """
    entropy = [random_state, int(fingerprint(list(labels)), 16)]
    return int(np.random.SeedSequence(entropy).generate_state(1)[0] >> 1)


def read_json(path: Path) -> Mapping[str, Any] | None:
    """
    Content of a JSON file written here.

    Parameters
    ----------
    path : Path
        Name of the file.

    Returns
    -------
    Mapping or None
        None where there is no such file.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
