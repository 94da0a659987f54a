import re
from xml.etree import ElementTree as ET

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cerussite.reporting.figures.drawing import add_axes, panel, spread, to_svg


def drawing(name: str) -> str:
    with panel(200, 100) as figure:
        axes = add_axes(figure, 40, 10, 10, 30)
        axes.plot([0.123456, 2], [1, 2], "o")
        axes.set_xlabel("Pb <mg/kg> 0.123456")
        return str(to_svg(figure, name, "a <description>"))


def test_a_panel_is_well_formed_and_keeps_its_text() -> None:
    text = drawing("one").replace("xlink:href", "href")
    root = ET.fromstring(text)
    assert (root.get("width"), root.get("height")) == ("200", "100")
    labels = [element.text for element in root.iter() if element.tag == "text"]
    assert "Pb <mg/kg> 0.123456" in labels
    assert "font-family" not in text
    assert "<style" not in text


def test_ids_of_two_panels_differ_and_every_reference_is_found() -> None:
    ids = [set(re.findall(r'\bid="([^"]+)"', drawing(n))) for n in ("one", "two")]
    assert not ids[0] & ids[1]
    wanted = set(re.findall(r'(?:href="#|url\(#)([^")]+)', drawing("one")))
    assert wanted
    assert wanted == ids[0]


def test_drawing_twice_gives_the_same_panel() -> None:
    assert drawing("one") == drawing("one")


@given(st.lists(st.floats(0, 100), max_size=12))
def test_labels_moved_apart_keep_order_distance_and_limits(
    positions: list[float],
) -> None:
    placed = spread(positions, 8.0, 0.0, 100.0)
    order = np.argsort(positions, kind="stable")
    gaps = np.diff(np.array(placed)[order])
    assert (gaps >= min(8.0, 100.0 / max(len(positions), 1)) - 1e-9).all()
    assert all(-1e-9 <= place <= 100 + 1e-9 for place in placed)


def test_labels_far_apart_stay_where_they_are() -> None:
    assert spread([10.0, 90.0, 50.0], 8.0, 0.0, 100.0) == [10.0, 90.0, 50.0]
