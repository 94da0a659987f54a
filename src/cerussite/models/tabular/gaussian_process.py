"""Gaussian process on covariates and places, one kernel for all responses."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.linalg import cho_factor, cho_solve

from cerussite.core.types import FloatArray
from cerussite.models.checks import measured_together
from cerussite.models.tabular.base import Rows, TunedTabular
from cerussite.models.tabular.encoder import TableEncoder
from cerussite.models.tabular.kernels import SharedKernel, most_likely_kernel
from cerussite.models.tabular.places import places_of
from cerussite.models.tabular.support_vectors import typical_distance
from cerussite.models.tabular.table import positions_of

#: Fewest rows of each part the likelihood is taken on.
_LEAST_ROWS = 200
#: New rows compared at once.
_BATCH = 1000


class TabularGaussianProcess(TunedTabular):
    r"""
    Gaussian process whose kernel is shared by all responses.

    Covariates enter a Matérn kernel with a length each and a linear part, places
    an exponential one; see :class:`~cerussite.models.tabular.kernels.SharedKernel`.
    Responses are scaled to variance one and taken as independent given the
    kernel, whose parameters are those of the largest joint likelihood on at most
    ``likelihood_rows`` rows. Responses measured on the same rows then cost one
    factorisation together.

    Above ``exact_rows`` rows the process is projected on that many of them: a
    prediction is their weighted likeness, with weights from all rows [1]_.

    Parameters
    ----------
    coordinates : sequence of str or int, optional
        Columns with the place; left out of the covariates. Without them, there
        is no kernel of places.
    reference : {"projected", "geographic"}
        Coordinates in m, or longitude and latitude in degrees.
    likelihood_rows : int
        Most rows the likelihood is taken on, drawn at random.
    n_steps : int
        Most steps in the search for the largest likelihood.
    exact_rows : int
        Most rows for which all rows are compared with all; time grows with
        their cube, memory with their square.
    logs : {"auto", "none"}
        Logarithms of skewed covariates; see
        :class:`~cerussite.models.tabular.TableEncoder`.
    has_indicators : bool
        A column for each covariate with gaps that says where they were.
    response_transform : {"log", "none", "yeo_johnson"}
        Scale that is learnt.
    estimate : {"mean", "median"}
        What is predicted from it: the mean, by smearing, or the median.
    n_folds : int
        Number of inner folds, for the out-of-fold predictions.
    random_state : int or Generator
        Who deals the folds and draws rows.

    Attributes
    ----------
    kernel_ : SharedKernel
        Most likely kernel.
    rows_, weights_ : list of ndarray
        For each set of responses measured together, the rows that are compared
        with new ones, and their weights (n_rows, n_columns).
    responses_ : list of ndarray of int
        Those responses.
    centre_, scale_ : ndarray of shape (n_responses,)
        Mean and standard deviation of each response on the transformed scale.
    encoder_ : TableEncoder or None
        What was learnt of the covariates; None where there are only coordinates.
    out_of_fold_ : ndarray of shape (n_calibration, n_responses)
        Out-of-fold predictions of the calibration rows; the kernel is that of
        all rows.

    References
    ----------
    .. [1] Rasmussen, C. E. and Williams, C. K. I. (2006). Gaussian Processes for
       Machine Learning. MIT Press, equation 2.25 and section 8.3.4.
    """

    def __init__(  # noqa: PLR0913 - scikit-learn stores each option
        self,
        *,
        coordinates: Sequence[str | int] | None = None,
        reference: str = "projected",
        likelihood_rows: int = 800,
        n_steps: int = 40,
        exact_rows: int = 5000,
        logs: str = "auto",
        has_indicators: bool = False,
        response_transform: str = "log",
        estimate: str = "mean",
        n_folds: int = 5,
        random_state: Any = 0,
    ) -> None:
        self.coordinates = coordinates
        self.reference = reference
        self.likelihood_rows = likelihood_rows
        self.n_steps = n_steps
        self.exact_rows = exact_rows
        self.logs = logs
        self.has_indicators = has_indicators
        self.response_transform = response_transform
        self.estimate = estimate
        self.n_folds = n_folds
        self.random_state = random_state

    def _encoder(self) -> TableEncoder:
        return TableEncoder(logs=self.logs, has_indicators=self.has_indicators)

    def _fit_encoder(self, table: pd.DataFrame) -> FloatArray:
        rest, places = self._split(table)
        self.place_unit_ = typical_distance(places) if places.shape[1] else 1.0
        self.encoder_ = self._encoder().fit(rest) if rest.shape[1] else None
        return self._encode(table)

    def _encode(self, table: pd.DataFrame) -> FloatArray:
        rest, places = self._split(table)
        blocks = [places / self.place_unit_]
        if self.encoder_ is not None:
            blocks.insert(0, self.encoder_.transform(rest))
        return np.hstack(blocks)

    def _split(self, table: pd.DataFrame) -> tuple[pd.DataFrame, FloatArray]:
        if self.coordinates is None:
            return table, np.zeros((len(table), 0))
        at = positions_of(table, self.coordinates, what="coordinates")
        others = [k for k in range(table.shape[1]) if k not in at]
        return table.iloc[:, others], places_of(table.iloc[:, at], self.reference)

    def _prepare(self, X: FloatArray, Z: FloatArray, groups: Any) -> None:
        del groups
        self.rows_: list[FloatArray] = []
        self.weights_: list[FloatArray] = []
        self.responses_: list[Any] = []
        self.centre_ = np.zeros(Z.shape[1])
        spread = np.nanstd(Z, axis=0)
        self.scale_ = np.where(spread > 0, spread, 1.0)
        scaled = (Z - np.nanmean(Z, axis=0)) / self.scale_
        rng = np.random.default_rng(self.random_state)
        together = measured_together(Z)
        share = max(self.likelihood_rows // len(together), _LEAST_ROWS)
        n_rows = min(share, self.likelihood_rows)
        parts = []
        for measured, responses in together:
            some = rng.permutation(measured)[:n_rows]
            parts.append(Rows(X[some], scaled[np.ix_(some, responses)], responses))
        self.kernel_ = most_likely_kernel(self._start(), parts, n_steps=self.n_steps)

    def _start(self) -> SharedKernel:
        """Middle of the priors: half covariates, a quarter place, a quarter noise."""
        sources = np.zeros(0, dtype=np.intp)
        if self.encoder_ is not None:
            sources = np.unique(self.encoder_.sources_, return_inverse=True)[1]
        n_sources = sources.max(initial=-1) + 1
        lengths = np.full(n_sources, 2.0 * np.sqrt(max(n_sources, 1)))
        return SharedKernel(lengths, sources, 0.2, np.array([0.5, 0.25, 0.1]), 0.25)

    def _paths(self, rows: Rows, new: FloatArray) -> FloatArray:
        fitted, weights = self._solve(rows)
        z = self._likeness(new, fitted, weights) * self.scale_[rows.responses]
        return (z + rows.Z.mean(axis=0))[np.newaxis]

    def _store(self, rows: Rows) -> None:
        fitted, weights = self._solve(rows)
        self.centre_[rows.responses] = rows.Z.mean(axis=0)
        self.rows_.append(fitted)
        self.weights_.append(weights)
        self.responses_.append(rows.responses)

    def _evaluate(self, X: FloatArray) -> FloatArray:
        predictions = np.empty((len(X), self.scale_.size))
        for fitted, weights, responses in zip(
            self.rows_, self.weights_, self.responses_, strict=True
        ):
            predictions[:, responses] = self._likeness(X, fitted, weights)
        return predictions * self.scale_ + self.centre_

    def _likeness(
        self, new: FloatArray, fitted: FloatArray, weights: FloatArray
    ) -> FloatArray:
        parts = [
            self.kernel_(new[k : k + _BATCH], fitted) @ weights
            for k in range(0, len(new), _BATCH)
        ]
        return np.concatenate([*parts, np.zeros((0, weights.shape[1]))])

    def _solve(self, rows: Rows) -> tuple[FloatArray, FloatArray]:
        """Rows that new ones are compared with, and their weights."""
        z = (rows.Z - rows.Z.mean(axis=0)) / self.scale_[rows.responses]
        if len(z) <= self.exact_rows:
            factor = cho_factor(
                self.kernel_.noisy(rows.X), lower=True, overwrite_a=True
            )
            return rows.X, cho_solve(factor, z)
        rng = np.random.default_rng(self.random_state)
        chosen = rows.X[rng.permutation(len(z))[: self.exact_rows]]
        return chosen, projected_weights(self.kernel_, chosen, rows.X, z)


def projected_weights(
    kernel: SharedKernel, chosen: FloatArray, X: FloatArray, z: FloatArray
) -> FloatArray:
    r"""
    Weights of some rows that stand for all: the projected process.

    :math:`w = (\sigma^2 K_{mm} + K_{mn} K_{nm})^{-1} K_{mn} z`
    (Rasmussen and Williams 2006, equation 8.14).

    Parameters
    ----------
    kernel : SharedKernel
        With its noise :math:`\sigma^2`.
    chosen : ndarray of shape (n_chosen, n_encoded)
        Rows that stand for all.
    X : ndarray of shape (n_rows, n_encoded)
        All rows.
    z : ndarray of shape (n_rows, n_columns)
        Scaled responses.

    Returns
    -------
    ndarray of shape (n_chosen, n_columns)
        A prediction is the likeness to ``chosen`` times these.
    """
    inner = kernel(chosen, chosen)
    inner[np.diag_indices_from(inner)] *= 1.0 + 1e-6
    total = kernel.noise * inner
    right = np.zeros((len(chosen), z.shape[1]))
    for k in range(0, len(X), _BATCH):
        likeness = kernel(X[k : k + _BATCH], chosen)
        total += likeness.T @ likeness
        right += likeness.T @ z[k : k + _BATCH]
    total[np.diag_indices_from(total)] += 1e-10 * np.trace(total) / len(total)
    return cho_solve(cho_factor(total, lower=True), right)
