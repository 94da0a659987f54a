"""Units of responses: mass fractions have one unit inside, the rest keep theirs."""

import unicodedata

from cerussite.core.elements import is_element
from cerussite.core.errors import InvalidConcentrationError

#: Mass fractions in mg/kg of one unit; names are compared without case and spaces,
#: µ read as u and superscripts as digits.
MASS_FRACTIONS: dict[str, float] = {
    "mg/kg": 1.0,
    "mgkg-1": 1.0,
    "ppm": 1.0,
    "ug/g": 1.0,
    "ug/kg": 1e-3,
    "ppb": 1e-3,
    "g/kg": 1e3,
    "gkg-1": 1e3,
    "%": 1e4,
    "wt%": 1e4,
    "w.pct": 1e4,
    "mass%": 1e4,
    "g/100g": 1e4,
    "cg/g": 1e4,
    "mg/100g": 1e1,
}

#: Units of properties that are no mass fractions; kept as they are.
OTHER_UNITS: frozenset[str] = frozenset(
    {
        "1",
        "cmol/kg",
        "mS/m",
        "dS/m",
        "g/cm3",
        "g/dm3",
        "kg/m3",
        "MJ/kg",
        "permil",
        "ug/m3",
    }
)


def canonical_unit(response: str, unit: str) -> tuple[str, float]:
    """
    Unit used inside for a response, and the factor that leads to it.

    Mass fractions of elements are kept in mg/kg dry mass, those of
    constituents (clay, organic carbon) in g/kg; other quantities (pH, CEC)
    keep their unit.

    Parameters
    ----------
    response : str
        Name of the response: an element by symbol, or a property.
    unit : str
        Unit of the values at hand; ``"1"`` for dimensionless (pH).

    Returns
    -------
    tuple of (str, float)
        Unit inside, and the number that values are multiplied with.

    Raises
    ------
    InvalidConcentrationError
        If the unit is unknown, or an element is not given as a mass fraction.

    Examples
    --------
    >>> canonical_unit("Pb", "%")
    ('mg/kg', 10000.0)
    >>> canonical_unit("clay", "%")
    ('g/kg', 10.0)
    >>> canonical_unit("pH", "1")
    ('1', 1.0)
    """
    # NFKC reads superscripts as digits and both micro signs as one letter.
    plain = unicodedata.normalize("NFKC", unit).replace("−", "-").replace("μ", "u")
    factor = MASS_FRACTIONS.get(plain.lower().replace(" ", ""))
    if factor is not None:
        return ("mg/kg", factor) if is_element(response) else ("g/kg", factor / 1e3)
    if unit in OTHER_UNITS and not is_element(response):
        return unit, 1.0
    known = sorted(MASS_FRACTIONS) + (
        [] if is_element(response) else sorted(OTHER_UNITS)
    )
    msg = f"{response}: unknown unit {unit!r}; expected one of {', '.join(known)}"
    raise InvalidConcentrationError(msg)
