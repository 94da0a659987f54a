"""Receptor models by principal components: APCS-MLR."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from cerussite.apportionment.receptor_data import ReceptorData
from cerussite.core.errors import InvalidConcentrationError, InvalidStudyError
from cerussite.core.types import FloatArray


@dataclass(frozen=True, eq=False)
class ScoreRegression:
    """
    Absolute principal component scores and what species owe to them.

    Attributes
    ----------
    scores : ndarray of shape (n_samples, n_factors)
        Absolute scores: zero for a sample without any of the species.
    loadings : ndarray of shape (n_species, n_factors)
        Varimax-rotated correlations of species and components.
    coefficients : ndarray of shape (n_factors, n_species)
        Concentration per unit of score.
    intercepts : ndarray of shape (n_species,)
        What no component explains, in the unit of the species.
    shares : DataFrame
        Row a species, column a factor and ``unexplained`` (the intercept), in
        percent of the mean; rows add up to 100. Negative shares stay negative.
    r2 : ndarray of shape (n_species,)
        Of the regression of each species.
    """

    scores: FloatArray
    loadings: FloatArray
    coefficients: FloatArray
    intercepts: FloatArray
    shares: pd.DataFrame
    r2: FloatArray


def score_regression(data: ReceptorData, n_factors: int) -> ScoreRegression:
    r"""
    Source contributions by absolute principal component scores (APCS-MLR).

    Principal components of the correlations, rotated by varimax; scores of the
    samples less those of a sample without any species, :math:`A = S(Z) - S(Z_0)`
    with :math:`Z_0 = -\bar c / s`; regression of each species on them [1]_.

    Parameters
    ----------
    data : ReceptorData
        Without gaps; uncertainties are not used.
    n_factors : int
        Number of components.

    Returns
    -------
    ScoreRegression
        Factors in order of falling variance after rotation.

    Raises
    ------
    InvalidConcentrationError
        If a concentration is missing, or a species does not vary.
    InvalidStudyError
        If there are more components than species, or not more samples than
        components.

    References
    ----------
    .. [1] Thurston, G. D. and Spengler, J. D. (1985). A quantitative assessment of
       source contributions to inhalable particulate matter pollution in
       metropolitan Boston. Atmospheric Environment 19(1), 9-25.
    """
    values = complete_values(data)
    n_samples, n_species = values.shape
    if not (1 <= n_factors <= n_species and n_samples > n_factors + 1):
        msg = (
            f"{n_factors} components of {n_samples} samples and {n_species} species; "
            "expected fewer components than samples, and at most one a species"
        )
        raise InvalidStudyError(msg)
    mean, spread = values.mean(axis=0), values.std(axis=0, ddof=1)
    if not (spread > 0).all():
        msg = (
            f"{data.species[int(spread.argmin())]} does not vary; expected species that "
            "do: leave it out"
        )
        raise InvalidConcentrationError(msg)
    standard = (values - mean) / spread
    eigenvalues, vectors = np.linalg.eigh(standard.T @ standard / (n_samples - 1))
    eigenvalues, vectors = (
        eigenvalues[::-1][:n_factors],
        vectors[:, ::-1][:, :n_factors],
    )
    loadings, rotation = varimax(vectors * np.sqrt(eigenvalues))
    to_scores = vectors / np.sqrt(eigenvalues) @ rotation
    order = np.argsort(-(loadings**2).sum(axis=0), kind="stable")
    loadings, to_scores = loadings[:, order], to_scores[:, order]
    signs = np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
    loadings, to_scores = loadings * signs, to_scores * signs
    # Scores of the samples less those of a sample that holds nothing.
    scores = (values / spread) @ to_scores
    return _regressed(data, values, scores, loadings)


def _regressed(
    data: ReceptorData, values: FloatArray, scores: FloatArray, loadings: FloatArray
) -> ScoreRegression:
    design = np.column_stack([np.ones(len(scores)), scores])
    solved = np.linalg.lstsq(design, values, rcond=None)[0]
    residuals = values - design @ solved
    mean = values.mean(axis=0)
    parts = np.vstack([solved[1:] * scores.mean(axis=0)[:, None], solved[:1]])
    names = [f"factor {number}" for number in range(1, len(parts))]
    shares = pd.DataFrame(
        (100 * parts / mean).T,
        index=pd.Index(data.species, name="species"),
        columns=[*names, "unexplained"],
    )
    r2 = 1 - (residuals**2).sum(axis=0) / ((values - mean) ** 2).sum(axis=0)
    return ScoreRegression(scores, loadings, solved[1:], solved[0], shares, r2)


def varimax(
    loadings: FloatArray, *, max_sweeps: int = 100
) -> tuple[FloatArray, FloatArray]:
    """
    Rotation after which each component has large and small loadings only.

    Rows are brought to length one meanwhile (Kaiser's normalisation) [1]_.

    Parameters
    ----------
    loadings : ndarray of shape (n_species, n_factors)
        Unrotated.
    max_sweeps : int
        Most passes over all pairs of components.

    Returns
    -------
    rotated : ndarray of shape (n_species, n_factors)
        Loadings times rotation.
    rotation : ndarray of shape (n_factors, n_factors)
        Orthogonal.

    References
    ----------
    .. [1] Kaiser, H. F. (1958). The varimax criterion for analytic rotation in
       factor analysis. Psychometrika 23(3), 187-200.

    Examples
    --------
    >>> import numpy as np
    >>> simple = np.array([[0.75, 0.0], [0.5, 0.0], [0.0, 1.0]])
    >>> turn = np.array([[0.8, -0.6], [0.6, 0.8]])
    >>> np.abs(varimax(simple @ turn)[0]).round(6)
    array([[0.75, 0.  ],
           [0.5 , 0.  ],
           [0.  , 1.  ]])
    """
    lengths = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    turned = loadings / np.where(lengths > 0, lengths, 1.0)
    rotation = np.eye(loadings.shape[1])
    pairs = list(combinations(range(loadings.shape[1]), 2))
    for _ in range(max_sweeps):
        angles = [_turn(turned, rotation, pair) for pair in pairs]
        if max(map(abs, angles), default=0.0) < 1e-10:
            break
    return loadings @ rotation, rotation


def _turn(turned: FloatArray, rotation: FloatArray, pair: tuple[int, int]) -> float:
    """Turn two components in place by Kaiser's angle; gives the angle."""
    x, y = turned[:, pair[0]], turned[:, pair[1]]
    u, v = x**2 - y**2, 2 * x * y
    across = 2 * (u @ v - u.sum() * v.sum() / len(u))
    along = u @ u - v @ v - (u.sum() ** 2 - v.sum() ** 2) / len(u)
    angle = float(np.arctan2(across, along)) / 4
    plane = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    for each in (turned, rotation):
        each[:, list(pair)] = each[:, list(pair)] @ plane
    return angle


def complete_values(data: ReceptorData) -> FloatArray:
    """
    Concentrations, where none is missing.

    Parameters
    ----------
    data : ReceptorData
        What is to be analysed.

    Returns
    -------
    ndarray of shape (n_samples, n_species)
        In the units of the data.

    Raises
    ------
    InvalidConcentrationError
        If a concentration is missing.
    """
    n_missing = int((~data.is_measured).sum())
    if n_missing:
        msg = (
            f"{n_missing} concentrations are missing; expected none: principal "
            "components cannot leave single values out, so leave samples or species out"
        )
        raise InvalidConcentrationError(msg)
    return data.concentrations
