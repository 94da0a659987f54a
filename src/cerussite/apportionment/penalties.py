"""Wishes about profiles, as terms of the objective that do not see their length."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from cerussite.apportionment.problem import Curvature, Penalty
from cerussite.core.types import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class CompositionWish:
    """
    Some species of a profile in given proportions.

    Attributes
    ----------
    factor : int
        Which profile.
    species : ndarray of int
        At least two.
    proportions : ndarray
        Of these species, scaled, above zero.
    relative_error : float
        Standard deviation of each proportion, relative.
    """

    factor: int
    species: IntArray
    proportions: FloatArray
    relative_error: float

    def misses(self, profiles: FloatArray) -> tuple[FloatArray, FloatArray]:
        """
        Deviations in standard deviations, and their derivatives.

        Parameters
        ----------
        profiles : ndarray of shape (n_factors, n_species)
            Scaled.

        Returns
        -------
        misses : ndarray of shape (n_misses,)
            Of each proportion from its share of the mean one.
        derivatives : ndarray of shape (n_misses, n_factors, n_species)
            With respect to the profiles.
        """
        parts = profiles[self.factor, self.species] / self.proportions
        mean, n = max(parts.mean(), np.finfo(float).tiny), parts.size
        by_part = np.eye(n) / mean - parts[:, None] / (n * mean**2)
        derivatives = np.zeros((n, *profiles.shape))
        derivatives[:, self.factor, self.species] = by_part / self.proportions
        return (parts / mean - 1) / self.relative_error, (
            derivatives / self.relative_error
        )


@dataclass(frozen=True, eq=False)
class RatioWish:
    """
    Two species of a profile in a given ratio.

    Attributes
    ----------
    factor : int
        Which profile.
    numerator, denominator : int
        The species.
    ratio : float
        Wanted, scaled, above zero.
    relative_error : float
        Standard deviation of the ratio, relative.
    """

    factor: int
    numerator: int
    denominator: int
    ratio: float
    relative_error: float

    def misses(self, profiles: FloatArray) -> tuple[FloatArray, FloatArray]:
        """
        Deviation in standard deviations, and its derivatives.

        Parameters
        ----------
        profiles : ndarray of shape (n_factors, n_species)
            Scaled.

        Returns
        -------
        misses : ndarray of shape (1,)
            Difference over the mean of numerator and wanted numerator; zero
            where the profile has neither.
        derivatives : ndarray of shape (1, n_factors, n_species)
            With respect to the profiles.
        """
        found = profiles[self.factor, self.numerator]
        wanted = self.ratio * profiles[self.factor, self.denominator]
        derivatives = np.zeros((1, *profiles.shape))
        total = found + wanted
        if total <= 0:
            return np.zeros(1), derivatives
        slope = 4 / total**2 / self.relative_error
        derivatives[0, self.factor, self.numerator] = slope * wanted
        derivatives[0, self.factor, self.denominator] = -slope * found * self.ratio
        return np.array(
            [2 * (found - wanted) / total / self.relative_error]
        ), derivatives


@dataclass(frozen=True, eq=False)
class DirectionWish:
    """
    All profiles in given directions.

    Attributes
    ----------
    directions : ndarray of shape (n_factors, n_species)
        Scaled; length does not matter.
    metric : ndarray of shape (n_species,)
        Weight of each species in lengths.
    stiffness : float
        Cost of a squared distance of one between unit vectors.
    """

    directions: FloatArray
    metric: FloatArray
    stiffness: float

    def misses(self, profiles: FloatArray) -> tuple[FloatArray, FloatArray]:
        """
        Distances of the unit vectors, times the root of the stiffness.

        Parameters
        ----------
        profiles : ndarray of shape (n_factors, n_species)
            Scaled.

        Returns
        -------
        misses : ndarray of shape (n_factors * n_species,)
            One an element.
        derivatives : ndarray of shape (n_misses, n_factors, n_species)
            With respect to the profiles.
        """
        root = np.sqrt(self.metric)
        n_factors, n_species = profiles.shape
        derivatives = np.zeros((n_factors, n_species, n_factors, n_species))
        misses = np.empty(profiles.shape)
        for factor in range(n_factors):
            unit, length = _unit(profiles[factor] * root)
            misses[factor] = unit - _unit(self.directions[factor] * root)[0]
            turn = (np.eye(n_species) - np.outer(unit, unit)) / length
            derivatives[factor, :, factor] = turn * root
        stiff = np.sqrt(self.stiffness)
        flat = derivatives.reshape(-1, n_factors, n_species)
        return stiff * misses.ravel(), stiff * flat


Wish: TypeAlias = CompositionWish | RatioWish | DirectionWish


def penalty_of(wishes: Sequence[Wish]) -> Penalty:
    """
    Sum of squared misses as a term of the objective.

    Parameters
    ----------
    wishes : sequence of CompositionWish, RatioWish or DirectionWish
        What the profiles should be like.

    Returns
    -------
    callable
        Of the scaled profiles; gives value, descent and Gauss-Newton curvature.
    """
    return _Penalty(tuple(wishes))


@dataclass(frozen=True)
class _Penalty:
    """A class, not a closure: processes can be sent one."""

    wishes: tuple[Wish, ...]

    def __call__(self, profiles: FloatArray) -> Curvature:
        value, descent = 0.0, np.zeros(profiles.size)
        matrix = np.zeros((profiles.size, profiles.size))
        for wish in self.wishes:
            misses, derivatives = wish.misses(profiles)
            flat = derivatives.reshape(misses.size, -1)
            value += float(misses @ misses)
            descent -= misses @ flat
            matrix += flat.T @ flat
        return Curvature(value, descent.reshape(profiles.shape), matrix)


def _unit(vector: FloatArray) -> tuple[FloatArray, float]:
    length = max(float(np.linalg.norm(vector)), np.finfo(float).tiny)
    return vector / length, length
