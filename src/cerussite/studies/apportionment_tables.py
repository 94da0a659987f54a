"""What an apportionment found, and the tables that hold it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cerussite.apportionment import (
    Constrained,
    Factorisation,
    NumberOfFactors,
    contributions_table,
    explained_variation_table,
    profiles_table,
)
from cerussite.studies.apportionment_errors import Errors, all_intervals
from cerussite.studies.second_opinions import Judged, Opinions


@dataclass(frozen=True, eq=False)
class Apportioned:
    """
    Everything that was found.

    Attributes
    ----------
    number : NumberOfFactors or None
        Search for the number, if one was made.
    best : Factorisation
        The free solution.
    other_seed : mapping of str to float
        How far starts of another seed ended from it.
    errors : Errors
        Errors of its profiles.
    opinions : Opinions
        Other methods.
    judged : Judged or None
        Verdicts, if asked for.
    constrained : mapping of str to Constrained
        ``constraints`` and F-peak rotations by name.
    """

    number: NumberOfFactors | None
    best: Factorisation
    other_seed: Mapping[str, float]
    errors: Errors
    opinions: Opinions
    judged: Judged | None
    constrained: Mapping[str, Constrained]


def result_tables(results: Apportioned) -> dict[str, pd.DataFrame]:
    """
    All tables but those of samples and species.

    Parameters
    ----------
    results : Apportioned
        What was found.

    Returns
    -------
    dict of str to DataFrame
        By name of the file without its ending.
    """
    found, errors, constrained = results.best, results.errors, results.constrained
    tables = {
        "profiles": profiles_table(found),
        "contributions": contributions_table(found),
        "explained_variation": explained_variation_table(found),
        "errors": all_intervals(found, errors),
        "residuals": _residuals(found),
        "starts": found.runs,
    }
    if results.number is not None:
        tables["number_of_factors"] = results.number.table
    if errors.displaced is not None:
        tables["swaps"] = errors.displaced.swaps
    if errors.resampled is not None:
        tables["mapping"] = errors.resampled.mapping.reset_index()
    tables |= _opinion_tables(results.opinions)
    if (judged := results.judged) is not None:
        tables["classes"] = judged.classes
        tables["evidence"] = judged.evidence
        tables["verdicts"] = judged.verdicts
    if constrained:
        tables["constraints"] = _constraints(constrained)
    if "constraints" in constrained:
        pulled = constrained["constraints"].factorisation
        tables["constrained_profiles"] = profiles_table(pulled)
        tables["constrained_contributions"] = contributions_table(pulled)
    return tables


def _residuals(found: Factorisation) -> pd.DataFrame:
    scaled = found.scaled_residuals
    names, species = found.data.sample_ids, found.data.species
    return pd.DataFrame(
        {
            "sample_id": np.repeat(np.array(names, dtype=object), len(species)),
            "species": list(species) * len(names),
            "scaled_residual": scaled.ravel(),
        }
    )


def _opinion_tables(opinions: Opinions) -> dict[str, pd.DataFrame]:
    if opinions.regression is None:
        return {}
    regression = opinions.regression
    extra = pd.DataFrame(
        {
            "species": regression.shares.index,
            "unexplained": regression.shares["unexplained"].to_numpy(),
            "r2": regression.r2,
        }
    )
    if opinions.compared is None:
        shares = regression.shares.drop(columns="unexplained").reset_index()
        shares = shares.melt("species", var_name="component", value_name="apcs")
        return {"second_opinions": shares.merge(extra, on="species")}
    compared = opinions.compared
    return {
        "second_opinions": compared.shares.merge(extra, on="species"),
        "agreement": compared.species,
        "similarity": compared.similarity,
    }


def _constraints(constrained: Mapping[str, Constrained]) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for name, each in constrained.items():
        converged = each.factorisation.is_converged
        rows += [
            {
                "solution": name,
                "constraint": row["constraint"],
                "miss": row["miss"],
                "d_q": each.d_q,
                "d_q_percent": each.d_q_percent,
                "is_converged": converged,
            }
            for row in each.misses.to_dict("records")
        ]
    return pd.DataFrame(rows)
