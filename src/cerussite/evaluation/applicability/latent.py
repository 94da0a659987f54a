"""Principal components of calibration spectra, and what they say of new ones."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh

from cerussite.core.errors import InvalidSpectraError, InvalidStudyError
from cerussite.core.types import FloatArray
from cerussite.evaluation.applicability.matrices import matrix_flaw

#: Squared residuals below this share of the squared spectrum are rounding.
_ROUNDING = 1e-24


@dataclass(frozen=True, eq=False)
class LatentSpace:
    """
    Mean and principal components of calibration spectra.

    Attributes
    ----------
    centre : ndarray of shape (n_wavelengths,)
        Mean calibration spectrum.
    loadings : ndarray of shape (n_wavelengths, n_components)
        Orthonormal directions, the largest variance first.
    variances : ndarray of shape (n_components,)
        Variances of the calibration scores, with n - 1 in the denominator.
    """

    centre: FloatArray
    loadings: FloatArray
    variances: FloatArray

    def scores(self, X: FloatArray) -> FloatArray:
        """
        Scores of unit variance over the calibration set.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_wavelengths)
            Spectra on the bands of the calibration.

        Returns
        -------
        ndarray of shape (n_samples, n_components)
            Dimensionless; Euclidean distances of them are Mahalanobis distances.

        Raises
        ------
        InvalidSpectraError
            If the bands are others or a value is missing.
        """
        if msg := matrix_flaw(X, n_features=self.centre.size):
            raise InvalidSpectraError(msg)
        return (X - self.centre) @ self.loadings / np.sqrt(self.variances)

    def hotelling(self, X: FloatArray) -> FloatArray:
        r"""
        Hotelling's :math:`T^2 = \sum_a t_a^2 / \lambda_a`.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_wavelengths)
            Spectra on the bands of the calibration.

        Returns
        -------
        ndarray of shape (n_samples,)
            Dimensionless; larger is farther from the calibration mean.

        References
        ----------
        .. [1] Hotelling, H. (1931). The generalization of Student's ratio. Annals
           of Mathematical Statistics 2(3), 360-378.
        """
        return (self.scores(X) ** 2).sum(axis=1)

    def residuals(self, X: FloatArray) -> FloatArray:
        """
        What the components do not describe.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_wavelengths)
            Spectra on the bands of the calibration.

        Returns
        -------
        ndarray of shape (n_samples, n_wavelengths)
            In the unit of the spectra.

        Raises
        ------
        InvalidSpectraError
            If the bands are others or a value is missing.
        """
        if msg := matrix_flaw(X, n_features=self.centre.size):
            raise InvalidSpectraError(msg)
        centred = X - self.centre
        return centred - (centred @ self.loadings) @ self.loadings.T

    def squared_residual(self, X: FloatArray) -> FloatArray:
        """
        Squared norm Q of the residual, also called SPE.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_wavelengths)
            Spectra on the bands of the calibration.

        Returns
        -------
        ndarray of shape (n_samples,)
            In the squared unit of the spectra; zero where only rounding is left.
        """
        squares = (self.residuals(X) ** 2).sum(axis=1)
        return np.where(squares > _ROUNDING * (X**2).sum(axis=1), squares, 0.0)


def fit_latent_space(X: FloatArray, *, n_components: int) -> LatentSpace:
    """
    Principal components of calibration spectra, centred and not scaled.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_wavelengths)
        Calibration spectra.
    n_components : int
        Components to keep.

    Returns
    -------
    LatentSpace
        Fitted to all rows.

    Raises
    ------
    InvalidSpectraError
        If a value is missing.
    InvalidStudyError
        If the spectra vary in fewer directions than asked for, or no direction
        is left to the residual.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[0.0, 0.0], [4.0, 1.0], [8.0, 0.0], [4.0, -1.0]])
    >>> space = fit_latent_space(X, n_components=1)
    >>> space.variances, space.squared_residual(np.array([[9.0, 3.0]]))
    (array([10.66666667]), array([9.]))
    """
    if msg := matrix_flaw(X):
        raise InvalidSpectraError(msg)
    most = min(len(X) - 1, X.shape[1]) - 1
    if not 1 <= n_components <= most:
        msg = (
            f"{n_components} components of {len(X)} spectra with {X.shape[1]} bands; "
            f"expected 1 to {most}, so that a residual is left"
        )
        raise InvalidStudyError(msg)
    centre = X.mean(axis=0)
    squares, loadings = _leading(X - centre, n_components)
    if not squares[-1] > _ROUNDING**0.5 * squares[0]:
        msg = (
            f"spectra vary in fewer than {n_components} directions; expected one "
            "a component; take fewer components"
        )
        raise InvalidStudyError(msg)
    return LatentSpace(centre, loadings, squares / (len(X) - 1))


def components_needed(X: FloatArray, *, share: float) -> int:
    """
    Fewest principal components that hold a share of the variance.

    At most one for every five samples, for later ones describe chance.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_wavelengths)
        Calibration spectra.
    share : float
        Share of the total variance, such as 0.99.

    Returns
    -------
    int
        At least 1, and few enough to leave a residual.

    Raises
    ------
    InvalidSpectraError
        If a value is missing or the spectra are all equal.
    InvalidStudyError
        If the share is no fraction, or there are fewer than five samples or
        two bands.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.diag(np.sqrt([90.0, 9.0, 1.0]))
    >>> components_needed(np.vstack([X, -X]), share=0.9)
    1
    """
    if msg := matrix_flaw(X):
        raise InvalidSpectraError(msg)
    if len(X) < 5 or X.shape[1] < 2 or not 0 < share < 1:
        msg = (
            f"share {share:g} of the variance of {len(X)} spectra with {X.shape[1]} "
            "bands; expected a fraction, at least 5 spectra and 2 bands"
        )
        raise InvalidStudyError(msg)
    if not np.ptp(X, axis=0).any():
        msg = "all spectra are equal; expected different ones; check how they were read"
        raise InvalidSpectraError(msg)
    most = max(1, min(len(X) // 5, X.shape[1] - 1))
    centred = X - X.mean(axis=0)
    squares, _ = _leading(centred, most)
    reached = np.cumsum(squares) >= share * (centred**2).sum()
    return int(np.argmax(reached)) + 1 if reached.any() else most


def _leading(centred: FloatArray, n_components: int) -> tuple[FloatArray, FloatArray]:
    # Squared singular values and right vectors, from the smaller product matrix.
    is_wide = len(centred) <= centred.shape[1]
    product = centred @ centred.T if is_wide else centred.T @ centred
    size = len(product)
    squares, vectors = eigh(product, subset_by_index=[size - n_components, size - 1])
    squares, vectors = np.maximum(squares[::-1], 0.0), vectors[:, ::-1]
    if is_wide:
        vectors = centred.T @ vectors
        norms = np.linalg.norm(vectors, axis=0)
        vectors = vectors / np.where(norms > 0, norms, 1.0)
    return squares, vectors
