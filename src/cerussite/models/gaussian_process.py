"""Gaussian process regression, its kernel chosen by marginal likelihood."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import eigh

from cerussite.core.types import FloatArray
from cerussite.models.base import PREPROCESSING, Calibration
from cerussite.models.machines import Kernel, KernelMachine, Machine, typical_length
from cerussite.models.views import Block

#: Length scales as multiples of the median distance between spectra.
LENGTHS = (0.5, 1.0, 2.0, 3.0, 5.0)
#: Weights of the linear part of the kernel.
LINEAR = (0.0, 1.0)
#: Noise variances as shares of the variance of the process.
NOISE = tuple(10.0 ** (k / 4) for k in range(-20, 5))


class GaussianProcess(Calibration):
    r"""
    Gaussian process with a Matérn 5/2 plus linear kernel.

    Length scale, linear part and noise are those of the largest marginal
    likelihood [1]_ on a grid, in every fold again; the variance of the process
    has a closed form. One decomposition of a kernel gives the likelihood of all
    noises and responses. Cost grows with the cube of the number of samples.

    Parameters
    ----------
    lengths : sequence of float
        Length scales tried, as multiples of the median distance between
        calibration spectra.
    linear : sequence of float
        Weights tried of the linear part.
    noise : sequence of float
        Noise variances tried, as shares of the variance of the process.
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
    .. [1] Rasmussen, C. E. and Williams, C. K. I. (2006). Gaussian Processes
       for Machine Learning. MIT Press, equations 2.25 and 5.8.
    """

    needs_rows = True

    def __init__(  # noqa: PLR0913 - scikit-learn stores each option
        self,
        *,
        lengths: Sequence[float] = LENGTHS,
        linear: Sequence[float] = LINEAR,
        noise: Sequence[float] = NOISE,
        preprocessing: str | Sequence[str] = PREPROCESSING,
        standardise: bool | Sequence[bool] = (False, True),
        response_transform: str = "none",
        sharpness: float = 4.0,
        n_folds: int = 5,
        random_state: Any = 0,
    ) -> None:
        self.lengths = lengths
        self.linear = linear
        self.noise = noise
        self.preprocessing = preprocessing
        self.standardise = standardise
        self.response_transform = response_transform
        self.sharpness = sharpness
        self.n_folds = n_folds
        self.random_state = random_state

    def _paths(self, block: Block, Z: FloatArray) -> FloatArray:
        means = Z.mean(axis=0)
        predictions = np.zeros((1, len(block.new), Z.shape[1]))
        for k, best in enumerate(self._best(block, Z - means)):
            predictions[0, :, k] = best.kernel.new(block) @ best.weights + means[k]
        return predictions

    def _machine(self, block: Block, z: FloatArray, setting: int) -> Machine:
        del setting  # the likelihood decides
        mean = float(z.mean())
        (best,) = self._best(block, z[:, np.newaxis] - mean)
        return KernelMachine(best.kernel, best.weights, mean)

    def _kernels(self, block: Block) -> Iterator[Kernel]:
        unit = typical_length(block)
        for length, linear in product(self.lengths, self.linear):
            yield Kernel(length * unit, linear)

    def _best(self, block: Block, Z: FloatArray) -> list["_Posterior"]:
        # One entry a centred column of Z.
        best: list[_Posterior] = []
        for kernel in self._kernels(block):
            values, basis = eigh(kernel.fitted(block))
            spectrum = np.maximum(values, 0.0) + np.asarray(self.noise)[:, np.newaxis]
            projected = basis.T @ Z
            found = [
                _most_likely(kernel, spectrum, basis, column) for column in projected.T
            ]
            pairs = zip(best or found, found, strict=True)
            best = [max(pair, key=_likelihood) for pair in pairs]
        return best

    def _describe(self, setting: int) -> str:
        del setting
        return "largest marginal likelihood"


class _Posterior(NamedTuple):
    """What a kernel with its best noise makes of one column."""

    log_likelihood: float
    kernel: Kernel
    weights: FloatArray


def log_marginal_likelihood(spectrum: FloatArray, projected: FloatArray) -> FloatArray:
    r"""
    Log marginal likelihood, the variance of the process at its best.

    With eigenvalues :math:`v_i` of kernel plus noise and projections
    :math:`u_i` of the centred response, the best variance is
    :math:`s^2 = \frac1n \sum u_i^2 / v_i`, and the log likelihood
    :math:`-\frac12 (n \ln s^2 + \sum \ln v_i + n + n \ln 2\pi)`.

    Parameters
    ----------
    spectrum : ndarray of shape (n_noises, n_samples)
        Eigenvalues of kernel plus noise, one row a noise.
    projected : ndarray of shape (n_samples,)
        Centred response on the eigenvectors.

    Returns
    -------
    ndarray of shape (n_noises,)
        Larger is better.
    """
    n = projected.size
    variance = np.maximum((projected**2 / spectrum).mean(axis=1), _TINY)
    constant = n * (1.0 + np.log(2.0 * np.pi))
    return -0.5 * (n * np.log(variance) + np.log(spectrum).sum(axis=1) + constant)


_TINY = np.finfo(float).tiny


def _most_likely(
    kernel: Kernel, spectrum: FloatArray, basis: FloatArray, projected: FloatArray
) -> _Posterior:
    likelihoods = log_marginal_likelihood(spectrum, projected)
    at = int(likelihoods.argmax())
    weights = basis @ (projected / spectrum[at])
    return _Posterior(float(likelihoods[at]), kernel, weights)


def _likelihood(posterior: _Posterior) -> float:
    return posterior.log_likelihood
