"""Spectra or tables to explain, and the background they are explained against."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from cerussite.core.errors import InvalidSpectraError, InvalidStudyError
from cerussite.core.spectra import Spectra
from cerussite.core.types import FloatArray
from cerussite.explanation.features import Features

#: What can be explained.
Samples: TypeAlias = Spectra | pd.DataFrame


def values_of(samples: Samples) -> FloatArray:
    """
    Numbers of spectra or of a table.

    Parameters
    ----------
    samples : Spectra or DataFrame
        Spectra, or covariates with one column each.

    Returns
    -------
    ndarray of shape (n_samples, n_columns)
        As 64-bit floats.

    Raises
    ------
    InvalidStudyError
        If there is no sample, or a covariate is not a finite number.
    """
    if isinstance(samples, Spectra):
        values: FloatArray = np.asarray(samples.values, dtype=np.float64)
    else:
        values = _numbers(samples)
    if not len(values):
        msg = "0 samples; expected at least one to explain"
        raise InvalidStudyError(msg)
    return values


def check_background(samples: Samples, background: Samples) -> None:
    """
    Refuse a background that is not of the kind of the samples.

    Parameters
    ----------
    samples, background : Spectra or DataFrame
        What is explained, and what it is compared with.

    Raises
    ------
    InvalidSpectraError
        If their wavelengths or quantities differ.
    InvalidStudyError
        If their covariates differ, or one is a table and the other is not.
    """
    if isinstance(samples, Spectra) and isinstance(background, Spectra):
        if msg := _other_spectra(samples, background):
            raise InvalidSpectraError(msg)
    elif isinstance(samples, pd.DataFrame) and isinstance(background, pd.DataFrame):
        if list(samples.columns) != list(background.columns):
            msg = (
                f"background with covariates {list(background.columns)}; expected "
                f"{list(samples.columns)}, in this order"
            )
            raise InvalidStudyError(msg)
    else:
        msg = (
            f"samples are {type(samples).__name__}, the background is "
            f"{type(background).__name__}; expected both Spectra or both DataFrame"
        )
        raise InvalidStudyError(msg)


def features_of(samples: Samples, features: Features | None) -> Features:
    """
    Features asked for, or one for each column.

    Parameters
    ----------
    samples : Spectra or DataFrame
        What is explained.
    features : Features or None
        None gives every band or covariate its own contribution.

    Returns
    -------
    Features
        On the columns of the samples.

    Raises
    ------
    InvalidSpectraError
        If the features belong to other columns.
    """
    if isinstance(samples, Spectra):
        if features is None:
            return Features.bins(samples.wavelengths)
        found = features.wavelengths
        if found is None or not np.array_equal(found, samples.wavelengths):
            msg = (
                f"features of {features.n_columns} columns were made for other "
                f"wavelengths than the {samples.wavelengths.size} of the spectra; make "
                "them with Features.bins(spectra.wavelengths)"
            )
            raise InvalidSpectraError(msg)
        return features
    if features is None:
        return Features.covariates([str(name) for name in samples.columns])
    if features.n_columns != samples.shape[1]:
        msg = (
            f"features of {features.n_columns} covariates for a table of "
            f"{samples.shape[1]}; expected one for each column"
        )
        raise InvalidSpectraError(msg)
    return features


def predictions_of(model: Any, X: FloatArray) -> FloatArray:
    """
    Predictions of a fitted model, one column a response.

    Parameters
    ----------
    model : object
        With ``predict``; scikit-learn estimators must be fitted.
    X : ndarray of shape (n_samples, n_columns)
        Spectra or covariates.

    Returns
    -------
    ndarray of shape (n_samples, n_responses)
        In the unit of the model.

    Raises
    ------
    InvalidStudyError
        If the model does not predict.
    """
    if not hasattr(model, "predict"):
        msg = f"{type(model).__name__} has no predict; expected a fitted model"
        raise InvalidStudyError(msg)
    if isinstance(model, BaseEstimator):
        check_is_fitted(model)
    return np.asarray(model.predict(X), dtype=np.float64).reshape(len(X), -1)


def check_names(responses: Sequence[str], n_responses: int) -> tuple[str, ...]:
    """
    Names of responses, as many as the model has.

    Parameters
    ----------
    responses : sequence of str
        Names given by the caller.
    n_responses : int
        Outputs of the model.

    Returns
    -------
    tuple of str
        The names.

    Raises
    ------
    InvalidStudyError
        If there are more or fewer.
    """
    if len(responses) != n_responses:
        msg = (
            f"{len(responses)} names {list(responses)} for {n_responses} responses of "
            "the model; expected one each"
        )
        raise InvalidStudyError(msg)
    return tuple(responses)


def _numbers(table: pd.DataFrame) -> FloatArray:
    numeric = table.select_dtypes("number").columns
    others = [name for name in table.columns if name not in numeric]
    if others:
        msg = f"covariate {others[0]!r} is not numeric; encode it as the model saw it"
        raise InvalidStudyError(msg)
    values = table.to_numpy(dtype=np.float64)
    if not np.isfinite(values).all():
        at = int(np.argwhere(~np.isfinite(values))[0, 1])
        msg = (
            f"covariate {table.columns[at]!r} holds missing or infinite values; "
            "expected numbers; drop or fill these samples first"
        )
        raise InvalidStudyError(msg)
    return values


def _other_spectra(spectra: Spectra, background: Spectra) -> str:
    own, other = spectra.wavelengths, background.wavelengths
    if not np.array_equal(own, other):
        return (
            f"background of {other.size} bands from {other[0]:g} to {other[-1]:g} nm; "
            f"expected the {own.size} bands from {own[0]:g} to {own[-1]:g} nm of the "
            "spectra: resample one of them"
        )
    if spectra.quantity != background.quantity:
        return (
            f"background in {background.quantity}; expected {spectra.quantity} like "
            "the spectra: convert one of them"
        )
    return ""
