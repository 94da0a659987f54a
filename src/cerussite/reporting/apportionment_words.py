"""Sentences of the report of an apportionment."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cerussite.reporting.apportionment_folder import ApportionmentResults
from cerussite.reporting.numerals import fixed, percent, significant

#: Shares of a species that make it one of a factor.
LEADING = 50.0
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")

#: What the numbers of the fit mean.
DEFINITIONS: tuple[tuple[str, str], ...] = (
    (
        "Q true",
        (
            "Sum of squared scaled residuals (measured less modelled, over the "
            "uncertainty)."
        ),
    ),
    (
        "Q robust",
        (
            "The same up to a scaled residual of four, and four times its size "
            "beyond; in both modes evaluated at the solution."
        ),
    ),
    (
        "Q expected",
        (
            "Values of strong species less the elements of the factors: about "
            "what Q true is where uncertainties are right and the number of factors is."
        ),
    ),
    (
        "Converged",
        (
            "The Karush-Kuhn-Tucker conditions hold (optimality error below "
            "10⁻³) and a further step would lower the loss by less than 10⁻³. Nothing else is "
            "called converged."
        ),
    ),
    ("Same minimum", "Starts whose loss ended within 0.1 of the lowest."),
)

#: What an apportionment does not show.
LIMITS: tuple[str, ...] = (
    (
        "A factor is a pattern of co-variation, not a chimney: sources that vary together "
        "are one factor, and a source whose composition changes may be several."
    ),
    (
        "Half of the answer lies in the uncertainties. Where they are guessed, Q, intervals "
        "and the number of factors are guesses, too."
    ),
    (
        "DISP shows how far profiles can be turned into each other; it has no probability. "
        "The bootstrap keeps the rotation of the solution and alone holds too little: quote "
        "BS-DISP or the combined intervals."
    ),
    "Contributions that are exactly zero in many samples are fitted a little above zero.",
    (
        "Log-ratio components describe contrasts between species; with few sources they "
        "need not match factors one to one."
    ),
)


def findings(results: ApportionmentResults) -> list[str]:
    """
    What was found, in sentences.

    Parameters
    ----------
    results : ApportionmentResults
        The folder.

    Returns
    -------
    list of str
        Fit, convergence, factors told apart, other methods, verdicts.
    """
    numbers = results.diagnostics
    found = [_fit(numbers)]
    if not numbers["is_converged"]:
        found.append("The best start did not converge: do not use this solution.")
    number = numbers["number_of_factors"]
    if number is not None:
        found.append(f"Held-out cells suggest {number['words']}")
    found += _rotations(results)
    if (table := results.tables.get("agreement")) is not None:
        n_agree = int(table["agrees"].sum())
        found.append(
            f"Other receptor models agree with it on the leading factor of {n_agree} of "
            f"{len(table)} species, and on its share within 25 points."
        )
    found += _verdicts(results.tables.get("verdicts"))
    return found


def _fit(numbers: Mapping[str, Any]) -> str:
    ratio = numbers["q_true_over_expected"]
    over = f", {fixed(ratio, 2)} times what is expected" if ratio is not None else ""
    n = numbers["n_factors"]
    return (
        f"{counted(n).capitalize()} factor{'s' * (n != 1)} describe "
        f"{numbers['n_samples']} samples of {numbers['n_species']} species with a Q of "
        f"{significant(numbers['q_true'], 5)}{over}; "
        f"{numbers['n_starts_reaching_best']} of {numbers['n_starts']} starts reached "
        "this minimum."
    )


def _rotations(results: ApportionmentResults) -> list[str]:
    swaps = results.tables.get("swaps")
    if swaps is None:
        return []
    n_swaps = int(swaps.loc[swaps["d_q"] == 4.0, "n_swaps"].sum())
    if n_swaps:
        text = (
            f"{n_swaps} displacements at dQ 4 made factors change places: the data do "
            "not tell all factors apart; take fewer, or constrain them."
        )
    else:
        text = "No factors changed places when profiles were displaced by dQ 4."
    fall = results.diagnostics["displacement"]["largest_decrease"]
    if fall > 1:
        text += (
            f" A displaced solution fell {significant(fall)} below the Q of this one: a "
            "better minimum exists; use more starts."
        )
    about = results.diagnostics["bootstrap"]
    if about is not None:
        text += (
            f" In {about['n_resamples']} resamples {percent(about['share_unmapped'])} of "
            "the factors were not found again."
        )
    return [text]


def _verdicts(table: pd.DataFrame | None) -> list[str]:
    if table is None:
        return []
    parts = []
    for verdict in ("anthropogenic", "geogenic", "withheld"):
        metals = table.loc[table["verdict"] == verdict, "metal"].tolist()
        if metals:
            parts.append(f"{verdict}: {', '.join(metals)}")
    return [f"Verdicts – {'; '.join(parts)}."]


def counted(number: int) -> str:
    """
    A small number in words.

    Parameters
    ----------
    number : int
        Not below zero.

    Returns
    -------
    str
        Digits from nine.

    Examples
    --------
    >>> counted(7), counted(12)
    ('seven', '12')
    """
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)


def sentences(texts: Sequence[str]) -> list[str]:
    """
    Warnings and notes as sentences.

    Parameters
    ----------
    texts : sequence of str
        Without capitals and points.

    Returns
    -------
    list of str
        With both.

    Examples
    --------
    >>> sentences(["two rows were left out"])
    ['Two rows were left out.']
    """
    return [f"{text[:1].upper()}{text[1:]}".rstrip(".") + "." for text in texts]


def leading_species(results: ApportionmentResults) -> list[tuple[str, str]]:
    """
    What each factor holds most of, with DISP intervals where there are some.

    Parameters
    ----------
    results : ApportionmentResults
        The folder.

    Returns
    -------
    list of (str, str)
        Factor, and species in words.
    """
    shares = results.shares()
    profiles = results.numbers("profiles", "concentration")
    limits = {
        (str(row["factor"]), str(row["species"])): (row["lower"], row["upper"])
        for row in results.intervals("DISP", 4.0).reset_index().to_dict("records")
    }
    found = []
    for factor in results.factors:
        ranked = shares[factor].sort_values(ascending=False)
        chosen = ranked[ranked >= LEADING].head(6)
        chosen = chosen if len(chosen) else ranked.head(2)
        parts = []
        for species, share in chosen.items():
            text = f"{species} {fixed(float(share), 0)} %"
            here = (factor, str(species))
            if here in limits and profiles[here] > 0:
                low, high = (end * share / profiles[here] for end in limits[here])
                text += f" ({fixed(low, 0)} to {fixed(high, 0)})"
            parts.append(text)
        found.append((factor, ", ".join(parts)))
    return found


def asked(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """
    What was asked for, for the head of the report.

    Parameters
    ----------
    manifest : mapping
        Of the folder.

    Returns
    -------
    list of (str, str)
        Name and choice; what was left out is not listed.
    """
    settings = manifest["settings"]
    numbers = settings["factors"]
    found = {
        "Tables": ", ".join(each["name"] for each in manifest["files"]),
        "Uncertainties": manifest["uncertainties"],
        "Number of factors": _listed(numbers) if isinstance(numbers, list) else numbers,
        "Mode": "robust" if settings["robust"] else "plain least squares",
        "Starts": settings["starts"],
        "Extra uncertainty": percent(settings["extra_uncertainty"])
        if settings["extra_uncertainty"]
        else "none",
        "Total variable": settings["total"] or "none",
        "Errors": settings["errors"],
        "Samples drawn together": _blocks(settings["blocks"]),
        "Constraints": len(settings["constraints"]) or "none",
    }
    return [(name, str(text)) for name, text in found.items()]


def _listed(numbers: Sequence[int]) -> str:
    return f"chosen among {', '.join(map(str, numbers))}"


def _blocks(blocks: Mapping[str, Any] | None) -> str:
    if blocks is None:
        return "none"
    if blocks["days"] is not None:
        return f"stretches of {blocks['days']:g} days"
    if blocks["kilometres"] is not None:
        return f"cells of {blocks['kilometres']:g} km"
    return f"those of one {blocks['column']}"
