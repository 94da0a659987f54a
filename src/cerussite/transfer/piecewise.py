"""Spectra of one instrument as another would have recorded them: band by band."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray, IntArray
from cerussite.transfer.standards import (
    Standardisation,
    refuse_other_bands,
    squared_shape,
)

#: Singular values below this share of the largest carry rounding errors only.
_RANK = 1e-10


class PiecewiseDirectStandardisation(Standardisation):
    r"""
    Regress every primary band on a window of secondary bands around it.

    By principal components regression on the standards, each window with its own
    means [1]_. Needs fewer standards than
    :class:`~cerussite.transfer.DirectStandardisation`, because a window has
    few dimensions, and mends what is local: shifts of the axis, resolution, gain
    and offset that change smoothly with wavelength.

    Parameters
    ----------
    half_width : int
        Bands to either side of the window's centre; it should cover the shift and
        the difference in resolution. At the ends of the spectrum windows are
        moved inwards.
    n_components : int or None
        Principal components of each window, the same number in all; None takes
        the number that predicts standards left out best (ten folds, every tenth
        standard).

    Attributes
    ----------
    n_components_ : int
        Components kept.
    starts_ : ndarray of int, shape (n_wavelengths,)
        First secondary band of the window of each primary band.
    coefficients_ : ndarray of shape (n_wavelengths, 2 * half_width + 1)
        Weights of the bands of each window.
    intercepts_ : ndarray of shape (n_wavelengths,)
        What is added in each band.
    n_features_in_ : int
        Number of bands.

    References
    ----------
    .. [1] Wang, Y., Veltkamp, D. J. and Kowalski, B. R. (1991). Multivariate
       instrument standardization. Analytical Chemistry 63(23), 2750-2756.

    Examples
    --------
    >>> import numpy as np
    >>> primary = np.array([[1.0, 2.0, 4.0], [2.0, 1.0, 0.0], [3.0, 5.0, 1.0]])
    >>> pds = PiecewiseDirectStandardisation(half_width=0, n_components=1)
    >>> print(pds.fit(2 * primary + 1, primary).transform(np.array([[3.0, 5.0, 7.0]])))
    [[1. 2. 3.]]
    """

    def __init__(self, half_width: int, n_components: int | None = None) -> None:
        self.half_width = half_width
        self.n_components = n_components

    def _check(self, X: FloatArray, y: FloatArray) -> None:
        refuse_other_bands(X, y)
        if not 0 <= self.half_width <= (X.shape[1] - 1) // 2:
            msg = (
                f"half_width {self.half_width} for {X.shape[1]} bands; expected 0 to "
                f"{(X.shape[1] - 1) // 2}: a window no wider than the spectrum"
            )
            raise InvalidStudyError(msg)

    def _most(self, X: FloatArray) -> int:
        return min(len(X) - 1, 2 * self.half_width + 1)

    def _starts(self, n_bands: int) -> IntArray:
        last = n_bands - 2 * self.half_width - 1
        return np.clip(np.arange(n_bands) - self.half_width, 0, last)

    def _windows(self, X: FloatArray) -> FloatArray:
        """Windows of all bands, (n_wavelengths, n_samples, width)."""
        views = sliding_window_view(X, 2 * self.half_width + 1, axis=1)
        return views[:, self._starts(X.shape[1])].transpose(1, 0, 2)

    def _squared_errors(
        self, X: FloatArray, y: FloatArray, X_out: FloatArray, y_out: FloatArray,
        *, most: int,
    ) -> FloatArray:  # fmt: skip
        windows = self._windows(X)
        mean = windows.mean(axis=1, keepdims=True)
        weights, loadings = _components(windows - mean, y - y.mean(axis=0), most)
        scores = (self._windows(X_out) - mean) @ weights
        residual = (y_out - y.mean(axis=0)).T
        squared = np.empty(most)
        for k in range(most):
            residual = residual - scores[:, :, k] * loadings[:, k, np.newaxis]
            squared[k] = squared_shape(residual.T)
        return squared

    def _learn(self, X: FloatArray, y: FloatArray, n_components: int) -> None:
        windows = self._windows(X)
        mean = windows.mean(axis=1)
        weights, loadings = _components(
            windows - mean[:, np.newaxis], y - y.mean(axis=0), n_components
        )
        self.starts_ = self._starts(X.shape[1])
        self.coefficients_ = np.einsum("jwk,jk->jw", weights, loadings)
        self.intercepts_ = y.mean(axis=0) - (self.coefficients_ * mean).sum(axis=1)

    def _apply(self, X: FloatArray) -> FloatArray:
        # Band by band of the window: all windows at once would take its width in memory.
        result = np.repeat(self.intercepts_[np.newaxis], len(X), axis=0)
        for at, coefficients in enumerate(self.coefficients_.T):
            result += X[:, self.starts_ + at] * coefficients
        return result


def _components(
    windows: FloatArray, y: FloatArray, n_components: int
) -> tuple[FloatArray, FloatArray]:
    """Weights (n_bands, width, k) and loadings (n_bands, k) of each centred window."""
    left, values, right = np.linalg.svd(windows, full_matrices=False)
    kept = slice(n_components)
    left, values, right = left[:, :, kept], values[:, kept], right[:, kept]
    values = np.where(values > _RANK * values[:, :1], values, np.inf)
    weights = right.transpose(0, 2, 1) / values[:, np.newaxis]
    return weights, np.einsum("jnk,nj->jk", left, y)
