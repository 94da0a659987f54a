"""Forest plots: paired differences with their intervals and the zero line."""

from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.axes import Axes

from cerussite.reporting.figures.drawing import (
    COLOURS,
    INK,
    SOFT,
    add_axes,
    panel,
    to_svg,
)

WIDTH, _ROW, _TOP, _BOTTOM, _SIDE = 500, 40, 28, 48, 12


@dataclass(frozen=True)
class ForestRow:
    """
    One difference of a forest plot.

    Attributes
    ----------
    label, text : str
        What is compared, and the numbers as written.
    role : str
        Role of the opponent; decides the colour.
    value, low, high : float
        The difference and the ends of its interval.
    is_decided : bool
        Whether the interval excludes zero.
    """

    label: str
    text: str
    role: str
    value: float
    low: float
    high: float
    is_decided: bool


def draw_forest(
    rows: list[ForestRow],
    *,
    label: str,
    method: str,
    limits: tuple[float, float],
    name: str,
) -> Markup:
    """
    Draw differences one below the other.

    Parameters
    ----------
    rows : list of ForestRow
        From top to bottom.
    label : str
        The difference with its unit, for the axis.
    method : str
        Method that the differences favour when positive.
    limits : tuple of (float, float)
        Ends of the axis; intervals that leave it end in an arrow head.
    name : str
        Unique on the page.

    Returns
    -------
    Markup
        The panel.
    """
    with panel(WIDTH, _TOP + _BOTTOM + _ROW * len(rows)) as figure:
        axes = add_axes(figure, _SIDE, _TOP, _SIDE, _BOTTOM)
        axes.set_xlim(limits)
        axes.set_ylim(len(rows), 0)
        axes.axvline(0.0, color=INK, linewidth=0.9)
        axes.yaxis.set_visible(False)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(label)
        _directions(axes, method)
        for position, row in enumerate(rows):
            _draw(axes, row, position, limits)
        text = "; ".join(f"{row.label} {row.text}" for row in rows)
        return to_svg(figure, name, f"{label}: {text}")


def forest_limits(rows: list[ForestRow]) -> tuple[float, float]:
    """
    Ends of the axis: wide enough for most intervals, and always with zero.

    Parameters
    ----------
    rows : list of ForestRow
        All panels that share the axis.

    Returns
    -------
    tuple of (float, float)
        Low and high.
    """
    ends = [end for row in rows for end in (row.low, row.high)]
    low, high = min(0.0, *ends), max(0.0, *ends)
    widest = 6 * sorted(abs(row.value) for row in rows)[len(rows) // 2] + 0.5
    low, high = max(low, -max(widest, 1.0)), min(high, max(widest, 1.0))
    pad = 0.04 * (high - low) or 0.1
    return low - pad, high + pad


def _directions(axes: Axes, method: str) -> None:
    for text, place, side in (
        ("← worse", 0.0, "left"),
        (f"{method} better →", 1.0, "right"),
    ):
        axes.text(
            place,
            1.0,
            text,
            transform=axes.transAxes,
            horizontalalignment=side,
            verticalalignment="bottom",
            fontsize=11,
            color=SOFT,
        )


def _draw(
    axes: Axes, row: ForestRow, position: int, limits: tuple[float, float]
) -> None:
    colour = COLOURS[row.role] if row.role != "control" else INK
    line = position + 0.7
    axes.axhline(position, color="#e4e4e4", linewidth=0.6)
    axes.plot(
        [max(row.low, limits[0]), min(row.high, limits[1])],
        [line, line],
        color=colour,
        linewidth=1.8,
        solid_capstyle="butt",
    )
    axes.plot(
        min(max(row.value, limits[0]), limits[1]),
        line,
        marker="o",
        markersize=6.5,
        markerfacecolor=colour if row.is_decided else "white",
        markeredgecolor=colour,
        markeredgewidth=1.5,
        clip_on=False,
    )
    for end, mark in ((row.low, "<"), (row.high, ">")):
        if not limits[0] <= end <= limits[1]:
            edge = min(max(end, limits[0]), limits[1])
            axes.plot(edge, line, mark, color=colour, markersize=5, clip_on=False)
    _write(axes, position, row)


def _write(axes: Axes, position: int, row: ForestRow) -> None:
    for text, place, side in ((row.label, 0.0, "left"), (row.text, 1.0, "right")):
        axes.text(
            place,
            position + 0.28,
            text,
            transform=axes.get_yaxis_transform(),
            horizontalalignment=side,
            verticalalignment="center",
            fontsize=11,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        )
