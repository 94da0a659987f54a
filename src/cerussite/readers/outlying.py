"""Replicate scans that are unlike the others of their specimen."""

from dataclasses import dataclass

import numpy as np

from cerussite.core.types import FloatArray

#: Modified z-score from which Iglewicz and Hoaglin (1993) call a value outlying.
LIMIT = 3.5
#: Least distance that counts: finer than instruments resolve.
_FINEST = 1e-6
#: Least spread of the logarithm of distances, about 10 % of a distance.
_NARROWEST = 0.1


@dataclass(frozen=True)
class OutlyingScan:
    """
    A scan that lies unusually far from the others of its specimen.

    Attributes
    ----------
    sample_id : str
        The specimen.
    place : str
        File of the scan.
    distance : float
        Root mean square difference from the median scan of the specimen.
    usual : float
        Median of that distance over all replicates.
    """

    sample_id: str
    place: str
    distance: float
    usual: float


def replicate_distances(values: FloatArray, ids: np.ndarray) -> FloatArray:
    """
    Root mean square difference of each scan from the median of its specimen.

    Parameters
    ----------
    values : ndarray of shape (n_scans, n_wavelengths)
        Spectra.
    ids : ndarray of shape (n_scans,)
        Specimen of each scan.

    Returns
    -------
    ndarray of shape (n_scans,)
        In the unit of the spectra; NaN for a scan without a replicate.

    Examples
    --------
    >>> scans = np.array([[1.0, 1.0], [1.0, 1.0], [4.0, 4.0], [2.0, 2.0]])
    >>> replicate_distances(scans, np.array(["a", "a", "a", "b"]))
    array([ 0.,  0.,  3., nan])
    """
    distances = np.full(len(values), np.nan)
    codes = np.unique(ids, return_inverse=True)[1]
    order = np.argsort(codes, kind="stable")
    for rows in np.split(order, np.cumsum(np.bincount(codes))[:-1]):
        if rows.size > 1:
            scans = values[rows]
            apart = scans - np.median(scans, axis=0)
            distances[rows] = np.sqrt(np.square(apart).mean(axis=1))
    return distances


def outlying_scans(
    values: FloatArray, ids: np.ndarray, places: list[str]
) -> tuple[OutlyingScan, ...]:
    """
    Replicate scans whose distance from their specimen is unusual for the set.

    The logarithm of the distance is compared with its median over all replicates,
    in units of its median absolute deviation, as a modified z-score [1]_. The
    deviation is that of the larger half: of three scans one may be the median
    itself, at no distance. Of two scans that disagree both are named, for nobody
    can tell which is wrong.

    Parameters
    ----------
    values : ndarray of shape (n_scans, n_wavelengths)
        Spectra.
    ids : ndarray of shape (n_scans,)
        Specimen of each scan.
    places : list of str
        File of each scan.

    Returns
    -------
    tuple of OutlyingScan
        In the order of the scans; empty where there are no replicates.

    References
    ----------
    .. [1] Iglewicz, B. and Hoaglin, D. C. (1993). How to Detect and Handle
       Outliers. ASQC Quality Press, Milwaukee.
    """
    distances = replicate_distances(values, ids)
    measured = distances[~np.isnan(distances)]
    if measured.size == 0:
        return ()
    logarithms = np.log(np.maximum(measured, _FINEST))
    middle = float(np.median(logarithms))
    above = logarithms[logarithms >= middle] - middle
    spread = max(float(np.median(above)), _NARROWEST)
    with np.errstate(invalid="ignore"):
        scores = 0.6745 * (np.log(np.maximum(distances, _FINEST)) - middle) / spread
    return tuple(
        OutlyingScan(
            str(ids[row]), places[row], float(distances[row]), float(np.exp(middle))
        )
        for row in np.flatnonzero(scores > LIMIT)
    )
