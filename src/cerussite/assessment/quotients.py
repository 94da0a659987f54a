"""Indices against guidelines: quotients, Nemerow and toxic risk."""

from collections.abc import Sequence

import numpy as np

from cerussite.assessment.checks import check_background, check_concentrations
from cerussite.assessment.sets import SetIndex
from cerussite.core.types import FloatArray


def guideline_quotient(
    concentrations: FloatArray, *, guideline: FloatArray
) -> FloatArray:
    """
    Concentration over guideline, one value an element.

    Parameters
    ----------
    concentrations : ndarray of shape (..., n_samples, n_elements)
        Concentrations in mg/kg dry mass, or draws of them along a first axis;
        NaN where not measured.
    guideline : ndarray of shape (n_elements,) or (n_samples, n_elements)
        Guideline in mg/kg dry mass.

    Returns
    -------
    ndarray of the shape of ``concentrations``
        Dimensionless; above 1 the guideline is exceeded.

    Notes
    -----
    ``InvalidConcentrationError`` is raised if a concentration or a guideline is
    zero, negative or infinite.

    Examples
    --------
    >>> import numpy as np
    >>> guideline_quotient(np.array([[64.0]]), guideline=np.array([128.0]))
    array([[0.5]])
    """
    check_concentrations(concentrations)
    check_background(guideline, concentrations.shape, name="guideline")
    return concentrations / guideline


def mean_guideline_quotient(
    concentrations: FloatArray,
    *,
    guideline: FloatArray,
    elements: Sequence[str],
    index: str = "mean_guideline_quotient",
) -> SetIndex:
    r"""
    Mean quotient :math:`\sum (C / G) / n`: mean ERM, PEC or PEL quotient.

    Parameters
    ----------
    concentrations : ndarray of shape (..., n_samples, n_elements)
        Concentrations :math:`C` in mg/kg dry mass, or draws of them along a
        first axis; NaN where not measured.
    guideline : ndarray of shape (n_elements,) or (n_samples, n_elements)
        Guideline :math:`G` in mg/kg dry mass, all of one standard.
    elements : sequence of str
        Names of the columns; stored with the value.
    index : str
        Name of the index: ``"mean_erm_quotient"``, ``"mean_pec_quotient"`` or
        ``"mean_pel_quotient"`` have classes.

    Returns
    -------
    SetIndex
        Dimensionless; NaN for samples in which an element was not measured.

    Notes
    -----
    ``InvalidConcentrationError`` is raised if a concentration or a guideline is
    zero, negative or infinite.

    The published quotients include organic pollutants; of metals alone they are
    another set, as the stored elements say.

    References
    ----------
    .. [1] Long, E. R. and MacDonald, D. D. (1998). Human and Ecological Risk
       Assessment 4(5), 1019-1039.
    .. [2] MacDonald, D. D., Ingersoll, C. G. and Berger, T. A. (2000). Archives
       of Environmental Contamination and Toxicology 39, 20-31.

    Examples
    --------
    >>> import numpy as np
    >>> mean_guideline_quotient(
    ...     np.array([[64.0, 918.0]]),
    ...     guideline=np.array([128.0, 459.0]),
    ...     elements=["Pb", "Zn"],
    ... ).values
    array([1.25])
    """
    quotients = guideline_quotient(concentrations, guideline=guideline)
    return SetIndex(index, quotients.mean(axis=-1), tuple(elements))


def nemerow_index(
    concentrations: FloatArray, *, guideline: FloatArray, elements: Sequence[str]
) -> SetIndex:
    r"""
    Nemerow index :math:`\sqrt{(\bar P^2 + P_{max}^2) / 2}` with :math:`P = C / S`.

    Parameters
    ----------
    concentrations : ndarray of shape (..., n_samples, n_elements)
        Concentrations :math:`C` in mg/kg dry mass, or draws of them along a
        first axis; NaN where not measured.
    guideline : ndarray of shape (n_elements,) or (n_samples, n_elements)
        Standard :math:`S` in mg/kg dry mass; a background is used too, and gives
        another index.
    elements : sequence of str
        Names of the columns; stored with the value.

    Returns
    -------
    SetIndex
        Dimensionless; NaN for samples in which an element was not measured.

    Notes
    -----
    ``InvalidConcentrationError`` is raised if a concentration or a standard is
    zero, negative or infinite.

    References
    ----------
    .. [1] Nemerow, N. L. (1974). Scientific Stream Pollution Analysis.
       McGraw-Hill, New York.

    Examples
    --------
    P = 7 and 3: mean 5, maximum 7, and the root of (25 + 49) / 2 is 6.0828.

    >>> import numpy as np
    >>> nemerow_index(
    ...     np.array([[70.0, 90.0]]),
    ...     guideline=np.array([10.0, 30.0]),
    ...     elements=["Cu", "Pb"],
    ... ).values.round(4)
    array([6.0828])
    """
    quotients = guideline_quotient(concentrations, guideline=guideline)
    return SetIndex("nemerow_index", root_mean_and_maximum(quotients), tuple(elements))


def toxic_risk_index(
    concentrations: FloatArray,
    *,
    threshold: FloatArray,
    probable: FloatArray,
    elements: Sequence[str],
) -> SetIndex:
    r"""
    Toxic risk index :math:`\sum \sqrt{((C/TEL)^2 + (C/PEL)^2) / 2}`.

    Parameters
    ----------
    concentrations : ndarray of shape (..., n_samples, n_elements)
        Concentrations :math:`C` in mg/kg dry mass, or draws of them along a
        first axis; NaN where not measured.
    threshold, probable : ndarray of shape (n_elements,)
        Threshold (TEL) and probable (PEL) effect level in mg/kg dry mass, of the
        same medium.
    elements : sequence of str
        Names of the columns; stored with the value.

    Returns
    -------
    SetIndex
        Dimensionless; NaN for samples in which an element was not measured.

    Notes
    -----
    ``InvalidConcentrationError`` is raised if a concentration or a level is
    zero, negative or infinite.

    References
    ----------
    .. [1] Zhang, G. et al. (2016). Heavy metals in wetland soils along a
       wetland-forming chronosequence in the Yellow River Delta of China.

    Examples
    --------
    C / TEL = 7 and C / PEL = 1: the root of (49 + 1) / 2 is 5.

    >>> import numpy as np
    >>> toxic_risk_index(
    ...     np.array([[7.0]]),
    ...     threshold=np.array([1.0]),
    ...     probable=np.array([7.0]),
    ...     elements=["Cd"],
    ... ).values
    array([5.])
    """
    check_concentrations(concentrations, elements=elements)
    for name, levels in (("threshold", threshold), ("probable", probable)):
        check_background(levels, (len(elements),), name=f"{name} effect level")
    # Both quotients of an element share its concentration: C times one constant.
    each = np.sqrt((threshold**-2.0 + probable**-2.0) / 2)
    return SetIndex("toxic_risk_index", concentrations @ each, tuple(elements))


def root_mean_and_maximum(values: FloatArray) -> FloatArray:
    r"""
    Root of the mean of squared mean and squared maximum, over the last axis.

    Parameters
    ----------
    values : ndarray of shape (..., n_elements)
        Quotients or enrichment factors (dimensionless).

    Returns
    -------
    ndarray of shape (...)
        :math:`\sqrt{(\bar x^2 + x_{max}^2) / 2}`; NaN where a value is missing.

    Examples
    --------
    >>> import numpy as np
    >>> root_mean_and_maximum(np.array([[7.0, 1.0]]))
    array([5.70087713])
    """
    return np.sqrt((values.mean(axis=-1) ** 2 + values.max(axis=-1) ** 2) / 2)
