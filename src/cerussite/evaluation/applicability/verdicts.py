"""One verdict a sample: inside, borderline or outside, with the reason in words."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from cerussite.core.errors import InvalidSpectraError, InvalidStudyError
from cerussite.core.types import FloatArray
from cerussite.evaluation.applicability.dissimilarity import (
    Dissimilarity,
    fit_dissimilarity,
    left_out_index,
)
from cerussite.evaluation.applicability.latent import LatentSpace, fit_latent_space
from cerussite.evaluation.applicability.left_out import leave_out
from cerussite.evaluation.applicability.limits import (
    matched_limit,
    ranked_limit,
    samples_ranked,
)
from cerussite.evaluation.applicability.ranges import CalibrationRange, range_of
from cerussite.evaluation.splits import Labels

#: Shares of new samples of the same population within the two limits.
INNER_LEVEL, OUTER_LEVEL = 0.95, 0.99
#: Fewest calibration samples: a limit at the inner level needs so many left out.
LEAST_SAMPLES = samples_ranked(INNER_LEVEL) + 1
#: Part of the width of a band's range that no spectrum is blamed for.
MARGIN = 0.05
#: Verdicts, the best first.
VERDICTS = ("inside", "borderline", "outside")
#: Statistics that the verdict rests on.
STATISTICS = ("hotelling", "squared_residual", "dissimilarity", "excess")


class Limits(NamedTuple):
    """
    Limits of one statistic.

    Attributes
    ----------
    inner, outer : float
        Above the inner one a sample is borderline, above the outer one outside.
    """

    inner: float
    outer: float


@dataclass(frozen=True, eq=False)
class Applicability:
    """
    What a calibration has seen, and where that ends.

    Attributes
    ----------
    wavelengths : ndarray of shape (n_wavelengths,)
        Band centres in nm.
    space : LatentSpace
        Principal components of the calibration spectra.
    neighbours : Dissimilarity
        Calibration spectra in that space.
    ranges : CalibrationRange
        Range of each band.
    limits : mapping of str to Limits
        Of each of :data:`STATISTICS`.
    """

    wavelengths: FloatArray
    space: LatentSpace
    neighbours: Dissimilarity
    ranges: CalibrationRange
    limits: Mapping[str, Limits]

    def judge(self, X: FloatArray, wavelengths: FloatArray) -> pd.DataFrame:
        """
        Verdict on each spectrum, with what it rests on.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_wavelengths)
            Spectra in the quantity of the calibration.
        wavelengths : ndarray of shape (n_wavelengths,)
            Their band centres in nm.

        Returns
        -------
        DataFrame of n_samples rows
            ``hotelling``, ``squared_residual``, ``dissimilarity``, ``excess``
            (farthest that a band leaves its range, in widths), ``density``
            (similar calibration spectra), ``n_bands_outside``, ``verdict`` and
            ``reason``, which is empty inside.

        Raises
        ------
        InvalidSpectraError
            If the bands are not those of the calibration or a value is missing.
        """
        if msg := self._other_grid(wavelengths):
            raise InvalidSpectraError(msg)
        excess = self.ranges.excess(X)
        index, density = self.neighbours.index_and_density(self.space.scores(X))
        table = pd.DataFrame(
            {
                "hotelling": self.space.hotelling(X),
                "squared_residual": self.space.squared_residual(X),
                "dissimilarity": index,
                "excess": excess.max(axis=1),
                "density": density,
                "n_bands_outside": np.count_nonzero(excess > MARGIN, axis=1),
            }
        )
        broken = self._broken(table)
        table["verdict"] = [VERDICTS[worst] for worst in broken.max(axis=1)]
        farthest = self.wavelengths[np.argmax(excess, axis=1)]
        table["reason"] = [
            "; ".join(
                self._words(name, row, band)
                for name, level in zip(STATISTICS, levels, strict=True)
                if level
            )
            for row, levels, band in zip(
                table.to_dict("records"), broken.tolist(), farthest, strict=True
            )
        ]
        return table

    def _broken(self, table: pd.DataFrame) -> np.ndarray:
        # How many of its two limits each statistic of each sample is above.
        return np.column_stack(
            [
                (table[name].to_numpy()[:, np.newaxis] > self.limits[name]).sum(axis=1)
                for name in STATISTICS
            ]
        )

    def _words(self, name: str, row: Mapping[Hashable, float], band: float) -> str:
        value, inner = row[name], self.limits[name].inner
        if name == "excess":
            return (
                f"spectrum leaves the calibration range in {row['n_bands_outside']} of "
                f"{self.wavelengths.size} bands, most at {band:g} nm"
            )
        if name == "dissimilarity":
            return (
                f"no similar calibration spectrum (dissimilarity {value:.2f}, limit "
                f"{inner:.2f})"
            )
        times = f"{value / inner:.1f} times its limit" if inner > 0 else "limit 0"
        if name == "hotelling":
            return f"far from the mean of the calibration spectra (T² {times})"
        return f"a shape that the calibration spectra do not have (residual {times})"

    def _other_grid(self, wavelengths: FloatArray) -> str | None:
        if np.array_equal(wavelengths, self.wavelengths):
            return None
        found, expected = (_grid(axis) for axis in (wavelengths, self.wavelengths))
        return (
            f"spectra on another grid ({found}); expected that of the calibration "
            f"({expected}); resample the spectra first"
        )


def _grid(wavelengths: FloatArray) -> str:
    if not wavelengths.size:
        return "0 bands"
    low, high = wavelengths[[0, -1]]
    return f"{wavelengths.size} bands, {low:g} to {high:g} nm"


def fit_applicability(
    X: FloatArray,
    wavelengths: FloatArray,
    *,
    n_components: int,
    groups: Labels | None = None,
) -> Applicability:
    """
    Learn from calibration spectra what new ones are held against.

    Of a hundred new spectra of the same population about seven to nine are
    borderline and three to five outside; the page on applicability says what
    was measured.

    Parameters
    ----------
    X : ndarray of shape (n_calibration, n_wavelengths)
        Calibration spectra, as the calibration takes them.
    wavelengths : ndarray of shape (n_wavelengths,)
        Band centres in nm.
    n_components : int
        Principal components; see :func:`components_needed`.
    groups : array_like of shape (n_calibration,), optional
        Labels that the validation never splits. Samples of a group are left out
        together and are no neighbours of each other: with sites, limits are
        those of new sites.

    Returns
    -------
    Applicability
        Ready for new spectra.

    Raises
    ------
    InvalidStudyError
        If there are too few calibration samples.
    InvalidSpectraError
        If spectra and wavelengths do not fit or a value is missing.

    Notes
    -----
    The inner limit of T², of the residual Q and of the excess over the range is
    the 95 % limit by rank of left-out calibration samples; that of the
    dissimilarity is the threshold of the area of applicability. The outer limit
    is the 99 % limit by rank where there are 99 samples, else by a chi-squared
    distribution with the moments of the left-out values; never below the inner.
    A band's excess below :data:`MARGIN` is nobody's fault.
    """
    if X.ndim != 2 or X.shape[1:] != wavelengths.shape:
        msg = (
            f"spectra of shape {X.shape} for {wavelengths.size} wavelengths; expected "
            f"(n_samples, {wavelengths.size})"
        )
        raise InvalidSpectraError(msg)
    if len(X) < LEAST_SAMPLES:
        msg = (
            f"{len(X)} calibration samples; expected at least {LEAST_SAMPLES} to tell "
            "the usual from the unusual; judge by the range of the bands alone"
        )
        raise InvalidStudyError(msg)
    left_out = leave_out(X, n_components=n_components, groups=groups)
    space = fit_latent_space(X, n_components=n_components)
    neighbours = fit_dissimilarity(space.scores(X), folds=groups)
    index = left_out_index(neighbours, groups)
    limits = {
        "hotelling": _limits(left_out.hotelling),
        "squared_residual": _limits(left_out.squared_residual),
        "dissimilarity": _limits(index, inner=neighbours.threshold),
        "excess": _limits(np.maximum(left_out.excess, MARGIN)),
    }
    return Applicability(wavelengths, space, neighbours, range_of(X), limits)


def _limits(values: FloatArray, *, inner: float | None = None) -> Limits:
    if inner is None:
        inner = ranked_limit(values, level=INNER_LEVEL)
    has_enough = values.size >= samples_ranked(OUTER_LEVEL)
    outer = (ranked_limit if has_enough else matched_limit)(values, level=OUTER_LEVEL)
    return Limits(inner, max(inner, outer))
