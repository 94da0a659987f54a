"""Residuals: bias along the range of the observations, and error by group."""

import numpy as np
import pandas as pd
from markupsafe import Markup

from cerussite.reporting.figures.drawing import (
    COLOURS,
    FAINT,
    MARKERS,
    add_axes,
    panel,
    to_svg,
)
from cerussite.reporting.numerals import significant

WIDTH, HEIGHT = 336, 290
_LEFT, _RIGHT, _TOP, _BOTTOM = 66, 6, 12, 66


def draw_bias(
    tables: list[tuple[str, pd.DataFrame]],
    *,
    label: str,
    unit: str,
    limits: tuple[float, float],
    name: str,
) -> Markup:
    """
    Draw bias by quantile of the observations for some methods.

    Parameters
    ----------
    tables : list of (str, DataFrame)
        Role of each method and its
        :func:`~cerussite.reporting.diagnostics.bias_by_quantile`.
    label : str
        Name of the response.
    unit : str
        Unit of the response; may be empty.
    limits : tuple of (float, float)
        Ends of the vertical axis.
    name : str
        Unique on the page.

    Returns
    -------
    Markup
        The panel.
    """
    in_unit = f" ({unit})" if unit else ""
    with panel(WIDTH, HEIGHT) as figure:
        axes = add_axes(figure, _LEFT, _TOP, _RIGHT, _BOTTOM)
        axes.axhline(0.0, color=FAINT, linewidth=0.9)
        roles = [role for role, _ in tables]
        for rank, (role, table) in enumerate(tables):
            centre = np.arange(len(table)) + 0.16 * (rank - (len(tables) - 1) / 2)
            mean = table["bias"].to_numpy()
            gaps = table["bias"] - table["low"], table["high"] - table["bias"]
            axes.errorbar(
                centre,
                mean,
                yerr=np.nan_to_num(np.vstack(gaps)),
                fmt=MARKERS[role],
                color=COLOURS[role],
                markerfacecolor="white" if role in roles[:rank] else COLOURS[role],
                markersize=5,
                linewidth=1.4,
            )
        axes.set_ylim(limits)
        first = tables[0][1]
        axes.set_xticks(
            range(len(first)),
            [
                f"{significant(low, 2)}\n{significant(high, 2)}"
                for low, high in first[["first", "last"]].itertuples(index=False)
            ],
        )
        axes.set_xlabel(f"Observed {label}{in_unit}, lowest to highest of the bin")
        axes.xaxis.label.set_fontsize(10.5)
        axes.set_ylabel(f"Bias{in_unit}")
        return to_svg(figure, name, f"bias of {label} by quantile of the observations")


def draw_groups(errors: pd.DataFrame, *, label: str, role: str, name: str) -> Markup:
    """
    Draw the error of each group.

    Parameters
    ----------
    errors : DataFrame
        As :func:`~cerussite.reporting.diagnostics.error_by_group` gives it.
    label : str
        RMSE with its unit, for the axis.
    role : str
        Role of the method; decides the colour.
    name : str
        Unique on the page.

    Returns
    -------
    Markup
        The panel.
    """
    with panel(WIDTH, max(HEIGHT, 64 + 18 * len(errors))) as figure:
        axes = add_axes(figure, 128, _TOP, 16, 46)
        rows = np.arange(len(errors))
        axes.hlines(rows, 0, errors["rmse"], color="#dddddd", linewidth=1.0)
        axes.plot(
            errors["rmse"], rows, MARKERS[role], color=COLOURS[role], markersize=5
        )
        names = [
            f"{str(group)[:11]} (n = {n})"
            for group, n in errors[["group", "n_samples"]].itertuples(index=False)
        ]
        axes.set_yticks(rows, names, fontsize=10.5)
        axes.set_ylim(len(errors) - 0.4, -0.6)
        axes.set_xlim(0, 1.06 * float(errors["rmse"].max()) or 1.0)
        axes.set_xlabel(label)
        return to_svg(figure, name, f"{label} by group")
