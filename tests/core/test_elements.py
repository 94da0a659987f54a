import itertools

import pytest

from cerussite.core.elements import ELEMENTS, is_element

#: Neighbours whose masses do not follow their numbers (IUPAC).
INVERSIONS = {("Co", "Ni"), ("Te", "I")}


def test_symbols_are_written_as_chemists_do():
    for symbol, element in ELEMENTS.items():
        assert element.symbol == symbol
        assert symbol.isalpha()
        assert symbol == symbol.capitalize()
        assert element.name == element.name.lower()


def test_numbers_and_names_occur_once_and_in_order():
    numbers = [element.atomic_number for element in ELEMENTS.values()]
    assert numbers == sorted(set(numbers))
    assert len({element.name for element in ELEMENTS.values()}) == len(ELEMENTS)


def test_masses_grow_with_the_number_but_for_the_known_inversions():
    falling = {
        (a.symbol, b.symbol)
        for a, b in itertools.pairwise(ELEMENTS.values())
        if b.atomic_mass <= a.atomic_mass
    }
    assert falling == INVERSIONS


def test_masses_lie_between_twice_and_2_7_times_the_number():
    # Neutrons per proton of stable nuclei: about 1 (light) to 1.6 (uranium).
    for element in ELEMENTS.values():
        if element.symbol != "H":
            assert 1.98 < element.atomic_mass / element.atomic_number < 2.7


@pytest.mark.parametrize(
    ("oxide", "metal", "atoms", "oxygens", "factor"),
    [
        # Element to oxide as tabulated for XRF and fertilisers (P to P2O5).
        ("Fe2O3", "Fe", 2, 3, 1.4297),
        ("Al2O3", "Al", 2, 3, 1.8895),
        ("MnO", "Mn", 1, 1, 1.2912),
        ("TiO2", "Ti", 1, 2, 1.6683),
        ("CaO", "Ca", 1, 1, 1.3992),
        ("K2O", "K", 2, 1, 1.2046),
        ("SiO2", "Si", 1, 2, 2.1392),
        ("P2O5", "P", 2, 5, 2.2914),
        ("Cr2O3", "Cr", 2, 3, 1.4616),
    ],
)
def test_masses_give_the_oxide_factors_of_geochemistry(
    oxide, metal, atoms, oxygens, factor
):
    own = atoms * ELEMENTS[metal].atomic_mass
    found = (own + oxygens * ELEMENTS["O"].atomic_mass) / own
    assert found == pytest.approx(factor, abs=2e-4), oxide


@pytest.mark.parametrize("symbol", ["Cd", "Cr", "Hg", "Ni", "Pb", "As", "Eu", "Pd"])
def test_metals_of_soil_surveys_are_there(symbol):
    assert is_element(symbol)


@pytest.mark.parametrize("name", ["pH", "clay", "SOC", "CEC", "CaCO3", "CO", "pb", ""])
def test_properties_are_no_elements(name):
    assert not is_element(name)
