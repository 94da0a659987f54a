"""Fitted functions from a view of the spectra to one response."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from cerussite.core.types import FloatArray
from cerussite.models.views import Block


class Machine(Protocol):
    """Anything that predicts one response for the new rows of a block."""

    def predict(self, block: Block) -> FloatArray:
        """
        Predict the new rows.

        Parameters
        ----------
        block : Block
            Calibration rows and new rows of the view it was fitted on.

        Returns
        -------
        ndarray of shape (n_new,)
            On the scale the machine was fitted on.
        """


@dataclass(frozen=True, eq=False)
class LinearMachine:
    """
    A weighted sum of bands.

    Attributes
    ----------
    coefficients : ndarray of shape (n_features,)
        Weights of the scaled bands.
    intercept : float
        Prediction at the mean calibration spectrum.
    """

    coefficients: FloatArray
    intercept: float

    def predict(self, block: Block) -> FloatArray:
        """
        Predict the new rows.

        Parameters
        ----------
        block : Block
            Rows of the view it was fitted on.

        Returns
        -------
        ndarray of shape (n_new,)
            On the scale the machine was fitted on.
        """
        return block.new @ self.coefficients + self.intercept


@dataclass(frozen=True)
class Kernel:
    r"""
    Likeness of two spectra: Matérn 5/2 on their distance plus an inner product.

    :math:`k = (1 + r + r^2/3) e^{-r} + a\,x^\top x'` with
    :math:`r = \sqrt5\,\lVert x - x' \rVert / \ell` [1]_; the linear part lets
    predictions go on where the calibration set ends.

    Attributes
    ----------
    length : float
        Length scale :math:`\ell` in the units of the scaled rows.
    linear : float
        Weight :math:`a` of the inner product.

    References
    ----------
    .. [1] Rasmussen, C. E. and Williams, C. K. I. (2006). Gaussian Processes
       for Machine Learning. MIT Press, equation 4.17.

    Examples
    --------
    >>> import numpy as np
    >>> kernel = Kernel(length=1.0, linear=0.5)
    >>> kernel(np.array([[0.0]]), np.array([[2.0]]))
    array([[2.]])
    """

    length: float
    linear: float = 0.0

    def __call__(self, distances: FloatArray, gram: FloatArray) -> FloatArray:
        """
        Likenesses of spectra.

        Parameters
        ----------
        distances, gram : ndarray of shape (n_rows, n_columns)
            Squared distances and inner products of scaled rows.

        Returns
        -------
        ndarray of shape (n_rows, n_columns)
            One for identical spectra, plus the linear part.
        """
        r = np.sqrt(5.0 * distances) / self.length
        near = (1.0 + r + r**2 / 3.0) * np.exp(-r)
        return near + self.linear * gram if self.linear else near

    def fitted(self, block: Block) -> FloatArray:
        """
        Kernel between fitted rows.

        Parameters
        ----------
        block : Block
            Rows of a view.

        Returns
        -------
        ndarray of shape (n_fitted, n_fitted)
            Symmetric, positive semidefinite.
        """
        return self(block.distances, block.gram)

    def new(self, block: Block) -> FloatArray:
        """
        Kernel between new and fitted rows.

        Parameters
        ----------
        block : Block
            Rows of a view.

        Returns
        -------
        ndarray of shape (n_new, n_fitted)
            New rows first.
        """
        return self(block.new_distances, block.new_gram)


@dataclass(frozen=True, eq=False)
class KernelMachine:
    """
    A weighted sum of likenesses to the calibration spectra.

    Attributes
    ----------
    kernel : Kernel
        Likeness of two spectra.
    weights : ndarray of shape (n_calibration,)
        Weights of the calibration rows.
    intercept : float
        Prediction far from all calibration spectra.
    """

    kernel: Kernel
    weights: FloatArray
    intercept: float

    def predict(self, block: Block) -> FloatArray:
        """
        Predict the new rows.

        Parameters
        ----------
        block : Block
            Rows of the view it was fitted on.

        Returns
        -------
        ndarray of shape (n_new,)
            On the scale the machine was fitted on.
        """
        return self.kernel.new(block) @ self.weights + self.intercept


def typical_length(block: Block) -> float:
    """
    Median distance between the fitted rows of a block.

    Parameters
    ----------
    block : Block
        Rows of a view.

    Returns
    -------
    float
        In the units of the scaled rows; one where all rows are the same.
    """
    above = np.triu_indices(len(block.distances), k=1)
    return float(np.sqrt(np.median(block.distances[above]))) or 1.0
