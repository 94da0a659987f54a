"""What the sections on trust of a report are made of."""

from typing import Any

import pandas as pd

from cerussite.reporting.certainty import certainty_sentence, group_table, width_table
from cerussite.reporting.coverage import coverage_table
from cerussite.reporting.diagnostics import measured_coverage
from cerussite.reporting.ranking import Ranking
from cerussite.reporting.reasons import (
    constituent_table,
    indirectness,
    surrogate_table,
)
from cerussite.reporting.rejection import (
    rejection_sentence,
    strange_table,
    verdict_table,
)
from cerussite.reporting.wavelengths import overlap_table

#: Responses that are shown without opening anything.
MOST_OPEN = 3


def sure_section(
    ranking: Ranking, predictions: pd.DataFrame, level: float
) -> dict[str, Any] | None:
    """
    How sure predictions are: coverage, by group, and widths.

    Parameters
    ----------
    ranking : Ranking
        Scores and the files on trust.
    predictions : DataFrame
        At the full size.
    level : float
        Nominal coverage; NaN where not stated.

    Returns
    -------
    dict or None
        Parts of the section by name; None where no method gave intervals.
    """
    from cerussite.reporting.figures.trust_blocks import (  # noqa: PLC0415 -- slow, and --help needs no figures
        coverage_block,
    )

    coverage = measured_coverage(predictions)
    if coverage.empty:
        return None
    responses = ranking.results.responses
    sentences = [
        (name, certainty_sentence(ranking, predictions, name, level))
        for name in responses
    ]
    tables = [(name, group_table(ranking, name, level)) for name in responses]
    return {
        "sentences": [(name, text) for name, text in sentences if text],
        "all": coverage_table(ranking, coverage, level),
        "widths": width_table(ranking, predictions, level),
        "figure": coverage_block(ranking, responses[:MOST_OPEN], level),
        "rest": coverage_block(ranking, responses[MOST_OPEN:], level),
        "groups": [(name, table) for name, table in tables if table],
    }


def laboratory_section(
    ranking: Ranking, predictions: pd.DataFrame
) -> dict[str, Any] | None:
    """
    Which samples to send to the laboratory: verdicts, errors, reject curves.

    Parameters
    ----------
    ranking : Ranking
        Scores and the files on trust.
    predictions : DataFrame
        At the full size.

    Returns
    -------
    dict or None
        Parts of the section by name; None where no spectrum was judged.
    """
    from cerussite.reporting.figures.trust_blocks import (  # noqa: PLC0415 -- slow, and --help needs no figures
        rejection_block,
    )

    verdicts = verdict_table(ranking, predictions)
    if verdicts is None:
        return None
    responses = ranking.results.responses
    sentences = [(name, rejection_sentence(ranking, name)) for name in responses]
    return {
        "verdicts": verdicts,
        "strange": strange_table(ranking),
        "sentences": [(name, text) for name, text in sentences if text],
        "figure": rejection_block(ranking, responses[:MOST_OPEN]),
        "rest": rejection_block(ranking, responses[MOST_OPEN:]),
    }


def why_section(ranking: Ranking) -> dict[str, Any] | None:
    """
    Why predictions are what they are: constituents, bins of wavelengths, kept bands.

    Parameters
    ----------
    ranking : Ranking
        Scores and the files on trust.

    Returns
    -------
    dict or None
        Parts of the section by name; None where nothing was explained.
    """
    from cerussite.reporting.figures.trust_blocks import (  # noqa: PLC0415 -- slow, and --help needs no figures
        attribution_blocks,
        bands_blocks,
    )

    trust = ranking.results.trust
    if not (len(trust.attributions) or len(trust.surrogates) or len(trust.bands)):
        return None
    return {
        "indirect": indirectness(ranking),
        "surrogates": surrogate_table(ranking),
        "constituents": constituent_table(ranking),
        "has_attributions": bool(len(trust.attributions)),
        "overlap": overlap_table(ranking),
        "responses": [
            {
                "name": name,
                "is_open": at < MOST_OPEN,
                "attributions": attribution_blocks(ranking, name),
                "bands": bands_blocks(ranking, name),
            }
            for at, name in enumerate(ranking.results.responses)
        ],
    }
