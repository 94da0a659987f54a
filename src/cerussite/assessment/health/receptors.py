"""Who is exposed, and how much: receptors as data."""

from dataclasses import dataclass, fields
from functools import cache
from typing import TypeAlias

import numpy as np

from cerussite.assessment.names import nearest_names
from cerussite.assessment.packaged import constants
from cerussite.core.errors import InvalidStudyError, UnknownStandardError
from cerussite.core.types import FloatArray

#: A number, or draws of it of shape (n_draws,).
Factor: TypeAlias = float | FloatArray

#: Days over which the risk of cancer is averaged: 70 years of 365 days.
LIFETIME = 25550.0

_STAGES = {"resident_child": "child", "resident_adult": "adult"}


@dataclass(frozen=True, eq=False)
class Receptor:
    """
    Exposure factors of one receptor, each a number or draws of it.

    Attributes
    ----------
    name : str
        Name for tables and the report.
    ingestion_rate : float or ndarray of shape (n_draws,)
        Soil swallowed in mg/d.
    exposure_frequency : float or ndarray of shape (n_draws,)
        In d/yr.
    exposure_duration : float or ndarray of shape (n_draws,)
        In yr.
    body_weight : float or ndarray of shape (n_draws,)
        In kg.
    skin_area : float or ndarray of shape (n_draws,)
        Skin exposed to soil in cm2/d.
    adherence : float or ndarray of shape (n_draws,)
        Soil that sticks to it in mg/cm2.
    exposure_time : float or ndarray of shape (n_draws,)
        In h/d.
    particulate_emission_factor : float or ndarray of shape (n_draws,)
        Soil over air in m3/kg.
    inhalation_rate : float or ndarray of shape (n_draws,)
        In m3/d; for the dose method of Part A only.
    source : str
        Where the factors come from.

    Raises
    ------
    InvalidStudyError
        If a factor is not above zero and finite, or numbers of draws differ.
    """

    name: str
    ingestion_rate: Factor
    exposure_frequency: Factor
    exposure_duration: Factor
    body_weight: Factor
    skin_area: Factor
    adherence: Factor
    exposure_time: Factor
    particulate_emission_factor: Factor
    inhalation_rate: Factor
    source: str = "given by user"

    def __post_init__(self) -> None:
        sizes = set()
        for factor in factor_names():
            values = np.asarray(getattr(self, factor), dtype=np.float64)
            if values.ndim > 1 or not np.all((values > 0) & np.isfinite(values)):
                msg = (
                    f"{self.name}: {factor} of shape {values.shape} is not above zero "
                    "and finite; expected one number, or draws of shape (n_draws,)"
                )
                raise InvalidStudyError(msg)
            sizes |= {values.size} if values.ndim else set()
        if len(sizes) > 1:
            msg = f"{self.name}: {sorted(sizes)} draws; expected as many of each factor"
            raise InvalidStudyError(msg)

    @property
    def n_draws(self) -> int | None:
        """
        Number of draws of the exposure factors.

        Returns
        -------
        int or None
            None where every factor is one number.
        """
        drawn = [
            np.size(getattr(self, f))
            for f in factor_names()
            if np.ndim(getattr(self, f))
        ]
        return drawn[0] if drawn else None


def factor_names() -> tuple[str, ...]:
    """
    Names of the exposure factors.

    Returns
    -------
    tuple of str
        Fields of :class:`Receptor` that are numbers.
    """
    return tuple(f.name for f in fields(Receptor) if f.name not in {"name", "source"})


def receptor_names() -> tuple[str, ...]:
    """
    Names of the receptors whose factors are all shipped.

    Returns
    -------
    tuple of str
        For :func:`receptor`.

    Examples
    --------
    >>> receptor_names()
    ('resident_child', 'resident_adult')
    """
    return tuple(_STAGES)


def receptor(name: str) -> Receptor:
    """
    A receptor by US EPA defaults of 2014.

    Parameters
    ----------
    name : str
        One of :func:`receptor_names`. Of workers only some factors could be read
        in a text: build a :class:`Receptor` for them.

    Returns
    -------
    Receptor
        With one number a factor.

    Raises
    ------
    UnknownStandardError
        If there is none; the message offers the nearest names.

    References
    ----------
    .. [1] US EPA (2014). Update of standard default exposure factors. OSWER
       Directive 9200.1-120.

    Examples
    --------
    >>> child = receptor("resident_child")
    >>> child.body_weight, child.ingestion_rate
    (15.0, 200.0)
    """
    if name not in _STAGES:
        msg = f"no receptor {name!r}; {nearest_names(name, receptor_names())}"
        raise UnknownStandardError(msg)
    return _shipped(name)


@cache
def _shipped(name: str) -> Receptor:
    table = constants("exposure")
    groups = {_STAGES[name], "resident", "any"}
    rows = table[table["receptor"].isin(groups) & (table["element"] == "")]
    found = {
        str(factor): float(value)
        for factor, value in zip(rows["factor"], rows["value"], strict=True)
        if factor in factor_names()
    }
    return Receptor(name, **found, source="US EPA defaults of 2014")
