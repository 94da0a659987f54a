"""Tables of the report of an apportionment."""

import numpy as np
import pandas as pd

from cerussite.reporting.apportionment_folder import ApportionmentResults
from cerussite.reporting.numerals import fixed, percent, significant
from cerussite.reporting.tables import Cell, Row, Table

#: Species a factor whose intervals the page shows; the file has all.
SHOWN = 5


def _number(value: float, digits: int = 3) -> str:
    return significant(value, digits) if np.isfinite(value) else "–"


def species_table(results: ApportionmentResults) -> Table:
    """
    The data, species by species, with categories.

    Parameters
    ----------
    results : ApportionmentResults
        The folder.

    Returns
    -------
    Table
        Marked where signal to noise suggests less weight.
    """
    order = {"strong": 2, "weak": 1, "bad": 0}
    rows = []
    for each in results.tables["species"].to_dict("records"):
        used, suggested = str(each["category"]), str(each["suggested_category"])
        doubtful = order[suggested] < order[used]
        cells = (
            Cell(each["unit"] or "–"),
            Cell(f"{each['n_measured']:.0f}"),
            Cell(f"{each['n_below_limit']:.0f}"),
            Cell(_number(each["median"])),
            Cell(_number(each["maximum"])),
            Cell(percent(each["median_relative_uncertainty"])),
            Cell(fixed(each["signal_to_noise"], 1)),
            Cell(
                used,
                kind="worse" if doubtful else "",
                mark=f"suggested: {suggested}" if doubtful else "",
            ),
        )
        rows.append(Row(str(each["species"]), cells))
    return Table(
        "Species. Relative uncertainty: median of U/C. Signal to noise: mean of (C − "
        "U)/U where C exceeds U; below 0.5 EPA PMF suggests bad, below 1 weak. Weak: "
        "three times the uncertainty; bad: left out.",
        "Species",
        (
            *("Unit", "Samples", "Below limit", "Median", "Highest"),
            *("Relative uncertainty", "Signal to noise", "Category"),
        ),
        (("", tuple(rows)),),
    )


def share_table(results: ApportionmentResults) -> Table:
    """
    Percent of each species by factor, and what no factor explains.

    Parameters
    ----------
    results : ApportionmentResults
        The folder.

    Returns
    -------
    Table
        Row a species.
    """
    shares = results.shares()
    explained = results.numbers("explained_variation", "explained_variation")
    rows = []
    for species in results.species:
        own = shares.loc[species].to_numpy(dtype=float)
        cells = [
            Cell(fixed(float(value), 0), kind="best" if value == own.max() else "")
            for value in own
        ]
        unexplained = explained["unexplained", species]
        rows.append(Row(species, (*cells, Cell(percent(unexplained)))))
    return Table(
        "Percent of each species that each factor gives (rows add up to 100), the "
        "largest in bold; and the unexplained share of the variation, weighted by "
        "uncertainties.",
        "Species",
        (*(name.capitalize() for name in results.factors), "Unexplained variation"),
        (("", tuple(rows)),),
    )


def start_table(results: ApportionmentResults) -> Table:
    """
    All starts with their certificates.

    Parameters
    ----------
    results : ApportionmentResults
        The folder.

    Returns
    -------
    Table
        From the lowest loss up.
    """
    table = results.tables["starts"].sort_values("loss", kind="stable")
    rows = [
        Row(
            f"{each['start'] + 1:.0f}",
            (
                Cell(fixed(each["loss"], 1)),
                Cell(fixed(each["q_true"], 1)),
                Cell(fixed(each["q_robust"], 1)),
                Cell("yes" if each["is_converged"] else "no"),
                Cell(f"{each['optimality']:.1e}"),
                Cell(f"{each['expected_decrease']:.1e}"),
                Cell(f"{each['n_steps']:.0f}"),
                Cell("yes" if each["reaches_best"] else "no"),
            ),
        )
        for each in table.to_dict("records")
    ]
    return Table(
        "Starts, from the lowest loss (what was minimised) up, with the certificate of "
        "convergence.",
        "Start",
        (
            *("Loss", "Q true", "Q robust", "Converged", "Optimality error"),
            *("Expected decrease", "Steps", "Same minimum as the best"),
        ),
        (("", tuple(rows)),),
    )


def number_table(results: ApportionmentResults) -> Table | None:
    """
    Evidence on the number of factors.

    Parameters
    ----------
    results : ApportionmentResults
        The folder.

    Returns
    -------
    Table or None
        None where one number only was asked for.
    """
    table = results.tables.get("number_of_factors")
    if table is None:
        return None
    about = results.diagnostics["number_of_factors"]
    rows = []
    for each in table.to_dict("records"):
        n = int(each["n_factors"])
        mark = "suggested" if n == about["suggested"] else ""
        mark = mark or ("cannot be told apart" if n in about["candidates"] else "")
        difference = (
            f"{fixed(each['difference'], 3)} ± {fixed(each['standard_error'], 3)}"
        )
        rows.append(
            Row(
                str(n),
                (
                    Cell(
                        fixed(each["held_out"], 3),
                        kind="best" if mark == "suggested" else "",
                        mark=mark,
                    ),
                    Cell(difference),
                    Cell(_number(each["q_over_expected"])),
                    Cell(fixed(each["stability"], 2)),
                    Cell(percent(each["share_reaching_best"])),
                ),
            )
        )
    return Table(
        "Number of factors by cells held out of the fit: mean loss of a held-out cell "
        "(one would be as good as the uncertainties), its difference to the best number "
        "with its standard error over folds, Q over expected, mean correlation of "
        "profiles between folds, and starts that reached the best.",
        "Factors",
        (
            *("Held-out loss", "Difference to the best", "Q / Q expected"),
            *("Stability", "Starts at the best"),
        ),
        (("", tuple(rows)),),
    )


def interval_table(results: ApportionmentResults) -> Table | None:
    """
    Intervals of the leading species of each factor.

    Parameters
    ----------
    results : ApportionmentResults
        The folder.

    Returns
    -------
    Table or None
        None where no errors were estimated.
    """
    methods = [
        ("DISP", 4.0, "DISP, dQ 4"),
        ("BS", None, "Bootstrap"),
        ("BS noise", None, "Errors of analysis"),
        ("BS-DISP", 4.0, "BS-DISP, dQ 4"),
        ("combined", None, "Combined"),
    ]
    found = {
        head: table
        for method, d_q, head in methods
        if len(table := results.intervals(method, d_q))
    }
    if not found:
        return None
    shares = results.shares()
    profiles = results.numbers("profiles", "concentration")
    percents = results.numbers("profiles", "percent_of_species")
    parts = []
    for factor in results.factors:
        chosen = shares[factor].sort_values(ascending=False).head(SHOWN).index
        rows = []
        for species in chosen:
            here = (factor, str(species))
            share = fixed(percents[here], 0)
            cells = [Cell(_number(profiles[here]), f"{share} % of species")]
            cells += [_interval(table, here) for table in found.values()]
            rows.append(Row(str(species), tuple(cells)))
        parts.append((factor.capitalize(), tuple(rows)))
    return Table(
        f"Concentrations in the profiles with their intervals, for the {SHOWN} species "
        "of which each factor gives the largest share, in the unit of the species; all "
        "others stand in errors.csv. Or wider: a search ended before its level. –: not "
        "estimated; weak species are not displaced.",
        "Species",
        ("Profile", *found),
        tuple(parts),
    )


def _interval(table: pd.DataFrame, key: tuple[str, str]) -> Cell:
    if key not in table.index:
        return Cell("–")
    row = table.loc[[key]].to_dict("records")[0]
    low, high = float(row["lower"]), float(row["upper"])
    if not (np.isfinite(low) and np.isfinite(high)):
        return Cell("–", "not mapped")
    text = f"{_number(low)} to {_number(high)}"
    return Cell(text, mark="or wider" if row.get("is_reached") == "no" else "")


def swap_table(results: ApportionmentResults) -> Table | None:
    """
    Swaps of factors under displacement.

    Parameters
    ----------
    results : ApportionmentResults
        The folder.

    Returns
    -------
    Table or None
        None where nothing was displaced.
    """
    table = results.tables.get("swaps")
    if table is None:
        return None
    wide = table.pivot_table(
        index="factor", columns="d_q", values="n_swaps", sort=False
    )
    wide = wide.reindex(index=results.factors).sort_index(axis=1)
    rows = tuple(
        Row(str(name).capitalize(), tuple(Cell(f"{each:.0f}") for each in row))
        for name, row in zip(wide.index, wide.to_numpy(), strict=True)
    )
    return Table(
        "Displacements of elements of each profile after which factors had changed "
        "places, by the increase of Q.",
        "Displaced",
        tuple(f"dQ {level:g}" for level in wide.columns),
        (("", rows),),
    )


def mapping_table(results: ApportionmentResults) -> Table | None:
    """
    How factors of resamples were paired with those of the solution.

    Parameters
    ----------
    results : ApportionmentResults
        The folder.

    Returns
    -------
    Table or None
        None where nothing was resampled.
    """
    table = results.tables.get("mapping")
    if table is None:
        return None
    heads = [name for name in table.columns if name != "factor"]
    rows = tuple(
        Row(
            str(each["factor"]).capitalize(),
            tuple(
                Cell(f"{each[name]:.0f}", kind="best" if name == each["factor"] else "")
                for name in heads
            ),
        )
        for each in table.to_dict("records")
    )
    return Table(
        "Bootstrap: how often the factor of the row, found anew in a resample, was most "
        "like the factor of the column; unmapped where no correlation of contributions "
        "reached 0.6.",
        "Factor",
        tuple(name.capitalize() for name in heads),
        (("", rows),),
    )


def agreement_table(results: ApportionmentResults) -> Table | None:
    """
    Leading factor of each species by three methods.

    Parameters
    ----------
    results : ApportionmentResults
        The folder.

    Returns
    -------
    Table or None
        None where the methods could not be compared.
    """
    table, opinions = (results.tables.get(n) for n in ("agreement", "second_opinions"))
    if table is None or opinions is None:
        return None
    extra = opinions.groupby("species", sort=False)[["unexplained", "r2"]].first()
    rows = []
    for each in table.to_dict("records"):
        own = extra.loc[each["species"]]
        agrees = bool(each["agrees"])
        cells = (
            Cell(str(each["pmf"])),
            Cell(str(each["apcs"])),
            Cell(str(each["log_ratio"])),
            Cell(f"{fixed(each['largest_difference'], 0)} points"),
            Cell(f"{fixed(float(own['unexplained']), 0)} %"),
            Cell(fixed(float(own["r2"]), 2)),
            Cell("yes" if agrees else "no", kind="" if agrees else "worse"),
        )
        rows.append(Row(str(each["species"]), cells))
    return Table(
        "Leading factor of each species by positive matrix factorisation (PMF), APCS-MLR "
        "and log-ratio components; largest difference of the shares of PMF and APCS-MLR; "
        "what APCS-MLR leaves unexplained (its intercept; may be negative) and its R². "
        "They agree where two methods or more name the factor of PMF and its shares are "
        "within 25 points.",
        "Species",
        (
            *("PMF", "APCS-MLR", "Log-ratios", "Difference"),
            *("Unexplained", "R²", "Agree"),
        ),
        (("", tuple(rows)),),
    )


def similarity_table(results: ApportionmentResults) -> Table | None:
    """
    How alike contributions are to the scores of the other methods.

    Parameters
    ----------
    results : ApportionmentResults
        The folder.

    Returns
    -------
    Table or None
        None where the methods could not be compared.
    """
    table = results.tables.get("similarity")
    if table is None:
        return None
    rows = tuple(
        Row(
            str(each["factor"]).capitalize(),
            (Cell(fixed(each["apcs"], 2)), Cell(fixed(each["log_ratio"], 2))),
        )
        for each in table.to_dict("records")
    )
    return Table(
        "Rank correlation of the contributions of each factor with the scores of its "
        "partner in the other methods.",
        "Factor",
        ("APCS-MLR", "Log-ratios"),
        (("", rows),),
    )


def constraint_table(results: ApportionmentResults) -> Table | None:
    """
    What constraints and rotations cost.

    Parameters
    ----------
    results : ApportionmentResults
        The folder.

    Returns
    -------
    Table or None
        None where there were none.
    """
    table = results.tables.get("constraints")
    if table is None:
        return None
    rows = tuple(
        Row(
            str(each["constraint"]),
            (
                Cell(fixed(each["miss"], 2)),
                Cell(fixed(each["d_q"], 1)),
                Cell(f"{fixed(each['d_q_percent'], 2)} %"),
                Cell("yes" if each["is_converged"] else "no"),
            ),
        )
        for each in table.to_dict("records")
    )
    return Table(
        "Constraints and rotations: by how many standard deviations each is missed, and "
        "by how much Q rose for all of them together. EPA PMF advises against more than "
        "about 1 %.",
        "Constraint",
        ("Missed by", "dQ", "dQ in percent", "Converged"),
        (("", rows),),
    )
