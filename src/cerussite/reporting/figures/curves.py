"""Learning curves: a metric against the number of calibration samples."""

import math
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator, ScalarFormatter
from matplotlib.transforms import ScaledTranslation

from cerussite.core.types import FloatArray
from cerussite.reporting.figures.drawing import (
    COLOURS,
    FAINT,
    INK,
    MARKERS,
    add_axes,
    panel,
    spread,
    to_svg,
)

WIDTH, HEIGHT = 524, 310
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 180, 10, 46
_DASHES = ("-", (0, (5, 2)), (0, (2, 1.5)), (0, (6, 2, 1, 2)))
#: R² below this says no more than that the method failed.
LOWEST_RATIO = -0.5


@dataclass(frozen=True, eq=False)
class Curve:
    """
    A learning curve of one method.

    Attributes
    ----------
    label : str
        Name for people, written at the end of the curve.
    role : str
        Role of the method; decides colour and mark.
    rank : int
        Number of the method within its role; decides the dashes.
    has_interval : bool
        Whether the interval is drawn.
    sizes, mean, low, high : ndarray of shape (n_sizes,)
        Calibration sizes, and the metric with its interval.
    """

    label: str
    role: str
    rank: int
    has_interval: bool
    sizes: FloatArray
    mean: FloatArray
    low: FloatArray
    high: FloatArray


def draw_curves(
    curves: list[Curve], *, label: str, limits: tuple[float, float], name: str
) -> Markup:
    """
    Draw learning curves with their names at the end.

    Parameters
    ----------
    curves : list of Curve
        Of one response, scheme and metric.
    label : str
        Metric with its unit.
    limits : tuple of (float, float)
        Ends of the vertical axis; curves may leave it.
    name : str
        Unique on the page.

    Returns
    -------
    Markup
        The panel.
    """
    with panel(WIDTH, HEIGHT) as figure:
        axes = add_axes(figure, _LEFT, _TOP, _RIGHT, _BOTTOM)
        _sizes_axis(axes, curves)
        axes.set_ylim(limits)
        axes.set_ylabel(label)
        if limits[0] < 0 < limits[1]:
            axes.axhline(0.0, color=FAINT, linewidth=0.7, zorder=0)
        with_bars = [curve for curve in curves if curve.has_interval]
        for curve in curves:
            _draw(axes, curve)
        for number, curve in enumerate(with_bars):
            _draw_intervals(axes, curve, shift=number - (len(with_bars) - 1) / 2)
        _name(axes, curves, limits)
        titles = ", ".join(curve.label for curve in curves)
        return to_svg(figure, name, f"{label} by calibration size for {titles}")


def curve_limits(curves: list[Curve], *, is_ratio: bool) -> tuple[float, float]:
    """
    Ends of the vertical axis.

    Parameters
    ----------
    curves : list of Curve
        All panels that share the axis.
    is_ratio : bool
        Whether the metric is R²: then failures do not squeeze the rest.

    Returns
    -------
    tuple of (float, float)
        Low and high.
    """
    means = np.concatenate([curve.mean for curve in curves])
    means = means[np.isfinite(means)]
    if means.size == 0:
        return 0.0, 1.0
    low, high = float(means.min()), float(means.max())
    if is_ratio:
        low = max(low, LOWEST_RATIO)
    else:
        high = min(high, 2.5 * float(np.median(means)))
    # Intervals over few folds reach far: they may be cut, the curves not flattened.
    room = max(high - low, 0.1 * abs(high))
    sides = [side for c in curves if c.has_interval for side in (c.low, c.high)]
    ends = np.concatenate([[low, high], *sides])
    inside = ends[(ends >= low - room) & (ends <= high + room)]
    pad = 0.05 * room
    return float(inside.min()) - pad, float(inside.max()) + pad


def _sizes_axis(axes: Axes, curves: list[Curve]) -> None:
    sizes = sorted({float(size) for curve in curves for size in curve.sizes})
    if len(sizes) > 1 and sizes[-1] / sizes[0] >= 4:
        axes.set_xscale("log")
        pad = (sizes[-1] / sizes[0]) ** 0.06
        axes.set_xlim(sizes[0] / pad, sizes[-1] * pad)
    else:
        pad = 0.06 * (sizes[-1] - sizes[0]) or 1.0
        axes.set_xlim(sizes[0] - pad, sizes[-1] + pad)
    axes.xaxis.set_major_locator(FixedLocator(sizes))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.set_xlabel("Calibration samples")


def _draw(axes: Axes, curve: Curve) -> None:
    colour, is_control = COLOURS[curve.role], curve.role == "control"
    axes.plot(
        curve.sizes,
        curve.mean,
        color=colour,
        linestyle=_DASHES[curve.rank % len(_DASHES)],
        linewidth=1.1 if is_control else 1.8 if curve.has_interval else 1.2,
        marker=MARKERS[curve.role],
        markersize=3.6,
        markeredgewidth=1.0 if is_control else 0.0,
        zorder=2 if is_control else 4 if curve.has_interval else 3,
    )


def _draw_intervals(axes: Axes, curve: Curve, *, shift: float) -> None:
    """Draw bars beside each other, for bands of several methods hide one another."""
    figure = axes.figure
    aside = ScaledTranslation(4.5 * shift / 72, 0.0, figure.dpi_scale_trans)
    axes.vlines(
        curve.sizes,
        curve.low,
        curve.high,
        color=COLOURS[curve.role],
        linewidth=1.3,
        alpha=0.55,
        transform=axes.transData + aside,
    )


def _name(axes: Axes, curves: list[Curve], limits: tuple[float, float]) -> None:
    """Write names beside the last point of each curve, moved apart."""
    ends = [_last_point(curve) for curve in curves]
    named = [(c, end) for c, end in zip(curves, ends, strict=True) if end is not None]
    scale = (HEIGHT - _TOP - _BOTTOM) / (limits[1] - limits[0])
    pixels = [
        (min(max(end[1], limits[0]), limits[1]) - limits[0]) * scale for _, end in named
    ]
    placed = spread(pixels, 13.5, 0.0, HEIGHT - _TOP - _BOTTOM)
    for (curve, (x, y)), at in zip(named, placed, strict=True):
        height = limits[0] + at / scale
        axes.annotate(
            curve.label,
            (x, min(max(y, limits[0]), limits[1])),
            xytext=(1.05, (height - limits[0]) / (limits[1] - limits[0])),
            textcoords="axes fraction",
            fontsize=11,
            color=INK if curve.role == "control" else COLOURS[curve.role],
            verticalalignment="center",
            arrowprops={
                "arrowstyle": "-",
                "color": COLOURS[curve.role],
                "linewidth": 0.6,
                "shrinkA": 0.5,
                "shrinkB": 3,
                "relpos": (0.0, 0.5),
            },
            annotation_clip=False,
        )


def _last_point(curve: Curve) -> tuple[float, float] | None:
    for size, value in zip(curve.sizes[::-1], curve.mean[::-1], strict=True):
        if math.isfinite(value):
            return float(size), float(value)
    return None
