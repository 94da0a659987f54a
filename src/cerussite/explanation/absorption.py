"""Where soil constituents absorb, from published tables."""

from functools import cache
from importlib import resources

import numpy as np
import pandas as pd

from cerussite.explanation.features import Features


@cache
def _table() -> pd.DataFrame:
    path = resources.files("cerussite.explanation") / "absorption_features.csv"
    with path.open(encoding="utf-8") as file:
        return pd.read_csv(file)


def absorption_features() -> pd.DataFrame:
    """
    Absorption features of soil constituents, 350 to 16,700 nm.

    Returns
    -------
    DataFrame
        Columns constituent, kind (iron oxides, clay minerals, carbonate, organic
        matter, sulfate, quartz, water), centre, low and high in nm, assignment,
        source, year. Windows are those of the source where it gives one, rounded;
        other windows are ours, chosen around the centre. Beyond 2500 nm the
        assignment keeps the wavenumber of the source.

    Examples
    --------
    >>> table = absorption_features()
    >>> int((table["kind"] == "iron oxides").sum()) > 3
    True
    """
    return _table().copy()


def constituents_of(features: Features) -> list[str]:
    """
    Constituents that absorb in each bin.

    A bin is annotated where it meets the inner half of a window: from halfway
    between its lower end and the centre to halfway to its upper end. A match is
    a hint, not a finding: features of several constituents overlap nearly
    everywhere.

    Parameters
    ----------
    features : Features
        Bins of wavelengths, or covariates.

    Returns
    -------
    list of str
        Kinds, joined by a semicolon; empty where nothing is known to absorb and
        for covariates.

    Examples
    --------
    >>> constituents_of(Features.bins(np.array([1295.0, 1305.0])))
    ['', '']
    >>> constituents_of(Features.bins(np.array([2338.0, 2342.0])))[0]
    'carbonate; clay minerals; organic matter'
    """
    table = _table()
    low = ((table["low"] + table["centre"]) / 2).to_numpy()
    high = ((table["high"] + table["centre"]) / 2).to_numpy()
    meets = (features.low[:, np.newaxis] < high) & (features.high[:, np.newaxis] > low)
    kinds = table["kind"].to_numpy()
    return ["; ".join(sorted(set(kinds[row]))) for row in meets]
