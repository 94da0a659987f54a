"""How scaled residuals of a species are distributed."""

import numpy as np
from markupsafe import Markup

from cerussite.core.types import FloatArray
from cerussite.reporting.figures.drawing import COLOURS, FAINT, add_axes, panel, to_svg

WIDTH, HEIGHT, FAR = 158, 96, 5.0


def draw_residual_histogram(scaled: FloatArray, *, name: str, title: str) -> Markup:
    """
    Draw a histogram from -5 to 5; what lies beyond is counted at the ends.

    Parameters
    ----------
    scaled : ndarray of shape (n_samples,)
        Residual over uncertainty; NaN where missing.
    name : str
        Unique on the page.
    title : str
        The species, for readers who cannot see the panel.

    Returns
    -------
    Markup
        The panel.
    """
    known = scaled[np.isfinite(scaled)]
    counts, edges = np.histogram(np.clip(known, -FAR, FAR), np.linspace(-FAR, FAR, 21))
    with panel(WIDTH, HEIGHT) as figure:
        axes = add_axes(figure, 4, 4, 4, 22)
        for limit in (-3, 3):
            axes.axvline(limit, color=FAINT, linewidth=0.8, linestyle="--")
        axes.bar(
            edges[:-1], counts, width=0.5, align="edge", color=COLOURS["consensus"]
        )
        axes.set_xlim(-FAR, FAR)
        axes.set_xticks([-3, 0, 3], ["−3", "0", "3"])
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        n_far = int(np.sum(np.abs(known) > 3))
        told = f"scaled residuals of {title}: {n_far} of {known.size} beyond three"
        return to_svg(figure, name, told)
