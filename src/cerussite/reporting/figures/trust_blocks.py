"""Figures on trust: coverage by group, reject curves, attributions, kept bands."""

import pandas as pd

from cerussite.explanation import absorption_features
from cerussite.reporting.certainty import group_coverage
from cerussite.reporting.figures.attribution import draw_attribution, draw_bands
from cerussite.reporting.figures.blocks import MOST_GROUPS, Block, Panel
from cerussite.reporting.figures.group_coverage import draw_group_coverage
from cerussite.reporting.figures.rejection import draw_rejection, rejection_top
from cerussite.reporting.numerals import percent
from cerussite.reporting.ranking import Ranking
from cerussite.reporting.rejection import captured_text, rejection_rows
from cerussite.reporting.tables import axis_label
from cerussite.reporting.wavelengths import (
    cancellation,
    main_bins,
    overlap_sentence,
    resolution,
    way,
)
from cerussite.reporting.wording import in_words, scheme_title

_VARIANCE = "_variance"


def coverage_block(
    ranking: Ranking, responses: list[str], level: float
) -> Block | None:
    """
    Coverage by group, a panel a response.

    Parameters
    ----------
    ranking : Ranking
        Scores and the files on trust.
    responses : list of str
        Which responses.
    level : float
        Nominal coverage; NaN where not stated.

    Returns
    -------
    Block or None
        None where `coverage.csv` has nothing on them.
    """
    panels, schemes, is_cut = [], ranking.results.schemes, False
    for response in responses:
        found = group_coverage(ranking, response)
        if found.empty:
            continue
        sizes = found.groupby("group", sort=False)["n_samples"].max()
        kept = sizes.nlargest(MOST_GROUPS).index
        is_cut |= len(sizes) > MOST_GROUPS
        own = found[found["group"].isin(kept)]
        shown = [s for s in schemes if (own["scheme"] == s).any()]
        title = in_words(ranking.title(str(ranking.in_use(response))))
        name = f"group-coverage-{response}"
        svg = draw_group_coverage(own, shown, level=level, name=name)
        panels.append(Panel(f"{response}, {title}", svg))
    if not panels:
        return None
    names = " and ".join(scheme_title(scheme) for scheme in schemes)
    caption = (
        "Coverage of the prediction intervals by group of the target, full calibration "
        f"set, validation by {names}; lines are 95 % Wilson intervals for the samples "
        "of the group, the dashed line is the nominal level. Groups are the same in "
        "all schemes; only those that leave out whole groups predict a group unseen."
    )
    if is_cut:
        caption += f" The {MOST_GROUPS} groups with the most samples."
    return Block((("", "", tuple(panels)),), caption)


def rejection_block(ranking: Ranking, responses: list[str]) -> Block | None:
    """
    Reject curves, a row a response, a panel a method.

    Parameters
    ----------
    ranking : Ranking
        Holds `rejection.csv`.
    responses : list of str
        Which responses.

    Returns
    -------
    Block or None
        None where there are no curves.
    """
    rows, schemes = [], dict[str, None]()
    for response in responses:
        found = rejection_rows(ranking, response)
        found = found[found["rmse"].notna()]
        if found.empty:
            continue
        schemes[scheme_title(str(found.iloc[0]["scheme"]))] = None
        panels = tuple(
            _rejection_panel(ranking, response, str(method), found)
            for method in found["method"].unique()
        )
        rows.append((response, "", panels))
    if not rows:
        return None
    caption = (
        f"Error (RMSE) of the predictions that are kept when the share on the "
        "horizontal axis is analysed instead, the spectra first that the calibration "
        f"set of their fold explains least (residual Q); validation by "
        f"{' and '.join(schemes)}, full calibration set. Band and brackets: 90 % bootstrap "
        "intervals, too narrow for few samples with some large errors. Dashed: samples drawn by "
        "lot. Dotted: the largest errors first, which nobody knows beforehand. The "
        "possible gain is the area between the two, over all shares drawn."
    )
    return Block(tuple(rows), caption)


def _rejection_panel(
    ranking: Ranking, response: str, method: str, found: pd.DataFrame
) -> Panel:
    own = found[found["method"] == method]
    svg = draw_rejection(
        own,
        label=axis_label("rmse", ranking.results.unit(response)),
        role=ranking.role(method),
        top=rejection_top(found),
        name=f"rejection-{response}-{method}",
    )
    text = captured_text(own)
    return Panel(ranking.title(method), svg, (f"{text[:1].upper()}{text[1:]}",))


def attribution_blocks(ranking: Ranking, response: str) -> dict[str, Block]:
    """
    Attributions of a response for each saved calibration.

    Parameters
    ----------
    ranking : Ranking
        Holds `attributions.csv`.
    response : str
        Name of the response.

    Returns
    -------
    dict of str to Block
        ``"variance"`` (which bins carry) and ``"contribution"`` (which bins count
        at all), each where it was written.
    """
    table = ranking.results.trust.attributions
    own = table[(table["response"] == response) & table["low"].notna()]
    is_variance = own["attribution"].str.endswith(_VARIANCE)
    parts = {"variance": own[is_variance], "contribution": own[~is_variance]}
    found = {
        kind: _attribution_block(ranking, response, kind, rows)
        for kind, rows in parts.items()
    }
    return {kind: block for kind, block in found.items() if block is not None}


def _attribution_block(
    ranking: Ranking, response: str, kind: str, table: pd.DataFrame
) -> Block | None:
    rows, bins = [], []
    for method in table["method"].unique():
        own = table[table["method"] == method]
        if own["value"].isna().any():
            continue
        panel = _attribution_panel(ranking, (response, str(method), kind), own)
        rows.append((ranking.title(str(method)), ranking.role(str(method)), (panel,)))
        bins.append(f"{in_words(ranking.title(str(method)))}: {resolution(own)}")
    if not rows:
        return None
    meaning = (
        "share of each bin of wavelengths in the variance of the predictions. Above "
        "zero a bin carries what is predicted; about zero or below it only corrects "
        "for something else"
        if kind == "variance"
        else "mean absolute contribution of each bin of wavelengths; bins that only "
        "correct for something else count like those that carry"
    )
    caption = (
        f"{response}: {meaning}. Mean (line) and standard deviation (band) over refits "
        f"on the folds of the validation; the resolution is that of the steps, nothing "
        f"finer can be said ({'; '.join(bins)}). Above: where constituents of soils "
        "are known to absorb, a hint and no finding. It explains the model, not the "
        "soil."
    )
    return Block(tuple(rows), caption)


def _attribution_panel(
    ranking: Ranking, cell: tuple[str, str, str], rows: pd.DataFrame
) -> Panel:
    response, method, kind = cell
    name = f"attribution-{response}-{method}-{kind}"
    heading = f"{way(rows)}, {resolution(rows)}"
    heading = f"{heading[:1].upper()}{heading[1:]}"
    if kind == "variance":
        label = "Share of variance (%)"
        facts = [cancellation(rows) or main_bins(rows)]
        rows = rows.assign(value=100 * rows["value"], spread=100 * rows["spread"])
    else:
        unit = ranking.results.unit(response)
        unit = "ln units" if rows.iloc[0]["scale"] == "log" else unit
        facts = []
        label = f"Contribution ({unit})" if unit else "Contribution"
    svg = draw_attribution(
        rows, absorption_features(), label=label, name=name, role=ranking.role(method)
    )
    return Panel(heading, svg, tuple(facts))


def bands_blocks(ranking: Ranking, response: str) -> list[tuple[str, Block]]:
    """
    Bands that transfer kept and new ones, a figure for each response of the source.

    Parameters
    ----------
    ranking : Ranking
        Holds `bands.csv`.
    response : str
        Name of the response.

    Returns
    -------
    list of (str, Block)
        Response of the source and figure, in the order of the file.
    """
    table = ranking.results.trust.bands
    own = table[table["response"] == response]
    return [
        (
            str(source),
            _bands_block(
                ranking, (response, str(source)), own[own["source_response"] == source]
            ),
        )
        for source in own["source_response"].unique()
    ]


def _bands_block(ranking: Ranking, pair: tuple[str, str], table: pd.DataFrame) -> Block:
    response, source = pair
    rows = []
    for method in table["method"].unique():
        own = table[table["method"] == method]
        svg = draw_bands(
            own,
            absorption_features(),
            titles=(f"{source}, source network", f"{response}, after transfer"),
            name=f"bands-{response}-{source}-{method}",
        )
        heading = f"From {source} to {response}, {resolution(own)}"
        facts = (overlap_sentence(own),)
        title, role = ranking.title(str(method)), ranking.role(str(method))
        rows.append((title, role, (Panel(heading, svg, facts),)))
    even = percent(1 / table["low"].nunique())
    caption = (
        f"Which bands the source network used for {source}, and which the transferred "
        f"one uses for {response}, on the same spectra: share of each bin in all "
        f"attribution with 95 % intervals over networks and refits on folds (those "
        f"of few networks are cut at 0 % and at the frame). Used: above "
        f"the even share of {even} (thin line) with the whole interval. Kept: used "
        "before and after; new, dropped: used by one only and different (Welch's "
        "test, adjusted for the number of bins)."
    )
    return Block(tuple(rows), caption)
