"""Data sets of duplicates of the Kola C horizon: what sampling and analysis add."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from cerussite.core.survey import Survey
from cerussite.readers.named.kola import (
    KOLA,
    KOLA_ADDRESS,
    KOLA_CITATION,
    KOLA_CRS,
    KOLA_LICENCE,
    KOLA_NOTES,
    LAYERS,
    kola_file,
)
from cerussite.readers.named.kola_values import censored, element_columns, half_limits
from cerussite.readers.named.record import (
    DatasetRecord,
    check_option,
    responses_of,
    survey_of,
)

_NOTE = (
    "Two rows a pair, F1 and F2 or A1 and A2: the pair is the group, named by its site in "
    "the C horizon (kola), where the second row stands as well (all but two of the "
    "analyses). Half limits are those of the C horizon."
)
KOLA_FIELD = DatasetRecord(
    name="kola-field-duplicates",
    title="Pairs of samples taken side by side, Kola C horizon",
    role="table",
    n_samples=98,
    axis="none",
    # Gold, palladium and platinum were not repeated.
    responses=tuple(name for name in KOLA.responses if name not in {"Au", "Pd", "Pt"}),
    address=KOLA_ADDRESS,
    licence=KOLA_LICENCE,
    citation=KOLA_CITATION,
    file=None,
    notes=(*KOLA_NOTES, _NOTE, "Two samples of one site: no common specimen."),
    files=(
        kola_file(
            "kola_c_field_duplicates.csv",
            "21aa2f8b7eb6f6664c0a57950cdd1cd90e43059bd8d393ebe004f01fcf2aa253",
        ),
        LAYERS["C"].file,
    ),
)
KOLA_ANALYTICAL = replace(
    KOLA_FIELD,
    name="kola-analytical-duplicates",
    title="Pairs of analyses of one sample, Kola C horizon",
    n_samples=104,
    notes=(*KOLA_NOTES, _NOTE, "Both rows of a pair are one specimen."),
    files=(
        kola_file(
            "kola_c_analytical_duplicates.csv",
            "3c644a4ff9d3cc4eca5d5926bed05f6c200e94dabc417d43efa1c2eddb8d4475",
        ),
        LAYERS["C"].file,
    ),
)


def load_kola_field_duplicates(path: Path, *, procedure: str = "aqua_regia") -> Survey:
    """
    Read pairs of samples that were taken side by side.

    Parameters
    ----------
    path : Path
        Folder of the derived tables.
    procedure : {"aqua_regia", "inaa"}
        How the elements were measured.

    Returns
    -------
    Survey
        49 pairs, two rows each.
    """
    return _pairs(path, KOLA_FIELD, prefixes=("F1_", "F2_"), procedure=procedure)


def load_kola_analytical_duplicates(
    path: Path, *, procedure: str = "aqua_regia"
) -> Survey:
    """
    Read pairs of analyses of one sample.

    Parameters
    ----------
    path : Path
        Folder of the derived tables.
    procedure : {"aqua_regia", "inaa"}
        How the elements were measured.

    Returns
    -------
    Survey
        52 pairs, two rows each; a pair is one specimen.
    """
    survey = _pairs(path, KOLA_ANALYTICAL, prefixes=("A1_", "A2_"), procedure=procedure)
    samples = survey.samples.assign(specimen=survey.samples["group"])
    return replace(survey, samples=samples)


def _pairs(
    path: Path, record: DatasetRecord, *, prefixes: tuple[str, str], procedure: str
) -> Survey:
    check_option(record.name, "procedure", procedure, ("aqua_regia", "inaa"))
    duplicates, horizon = (pd.read_csv(path / file.name) for file in record.files)
    suffix = LAYERS["C"].procedures[procedure]
    table = pd.concat([_half(duplicates, prefix) for prefix in prefixes])
    columns = [
        column
        for column in element_columns(horizon, procedure=procedure, suffix=suffix)
        if column.column in table
    ]
    halves = half_limits(responses_of(horizon, columns)[1])
    responses, values = responses_of(table, columns)
    y, is_censored = censored(values, halves)
    given = [name for name in ("group", "easting", "northing") if name in table]
    survey = survey_of(record, samples=table[given], measured=(responses, y))
    crs = KOLA_CRS if "easting" in given else None
    return replace(survey, is_censored=is_censored, crs=crs)


def _half(duplicates: pd.DataFrame, prefix: str) -> pd.DataFrame:
    """One row of each pair, columns named as in the C horizon."""
    # The second of a pair is the one that the C horizon has, by the number of its site.
    chosen = [name for name in duplicates.columns if name.startswith(prefix)]
    half = duplicates[chosen].rename(columns=lambda name: name.removeprefix(prefix))
    second = duplicates.columns[duplicates.columns.str.endswith("2_.Loc")][0]
    site = duplicates[second].astype(str)
    place = duplicates.reindex(columns=["XCOO", "YCOO"]).astype(float)
    place = place.set_axis(["easting", "northing"], axis=1).dropna(axis=1, how="all")
    return pd.concat([half, site.rename("group"), place], axis=1).set_axis(
        pd.Index(prefix[:2] + "-" + site)
    )
