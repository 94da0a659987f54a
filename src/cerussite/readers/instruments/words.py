"""What the words of a file say about a quantity or an axis."""

import re
from collections.abc import Sequence

from cerussite.readers.instruments.blocks import Block, BlockQuantity

#: Words of a quantity, in the order they are asked; all in lower case.
_QUANTITIES: tuple[tuple[str, BlockQuantity], ...] = (
    (r"interferogram|\bigram\b", "interferogram"),
    (r"single[\s-]?(beam|channel)", "single_channel"),
    (r"kubelka|derivative|raman|photoacoustic|emission|emissivity", "other"),
    (r"absorb|log\s*\(?\s*1\s*/\s*[rt]|\babs\b|^a$", "absorbance"),
    (r"reflec|%\s?r\b", "reflectance"),
    (r"transmi|%\s?t\b", "transmittance"),
    (r"irradiance", "irradiance"),
    (r"radiance|\brad\.", "radiance"),
    (r"\bcounts?\b|\bdn\b|\braw\b|\bscope\b", "raw"),
)
_SAYS_NOTHING = re.compile(r"|y|a\.?u\.?|arb.*|unknown|none|intensity.*|percent|%")
_UNITS = (
    (r"raman", ""),
    (r"cm\s?\^?\s?[-⁻]\s?[1¹]|1\s?/\s?cm|wave\s?numbers?", "cm-1"),
    (r"nanomet|\bnm\b", "nm"),
    (r"micromet|microns?|[µμu]m\b", "um"),
)
#: Blocks that a study can use before those it cannot.
_TIERS: tuple[frozenset[BlockQuantity], ...] = (
    frozenset({"reflectance", "absorbance"}),
    frozenset({"transmittance"}),
    frozenset({"unknown"}),
    frozenset({"radiance", "irradiance", "other"}),
)


def quantity_in_words(words: str) -> tuple[BlockQuantity, float]:
    """
    Quantity and scale that a label of the ordinate states.

    Parameters
    ----------
    words : str
        The label, for example ``"Reflectance (%)"``.

    Returns
    -------
    tuple of (str, float)
        The quantity, ``"unknown"`` where the label says nothing, and what stored
        values are divided by: 100 where it says percent.

    Examples
    --------
    >>> quantity_in_words("% Transmittance"), quantity_in_words("Log(1/R)")
    (('transmittance', 100.0), ('absorbance', 1.0))
    >>> quantity_in_words("Arbitrary units")
    ('unknown', 1.0)
    """
    plain = words.strip(" \t()[]").lower()
    divisor = 100.0 if re.search(r"%|percent", plain) else 1.0
    for pattern, quantity in _QUANTITIES:
        if re.search(pattern, plain):
            return quantity, divisor
    return ("unknown" if _SAYS_NOTHING.fullmatch(plain) else "other"), divisor


def unit_in_words(words: str) -> str:
    """
    Unit of the axis that a label states.

    Parameters
    ----------
    words : str
        The label, for example ``"Wavenumber (1/cm)"``.

    Returns
    -------
    str
        ``"nm"``, ``"um"`` or ``"cm-1"``; nothing where the label says nothing; the
        label itself where it says anything else, as a Raman shift does.

    Examples
    --------
    >>> unit_in_words("1/CM"), unit_in_words("Raman Shift (cm-1)")
    ('cm-1', 'Raman Shift (cm-1)')
    """
    plain = words.strip().lower()
    if re.fullmatch(r"|x|wvl|wave(lengths?)?|arb.*|unknown|none", plain):
        return ""
    for pattern, unit in _UNITS:
        if re.search(pattern, plain):
            return unit or words.strip()
    return words.strip()


def choose_block(blocks: Sequence[Block]) -> Block | None:
    """
    The block a study would use, where one has the best right to it.

    Parameters
    ----------
    blocks : sequence of Block
        All of a file.

    Returns
    -------
    Block or None
        The only one of reflectance or absorbance, else of transmittance, else of
        an unstated quantity, else of radiance, else the only one; None where
        several have equal right.
    """
    for tier in _TIERS:
        fitting = [block for block in blocks if block.quantity in tier]
        if fitting:
            return fitting[0] if len(fitting) == 1 else None
    return blocks[0] if len(blocks) == 1 else None


def unique_names(names: Sequence[str]) -> list[str]:
    """
    Names of blocks, with a number where a name occurs again.

    Parameters
    ----------
    names : sequence of str
        Names as in the file.

    Returns
    -------
    list of str
        All different and none empty.

    Examples
    --------
    >>> unique_names(["AB", "", "AB"])
    ['AB', 'block', 'AB (2)']
    """
    taken: set[str] = set()
    unique = []
    counts: dict[str, int] = {}
    for name in (each or "block" for each in names):
        number = counts.get(name, 0) + 1
        candidate = name if number == 1 else f"{name} ({number})"
        while candidate in taken:
            number += 1
            candidate = f"{name} ({number})"
        counts[name] = number
        taken.add(candidate)
        unique.append(candidate)
    return unique
