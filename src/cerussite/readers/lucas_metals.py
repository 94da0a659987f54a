"""Metals of the LUCAS topsoil survey, whose layout is not published."""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from cerussite.core.elements import ELEMENTS
from cerussite.core.errors import InvalidConcentrationError, UnreadableFileError
from cerussite.core.survey import Survey
from cerussite.readers.assembly import Request, read_survey
from cerussite.readers.columns import ResponseOptions
from cerussite.readers.joining import join_surveys
from cerussite.readers.lucas import LICENCE, find_key, plain_name
from cerussite.readers.sources import Table, open_table

CITATION = (
    "Toth, G., Hermann, T., Da Silva, M. R. and Montanarella, L. (2016). Heavy metals in "
    "agricultural soils of the European Union with implications for food safety. "
    "Environment International 88, 299-309"
)
#: Elements measured in aqua regia.
METALS = ("As", "Cd", "Co", "Cr", "Cu", "Hg", "Mn", "Ni", "Pb", "Sb", "V", "Zn")
#: A survey whose median mercury exceeds this (mg/kg) was measured in ug/kg.
MERCURY_MEDIAN = 1.0
_UNITS = {
    "": None,
    "mgkg": "mg/kg",
    "mgkg1": "mg/kg",
    "ppm": "mg/kg",
    "ugkg": "ug/kg",
    "ugkg1": "ug/kg",
    "µgkg": "ug/kg",
    "µgkg1": "ug/kg",
    "ppb": "ug/kg",
}


def read_lucas_metals(
    path: str | Path,
    *,
    units: Mapping[str, str] | str | None = None,
    limits: Mapping[str, float] | None = None,
    spectra: Survey | None = None,
) -> Survey:
    """
    Read a table of the LUCAS metals (aqua regia), whose layout is not published.

    Columns are matched by rule: the symbol or English name of an element, with
    or without a unit behind it (``Cd``, ``HG_ug_kg``, ``Lead (mg/kg)``).

    Parameters
    ----------
    path : str or Path
        The table.
    units : str or mapping of str to str, optional
        Unit of all elements, or by symbol, where the names do not say it. Mind
        mercury: it is often in ug/kg beside mg/kg.
    limits : mapping of str to float, optional
        What ``<LOD`` stands for, by symbol, in the unit of the table.
    spectra : Survey, optional
        LUCAS spectra of the same points, such as :func:`read_lucas_2009` gives.

    Returns
    -------
    Survey
        Metals in mg/kg, procedure ``aqua_regia``; with the spectra and properties
        of ``spectra`` where given.

    Notes
    -----
    Refused are tables without a metal or with two columns of one, and mercury in
    mg/kg with a median that only ug/kg can have.
    """
    table = open_table(path)
    responses = _metal_columns(table, units, limits or {})
    survey = read_survey(
        table,
        Request(
            responses=responses,
            spectra=False,
            sample_id=find_key(table) + 1,
            negative_is_missing=True,
            name="LUCAS metals",
            licence=LICENCE,
            citation=CITATION,
            notes=("columns matched to elements by rule: the layout is not public",),
        ),
    )
    _check_mercury(survey)
    return survey if spectra is None else join_surveys(spectra, survey)


def _metal_columns(
    table: Table, units: Mapping[str, str] | str | None, limits: Mapping[str, float]
) -> dict[str, ResponseOptions]:
    responses: dict[str, ResponseOptions] = {}
    for at, name in enumerate(table.header):
        found = _metal(name)
        if found is None:
            continue
        symbol, stated = found
        if symbol in responses:
            other = table.header[int(responses[symbol]["column"]) - 1]
            msg = (
                f"{table.path}: {symbol} may be {other!r} or {name!r}; expected one "
                "column; rename the other"
            )
            raise UnreadableFileError(msg)
        given = units if isinstance(units, str) else (units or {}).get(symbol)
        if given is not None and stated is not None and given != stated:
            msg = (
                f"{table.path}: {symbol} in {given} according to the caller, but the "
                f"name {name!r} says {stated}; correct one of them"
            )
            raise InvalidConcentrationError(msg)
        responses[symbol] = {
            "column": at + 1,
            "unit": stated or given,
            "procedure": "aqua_regia",
            "limit": limits.get(symbol),
        }
    if not responses:
        msg = (
            f"{table.path}: no column of a metal; expected names such as Cd, HG_ug_kg or "
            f"'Lead (mg/kg)' for some of {', '.join(METALS)}"
        )
        raise UnreadableFileError(msg)
    return responses


def _metal(name: str) -> tuple[str, str | None] | None:
    # A symbol or an English name, then nothing or a unit.
    first, *rest = re.split(r"[^A-Za-z0-9µ]+", name.strip(), maxsplit=1)
    unit = plain_name("".join(rest))
    for symbol in METALS:
        if first.lower() in {symbol.lower(), ELEMENTS[symbol].name}:
            return (symbol, _UNITS[unit]) if unit in _UNITS else None
    return None


def _check_mercury(survey: Survey) -> None:
    if "Hg" not in survey.response_names:
        return
    mercury = survey.with_responses(["Hg"]).y[:, 0]
    measured = mercury[~np.isnan(mercury)]
    if measured.size and np.median(measured) > MERCURY_MEDIAN:
        msg = (
            f"{survey.name}: median mercury {np.median(measured):g} mg/kg; expected less "
            f"than {MERCURY_MEDIAN:g} in a survey of soils; it is probably in ug/kg: say "
            "units={'Hg': 'ug/kg', ...}"
        )
        raise InvalidConcentrationError(msg)
