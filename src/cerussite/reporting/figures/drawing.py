"""How panels look, and how they become SVG inside a page."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib as mpl
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

#: Colours by role, told apart by colour-blind readers (after Okabe and Ito) and
#: dark enough for thin lines on white.
COLOURS: dict[str, str] = {
    "baseline": "#5f6368",
    "consensus": "#0067a5",
    "network": "#c65102",
    "transfer": "#00795c",
    "control": "#a6a6a6",
    "unlisted": "#7b4a8e",
}
#: Marks by role, so that nothing depends on colour alone.
MARKERS: dict[str, str] = {
    "baseline": "s",
    "consensus": "D",
    "network": "^",
    "transfer": "o",
    "control": "x",
    "unlisted": "v",
}
INK, SOFT, FAINT = "#222222", "#5b6268", "#8a8f94"
_STYLE: dict[str, object] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "cerussite",
    "font.family": "DejaVu Sans",
    "font.size": 11.5,
    "axes.labelsize": 11.5,
    "axes.linewidth": 0.8,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "xtick.major.size": 3.0,
    "ytick.major.size": 3.0,
    "xtick.major.width": 0.8,
    "ytick.major.width": 0.8,
    "lines.linewidth": 1.6,
    "text.color": INK,
    "savefig.transparent": True,
    "hatch.linewidth": 0.6,
}
_NUMERIC = re.compile(r'\b(d|x|y|width|height|transform|points)="([^"]*)"')
_LONG = re.compile(r"(-?\d+\.\d{2})\d+")
#: Left out: the page has its own fonts, and a style would apply to all of it.
_DROPPED = re.compile(
    r"<metadata>.*?</metadata>|<style.*?</style>| ?font-family: [^;\"]*;?"
    r'| transform="rotate\(-?0(?:\.0)? [^"]*"',
    re.DOTALL,
)
_REFERENCE = re.compile(r'(?:href="#|url\(#)([^")]+)')
_ID = re.compile(r' id="([^"]*)"')
_SPACE = re.compile(r">\s+<")


@contextmanager
def panel(width: float, height: float) -> Iterator[Figure]:
    """
    An empty panel in the style of the report.

    Parameters
    ----------
    width, height : float
        Size in pixels of the page; sizes of fonts are pixels, too.

    Yields
    ------
    Figure
        Without axes; to be drawn on and written inside the block.
    """
    with mpl.rc_context(_STYLE):  # type: ignore[arg-type]
        yield Figure(figsize=(width / 72, height / 72))


def add_axes(
    figure: Figure, left: float, top: float, right: float, bottom: float
) -> Axes:
    """
    Add axes with margins in pixels.

    Parameters
    ----------
    figure : Figure
        The panel.
    left, top, right, bottom : float
        Margins in pixels.

    Returns
    -------
    Axes
        The axes inside the margins.
    """
    width, height = figure.get_size_inches() * 72
    return figure.add_axes(
        (
            left / width,
            bottom / height,
            (width - left - right) / width,
            (height - top - bottom) / height,
        )
    )


def to_svg(figure: Figure, name: str, description: str) -> Markup:
    """
    Write a panel as SVG that stands inside an HTML page.

    Parameters
    ----------
    figure : Figure
        The panel.
    name : str
        Unique on the page; begins the ids inside.
    description : str
        What a reader who cannot see the panel should know.

    Returns
    -------
    Markup
        An ``svg`` element without ids that nothing refers to, with coordinates
        to a hundredth of a pixel and fonts of the page.
    """
    buffer = io.StringIO()
    metadata = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(buffer, format="svg", dpi=120, metadata=metadata)
    text = buffer.getvalue()
    body = text[text.index(">", text.index("<svg")) + 1 : text.rindex("</svg>")]
    body = _NUMERIC.sub(_shorten, _DROPPED.sub("", body))
    body = _SPACE.sub("><", _own_ids(body, name))
    width, height = (round(side * 72) for side in figure.get_size_inches())
    return Markup(
        f'<svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label="{escape(description)}">{body.strip()}</svg>'
    )


def _shorten(found: re.Match[str]) -> str:
    return _LONG.sub(r"\1", found[0]).replace(" \n", " ").replace("\n", " ")


def _own_ids(body: str, name: str) -> str:
    wanted = set(_REFERENCE.findall(body))
    prefix = re.sub(r"\W+", "-", name)
    body = _ID.sub(
        lambda found: f' id="{prefix}-{found[1]}"' if found[1] in wanted else "", body
    )
    return re.sub(r'(href="#|url\(#)', rf"\g<1>{prefix}-", body)


def plain_log_ticks(axes: Axes, which: str = "both") -> None:
    """
    Label logarithmic axes with plain numbers (10, 30, 100).

    Parameters
    ----------
    axes : Axes
        Axes with a logarithmic scale.
    which : {"x", "y", "both"}
        Which of its axes.
    """
    for name in "xy" if which == "both" else which:
        axis = getattr(axes, f"{name}axis")
        low, high = axis.get_view_interval()
        axis.set_major_locator(LogLocator(subs=_log_steps(high / low)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())


def _log_steps(ratio: float) -> list[float]:
    if ratio < 12:
        return [1.0, 2.0, 5.0]
    return [1.0, 3.0] if ratio < 300 else [1.0]


def spread(positions: list[float], gap: float, low: float, high: float) -> list[float]:
    """
    Move labels apart, keeping their order and staying near where they belong.

    Parameters
    ----------
    positions : list of float
        Where the labels belong.
    gap : float
        Least distance of two labels.
    low, high : float
        Limits; the gap shrinks where the labels do not fit.

    Returns
    -------
    list of float
        New positions in the order given.

    Examples
    --------
    >>> spread([5.0, 5.0], 2.0, 0.0, 10.0)
    [4.0, 6.0]
    """
    if not positions:
        return []
    gap = min(gap, (high - low) / len(positions))
    order = sorted(range(len(positions)), key=positions.__getitem__)
    clusters: list[list[int]] = []
    for index in order:
        clusters.append([index])
        while len(clusters) > 1 and _overlap(clusters, positions, gap, (low, high)):
            last = clusters.pop()
            clusters[-1] += last
    placed = list(positions)
    for cluster in clusters:
        start = _start(cluster, positions, gap, (low, high))
        for step, index in enumerate(cluster):
            placed[index] = start + step * gap
    return placed


def _start(
    cluster: list[int], positions: list[float], gap: float, limits: tuple[float, float]
) -> float:
    length = gap * (len(cluster) - 1)
    centre = sum(positions[index] for index in cluster) / len(cluster)
    return min(max(centre - length / 2, limits[0]), limits[1] - length)


def _overlap(
    clusters: list[list[int]],
    positions: list[float],
    gap: float,
    limits: tuple[float, float],
) -> bool:
    before, after = clusters[-2:]
    end = _start(before, positions, gap, limits) + gap * (len(before) - 1)
    return _start(after, positions, gap, limits) - end < gap
