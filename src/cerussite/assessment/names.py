"""Offer the nearest names where one is not known."""

from collections.abc import Sequence
from difflib import get_close_matches


def nearest_names(name: str, known: Sequence[str], *, n_names: int = 3) -> str:
    """
    Words for a message that lists the known names nearest to a wrong one.

    Parameters
    ----------
    name : str
        Name that is not known.
    known : sequence of str
        Names that are.
    n_names : int
        Names to offer at most where some resemble it; otherwise all are listed.

    Returns
    -------
    str
        ``"nearest names: ..."`` or ``"expected one of ..."``.

    Examples
    --------
    >>> nearest_names("averge_shale", ["average_shale", "world_soil"])
    'nearest names: average_shale'
    >>> nearest_names("xyz", ["average_shale", "world_soil"])
    'expected one of average_shale, world_soil'
    """
    lowered = {known_name.lower(): known_name for known_name in known}
    plain = name.lower().replace(" ", "_").replace("-", "_")
    near = get_close_matches(plain, lowered, n=n_names, cutoff=0.5)
    near += [key for key in lowered if plain and plain in key and key not in near]
    if near:
        return f"nearest names: {', '.join(lowered[key] for key in near[:n_names])}"
    return f"expected one of {', '.join(known)}"
