"""Concentrations with their uncertainties, checked once where they are born."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, Self, TypeAlias, get_args

import numpy as np

from cerussite.core.errors import InvalidConcentrationError, InvalidSurveyError
from cerussite.core.types import BoolArray, FloatArray

Category: TypeAlias = Literal["strong", "weak", "bad"]

#: A weak species counts with so many times its uncertainty (EPA PMF 5.0).
WEAK_FACTOR = 3.0


@dataclass(frozen=True, eq=False)
class ReceptorData:
    """
    What a receptor model starts from: samples by species, with uncertainties.

    Attributes
    ----------
    concentrations : ndarray of shape (n_samples, n_species)
        Measured values, each species in a unit of its own; NaN means missing.
        Small negative values, as some laboratories report them, are allowed.
    uncertainties : ndarray of shape (n_samples, n_species)
        One standard deviation in the unit of the species; above zero wherever
        a concentration is given.
    species : tuple of str
        Names of the columns.
    sample_ids : tuple of str
        Names of the rows.
    is_censored : ndarray of bool, shape (n_samples, n_species), or None
        True where the value stands for one below the detection limit.
    categories : tuple of {"strong", "weak"}
        One a species; empty means all strong. See :meth:`categorised`.

    Raises
    ------
    InvalidSurveyError
        If shapes or names do not match or repeat, or a sample or species has no
        value at all.
    InvalidConcentrationError
        If an uncertainty is negative, zero or missing, a value is infinite, or
        a species lies below its limit everywhere.
    """

    concentrations: FloatArray
    uncertainties: FloatArray
    species: tuple[str, ...]
    sample_ids: tuple[str, ...]
    is_censored: BoolArray | None = None
    categories: tuple[Category, ...] = ()

    def __post_init__(self) -> None:
        # Row-major double precision whatever came in: no result depends on it.
        for name in ("concentrations", "uncertainties"):
            values = np.ascontiguousarray(getattr(self, name), dtype=np.float64)
            object.__setattr__(self, name, values)
        if not self.categories:
            object.__setattr__(self, "categories", ("strong",) * len(self.species))
        self._check_shapes()
        self._check_values()
        self._check_content()

    @property
    def is_measured(self) -> BoolArray:
        """
        Where a concentration is given.

        Returns
        -------
        ndarray of bool, shape (n_samples, n_species)
            False where missing.
        """
        return ~np.isnan(self.concentrations)

    @property
    def is_strong(self) -> BoolArray:
        """
        Which species are strong.

        Returns
        -------
        ndarray of bool, shape (n_species,)
            False where weak.
        """
        return np.array([category == "strong" for category in self.categories])

    def categorised(
        self, categories: Mapping[str, Category], *, total: str | None = None
    ) -> Self:
        """
        The same samples with weak species downweighted and bad ones left out.

        Parameters
        ----------
        categories : mapping of str to {"strong", "weak", "bad"}
            Of some species; the others stay strong.
        total : str, optional
            Species that is the sum of the others (PM2.5 mass); made weak, so
            that it follows the model rather than steering it.

        Returns
        -------
        ReceptorData
            Uncertainties of weak species times :data:`WEAK_FACTOR`. Refused where
            a name is unknown, or species were categorised before.
        """
        wanted: dict[str, Category] = dict(categories)
        if total is not None:
            wanted[total] = "weak"
        self._check_categories(wanted)
        chosen: list[Category] = [wanted.get(name, "strong") for name in self.species]
        kept = [column for column, each in enumerate(chosen) if each != "bad"]
        factors = np.array([WEAK_FACTOR if each == "weak" else 1.0 for each in chosen])
        return replace(
            self,
            concentrations=self.concentrations[:, kept],
            uncertainties=(self.uncertainties * factors)[:, kept],
            species=tuple(self.species[column] for column in kept),
            is_censored=None if self.is_censored is None else self.is_censored[:, kept],
            categories=tuple(chosen[column] for column in kept),
        )

    def with_extra_uncertainty(self, fraction: float) -> Self:
        """
        The same samples with an uncertainty of the model added in quadrature.

        Parameters
        ----------
        fraction : float
            Share of each concentration, for what profiles vary in time or
            space; EPA PMF 5.0 allows 0 to 0.25.

        Returns
        -------
        ReceptorData
            Other uncertainties, all else as before.

        Raises
        ------
        InvalidConcentrationError
            If the share is negative or not a number.
        """
        if not fraction >= 0:
            msg = (
                f"an extra uncertainty of {fraction:g}; expected a share of the "
                "concentration, such as 0.05"
            )
            raise InvalidConcentrationError(msg)
        added = fraction * np.abs(self.concentrations)
        return replace(self, uncertainties=np.hypot(self.uncertainties, added))

    def _check_categories(self, wanted: Mapping[str, Category]) -> None:
        for name, category in wanted.items():
            if name not in self.species or category not in get_args(Category):
                msg = (
                    f"{name!r} is to be {category!r}; expected one of "
                    f"{', '.join(self.species)} to be strong, weak or bad"
                )
                raise InvalidSurveyError(msg)
        if "weak" in self.categories:
            msg = (
                "species were made weak before, and would be once more; categorise "
                "the data as they were read"
            )
            raise InvalidSurveyError(msg)

    def _check_shapes(self) -> None:
        shape = (len(self.sample_ids), len(self.species))
        shapes = {"concentrations": self.concentrations.shape}
        shapes["uncertainties"] = self.uncertainties.shape
        if self.is_censored is not None:
            shapes["is_censored"] = self.is_censored.shape
        shapes["categories"] = (shape[0], len(self.categories))
        for name, found in shapes.items():
            if found != shape:
                msg = (
                    f"{name} of shape {found}; expected {shape}, a row a sample and a "
                    "column a species"
                )
                raise InvalidSurveyError(msg)
        for names in (self.species, self.sample_ids):
            repeated = sorted({name for name in names if names.count(name) > 1})
            if repeated:
                msg = (
                    f"{len(repeated)} names occur more than once (first: "
                    f"{repeated[0]!r}); make them unique"
                )
                raise InvalidSurveyError(msg)

    def _check_values(self) -> None:
        here = self.is_measured
        flaws = {
            "uncertainties are negative": here & (self.uncertainties < 0),
            "uncertainties are zero": here & (self.uncertainties == 0),
            "uncertainties are missing or infinite": here
            & ~np.isfinite(self.uncertainties),
            "concentrations are infinite": np.isinf(self.concentrations),
        }
        for flaw, at in flaws.items():
            if at.any():
                row, column = np.argwhere(at)[0]
                msg = (
                    f"{int(at.sum())} {flaw} (first: {self.species[column]} in sample "
                    f"{self.sample_ids[row]}); expected values with an uncertainty "
                    "above zero: correct them, or leave the concentration out (NaN)"
                )
                raise InvalidConcentrationError(msg)

    def _check_content(self) -> None:
        here = self.is_measured
        for names, counts, what in (
            (self.sample_ids, here.sum(axis=1), "samples"),
            (self.species, here.sum(axis=0), "species"),
        ):
            empty = [name for name, n in zip(names, counts, strict=True) if n == 0]
            if empty:
                msg = (
                    f"{len(empty)} {what} have no value (first: {empty[0]}); leave "
                    "them out"
                )
                raise InvalidSurveyError(msg)
        seen = here & (self.concentrations > 0)
        if self.is_censored is not None:
            seen &= ~self.is_censored
        below = [
            name for name, n in zip(self.species, seen.sum(0), strict=True) if not n
        ]
        if below:
            msg = (
                f"{below[0]} was never found above its limit, nor {len(below) - 1} other "
                "species; expected some values above it: leave these species out"
            )
            raise InvalidConcentrationError(msg)
