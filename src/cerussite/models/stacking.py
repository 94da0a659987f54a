"""Weights of methods from their out-of-fold predictions."""

import numpy as np
from scipy.optimize import nnls

from cerussite.core.types import FloatArray

#: Weight of the constraint that weights sum to one, against the errors.
_STIFFNESS = 1e4


def stacked_weights(
    predictions: FloatArray, y: FloatArray, *, shrinkage: float
) -> FloatArray:
    r"""
    Non-negative weights, shrunk towards the plain mean, that sum to one.

    They minimise :math:`\lVert y - P w \rVert^2 + \kappa\,\bar e\,
    \lVert w - 1/m \rVert^2`, with :math:`\bar e` the mean over the :math:`m`
    methods of their squared errors: stacked regressions [1]_ without their
    trust in few samples.

    Parameters
    ----------
    predictions : ndarray of shape (n_samples, n_methods)
        Out-of-fold predictions :math:`P`.
    y : ndarray of shape (n_samples,)
        Observed responses.
    shrinkage : float
        Strength :math:`\kappa`; 0 is plain stacking, infinity the plain mean.

    Returns
    -------
    ndarray of shape (n_methods,)
        Weights.

    References
    ----------
    .. [1] Breiman, L. (1996). Stacked regressions. Machine Learning 24, 49-64.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.array([1.0, 2.0, 3.0])
    >>> P = np.column_stack([y, y[::-1]])
    >>> print(stacked_weights(P, y, shrinkage=0.0).round(3))
    [1. 0.]
    """
    n_methods = predictions.shape[1]
    plain = np.full(n_methods, 1.0 / n_methods)
    errors = predictions - y[:, np.newaxis]
    mean_error = float(np.square(errors).sum(axis=0).mean())
    if np.isinf(shrinkage) or mean_error == 0:
        return plain
    # As weights sum to one, errors of the average are averages of the errors.
    pull = np.sqrt(shrinkage * mean_error)
    stiff = _STIFFNESS * np.sqrt(mean_error)
    rows = np.vstack([errors, pull * np.eye(n_methods), np.full((1, n_methods), stiff)])
    target = np.concatenate([np.zeros(len(y)), pull * plain, [stiff]])
    weights = nnls(rows, target)[0]
    return weights / weights.sum()
