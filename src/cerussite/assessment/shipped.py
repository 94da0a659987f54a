"""Backgrounds and guidelines that come with the package, by name."""

from collections.abc import Hashable
from functools import cache
from typing import Any

from cerussite.assessment.names import nearest_names
from cerussite.assessment.packaged import constants
from cerussite.assessment.standards import Standard, limit_of_row
from cerussite.core.errors import UnknownStandardError


def shipped_background(name: str) -> Standard:
    """
    A shipped background by name.

    Parameters
    ----------
    name : str
        For example ``"average_shale"``; see the table ``"standards"``.

    Returns
    -------
    Standard
        With source, year and check.

    Notes
    -----
    ``UnknownStandardError`` is raised if there is none; the message offers the
    nearest names.

    Examples
    --------
    >>> shipped_background("upper_crust_rudnick_gao").values(["Al"])
    array([81505.])
    """
    return _named(name, "background")


def shipped_guideline(name: str) -> Standard:
    """
    A shipped guideline by name.

    Parameters
    ----------
    name : str
        For example ``"consensus_pec"``; see the table ``"standards"``.

    Returns
    -------
    Standard
        With source, year and check.

    Notes
    -----
    ``UnknownStandardError`` is raised if there is none; the message offers the
    nearest names.

    Examples
    --------
    >>> shipped_guideline("consensus_pec").values(["Pb"])
    array([128.])
    """
    return _named(name, "guideline")


def standard_names(kind: str) -> tuple[str, ...]:
    """
    Names of the shipped standards.

    Parameters
    ----------
    kind : {"background", "guideline"}
        Which.

    Returns
    -------
    tuple of str
        In the order of the table.
    """
    table = constants("standards")
    return tuple(table.loc[table["kind"] == kind, "standard"])


def _named(name: str, kind: str) -> Standard:
    known = standard_names(kind)
    if name not in known:
        msg = f"no {kind} {name!r}; {nearest_names(name, known)}"
        raise UnknownStandardError(msg)
    return _shipped(name)


@cache
def _shipped(name: str) -> Standard:
    names = constants("standards").set_index("standard")
    about: dict[Hashable, Any] = names.loc[[name]].to_dict("records")[0]
    table = constants(f"{about['kind']}s")
    rows = table[table["standard"] == name]
    checks = set(rows["check"])
    return Standard(
        name,
        about["title"],
        about["kind"],
        tuple(limit_of_row(row) for row in rows.to_dict("records")),
        medium=about["medium"],
        procedure=about["procedure"],
        normalisation=about["normalisation"],
        year=int(about["year"]),
        source=about["source"],
        check="primary" if checks == {"primary"} else "secondary",
    )
