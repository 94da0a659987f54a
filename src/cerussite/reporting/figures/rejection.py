"""The reject curve: error of what is kept against the share sent to the laboratory."""

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from cerussite.reporting.figures.drawing import (
    COLOURS,
    INK,
    SOFT,
    add_axes,
    panel,
    spread,
    to_svg,
)

WIDTH, HEIGHT = 410, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 66, 88, 10, 44


def draw_rejection(
    table: pd.DataFrame, *, label: str, role: str, top: float, name: str
) -> Markup:
    """
    Draw the error of the predictions that are kept.

    Parameters
    ----------
    table : DataFrame
        Rows of `rejection.csv` of one response, method and scheme.
    label : str
        RMSE with its unit, for the axis.
    role : str
        Role of the method; decides the colour.
    top : float
        Upper end of the vertical axis, which begins at zero.
    name : str
        Unique on the page.

    Returns
    -------
    Markup
        The curve with its interval, and those of the lot and of an oracle.
    """
    with panel(WIDTH, HEIGHT) as figure:
        axes = add_axes(figure, _LEFT, _TOP, _RIGHT, _BOTTOM)
        share = table["share"].to_numpy()
        axes.fill_between(
            share,
            table["low"],
            table["high"],
            color=COLOURS[role],
            alpha=0.15,
            linewidth=0,
        )
        axes.plot(share, table["random"], color=SOFT, linestyle=(0, (5, 3)))
        axes.plot(share, table["oracle"], color=INK, linestyle=(0, (1, 2)))
        axes.plot(
            share, table["rmse"], color=COLOURS[role], linewidth=2.0, marker="o", ms=3.6
        )
        axes.set_xlim(0, float(share.max()))
        axes.set_ylim(0, top)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.set_xlabel("Sent to the laboratory")
        axes.set_ylabel(label)
        _name_ends(axes, table, role, top)
        return to_svg(figure, name, f"{label} of what is kept by share sent")


def _name_ends(axes: Axes, table: pd.DataFrame, role: str, top: float) -> None:
    lines = (
        ("rmse", "by spectrum", COLOURS[role]),
        ("random", "by lot", SOFT),
        ("oracle", "oracle", INK),
    )
    ends = [float(table[column].iloc[-1]) for column, _, _ in lines]
    placed = spread(ends, 0.075 * top, 0.02 * top, top)
    for (_, text, colour), at in zip(lines, placed, strict=True):
        axes.annotate(
            text,
            (1.03, at / top),
            xycoords="axes fraction",
            fontsize=10.5,
            color=colour,
            verticalalignment="center",
            annotation_clip=False,
        )


def rejection_top(table: pd.DataFrame) -> float:
    """
    Upper end of the vertical axis of some curves.

    Parameters
    ----------
    table : DataFrame
        Rows of `rejection.csv` whose panels share the axis.

    Returns
    -------
    float
        In the unit of the response.
    """
    ends = table[["rmse", "high", "random"]].to_numpy(dtype=float)
    finite = ends[np.isfinite(ends)]
    return 1.05 * float(finite.max()) if finite.size else 1.0
