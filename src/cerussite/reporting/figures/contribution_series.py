"""Contributions of a factor in the order of time or of the table."""

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

from cerussite.core.types import FloatArray
from cerussite.reporting.figures.drawing import COLOURS, FAINT, add_axes, panel, to_svg

WIDTH, HEIGHT = 1040, 124
#: Lines are broken where nothing was sampled for so many usual steps.
GAP = 10.0


def draw_series(
    contributions: FloatArray, dates: pd.Series | None, *, name: str, title: str
) -> Markup:
    """
    Draw contributions, one point a sample.

    Parameters
    ----------
    contributions : ndarray of shape (n_samples,)
        With mean one.
    dates : Series of datetime64 or None
        Where known; otherwise samples stand in the order of the table.
    name : str
        Unique on the page.
    title : str
        The factor, for readers who cannot see the panel.

    Returns
    -------
    Markup
        The panel.
    """
    with panel(WIDTH, HEIGHT) as figure:
        axes = add_axes(figure, 50, 6, 12, 26 if dates is not None else 40)
        colour = COLOURS["consensus"]
        axes.axhline(1.0, color=FAINT, linewidth=0.8, linestyle="--")
        if dates is None:
            places = np.arange(1, len(contributions) + 1)
            axes.vlines(places, 0, contributions, color=colour, linewidth=0.9)
            axes.set_xlabel("Sample, in the order of the table")
        else:
            order = np.argsort(dates.to_numpy(), kind="stable")
            for part in _unbroken(dates.to_numpy()[order]):
                own = order[part]
                axes.plot(
                    dates.to_numpy()[own],
                    contributions[own],
                    color=colour,
                    linewidth=0.9,
                    # A lone sample has no line.
                    marker="." if len(own) == 1 else None,
                )
            locator = AutoDateLocator(maxticks=10)  # type: ignore[no-untyped-call]
            axes.xaxis.set_major_locator(locator)
            formatter = ConciseDateFormatter(locator)  # type: ignore[no-untyped-call]
            axes.xaxis.set_major_formatter(formatter)
            # The year stands at the ticks; the offset text repeats the last one.
            axes.xaxis.get_offset_text().set_visible(False)
        axes.set_ylim(0, 1.05 * float(contributions.max()))
        axes.margins(x=0.01)
        highest = float(contributions.max())
        return to_svg(figure, name, f"contributions of {title}, highest {highest:.1f}")


def _unbroken(stamps: np.ndarray) -> list[np.ndarray]:
    """Positions of stretches without a gap of many times the usual step."""
    places = np.arange(len(stamps))
    if len(stamps) < 3:
        return [places]
    steps = np.diff(stamps).astype("timedelta64[s]").astype(float)
    usual = float(np.median(steps[steps > 0])) if (steps > 0).any() else np.inf
    return np.split(places, np.flatnonzero(steps > GAP * usual) + 1)
