"""Potential ecological risk after Håkanson, with class bounds for the set at hand."""

from collections.abc import Sequence

import numpy as np

from cerussite.assessment.checks import check_background
from cerussite.assessment.classes import Classes, classes_of
from cerussite.assessment.indices import contamination_factor
from cerussite.assessment.packaged import constants
from cerussite.assessment.sets import SetIndex
from cerussite.core.errors import InvalidConcentrationError
from cerussite.core.types import FloatArray

#: Sum of the toxic response factors of Håkanson's eight pollutants: 93 of the seven
#: metals in the table, and 40 of PCB. The 40 is as commonly cited; it was not read
#: in a text, and every set of bounds can be had for another sum.
SUM_OF_EIGHT_POLLUTANTS = 133.0


def toxic_response_factors(
    elements: Sequence[str], *, extended: bool = False
) -> FloatArray:
    """
    Toxic response factors of elements.

    Parameters
    ----------
    elements : sequence of str
        Symbols of elements.
    extended : bool
        Also use factors of the later literature (Ni, Co, V, Mn, Sb), which
        Håkanson did not give.

    Returns
    -------
    ndarray of shape (n_elements,)
        Dimensionless; NaN where there is no factor.

    References
    ----------
    .. [1] Håkanson, L. (1980). Water Research 14(8), 975-1001.

    Examples
    --------
    >>> toxic_response_factors(["Cd", "Zn", "Ni"])
    array([30.,  1., nan])
    """
    table = constants("toxic_response")
    allowed = {"hakanson", "hakanson_extended"} if extended else {"hakanson"}
    rows = table[table["standard"].isin(allowed)]
    factors = dict(zip(rows["element"], rows["value"], strict=True))
    return np.array([factors.get(element, np.nan) for element in elements])


def ecological_risk_factor(
    concentrations: FloatArray, *, background: FloatArray, factors: FloatArray
) -> FloatArray:
    r"""
    Potential ecological risk factor :math:`E_r = T_r \, C / B` of each element.

    Parameters
    ----------
    concentrations : ndarray of shape (..., n_samples, n_elements)
        Concentrations :math:`C` in mg/kg dry mass, or draws of them along a
        first axis; NaN where not measured.
    background : ndarray of shape (n_elements,)
        Background :math:`B` in mg/kg dry mass.
    factors : ndarray of shape (n_elements,)
        Toxic response factors :math:`T_r`, see :func:`toxic_response_factors`.

    Returns
    -------
    ndarray of the shape of ``concentrations``
        Dimensionless.

    Notes
    -----
    ``InvalidConcentrationError`` is raised if a concentration, background or
    factor is zero, negative or missing.

    References
    ----------
    .. [1] Håkanson, L. (1980). Water Research 14(8), 975-1001.

    Examples
    --------
    >>> import numpy as np
    >>> ecological_risk_factor(
    ...     np.array([[0.6, 190.0]]),
    ...     background=np.array([0.3, 95.0]),
    ...     factors=toxic_response_factors(["Cd", "Zn"]),
    ... )
    array([[60.,  2.]])
    """
    check_background(factors, concentrations.shape, name="toxic response factor")
    return factors * contamination_factor(concentrations, background=background)


def ecological_risk_index(
    concentrations: FloatArray,
    *,
    background: FloatArray,
    factors: FloatArray,
    elements: Sequence[str],
) -> SetIndex:
    r"""
    Potential ecological risk index :math:`RI = \sum T_r \, C / B`.

    Parameters
    ----------
    concentrations : ndarray of shape (..., n_samples, n_elements)
        Concentrations :math:`C` in mg/kg dry mass, or draws of them along a
        first axis; NaN where not measured.
    background : ndarray of shape (n_elements,)
        Background :math:`B` in mg/kg dry mass.
    factors : ndarray of shape (n_elements,)
        Toxic response factors :math:`T_r`.
    elements : sequence of str
        Names of the columns; stored with the value.

    Returns
    -------
    SetIndex
        Dimensionless; NaN for samples in which an element was not measured. Its
        classes are those of :func:`ecological_risk_classes`.

    Notes
    -----
    ``InvalidConcentrationError`` is raised if a concentration, background or
    factor is zero, negative or missing.

    References
    ----------
    .. [1] Håkanson, L. (1980). Water Research 14(8), 975-1001.

    Examples
    --------
    >>> import numpy as np
    >>> ecological_risk_index(
    ...     np.array([[0.6, 190.0]]),
    ...     background=np.array([0.3, 95.0]),
    ...     factors=toxic_response_factors(["Cd", "Zn"]),
    ...     elements=["Cd", "Zn"],
    ... ).values
    array([62.])
    """
    each = ecological_risk_factor(
        concentrations, background=background, factors=factors
    )
    return SetIndex("ecological_risk_index", each.sum(axis=-1), tuple(elements))


def ecological_risk_classes(
    factors: FloatArray, *, sum_of_factors: float = SUM_OF_EIGHT_POLLUTANTS
) -> Classes:
    """
    Classes of the risk index for the pollutants that were measured.

    Håkanson's bounds 150, 300 and 600 are of eight pollutants, PCB and Hg among
    them. A sum over fewer cannot reach them as easily: they are multiplied by the
    share of the toxic response factors that is there.

    Parameters
    ----------
    factors : ndarray of shape (n_elements,)
        Toxic response factors of the elements in the index.
    sum_of_factors : float
        Their sum over the pollutants that the bounds were made for.

    Returns
    -------
    Classes
        Published labels with rescaled bounds.

    Raises
    ------
    InvalidConcentrationError
        If a factor is missing.

    References
    ----------
    .. [1] Håkanson, L. (1980). Water Research 14(8), 975-1001.

    Examples
    --------
    Cd, Cu, Pb, Cr and Zn have 43 of 133:

    >>> import numpy as np
    >>> ecological_risk_classes(np.array([30.0, 5, 5, 2, 1])).bounds.round(2)
    array([ 48.5 ,  96.99, 193.98])
    """
    if not factors.size or not np.all(factors > 0):
        msg = (
            f"toxic response factors {factors.tolist()}; expected one above zero for "
            "each element of the index: leave the others out"
        )
        raise InvalidConcentrationError(msg)
    published = classes_of("ecological_risk_index")
    return published.rescaled(float(factors.sum()) / sum_of_factors)


def contamination_degree_classes(n_elements: int) -> Classes:
    """
    Classes of the degree of contamination, with bounds n, 2 n and 4 n.

    Parameters
    ----------
    n_elements : int
        Elements in the sum; the published bounds 8, 16 and 32 are of eight.

    Returns
    -------
    Classes
        Published labels with rescaled bounds.

    References
    ----------
    .. [1] Håkanson, L. (1980). Water Research 14(8), 975-1001.

    Examples
    --------
    >>> contamination_degree_classes(6).bounds
    array([ 6., 12., 24.])
    """
    return classes_of("contamination_degree").rescaled(n_elements / 8)
