"""Classes of an index: colours from light to dark, bars of counts, legends."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from cerussite.reporting.figures.drawing import (
    FAINT,
    INK,
    SOFT,
    add_axes,
    panel,
    to_svg,
)

WIDTH, ROW = 436, 24
_RIGHT, _TOP, _BOTTOM, _LINE = 10, 6, 44, 19
#: Label of stations without a verdict.
WITHHELD = "verdict withheld"


def class_colours(n_classes: int) -> list[str]:
    """
    Colours of classes, from light for the lowest to dark for the highest.

    Parameters
    ----------
    n_classes : int
        Number of classes.

    Returns
    -------
    list of str
        Hexadecimal; their order survives printing in grey.

    Examples
    --------
    >>> len(class_colours(7))
    7
    """
    places = np.linspace(0.08, 0.88, n_classes) if n_classes > 1 else [0.5]
    return [to_hex(colormaps["inferno_r"](place)) for place in places]


def draw_class_bars(
    rows: Sequence[tuple[str, Sequence[int], int]],
    labels: Sequence[str],
    *,
    name: str,
    title: str,
) -> Markup:
    """
    Draw how many stations fall in each class, one bar an element or set.

    Parameters
    ----------
    rows : sequence of (str, sequence of int, int)
        Head of the bar (may be empty), stations in each class, and stations
        without a verdict.
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
    has_withheld = any(withheld for _, _, withheld in rows)
    legend = [*labels, *([WITHHELD] if has_withheld else [])]
    below = legend_height(legend)
    left = _RIGHT + 8 * max(len(head) for head, _, _ in rows)
    with panel(WIDTH, _TOP + _BOTTOM + ROW * len(rows) + below) as figure:
        axes = add_axes(figure, left, _TOP, _RIGHT, _BOTTOM + below)
        for at, (_, counts, withheld) in enumerate(rows):
            _bar(axes, at, counts, withheld)
        widest = max(sum(counts) + withheld for _, counts, withheld in rows)
        axes.set_xlim(0, widest)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_yticks(range(len(rows)), [head for head, _, _ in rows])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("Stations")
        draw_legend(figure, legend, len(labels), height=below)
        told = "; ".join(
            f"{head or title}: {', '.join(map(str, counts))}, withheld {withheld}"
            for head, counts, withheld in rows
        )
        about = f"stations by class of {title} ({', '.join(labels)}): {told}"
        return to_svg(figure, name, about)


def _bar(axes: Axes, at: int, counts: Sequence[int], withheld: int) -> None:
    start, total = 0, sum(counts) + withheld
    for count, colour in zip(counts, class_colours(len(counts)), strict=True):
        if count:
            _part(axes, at, start, count, colour)
            if count > 0.06 * total:
                axes.text(
                    start + count / 2,
                    at,
                    f"{count}",
                    ha="center",
                    va="center",
                    fontsize=10.5,
                    color=text_colour(colour),
                )
        start += count
    if withheld:
        _part(axes, at, start, withheld, None)


def _part(axes: Axes, at: int, start: int, count: int, colour: str | None) -> None:
    axes.add_patch(
        Rectangle(
            (start, at - 0.38),
            count,
            0.76,
            facecolor=colour or "white",
            edgecolor="white" if colour else FAINT,
            linewidth=0.6,
            hatch=None if colour else "////",
        )
    )


def text_colour(background: str) -> str:
    """
    Colour of text that can be read on a colour.

    Parameters
    ----------
    background : str
        Hexadecimal colour.

    Returns
    -------
    str
        Ink or white.

    Examples
    --------
    >>> text_colour("#ffffff") != text_colour("#000000")
    True
    """
    red, green, blue = (int(background[at : at + 2], 16) for at in (1, 3, 5))
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else "#ffffff"


def legend_height(labels: Sequence[str]) -> int:
    """
    Pixels that a legend below a panel takes.

    Parameters
    ----------
    labels : sequence of str
        Its entries.

    Returns
    -------
    int
        Height in pixels.
    """
    return _LINE * -(-len(labels) // _columns(labels)) + 6


def _columns(labels: Sequence[str]) -> int:
    longest = max(len(label) for label in labels)
    return 3 if longest < 16 else 2 if longest < 29 else 1


def draw_legend(
    figure: Figure,
    labels: Sequence[str],
    n_classes: int,
    *,
    height: int,
    hatch: str = "////",
) -> None:
    """
    Draw squares with labels in columns at the bottom of a panel.

    Parameters
    ----------
    figure : Figure
        The panel.
    labels : sequence of str
        Classes from low to high, then perhaps that of withheld verdicts.
    n_classes : int
        Number of classes among them.
    height : int
        Pixels at the bottom, as :func:`legend_height` gives them.
    hatch : str
        How withheld verdicts are marked on white; empty for plain white.
    """
    width, total = figure.get_size_inches() * 72
    axes = figure.add_axes((0, 0, 1, height / total))
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    columns = _columns(labels)
    n_lines = -(-len(labels) // columns)
    colours = [*class_colours(n_classes), None]
    for at, (label, colour) in enumerate(zip(labels, colours, strict=False)):
        left = _RIGHT + (at // n_lines) * (width - _RIGHT) / columns
        middle = _LINE * (at % n_lines) + _LINE / 2
        axes.add_patch(
            Rectangle(
                (left, middle - 6),
                12,
                12,
                facecolor=colour or "white",
                edgecolor=SOFT,
                linewidth=0.6,
                hatch=None if colour else hatch,
            )
        )
        axes.text(left + 18, middle, label, va="center", fontsize=11)
