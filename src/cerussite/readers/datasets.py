"""Named public data sets: where they lie, and how they are read."""

from collections.abc import Callable
from inspect import signature
from pathlib import Path

from cerussite.core.errors import InvalidStudyError
from cerussite.core.survey import Survey
from cerussite.readers.mirror import fetch_file, fetch_folder
from cerussite.readers.named.beijing import BEIJING, load_beijing
from cerussite.readers.named.bight import BIGHT, load_bight
from cerussite.readers.named.datsoilspc import DATSOILSPC, load_datsoilspc
from cerussite.readers.named.ds801 import DS801, load_ds801
from cerussite.readers.named.eb1064 import EB1064, load_eb1064
from cerussite.readers.named.jura import JURA, JURA_GRID, load_jura, load_jura_grid
from cerussite.readers.named.kola import KOLA, load_kola
from cerussite.readers.named.kola_duplicates import (
    KOLA_ANALYTICAL,
    KOLA_FIELD,
    load_kola_analytical_duplicates,
    load_kola_field_duplicates,
)
from cerussite.readers.named.kssl import KSSL, load_kssl
from cerussite.readers.named.limesoda import (
    LIMESODA_MIR,
    LIMESODA_VISNIR,
    find_limesoda,
    load_limesoda_mir,
    load_limesoda_visnir,
)
from cerussite.readers.named.meuse import (
    MEUSE,
    MEUSE_GRID,
    load_meuse,
    load_meuse_grid,
)
from cerussite.readers.named.nirsoil import NIRSOIL, load_nirsoil
from cerussite.readers.named.record import DatasetRecord
from cerussite.readers.named.worldbank import WORLDBANK, load_worldbank
from cerussite.readers.named.yamsys import YAMSYS, load_yamsys

_LOADERS: dict[str, Callable[..., Survey]] = {
    "limesoda-visnir": load_limesoda_visnir,
    "limesoda-mir": load_limesoda_mir,
    "kssl-mir-500": load_kssl,
    "datsoilspc": load_datsoilspc,
    "nirsoil": load_nirsoil,
    "yamsys": load_yamsys,
    "eb1064": load_eb1064,
    "bight-sediment": load_bight,
    "worldbank-pm25-2016": load_worldbank,
    "beijing-multisite": load_beijing,
    "usgs-ds801-top5": load_ds801,
    "kola": load_kola,
    "kola-field-duplicates": load_kola_field_duplicates,
    "kola-analytical-duplicates": load_kola_analytical_duplicates,
    "jura": load_jura,
    "jura-grid": load_jura_grid,
    "meuse": load_meuse,
    "meuse-grid": load_meuse_grid,
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
        BIGHT,
        WORLDBANK,
        BEIJING,
        DS801,
        KOLA,
        KOLA_FIELD,
        KOLA_ANALYTICAL,
        JURA,
        JURA_GRID,
        MEUSE,
        MEUSE_GRID,
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
        The checked file, the folder of several, or the folder of the installed
        package that holds the data.
    """
    record = _record(name)
    if record.files:
        return fetch_folder(record.files)
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
        LimeSoDa, ``procedure`` and ``scans`` for yamsys, ``horizon`` and
        ``procedure`` for kola, ``procedure`` for its duplicates, ``part`` for
        jura.

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
