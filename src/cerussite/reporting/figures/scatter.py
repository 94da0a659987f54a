"""Predicted against observed, with histograms along the margins."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes

from cerussite.core.types import FloatArray
from cerussite.reporting.figures.drawing import (
    COLOURS,
    FAINT,
    INK,
    add_axes,
    panel,
    plain_log_ticks,
    to_svg,
)

WIDTH, HEIGHT = 380, 370
_LEFT, _BOTTOM, _MARGIN, _GAP = 62, 46, 44, 4
#: Above this many points the cloud is drawn as an image: smaller and faster.
MOST_VECTOR_POINTS = 250


@dataclass(frozen=True)
class ScatterAxis:
    """
    What both axes of a scatter plot share.

    Attributes
    ----------
    label : str
        Response with its unit.
    limits : tuple of (float, float)
        Ends; points outside are drawn on the frame.
    is_log : bool
        Whether the axes are logarithmic.
    """

    label: str
    limits: tuple[float, float]
    is_log: bool


def draw_scatter(
    points: pd.DataFrame, *, axis: ScatterAxis, role: str, name: str
) -> Markup:
    """
    Draw predicted against observed values.

    Parameters
    ----------
    points : DataFrame
        Columns observed and predicted.
    axis : ScatterAxis
        Label, limits and scale of both axes.
    role : str
        Role of the method; decides the colour.
    name : str
        Unique on the page.

    Returns
    -------
    Markup
        The panel.
    """
    label, limits, is_log = axis.label, axis.limits, axis.is_log
    observed = points["observed"].to_numpy()
    predicted = points["predicted"].to_numpy()
    with panel(WIDTH, HEIGHT) as figure:
        side = _MARGIN + _GAP + 8
        axes = add_axes(figure, _LEFT, side, side, _BOTTOM)
        axes.plot(limits, limits, color=INK, linewidth=0.9, zorder=1)
        _cloud(axes, np.clip(observed, *limits), np.clip(predicted, *limits), role)
        if is_log:
            axes.set_xscale("log")
            axes.set_yscale("log")
        axes.set_xlim(limits)
        axes.set_ylim(limits)
        if is_log:
            plain_log_ticks(axes)
        axes.set_xlabel(f"Observed {label}")
        axes.set_ylabel(f"Predicted {label}")
        top = add_axes(figure, _LEFT, 4, side, HEIGHT - 4 - _MARGIN)
        right = add_axes(figure, WIDTH - 4 - _MARGIN, side, 4, _BOTTOM)
        edges = _edges(limits, is_log)
        for margin, values, way in (
            (top, observed, "vertical"),
            (right, predicted, "horizontal"),
        ):
            _histogram(margin, np.clip(values, *limits), edges, way, COLOURS[role])
            (margin.set_xlim if way == "vertical" else margin.set_ylim)(limits)
            if is_log:
                (margin.set_xscale if way == "vertical" else margin.set_yscale)("log")
            margin.set_axis_off()
        description = f"predicted against observed {label}, {len(points)} predictions"
        return to_svg(figure, name, description)


def axis_limits(values: FloatArray, *, is_log: bool) -> tuple[float, float]:
    """
    Ends of the axes, from the observations.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        Observations without NaN.
    is_log : bool
        Whether the axes are logarithmic.

    Returns
    -------
    tuple of (float, float)
        A little wider than the observations: predictions far outside must not
        squeeze the rest.
    """
    low, high = float(values.min()), float(values.max())
    if is_log:
        return low / 1.5, high * 1.5
    pad = 0.08 * (high - low) or 1.0
    return low - pad, high + pad


def _cloud(axes: Axes, x: FloatArray, y: FloatArray, role: str) -> None:
    is_many = len(x) > MOST_VECTOR_POINTS
    axes.scatter(
        x,
        y,
        s=11 if is_many else 16,
        color=COLOURS[role],
        alpha=0.45 if is_many else 0.6,
        linewidths=0,
        rasterized=is_many,
        zorder=2,
    )


def _edges(limits: tuple[float, float], is_log: bool) -> FloatArray:
    return (np.geomspace if is_log else np.linspace)(*limits, 22)


def _histogram(
    axes: Axes, values: FloatArray, edges: FloatArray, way: str, colour: str
) -> None:
    counts, _ = np.histogram(values, edges)
    axes.stairs(
        counts,
        edges,
        orientation="vertical" if way == "vertical" else "horizontal",
        fill=True,
        color=FAINT if way == "vertical" else colour,
        alpha=0.55,
    )
