"""Principal components of log-ratios, for data that are parts of a whole."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import helmert
from sklearn.covariance import MinCovDet

from cerussite.apportionment.principal_components import complete_values, varimax
from cerussite.apportionment.receptor_data import ReceptorData
from cerussite.core.errors import InvalidConcentrationError, InvalidStudyError
from cerussite.core.types import FloatArray


@dataclass(frozen=True, eq=False)
class LogRatioComponents:
    """
    Rotated robust components of log-ratios.

    Attributes
    ----------
    scores : ndarray of shape (n_samples, n_factors)
        Of the samples, standardised by the robust covariance.
    loadings : ndarray of shape (n_species, n_factors)
        Centred log-ratio loadings after varimax; each column sums to zero.
    explained : ndarray of shape (n_factors,)
        Share of the robust total variance.
    """

    scores: FloatArray
    loadings: FloatArray
    explained: FloatArray


def centred_log_ratios(values: FloatArray) -> FloatArray:
    """
    Logarithms of parts over the geometric mean of their sample.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_species)
        Above zero.

    Returns
    -------
    ndarray of shape (n_samples, n_species)
        Rows sum to zero; units cancel only if all species share one.

    Raises
    ------
    InvalidConcentrationError
        If a value is not above zero.

    References
    ----------
    .. [1] Aitchison, J. (1982). The statistical analysis of compositional data.
       Journal of the Royal Statistical Society B 44(2), 139-160.

    Examples
    --------
    >>> import numpy as np
    >>> centred_log_ratios(np.array([[1.0, np.e**2]]))
    array([[-1.,  1.]])
    """
    n_bad = int((~(values > 0)).sum())
    if n_bad:
        msg = (
            f"{n_bad} values are not above zero; expected parts of a whole: replace "
            "those below the detection limit by a share of it first"
        )
        raise InvalidConcentrationError(msg)
    logarithms = np.log(values)
    return logarithms - logarithms.mean(axis=1, keepdims=True)


def log_ratio_components(
    data: ReceptorData, n_factors: int, *, random_state: int = 0
) -> LogRatioComponents:
    """
    Robust principal components of a composition, rotated by varimax.

    The minimum covariance determinant of isometric log-ratios, its components
    expressed as centred log-ratios [1]_: outliers and the closure of parts to a
    whole do not make the correlations.

    Parameters
    ----------
    data : ReceptorData
        Above zero and without gaps. Other units of a species shift all samples
        alike and change nothing.
    n_factors : int
        Number of components, fewer than species.
    random_state : int
        Seed of the search for the covariance.

    Returns
    -------
    LogRatioComponents
        A score is high where species with high loadings prevail. Signs are such
        that the largest loading is positive.

    Raises
    ------
    InvalidStudyError
        If there are as many components as species, or too few samples for a
        robust covariance (five a species).

    References
    ----------
    .. [1] Filzmoser, P., Hron, K. and Reimann, C. (2009). Principal component
       analysis for compositional data with outliers. Environmetrics 20(6),
       621-632.
    """
    values = complete_values(data)
    n_samples, n_species = values.shape
    if not 1 <= n_factors < n_species or n_samples < 5 * n_species:
        msg = (
            f"{n_factors} components of {n_samples} samples and {n_species} species; "
            f"expected fewer components than species, and {5 * n_species} samples or more"
        )
        raise InvalidStudyError(msg)
    basis = helmert(n_species).T
    ratios = centred_log_ratios(values) @ basis
    robust = MinCovDet(random_state=random_state).fit(ratios)
    variances, vectors = np.linalg.eigh(robust.covariance_)
    variances, vectors = variances[::-1], vectors[:, ::-1]
    kept, chosen = variances[:n_factors], vectors[:, :n_factors]
    loadings, rotation = varimax(basis @ chosen * np.sqrt(kept))
    scores = (ratios - robust.location_) @ chosen / np.sqrt(kept) @ rotation
    largest = np.abs(loadings).argmax(axis=0)
    signs = np.sign(loadings[largest, np.arange(n_factors)])
    explained = (loadings**2).sum(axis=0) / variances.sum()
    order = np.argsort(-explained, kind="stable")
    return LogRatioComponents(
        (scores * signs)[:, order], (loadings * signs)[:, order], explained[order]
    )
