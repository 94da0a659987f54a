"""Named public data sets: where they lie, and how they are read."""

from collections.abc import Callable
from inspect import signature
from pathlib import Path

from cerussite.core.errors import InvalidStudyError
from cerussite.core.survey import Survey
from cerussite.readers.mirror import fetch_file
from cerussite.readers.named.datsoilspc import DATSOILSPC, load_datsoilspc
from cerussite.readers.named.eb1064 import EB1064, load_eb1064
from cerussite.readers.named.kssl import KSSL, load_kssl
from cerussite.readers.named.limesoda import (
    LIMESODA_MIR,
    LIMESODA_VISNIR,
    find_limesoda,
    load_limesoda_mir,
    load_limesoda_visnir,
)
from cerussite.readers.named.nirsoil import NIRSOIL, load_nirsoil
from cerussite.readers.named.record import DatasetRecord
from cerussite.readers.named.yamsys import YAMSYS, load_yamsys

_LOADERS: dict[str, Callable[..., Survey]] = {
    "limesoda-visnir": load_limesoda_visnir,
    "limesoda-mir": load_limesoda_mir,
    "kssl-mir-500": load_kssl,
    "datsoilspc": load_datsoilspc,
    "nirsoil": load_nirsoil,
    "yamsys": load_yamsys,
    "eb1064": load_eb1064,
}

#: Public data sets by name.
DATASETS: dict[str, DatasetRecord] = {
    record.name: record
    for record in (
        LIMESODA_VISNIR,
        LIMESODA_MIR,
        KSSL,
        DATSOILSPC,
        NIRSOIL,
        YAMSYS,
        EB1064,
    )
}


def fetch_dataset(name: str) -> Path:
    """
    Path of a data set on this machine; downloads it where needed.

    Parameters
    ----------
    name : str
        A name in :data:`DATASETS`.

    Returns
    -------
    Path
        The checked file, or the folder of the installed package that holds
        the data.
    """
    record = _record(name)
    return find_limesoda() if record.file is None else fetch_file(record.file)


def load_dataset(name: str, **options: object) -> Survey:
    """
    Survey of a named data set, with its licence, citation and notes.

    Parameters
    ----------
    name : str
        A name in :data:`DATASETS`.
    **options : object
        What its reader offers: ``wavelengths``, ``sites`` and ``ph`` for
        LimeSoDa, ``procedure`` and ``scans`` for yamsys.

    Returns
    -------
    Survey
        Checked, in the units used inside.

    Raises
    ------
    InvalidStudyError
        If there is no such data set, or it has no such option.
    """
    record = _record(name)
    loader = _LOADERS[record.name]
    offered = list(signature(loader).parameters)[1:]
    unknown = sorted(set(options) - set(offered))
    if unknown:
        expected = f"one of {', '.join(offered)}" if offered else "none"
        msg = f"{name}: unknown option {unknown[0]!r}; expected {expected}"
        raise InvalidStudyError(msg)
    return loader(fetch_dataset(name), **options)


def _record(name: str) -> DatasetRecord:
    if name not in DATASETS:
        msg = f"no data set {name!r}; expected one of {', '.join(DATASETS)}"
        raise InvalidStudyError(msg)
    return DATASETS[name]
