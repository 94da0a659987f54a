"""Chemical elements that soil and sediment laboratories report."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Element:
    """
    A chemical element.

    Attributes
    ----------
    symbol : str
        Chemical symbol, as used for responses.
    name : str
        English name.
    atomic_number : int
        Number of protons.
    atomic_mass : float
        Abridged standard atomic mass in g/mol [1]_.

    References
    ----------
    .. [1] Prohaska, T. et al. (2022). Standard atomic weights of the elements
       2021. Pure and Applied Chemistry 94(5), 573-600.
    """

    symbol: str
    name: str
    atomic_number: int
    atomic_mass: float


_TABLE = """
H hydrogen 1 1.008
Li lithium 3 6.94
Be beryllium 4 9.0122
B boron 5 10.81
C carbon 6 12.011
N nitrogen 7 14.007
O oxygen 8 15.999
F fluorine 9 18.998
Na sodium 11 22.990
Mg magnesium 12 24.305
Al aluminium 13 26.982
Si silicon 14 28.085
P phosphorus 15 30.974
S sulfur 16 32.06
Cl chlorine 17 35.45
K potassium 19 39.098
Ca calcium 20 40.078
Sc scandium 21 44.956
Ti titanium 22 47.867
V vanadium 23 50.942
Cr chromium 24 51.996
Mn manganese 25 54.938
Fe iron 26 55.845
Co cobalt 27 58.933
Ni nickel 28 58.693
Cu copper 29 63.546
Zn zinc 30 65.38
Ga gallium 31 69.723
Ge germanium 32 72.630
As arsenic 33 74.922
Se selenium 34 78.971
Br bromine 35 79.904
Rb rubidium 37 85.468
Sr strontium 38 87.62
Y yttrium 39 88.906
Zr zirconium 40 91.224
Nb niobium 41 92.906
Mo molybdenum 42 95.95
Ru ruthenium 44 101.07
Rh rhodium 45 102.91
Pd palladium 46 106.42
Ag silver 47 107.87
Cd cadmium 48 112.41
In indium 49 114.82
Sn tin 50 118.71
Sb antimony 51 121.76
Te tellurium 52 127.60
I iodine 53 126.90
Cs caesium 55 132.91
Ba barium 56 137.33
La lanthanum 57 138.91
Ce cerium 58 140.12
Pr praseodymium 59 140.91
Nd neodymium 60 144.24
Sm samarium 62 150.36
Eu europium 63 151.96
Gd gadolinium 64 157.25
Tb terbium 65 158.93
Dy dysprosium 66 162.50
Ho holmium 67 164.93
Er erbium 68 167.26
Tm thulium 69 168.93
Yb ytterbium 70 173.05
Lu lutetium 71 174.97
Hf hafnium 72 178.49
Ta tantalum 73 180.95
W tungsten 74 183.84
Re rhenium 75 186.21
Os osmium 76 190.23
Ir iridium 77 192.22
Pt platinum 78 195.08
Au gold 79 196.97
Hg mercury 80 200.59
Tl thallium 81 204.38
Pb lead 82 207.2
Bi bismuth 83 208.98
Th thorium 90 232.04
U uranium 92 238.03
"""

#: Elements by symbol.
ELEMENTS: dict[str, Element] = {
    symbol: Element(symbol, name, int(number), float(mass))
    for symbol, name, number, mass in (
        line.split() for line in _TABLE.strip().splitlines()
    )
}


def is_element(name: str) -> bool:
    """
    Tell whether a response is named by the symbol of an element.

    Parameters
    ----------
    name : str
        Name of a response, for example ``"Pb"`` or ``"clay"``.

    Returns
    -------
    bool
        True for a symbol in :data:`ELEMENTS`; case matters (``"Co"``, not
        ``"CO"``).

    Examples
    --------
    >>> is_element("Pb"), is_element("clay"), is_element("CO")
    (True, False, False)
    """
    return name in ELEMENTS
