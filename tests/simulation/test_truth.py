import numpy as np

from cerussite.simulation.soils import draw_soils, random_settings
from cerussite.simulation.truth import carrying_wavelengths

GRID = np.arange(400.0, 2500.0, 5.0)


def test_no_constituent_gives_an_empty_mask_and_more_give_the_union():
    generator = np.random.default_rng(0)
    landscapes = random_settings(3, generator)
    soils = draw_soils(landscapes, np.arange(60) % 3, generator)
    assert not carrying_wavelengths(GRID, (), soils).any()
    lime = carrying_wavelengths(GRID, ("calcite",), soils)
    carbon = carrying_wavelengths(GRID, ("organic_matter",), soils)
    both = carrying_wavelengths(GRID, ("calcite", "organic_matter"), soils)
    np.testing.assert_array_equal(both, lime | carbon)
