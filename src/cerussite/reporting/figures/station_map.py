"""Stations where they lie, coloured by their class."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from cerussite.core.types import FloatArray, IntArray
from cerussite.reporting.figures.classes import (
    WIDTH,
    WITHHELD,
    class_colours,
    draw_legend,
    legend_height,
)
from cerussite.reporting.figures.drawing import INK, add_axes, panel, to_svg

HEIGHT = 360
#: Metres of a degree of latitude, on a sphere of 6371 km.
DEGREE = 111_195.0
#: Metres that a map shows at least, as around a single station.
SMALLEST = 200.0
#: Regions lie further apart than this share of the extent of all stations.
GAP = 0.2


@dataclass(frozen=True, eq=False)
class StationPoints:
    """
    Stations on a map.

    Attributes
    ----------
    east, north : ndarray of shape (n_stations,)
        Easting and northing in m, or longitude and latitude in degrees; NaN for
        stations that cannot be drawn.
    positions : ndarray of int, shape (n_stations,)
        Class of each station as position among the labels; -1 for none.
    is_degrees : bool
        Whether the coordinates are degrees.
    """

    east: FloatArray
    north: FloatArray
    positions: IntArray
    is_degrees: bool


def draw_station_map(
    points: StationPoints, labels: Sequence[str], *, name: str, title: str
) -> Markup:
    """
    Draw a map of stations with a scale bar, north up.

    Parameters
    ----------
    points : StationPoints
        Where the stations lie, and their classes.
    labels : sequence of str
        Classes from low to high.
    name : str
        Unique on the page.
    title : str
        What is classed, for readers who cannot see the panel.

    Returns
    -------
    Markup
        The panel.
    """
    there = np.isfinite(points.east) & np.isfinite(points.north)
    east, north = points.east[there], points.north[there]
    positions = points.positions[there]
    is_degrees = points.is_degrees
    legend = [*labels, *([WITHHELD] if (positions < 0).any() else [])]
    below = legend_height(legend)
    stretch = 1 / math.cos(math.radians(float(np.mean(north)))) if is_degrees else 1.0
    metres = DEGREE / stretch if is_degrees else 1.0
    with panel(WIDTH, HEIGHT + below) as figure:
        axes = add_axes(figure, 64, 10, 26, 50 + below)
        _points(axes, east, north, positions, len(labels))
        least = SMALLEST / metres
        _frame(axes, east, north, stretch=stretch, least=least)
        _name_axes(axes, is_degrees=is_degrees)
        _scale_bar(axes, metres)
        draw_legend(figure, legend, len(labels), height=below, hatch="")
        counts = [int(np.sum(positions == at)) for at in range(len(labels))]
        told = ", ".join(
            f"{label} {n}" for label, n in zip(labels, counts, strict=True)
        )
        return to_svg(figure, name, f"map of {len(east)} stations, {title}: {told}")


def _points(
    axes: Axes, east: FloatArray, north: FloatArray, positions: IntArray, n: int
) -> None:
    # High classes last, on top and larger, so that none hides below a low one.
    for at, colour in enumerate([None, *class_colours(n)], start=-1):
        own = positions == at
        axes.plot(
            east[own],
            north[own],
            "o",
            color=colour or "white",
            markeredgecolor=INK,
            markeredgewidth=0.6,
            markersize=5.5 + 3.0 * max(at, 0) / max(n - 1, 1),
            linestyle="none",
        )


def _frame(
    axes: Axes, east: FloatArray, north: FloatArray, *, stretch: float, least: float
) -> None:
    """Limits of the same scale in both directions, with a margin."""
    box = axes.get_position()
    width, height = axes.figure.get_size_inches() * 72  # type: ignore[union-attr]
    shape = (box.width * width) / (box.height * height)
    wide, high = float(np.ptp(east)), float(np.ptp(north)) * stretch
    wide = 1.16 * max(wide, high * shape, least)
    high = wide / shape / stretch
    middle = (east.max() + east.min()) / 2, (north.max() + north.min()) / 2
    axes.set_xlim(middle[0] - wide / 2, middle[0] + wide / 2)
    axes.set_ylim(middle[1] - high / 2, middle[1] + high / 2)


def _name_axes(axes: Axes, *, is_degrees: bool) -> None:
    for side, names in (
        (axes.xaxis, ("Longitude (°)", "Easting (km)")),
        (axes.yaxis, ("Latitude (°)", "Northing (km)")),
    ):
        side.set_major_locator(MaxNLocator(5))
        side.set_label_text(names[0] if is_degrees else names[1])
        if not is_degrees:
            side.set_major_formatter(FuncFormatter(lambda m, _: f"{m / 1000:.10g}"))
        else:
            side.set_major_formatter(
                FuncFormatter(lambda degree, _: f"{degree:.6g}".replace("-", "−"))
            )


def _scale_bar(axes: Axes, metres: float) -> None:
    """Bar of a round length, a quarter of the width at most."""
    low, high = axes.get_xlim()
    length = round_below((high - low) * metres / 4)
    text = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    share = length / metres / (high - low)
    axes.plot(
        [0.03, 0.03 + share],
        [0.035, 0.035],
        color=INK,
        linewidth=2.5,
        transform=axes.transAxes,
    )
    axes.text(
        0.03 + share / 2,
        0.05,
        text,
        transform=axes.transAxes,
        ha="center",
        va="bottom",
        fontsize=10.5,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 1},
    )


def regions(east: FloatArray, north: FloatArray, *, is_degrees: bool) -> IntArray:
    """
    Stations that lie together, so that far apart ones get maps of their own.

    Parameters
    ----------
    east, north : ndarray of shape (n_stations,)
        Finite coordinates in m or degrees.
    is_degrees : bool
        Which of them.

    Returns
    -------
    ndarray of int, shape (n_stations,)
        Number of the region; stations nearer than :data:`GAP` of the extent are
        linked.

    Examples
    --------
    >>> regions(np.array([0.0, 1.0, 90.0]), np.zeros(3), is_degrees=False)
    array([0, 0, 1])
    """
    shrink = math.cos(math.radians(float(np.mean(north)))) if is_degrees else 1.0
    points = np.column_stack([east * shrink, north])
    extent = float(np.hypot(*np.ptp(points, axis=0)))
    pairs = cKDTree(points).sparse_distance_matrix(
        cKDTree(points), GAP * extent, output_type="coo_matrix"
    )
    links = csr_matrix(
        (np.ones(len(pairs.row)), (pairs.row, pairs.col)), shape=[len(points)] * 2
    )
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def round_below(value: float) -> float:
    """
    Largest of 1, 2 and 5 times a power of ten that is not above a number.

    Parameters
    ----------
    value : float
        Above zero.

    Returns
    -------
    float
        For scale bars.

    Examples
    --------
    >>> round_below(730.0), round_below(19.9), round_below(0.2)
    (500.0, 10.0, 0.2)
    """
    power = 10.0 ** math.floor(math.log10(value))
    return max(step * power for step in (1, 2, 5) if step * power <= value * (1 + 1e-9))
