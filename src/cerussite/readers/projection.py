"""Geographic coordinates in metres on a plane of equal areas."""

from dataclasses import dataclass

import numpy as np

from cerussite.core.types import FloatArray


@dataclass(frozen=True)
class AlbersGrid:
    """
    An Albers equal-area conic projection.

    Attributes
    ----------
    crs : str
        Name of the reference system.
    parallels : tuple of (float, float)
        Standard parallels in degrees, where scale is true.
    origin : tuple of (float, float)
        Latitude and longitude in degrees of the point at (0, 0).
    false_northing : float
        Added to all northings, in m.
    semi_major_axis : float
        Of the ellipsoid, in m; that of GRS 80 and, to a tenth of a millimetre,
        WGS 84 where not given.
    squared_eccentricity : float
        Of the ellipsoid.
    """

    crs: str
    parallels: tuple[float, float]
    origin: tuple[float, float]
    false_northing: float = 0.0
    semi_major_axis: float = 6_378_137.0
    squared_eccentricity: float = 0.006694380022900788


#: Conterminous United States.
CONUS_ALBERS = AlbersGrid("EPSG:5070", (29.5, 45.5), (23.0, -96.0))
#: California.
CALIFORNIA_ALBERS = AlbersGrid(
    "EPSG:3310", (34.0, 40.5), (0.0, -120.0), false_northing=-4_000_000.0
)


def albers_equal_area(
    latitude: FloatArray, longitude: FloatArray, grid: AlbersGrid
) -> tuple[FloatArray, FloatArray]:
    r"""
    Easting and northing in m by the Albers equal-area conic projection.

    .. math::

        x = \rho \sin\theta, \quad y = \rho_0 - \rho \cos\theta, \quad
        \rho = a \sqrt{C - n q} / n, \quad \theta = n (\lambda - \lambda_0)

    For distances and blocks inside the region of the grid; far from its standard
    parallels, shapes are distorted.

    Parameters
    ----------
    latitude, longitude : ndarray of shape (n_samples,)
        In degrees; NaN gives NaN.
    grid : AlbersGrid
        Which one.

    Returns
    -------
    tuple of (ndarray, ndarray), each of shape (n_samples,)
        Easting and northing in m.

    Notes
    -----
    The datum is taken to be that of the grid: between WGS 84 and NAD 83 lie one
    to two metres.

    References
    ----------
    .. [1] Snyder, J. P. (1987). Map Projections: A Working Manual. USGS
       Professional Paper 1395, equations 14-1 to 14-14, worked example p. 292.

    Examples
    --------
    >>> albers_equal_area(np.array([23.0]), np.array([-96.0]), CONUS_ALBERS)
    (array([0.]), array([0.]))
    """
    first, second = np.radians(grid.parallels)
    m_1, m_2 = _parallel_radius(first, grid), _parallel_radius(second, grid)
    q_1, q_2 = _authalic(first, grid), _authalic(second, grid)
    n = (m_1**2 - m_2**2) / (q_2 - q_1)
    c = m_1**2 + n * q_1
    a = grid.semi_major_axis
    rho = a * np.sqrt(c - n * _authalic(np.radians(latitude), grid)) / n
    rho_0 = a * np.sqrt(c - n * _authalic(np.radians(grid.origin[0]), grid)) / n
    theta = n * np.radians(longitude - grid.origin[1])
    northing = grid.false_northing + rho_0 - rho * np.cos(theta)
    return rho * np.sin(theta), northing


def _parallel_radius(latitude: float, grid: AlbersGrid) -> float:
    """Radius of a parallel in units of the semi-major axis (14-15)."""
    squared = grid.squared_eccentricity * np.sin(latitude) ** 2
    return float(np.cos(latitude) / np.sqrt(1 - squared))


def _authalic(latitude: FloatArray | float, grid: AlbersGrid) -> FloatArray:
    """Area between equator and parallel, scaled (3-12)."""
    e = np.sqrt(grid.squared_eccentricity)
    sine = np.sin(latitude)
    logarithm = np.log((1 - e * sine) / (1 + e * sine)) / (2 * e)
    q: FloatArray = (1 - e**2) * (sine / (1 - (e * sine) ** 2) - logarithm)
    return q
