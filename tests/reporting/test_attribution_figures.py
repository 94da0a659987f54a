import re
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from cerussite.explanation import (
    Features,
    Profile,
    absorption_features,
    compare_bands,
    profile_table,
)
from cerussite.reporting.figures.attribution import draw_attribution, draw_bands


def bins(end: float = 2500.0) -> Features:
    return Features.bins(np.arange(400.0, end), n_bands=10)


def profile(features: Features, n_members: int, seed: int, name: str) -> Profile:
    rng = np.random.default_rng(seed)
    centre = rng.uniform(500, 2000)
    level = 0.2 + np.exp(-0.5 * ((features.centres - centre) / 60) ** 2)
    noise = 1 + 0.05 * rng.normal(size=(n_members, level.size))
    return Profile("occlusion", features, (name,), (level * noise)[:, :, np.newaxis])


def words(svg: str) -> set[str | None]:
    root = ET.fromstring(svg.replace("xlink:href", "href"))
    return {element.text for element in root.iter() if element.tag == "text"}


@pytest.mark.parametrize("n_members", [1, 4])
def test_attribution_is_drawn_with_its_features(n_members: int) -> None:
    table = profile_table(profile(bins(), n_members, 0, "Pb"))
    svg = draw_attribution(
        table, absorption_features(), label="Mean contribution (mg/kg)", name="one"
    )
    found = words(str(svg))
    assert {"iron oxides", "carbonate", "Wavelength (nm)"} <= found
    assert "Mean contribution (mg/kg)" in found
    assert "quartz" not in found


def test_bands_of_two_models_are_drawn_with_verdicts() -> None:
    found = compare_bands(
        profile(bins(), 5, 1, "pH"),
        profile(bins(), 5, 2, "Pb"),
        source_response="pH",
        response="Pb",
    )
    assert {"kept", "new", "dropped"} & set(found.table["verdict"])
    svg = draw_bands(
        found.table,
        absorption_features(),
        titles=("pH, library", "Pb, transferred"),
        name="bands",
    )
    assert {"kept", "new", "dropped", "pH, library", "Pb, transferred"} <= words(svg)
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert all(found.startswith("bands-") for found in ids)


def test_a_mid_infrared_axis_is_even_in_wavenumbers() -> None:
    wavelengths = 1e7 / np.arange(4000.0, 600.0, -50.0)
    features = Features.bins(wavelengths)
    table = profile_table(profile(features, 2, 0, "Pb"))
    svg = draw_attribution(table, absorption_features(), label="Share", name="infrared")
    assert "quartz" in words(str(svg))


def test_tables_without_rows_inside_the_features_draw_no_strip() -> None:
    table = profile_table(profile(bins(), 2, 0, "Pb"))
    none = pd.DataFrame({"kind": [], "centre": [], "low": [], "high": []}, dtype=float)
    assert "carbonate" not in words(
        str(draw_attribution(table, none, label="Share", name="none"))
    )
