"""Columns of concentrations, recognised by the header of a table of stations."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cerussite.core.elements import ELEMENTS
from cerussite.core.errors import InvalidConcentrationError, InvalidStudyError
from cerussite.core.units import canonical_unit
from cerussite.readers.columns import is_known_unit

#: A word, then perhaps a unit in brackets or behind a separator.
_HEADER = re.compile(
    r"(?P<word>[A-Za-z]+)"
    r"(?:\s*[(\[]\s*(?P<bracketed>[^()\[\]]+?)\s*[)\]]|[\s_.,-]+(?P<behind>.+))?"
)
#: Units as headers write them, without separators.
_UNITS = {
    "mgkg": "mg/kg",
    "mgkg1": "mg/kg",
    "ugkg": "ug/kg",
    "ugkg1": "ug/kg",
    "ugg": "ug/g",
    "ugg1": "ug/g",
    "gkg": "g/kg",
    "gkg1": "g/kg",
    "ppm": "ppm",
    "ppb": "ppb",
    "%": "%",
    "wt%": "%",
    "pct": "%",
    "wtpct": "%",
    "percent": "%",
}
_DRY_MASS = re.compile(r"(dw|dm|dry|dryweight|drymass|drywt)$")
#: Never meant as a contaminant by a bare letter: carbon, nitrogen and the like.
_NOT_ASSESSED = frozenset({"H", "C", "N", "O"})
_NAMES = {element.name: symbol for symbol, element in ELEMENTS.items()}


@dataclass(frozen=True)
class ConcentrationColumn:
    """
    A column that holds concentrations of one element.

    Attributes
    ----------
    element : str
        Symbol.
    header : str
        Name of the column.
    unit : str
        Unit in the header where only these rules read it; empty where the header
        states none, or in the way that readers know.
    """

    element: str
    header: str
    unit: str = ""


def recognise(header: str) -> ConcentrationColumn | None:
    """
    Element and unit of a header.

    Parameters
    ----------
    header : str
        Name of a column.

    Returns
    -------
    ConcentrationColumn or None
        None where it is no symbol or English name of an element, or something
        but a unit follows it, such as ``(VI)`` or ``_limit``.

    Examples
    --------
    >>> recognise("Pb_mgkg").unit, recognise("cadmium").element
    ('mg/kg', 'Cd')
    >>> recognise("Cr (VI)"), recognise("Pb_limit"), recognise("pb")
    (None, None, None)
    """
    found = _HEADER.fullmatch(" ".join(header.split()))
    if found is None:
        return None
    word = found["word"]
    symbol = word if word in ELEMENTS else _NAMES.get(word.lower())
    if symbol is None:
        return None
    if found["bracketed"] and is_known_unit(found["bracketed"]):
        return ConcentrationColumn(symbol, header)
    stated = found["bracketed"] or found["behind"]
    unit = _plain_unit(stated or "")
    return None if stated and not unit else ConcentrationColumn(symbol, header, unit)


def _plain_unit(text: str) -> str:
    plain = re.sub(r"[\s_./⁻-]", "", text.lower().replace("µ", "u").replace("μ", "u"))
    return _UNITS.get(_DRY_MASS.sub("", plain), "")


def find_concentrations(
    header: Sequence[str], elements: Mapping[str, str], *, taken: Sequence[str] = ()
) -> list[ConcentrationColumn]:
    """
    Columns of the elements asked for, or of all that the header shows.

    Parameters
    ----------
    header : sequence of str
        Names of the columns.
    elements : mapping of str to str
        Symbol to name of its column, empty to look for it; no entry to take
        every column that :func:`recognise` knows but H, C, N and O.
    taken : sequence of str
        Columns that are something else, such as coordinates.

    Returns
    -------
    list of ConcentrationColumn
        In the order of ``elements``, or of the header.

    Raises
    ------
    InvalidStudyError
        If an element is none, has no column or several, or there is none at all.

    Examples
    --------
    >>> columns = find_concentrations(["id", "Cd (mg/kg)", "Pb", "pH"], {})
    >>> [column.element for column in columns]
    ['Cd', 'Pb']
    """
    free = [name for name in header if name not in taken]
    # X and Y side by side are coordinates, not yttrium.
    skipped = _NOT_ASSESSED | ({"Y"} if "X" in header else set())
    known = [column for name in free if (column := recognise(name))]
    if not elements:
        found = [column for column in known if column.element not in skipped]
        if not found:
            msg = (
                f"elements: no header among {_some(header)} is an element; expected "
                "such as Pb or 'Pb (mg/kg)'; name them as Pb=COLUMN"
            )
            raise InvalidStudyError(msg)
        elements = dict.fromkeys((column.element for column in found), "")
    return [_chosen(element, name, known) for element, name in elements.items()]


def _chosen(
    element: str, header: str, known: list[ConcentrationColumn]
) -> ConcentrationColumn:
    if element not in ELEMENTS:
        msg = f"elements: {element!r} is no element; expected symbols such as Pb"
        raise InvalidStudyError(msg)
    if header:
        found = recognise(header)
        unit = found.unit if found is not None and found.element == element else ""
        return ConcentrationColumn(element, header, unit)
    own = [column for column in known if column.element == element]
    if len(own) != 1:
        names = " and ".join(repr(column.header) for column in own) or "no column"
        msg = f"elements: {names} for {element}; expected one; name it as {element}=COLUMN"
        raise InvalidStudyError(msg)
    return own[0]


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:12]) + (" ..." if len(names) > 12 else "")


def response_options(
    columns: Sequence[ConcentrationColumn],
    *,
    units: Mapping[str, str],
    procedures: Mapping[str, str],
) -> dict[str, dict[str, str]]:
    """
    What a reader must be told of each column.

    Parameters
    ----------
    columns : sequence of ConcentrationColumn
        Of the elements.
    units, procedures : mapping of str to str
        By element, and under ``""`` for all others.

    Returns
    -------
    dict of str to dict
        ``column``, ``unit`` and ``procedure`` by element.

    Raises
    ------
    InvalidStudyError
        If a unit or procedure is of an element that is not read.
    InvalidConcentrationError
        If a unit contradicts the header.
    """  # noqa: DOC502 -- raised where units are compared
    names = [column.element for column in columns]
    for what, given in (("unit", units), ("procedure", procedures)):
        unread = [element for element in given if element and element not in names]
        if unread:
            msg = (
                f"{what}: {unread[0]} is not among the elements {' '.join(names)}; "
                "correct one of them"
            )
            raise InvalidStudyError(msg)
    options = {}
    for column in columns:
        said = {"column": column.header, "unit": _unit(column, units)}
        said["procedure"] = procedures.get(column.element, procedures.get("", ""))
        options[column.element] = {name: text for name, text in said.items() if text}
    return options


def _unit(column: ConcentrationColumn, units: Mapping[str, str]) -> str:
    given = units.get(column.element, units.get("", ""))
    if given and column.unit:
        mine, theirs = (
            canonical_unit(column.element, text) for text in (given, column.unit)
        )
        if mine != theirs:
            msg = (
                f"unit: {column.element} in {given}, but the header {column.header!r} "
                f"says {column.unit}; correct one, or say {column.element}={column.unit}"
            )
            raise InvalidConcentrationError(msg)
    return given or column.unit
