"""Spectra of one instrument as another would have recorded them: whole spectra."""

import numpy as np

from cerussite.core.types import FloatArray
from cerussite.transfer.standards import (
    Standardisation,
    refuse_other_bands,
    squared_shape,
)

#: Singular values below this share of the largest carry rounding errors only.
_RANK = 1e-10


class DirectStandardisation(Standardisation):
    r"""
    Regress every primary band on the whole secondary spectrum.

    :math:`X_p = \bar x_p + (X_s - \bar x_s) F` with :math:`F` by principal
    components regression on the standards [1]_; the means take up an additive
    background. For any difference between instruments, other grids included, and
    many varied standards: what they do not span is lost.

    Parameters
    ----------
    n_components : int or None
        Principal components of the secondary standards; None takes the number
        that predicts standards left out best (ten folds, every tenth standard).

    Attributes
    ----------
    n_components_ : int
        Components kept.
    secondary_mean_, primary_mean_ : ndarray of shape (n_wavelengths,)
        Means of the standards.
    weights_ : ndarray of shape (n_wavelengths, n_components)
        What makes scores of centred secondary spectra.
    loadings_ : ndarray of shape (n_components, n_primary_wavelengths)
        What makes centred primary spectra of the scores.
    n_features_in_ : int
        Number of secondary bands.

    References
    ----------
    .. [1] Wang, Y., Veltkamp, D. J. and Kowalski, B. R. (1991). Multivariate
       instrument standardization. Analytical Chemistry 63(23), 2750-2756.

    Examples
    --------
    >>> import numpy as np
    >>> primary = np.array([[1.0, 2.0], [2.0, 3.0], [4.0, 5.0]])
    >>> secondary = 2 * primary[:, ::-1] + 1
    >>> ds = DirectStandardisation(n_components=1).fit(secondary, primary)
    >>> print(ds.transform(np.array([[9.0, 7.0]])).round(6))
    [[3. 4.]]
    """

    def __init__(self, n_components: int | None = None) -> None:
        self.n_components = n_components

    def _most(self, X: FloatArray) -> int:
        return _rank(X - X.mean(axis=0))

    def _squared_errors(
        self, X: FloatArray, y: FloatArray, X_out: FloatArray, y_out: FloatArray,
        *, most: int,
    ) -> FloatArray:  # fmt: skip
        weights, loadings = _components(X - X.mean(axis=0), y - y.mean(axis=0), most)
        scores = (X_out - X.mean(axis=0)) @ weights
        residual = y_out - y.mean(axis=0)
        squared = np.empty(most)
        for k in range(most):
            residual = residual - np.outer(scores[:, k], loadings[k])
            squared[k] = squared_shape(residual)
        return squared

    def _learn(self, X: FloatArray, y: FloatArray, n_components: int) -> None:
        self.secondary_mean_, self.primary_mean_ = X.mean(axis=0), y.mean(axis=0)
        self.weights_, self.loadings_ = _components(
            X - self.secondary_mean_, y - self.primary_mean_, n_components
        )

    def _apply(self, X: FloatArray) -> FloatArray:
        scores = (X - self.secondary_mean_) @ self.weights_
        return self.primary_mean_ + scores @ self.loadings_


class SpectralSpaceTransformation(Standardisation):
    r"""
    Move spectra along the difference of the spaces that two instruments span.

    The loadings :math:`P_s` and :math:`P_p` are the two halves of the right
    singular vectors of the standards side by side, :math:`[X_s, X_p]`, and
    :math:`X_p = X_s + X_s (P_s^\top)^+ (P_p - P_s)^\top` [1]_. What the standards
    do not span stays as it was instead of getting lost.

    Parameters
    ----------
    n_components : int or None
        Dimensions of the common space; None takes the number that predicts
        standards left out best (ten folds, every tenth standard).

    Attributes
    ----------
    n_components_ : int
        Dimensions kept.
    weights_ : ndarray of shape (n_wavelengths, n_components)
        What makes scores of secondary spectra.
    differences_ : ndarray of shape (n_components, n_wavelengths)
        Primary minus secondary loadings.
    n_features_in_ : int
        Number of bands.

    References
    ----------
    .. [1] Du, W., Chen, Z.-P., Zhong, L.-J., Wang, S.-X., Yu, R.-Q., Nordon, A.,
       Littlejohn, D. and Holden, M. (2011). Maintaining the predictive abilities
       of multivariate calibration models by spectral space transformation.
       Analytica Chimica Acta 690(1), 64-70.

    Examples
    --------
    >>> import numpy as np
    >>> primary = np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]])
    >>> sst = SpectralSpaceTransformation(n_components=1).fit(2 * primary, primary)
    >>> print(sst.transform(np.array([[8.0, 16.0]])).round(6))
    [[4. 8.]]
    """

    def __init__(self, n_components: int | None = None) -> None:
        self.n_components = n_components

    def _check(self, X: FloatArray, y: FloatArray) -> None:
        refuse_other_bands(X, y)

    def _most(self, X: FloatArray) -> int:
        return _rank(X)

    def _squared_errors(
        self, X: FloatArray, y: FloatArray, X_out: FloatArray, y_out: FloatArray,
        *, most: int,
    ) -> FloatArray:  # fmt: skip
        secondary, primary = _loadings(X, y)
        squared = np.empty(most)
        for k in range(1, most + 1):
            weights, differences = _movement(secondary[:k], primary[:k])
            residual = y_out - X_out - (X_out @ weights) @ differences
            squared[k - 1] = squared_shape(residual)
        return squared

    def _learn(self, X: FloatArray, y: FloatArray, n_components: int) -> None:
        secondary, primary = _loadings(X, y)
        self.weights_, self.differences_ = _movement(
            secondary[:n_components], primary[:n_components]
        )

    def _apply(self, X: FloatArray) -> FloatArray:
        return X + (X @ self.weights_) @ self.differences_


def _rank(X: FloatArray) -> int:
    values = np.linalg.svd(X, compute_uv=False)
    return max(int(np.count_nonzero(values > _RANK * values[0])), 1)


def _components(
    X: FloatArray, y: FloatArray, n_components: int
) -> tuple[FloatArray, FloatArray]:
    """Principal components regression of centred ``y`` on centred ``X``."""
    left, values, right = np.linalg.svd(X, full_matrices=False)
    kept = slice(n_components)
    weights = right[kept].T / np.where(values[kept] > 0, values[kept], np.inf)
    return weights, left[:, kept].T @ y


def _loadings(X: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Right singular vectors of secondary and primary standards side by side."""
    together = np.linalg.svd(np.hstack([X, y]), full_matrices=False)[2]
    return together[:, : X.shape[1]], together[:, X.shape[1] :]


def _movement(
    secondary: FloatArray, primary: FloatArray
) -> tuple[FloatArray, FloatArray]:
    return np.linalg.pinv(secondary), primary - secondary
