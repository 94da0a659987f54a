"""Which factor of one factorisation is which of another."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from cerussite.core.types import FloatArray, IntArray


class Match(NamedTuple):
    """
    Pairs of factors.

    Attributes
    ----------
    order : ndarray of int, shape (n_factors,)
        For each factor of the reference the position of its partner.
    similarity : ndarray of shape (n_factors,)
        Correlation of each pair, of the quantity that was compared.
    """

    order: IntArray
    similarity: FloatArray


def matched_factors(reference: FloatArray, other: FloatArray) -> Match:
    """
    Pairs of factors whose correlations have the largest sum.

    The assignment of [1]_, each factor once; taking the best partner of one
    factor after the other may leave the last with one it has nothing to do with.

    Parameters
    ----------
    reference, other : ndarray of shape (n_values, n_factors)
        Contributions of the factors to the same samples, or their shares of the
        same species. The second may have more factors.

    Returns
    -------
    Match
        A factor that never varies has similarity 0 to every other.

    References
    ----------
    .. [1] Kuhn, H. W. (1955). The Hungarian method for the assignment problem.
       Naval Research Logistics Quarterly 2(1-2), 83-97.

    Examples
    --------
    >>> import numpy as np
    >>> first = np.array([[1.0, 5.0], [2.0, 4.0], [4.0, 5.0]])
    >>> matched_factors(first, first[:, ::-1]).order
    array([1, 0])
    """
    similarity = correlations(reference, other)
    rows, columns = linear_sum_assignment(-similarity)
    return Match(columns, similarity[rows, columns])


def correlations(first: FloatArray, second: FloatArray) -> FloatArray:
    """
    Correlation of each column of one array with each of another.

    Parameters
    ----------
    first : ndarray of shape (n_values, n_first)
        Finite values.
    second : ndarray of shape (n_values, n_second)
        Finite values.

    Returns
    -------
    ndarray of shape (n_first, n_second)
        Zero where a column does not vary.

    Examples
    --------
    >>> import numpy as np
    >>> correlations(np.array([[1.0], [3.0]]), np.array([[4.0, 1.0], [2.0, 1.0]]))
    array([[-1.,  0.]])
    """
    return _standard(first).T @ _standard(second)


def _standard(values: FloatArray) -> FloatArray:
    centred = values - values.mean(axis=0)
    lengths = np.sqrt((centred**2).sum(axis=0))
    varies = lengths > 1e-12 * np.abs(values).max(axis=0, initial=0.0)
    return np.divide(centred, lengths, out=np.zeros_like(centred), where=varies)
