"""From the tables of an apportionment to its figures."""

import numpy as np
import pandas as pd

from cerussite.core.types import FloatArray
from cerussite.reporting.apportionment_folder import ApportionmentResults
from cerussite.reporting.figures.blocks import Block, Panel
from cerussite.reporting.figures.contribution_series import draw_series
from cerussite.reporting.figures.fingerprint import (
    Fingerprint,
    draw_fingerprint,
    draw_key,
)
from cerussite.reporting.figures.residual_histogram import draw_residual_histogram
from cerussite.reporting.figures.station_map import StationPoints, draw_station_map
from cerussite.reporting.numerals import fixed, percent

#: Classes of contributions on maps: upper bounds, and labels.
_BOUNDS = (0.5, 1.0, 2.0, 4.0)
_LABELS = ("below half the mean", "to the mean", "to twice", "to four times", "above")


def fingerprint_block(results: ApportionmentResults) -> Block:
    """
    Fingerprints of all factors.

    Parameters
    ----------
    results : ApportionmentResults
        The folder.

    Returns
    -------
    Block
        A row a factor, below a key.
    """
    profiles = results.tables["profiles"].pivot_table(
        index="species", columns="factor", values="concentration", sort=False
    )
    profiles = profiles.reindex(index=results.species, columns=results.factors)
    totals = profiles.sum(axis=1).to_numpy(dtype=float)
    totals = np.where(totals > 0, totals, np.nan)
    methods = {
        name: table
        for name, table in (
            ("DISP", results.intervals("DISP", 4.0)),
            ("BS", results.intervals("BS")),
        )
        if len(table)
    }
    panels = []
    for factor in results.factors:
        profile = Fingerprint(
            results.species,
            profiles[factor].to_numpy(dtype=float),
            totals,
            {
                name: _limits(table, factor, results.species)
                for name, table in methods.items()
            },
        )
        drawn = draw_fingerprint(profile, name=f"fingerprint-{factor}", title=factor)
        panels.append((factor.capitalize(), "", (Panel("", drawn),)))
    key = ("", "", (Panel("", draw_key(list(methods), name="fingerprint-key")),))
    units = {unit for unit in results.units.values() if unit}
    unit = f" in {units.pop()}" if len(units) == 1 else " in the unit of each species"
    boxes = (
        " Boxes: left DISP at dQ 4 (all else refitted; strong species only), right "
        "bootstrap; in percent of what all factors give to the species."
        if methods
        else " No errors were estimated."
    )
    caption = (
        "Fingerprints. Above: percent of each species that the factor gives. Below: "
        f"concentration at the mean contribution{unit}, logarithmic; a missing bar is "
        f"zero or off the scale.{boxes}"
    )
    return Block((key, *panels), caption)


def _limits(table: pd.DataFrame, factor: str, species: list[str]) -> FloatArray:
    wanted = pd.MultiIndex.from_product([[factor], species])
    limits: FloatArray = table.reindex(wanted)[["lower", "upper"]].to_numpy(dtype=float)
    return limits


def contribution_block(results: ApportionmentResults) -> Block:
    """
    Contributions as maps where coordinates are known, as series otherwise.

    Parameters
    ----------
    results : ApportionmentResults
        The folder.

    Returns
    -------
    Block
        A panel a factor.
    """
    samples = results.tables["samples"]
    wide = results.tables["contributions"].pivot_table(
        index="sample_id", columns="factor", values="contribution", sort=False
    )
    wide = wide.reindex(index=samples["sample_id"], columns=results.factors)
    for pair in (("easting", "northing"), ("longitude", "latitude")):
        if set(pair) <= set(samples) and samples[list(pair)].notna().all(axis=1).any():
            return _maps(results, wide, pair)
    dates = pd.to_datetime(samples["date"]) if "date" in samples else None
    rows = tuple(
        (
            factor.capitalize(),
            "",
            (
                Panel(
                    "",
                    draw_series(
                        wide[factor].to_numpy(dtype=float),
                        dates,
                        name=f"series-{factor}",
                        title=factor,
                    ),
                ),
            ),
        )
        for factor in results.factors
    )
    over = "over time" if dates is not None else "in the order of the table"
    return Block(
        rows, f"Contributions {over}; dimensionless, the dashed line is the mean."
    )


def _maps(
    results: ApportionmentResults, wide: pd.DataFrame, pair: tuple[str, str]
) -> Block:
    samples = results.tables["samples"]
    there = samples[list(pair)].notna().all(axis=1).to_numpy()
    east, north = (samples.loc[there, name].to_numpy(dtype=float) for name in pair)
    panels = []
    for factor in results.factors:
        values = wide[factor].to_numpy(dtype=float)[there]
        points = StationPoints(
            east, north, np.searchsorted(_BOUNDS, values), pair[0] == "longitude"
        )
        title = f"contributions of {factor}"
        drawn = draw_station_map(points, _LABELS, name=f"map-{factor}", title=title)
        panels.append(Panel(factor.capitalize(), drawn))
    crs = results.manifest["crs"]
    n_without = int(np.sum(~there))
    missing = f" {n_without} samples have no coordinates." if n_without else ""
    caption = (
        "Contributions of the factors relative to their mean over all samples, north "
        f"up, {pair[0]} and {pair[1]} as in the table{f' ({crs})' * bool(crs)}; one scale "
        f"in both directions, high contributions on top.{missing}"
    )
    return Block((("", "", tuple(panels)),), caption)


def residual_block(results: ApportionmentResults) -> Block:
    """
    Histograms of scaled residuals.

    Parameters
    ----------
    results : ApportionmentResults
        The folder.

    Returns
    -------
    Block
        A panel a species.
    """
    table, about = results.tables["residuals"], results.diagnostics["species"]
    panels = []
    for at, species in enumerate(results.species):
        own = table.loc[table["species"] == species, "scaled_residual"]
        drawn = draw_residual_histogram(
            own.to_numpy(dtype=float), name=f"residual-{at}", title=species
        )
        numbers = about[species]
        facts = (
            f"Q per value {fixed(numbers['q_per_value'], 2)}",
            f"beyond three {percent(numbers['share_beyond_three'])}",
        )
        panels.append(Panel(species, drawn, facts))
    caption = (
        "Scaled residuals (measured less modelled, over the uncertainty), from −5 to 5; "
        "what lies beyond is counted in the last bars. A species that is fitted as well "
        "as its uncertainties say has a Q per value a little below one; far above, its "
        "uncertainties are too small or a source is missing; far below, they are too "
        "large."
    )
    return Block((("", "", tuple(panels)),), caption)
