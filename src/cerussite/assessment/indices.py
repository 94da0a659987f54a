"""Indices against a background: contamination, pollution load, geoaccumulation."""

from collections.abc import Sequence

import numpy as np

from cerussite.assessment.checks import check_background, check_concentrations
from cerussite.assessment.sets import SetIndex
from cerussite.core.types import FloatArray

#: Allowance for natural variation of the background (Müller, 1986).
LITHOGENIC_FACTOR = 1.5


def contamination_factor(
    concentrations: FloatArray, *, background: FloatArray
) -> FloatArray:
    r"""
    Contamination factor :math:`CF = C / B`.

    Parameters
    ----------
    concentrations : ndarray of shape (..., n_samples, n_elements)
        Concentrations :math:`C` in mg/kg dry mass, or draws of them along a
        first axis; NaN where not measured.
    background : ndarray of shape (n_elements,)
        Background :math:`B` in mg/kg dry mass. No default: the choice decides
        the answer and belongs to the caller.

    Returns
    -------
    ndarray of the shape of ``concentrations``
        Dimensionless; 1 at the background.

    Notes
    -----
    ``InvalidConcentrationError`` is raised if a concentration or a background
    is zero, negative or infinite.

    References
    ----------
    .. [1] Håkanson, L. (1980). Water Research 14(8), 975-1001.

    Examples
    --------
    >>> import numpy as np
    >>> contamination_factor(np.array([[60.0, 47.5]]), background=np.array([20.0, 95.0]))
    array([[3. , 0.5]])
    """
    check_concentrations(concentrations)
    check_background(background, concentrations.shape)
    return concentrations / background


def geoaccumulation_index(
    concentrations: FloatArray, *, background: FloatArray
) -> FloatArray:
    r"""
    Geoaccumulation index :math:`I_{geo} = \log_2 (C / 1.5 B)`.

    Parameters
    ----------
    concentrations : ndarray of shape (..., n_samples, n_elements)
        Concentrations :math:`C` in mg/kg dry mass, or draws of them along a
        first axis; NaN where not measured.
    background : ndarray of shape (n_elements,)
        Background :math:`B` in mg/kg dry mass.

    Returns
    -------
    ndarray of the shape of ``concentrations``
        Dimensionless; <= 0 means unpolluted.

    Notes
    -----
    ``InvalidConcentrationError`` is raised if a concentration or a background
    is zero, negative or infinite.

    References
    ----------
    .. [1] Müller, G. (1986). Mitteilungen der Österreichischen Geologischen
       Gesellschaft 79, 107-126.

    Examples
    --------
    >>> import numpy as np
    >>> geoaccumulation_index(np.array([[1.5], [6.0]]), background=np.array([1.0]))
    array([[0.],
           [2.]])
    """
    check_concentrations(concentrations)
    check_background(background, concentrations.shape)
    return np.log2(concentrations / (LITHOGENIC_FACTOR * background))


def contamination_degree(
    concentrations: FloatArray, *, background: FloatArray, elements: Sequence[str]
) -> SetIndex:
    r"""
    Degree of contamination :math:`C_{deg} = \sum CF`.

    Parameters
    ----------
    concentrations : ndarray of shape (..., n_samples, n_elements)
        Concentrations in mg/kg dry mass, or draws of them along a first axis;
        NaN where not measured.
    background : ndarray of shape (n_elements,)
        Background in mg/kg dry mass.
    elements : sequence of str
        Names of the columns; stored with the value.

    Returns
    -------
    SetIndex
        Dimensionless; NaN for samples in which an element was not measured.

    Notes
    -----
    ``InvalidConcentrationError`` is raised if a concentration or a background
    is zero, negative or infinite.

    References
    ----------
    .. [1] Håkanson, L. (1980). Water Research 14(8), 975-1001.

    Examples
    --------
    >>> import numpy as np
    >>> found = contamination_degree(
    ...     np.array([[60.0, 47.5]]),
    ...     background=np.array([20.0, 95.0]),
    ...     elements=["Pb", "Zn"],
    ... )
    >>> found.values, found.elements
    (array([3.5]), ('Pb', 'Zn'))
    """
    factors = contamination_factor(concentrations, background=background)
    return SetIndex("contamination_degree", factors.sum(axis=-1), tuple(elements))


def modified_contamination_degree(
    concentrations: FloatArray, *, background: FloatArray, elements: Sequence[str]
) -> SetIndex:
    r"""
    Modified degree of contamination :math:`mC_d = \sum CF / n`.

    Parameters
    ----------
    concentrations : ndarray of shape (..., n_samples, n_elements)
        Concentrations in mg/kg dry mass, or draws of them along a first axis;
        NaN where not measured.
    background : ndarray of shape (n_elements,)
        Background in mg/kg dry mass.
    elements : sequence of str
        Names of the columns; stored with the value.

    Returns
    -------
    SetIndex
        Dimensionless; NaN for samples in which an element was not measured.

    Notes
    -----
    ``InvalidConcentrationError`` is raised if a concentration or a background
    is zero, negative or infinite.

    References
    ----------
    .. [1] Abrahim, G. M. S. and Parker, R. J. (2008). Environmental Monitoring
       and Assessment 136, 227-238.

    Examples
    --------
    >>> import numpy as np
    >>> modified_contamination_degree(
    ...     np.array([[60.0, 47.5]]),
    ...     background=np.array([20.0, 95.0]),
    ...     elements=["Pb", "Zn"],
    ... ).values
    array([1.75])
    """
    factors = contamination_factor(concentrations, background=background)
    return SetIndex("modified_degree", factors.mean(axis=-1), tuple(elements))


def pollution_load_index(
    concentrations: FloatArray, *, background: FloatArray, elements: Sequence[str]
) -> SetIndex:
    r"""
    Pollution load index :math:`PLI = (\prod CF)^{1/n}`.

    Computed as :math:`\exp(\overline{\ln CF})`, which does not overflow.

    Parameters
    ----------
    concentrations : ndarray of shape (..., n_samples, n_elements)
        Concentrations in mg/kg dry mass, or draws of them along a first axis;
        NaN where not measured.
    background : ndarray of shape (n_elements,)
        Background in mg/kg dry mass.
    elements : sequence of str
        Names of the columns; stored with the value, for the index of other
        metals is another quantity.

    Returns
    -------
    SetIndex
        Dimensionless; 1 at the background. NaN for samples in which an element
        was not measured.

    Notes
    -----
    ``InvalidConcentrationError`` is raised if a concentration or a background
    is zero, negative or infinite.

    References
    ----------
    .. [1] Tomlinson, D. L., Wilson, J. G., Harris, C. R. and Jeffrey, D. W.
       (1980). Helgoländer Meeresuntersuchungen 33, 566-575.

    Examples
    --------
    >>> import numpy as np
    >>> found = pollution_load_index(
    ...     np.array([[80.0, 95.0]]),
    ...     background=np.array([20.0, 95.0]),
    ...     elements=["Pb", "Zn"],
    ... )
    >>> found.values, found.elements
    (array([2.]), ('Pb', 'Zn'))
    """
    factors = contamination_factor(concentrations, background=background)
    load = np.exp(np.log(factors).mean(axis=-1))
    return SetIndex("pollution_load_index", load, tuple(elements))
