"""Elements of a Kola table by procedure, and values that stand for half a limit."""

import numpy as np
import pandas as pd

from cerussite.core.elements import is_element
from cerussite.core.types import BoolArray, FloatArray
from cerussite.readers.named.record import Column

#: Suffix of the columns that a procedure gave; acid digestions have none.
SUFFIXES = {
    "nitric_acid": "",
    "aqua_regia": "",
    "ammonium_acetate": "_AA",
    "xrf": "_XRF",
    "inaa": "_INAA",
}
#: Noble metals by acid digestion are given in ug/kg.
_NOBLE = frozenset({"Au", "Pd", "Pt"})
#: Named like results of a digestion; rubidium of the C horizon has the limit of
#: neutron activation (15 mg/kg) and no other column.
_UNMARKED = {"aqua_regia": frozenset({"Rb"})}
#: By combustion (per cent), or of an aqueous extract whose unit is not stated.
_NO_DIGESTION = frozenset({"Br", "C", "Cl", "F", "H", "N"})


def element_columns(
    table: pd.DataFrame, *, procedure: str, suffix: str
) -> list[Column]:
    """
    Columns of the elements that a procedure gave.

    Parameters
    ----------
    table : DataFrame
        As published.
    procedure : str
        Name for the responses.
    suffix : str
        End of the columns' names.

    Returns
    -------
    list of Column
        In the order of the table.
    """
    is_acid = procedure in {"nitric_acid", "aqua_regia"}
    left_out = _NO_DIGESTION | _UNMARKED.get(procedure, frozenset())
    columns = [
        Column(
            name,
            name.removesuffix(suffix),
            "ug/kg" if is_acid and name in _NOBLE else "mg/kg",
            procedure,
        )
        for name in map(str, table.columns)
        if name.endswith(suffix) and is_element(name.removesuffix(suffix))
        if not (is_acid and name in left_out)
    ]
    if procedure == "inaa" and suffix:
        columns += [Column(n, n, "mg/kg", "inaa") for n in _UNMARKED["aqua_regia"]]
    return columns


def half_limits(values: FloatArray) -> FloatArray:
    """
    The lowest value of each column where it stands for half a detection limit.

    It does where it occurs at least twice and no value lies between it and its
    double: measured values begin at the limit. Columns with one value only are
    all below the limit.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_responses)
        With NaN where not measured.

    Returns
    -------
    ndarray of shape (n_responses,)
        NaN where the lowest value is a measured one.

    Examples
    --------
    >>> half_limits(np.array([[0.5, 0.5], [0.5, 0.5], [1.0, 0.75]]))
    array([0.5, nan])
    """
    lowest = np.nanmin(values, axis=0)
    n_lowest = (values == lowest).sum(axis=0)
    # A hair below the double, for decimals that are not exact in binary.
    between = (values > lowest) & (values < 2 * lowest * (1 - 1e-9))
    stands = (n_lowest >= 2) & (lowest > 0) & ~between.any(axis=0)
    found: FloatArray = np.where(stands, lowest, np.nan)
    return found


def censored(values: FloatArray, halves: FloatArray) -> tuple[FloatArray, BoolArray]:
    """
    Values with limits where half a limit was written.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_responses)
        As published.
    halves : ndarray of shape (n_responses,)
        As :func:`half_limits` gives them.

    Returns
    -------
    tuple of (ndarray, ndarray), each of shape (n_samples, n_responses)
        Values or limits, and where they are limits.
    """
    is_censored = np.isclose(values, halves, rtol=1e-9, atol=0.0)
    return np.where(is_censored, 2 * values, values), is_censored
