"""Stations that lie at one place, told from their geographic coordinates."""

import numpy as np

from cerussite.core.errors import InvalidSurveyError
from cerussite.core.types import FloatArray

#: Mean radius of the Earth in m (IUGG, Moritz 2000).
EARTH_RADIUS = 6_371_008.8


def position_clusters(
    latitude: FloatArray, longitude: FloatArray, *, within: float
) -> np.ndarray:
    """
    Labels of chains of stations, each within a distance of the next.

    Two stations share a label if a chain of stations leads from one to the other
    without a step longer than ``within`` (single linkage). For groups that no
    validation may split; where stations lie denser than ``within``, a chain can
    be much longer than one step.

    Parameters
    ----------
    latitude, longitude : ndarray of shape (n_samples,)
        In degrees, on a sphere: distances are right to 0.6 %.
    within : float
        Longest step in m.

    Returns
    -------
    ndarray of shape (n_samples,)
        Integer labels from 0, in the order of first occurrence.

    Raises
    ------
    InvalidSurveyError
        If a coordinate is missing or outside the globe.

    References
    ----------
    .. [1] Moritz, H. (2000). Geodetic Reference System 1980. Journal of Geodesy
       74, 128-133.

    Examples
    --------
    A minute of latitude is 1.85 km.

    >>> position_clusters(np.array([0.0, 1.0, 1 / 60]), np.zeros(3), within=2000.0)
    array([0, 1, 0])
    """
    from scipy.sparse import coo_array  # noqa: PLC0415 - slow, and rarely needed
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415
    from scipy.spatial import cKDTree  # noqa: PLC0415

    is_place = (np.abs(latitude) <= 90) & (np.abs(longitude) <= 360)
    if not is_place.all():
        row = int(np.argmin(is_place))
        msg = (
            f"{int((~is_place).sum())} positions are missing or outside the globe "
            f"(first: row {row}, latitude {latitude[row]:g}, longitude "
            f"{longitude[row]:g}); expected degrees; leave these stations out"
        )
        raise InvalidSurveyError(msg)
    places = _on_sphere(latitude, longitude)
    chord = 2 * np.sin(within / (2 * EARTH_RADIUS))
    pairs = cKDTree(places).query_pairs(chord, output_type="ndarray")
    n = len(places)
    steps = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    labels: np.ndarray = connected_components(steps, directed=False)[1]
    return labels.astype(np.int64)


def _on_sphere(latitude: FloatArray, longitude: FloatArray) -> FloatArray:
    """Points of the unit sphere, shape (n_samples, 3)."""
    north, east = np.radians(latitude), np.radians(longitude)
    return np.column_stack(
        [np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)]
    )
