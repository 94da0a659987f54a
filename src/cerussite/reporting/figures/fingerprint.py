"""The fingerprint of a factor: shares of the species, concentrations, intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogLocator, NullFormatter

from cerussite.core.types import FloatArray
from cerussite.reporting.figures.drawing import (
    COLOURS,
    FAINT,
    INK,
    SOFT,
    add_axes,
    panel,
    to_svg,
)

#: Pixels a species, and of the two axes.
STEP, WIDEST, SHARE, LOGARITHMIC = 34, 1040, 130, 120
#: Colours of the intervals: displacement, bootstrap.
BOXES = {"DISP": COLOURS["network"], "BS": COLOURS["consensus"]}
#: Decades below the largest concentration that are drawn at most.
_DECADES = 6


@dataclass(frozen=True, eq=False)
class Fingerprint:
    """
    What is drawn of one factor.

    Attributes
    ----------
    species : sequence of str
        Names.
    concentrations : ndarray of shape (n_species,)
        Of the profile; zero is not drawn.
    totals : ndarray of shape (n_species,)
        Concentration by all factors together.
    boxes : dict of str to ndarray of shape (n_species, 2)
        Lower and upper concentration by method; NaN where there is none.
    """

    species: Sequence[str]
    concentrations: FloatArray
    totals: FloatArray
    boxes: dict[str, FloatArray]


def draw_fingerprint(profile: Fingerprint, *, name: str, title: str) -> Markup:
    """
    Draw shares of the species above, concentrations on a logarithmic axis below.

    Parameters
    ----------
    profile : Fingerprint
        The factor.
    name : str
        Unique on the page.
    title : str
        The factor, for readers who cannot see the panel.

    Returns
    -------
    Markup
        The panel.
    """
    n_species = len(profile.species)
    below = 12 + min(7.2 * max(len(each) for each in profile.species), 130)
    width = min(max(STEP * n_species + 76, 420), WIDEST)
    shares = 100 * profile.concentrations / profile.totals
    with panel(width, SHARE + LOGARITHMIC + 14 + below) as figure:
        upper = add_axes(figure, 64, 8, 12, LOGARITHMIC + 14 + below)
        lower = add_axes(figure, 64, SHARE + 14, 12, below)
        scale = 100 / profile.totals
        _bars(upper, shares, 0.0)
        _boxes(upper, {m: box * scale[:, None] for m, box in profile.boxes.items()})
        upper.set_ylim(0, 108)
        upper.set_ylabel("% of species")
        floor = _logarithmic(lower, profile)
        _bars(lower, profile.concentrations, floor)
        _boxes(lower, {m: np.maximum(b, floor) for m, b in profile.boxes.items()})
        lower.set_ylabel("Concentration")
        for axes in (upper, lower):
            axes.set_xlim(-0.6, n_species - 0.4)
            axes.set_xticks(range(n_species), [])
        lower.set_xticks(
            range(n_species), [_short(each) for each in profile.species], rotation=90
        )
        lower.tick_params(axis="x", length=0)
        order = np.argsort(-np.nan_to_num(shares))[:5]
        told = ", ".join(f"{profile.species[at]} {shares[at]:.0f} %" for at in order)
        return to_svg(figure, name, f"fingerprint of {title}; most of {told}")


def _bars(axes: Axes, heights: FloatArray, floor: float) -> None:
    for at, height in enumerate(heights):
        if np.isfinite(height) and height > floor:
            axes.add_patch(
                Rectangle((at - 0.38, floor), 0.76, height - floor, facecolor="#c9d1d6")
            )
            axes.plot([at - 0.38, at + 0.38], [height, height], color=INK, lw=1.2)


def _boxes(axes: Axes, boxes: dict[str, FloatArray]) -> None:
    """Intervals side by side over each bar."""
    for side, (method, limits) in zip((-0.3, 0.04), boxes.items(), strict=False):
        for at, (low, high) in enumerate(limits):
            if np.isfinite(low) and np.isfinite(high):
                axes.add_patch(
                    Rectangle(
                        (at + side, low),
                        0.26,
                        high - low,
                        facecolor=BOXES[method],
                        edgecolor=BOXES[method],
                        linewidth=1.0,
                        alpha=0.75,
                    )
                )


def _logarithmic(axes: Axes, profile: Fingerprint) -> float:
    """Scale of the lower axes; gives its lower end."""
    positive = profile.concentrations[profile.concentrations > 0]
    tops = [positive, *(box[box > 0] for box in profile.boxes.values())]
    highest = max((float(each.max()) for each in tops if each.size), default=1.0)
    lowest = float(positive.min()) if positive.size else highest / 10
    floor = max(10 ** np.floor(np.log10(lowest)), highest * 10.0**-_DECADES)
    axes.set_yscale("log")
    axes.set_ylim(floor, highest * 1.6)
    axes.yaxis.set_major_locator(LogLocator(numticks=5))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.grid(visible=True, axis="y", color=FAINT, linewidth=0.3)
    axes.set_axisbelow(True)
    return float(floor)


def _short(name: str) -> str:
    return name if len(name) <= 18 else f"{name[:17]}…"


def draw_key(methods: Sequence[str], *, name: str) -> Markup:
    """
    Draw what bars and boxes mean.

    Parameters
    ----------
    methods : sequence of str
        Methods with boxes.
    name : str
        Unique on the page.

    Returns
    -------
    Markup
        A line.
    """
    words = {"DISP": "DISP at dQ 4", "BS": "bootstrap, 5th to 95th percentile"}
    entries = [("profile", "#c9d1d6"), *((words[m], BOXES[m]) for m in methods)]
    with panel(560, 22) as figure:
        axes = add_axes(figure, 0, 0, 0, 0)
        axes.set_axis_off()
        axes.set_xlim(0, 560)
        axes.set_ylim(0, 22)
        left = 64.0
        for text, colour in entries:
            axes.add_patch(
                Rectangle((left, 5), 12, 12, facecolor=colour, edgecolor=SOFT, lw=0.5)
            )
            axes.text(left + 18, 11, text, va="center", fontsize=11)
            left += 44 + 6.4 * len(text)
        return to_svg(figure, name, "key: " + ", ".join(text for text, _ in entries))
