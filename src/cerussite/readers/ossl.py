"""The Open Soil Spectral Library: joined tables of version 1.2."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from cerussite.core.elements import ELEMENTS
from cerussite.core.errors import UnreadableFileError
from cerussite.core.survey import Survey
from cerussite.readers.assembly import Request, read_survey
from cerussite.readers.columns import find_column
from cerussite.readers.replicates import Replicates
from cerussite.readers.sources import Table, open_table

CITATION = (
    "Safanelli, J. L. et al. (2025). Open Soil Spectral Library (OSSL): building "
    "reproducible soil calibration models through open development and community "
    "engagement. PLoS ONE 20(1), e0296545"
)
#: Licence of each data set of the library.
LICENCES = {
    "AFSIS1": "ODbL (scans CC-BY)",
    "AFSIS2": "CC0",
    "CAF": "CC-BY",
    "GARRETT": "CC-BY",
    "ICRAF.ISRIC": "CC-BY",
    "KSSL": "CC-BY",
    "LUCAS": "JRC licence agreement, no redistribution",
    "LUCAS.WOODWELL": "CC-BY",
    "NEOSPECTRA": "CC-BY",
    "SCHIEDUNG": "CC-BY",
    "SERBIA": "CC-BY",
}
_DATASET = "dataset.code_ascii_txt"
_ID = "id.layer_uuid_txt"
_PREFIX = {"mir": "scan_mir.", "visnir": "scan_visnir."}
#: Columns kept beside the responses begin so.
_KEPT = ("id.", "dataset.", "layer.", "location.", "longitude.", "latitude.")
_PROPERTY = re.compile(r"(?P<property>[a-z0-9.]+)_(?P<method>[a-z0-9.]+)_(?P<unit>.+)")
_UNITS = {
    "w.pct": "%",
    "mg.kg": "mg/kg",
    "g.kg": "g/kg",
    "index": "1",
    "cmolc.kg": "cmol/kg",
    "g.cm3": "g/cm3",
    "ds.m": "dS/m",
}
_NAMES = {
    "ph.h2o": ("pH", "h2o"),
    "ph.cacl2": ("pH_CaCl2", "cacl2"),
    "clay.tot": ("clay", ""),
    "silt.tot": ("silt", ""),
    "sand.tot": ("sand", ""),
    "oc": ("SOC", ""),
    "caco3": ("CaCO3", ""),
    "cec": ("CEC", ""),
    "bd": ("bulk_density", ""),
}
_METHODS = {
    "usda.a1063": "mehlich3",
    "usda.a1064": "mehlich3",
    "usda.a1067": "mehlich3",
    "usda.a1073": "mehlich3",
    "usda.a70": "kcl",
    "aquaregia": "aqua_regia",
}
_FORMS = {"dith": "dithionite", "ox": "oxalate", "tot": "total"}


@dataclass(frozen=True)
class OsslProperty:
    """
    A property of the library, read from the code that names its column.

    Attributes
    ----------
    column : str
        The code, such as ``clay.tot_usda.a334_w.pct``.
    name : str
        Name of the response: element by symbol, or property.
    unit : str
        Unit of the column.
    procedure : str
        ``mehlich3``, ``kcl``, ``aqua_regia``, ``dithionite``, ``oxalate`` ...; the
        method code of the library where it has no name here.
    """

    column: str
    name: str
    unit: str
    procedure: str


def ossl_property(column: str) -> OsslProperty | None:
    """
    Read the code of a property.

    Parameters
    ----------
    column : str
        Name of a column.

    Returns
    -------
    OsslProperty or None
        None where it is no property, or of a unit not known here.

    Examples
    --------
    >>> ossl_property("mn.ext_usda.a70_mg.kg").procedure
    'kcl'
    >>> ossl_property("clay.tot_usda.a334_w.pct").unit
    '%'
    >>> ossl_property("scan.mir.model.name_utf8_txt")
    """
    match = _PROPERTY.fullmatch(column)
    if match is None or match["unit"] not in _UNITS:
        return None
    unit, method = _UNITS[match["unit"]], match["method"]
    if match["property"] in _NAMES:
        name, procedure = _NAMES[match["property"]]
        return OsslProperty(column, name, unit, procedure or method)
    symbol, _, form = match["property"].partition(".")
    symbol = symbol.capitalize()
    if symbol not in ELEMENTS:
        return OsslProperty(column, match["property"], unit, method)
    procedure = _METHODS.get(method, _FORMS.get(form, method))
    # An exchangeable cation is no mass fraction of its element.
    name = symbol if unit in {"%", "mg/kg", "g/kg"} else f"{symbol}_exchangeable"
    return OsslProperty(column, name, unit, procedure)


def read_ossl(
    path: str | Path,
    *,
    scan: Literal["mir", "visnir"],
    responses: Sequence[str] | Mapping[str, str],
    datasets: Iterable[str] | None = None,
    replicates: Replicates = "refuse",
) -> Survey:
    """
    Read a joined table of the Open Soil Spectral Library.

    Rows without a spectrum of the range asked for are left out, and a note says
    how many: a row of the library may hold one range only.

    Parameters
    ----------
    path : str or Path
        ``ossl_all_L0_v1.2.csv.gz`` or ``ossl_all_L1_v1.2.csv.gz``, packed or not.
    scan : {"mir", "visnir"}
        Mid-infrared absorbance (600 to 4000 cm-1), or visible and near-infrared
        reflectance (350 to 2500 nm).
    responses : sequence of str, or mapping of str to str
        Names such as ``["clay", "pH", "Mn"]``, codes of columns, or a mapping of
        names to codes. A name that fits two columns (manganese by Mehlich-3 and
        by KCl) is refused until the code is given.
    datasets : iterable of str, optional
        Codes of the data sets to read (``"KSSL"``); all where not given.
    replicates : {"refuse", "keep", "average"}, default "refuse"
        Rows that share a layer, as in :func:`cerussite.readers.tables.read_table`.

    Returns
    -------
    Survey
        ``group`` is the code of the data set. ``licence`` lists those of the data
        sets that are in.

    Raises
    ------
    UnreadableFileError
        If the table is not of this layout, or a response or data set is not
        there.

    References
    ----------
    .. [1] Safanelli, J. L. et al. (2025). PLoS ONE 20(1), e0296545.
    """
    table = open_table(path)
    if scan not in _PREFIX:
        msg = f"scan={scan!r}; expected 'mir' or 'visnir'"
        raise UnreadableFileError(msg)
    if _DATASET not in table.header or _ID not in table.header:
        msg = (
            f"{table.path}: no columns {_ID!r} and {_DATASET!r}; expected a joined table "
            "of the Open Soil Spectral Library; read other tables with read_table"
        )
        raise UnreadableFileError(msg)
    chosen = _chosen(table, responses)
    table = _part(table, scan, [one.column for one in chosen], datasets)
    survey = read_survey(
        table,
        Request(
            responses={
                one.name: {
                    "column": one.column,
                    "unit": one.unit,
                    "procedure": one.procedure,
                }
                for one in chosen
            },
            spectra=_PREFIX[scan],
            sample_id=_ID,
            roles={"group": _DATASET},
            replicates=replicates,
            drop_empty=True,
            name=f"OSSL {scan}",
            citation=CITATION,
        ),
    )
    return _with_licences(survey)


def _chosen(
    table: Table, responses: Sequence[str] | Mapping[str, str]
) -> list[OsslProperty]:
    known = [one for one in map(ossl_property, table.header) if one is not None]
    if isinstance(responses, Mapping):
        return [
            replace(_one(table, known, column), name=name)
            for name, column in responses.items()
        ]
    return [_one(table, known, name) for name in responses]


def _one(table: Table, known: list[OsslProperty], name: str) -> OsslProperty:
    fits = [one for one in known if name in {one.name, one.column}]
    if len(fits) == 1:
        return fits[0]
    if fits:
        which = ", ".join(f"{one.column} ({one.procedure})" for one in fits)
        msg = (
            f"{table.path}: {name} was measured in {len(fits)} ways: {which}; expected "
            f"one; say responses={{{name!r}: code}}"
        )
        raise UnreadableFileError(msg)
    names = ", ".join(sorted({one.name for one in known}))
    msg = f"{table.path}: no response {name!r}; expected some of {names}"
    raise UnreadableFileError(msg)


def _part(
    table: Table, scan: str, columns: list[str], datasets: Iterable[str] | None
) -> Table:
    if datasets is not None:
        codes = frozenset(datasets)
        table = table.filtered(find_column(table, _DATASET), codes)
        if next(table.rows(), None) is None:
            msg = (
                f"{table.path}: no row of {', '.join(sorted(codes))}; expected codes of "
                f"{_DATASET} such as {', '.join(LICENCES)}"
            )
            raise UnreadableFileError(msg)
    starts = (_PREFIX[scan], *_KEPT)
    kept = [
        at
        for at, name in enumerate(table.header)
        if name in columns or name.startswith(starts)
    ]
    return table.narrowed(kept)


def _with_licences(survey: Survey) -> Survey:
    counts = survey.samples["group"].value_counts()
    licences = [f"{code}: {_licence(str(code))}" for code in counts.index]
    notes = [f"{count} rows of {code}" for code, count in counts.items()]
    rotated = {"clay", "silt", "sand"} & set(survey.response_names)
    if rotated and any(str(code).startswith("GARRETT") for code in counts.index):
        notes.append(
            "texture of the GARRETT data set looks exchanged in the library (its sand "
            "stands under clay): leave it out, or check it"
        )
    return replace(
        survey, licence="; ".join(licences), notes=survey.notes + tuple(notes)
    )


def _licence(code: str) -> str:
    plain = code.upper().removesuffix(".SSL")
    return LICENCES.get(plain, "see the manual of the library")
