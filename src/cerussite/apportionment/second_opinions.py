"""Whether receptor models of different kinds say the same."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from cerussite.apportionment.factorisation import Factorisation
from cerussite.apportionment.log_ratios import LogRatioComponents
from cerussite.apportionment.matching import correlations, matched_factors
from cerussite.apportionment.principal_components import ScoreRegression
from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray


@dataclass(frozen=True, eq=False)
class Agreement:
    """
    Methods side by side, in the factors of the factorisation.

    Attributes
    ----------
    shares : DataFrame
        One row a species and factor: ``species``, ``factor``, ``pmf`` and
        ``apcs`` (percent of the mean; the latter may be negative),
        ``difference`` (apcs less pmf, points), ``loading`` (log-ratios).
    species : DataFrame
        One row a species: ``species``, its leading factor by ``pmf``, ``apcs``
        and ``log_ratio``, ``largest_difference`` (points), ``n_agreeing``
        (methods that name the factor of pmf, itself included) and ``agrees``.
    similarity : DataFrame
        One row a factor: ``factor``, rank correlation of its contributions with
        the scores of its partner, ``apcs`` and ``log_ratio``.
    """

    shares: pd.DataFrame
    species: pd.DataFrame
    similarity: pd.DataFrame


def agreement(
    factorisation: Factorisation,
    regression: ScoreRegression,
    components: LogRatioComponents,
) -> Agreement:
    """
    Compare a factorisation with two other opinions on the same samples.

    Factors are paired by rank correlations of contributions and scores, each
    once. A species agrees where at least two methods of three name one leading
    factor, and the shares of the two that give shares are within 25 points.

    Parameters
    ----------
    factorisation : Factorisation
        Positive matrix factorisation.
    regression : ScoreRegression
        APCS-MLR with as many factors, of the same samples and species.
    components : LogRatioComponents
        Log-ratio components, as many, of the same samples and species.

    Returns
    -------
    Agreement
        See there.

    Raises
    ------
    InvalidStudyError
        If samples, species or numbers of factors differ.
    """
    shapes = {
        (each.scores.shape, each.loadings.shape) for each in (regression, components)
    }
    n_factors, n_species = factorisation.profiles.shape
    if shapes != {(factorisation.contributions.shape, (n_species, n_factors))}:
        msg = (
            f"other methods with scores and loadings of shapes {sorted(shapes)}; "
            f"expected {factorisation.contributions.shape} and "
            f"{(n_species, n_factors)}: the same samples, species and factors"
        )
        raise InvalidStudyError(msg)
    by_score = _partners(factorisation, regression.scores)
    apcs = regression.shares.to_numpy()[:, :n_factors][:, by_score[0]].T
    by_ratio = _partners(factorisation, components.scores)
    loadings = (components.loadings * by_ratio[2])[:, by_ratio[0]].T
    pmf = (
        100
        * factorisation.profiles
        / np.nanmean(factorisation.data.concentrations, axis=0)
    )
    similarity = pd.DataFrame(
        {
            "factor": factorisation.factors,
            "apcs": by_score[1],
            "log_ratio": by_ratio[1],
        }
    )
    return Agreement(
        _long(factorisation, pmf, apcs, loadings),
        _by_species(factorisation, pmf, apcs, loadings),
        similarity,
    )


def _partners(
    factorisation: Factorisation, scores: FloatArray
) -> tuple[np.ndarray, FloatArray, FloatArray]:
    """Partner of each factor, their rank correlation, and signs of the scores."""
    ours = rankdata(factorisation.contributions, axis=0)
    theirs = rankdata(scores, axis=0)
    similarity = correlations(ours, theirs)
    strongest = np.abs(similarity).argmax(axis=0)
    signs = np.sign(similarity[strongest, np.arange(scores.shape[1])])
    match = matched_factors(ours, theirs * signs)
    return match.order, match.similarity, signs


def _long(
    factorisation: Factorisation,
    pmf: FloatArray,
    apcs: FloatArray,
    loadings: FloatArray,
) -> pd.DataFrame:
    rows = [
        {
            "species": name,
            "factor": factor,
            "pmf": pmf[at, column],
            "apcs": apcs[at, column],
            "difference": apcs[at, column] - pmf[at, column],
            "loading": loadings[at, column],
        }
        for column, name in enumerate(factorisation.data.species)
        for at, factor in enumerate(factorisation.factors)
    ]
    return pd.DataFrame(rows)


def _by_species(
    factorisation: Factorisation,
    pmf: FloatArray,
    apcs: FloatArray,
    loadings: FloatArray,
) -> pd.DataFrame:
    names = np.array(factorisation.factors)
    leading = [each.argmax(axis=0) for each in (pmf, apcs, loadings)]
    table = pd.DataFrame(
        {
            "species": factorisation.data.species,
            "pmf": names[leading[0]],
            "apcs": names[leading[1]],
            "log_ratio": names[leading[2]],
            "largest_difference": np.abs(apcs - pmf).max(axis=0),
        }
    )
    table["n_agreeing"] = 1 + sum(
        (leading[0] == other).astype(int) for other in leading[1:]
    )
    at = leading[0], np.arange(pmf.shape[1])
    near = np.abs(apcs[at] - pmf[at]) <= 25
    table["agrees"] = (table["n_agreeing"] >= 2).to_numpy() & near
    return table
