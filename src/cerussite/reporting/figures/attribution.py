"""Which wavelengths count: attribution of responses, and bands kept and new."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from cerussite.reporting.figures.drawing import (
    COLOURS,
    FAINT,
    INK,
    add_axes,
    panel,
    to_svg,
)

WIDTH, HEIGHT = 700, 300
_LEFT, _RIGHT, _BOTTOM = 76, 14, 44
#: Height of the strip of absorption features above the curves.
_STRIP = 88
#: Beyond this wavelength an axis in nm is stretched by what nobody looks at.
_NEAR_INFRARED = 3000.0
#: Labels of such an axis.
_TICKS = (2500, 3000, 4000, 6000, 10_000, 16_000)
#: Colours and rows of the constituents whose features are drawn.
KINDS: dict[str, str] = {
    "iron oxides": "#a03c0b",
    "clay minerals": "#7a6a2b",
    "carbonate": "#0067a5",
    "organic matter": "#00795c",
    "sulfate": "#7b4a8e",
    "quartz": "#5f6368",
    "water": "#3a86c8",
}
#: Colours of verdicts; each stands in a row of its own, so that nothing depends on
#: colour alone.
VERDICTS: dict[str, str] = {
    "kept": COLOURS["transfer"],
    "new": COLOURS["network"],
    "dropped": COLOURS["baseline"],
}


def draw_attribution(
    table: pd.DataFrame,
    features: pd.DataFrame,
    *,
    label: str,
    name: str,
    role: str = "consensus",
) -> Markup:
    """
    Draw the attribution of one response by wavelength, bins as bins.

    Parameters
    ----------
    table : DataFrame
        A row a bin of one response and method: low, high (nm), value, spread (NaN
        where unknown).
    features : DataFrame
        Absorption features with columns kind, centre, low and high in nm, as
        :func:`cerussite.explanation.absorption_features` gives them.
    label : str
        What is drawn, with its unit.
    name : str
        Unique on the page.
    role : str
        Role of the method; decides the colour.

    Returns
    -------
    Markup
        The panel: steps as wide as the bins, the spread over members as a band,
        absorption features above.
    """
    limits = _limits(table)
    with panel(WIDTH, HEIGHT) as figure:
        axes = _axes(figure, limits)
        value, spread_ = table["value"].to_numpy(), table["spread"].to_numpy()
        wide = np.nan_to_num(spread_)
        colour = COLOURS[role]
        _band(axes, table, value - wide, value + wide, colour)
        _steps(axes, table, value, colour)
        _ground(axes, [value - wide, value + wide])
        axes.set_ylabel(label)
        _strip(figure, features, limits)
        return to_svg(figure, name, f"{label} by wavelength")


def draw_bands(
    table: pd.DataFrame,
    features: pd.DataFrame,
    *,
    titles: tuple[str, str],
    name: str,
) -> Markup:
    """
    Draw which bands a source used, which transfer kept and which are new.

    Parameters
    ----------
    table : DataFrame
        ``table`` of :class:`cerussite.explanation.BandComparison`.
    features : DataFrame
        Absorption features with columns kind, centre, low and high in nm.
    titles : tuple of (str, str)
        Names of the source and of the transferred model.
    name : str
        Unique on the page.

    Returns
    -------
    Markup
        The panel: shares of both models with intervals (cut to what a share can
        be), verdicts as bars in rows
        below, absorption features above.
    """
    limits = _limits(table)
    pairs = (("source", "baseline"), ("transferred", "transfer"))
    with panel(WIDTH, HEIGHT + 70) as figure:
        axes = _axes(figure, limits, below=70)
        drawn = []
        for (column, role), title in zip(pairs, titles, strict=True):
            # The t-interval of few members leaves what a share can be.
            low, high = (
                (100 * table[f"{column}_{end}"]).clip(0, 100).to_numpy()
                for end in ("low", "high")
            )
            share = (100 * table[column]).to_numpy()
            _band(axes, table, low, high, COLOURS[role])
            dash = "-" if column == "transferred" else (0, (4, 2))
            _steps(axes, table, share, COLOURS[role], label=title, linestyle=dash)
            drawn += [share, high]
        # Wide intervals may leave the frame: they must not flatten the curves.
        most = 2.5 * max(float(share.max()) for share in drawn[::2])
        _ground(axes, [np.minimum(values, most) for values in drawn])
        axes.axhline(100 / len(table), color=FAINT, linewidth=0.7)
        axes.set_ylabel("Share (%)")
        axes.legend(frameon=False, fontsize=10.5, loc="upper right")
        axes.set_xlabel("")
        axes.set_xticklabels([])
        _verdict_rows(figure, table, limits)
        _strip(figure, features, limits)
        words = f"bands used by {titles[0]} and {titles[1]}, with verdicts"
        return to_svg(figure, name, words)


def _limits(table: pd.DataFrame) -> tuple[float, float]:
    return float(table["low"].min()), float(table["high"].max())


def _axes(figure: Figure, limits: tuple[float, float], *, below: float = 0) -> Axes:
    axes = add_axes(figure, _LEFT, _STRIP, _RIGHT, _BOTTOM + below)
    _wavelengths(axes, limits)
    return axes


def _wavelengths(axes: Axes, limits: tuple[float, float]) -> None:
    if limits[1] > _NEAR_INFRARED:
        axes.set_xscale("function", functions=(_reciprocal, _reciprocal))
        axes.xaxis.set_major_locator(FixedLocator(_TICKS))
    axes.set_xlim(limits)
    axes.set_xlabel("Wavelength (nm)")


def _reciprocal(wavelength: np.ndarray) -> np.ndarray:
    # Even in wavenumbers, still increasing in wavelength; its own inverse.
    with np.errstate(divide="ignore"):
        return -1e7 / np.where(wavelength == 0, np.nan, wavelength)


def _steps(
    axes: Axes,
    table: pd.DataFrame,
    value: np.ndarray,
    colour: str,
    **style: Any,
) -> None:
    edges = np.append(table["low"], table["high"].iloc[-1])
    axes.stairs(
        value,
        edges,
        baseline=None,
        color=colour,
        linewidth=1.3,
        **style,
    )


def _band(
    axes: Axes, table: pd.DataFrame, low: np.ndarray, high: np.ndarray, colour: str
) -> None:
    edges = np.append(table["low"], table["high"].iloc[-1])
    axes.stairs(high, edges, baseline=low, fill=True, color=colour, alpha=0.18)


def _ground(axes: Axes, drawn: Sequence[np.ndarray]) -> None:
    values = np.concatenate(drawn)
    low, high = min(0.0, float(values.min())), float(values.max())
    pad = 0.05 * (high - low) or 1.0
    axes.set_ylim(low - (pad if low < 0 else 0.0), high + pad)
    if low < 0:
        axes.axhline(0.0, color=FAINT, linewidth=0.7, zorder=0)


def _verdict_rows(
    figure: Figure, table: pd.DataFrame, limits: tuple[float, float]
) -> None:
    height = figure.get_size_inches()[1] * 72
    axes = add_axes(figure, _LEFT, height - _BOTTOM - 62, _RIGHT, _BOTTOM)
    _wavelengths(axes, limits)
    for row, (verdict, colour) in enumerate(VERDICTS.items()):
        own = table[table["verdict"] == verdict]
        bars = list(zip(own["low"], own["high"] - own["low"], strict=True))
        axes.broken_barh(bars, (row - 0.3, 0.6), facecolor=colour)
    axes.set_yticks(range(len(VERDICTS)), list(VERDICTS), fontsize=10.5)
    axes.set_ylim(len(VERDICTS) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _strip(figure: Figure, features: pd.DataFrame, limits: tuple[float, float]) -> None:
    """Absorption features: a row a kind, a mark at each centre."""
    height = figure.get_size_inches()[1] * 72
    axes = add_axes(figure, _LEFT, 6, _RIGHT, height - _STRIP + 8)
    _wavelengths(axes, limits)
    inside = features[features["centre"].between(*limits)]
    kinds = [kind for kind in KINDS if (inside["kind"] == kind).any()]
    for row, kind in enumerate(kinds):
        own = inside[inside["kind"] == kind]
        low, high = ((own[end] + own["centre"]) / 2 for end in ("low", "high"))
        low, high = low.clip(*limits), high.clip(*limits)
        bars = list(zip(low, high - low, strict=True))
        axes.broken_barh(bars, (row - 0.3, 0.6), facecolor=KINDS[kind], alpha=0.3)
        axes.plot(own["centre"], np.full(len(own), row), "|", color=KINDS[kind])
    axes.set_ylim(len(kinds) - 0.4, -0.6)
    axes.set_yticks([])
    axes.set_xticks([])
    axes.set_xlabel("")
    for side in axes.spines.values():
        side.set_visible(False)
    for row, kind in enumerate(kinds):
        axes.annotate(
            kind,
            (0.0, row),
            xytext=(-4, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            fontsize=8,
            color=INK,
            horizontalalignment="right",
            verticalalignment="center",
        )
