"""Averages of neighbouring bands, and where they begin."""

import numpy as np

from cerussite.core.types import FloatArray, IntArray


def pooled(rows: FloatArray, n_bands: int) -> FloatArray:
    """
    Averages of neighbouring bands.

    Neighbours say nearly the same, and every band costs a tree time.

    Parameters
    ----------
    rows : ndarray of shape (n_samples, n_features)
        Preprocessed spectra.
    n_bands : int
        Largest number of averages.

    Returns
    -------
    ndarray of shape (n_samples, min(n_bands, n_features))
        Averages of runs whose lengths differ by at most one.

    Examples
    --------
    >>> import numpy as np
    >>> pooled(np.array([[1.0, 3.0, 5.0, 7.0]]), 2)
    array([[2., 6.]])
    """
    n_features = rows.shape[1]
    starts = first_bands(n_features, n_bands)
    sums = np.add.reduceat(rows, starts, axis=1)
    return sums / np.diff(starts, append=n_features)


def first_bands(n_features: int, n_bands: int) -> IntArray:
    """
    First of the neighbouring bands behind each average.

    Parameters
    ----------
    n_features : int
        Number of preprocessed bands.
    n_bands : int
        Largest number of averages.

    Returns
    -------
    ndarray of shape (min(n_bands, n_features),)
        Positions, increasing from 0.

    Examples
    --------
    >>> first_bands(5, 2).tolist()
    [0, 2]
    """
    edges = np.linspace(0, n_features, min(n_bands, n_features) + 1)
    return edges[:-1].astype(int)
