"""Kernel ridge regression: smooth functions of the distance between spectra."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from scipy.linalg import eigh

from cerussite.core.types import FloatArray
from cerussite.models.base import PREPROCESSING, Calibration
from cerussite.models.machines import Kernel, KernelMachine, Machine, typical_length
from cerussite.models.views import Block

#: Length scales as multiples of the median distance between spectra.
LENGTHS = (0.5, 1.0, 2.0, 3.0, 5.0)
#: Penalties; the kernel of a spectrum with itself is one.
PENALTIES = tuple(10.0 ** (k / 2) for k in range(-8, 2))


class KernelRidge(Calibration):
    """
    Ridge regression with a Matérn 5/2 kernel, tuned in inner folds.

    One decomposition for each length scale gives all penalties and
    responses [1]_. Cost grows with the cube of the number of samples.

    Parameters
    ----------
    lengths : sequence of float
        Length scales tried, as multiples of the median distance between
        calibration spectra.
    penalties : sequence of float
        Penalties tried.
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
    .. [1] Saunders, C., Gammerman, A. and Vovk, V. (1998). Ridge regression
       learning algorithm in dual variables. Proceedings of the 15th
       International Conference on Machine Learning, 515-521.
    """

    needs_rows = True

    def __init__(  # noqa: PLR0913 - scikit-learn stores each option
        self,
        *,
        lengths: Sequence[float] = LENGTHS,
        penalties: Sequence[float] = PENALTIES,
        preprocessing: str | Sequence[str] = PREPROCESSING,
        standardise: bool | Sequence[bool] = (False, True),
        response_transform: str = "none",
        sharpness: float = 4.0,
        n_folds: int = 5,
        random_state: Any = 0,
    ) -> None:
        self.lengths = lengths
        self.penalties = penalties
        self.preprocessing = preprocessing
        self.standardise = standardise
        self.response_transform = response_transform
        self.sharpness = sharpness
        self.n_folds = n_folds
        self.random_state = random_state

    def _paths(self, block: Block, Z: FloatArray) -> FloatArray:
        means = Z.mean(axis=0)
        paths = []
        for length in self.lengths:
            kernel = Kernel(length * typical_length(block))
            values, basis = eigh(kernel.fitted(block))
            projected = basis.T @ (Z - means)
            rotated = kernel.new(block) @ basis
            paths += [
                rotated @ (projected / (values + penalty)[:, np.newaxis]) + means
                for penalty in self.penalties
            ]
        return np.stack(paths)

    def _machine(self, block: Block, z: FloatArray, setting: int) -> Machine:
        length, penalty = self._settings()[setting]
        kernel = Kernel(length * typical_length(block))
        penalised = kernel.fitted(block) + penalty * np.eye(len(z))
        mean = float(z.mean())
        return KernelMachine(kernel, np.linalg.solve(penalised, z - mean), mean)

    def _settings(self) -> list[tuple[float, float]]:
        return list(product(self.lengths, self.penalties))

    def _describe(self, setting: int) -> str:
        length, penalty = self._settings()[setting]
        return f"length {length:g} median distances, penalty {penalty:.2g}"
