"""Cells of a table as numbers, limits of detection, or not measured."""

import math
import re
from typing import NamedTuple

#: Text that means "not measured"; compared without case and outer spaces.
MISSING = frozenset({"", "na", "n.a.", "n/a", "nan", "null", "n.d.", "nd"})
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
#: Below a limit that the cell does not state, in English and German.
_BELOW_NAMED_LIMIT = re.compile(
    r"<\s*(lod|loq|dl|mdl|ql|rl|bg|nwg)|bdl|n\.\s?n\.", re.IGNORECASE
)


class Measured(NamedTuple):
    """
    What one cell of a response says.

    Attributes
    ----------
    value : float
        The value, the detection limit where censored, NaN where not measured.
    is_censored : bool
        True for a value somewhere below the limit.
    """

    value: float
    is_censored: bool


class NotANumberError(ValueError):
    """A cell that is no number; the caller knows its file, line and column."""


def is_missing(text: str) -> bool:
    """
    Tell whether a cell says "not measured".

    Parameters
    ----------
    text : str
        Content of the cell.

    Returns
    -------
    bool
        True for an empty cell, NA and n.d.
    """
    return text.strip().lower() in MISSING


def parse_number(text: str, decimal: str = ".") -> float:
    """
    Read a number.

    Parameters
    ----------
    text : str
        Content of the cell; outer spaces do not count.
    decimal : {".", ","}, default "."
        Decimal mark of the file.

    Returns
    -------
    float
        The number; NaN where the cell says "not measured".

    Raises
    ------
    NotANumberError
        If it is any other text, thousands separators and infinity included.

    Examples
    --------
    >>> parse_number("0,51", decimal=",")
    0.51
    """
    text = text.strip()
    if is_missing(text):
        return math.nan
    # In a file with decimal commas a point may separate thousands.
    plain = text.replace(".", " ").replace(",", ".") if decimal == "," else text
    if not _NUMBER.fullmatch(plain):
        msg = f"found {text!r}; expected a number with decimal {decimal!r}"
        raise NotANumberError(msg)
    return float(plain)


def parse_measured(text: str, *, decimal: str, limit: float | None) -> Measured:
    """
    Read a cell of a response: a number, ``<limit``, or not measured.

    Parameters
    ----------
    text : str
        Content of the cell.
    decimal : {".", ","}
        Decimal mark of the file.
    limit : float or None
        What ``<LOD`` stands for, in the unit of the column.

    Returns
    -------
    Measured
        Value and whether it is censored.

    Raises
    ------
    NotANumberError
        If the cell is anything else, or ``<LOD`` without a limit.

    Examples
    --------
    >>> parse_measured("< 0.5", decimal=".", limit=None)
    Measured(value=0.5, is_censored=True)
    """
    text = text.strip()
    if _BELOW_NAMED_LIMIT.fullmatch(text):
        if limit is None:
            msg = (
                f"found {text!r}, below a limit that is not stated; give the detection "
                "limit of this response (limit)"
            )
            raise NotANumberError(msg)
        return Measured(limit, True)
    if text.startswith("<"):
        value = _number_or_explain(text[1:], text, decimal)
        if math.isnan(value):
            msg = f"found {text!r}; expected a limit after '<'"
            raise NotANumberError(msg)
        return Measured(value, True)
    return Measured(_number_or_explain(text, text, decimal), False)


def _number_or_explain(number: str, text: str, decimal: str) -> float:
    try:
        return parse_number(number, decimal)
    except NotANumberError as error:
        msg = (
            f"found {text!r}; expected a number with decimal {decimal!r}, '<0.5' or "
            "'<LOD' below a detection limit, 'NA' or an empty cell; correct the cell"
        )
        raise NotANumberError(msg) from error
