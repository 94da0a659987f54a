"""Preprocessed calibration spectra, prepared once and shared by methods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy.linalg import eigh

from cerussite.core.types import FloatArray, IntArray
from cerussite.preprocessing import recipe

#: Directions with less than this share of the largest variance are rounding.
_NEGLIGIBLE = 1e-12


@dataclass(frozen=True, eq=False)
class Scaling:
    """
    Centring and scaling of bands; calling it applies it.

    Attributes
    ----------
    centre, scale : ndarray of shape (n_features,)
        What is subtracted and divided by; the mean squared length of the rows
        it was learnt from becomes one.
    """

    centre: FloatArray
    scale: FloatArray

    @classmethod
    def learn(cls, rows: FloatArray, *, standardise: bool) -> "Scaling":
        """
        Learn the scaling.

        Parameters
        ----------
        rows : ndarray of shape (n_samples, n_features)
            Preprocessed spectra.
        standardise : bool
            Whether each band gets a scale of its own.

        Returns
        -------
        Scaling
            Bands that do not vary keep a scale of one.
        """
        centre = rows.mean(axis=0)
        variance = rows.var(axis=0)
        total = variance.sum()
        if not total > 0:
            return cls(centre, np.ones_like(centre))
        if not standardise:
            return cls(centre, np.full_like(centre, np.sqrt(total)))
        varies = variance > total * _NEGLIGIBLE / variance.size
        deviation = np.sqrt(np.where(varies, variance, 1.0))
        return cls(centre, deviation * np.sqrt(np.count_nonzero(varies)))

    def __call__(self, preprocessed: FloatArray) -> FloatArray:
        """
        Centre and scale.

        Parameters
        ----------
        preprocessed : ndarray of shape (n_samples, n_features)
            Spectra after the recipe.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Dimensionless.
        """
        return (preprocessed - self.centre) / self.scale


@dataclass(frozen=True, eq=False)
class View:
    """
    Calibration spectra after one preprocessing and one scaling of the bands.

    Attributes
    ----------
    recipe : str
        Preprocessing, one of :data:`cerussite.preprocessing.RECIPES`.
    is_standardised : bool
        Whether each band is divided by its standard deviation, so that weak
        bands count as much as strong ones.
    preprocessed : ndarray of shape (n_calibration, n_features)
        Calibration spectra after the recipe, before centring.
    scaling : Scaling
        Learnt from all of them.
    """

    recipe: str
    is_standardised: bool
    preprocessed: FloatArray
    scaling: Scaling

    @property
    def name(self) -> str:
        """
        Name for reports.

        Returns
        -------
        str
            For example ``"snv, standardised"``.
        """
        return f"{self.recipe}, standardised" if self.is_standardised else self.recipe

    def block(self, fitted: IntArray, new: IntArray) -> "Block":
        """
        Rows to learn from and rows to predict, scaled by the former alone.

        Parameters
        ----------
        fitted, new : ndarray of int
            Positions of calibration rows.

        Returns
        -------
        Block
            Both sets of rows.
        """
        rows = self.preprocessed[fitted]
        scaling = Scaling.learn(rows, standardise=self.is_standardised)
        return Block(scaling(rows), scaling(self.preprocessed[new]))

    def block_of(self, preprocessed: FloatArray) -> "Block":
        """
        All calibration rows to learn from, and new spectra to predict.

        Parameters
        ----------
        preprocessed : ndarray of shape (n_samples, n_features)
            New spectra after the recipe; may be none.

        Returns
        -------
        Block
            Both sets of rows, scaled by the calibration.
        """
        return Block(self.scaling(self.preprocessed), self.scaling(preprocessed))

    def without_rows(self) -> "View":
        """
        The same view for methods that need no calibration rows to predict.

        Returns
        -------
        View
            With no rows.
        """
        return replace(self, preprocessed=self.preprocessed[:0])


class Block:
    """
    Scaled rows to learn from and rows to predict.

    Methods that depend on spectra through inner products alone may work on
    ``scores``, the rows rotated onto their own principal axes: the same answer
    from at most ``n_fitted`` columns instead of thousands of bands.

    Parameters
    ----------
    fitted : ndarray of shape (n_fitted, n_features)
        Rows to learn from, centred.
    new : ndarray of shape (n_new, n_features)
        Rows to predict.
    """

    def __init__(self, fitted: FloatArray, new: FloatArray) -> None:
        self.fitted = fitted
        self.new = new

    @cached_property
    def variances(self) -> FloatArray:
        """
        Squared lengths of the columns of ``scores``.

        Returns
        -------
        ndarray of shape (n_axes,)
            Positive, increasing.
        """
        return self._decomposition[0]

    @cached_property
    def axes(self) -> FloatArray:
        """
        Principal axes of the fitted rows.

        Returns
        -------
        ndarray of shape (n_features, n_axes)
            Orthonormal columns.
        """
        return self._decomposition[1]

    @cached_property
    def scores(self) -> FloatArray:
        """
        Fitted rows on their principal axes.

        Returns
        -------
        ndarray of shape (n_fitted, n_axes)
            Orthogonal columns.
        """
        return self.fitted @ self.axes

    @cached_property
    def new_scores(self) -> FloatArray:
        """
        New rows on the principal axes of the fitted ones.

        Returns
        -------
        ndarray of shape (n_new, n_axes)
            What of the new rows the fitted ones span.
        """
        return self.new @ self.axes

    @cached_property
    def gram(self) -> FloatArray:
        """
        Inner products of fitted rows.

        Returns
        -------
        ndarray of shape (n_fitted, n_fitted)
            Symmetric.
        """
        return self.fitted @ self.fitted.T

    @cached_property
    def new_gram(self) -> FloatArray:
        """
        Inner products of new and fitted rows.

        Returns
        -------
        ndarray of shape (n_new, n_fitted)
            New rows first.
        """
        return self.new @ self.fitted.T

    @cached_property
    def distances(self) -> FloatArray:
        """
        Squared distances between fitted rows.

        Returns
        -------
        ndarray of shape (n_fitted, n_fitted)
            Zero on the diagonal.
        """
        lengths = np.diag(self.gram)
        squared = np.maximum(lengths[:, np.newaxis] + lengths - 2 * self.gram, 0.0)
        np.fill_diagonal(squared, 0.0)
        return squared

    @cached_property
    def new_distances(self) -> FloatArray:
        """
        Squared distances from new to fitted rows.

        Returns
        -------
        ndarray of shape (n_new, n_fitted)
            New rows first.
        """
        lengths = np.square(self.fitted).sum(axis=1)
        new_lengths = np.square(self.new).sum(axis=1)[:, np.newaxis]
        return np.maximum(new_lengths + lengths - 2 * self.new_gram, 0.0)

    @cached_property
    def _decomposition(self) -> tuple[FloatArray, FloatArray]:
        """Variances and axes, from the smaller of the two square matrices."""
        n_rows, n_features = self.fitted.shape
        if n_rows > n_features:
            variances, axes = eigh(self.fitted.T @ self.fitted)
            kept = _beyond_rounding(variances)
            return variances[kept], axes[:, kept]
        variances, basis = eigh(self.gram)
        kept = _beyond_rounding(variances)
        lengths = np.sqrt(variances[kept])
        return variances[kept], self.fitted.T @ (basis[:, kept] / lengths)


def _beyond_rounding(variances: FloatArray) -> np.ndarray:
    return variances > max(variances[-1] * _NEGLIGIBLE, np.finfo(float).tiny)


def fit_recipes(X: FloatArray, names: Sequence[str]) -> dict[str, Any]:
    """
    Fit preprocessings on calibration spectra.

    Parameters
    ----------
    X : ndarray of shape (n_calibration, n_wavelengths)
        Calibration spectra as read.
    names : sequence of str
        Names of recipes.

    Returns
    -------
    dict of str to transformer
        Fitted scikit-learn transformers.
    """
    return {name: recipe(name).fit(X) for name in names}


def make_views(
    preprocessed: Mapping[str, FloatArray], *, standardise: Sequence[bool]
) -> list[View]:
    """
    Views of every recipe in every scaling asked for.

    Parameters
    ----------
    preprocessed : mapping of str to ndarray of shape (n_calibration, n_features)
        Calibration spectra after each recipe.
    standardise : sequence of bool
        Scalings.

    Returns
    -------
    list of View
        Views of one recipe share its array.
    """
    return [
        View(name, by_band, rows, Scaling.learn(rows, standardise=by_band))
        for name, rows in preprocessed.items()
        for by_band in standardise
    ]
