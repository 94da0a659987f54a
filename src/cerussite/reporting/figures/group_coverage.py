"""Coverage by group: measured shares with intervals beside the nominal level."""

import math

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.ticker import PercentFormatter

from cerussite.reporting.figures.drawing import (
    COLOURS,
    FAINT,
    INK,
    add_axes,
    panel,
    to_svg,
)
from cerussite.reporting.wording import scheme_title

WIDTH = 410
_LEFT, _RIGHT, _TOP, _BOTTOM = 122, 12, 30, 42
#: Marks of schemes in their order; the first one is open.
_MARKS = ("o", "D", "^", "s", "v")


def draw_group_coverage(
    table: pd.DataFrame, schemes: list[str], *, level: float, name: str
) -> Markup:
    """
    Draw coverage of each group, schemes side by side.

    Parameters
    ----------
    table : DataFrame
        As :func:`~cerussite.reporting.certainty.group_coverage` gives it.
    schemes : list of str
        Schemes in the order of the report.
    level : float
        Nominal coverage; no line where NaN.
    name : str
        Unique on the page.

    Returns
    -------
    Markup
        A row a group, a mark a scheme.
    """
    groups = list(table["group"].unique())
    step = 12 * len(schemes) + 10
    with panel(WIDTH, _TOP + _BOTTOM + step * len(groups)) as figure:
        axes = add_axes(figure, _LEFT, _TOP, _RIGHT, _BOTTOM)
        if math.isfinite(level):
            axes.axvline(level, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
        for rank, scheme in enumerate(schemes):
            own = table[table["scheme"] == scheme]
            shift = 0.56 * ((rank + 0.5) / len(schemes) - 0.5)
            rows = np.array([groups.index(g) for g in own["group"]]) + shift
            share = own["coverage"].to_numpy()
            gaps = np.vstack([share - own["low"], own["high"] - share])
            axes.errorbar(
                share,
                rows,
                xerr=np.maximum(gaps, 0.0),
                fmt=_MARKS[rank % len(_MARKS)],
                color=COLOURS["baseline" if rank == 0 else "consensus"],
                markerfacecolor="white" if rank == 0 else COLOURS["consensus"],
                markersize=5,
                linewidth=1.2,
                label=scheme_title(scheme),
            )
        axes.set_yticks(range(len(groups)), [_short(g) for g in groups], fontsize=10)
        axes.set_ylim(len(groups) - 0.5, -0.5)
        axes.set_xlim(min(0.5, float(table["low"].min()) - 0.02), 1.01)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.set_xlabel("Values inside their interval")
        axes.grid(axis="x", color=FAINT, alpha=0.25, linewidth=0.6)
        figure.legend(
            loc="upper right", ncols=len(schemes), frameon=False, fontsize=9.5
        )
        return to_svg(figure, name, "coverage of prediction intervals by group")


def _short(group: object) -> str:
    text = str(group)
    return text if len(text) <= 17 else f"{text[:16]}…"
