import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cerussite.simulation.bands import CONSTITUENTS
from cerussite.simulation.soils import (
    ORGANIC_MATTER_FACTOR,
    Setting,
    Soils,
    draw_soils,
    random_settings,
)


def soils_of(weathering: float, seed: int = 0, n: int = 400) -> Soils:
    setting = Setting(weathering, -1.1, float(np.log(0.018)), 0.0, 0.0)
    return draw_soils([setting], np.zeros(n, dtype=int), np.random.default_rng(seed))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_mass_is_conserved(seed):
    generator = np.random.default_rng(seed)
    landscapes = random_settings(4, generator)
    soils = draw_soils(landscapes, np.arange(200) % 4, generator)
    assert (soils.fractions >= 0).all()
    dry = soils.fractions[:, : CONSTITUENTS.index("water")]
    np.testing.assert_allclose(dry.sum(axis=1), 1.0)
    np.testing.assert_allclose(soils.clay + soils.silt + soils.sand, 1.0)
    assert min(soils.clay.min(), soils.silt.min(), soils.sand.min()) >= 0
    assert 3.5 <= soils.ph.min() <= soils.ph.max() <= 8.4


def test_carbonate_is_found_in_soils_near_neutral_and_above_only():
    soils = soils_of(-1.0)
    limy = soils.fraction("calcite") > 0
    assert 0.1 < limy.mean() < 0.99
    assert soils.ph[limy].min() > 6.7
    assert soils.ph[~limy].max() < 7.0


def test_weathering_brings_acid_soils_with_kaolinite_and_hematite():
    young, old = soils_of(-1.0), soils_of(1.5)
    assert old.ph.mean() < young.ph.mean() - 1
    assert old.fraction("kaolinite").mean() > 2 * young.fraction("kaolinite").mean()
    ratio = [s.fraction("hematite").sum() / s.iron_oxides.sum() for s in (young, old)]
    assert ratio[1] > 2 * ratio[0]


def test_organic_matter_holds_its_carbon():
    soils = soils_of(0.0)
    carbon = soils.fraction("organic_matter") / 1.724
    np.testing.assert_allclose(soils.organic_carbon, carbon)
    assert pytest.approx(1.724) == ORGANIC_MATTER_FACTOR
