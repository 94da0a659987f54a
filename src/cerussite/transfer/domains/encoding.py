"""Covariates as a network sees them, learnt on calibration rows."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy.special import ndtri

from cerussite.core.types import FloatArray, IntArray
from cerussite.transfer.domains.configuration import NumericScaling
from cerussite.transfer.domains.covariates import Covariates

#: Knots of the distribution function of a covariate.
_N_KNOTS = 201
#: Normal scores stay within this many standard deviations.
_LARGEST_SCORE = 3.0


@dataclass(frozen=True, eq=False)
class Encoded:
    """
    Covariates of some samples, encoded.

    Attributes
    ----------
    numbers : ndarray of shape (n_samples, n_numeric)
        Scaled; 0 where missing.
    is_missing : ndarray of shape (n_samples, n_numeric)
        1 where missing, else 0.
    codes : ndarray of int, shape (n_samples, n_categorical)
        Number of the category; 0 for missing and unknown ones.
    """

    numbers: FloatArray
    is_missing: FloatArray
    codes: IntArray


@dataclass(frozen=True, eq=False)
class CovariateEncoding:
    """
    Scales of numeric and codes of categorical covariates.

    Attributes
    ----------
    scaling : {"quantile", "standard"}
        How numbers are scaled.
    knots : tuple of ndarray
        For each numeric covariate its quantiles, or mean and standard deviation;
        empty where it was missing throughout: it then stays missing.
    categories : tuple of tuple of str
        For each categorical covariate the labels that were seen, sorted.
    """

    scaling: NumericScaling
    knots: tuple[FloatArray, ...]
    categories: tuple[tuple[str, ...], ...]

    @classmethod
    def learn(cls, covariates: Covariates, *, scaling: NumericScaling) -> Self:
        """
        Learn scales and codes.

        Parameters
        ----------
        covariates : Covariates
            Those of the calibration set.
        scaling : {"quantile", "standard"}
            How numbers are scaled.

        Returns
        -------
        CovariateEncoding
            For :meth:`apply`.
        """
        knots = tuple(
            _knots(column[~np.isnan(column)], scaling)
            for column in covariates.numbers.T
        )
        categories = tuple(
            tuple(sorted({label for label in column if label is not None}))
            for column in covariates.labels.T
        )
        return cls(scaling, knots, categories)

    @property
    def n_numeric(self) -> int:
        """
        Number of numeric covariates.

        Returns
        -------
        int
            Columns of ``numbers``.
        """
        return len(self.knots)

    def apply(self, covariates: Covariates) -> Encoded:
        """
        Encode covariates of the same columns.

        Parameters
        ----------
        covariates : Covariates
            Of any samples.

        Returns
        -------
        Encoded
            Numbers beyond those seen in :meth:`learn` are scored as the most extreme
            ones with ``scaling="quantile"``.
        """
        numbers = np.full(covariates.numbers.shape, np.nan)
        for k, knots in enumerate(self.knots):
            if knots.size:
                numbers[:, k] = _scaled(covariates.numbers[:, k], knots, self.scaling)
        missing = np.isnan(numbers)
        codes = np.zeros(covariates.labels.shape, dtype=np.int64)
        for k, known in enumerate(self.categories):
            numbered = {label: number for number, label in enumerate(known, start=1)}
            codes[:, k] = [numbered.get(label, 0) for label in covariates.labels[:, k]]
        return Encoded(
            np.where(missing, 0.0, numbers), missing.astype(np.float64), codes
        )

    def to_dict(self) -> dict[str, Any]:
        """
        Plain values for JSON.

        Returns
        -------
        dict
            One entry a field.
        """
        return {
            "scaling": self.scaling,
            "knots": [knots.tolist() for knots in self.knots],
            "categories": [list(known) for known in self.categories],
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """
        Encoding from what :meth:`to_dict` gave.

        Parameters
        ----------
        values : dict
            Values by field name.

        Returns
        -------
        CovariateEncoding
            Encodes the same as the one written.
        """
        return cls(
            values["scaling"],
            tuple(np.array(knots, dtype=np.float64) for knots in values["knots"]),
            tuple(tuple(known) for known in values["categories"]),
        )


def _knots(values: FloatArray, scaling: NumericScaling) -> FloatArray:
    if not values.size:
        return np.empty(0)
    if scaling == "standard":
        spread = float(values.std())
        return np.array([values.mean(), spread if spread > 0 else 1.0])
    return np.quantile(values, np.linspace(0, 1, min(_N_KNOTS, max(values.size, 2))))


def _scaled(
    values: FloatArray, knots: FloatArray, scaling: NumericScaling
) -> FloatArray:
    if scaling == "standard":
        return (values - knots[0]) / knots[1]
    ranks = np.linspace(0, 1, knots.size)
    # Equal knots: the middle between the first and the last of their ranks.
    first = np.interp(values, knots, ranks)
    last = 1 - np.interp(-values, -knots[::-1], ranks)
    # The first search ends at the last of equal knots, the mirrored one at the first.
    return np.clip(ndtri((first + last) / 2), -_LARGEST_SCORE, _LARGEST_SCORE)
