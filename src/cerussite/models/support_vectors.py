"""Support vector regression on the distance between spectra."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from sklearn.svm import SVR

from cerussite.core.types import FloatArray
from cerussite.models.base import PREPROCESSING, Calibration
from cerussite.models.machines import Kernel, KernelMachine, Machine, typical_length
from cerussite.models.views import Block

#: Length scales as multiples of the median distance between spectra.
LENGTHS = (1.0, 1.75, 3.0)
#: Penalties of errors; responses are scaled to variance one.
COSTS = (1.0, 10.0, 100.0)


class SupportVectorRegression(Calibration):
    """
    Support vector regression with a Matérn 5/2 kernel, tuned in inner folds.

    Errors count by their size, not their square, so that single extreme
    analyses weigh less than in ridge regression [1]_. Cost grows faster than
    the square of the number of samples.

    Parameters
    ----------
    lengths : sequence of float
        Length scales tried, as multiples of the median distance between
        calibration spectra.
    costs : sequence of float
        Penalties of errors tried.
    epsilon : float
        Errors below this share of the standard deviation of a response cost
        nothing.
    preprocessing : str or sequence of str
        Recipes averaged over, of :data:`cerussite.preprocessing.RECIPES`.
    standardise : bool or sequence of bool
        Scalings averaged over: bands as they are, or each of variance one.
    response_transform : {"none", "log", "auto"}
        Scale that is learnt; predictions return by smearing. ``"auto"`` averages
        over both, weighted as the views are.
    sharpness : float
        Exponent of the weights in the average; see
        :func:`cerussite.models.tuning.weights_of`.
    n_folds : int
        Number of inner folds.
    random_state : int or Generator
        Who deals the folds.

    Attributes
    ----------
    terms_ : list of list of Term
        Summands of each response.
    out_of_fold_ : ndarray of shape (n_calibration, n_responses)
        Out-of-fold predictions of the calibration rows.

    References
    ----------
    .. [1] Smola, A. J. and Schölkopf, B. (2004). A tutorial on support vector
       regression. Statistics and Computing 14, 199-222.
    """

    needs_rows = True

    def __init__(  # noqa: PLR0913 - scikit-learn stores each option
        self,
        *,
        lengths: Sequence[float] = LENGTHS,
        costs: Sequence[float] = COSTS,
        epsilon: float = 0.1,
        preprocessing: str | Sequence[str] = PREPROCESSING,
        standardise: bool | Sequence[bool] = (False, True),
        response_transform: str = "none",
        sharpness: float = 4.0,
        n_folds: int = 5,
        random_state: Any = 0,
    ) -> None:
        self.lengths = lengths
        self.costs = costs
        self.epsilon = epsilon
        self.preprocessing = preprocessing
        self.standardise = standardise
        self.response_transform = response_transform
        self.sharpness = sharpness
        self.n_folds = n_folds
        self.random_state = random_state

    def _paths(self, block: Block, Z: FloatArray) -> FloatArray:
        paths = []
        for length in self.lengths:
            kernel = Kernel(length * typical_length(block))
            fitted, new = kernel.fitted(block), kernel.new(block)
            for cost in self.costs:
                solved = [self._solve(fitted, z, cost) for z in Z.T]
                weights = np.column_stack([w for w, _ in solved])
                paths.append(new @ weights + np.array([b for _, b in solved]))
        return np.stack(paths)

    def _machine(self, block: Block, z: FloatArray, setting: int) -> Machine:
        length, cost = self._settings()[setting]
        kernel = Kernel(length * typical_length(block))
        return KernelMachine(kernel, *self._solve(kernel.fitted(block), z, cost))

    def _solve(
        self, fitted: FloatArray, z: FloatArray, cost: float
    ) -> tuple[FloatArray, float]:
        mean, deviation = float(z.mean()), float(z.std()) or 1.0
        machine = SVR(kernel="precomputed", C=cost, epsilon=self.epsilon)
        machine.fit(fitted, (z - mean) / deviation)
        weights = np.zeros(len(z))
        weights[machine.support_] = machine.dual_coef_[0] * deviation
        return weights, mean + deviation * float(machine.intercept_[0])

    def _settings(self) -> list[tuple[float, float]]:
        return list(product(self.lengths, self.costs))

    def _describe(self, setting: int) -> str:
        length, cost = self._settings()[setting]
        return f"length {length:g} median distances, cost {cost:g}"
