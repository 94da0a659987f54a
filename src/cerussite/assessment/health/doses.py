"""Doses by mouth, skin and lungs after US EPA's Risk Assessment Guidance for Superfund."""

import numpy as np

from cerussite.assessment.health.receptors import LIFETIME, Factor, Receptor
from cerussite.core.types import FloatArray

#: Kilograms in a milligram, hours in a day, days in a year.
KG_PER_MG, HOURS, DAYS = 1e-6, 24.0, 365.0


def ingestion_dose(
    concentrations: FloatArray, receptor: Receptor, *, lifetime: bool = False
) -> FloatArray:
    r"""
    Daily dose by swallowed soil.

    .. math:: D = \frac{C \cdot IR \cdot 10^{-6} \cdot EF \cdot ED}{BW \cdot AT}

    Parameters
    ----------
    concentrations : ndarray of shape (..., n_samples, n_elements)
        Concentrations :math:`C` in mg/kg dry mass.
    receptor : Receptor
        Exposure factors; draws of them broadcast along the first axis.
    lifetime : bool
        Average over 70 years, for cancer, instead of the exposure duration.

    Returns
    -------
    ndarray of shape (..., n_samples, n_elements)
        In mg/kg/d.

    References
    ----------
    .. [1] US EPA (1989). Risk Assessment Guidance for Superfund, volume I, part
       A. EPA/540/1-89/002, exhibit 6-14.

    Examples
    --------
    A child swallows 200 mg of soil with 100 mg/kg As on 350 days a year:
    100 x 200e-6 x 350 / (15 x 365).

    >>> from cerussite.assessment.health.receptors import receptor
    >>> dose = ingestion_dose(np.array([[100.0]]), receptor("resident_child"))
    >>> print(dose.round(8))
    [[0.00127854]]
    """
    per_day = receptor.ingestion_rate * KG_PER_MG / receptor.body_weight
    return _times(concentrations, per_day * _share_of_days(receptor, lifetime))


def dermal_dose(
    concentrations: FloatArray,
    receptor: Receptor,
    *,
    absorption: FloatArray,
    lifetime: bool = False,
) -> FloatArray:
    r"""
    Daily dose absorbed from soil on the skin.

    .. math:: D = \frac{C \cdot SA \cdot AF \cdot ABS \cdot 10^{-6} \cdot EF \cdot
       ED}{BW \cdot AT}

    Parameters
    ----------
    concentrations : ndarray of shape (..., n_samples, n_elements)
        Concentrations :math:`C` in mg/kg dry mass.
    receptor : Receptor
        Exposure factors; draws of them broadcast along the first axis.
    absorption : ndarray of shape (n_elements,)
        Fraction :math:`ABS` absorbed through the skin.
    lifetime : bool
        Average over 70 years, for cancer, instead of the exposure duration.

    Returns
    -------
    ndarray of shape (..., n_samples, n_elements)
        Absorbed dose in mg/kg/d, to be held against an absorbed reference dose:
        the oral one times the gastrointestinal absorption.

    References
    ----------
    .. [1] US EPA (2004). Risk Assessment Guidance for Superfund, volume I, part
       E. EPA/540/R/99/005, equations 3.11 and 3.12.

    Examples
    --------
    100 x 2373 x 0.2 x 0.03 x 1e-6 x 350 / (15 x 365):

    >>> from cerussite.assessment.health.receptors import receptor
    >>> dose = dermal_dose(
    ...     np.array([[100.0]]), receptor("resident_child"), absorption=np.array([0.03])
    ... )
    >>> print(dose.round(9))
    [[9.102e-05]]
    """
    stuck = receptor.skin_area * receptor.adherence * KG_PER_MG / receptor.body_weight
    return _times(
        concentrations * absorption, stuck * _share_of_days(receptor, lifetime)
    )


def inhalation_exposure(
    concentrations: FloatArray, receptor: Receptor, *, lifetime: bool = False
) -> FloatArray:
    r"""
    Mean concentration in the air that is breathed, from dust of the soil.

    .. math:: EC = \frac{C}{PEF} \cdot \frac{ET}{24} \cdot \frac{EF \cdot ED}{AT}

    Parameters
    ----------
    concentrations : ndarray of shape (..., n_samples, n_elements)
        Concentrations :math:`C` in mg/kg dry mass.
    receptor : Receptor
        Exposure factors; draws of them broadcast along the first axis.
    lifetime : bool
        Average over 70 years, for cancer, instead of the exposure duration.

    Returns
    -------
    ndarray of shape (..., n_samples, n_elements)
        In mg/m3, to be held against a reference concentration or, in ug/m3, a
        unit risk.

    References
    ----------
    .. [1] US EPA (2009). Risk Assessment Guidance for Superfund, volume I, part
       F. EPA-540-R-070-002, equations 6 and 8.

    Examples
    --------
    1360 / 1.36e9 x 24 / 24 x 350 / 365:

    >>> from cerussite.assessment.health.receptors import receptor
    >>> exposure = inhalation_exposure(np.array([[1360.0]]), receptor("resident_adult"))
    >>> print((1e6 * exposure).round(6))
    [[0.958904]]
    """
    breathed = receptor.exposure_time / HOURS / receptor.particulate_emission_factor
    return _times(concentrations, breathed * _share_of_days(receptor, lifetime))


def inhalation_dose(
    concentrations: FloatArray, receptor: Receptor, *, lifetime: bool = False
) -> FloatArray:
    r"""
    Daily dose by inhaled dust, by the method that Part F has replaced.

    .. math:: D = \frac{C \cdot InhR \cdot EF \cdot ED}{PEF \cdot BW \cdot AT}

    Parameters
    ----------
    concentrations : ndarray of shape (..., n_samples, n_elements)
        Concentrations :math:`C` in mg/kg dry mass.
    receptor : Receptor
        Exposure factors; draws of them broadcast along the first axis.
    lifetime : bool
        Average over 70 years, for cancer, instead of the exposure duration.

    Returns
    -------
    ndarray of shape (..., n_samples, n_elements)
        In mg/kg/d. For comparison with older papers; :func:`health_risk` uses
        :func:`inhalation_exposure`.

    References
    ----------
    .. [1] US EPA (1989). Risk Assessment Guidance for Superfund, volume I, part
       A. EPA/540/1-89/002, exhibit 6-16.

    Examples
    --------
    1360 / 1.36e9 x 20 x 350 / (80 x 365):

    >>> from cerussite.assessment.health.receptors import receptor
    >>> dose = inhalation_dose(np.array([[1360.0]]), receptor("resident_adult"))
    >>> print((1e6 * dose).round(6))
    [[0.239726]]
    """
    breathed = receptor.inhalation_rate / receptor.particulate_emission_factor
    per_day = breathed / receptor.body_weight
    return _times(concentrations, per_day * _share_of_days(receptor, lifetime))


def _share_of_days(receptor: Receptor, lifetime: bool) -> Factor:
    if not lifetime:
        return receptor.exposure_frequency / DAYS
    return receptor.exposure_frequency * receptor.exposure_duration / LIFETIME


def _times(concentrations: FloatArray, factor: Factor) -> FloatArray:
    return concentrations * np.asarray(factor)[..., np.newaxis, np.newaxis]
