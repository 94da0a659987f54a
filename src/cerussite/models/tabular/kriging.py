"""Kriging: what neighbours in space say."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.linalg import cho_factor, cho_solve
from scipy.spatial import KDTree

from cerussite.core.types import FloatArray, IntArray
from cerussite.models.tabular.base import Rows, TunedTabular
from cerussite.models.tabular.encoder import TableEncoder
from cerussite.models.tabular.places import places_of
from cerussite.models.tabular.table import positions_of
from cerussite.models.tabular.variograms import (
    Variogram,
    correlations,
    fit_variogram,
    independent,
)

#: New places solved at once.
_BATCH = 500


class SpatialKriging(TunedTabular):
    r"""
    Ordinary or universal kriging on coordinates.

    The variogram of each response is that of the largest restricted likelihood
    on at most ``likelihood_rows`` rows. The nugget counts as error of the
    analysis, so that predictions at a measured place lie between its value and
    those of its neighbours [1]_. Drifts are fitted by generalised least squares
    on all rows; the rest is kriged with a mean of its own in each neighbourhood.
    With ``n_neighbours=None`` this is universal kriging to the letter.

    Parameters
    ----------
    coordinates : sequence of str or int, optional
        Columns with the place; without them, all columns but the drifts.
    reference : {"projected", "geographic"}
        Coordinates in m, or longitude and latitude in degrees.
    drift : sequence of str or int
        Covariates the mean follows; the others are not looked at.
    form : {"exponential", "spherical", "matern32"}
        Form of the variogram.
    is_anisotropic : bool
        Learn also a direction of the longest range; projected coordinates only.
    n_neighbours : int or None
        Nearest calibration rows each prediction rests on; None for all.
    likelihood_rows : int
        Most rows variograms are fitted on, drawn at random.
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
    variograms_ : list of Variogram
        One a response.
    rows_ : list of dict
        For each response the places, values without drift, and drift
        coefficients.
    encoder_ : TableEncoder or None
        What was learnt of the drifts.
    out_of_fold_ : ndarray of shape (n_calibration, n_responses)
        Out-of-fold predictions of the calibration rows; variograms are those of
        all rows.

    References
    ----------
    .. [1] Chilès, J.-P. and Delfiner, P. (2012). Geostatistics: Modeling Spatial
       Uncertainty. 2nd edition. Wiley, sections 3.4 and 3.7.
    """

    def __init__(  # noqa: PLR0913 - scikit-learn stores each option
        self,
        *,
        coordinates: Sequence[str | int] | None = None,
        reference: str = "projected",
        drift: Sequence[str | int] = (),
        form: str = "exponential",
        is_anisotropic: bool = False,
        n_neighbours: int | None = 64,
        likelihood_rows: int = 600,
        response_transform: str = "log",
        estimate: str = "mean",
        n_folds: int = 5,
        random_state: Any = 0,
    ) -> None:
        self.coordinates = coordinates
        self.reference = reference
        self.drift = drift
        self.form = form
        self.is_anisotropic = is_anisotropic
        self.n_neighbours = n_neighbours
        self.likelihood_rows = likelihood_rows
        self.response_transform = response_transform
        self.estimate = estimate
        self.n_folds = n_folds
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        # A sample without a place cannot be kriged.
        tags.input_tags.allow_nan = False
        return tags

    def _encoder(self) -> TableEncoder:
        return TableEncoder()

    def _fit_encoder(self, table: pd.DataFrame) -> FloatArray:
        drift = table.iloc[:, positions_of(table, self.drift, what="drift")]
        self.encoder_ = self._encoder().fit(drift) if drift.shape[1] else None
        return self._encode(table)

    def _encode(self, table: pd.DataFrame) -> FloatArray:
        at = positions_of(table, self.drift, what="drift")
        if self.coordinates is None:
            where = [k for k in range(table.shape[1]) if k not in at]
        else:
            where = positions_of(table, self.coordinates, what="coordinates")
        places = places_of(table.iloc[:, where], self.reference)
        if self.encoder_ is None:
            return places
        return np.hstack([self.encoder_.transform(table.iloc[:, at]), places])

    @property
    def _n_drifts(self) -> int:
        return 0 if self.encoder_ is None else len(self.encoder_.names_)

    def _prepare(self, X: FloatArray, Z: FloatArray, groups: Any) -> None:
        del groups
        rng = np.random.default_rng(self.random_state)
        order, p = rng.permutation(len(X)), self._n_drifts
        self.rows_: list[dict[str, FloatArray]] = [{}] * Z.shape[1]
        self.variograms_: list[Variogram] = []
        for z in Z.T:
            some = order[~np.isnan(z[order])][: self.likelihood_rows]
            found = fit_variogram(
                X[some, p:],
                _trend(X[some, :p]),
                z[some],
                form=self.form,
                is_anisotropic=self.is_anisotropic,
            )
            self.variograms_.append(found)

    def _paths(self, rows: Rows, new: FloatArray) -> FloatArray:
        return np.column_stack(
            [
                self._krige(self._fitted(rows, k), int(response), new)
                for k, response in enumerate(rows.responses)
            ]
        )[np.newaxis]

    def _store(self, rows: Rows) -> None:
        for k, response in enumerate(rows.responses):
            self.rows_[response] = self._fitted(rows, k)

    def _evaluate(self, X: FloatArray) -> FloatArray:
        return np.column_stack(
            [self._krige(fitted, k, X) for k, fitted in enumerate(self.rows_)]
        )

    def _fitted(self, rows: Rows, k: int) -> dict[str, FloatArray]:
        """Places, values without drift, and drift coefficients of a response."""
        p, variogram = self._n_drifts, self.variograms_[rows.responses[k]]
        slopes: FloatArray = np.zeros(p)
        if p:
            factor = cho_factor(correlations(variogram, rows.X[:, p:]), lower=True)
            trend = _trend(rows.X[:, :p])
            terms = independent(trend)
            solved = cho_solve(factor, trend @ terms)
            inner = (trend @ terms).T @ solved
            slopes = (terms @ np.linalg.solve(inner, solved.T @ rows.Z[:, k]))[1:]
        rest = rows.Z[:, k] - rows.X[:, :p] @ slopes
        return {"places": rows.X[:, p:], "rest": rest, "slopes": slopes}

    def _krige(
        self, fitted: dict[str, FloatArray], response: int, new: FloatArray
    ) -> FloatArray:
        p = self._n_drifts
        rest = ordinary_kriging(
            self.variograms_[response],
            fitted["places"],
            fitted["rest"],
            new[:, p:],
            n_neighbours=self.n_neighbours,
        )
        return rest + new[:, :p] @ fitted["slopes"]


def ordinary_kriging(
    variogram: Variogram,
    places: FloatArray,
    z: FloatArray,
    new: FloatArray,
    *,
    n_neighbours: int | None,
) -> FloatArray:
    r"""
    Best linear unbiased prediction with an unknown mean.

    Weights solve :math:`C w + \mu 1 = c_0,\ 1^\top w = 1`.

    Parameters
    ----------
    variogram : Variogram
        Of ``z``.
    places : ndarray of shape (n_samples, n_axes)
        Measured places in m.
    z : ndarray of shape (n_samples,)
        Values at ``places``.
    new : ndarray of shape (n_new, n_axes)
        New places in m.
    n_neighbours : int or None
        Nearest places that count; None for all.

    Returns
    -------
    ndarray of shape (n_new,)
        On the scale of ``z``.
    """
    points, targets = variogram.in_ranges(places), variogram.in_ranges(new)
    n = len(points) if n_neighbours is None else min(n_neighbours, len(points))
    if n == len(points):
        nearest = np.broadcast_to(np.arange(n), (1, n))
        return _solved(variogram, points, z, targets[np.newaxis], nearest)[0]
    nearest = KDTree(points).query(targets, k=n)[1].reshape(len(targets), n)
    parts = [
        _solved(
            variogram,
            points,
            z,
            targets[k : k + _BATCH, np.newaxis],
            nearest[k : k + _BATCH],
        )
        for k in range(0, len(targets), _BATCH)
    ]
    return np.concatenate([*parts, np.zeros((0, 1))])[:, 0]


def _solved(
    variogram: Variogram,
    points: FloatArray,
    z: FloatArray,
    targets: FloatArray,
    nearest: IntArray,
) -> FloatArray:
    """Predictions (n_sets, n_targets) from one set of neighbours each."""
    n_sets, n = nearest.shape
    around = points[nearest]
    system = np.ones((n_sets, n + 1, n + 1))
    system[:, :n, :n] = variogram.correlation(_distances(around, around))
    system[:, np.arange(n), np.arange(n)] = 1.0
    system[:, n, n] = 0.0
    # Solved for the values, not the targets: one right-hand side a set.
    values = np.concatenate([z[nearest], np.zeros((n_sets, 1))], axis=1)
    weights = np.linalg.solve(system, values[:, :, np.newaxis])
    likeness = variogram.correlation(_distances(targets, around))
    return (likeness @ weights[:, :n] + weights[:, n:])[:, :, 0]


def _distances(first: FloatArray, second: FloatArray) -> FloatArray:
    """Distances within each set, (n_sets, n_first, n_second)."""
    squares = np.zeros((len(first), first.shape[1], second.shape[1]))
    for axis in range(first.shape[2]):
        squares += (first[:, :, np.newaxis, axis] - second[:, np.newaxis, :, axis]) ** 2
    return np.sqrt(squares)


def _trend(drifts: FloatArray) -> FloatArray:
    return np.column_stack([np.ones(len(drifts)), drifts])
