"""Variograms: how covariance fades with distance, and what fits best."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize
from scipy.spatial.distance import cdist

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray

#: Correlations at distances in ranges.
FORMS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "exponential": lambda h: np.exp(-h),
    "spherical": lambda h: np.where(h < 1.0, 1.0 - 1.5 * h + 0.5 * h**3, 0.0),
    "matern32": lambda h: (1.0 + np.sqrt(3.0) * h) * np.exp(-np.sqrt(3.0) * h),
}
#: Least share of the nugget, so that samples of one place can differ.
_LEAST_NUGGET = 1e-6
#: Ranges and nuggets the search starts from, ranges in median distances.
_STARTS = [(r, n) for r in (0.03, 0.1, 0.3, 1.0) for n in (0.1, 0.5)]


@dataclass(frozen=True)
class Variogram:
    r"""
    Semivariance :math:`\gamma(h) = s\,(\nu + (1 - \nu)(1 - c(h / \rho)))`.

    Attributes
    ----------
    form : {"exponential", "spherical", "matern32"}
        Correlation :math:`c`.
    length : float
        Range :math:`\rho` in m, along ``azimuth`` where that matters.
    nugget : float
        Share :math:`\nu` of the sill that does not depend on distance.
    sill : float
        Variance :math:`s` far apart, squared unit of the learnt scale.
    ratio : float
        Range across ``azimuth`` as a share of that along it.
    azimuth : float
        Direction of the longest range in degrees, clockwise from north.

    References
    ----------
    .. [1] Chilès, J.-P. and Delfiner, P. (2012). Geostatistics: Modeling Spatial
       Uncertainty. 2nd edition. Wiley, chapter 2.

    Examples
    --------
    >>> variogram = Variogram("spherical", 100.0, 0.25, 4.0)
    >>> print(variogram.semivariance(np.array([50.0, 200.0])))
    [3.0625 4.    ]
    """

    form: str
    length: float
    nugget: float
    sill: float
    ratio: float = 1.0
    azimuth: float = 0.0

    def semivariance(self, distances: FloatArray) -> FloatArray:
        """
        Half the mean squared difference of samples.

        Parameters
        ----------
        distances : ndarray
            Above zero, in m, along ``azimuth``.

        Returns
        -------
        ndarray
            In the squared unit of the learnt scale.
        """
        fading = 1.0 - FORMS[self.form](distances / self.length)
        return self.sill * (self.nugget + (1.0 - self.nugget) * fading)

    def in_ranges(self, places: FloatArray) -> FloatArray:
        """
        Places in units of the range, stretched across ``azimuth``.

        Parameters
        ----------
        places : ndarray of shape (n_samples, n_axes)
            In m; easting and northing where there is an azimuth.

        Returns
        -------
        ndarray of shape (n_samples, n_axes)
            Between these, distances of one are one range.
        """
        if self.ratio == 1.0:
            return places / self.length
        angle = np.radians(self.azimuth)
        along = np.array([np.sin(angle), np.cos(angle)])
        across = np.array([np.cos(angle), -np.sin(angle)])
        turned = places @ np.column_stack([along, across / self.ratio])
        return turned / self.length

    def correlation(self, distances: FloatArray) -> FloatArray:
        """
        Correlation of what lies beneath the nugget.

        Parameters
        ----------
        distances : ndarray
            In ranges.

        Returns
        -------
        ndarray
            At most ``1 - nugget``.
        """
        return (1.0 - self.nugget) * FORMS[self.form](distances)


def restricted_likelihood(
    variogram: Variogram, places: FloatArray, trend: FloatArray, z: FloatArray
) -> tuple[float, float]:
    r"""
    Restricted log likelihood, the sill at its best.

    With correlations :math:`C`, trend :math:`F` of :math:`q` columns and
    generalised least squares residuals :math:`e`, the best sill is
    :math:`s = e^\top C^{-1} e / (n - q)` and the log likelihood, up to a
    constant, :math:`-\frac12((n - q) \ln s + \ln|C| + \ln|F^\top C^{-1} F|)` [1]_.

    Parameters
    ----------
    variogram : Variogram
        Its sill is not looked at.
    places : ndarray of shape (n_samples, n_axes)
        In m.
    trend : ndarray of shape (n_samples, n_terms)
        A column of ones, and drifts.
    z : ndarray of shape (n_samples,)
        Response on the learnt scale.

    Returns
    -------
    tuple of (float, float)
        Log likelihood, larger is better, and the best sill.

    References
    ----------
    .. [1] Harville, D. A. (1977). Maximum likelihood approaches to variance
       component estimation. Journal of the American Statistical Association
       72(358), 320-338.
    """
    n, q = trend.shape
    factor = cho_factor(correlations(variogram, places), lower=True)
    solved = cho_solve(factor, trend)
    inner = cho_factor(trend.T @ solved, lower=True)
    residuals = z - trend @ cho_solve(inner, solved.T @ z)
    sill = float(residuals @ cho_solve(factor, residuals)) / (n - q)
    logs = sum(2.0 * np.log(np.diag(one[0])).sum() for one in (factor, inner))
    return -0.5 * float((n - q) * np.log(sill) + logs), sill


def correlations(variogram: Variogram, places: FloatArray) -> FloatArray:
    """
    Correlations of measured values, nugget on the diagonal.

    Parameters
    ----------
    variogram : Variogram
        Form, range and nugget.
    places : ndarray of shape (n_samples, n_axes)
        In m.

    Returns
    -------
    ndarray of shape (n_samples, n_samples)
        Ones on the diagonal.
    """
    points = variogram.in_ranges(places)
    total = variogram.correlation(cdist(points, points))
    np.fill_diagonal(total, 1.0)
    return total


def independent(trend: FloatArray) -> FloatArray:
    """
    Combinations of terms that leave nothing said twice.

    Levels of a category add up to the constant; the restricted likelihood and
    predictions do not depend on how a trend is written.

    Parameters
    ----------
    trend : ndarray of shape (n_samples, n_terms)
        A column of ones, and drifts.

    Returns
    -------
    ndarray of shape (n_terms, n_independent)
        ``trend`` times these has orthonormal columns.

    Examples
    --------
    >>> independent(np.ones((4, 2))).shape
    (2, 1)
    """
    _, s, Vt = np.linalg.svd(trend, full_matrices=False)
    keep = s > 1e-10 * s[0]
    return Vt[keep].T / s[keep]


def fit_variogram(
    places: FloatArray,
    trend: FloatArray,
    z: FloatArray,
    *,
    form: str,
    is_anisotropic: bool = False,
) -> Variogram:
    """
    Variogram of the largest restricted likelihood.

    Parameters
    ----------
    places : ndarray of shape (n_samples, n_axes)
        In m.
    trend : ndarray of shape (n_samples, n_terms)
        A column of ones, and drifts.
    z : ndarray of shape (n_samples,)
        Response on the learnt scale.
    form : {"exponential", "spherical", "matern32"}
        Correlation that is fitted.
    is_anisotropic : bool
        Learn also a direction of the longest range; in the plane only.

    Returns
    -------
    Variogram
        Pure nugget where the response does not vary.

    Raises
    ------
    InvalidStudyError
        If the form is unknown, or places with a direction do not lie in a plane.
    """
    if form not in FORMS or (is_anisotropic and places.shape[1] != 2):
        msg = (
            f"variogram {form!r} of {places.shape[1]} coordinates, anisotropic: "
            f"{is_anisotropic}; expected one of {', '.join(FORMS)}, and projected "
            "easting and northing for a direction"
        )
        raise InvalidStudyError(msg)
    trend = trend @ independent(trend)
    step = -(-len(places) // 500)
    apart = cdist(places[::step], places[::step])
    unit = float(np.median(apart[apart > 0])) if apart.any() else 1.0
    if np.ptp(z - trend @ (trend.T @ z)) < 1e-12:
        return Variogram(form, unit, 1.0, 0.0)

    def _at(vector: FloatArray) -> Variogram:
        length = unit * np.exp(np.clip(vector[0], -9.0, 4.0))
        nugget = 1.0 / (1.0 + np.exp(-np.clip(vector[1], -14.0, 14.0)))
        nugget = float(np.clip(nugget, _LEAST_NUGGET, 1.0 - _LEAST_NUGGET))
        if not is_anisotropic:
            return Variogram(form, float(length), nugget, 1.0)
        # Sine and cosine of twice the angle, so that the search has no edge.
        ratio = float(np.exp(-np.hypot(*vector[2:])))
        azimuth = np.degrees(np.arctan2(vector[3], vector[2])) / 2.0
        return Variogram(
            form, float(length), nugget, 1.0, ratio, float(azimuth % 180.0)
        )

    def _loss(vector: FloatArray) -> float:
        return -restricted_likelihood(_at(vector), places, trend, z)[0]

    tail = [0.3, 0.3] if is_anisotropic else []
    starts = [
        np.array([np.log(length), np.log(nugget / (1.0 - nugget)), *tail])
        for length, nugget in _STARTS
    ]
    first = min(starts, key=_loss)
    options = {"xatol": 1e-3, "fatol": 1e-4, "maxiter": 200}
    best = _at(minimize(_loss, first, method="Nelder-Mead", options=options).x)
    sill = restricted_likelihood(best, places, trend, z)[1]
    return Variogram(form, best.length, best.nugget, sill, best.ratio, best.azimuth)
