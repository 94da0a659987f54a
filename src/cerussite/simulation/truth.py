"""What a simulation knows and a survey does not tell."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cerussite.core.survey import Survey
from cerussite.core.types import BoolArray, FloatArray
from cerussite.simulation.bands import CONSTITUENTS, absorption, features
from cerussite.simulation.soils import Soils

#: A wavelength carries a constituent where its mark is at least this share of its
#: strongest one.
CARRYING_SHARE = 0.2


@dataclass(frozen=True, eq=False)
class Truth:
    """
    Origin of the spectra and responses of a simulated survey.

    Attributes
    ----------
    constituents : DataFrame of n_samples rows
        Mass of each constituent in g/kg, indexed like the survey.
    responses : DataFrame of n_samples rows
        Responses before the errors of analysis, in the units of the survey.
    absorption : DataFrame of 9 rows
        K/S of each pure constituent as the instrument would see it; columns
        are wavelengths in nm.
    tied_to : dict of str to tuple of str
        For each response, the constituents that it depends on by construction.
    carrying : dict of str to ndarray of bool, shape (n_wavelengths,)
        For each response, the wavelengths at which these constituents absorb
        appreciably: those that can carry its signal.
    reachable_r2 : dict of str to float
        For each response, the share of the variance of its measured values that
        no spectrum can exceed, but for chance. For metals, of their logarithm,
        what the sorbents determine; for properties, what the errors of
        analysis leave (for pH an upper bound: it also follows weathering, which
        composition tells only in part).
    """

    constituents: pd.DataFrame
    responses: pd.DataFrame
    absorption: pd.DataFrame
    tied_to: dict[str, tuple[str, ...]]
    carrying: dict[str, BoolArray]
    reachable_r2: dict[str, float]


@dataclass(frozen=True, eq=False)
class SimulatedSurvey:
    """
    A survey and the truth behind it.

    Attributes
    ----------
    survey : Survey
        As it would be read from files.
    truth : Truth
        As nobody could know.
    """

    survey: Survey
    truth: Truth


def constituent_table(soils: Soils, index: pd.Index) -> pd.DataFrame:
    """
    Composition in g/kg.

    Parameters
    ----------
    soils : Soils
        Simulated soils.
    index : Index of n_samples labels
        Sample ids.

    Returns
    -------
    DataFrame of n_samples rows
        One column a constituent.
    """
    return pd.DataFrame(soils.fractions * 1e3, index=index, columns=list(CONSTITUENTS))


def absorption_table(wavelengths: FloatArray, resolution: float) -> pd.DataFrame:
    """
    K/S of the pure constituents on a grid.

    Parameters
    ----------
    wavelengths : ndarray of shape (n_wavelengths,)
        In nm.
    resolution : float
        Full width at half maximum of the instrument in nm.

    Returns
    -------
    DataFrame of 9 rows
        One row a constituent, one column a wavelength.
    """
    return pd.DataFrame(
        absorption(wavelengths, resolution=resolution),
        index=list(CONSTITUENTS),
        columns=wavelengths,
    )


def carrying_wavelengths(
    wavelengths: FloatArray, constituents: Iterable[str], soils: Soils
) -> BoolArray:
    r"""
    Wavelengths at which some constituents leave a mark in the spectra.

    A mass fraction of constituent :math:`i` adds the share
    :math:`c_i(\lambda) = (K/S)_i / (K/S)_{mean}` to K/S of the mean soil. Only its
    bands and its edge in the visible count, for what is flat cannot be told
    from scattering. A wavelength carries the constituent where :math:`c_i` is
    at least a fifth of its largest value.

    Parameters
    ----------
    wavelengths : ndarray of shape (n_wavelengths,)
        In nm.
    constituents : iterable of str
        Names of the constituents; none gives a mask without any True.
    soils : Soils
        Whose mean composition is the background.

    Returns
    -------
    ndarray of bool, shape (n_wavelengths,)
        True where at least one of them shows.
    """
    mean = soils.fractions.mean(axis=0) @ absorption(wavelengths)
    marks = features(wavelengths) / mean
    mask = np.zeros(len(wavelengths), dtype=bool)
    for constituent in constituents:
        mark = marks[CONSTITUENTS.index(constituent)]
        mask |= mark >= CARRYING_SHARE * mark.max()
    return mask


def explained_share(measured: FloatArray, explained: FloatArray) -> float:
    r"""
    Share of the variance that is explained, :math:`1 - SSE / SST`.

    Parameters
    ----------
    measured : ndarray of shape (n_samples,)
        With all that cannot be explained.
    explained : ndarray of shape (n_samples,)
        What is.

    Returns
    -------
    float
        At most 1.

    Examples
    --------
    >>> explained_share(np.array([0.0, 2.0, 4.0]), np.array([1.0, 2.0, 3.0]))
    0.75
    """
    deviation = measured - measured.mean()
    return float(1.0 - np.sum((measured - explained) ** 2) / np.sum(deviation**2))
