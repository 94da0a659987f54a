import numpy as np
import pytest

from cerussite.simulation.metals import METALS, concentrations, standardised


def test_concentrations_lie_between_background_and_capacity():
    generator = np.random.default_rng(0)
    sorbents = {
        name: standardised(generator.normal(size=80))
        for name in ("iron_oxides", "organic_matter", "clay", "ph")
    }
    for metal in METALS:
        values = concentrations(
            metal,
            sorbents,
            plume=generator.normal(size=80),
            constituent_share=0.5,
            generator=generator,
        )
        assert values.min() > metal.background
        assert values.max() < metal.background + metal.capacity


def test_with_a_full_share_concentrations_rank_like_the_bound_sorbent():
    generator = np.random.default_rng(0)
    sorbents = {
        name: standardised(generator.normal(size=40))
        for name in ("iron_oxides", "organic_matter", "clay", "ph")
    }
    arsenic = next(metal for metal in METALS if metal.symbol == "As")
    values = concentrations(
        arsenic,
        sorbents,
        plume=generator.normal(size=40),
        constituent_share=1.0,
        generator=generator,
    )
    assert np.argsort(values).tolist() == np.argsort(sorbents["iron_oxides"]).tolist()
    # The middle score is about zero: background + capacity x / (capacity + x).
    middle = 7 + 2000 * 18 / (2000 + 18)
    assert np.median(values) == pytest.approx(middle, rel=0.05)
