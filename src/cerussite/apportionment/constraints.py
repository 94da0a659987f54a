"""Prior knowledge about profiles, and what it costs in Q."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

from cerussite.apportionment.descent import alternated, descended
from cerussite.apportionment.factorisation import (
    Factorisation,
    factorisation_of,
    scaled_problem,
)
from cerussite.apportionment.penalties import (
    CompositionWish,
    DirectionWish,
    RatioWish,
    Wish,
    penalty_of,
)
from cerussite.apportionment.problem import Penalty
from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import BoolArray, FloatArray

#: Turning a profile by 1 % of its length costs as much as one unit of Q.
STIFFNESS = 1e4


@dataclass(frozen=True)
class Zero:
    """
    A source that emits none of some species.

    Attributes
    ----------
    factor : str
        Such as ``"factor 2"``.
    species : tuple of str
        Fixed at zero in its profile.
    """

    factor: str
    species: tuple[str, ...]


@dataclass(frozen=True)
class KnownProfile:
    """
    A source whose composition is known: a pull.

    Attributes
    ----------
    factor : str
        Such as ``"factor 2"``.
    composition : mapping of str to float
        Two or more species in the proportions of the source, in the units of
        the data, above zero.
    relative_error : float
        Standard deviation of each, relative; smaller pulls harder.
    """

    factor: str
    composition: Mapping[str, float]
    relative_error: float


@dataclass(frozen=True)
class KnownRatio:
    """
    A source with a known ratio of two species.

    Attributes
    ----------
    factor : str
        Such as ``"factor 2"``.
    numerator, denominator : str
        The species.
    ratio : float
        In the units of the data, above zero.
    relative_error : float
        Standard deviation of the ratio, relative.
    """

    factor: str
    numerator: str
    denominator: str
    ratio: float
    relative_error: float


Constraint: TypeAlias = Zero | KnownProfile | KnownRatio


@dataclass(frozen=True, eq=False)
class Constrained:
    """
    A factorisation that was pulled, and what that cost.

    Attributes
    ----------
    factorisation : Factorisation
        Factors in the order of the free one.
    d_q : float
        Rise of what was minimised (Q true, or the robust loss), constraints
        themselves not counted.
    d_q_percent : float
        The same in percent of the free value; EPA PMF advises against more than
        about one.
    misses : DataFrame
        One row a constraint: ``constraint`` and ``miss``, the root mean square
        deviation from the wish in its standard deviations.
    """

    factorisation: Factorisation
    d_q: float
    d_q_percent: float
    misses: pd.DataFrame


def constrain(
    factorisation: Factorisation,
    constraints: Sequence[Constraint],
    *,
    max_iterations: int = 500,
) -> Constrained:
    """
    Factorisation nearest to a free one that heeds prior knowledge.

    Zeros are exact. Profiles and ratios are pulled: the sum of their squared
    deviations, in standard deviations, is added to Q. They concern proportions
    within a profile, so that the amount of the factor stays free.

    Parameters
    ----------
    factorisation : Factorisation
        The free one, whose factors the constraints name.
    constraints : sequence of Zero, KnownProfile or KnownRatio
        What is known.
    max_iterations : int
        Most steps.

    Returns
    -------
    Constrained
        With dQ.

    Raises
    ------
    InvalidStudyError
        If no constraint is given, or one names what is not there or asks for
        what cannot be.

    References
    ----------
    .. [1] Paatero, P. and Hopke, P. K. (2009). Rotational tools for factor analytic
       models. Journal of Chemometrics 23(2), 91-100.
    """
    if not constraints:
        msg = "no constraints; expected at least one"
        raise InvalidStudyError(msg)
    may_differ = np.ones(factorisation.profiles.shape, dtype=bool)
    _, scale = scaled_problem(factorisation.data, is_robust=factorisation.is_robust)
    wishes: list[Wish | None] = []
    for constraint in constraints:
        factor = _position(constraint.factor, factorisation.factors)
        if isinstance(constraint, Zero):
            columns = [
                _position(name, factorisation.data.species)
                for name in constraint.species
            ]
            may_differ[factor, columns] = False
            wishes.append(None)
        else:
            wishes.append(_wish(constraint, factor, factorisation, scale))
    found = _pulled(
        factorisation,
        penalty_of([wish for wish in wishes if wish is not None]),
        may_differ,
        max_iterations,
    )
    rows = [
        {"constraint": str(constraint), "miss": _miss(wish, found, scale)}
        for constraint, wish in zip(constraints, wishes, strict=True)
    ]
    return _costed(factorisation, found, pd.DataFrame(rows))


def f_peak(
    factorisation: Factorisation,
    strengths: Sequence[float],
    *,
    max_iterations: int = 500,
) -> dict[float, Constrained]:
    r"""
    Rotations that sharpen profiles (above zero) or contributions (below zero).

    A profile is pulled towards itself less ``strength`` times all other profiles,
    each of unit length: :math:`f_k - \phi \sum_{l \ne k} f_l`, negative parts cut.
    A negative strength adds the others. All else is refitted [1]_. Where Q hardly
    rises, the data do not say which rotation is right.

    Parameters
    ----------
    factorisation : Factorisation
        The one that is rotated.
    strengths : sequence of float
        Such as -0.2, 0.1, 0.2; EPA PMF counts its strengths otherwise, so that
        only signs compare.
    max_iterations : int
        Most steps for each.

    Returns
    -------
    dict of float to Constrained
        By strength.

    References
    ----------
    .. [1] Paatero, P., Hopke, P. K., Song, X.-H. and Ramadan, Z. (2002).
       Understanding and controlling rotations in factor analytic models.
       Chemometrics and Intelligent Laboratory Systems 60(1-2), 253-264.
    """
    problem, scale = scaled_problem(
        factorisation.data, is_robust=factorisation.is_robust
    )
    metric = problem.weights.sum(axis=0)
    profiles = factorisation.profiles / scale
    units = profiles / np.sqrt((profiles**2 * metric).sum(axis=1, keepdims=True))
    others = units.sum(axis=0) - units
    everywhere = np.ones(profiles.shape, dtype=bool)
    found = {}
    for strength in strengths:
        wanted = np.maximum(units - strength * others, 0.0)
        wish = DirectionWish(wanted, metric, STIFFNESS)
        turned = _pulled(factorisation, penalty_of([wish]), everywhere, max_iterations)
        text = {
            "constraint": f"F-peak {strength:g}",
            "miss": _miss(wish, turned, scale),
        }
        found[float(strength)] = _costed(factorisation, turned, pd.DataFrame([text]))
    return found


def _pulled(
    factorisation: Factorisation,
    penalty: Penalty,
    may_differ: BoolArray,
    max_iterations: int,
) -> Factorisation:
    is_robust = factorisation.is_robust
    problem, scale = scaled_problem(
        factorisation.data, is_robust=is_robust, may_differ=may_differ, penalty=penalty
    )
    start = np.where(may_differ, factorisation.profiles / scale, 0.0)
    descent = descended(
        problem,
        alternated(problem, start, n_rounds=0),
        max_iterations=max_iterations,
    )
    return factorisation_of(
        factorisation.data, [descent], is_robust=is_robust, keeps_order=True
    )


def _costed(
    free: Factorisation, found: Factorisation, misses: pd.DataFrame
) -> Constrained:
    before, after = (_loss(each) for each in (free, found))
    return Constrained(found, after - before, 100 * (after - before) / before, misses)


def _loss(factorisation: Factorisation) -> float:
    """What was minimised, without wishes."""
    problem, scale = scaled_problem(
        factorisation.data, is_robust=factorisation.is_robust
    )
    model = factorisation.contributions @ (factorisation.profiles / scale)
    return problem.loss(problem.concentrations - model)


def _miss(wish: Wish | None, found: Factorisation, scale: FloatArray) -> float:
    if wish is None:
        return 0.0
    misses, _ = wish.misses(found.profiles / scale)
    return float(np.sqrt(np.mean(misses**2)))


def _wish(
    constraint: KnownProfile | KnownRatio,
    factor: int,
    factorisation: Factorisation,
    scale: FloatArray,
) -> CompositionWish | RatioWish:
    species, error = factorisation.data.species, constraint.relative_error
    wish: CompositionWish | RatioWish
    if isinstance(constraint, KnownRatio):
        numerator = _position(constraint.numerator, species)
        denominator = _position(constraint.denominator, species)
        ratio = constraint.ratio * scale[denominator] / scale[numerator]
        wish = RatioWish(factor, numerator, denominator, float(ratio), error)
        values = np.array([constraint.ratio])
        is_possible = numerator != denominator
    else:
        columns = np.array(
            [_position(name, species) for name in constraint.composition]
        )
        values = np.array(list(constraint.composition.values()), dtype=float)
        found = factorisation.profiles[factor, columns]
        is_possible = values.size > 1 and bool((found > 0).any())
        wish = CompositionWish(factor, columns, values / scale[columns], error)
    if not (is_possible and (values > 0).all() and error > 0):
        msg = (
            f"{constraint}; expected two or more different species of which the factor "
            "has some, values above zero and a relative error above zero"
        )
        raise InvalidStudyError(msg)
    return wish


def _position(name: str, names: Sequence[str]) -> int:
    if name not in names:
        msg = f"no {name!r}; expected one of {', '.join(names)}"
        raise InvalidStudyError(msg)
    return list(names).index(name)
