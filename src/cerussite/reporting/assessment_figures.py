"""From the tables of an assessment to its figures."""

import numpy as np
import pandas as pd
from markupsafe import Markup

from cerussite.core.types import IntArray
from cerussite.reporting.assessment_folder import AssessmentResults
from cerussite.reporting.assessment_words import INDICES, MAPPED, index_title
from cerussite.reporting.figures.blocks import Block, Panel
from cerussite.reporting.figures.classes import draw_class_bars
from cerussite.reporting.figures.station_map import (
    StationPoints,
    draw_station_map,
    regions,
)

#: Indices that are computed of each element by itself.
SINGLE = frozenset(
    {
        "contamination_factor",
        "geoaccumulation_index",
        "enrichment_factor",
        "ecological_risk_factor",
    }
)
#: Indices that maps are drawn of, and regions with a map of their own, at most.
MOST_MAPS, MOST_REGIONS = 4, 4


def class_labels(results: AssessmentResults, index: str, element: str) -> list[str]:
    """
    Classes of an index from low to high.

    Parameters
    ----------
    results : AssessmentResults
        The folder.
    index, element : str
        Which; a set of elements may have bounds of its own.

    Returns
    -------
    list of str
        Labels.
    """
    classes = results.tables["classes"]
    own = classes[classes["index"] == index]
    exact = own[own["element"] == element]
    chosen = exact if len(exact) else own[own["element"] == own["element"].iloc[0]]
    return chosen["label"].tolist()


def bar_blocks(results: AssessmentResults) -> list[Block]:
    """
    Bars of stations by class: indices of elements, then those of sets.

    Parameters
    ----------
    results : AssessmentResults
        The folder.

    Returns
    -------
    list of Block
        One or two figures.
    """
    indices = results.tables["indices"]
    is_set = ~indices["index"].isin(SINGLE)
    blocks = []
    for chosen, what in (
        (indices[~is_set], "one bar an element"),
        (indices[is_set], "indices of the set of elements"),
    ):
        panels = tuple(
            Panel(index_title(index), _bars(results, rows, index))
            for index, rows in _by_index(chosen)
        )
        if panels:
            caption = f"Stations by class, {what}; from light (low) to dark (high)."
            blocks.append(Block((("", "", panels),), caption))
    return blocks


def _grouped(
    indices: pd.DataFrame,
) -> list[tuple[tuple[str, str], pd.DataFrame]]:
    groups = {
        (str(index), str(standard)): rows
        for (index, standard), rows in indices.groupby(
            ["index", "standard"], sort=False
        )
    }
    return sorted(groups.items(), key=lambda item: _place(item[0][0]))


def _by_index(indices: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    groups = {str(name): rows for name, rows in indices.groupby("index", sort=False)}
    return sorted(groups.items(), key=lambda item: _place(item[0]))


def _place(index: str) -> int:
    return [*INDICES, index].index(index)


def _bars(results: AssessmentResults, rows: pd.DataFrame, index: str) -> Markup:
    # Several guidelines may give one index of a set.
    by = "element" if index in SINGLE else "standard"
    labels = class_labels(results, index, str(rows["element"].iloc[0]))
    bars = []
    for head, own in rows.groupby(by, sort=False):
        counts = [
            int(((own["class"] == label) & ~own["withheld"]).sum()) for label in labels
        ]
        bars.append((str(head), counts, int(own["withheld"].sum())))
    if len(bars) == 1 and by == "standard":
        bars = [("", *bars[0][1:])]
    return draw_class_bars(bars, labels, name=f"bars-{index}", title=index_title(index))


def map_block(results: AssessmentResults) -> Block | None:
    """
    Maps of stations by class, one a region where stations lie far apart.

    Parameters
    ----------
    results : AssessmentResults
        The folder.

    Returns
    -------
    Block or None
        None where no station has coordinates.
    """
    stations = results.tables["stations"]
    pair = _coordinates(stations)
    if pair is None:
        return None
    there = stations[list(pair)].notna().all(axis=1).to_numpy()
    found = stations[there]
    east, north = (found[name].to_numpy(dtype=float) for name in pair)
    is_degrees = pair[0] == "longitude"
    parts = regions(east, north, is_degrees=is_degrees)
    if parts.max() >= MOST_REGIONS:
        parts = np.zeros_like(parts)
    groups = dict(_grouped(results.tables["indices"]))
    chosen = [key for name in MAPPED for key in groups if key[0] == name][:MOST_MAPS]
    rows = []
    for key in chosen:
        labels = class_labels(results, key[0], str(groups[key]["element"].iloc[0]))
        classed = _positions(groups[key], found["sample_id"], labels)
        points = StationPoints(east, north, classed, is_degrees)
        rows.append(("", "", _panels(points, parts, labels, key)))
    if parts.max() == 0:
        rows = [("", "", tuple(each for _, _, panels in rows for each in panels))]
    return Block(tuple(rows), _map_caption(results, pair, int(np.sum(~there))))


def _coordinates(stations: pd.DataFrame) -> tuple[str, str] | None:
    for pair in (("easting", "northing"), ("longitude", "latitude")):
        if set(pair) <= set(stations):
            known = stations[list(pair)].notna().all(axis=1)
            return pair if known.any() else None
    return None


def _positions(rows: pd.DataFrame, ids: pd.Series, labels: list[str]) -> IntArray:
    own = rows.set_index("sample_id").loc[ids]
    numbers = {label: at for at, label in enumerate(labels)}
    given = own["class"].where(~own["withheld"], "")
    return np.array([numbers.get(label, -1) for label in given], dtype=np.int64)


def _panels(
    points: StationPoints, parts: IntArray, labels: list[str], key: tuple[str, str]
) -> tuple[Panel, ...]:
    panels = []
    for part in range(int(parts.max()) + 1):
        own = parts == part
        some = StationPoints(
            points.east[own],
            points.north[own],
            points.positions[own],
            points.is_degrees,
        )
        title = index_title(*key)
        where = f": region {part + 1}, {own.sum()} stations" * bool(parts.max())
        name = f"map-{key[0]}-{key[1]}-{part}"
        drawn = draw_station_map(some, labels, name=name, title=title)
        panels.append(Panel(f"{title}{where}", drawn))
    return tuple(panels)


def _map_caption(
    results: AssessmentResults, pair: tuple[str, str], n_without: int
) -> str:
    crs = results.manifest["request"]["crs"]
    system = f" ({crs})" if crs else ""
    missing = f" {n_without} stations have no coordinates." if n_without else ""
    return (
        f"Stations by class, north up, {pair[0]} and {pair[1]} as in the table{system}; "
        f"one scale in both directions. High classes are drawn last.{missing}"
    )
