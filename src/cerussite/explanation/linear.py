"""Exact Shapley values of weighted sums of bands, in closed form."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray
from cerussite.explanation.attribution import Attribution
from cerussite.explanation.contrast import Contrast
from cerussite.explanation.features import Features
from cerussite.explanation.inputs import check_names, predictions_of

#: Rows multiplied at once; more leave the cache of the processor.
_ROWS = 2048
#: An affine model and its map agree to this share of the spread of predictions.
_TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class LinearTerm:
    r"""
    One summand :math:`w\,g(p(x)^\top \beta + \beta_0)` of a prediction.

    Attributes
    ----------
    response : int
        Column of the predictions it belongs to.
    coefficients : ndarray of shape (n_columns,)
        Weights :math:`\beta` of the prepared bands.
    intercept : float
        Constant :math:`\beta_0`.
    weight : float
        Weight :math:`w` in the average.
    link : {"identity", "exp"}
        The function :math:`g`: the exponential where a logarithm was learnt.
    prepare : callable or None
        What is done with the spectra before (:math:`p`); as many bands come
        out as go in. None where nothing is done that could not be folded into
        the coefficients.
    preparation : str
        Its name; terms of one name share it.
    """

    response: int
    coefficients: FloatArray
    intercept: float
    weight: float = 1.0
    link: Literal["identity", "exp"] = "identity"
    prepare: Callable[[FloatArray], FloatArray] | None = None
    preparation: str = ""


@dataclass(frozen=True, eq=False)
class LinearMap:
    """
    A model as sums of :class:`LinearTerm`.

    Attributes
    ----------
    terms : tuple of LinearTerm
        Of all responses.
    n_responses : int
        Number of responses.
    """

    terms: tuple[LinearTerm, ...]
    n_responses: int

    @classmethod
    def of(cls, model: Any, X: FloatArray) -> Self:
        """
        Map of a model that says so itself, or whose predictions are affine.

        Coefficients of the latter are read off its predictions of zero and of
        each single column, so that pipelines of scalers and regressions need no
        taking apart; that the model is affine is checked on ``X``.

        Parameters
        ----------
        model : object
            Fitted; with ``linear_map()``, or with ``predict``.
        X : ndarray of shape (n_samples, n_columns)
            Spectra or covariates on which the map is checked.

        Returns
        -------
        LinearMap
            Predicts what the model does.

        Raises
        ------
        InvalidStudyError
            If the model is not affine on ``X``.
        """
        if hasattr(model, "linear_map"):
            return model.linear_map()
        size = float(np.abs(X).max()) or 1.0
        probes = np.vstack([np.zeros(X.shape[1]), size * np.eye(X.shape[1])])
        found = predictions_of(model, probes)
        slopes = (found[1:] - found[0]) / size
        predictions = predictions_of(model, X)
        error = np.abs(X @ slopes + found[0] - predictions).max()
        if error > _TOLERANCE * (np.ptp(predictions) + np.abs(predictions).max()):
            msg = (
                f"{type(model).__name__} is not linear: its predictions leave a plane "
                f"by up to {error:.3g}; expected a linear model; use occlusion, or "
                "gradients for a network"
            )
            raise InvalidStudyError(msg)
        terms = [
            LinearTerm(k, slopes[:, k], float(found[0, k]))
            for k in range(found.shape[1])
        ]
        return cls(tuple(terms), found.shape[1])

    @property
    def is_linear(self) -> bool:
        """
        Whether no term has an exponential around it.

        Returns
        -------
        bool
            Then contributions are exact Shapley values.
        """
        return all(term.link == "identity" for term in self.terms)

    @property
    def note(self) -> str:
        """
        What the bands are.

        Returns
        -------
        str
            Names of preparations that could not be folded in; empty for none.
        """
        names = sorted({term.preparation for term in self.terms if term.prepare})
        if not names:
            return ""
        return (
            f"bands are those of the spectra after {', '.join(names)}: each prepared "
            "band depends on the whole spectrum"
        )

    def predict(self, X: FloatArray) -> FloatArray:
        """
        Predictions.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_columns)
            Spectra or covariates.

        Returns
        -------
        ndarray of shape (n_samples, n_responses)
            In the unit of the responses.
        """
        predictions = np.zeros((len(X), self.n_responses))
        for prepared, terms in _by_preparation(self.terms, X):
            plain = [term for term in terms if term.link == "identity"]
            # One product for all responses: long tables are read once.
            predictions += prepared @ _slopes(plain, X.shape[1], self.n_responses)
            for term in plain:
                predictions[:, term.response] += term.weight * term.intercept
            for term in terms:
                if term.link == "exp":
                    predictions[:, term.response] += _outcome(term, prepared)
        return predictions


def linear_shapley(models: Any, contrast: Contrast) -> Attribution:
    r"""
    Shapley values of linear models, :math:`\phi_j = \beta_j (x_j - E x_j)`.

    Exact for features that are switched to background values independently of
    each other [1]_. Linear preprocessing (derivatives, smoothing, detrending,
    centring, scaling) is folded into the coefficients. Standard normal variate and
    multiplicative scatter correction cannot be: there, the bands explained are
    those of the corrected spectra, and ``note`` says so. Where logarithms were
    learnt the model is a sum of exponentials; its contributions are integrated
    gradients from the mean of the prepared background in closed form, in the
    unit of the response:

    .. math:: \phi_j = \beta_j (z_j - \bar z_j) \sum
              \frac{g(z) - g(\bar z)}{\ln g(z) - \ln g(\bar z)}

    Parameters
    ----------
    models : object or sequence
        Fitted linear models, members of an ensemble or refits on other folds;
        see :meth:`LinearMap.of`. A :class:`LinearMap` is taken as it is.
    contrast : Contrast
        Samples and background.

    Returns
    -------
    Attribution
        Complete up to rounding; method ``"linear_shapley"``, or
        ``"linear_gradients"`` where a logarithm was learnt.

    References
    ----------
    .. [1] Štrumbelj, E. and Kononenko, I. (2014). Explaining prediction models and
       individual predictions with feature contributions. Knowledge and Information
       Systems 41, 647-665.
    """
    members = list(models) if isinstance(models, Sequence) else [models]
    maps = [
        model if isinstance(model, LinearMap) else LinearMap.of(model, contrast.X)
        for model in members
    ]
    names = check_names(contrast.responses, maps[0].n_responses)
    found = [_member(one, contrast) for one in maps]
    values, predictions, baselines = (
        parts[0][np.newaxis] if len(parts) == 1 else np.stack(parts)
        for parts in zip(*found, strict=True)
    )
    is_linear = all(one.is_linear for one in maps)
    return Attribution(
        "linear_shapley" if is_linear else "linear_gradients",
        contrast.parts,
        names,
        values,
        predictions,
        baselines,
        note=maps[0].note,
    )


def _member(
    one: LinearMap, contrast: Contrast
) -> tuple[FloatArray, FloatArray, FloatArray]:
    features = contrast.parts
    n_samples = len(contrast.X)
    values = np.zeros((n_samples, len(features.names), one.n_responses))
    baseline = np.zeros(one.n_responses)
    mean = contrast.reference.mean(axis=0)
    prepared_means = {
        key: mean
        if terms[0].prepare is None
        else np.asarray(terms[0].prepare(contrast.reference)).mean(axis=0)
        for key, terms in _sorted(one.terms).items()
    }
    for rows in _batches(n_samples):
        for prepared, terms in _by_preparation(one.terms, contrast.X[rows]):
            centre = prepared_means[terms[0].preparation]
            _add(values[rows], prepared, centre, terms, features)
    for term in one.terms:
        centre = prepared_means[term.preparation][np.newaxis]
        baseline[term.response] += _outcome(term, centre)[0]
    return values, one.predict(contrast.X), baseline


def _batches(n_samples: int) -> list[slice]:
    return [slice(k, k + _ROWS) for k in range(0, n_samples, _ROWS)]


def _sorted(terms: Sequence[LinearTerm]) -> dict[str, list[LinearTerm]]:
    found: dict[str, list[LinearTerm]] = {}
    for term in terms:
        found.setdefault(term.preparation, []).append(term)
    return found


def _by_preparation(
    terms: Sequence[LinearTerm], X: FloatArray
) -> list[tuple[FloatArray, list[LinearTerm]]]:
    """Prepared rows and the terms that work on them."""
    return [
        (X if group[0].prepare is None else np.asarray(group[0].prepare(X)), group)
        for group in _sorted(terms).values()
    ]


def _outcome(term: LinearTerm, prepared: FloatArray) -> FloatArray:
    linear = prepared @ term.coefficients + term.intercept
    return term.weight * (np.exp(linear) if term.link == "exp" else linear)


def _slopes(
    terms: Sequence[LinearTerm], n_columns: int, n_responses: int
) -> FloatArray:
    slopes = np.zeros((n_columns, n_responses))
    for term in terms:
        slopes[:, term.response] += term.weight * term.coefficients
    return slopes


def _add(
    values: FloatArray,
    prepared: FloatArray,
    centre: FloatArray,
    terms: list[LinearTerm],
    features: Features,
) -> None:
    """Add the contributions of some terms to those of some rows."""
    plain = [term for term in terms if term.link == "identity"]
    if plain:
        slopes = _slopes(plain, prepared.shape[1], values.shape[2])
        _add_products(values, prepared, centre, slopes, features)
    for term in terms:
        if term.link == "exp":
            part = np.zeros((*values.shape[:2], 1))
            slope = term.coefficients[:, np.newaxis]
            _add_products(part, prepared, centre, slope, features)
            factor = _logarithmic_mean(
                _outcome(term, prepared), _outcome(term, centre[np.newaxis])
            )
            values[:, :, term.response] += part[:, :, 0] * factor[:, np.newaxis]


def _add_products(
    values: FloatArray,
    prepared: FloatArray,
    centre: FloatArray,
    slopes: FloatArray,
    features: Features,
) -> None:
    if len(features.names) == slopes.shape[0]:
        order = np.concatenate(features.columns)
        moved = prepared[:, order] - centre[order]
        values += moved[:, :, np.newaxis] * slopes[order]
        return
    for feature, columns in enumerate(features.columns):
        is_run = columns[-1] - columns[0] == columns.size - 1
        part = slice(columns[0], columns[-1] + 1) if is_run else columns
        own = slopes[columns]
        values[:, feature] += prepared[:, part] @ own - centre[columns] @ own


def _logarithmic_mean(a: FloatArray, b: FloatArray) -> FloatArray:
    """(a - b) / ln(a / b), for positive numbers; a where both are equal."""
    logarithm = np.log(a / b)
    near = np.abs(logarithm) < 1e-6
    # Second order around equality, where the quotient would cancel.
    return np.where(near, (a + b) / 2, (a - b) / np.where(near, 1.0, logarithm))
