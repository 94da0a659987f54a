"""Likeness of samples by covariates and by place, and its marginal likelihood."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize
from scipy.spatial.distance import cdist

from cerussite.core.types import FloatArray, IntArray
from cerussite.models.tabular.base import Rows

#: Variance of the constant: responses are scaled to variance one.
_CONSTANT = 1.0
#: Added to the diagonal, as a share of it, against rounding.
_JITTER = 1e-8


@dataclass(frozen=True, eq=False)
class SharedKernel:
    r"""
    Covariance of scaled responses by covariates and by place.

    .. math:: k = 1 + a\,m(r) + b\,\exp(-d / \rho)
                  + c\,\tfrac1p \sum_j x_j x_j', \qquad
              r^2 = \sum_j (x_j - x_j')^2 / \ell_j^2

    with the Matérn 5/2 function :math:`m(r) = (1 + \sqrt5 r + \tfrac53 r^2)
    e^{-\sqrt5 r}` of the covariates [1]_, the exponential one of the distance
    :math:`d` between places, and a linear part that goes on where the
    calibration rows end. Covariates that come from one column of the table (the
    levels of a category) share a length.

    Attributes
    ----------
    lengths : ndarray of shape (n_sources,)
        Length :math:`\ell` of each column of the table.
    sources : ndarray of shape (n_encoded,)
        Position in ``lengths`` of each encoded covariate.
    place_length : float
        Range :math:`\rho` in the unit of the places.
    weights : ndarray of shape (3,)
        Variances :math:`a, b, c` of covariates, places and linear part.
    noise : float
        Variance of what neither explains.

    References
    ----------
    .. [1] Rasmussen, C. E. and Williams, C. K. I. (2006). Gaussian Processes for
       Machine Learning. MIT Press, equations 4.17, 5.1 and 5.9.
    """

    lengths: FloatArray
    sources: IntArray
    place_length: float
    weights: FloatArray
    noise: float

    @property
    def n_covariates(self) -> int:
        """
        Number of encoded covariates; the columns behind them are places.

        Returns
        -------
        int
            At least 0.
        """
        return self.sources.size

    def __call__(self, X: FloatArray, other: FloatArray) -> FloatArray:
        """
        Covariances without noise.

        Parameters
        ----------
        X, other : ndarray of shape (n_rows, n_encoded + n_place_axes)
            Encoded covariates, then places.

        Returns
        -------
        ndarray of shape (n_rows, n_other)
            Of responses scaled to variance one.
        """
        p = self.n_covariates
        total = np.full((len(X), len(other)), _CONSTANT)
        if p:
            scale = self.lengths[self.sources]
            r = cdist(X[:, :p] / scale, other[:, :p] / scale) * np.sqrt(5.0)
            total += self.weights[0] * (1.0 + r + r**2 / 3.0) * np.exp(-r)
            total += self.weights[2] / p * (X[:, :p] @ other[:, :p].T)
        if X.shape[1] > p:
            distances = cdist(X[:, p:], other[:, p:])
            total += self.weights[1] * np.exp(-distances / self.place_length)
        return total

    def noisy(self, X: FloatArray) -> FloatArray:
        """
        Covariances of measured responses.

        Parameters
        ----------
        X : ndarray of shape (n_rows, n_encoded + n_place_axes)
            Encoded covariates, then places.

        Returns
        -------
        ndarray of shape (n_rows, n_rows)
            Positive definite.
        """
        total = self(X, X)
        total[np.diag_indices_from(total)] += self.noise + _JITTER * total[0, 0]
        return total

    def to_vector(self) -> FloatArray:
        """
        Logarithms of all that is learnt.

        Returns
        -------
        ndarray of shape (n_sources + 5,)
            Lengths, range, three variances, noise.
        """
        plain = [*self.lengths, self.place_length, *self.weights, self.noise]
        return np.log(np.array(plain))

    def at(self, vector: FloatArray) -> "SharedKernel":
        """
        The kernel with other values.

        Parameters
        ----------
        vector : ndarray of shape (n_sources + 5,)
            In the order of :meth:`to_vector`.

        Returns
        -------
        SharedKernel
            On the same columns.
        """
        values = np.exp(vector)
        n = self.lengths.size
        return SharedKernel(
            values[:n],
            self.sources,
            float(values[n]),
            values[n + 1 : n + 4],
            float(values[n + 4]),
        )


def log_likelihood(kernel: SharedKernel, rows: Rows) -> tuple[float, FloatArray]:
    r"""
    Joint log likelihood of independent responses with one kernel, and its slope.

    :math:`-\frac12 \sum_k z_k^\top K^{-1} z_k - \frac{m}{2} \ln\lvert K\rvert
    - \frac{mn}{2}\ln 2\pi`: one factorisation for all :math:`m` responses.

    Parameters
    ----------
    kernel : SharedKernel
        What is judged.
    rows : Rows
        Responses scaled to mean zero and variance one.

    Returns
    -------
    float
        Larger is better.
    ndarray of shape (n_sources + 5,)
        Derivatives by the logarithms in :meth:`SharedKernel.to_vector`.
    """
    n, m = rows.Z.shape
    factor = cho_factor(kernel.noisy(rows.X), lower=True)
    weights = cho_solve(factor, rows.Z)
    value = -0.5 * float((rows.Z * weights).sum()) - 0.5 * m * n * np.log(2.0 * np.pi)
    value -= m * float(np.log(np.diag(factor[0])).sum())
    # Half of W * dK, summed, is the slope (Rasmussen and Williams, 5.9).
    W = weights @ weights.T - m * cho_solve(factor, np.eye(n))
    return value, _slopes(kernel, rows.X, W)


def _slopes(kernel: SharedKernel, X: FloatArray, W: FloatArray) -> FloatArray:
    """Half the sums of W times the derivative by each logarithm."""
    p = kernel.n_covariates
    slopes = np.zeros(kernel.lengths.size + 5)
    a, b, c = kernel.weights
    if p:
        scaled = X[:, :p] / kernel.lengths[kernel.sources]
        r = cdist(scaled, scaled) * np.sqrt(5.0)
        decay = np.exp(-r)
        slopes[-4] = a * (W * (1.0 + r + r**2 / 3.0) * decay).sum()
        slopes[-2] = c / p * ((W @ X[:, :p]) * X[:, :p]).sum()
        G = 5.0 / 3.0 * a * W * (1.0 + r) * decay
        by_covariate = 2.0 * (
            G.sum(axis=1) @ scaled**2 - ((G @ scaled) * scaled).sum(axis=0)
        )
        np.add.at(slopes, kernel.sources, by_covariate)
    if X.shape[1] > p:
        distances = cdist(X[:, p:], X[:, p:]) / kernel.place_length
        near = b * W * np.exp(-distances)
        slopes[-5] = (near * distances).sum()
        slopes[-3] = near.sum()
    slopes[-1] = kernel.noise * np.trace(W)
    return 0.5 * slopes


def most_likely_kernel(
    start: SharedKernel, parts: Sequence[Rows], *, n_steps: int
) -> SharedKernel:
    """
    Kernel of the largest likelihood, held near its start where data say little.

    The logarithms have normal priors around the start (standard deviation 1 for
    lengths, 2 for the rest), which a handful of samples cannot overrule and a
    few hundred do.

    Parameters
    ----------
    start : SharedKernel
        Where the search begins, and the middle of the priors.
    parts : sequence of Rows
        Responses measured on the same rows stand together.
    n_steps : int
        Most steps of the search.

    Returns
    -------
    SharedKernel
        Shared by all parts.
    """
    middle = start.to_vector()
    spread = np.full(middle.size, 2.0)
    spread[: start.lengths.size] = 1.0

    def _loss(vector: FloatArray) -> tuple[float, FloatArray]:
        found = [log_likelihood(start.at(vector), rows) for rows in parts]
        off = (vector - middle) / spread
        value = -sum(one for one, _ in found) + 0.5 * float(off @ off)
        return value, off / spread - np.sum([slope for _, slope in found], axis=0)

    bounds = list(zip(middle - 6.0, middle + 6.0, strict=True))
    best = minimize(
        _loss,
        middle,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": n_steps},
    )
    return start.at(best.x)
