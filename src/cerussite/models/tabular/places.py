"""Where samples lie, as points between which straight distances count."""

import numpy as np
import pandas as pd

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray
from cerussite.models.tabular.table import is_text

#: How coordinates are read.
REFERENCES = ("projected", "geographic")
#: Mean radius of the Earth in m (International Union of Geodesy and Geophysics).
_EARTH = 6_371_008.8


def places_of(coordinates: pd.DataFrame, reference: str) -> FloatArray:
    """
    Points in m between which straight distances count.

    Longitudes and latitudes become points on a sphere: their straight distances,
    through the Earth, stay valid for every covariance function, which distances
    along the surface do not [1]_; up to 1000 km they differ by 0.1 %.

    Parameters
    ----------
    coordinates : DataFrame of shape (n_samples, n_coordinates)
        Projected coordinates in m, of any number; or longitude and latitude in
        degrees, in this order.
    reference : {"projected", "geographic"}
        How they are read.

    Returns
    -------
    ndarray of shape (n_samples, n_coordinates or 3)
        In m.

    Raises
    ------
    InvalidStudyError
        If a coordinate is missing or impossible, or ``reference`` unknown.

    References
    ----------
    .. [1] Gneiting, T. (2013). Strictly and non-strictly positive definite
       functions on spheres. Bernoulli 19(4), 1327-1349.

    Examples
    --------
    >>> poles = pd.DataFrame({"longitude": [0.0, 0.0], "latitude": [90.0, -90.0]})
    >>> points = places_of(poles, "geographic")
    >>> print(round(float(np.linalg.norm(points[0] - points[1]))))
    12742018
    """
    if msg := _complaint(coordinates, reference):
        raise InvalidStudyError(msg)
    values = coordinates.to_numpy(dtype=np.float64)
    if reference == "projected":
        return values
    longitude, latitude = np.radians(values).T
    around = np.cos(latitude)
    axes = around * np.cos(longitude), around * np.sin(longitude), np.sin(latitude)
    return _EARTH * np.column_stack(axes)


def _complaint(coordinates: pd.DataFrame, reference: str) -> str:
    names = ", ".join(map(str, coordinates.columns))
    if reference not in REFERENCES:
        return f"reference {reference!r}; expected one of {', '.join(REFERENCES)}"
    if any(is_text(coordinates.iloc[:, k]) for k in range(coordinates.shape[1])):
        return f"coordinates {names} hold text; expected numbers"
    n_missing = int(coordinates.isna().any(axis=1).sum())
    if n_missing:
        return (
            f"{n_missing} of {len(coordinates)} samples have NaN for coordinates ({names}); "
            "expected one place each; leave those samples out"
        )
    return "" if reference == "projected" else _complaint_about_degrees(coordinates)


def _complaint_about_degrees(coordinates: pd.DataFrame) -> str:
    names = ", ".join(map(str, coordinates.columns))
    if coordinates.shape[1] != 2:
        return f"coordinates {names}; expected longitude and latitude, in this order"
    values = coordinates.to_numpy(dtype=np.float64)
    if (np.abs(values) > [360.0, 90.0]).any():
        return (
            f"coordinates {names} reach {np.abs(values).max(axis=0).tolist()}; expected "
            "degrees, longitude first: at most 360 and 90; name projected ones so"
        )
    return ""
