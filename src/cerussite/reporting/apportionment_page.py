"""The folder of an apportionment in, one HTML page out."""

from collections.abc import Hashable
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from cerussite import __version__
from cerussite.reporting.apportionment_folder import (
    ApportionmentResults,
    read_apportionment_folder,
)
from cerussite.reporting.apportionment_tables import (
    agreement_table,
    constraint_table,
    interval_table,
    mapping_table,
    number_table,
    share_table,
    similarity_table,
    species_table,
    start_table,
    swap_table,
)
from cerussite.reporting.apportionment_words import (
    DEFINITIONS,
    LIMITS,
    asked,
    findings,
    leading_species,
    sentences,
)
from cerussite.reporting.html import fill_template, replace_page
from cerussite.reporting.numerals import duration, fixed, significant


def write_apportionment_report(folder: Path) -> Path:
    """
    Write the report of an apportionment.

    Reads the folder and nothing else. The page needs no network and no script. A
    report that is already there is replaced in one step.

    Parameters
    ----------
    folder : Path
        Folder that ``cerussite apportion`` has written.

    Returns
    -------
    Path
        The file `report.html` in the folder.
    """
    folder = Path(folder)
    return replace_page(folder, render(read_apportionment_folder(folder)))


def render(results: ApportionmentResults) -> str:
    """
    Page of an apportionment.

    Parameters
    ----------
    results : ApportionmentResults
        The folder.

    Returns
    -------
    str
        HTML.
    """
    return fill_template("apportionment.html.j2", _context(results))


def _context(results: ApportionmentResults) -> dict[str, Any]:
    from cerussite.reporting.apportionment_figures import (  # noqa: PLC0415 -- slow, and --help needs no figures
        contribution_block,
        fingerprint_block,
        residual_block,
    )

    manifest, tables = results.manifest, results.tables
    settings = {"data": manifest["data"], **manifest["settings"]}
    return {
        "title": manifest["title"] or _title(results),
        "manifest": manifest,
        "numbers": results.diagnostics,
        "started": _moment(manifest["started"]),
        "findings": findings(results),
        "warnings": sentences(manifest["warnings"]),
        "notes": sentences(manifest["notes"]),
        "method_notes": sentences(results.diagnostics["second_opinions"]["notes"]),
        "leading": leading_species(results),
        "asked": asked(manifest),
        "definitions": DEFINITIONS,
        "quality": _quality(results),
        "species": species_table(results),
        "number": number_table(results),
        "shares": share_table(results),
        "starts": start_table(results),
        "fingerprints": fingerprint_block(results),
        "contributions": contribution_block(results),
        "residuals": residual_block(results),
        "intervals": interval_table(results),
        "swaps": swap_table(results),
        "mapping": mapping_table(results),
        "agreement": agreement_table(results),
        "similarity": similarity_table(results),
        "constraints": constraint_table(results),
        "classes": _records(results, "classes"),
        "verdicts": _verdicts(results),
        "limits": LIMITS,
        "dictionary": tables["data_dictionary"].to_dict("records"),
        "files": sorted(tables),
        "seconds": [(k, duration(float(v))) for k, v in manifest["seconds"].items()],
        "versions": list(manifest["versions"].items()),
        "study_yaml": yaml.safe_dump(settings, sort_keys=False, allow_unicode=True),
        "version": __version__,
    }


def _title(results: ApportionmentResults) -> str:
    return f"Sources of {Path(results.manifest['files'][0]['name']).stem}"


def _records(results: ApportionmentResults, name: str) -> list[dict[Hashable, Any]]:
    table = results.tables.get(name)
    return [] if table is None else table.to_dict("records")


def _verdicts(results: ApportionmentResults) -> list[dict[str, str]]:
    """Verdicts with the evidence by what it says."""
    evidence = _records(results, "evidence")
    return [
        {
            "metal": row["metal"],
            "verdict": row["verdict"],
            "reason": row["reason"],
            **{
                says: "; ".join(
                    f"{each['meaning']} {significant(each['value'])} "
                    f"({significant(each['lower'])} to {significant(each['upper'])}; "
                    f"threshold {each['threshold']:g})"
                    for each in evidence
                    if each["metal"] == row["metal"] and each["says"] == says
                )
                for says in ("anthropogenic", "geogenic", "undecided")
            },
        }
        for row in _records(results, "verdicts")
    ]


def _quality(results: ApportionmentResults) -> list[tuple[str, str]]:
    numbers = results.diagnostics
    expected = numbers["q_expected"]
    ratio, other = numbers["q_true_over_expected"], numbers["other_seed"]
    found = {
        "Samples and species": f"{numbers['n_samples']} and {numbers['n_species']}, "
        f"{numbers['n_missing']} values missing",
        "Factors": str(numbers["n_factors"]),
        "Q true": fixed(numbers["q_true"], 1),
        "Q robust": fixed(numbers["q_robust"], 1),
        "Q expected": fixed(expected, 0)
        if expected > 0
        else f"{expected}: too few species for it to mean anything",
        "Q true / Q expected": fixed(ratio, 2) if ratio is not None else "–",
        "Starts": f"{numbers['n_starts']}, of which "
        f"{numbers['n_starts_converged']} converged and "
        f"{numbers['n_starts_reaching_best']} reached the same minimum",
        "Starts of another seed": f"{other['n_starts']}: difference of the loss "
        f"{fixed(other['d_loss'], 1)}, shares of species up to "
        f"{fixed(other['largest_share_difference'], 1)} points apart",
        "Certificate of the best start": (
            "converged" if numbers["is_converged"] else "not converged"
        )
        + f", optimality error {numbers['optimality']:.1e}, a further step would lower "
        f"the loss by {numbers['expected_decrease']:.1e}",
    }
    return list(found.items())


def _moment(text: str) -> str:
    try:
        return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M %Z").strip()
    except ValueError:
        return text
