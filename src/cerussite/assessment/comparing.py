"""May these concentrations be held against this standard: procedure, species, grain."""

from dataclasses import dataclass
from typing import Literal

from cerussite.assessment.concentrations import Concentrations
from cerussite.assessment.standards import Standard
from cerussite.core.errors import IncomparableError

#: How much of an element a procedure brings into solution, or sees.
PROCEDURES: dict[str, str] = {
    **dict.fromkeys(("total", "total_hf", "xrf", "wd_xrf", "ed_xrf", "inaa"), "total"),
    **dict.fromkeys(
        ("strong_acid", "aqua_regia", "nitric_acid", "epa_3050b", "epa_3051a"),
        "strong acid",
    ),
    **dict.fromkeys(
        ("dtpa", "edta", "mehlich_3", "calcium_chloride", "ammonium_acetate"),
        "weak extraction",
    ),
}
#: Elements of which a strong acid leaves most behind.
RESISTANT = ("Cr", "Al", "Ba", "Sb", "V")


@dataclass(frozen=True)
class Finding:
    """
    Something that stands between concentrations and a standard.

    Attributes
    ----------
    severity : {"warn", "refuse"}
        Whether a comparison is doubtful or senseless.
    text : str
        What was found, and what to do.
    """

    severity: Literal["warn", "refuse"]
    text: str


def element_of(species: str) -> str:
    """
    Element that a name stands for.

    Parameters
    ----------
    species : str
        ``"Cr"``, ``"Cr(VI)"``, ``"Hg(inorganic)"`` or ``"MeHg"``.

    Returns
    -------
    str
        Symbol of the element.

    Examples
    --------
    >>> element_of("Cr(VI)"), element_of("MeHg"), element_of("Pb")
    ('Cr', 'Hg', 'Pb')
    """
    return "Hg" if species == "MeHg" else species.partition("(")[0]


def species_conflicts(elements: tuple[str, ...], standard: Standard) -> dict[str, str]:
    """
    Elements that were measured as something else than the standard limits.

    Parameters
    ----------
    elements : tuple of str
        What was measured.
    standard : Standard
        What limits it.

    Returns
    -------
    dict of str to str
        Reason by measured element; only those that share the element but not the
        species, such as total Cr where the standard limits Cr(VI).

    Examples
    --------
    >>> from cerussite.assessment.shipped import shipped_guideline
    >>> species_conflicts(("Cr", "Pb"), shipped_guideline("nepm_hil_a"))
    {'Cr': 'measured is total Cr, nepm_hil_a limits Cr(VI)'}
    """
    found = {}
    for element in elements:
        if element in standard.elements:
            continue
        others = [s for s in standard.elements if element_of(s) == element_of(element)]
        if others:
            measured = element if "(" in element else f"total {element}"
            limited = " and ".join(others)
            found[element] = f"measured is {measured}, {standard.name} limits {limited}"
    return found


def comparability(
    concentrations: Concentrations, standard: Standard
) -> tuple[Finding, ...]:
    """
    All that stands between concentrations and a standard but the species.

    Parameters
    ----------
    concentrations : Concentrations
        With procedures, medium and normalisation where known.
    standard : Standard
        Background or guideline.

    Returns
    -------
    tuple of Finding
        A weak extraction against totals, and a standard that demands the soil
        type correction without it, are refused; other procedures, media and
        normalisations give warnings.

    Examples
    --------
    >>> import numpy as np
    >>> from cerussite.assessment.shipped import shipped_background
    >>> measured = Concentrations(
    ...     ("a",), ("Pb",), np.array([[30.0]]), procedures=("dtpa",)
    ... )
    >>> comparability(measured, shipped_background("average_shale"))[0].severity
    'refuse'
    """
    findings = [
        *_procedures(concentrations, standard),
        *_normalisation(concentrations, standard),
        *_medium(concentrations, standard),
    ]
    return tuple(findings)


def refuse_incomparable(findings: tuple[Finding, ...]) -> None:
    """
    Raise what must be refused.

    Parameters
    ----------
    findings : tuple of Finding
        Of :func:`comparability`.

    Raises
    ------
    IncomparableError
        If one of them is to be refused.
    """
    for finding in findings:
        if finding.severity == "refuse":
            msg = finding.text
            raise IncomparableError(msg)


def _procedures(measured: Concentrations, standard: Standard) -> list[Finding]:
    shared = [element for element in measured.elements if element in standard.elements]
    theirs = PROCEDURES.get(standard.procedure)
    by_kind: dict[str | None, list[str]] = {}
    for element in shared:
        kind = PROCEDURES.get(measured.procedure_of(element))
        by_kind.setdefault(kind, []).append(element)
    findings = []
    for kind, elements in by_kind.items():
        names = ", ".join(elements)
        if kind == "weak extraction" and theirs != kind:
            text = (
                f"{names} by a weak extraction against {standard.name}, which is of "
                "totals or strong acid digests; measure by such a procedure"
            )
            findings.append(Finding("refuse", text))
        elif kind is None:
            text = (
                f"procedure of {names} unknown: the comparison with {standard.name} "
                "takes it to be the same"
            )
            findings.append(Finding("warn", text))
        elif theirs is None:
            text = f"{standard.name} does not state its procedure; {names}: {kind}"
            findings.append(Finding("warn", text))
        elif kind != theirs:
            findings.append(
                Finding("warn", _mismatch(elements, kind, standard, theirs))
            )
    return findings


def _mismatch(elements: list[str], kind: str, standard: Standard, theirs: str) -> str:
    resistant = [element for element in elements if element in RESISTANT]
    worst = f", most of all {', '.join(resistant)}" if resistant else ""
    return (
        f"{', '.join(elements)} by {kind} against {standard.name} by {theirs}: ratios "
        f"are off by what the digestion leaves behind{worst}"
    )


def _normalisation(measured: Concentrations, standard: Standard) -> list[Finding]:
    if measured.normalisation == standard.normalisation:
        return []
    if standard.normalisation == "soil_type":
        text = (
            f"{standard.name} holds for the Dutch standard soil; give clay and organic "
            "matter of every sample, so that concentrations can be corrected"
        )
        return [Finding("refuse", text)]
    if standard.normalisation == "aluminium":
        text = (
            f"{standard.name} is applied to concentrations normalised to 5 % Al where "
            "that is possible; these are not normalised for grain size"
        )
        return [Finding("warn", text)]
    text = (
        f"concentrations normalised by {measured.normalisation} against "
        f"{standard.name}, which knows no normalisation"
    )
    return [Finding("warn", text)]


def _medium(measured: Concentrations, standard: Standard) -> list[Finding]:
    if standard.kind == "background" or not measured.medium:
        return []
    mine, theirs = _kinds(measured.medium), _kinds(standard.medium)
    if not theirs or (mine[:1] == theirs[:1] and not _apart(mine, theirs)):
        return []
    text = f"{measured.medium} against {standard.name}, which is for {standard.medium}"
    return [Finding("warn", text)]


def _kinds(medium: str) -> list[str]:
    """Soil or sediment first, then fresh or marine where it is said."""
    words = medium.lower()
    kinds = [kind for kind in ("sediment", "soil") if kind in words][:1]
    marine = any(word in words for word in ("marine", "estuarin", "port", "harbour"))
    fresh = any(word in words for word in ("fresh", "river", "lake"))
    return kinds + ["marine"] * marine + ["fresh"] * fresh


def _apart(mine: list[str], theirs: list[str]) -> bool:
    return {"marine", "fresh"} <= set(mine) ^ set(theirs)
