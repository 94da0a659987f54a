"""Enrichment against a reference element, and whether that element predicts the metal."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from cerussite.assessment.checks import check_background, check_concentrations
from cerussite.assessment.quotients import root_mean_and_maximum
from cerussite.assessment.sets import SetIndex
from cerussite.core.errors import InvalidConcentrationError
from cerussite.core.types import BoolArray, FloatArray, IntArray

#: Rank correlation that a reference element needs before a verdict is given.
LEAST_RANK_CORRELATION = 0.5
#: Samples that a rank correlation needs before it says anything.
LEAST_SAMPLES = 10
#: Two-sided level at which the rank correlation must differ from zero.
SIGNIFICANCE = 0.05


@dataclass(frozen=True, eq=False)
class ReferencePrediction:
    """
    How well a reference element predicts the other elements.

    Attributes
    ----------
    reference : str
        The reference element.
    elements : tuple of str
        The others.
    n_samples : ndarray of int, shape (n_elements,)
        Samples in which both were measured.
    rank_correlation : ndarray of shape (n_elements,)
        Spearman's rank correlation; NaN where it cannot be computed.
    r2_log : ndarray of shape (n_elements,)
        Squared correlation of the logarithms.
    predicts : ndarray of bool, shape (n_elements,)
        True where a verdict on the enrichment may be given.
    """

    reference: str
    elements: tuple[str, ...]
    n_samples: IntArray
    rank_correlation: FloatArray
    r2_log: FloatArray
    predicts: BoolArray

    def reason(self, position: int) -> str:
        """
        Why the verdict on an element is withheld.

        Parameters
        ----------
        position : int
            Position in ``elements``.

        Returns
        -------
        str
            Words for the report; empty where the verdict is given.
        """
        if self.predicts[position]:
            return ""
        return (
            f"{self.reference} does not predict {self.elements[position]}: rank "
            f"correlation {self.rank_correlation[position]:.2f} in "
            f"{self.n_samples[position]} samples"
        )


def enrichment_factor(
    concentrations: FloatArray,
    reference: FloatArray,
    *,
    background: FloatArray,
    reference_background: float,
) -> FloatArray:
    r"""
    Enrichment factor :math:`EF = (C / R)_{sample} / (C / R)_{background}`.

    Parameters
    ----------
    concentrations : ndarray of shape (..., n_samples, n_elements)
        Concentrations :math:`C` in mg/kg dry mass, or draws of them along a
        first axis; NaN where not measured.
    reference : ndarray of shape (..., n_samples)
        Concentrations :math:`R` of the reference element (Al, Fe, Ti, Sc, Li, Zr)
        in mg/kg dry mass, by the same procedure.
    background : ndarray of shape (n_elements,)
        Background of the elements in mg/kg dry mass.
    reference_background : float
        Background of the reference element in mg/kg dry mass, of the same
        source.

    Returns
    -------
    ndarray of the shape of ``concentrations``
        Dimensionless; 1 at the background. No verdict before
        :func:`reference_prediction` allows it.

    Notes
    -----
    ``InvalidConcentrationError`` is raised if a concentration or a background
    is zero, negative or infinite.

    References
    ----------
    .. [1] Sutherland, R. A. (2000). Environmental Geology 39(6), 611-627.

    Examples
    --------
    Twice the lead of shale in a sediment with half its aluminium:

    >>> import numpy as np
    >>> enrichment_factor(
    ...     np.array([[40.0]]),
    ...     np.array([40000.0]),
    ...     background=np.array([20.0]),
    ...     reference_background=80000.0,
    ... )
    array([[4.]])
    """
    check_concentrations(concentrations)
    check_concentrations(reference[..., np.newaxis])
    check_background(background, concentrations.shape)
    check_background(
        np.array([reference_background]), (1,), name="reference background"
    )
    relative = reference / reference_background
    return concentrations / background / relative[..., np.newaxis]


def modified_pollution_index(
    enrichment: FloatArray, *, elements: Sequence[str]
) -> SetIndex:
    r"""
    Modified pollution index :math:`\sqrt{(\overline{EF}^2 + EF_{max}^2) / 2}`.

    Parameters
    ----------
    enrichment : ndarray of shape (..., n_samples, n_elements)
        Enrichment factors (dimensionless).
    elements : sequence of str
        Names of the columns; stored with the value.

    Returns
    -------
    SetIndex
        Dimensionless; NaN for samples in which an element was not measured.

    References
    ----------
    .. [1] Brady, J. P. et al. (2015). Ecotoxicology and Environmental Safety 116,
       143.

    Examples
    --------
    >>> import numpy as np
    >>> factors = np.array([[7.0, 3.0]])
    >>> modified_pollution_index(factors, elements=["Cu", "Pb"]).values.round(4)
    array([6.0828])
    """
    values = root_mean_and_maximum(enrichment)
    return SetIndex("modified_pollution_index", values, tuple(elements))


def reference_prediction(
    concentrations: FloatArray,
    *,
    elements: Sequence[str],
    reference: str,
    least_rank_correlation: float = LEAST_RANK_CORRELATION,
) -> ReferencePrediction:
    """
    Whether a reference element predicts the others in the samples at hand.

    An enrichment factor divides by what grain size and mineralogy bring along.
    Where metal and reference element do not go together there is nothing to
    divide by, and a verdict is withheld: it needs Spearman's rank correlation
    of at least ``least_rank_correlation``, two-sided significant at 5 %, from
    at least 10 samples. These limits are choices of this package.

    Parameters
    ----------
    concentrations : ndarray of shape (n_samples, n_elements)
        Concentrations in mg/kg dry mass, the reference element among them; NaN
        where not measured.
    elements : sequence of str
        Names of the columns.
    reference : str
        The reference element.
    least_rank_correlation : float
        Between 0 and 1.

    Returns
    -------
    ReferencePrediction
        One entry for each element but the reference.

    Raises
    ------
    InvalidConcentrationError
        If the reference element was not measured, or a concentration is zero,
        negative or infinite.

    Examples
    --------
    >>> import numpy as np
    >>> aluminium = np.arange(1.0, 13.0)
    >>> lead = 10 * aluminium
    >>> found = reference_prediction(
    ...     np.column_stack([aluminium, lead]), elements=["Al", "Pb"], reference="Al"
    ... )
    >>> found.elements, found.rank_correlation, found.predicts
    (('Pb',), array([1.]), array([ True]))
    """
    if reference not in elements:
        msg = (
            f"reference element {reference} is not among the measured elements "
            f"{', '.join(elements)}; choose one of them"
        )
        raise InvalidConcentrationError(msg)
    check_concentrations(concentrations, elements=elements)
    others = [position for position, name in enumerate(elements) if name != reference]
    base = concentrations[:, list(elements).index(reference)]
    rows = [_agreement(base, concentrations[:, position]) for position in others]
    n_samples, correlation, p_values, r2_log = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    predicts = (
        (n_samples >= LEAST_SAMPLES)
        & (correlation >= least_rank_correlation)
        & (p_values < SIGNIFICANCE)
    )
    names = tuple(elements[position] for position in others)
    return ReferencePrediction(
        reference, names, n_samples, correlation, r2_log, predicts
    )


def _agreement(base: FloatArray, metal: FloatArray) -> tuple[int, float, float, float]:
    """Samples, rank correlation, its p-value, and R2 of logarithms."""
    measured = ~(np.isnan(base) | np.isnan(metal))
    n_samples = int(measured.sum())
    x, z = base[measured], metal[measured]
    if n_samples < 3 or np.ptp(x) == 0 or np.ptp(z) == 0:
        return n_samples, np.nan, np.nan, np.nan
    ranked = stats.spearmanr(x, z)
    r2_log = np.corrcoef(np.log(x), np.log(z))[0, 1] ** 2
    return n_samples, float(ranked.statistic), float(ranked.pvalue), float(r2_log)
