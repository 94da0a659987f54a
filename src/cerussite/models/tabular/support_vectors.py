"""Support vector regression on covariates."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist, pdist
from sklearn.svm import SVR

from cerussite.core.types import FloatArray, IntArray
from cerussite.models.tabular.base import Rows, TunedTabular
from cerussite.models.tabular.encoder import TableEncoder
from cerussite.models.tuning import Folds

#: Length scales as multiples of the median distance between samples.
LENGTHS = (0.35, 0.7, 1.4)
#: Penalties of errors; responses are scaled to variance one.
COSTS = (1.0, 10.0)
#: Rows from which the median distance is taken, and those predicted at once.
_ROWS = 1000


class TabularSupportVectors(TunedTabular):
    r"""
    Support vector regression on scaled covariates, tuned in inner folds.

    The kernel is :math:`\exp(-\lVert x - x'\rVert^2 / 2\ell^2)`. Errors count by their size, not their square [1]_. Cost grows faster than the
    square of the number of samples and once for every setting; settings are
    therefore chosen on some of the rows where there are many.

    Parameters
    ----------
    lengths : sequence of float
        Length scales :math:`\ell` tried, as multiples of the median distance.
    costs : sequence of float
        Penalties of errors tried.
    epsilon : float
        Errors below this share of the standard deviation of a response cost
        nothing.
    tuning_rows : int
        Most rows that settings are chosen on.
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
        Number of inner folds.
    random_state : int or Generator
        Who deals the folds.

    Attributes
    ----------
    machines_ : list of dict
        For each response the support vectors, their weights, the intercept and
        the length scale.
    encoder_ : TableEncoder
        What was learnt of the table.
    out_of_fold_ : ndarray of shape (n_calibration, n_responses)
        Out-of-fold predictions of the calibration rows.

    References
    ----------
    .. [1] Smola, A. J. and Schölkopf, B. (2004). A tutorial on support vector
       regression. Statistics and Computing 14, 199-222.
    """

    def __init__(  # noqa: PLR0913 - scikit-learn stores each option
        self,
        *,
        lengths: Sequence[float] = LENGTHS,
        costs: Sequence[float] = COSTS,
        epsilon: float = 0.1,
        tuning_rows: int = 1000,
        logs: str = "auto",
        has_indicators: bool = False,
        response_transform: str = "log",
        estimate: str = "mean",
        n_folds: int = 5,
        random_state: Any = 0,
    ) -> None:
        self.lengths = lengths
        self.costs = costs
        self.epsilon = epsilon
        self.tuning_rows = tuning_rows
        self.logs = logs
        self.has_indicators = has_indicators
        self.response_transform = response_transform
        self.estimate = estimate
        self.n_folds = n_folds
        self.random_state = random_state

    def _encoder(self) -> TableEncoder:
        return TableEncoder(logs=self.logs, has_indicators=self.has_indicators)

    def _prepare(self, X: FloatArray, Z: FloatArray, groups: Any) -> None:
        del groups
        self._unit = typical_distance(X)
        self.machines_: list[dict[str, Any]] = [{}] * Z.shape[1]

    def _choose(self, rows: Rows, folds: Folds) -> tuple[IntArray, FloatArray]:
        if len(rows.X) <= self.tuning_rows:
            return super()._choose(rows, folds)
        few = thinned(folds, self.tuning_rows, random_state=self.random_state)
        squares = [
            np.square(self._paths(rows.at(fitted), rows.X[tuning]) - rows.Z[tuning])
            for fitted, tuning in few
        ]
        best = np.concatenate(squares, axis=1).mean(axis=1).argmin(axis=0)
        predictions = np.empty_like(rows.Z)
        for fitted, tuning in folds:
            part = rows.at(fitted)
            for k, setting in enumerate(best):
                machine = self._solve(part.X, part.Z[:, k], setting)
                predictions[tuning, k] = _value(machine, rows.X[tuning])
        return best, predictions

    def _paths(self, rows: Rows, new: FloatArray) -> FloatArray:
        settings = range(len(self._settings()))
        return np.stack(
            [
                np.column_stack(
                    [_value(self._solve(rows.X, z, s), new) for z in rows.Z.T]
                )
                for s in settings
            ]
        )

    def _store(self, rows: Rows) -> None:
        for k, response in enumerate(rows.responses):
            setting = self.settings_[response]
            self.machines_[response] = self._solve(rows.X, rows.Z[:, k], setting)

    def _evaluate(self, X: FloatArray) -> FloatArray:
        return np.column_stack([_value(machine, X) for machine in self.machines_])

    def _settings(self) -> list[tuple[float, float]]:
        return list(product(self.lengths, self.costs))

    def _solve(self, X: FloatArray, z: FloatArray, setting: int) -> dict[str, Any]:
        multiple, cost = self._settings()[setting]
        length = multiple * self._unit
        mean, deviation = float(z.mean()), float(z.std()) or 1.0
        machine = SVR(C=cost, epsilon=self.epsilon, gamma=0.5 / length**2)
        machine.fit(X, (z - mean) / deviation)
        return {
            "vectors": X[machine.support_],
            "weights": machine.dual_coef_[0] * deviation,
            "intercept": mean + deviation * float(machine.intercept_[0]),
            "length": length,
        }


def typical_distance(X: FloatArray) -> float:
    """
    Median distance between rows.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_encoded)
        Encoded covariates; of many rows, evenly spaced ones are looked at.

    Returns
    -------
    float
        One where all rows are alike.

    Examples
    --------
    >>> typical_distance(np.array([[0.0], [1.0], [5.0]]))
    4.0
    """
    step = -(-len(X) // _ROWS)
    return float(np.median(pdist(X[::step]))) or 1.0


def thinned(folds: Folds, n_rows: int, *, random_state: Any) -> Folds:
    """
    The same folds with fewer rows on both sides.

    Parameters
    ----------
    folds : sequence of (ndarray, ndarray)
        Positions to fit on and to choose on.
    n_rows : int
        About as many rows as are left in the two sides of a fold together.
    random_state : int or Generator
        Who draws the rows that stay.

    Returns
    -------
    sequence of (ndarray, ndarray)
        Each side with the same share of its rows.
    """
    n = sum(len(side) for side in folds[0])
    stays = np.random.default_rng(random_state).permutation(n) < n_rows
    return [(fitted[stays[fitted]], tuning[stays[tuning]]) for fitted, tuning in folds]


def _value(machine: dict[str, Any], X: FloatArray) -> FloatArray:
    """Predictions of one response; rows in batches, for memory."""
    parts = [
        np.exp(
            cdist(X[k : k + _ROWS], machine["vectors"], "sqeuclidean")
            / (-2.0 * machine["length"] ** 2)
        )
        @ machine["weights"]
        for k in range(0, len(X), _ROWS)
    ]
    return np.concatenate([*parts, np.zeros(0)]) + machine["intercept"]
