"""Ridge regression on spectra, for every penalty at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cerussite.core.types import FloatArray
from cerussite.explanation import LinearMap
from cerussite.models.base import PREPROCESSING, Calibration
from cerussite.models.linear_maps import linear_map_of
from cerussite.models.machines import LinearMachine, Machine
from cerussite.models.views import Block

#: Penalties as shares of the sum of squares of the centred spectra.
PENALTIES = tuple(10.0 ** (k / 2) for k in range(-14, 3))


class SpectralRidge(Calibration):
    r"""
    Ridge regression; the penalty is chosen in inner folds.

    One decomposition of each fold gives the coefficients
    :math:`V (S^2 + \lambda)^{-1} S U^\top y` of all penalties and responses [1]_.

    Parameters
    ----------
    penalties : sequence of float
        Penalties tried, as shares of the sum of squares of the scaled spectra.
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
    .. [1] Hoerl, A. E. and Kennard, R. W. (1970). Ridge regression: biased
       estimation for nonorthogonal problems. Technometrics 12(1), 55-67.
    """

    def __init__(  # noqa: PLR0913 - scikit-learn stores each option
        self,
        *,
        penalties: Sequence[float] = PENALTIES,
        preprocessing: str | Sequence[str] = PREPROCESSING,
        standardise: bool | Sequence[bool] = (False, True),
        response_transform: str = "none",
        sharpness: float = 4.0,
        n_folds: int = 5,
        random_state: Any = 0,
    ) -> None:
        self.penalties = penalties
        self.preprocessing = preprocessing
        self.standardise = standardise
        self.response_transform = response_transform
        self.sharpness = sharpness
        self.n_folds = n_folds
        self.random_state = random_state

    def linear_map(self) -> LinearMap:
        """
        Coefficients on spectra as read, for explanations.

        Returns
        -------
        LinearMap
            See :func:`cerussite.models.linear_maps.linear_map_of`.
        """
        return linear_map_of(self)

    def _paths(self, block: Block, Z: FloatArray) -> FloatArray:
        means = Z.mean(axis=0)
        projected = block.scores.T @ (Z - means)
        return np.stack(
            [
                block.new_scores @ (projected / shrunk[:, np.newaxis]) + means
                for shrunk in self._shrunk(block)
            ]
        )

    def _machine(self, block: Block, z: FloatArray, setting: int) -> Machine:
        mean = float(z.mean())
        projected = block.scores.T @ (z - mean)
        weights = projected / self._shrunk(block)[setting]
        return LinearMachine(block.axes @ weights, mean)

    def _shrunk(self, block: Block) -> FloatArray:
        # Shape (n_penalties, n_axes).
        total = block.variances.sum()
        penalties = np.asarray(self.penalties)[:, np.newaxis] * total
        return block.variances + penalties

    def _describe(self, setting: int) -> str:
        return f"penalty {self.penalties[setting]:.2g}"
