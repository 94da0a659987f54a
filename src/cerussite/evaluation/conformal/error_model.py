"""Errors that grow with the concentration, learnt from left-out samples."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from cerussite.core.errors import UnreadableFileError
from cerussite.core.types import BoolArray, FloatArray
from cerussite.evaluation.conformal.distributions import (
    exceedance_probability,
    predictive_draws,
)
from cerussite.evaluation.conformal.limits import prediction_intervals
from cerussite.evaluation.conformal.predictions import Predictions
from cerussite.evaluation.conformal.residuals import (
    CalibrationResiduals,
    calibration_residuals,
)
from cerussite.evaluation.intervals import residuals_needed
from cerussite.evaluation.splits import Labels, encode

#: Constant part of the error that is tried, in medians of the predictions: from
#: errors in proportion to the concentration to errors that do not depend on it.
SHARES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0)


@dataclass(frozen=True, eq=False)
class ErrorModel:
    r"""
    Intervals and probabilities around the predictions of a calibration.

    The error of a prediction :math:`\hat y` is taken to grow as
    :math:`a + |\hat y|`, as errors of laboratories do [1]_; conformal residuals
    in this unit give the limits, so that their coverage does not rest on the
    form of the growth. Made by :func:`learn_error_model`.

    Attributes
    ----------
    offset : ndarray of shape (n_responses,)
        Constant part :math:`a` in the unit of each response.
    residuals : CalibrationResiduals
        Of left-out samples; NaN for a response with too few of them.
    is_non_negative : ndarray of shape (n_responses,)
        Whether no value was below zero: limits then stop there.

    References
    ----------
    .. [1] Rocke, D. M. and Lorenzato, S. (1995). A two-component model for
       measurement error in analytical chemistry. Technometrics 37(2), 176-184.
    """

    offset: FloatArray
    residuals: CalibrationResiduals
    is_non_negative: BoolArray

    @property
    def has_sites(self) -> bool:
        """
        Tell whether limits hold for samples of a new site.

        Returns
        -------
        bool
            False where samples count one by one, wherever they come from.
        """
        return self.residuals.groups is not None

    @property
    def has_interval(self) -> BoolArray:
        """
        Tell which responses have limits.

        Returns
        -------
        ndarray of shape (n_responses,)
            False where residuals were too few for the level.
        """
        return np.asarray((~np.isnan(self.residuals.scaled)).any(axis=0))

    def intervals(
        self, predicted: FloatArray, *, level: float, joint: bool = False
    ) -> tuple[FloatArray, FloatArray]:
        """
        Limits around predictions.

        Parameters
        ----------
        predicted : ndarray of shape (n_new, n_responses)
            In the unit of the responses.
        level : float
            Nominal coverage; at most that of :func:`learn_error_model`.
        joint : bool
            Whether all responses of a sample shall lie within their limits with
            that probability.

        Returns
        -------
        tuple of (ndarray, ndarray) of shape (n_new, n_responses)
            Lower and upper limits; NaN for a response with too few residuals.
        """
        lower, upper = prediction_intervals(
            self.residuals, self._located(predicted), level=level, joint=joint
        )
        return self._cut(lower), self._cut(upper)

    def exceedance(
        self, predicted: FloatArray, threshold: FloatArray | float
    ) -> FloatArray:
        """
        Probability that values lie above a threshold.

        Parameters
        ----------
        predicted : ndarray of shape (n_new, n_responses)
            In the unit of the responses.
        threshold : float or ndarray that broadcasts to (n_new, n_responses)
            In the unit of the responses; NaN for a response without one.

        Returns
        -------
        ndarray of shape (n_new, n_responses)
            See :func:`~cerussite.evaluation.exceedance_probability`.
        """
        return exceedance_probability(
            self.residuals, self._located(predicted), threshold=threshold
        )

    def draws(
        self, predicted: FloatArray, *, n_draws: int, random_state: int
    ) -> FloatArray:
        """
        Values that samples might have, responses drawn together.

        Parameters
        ----------
        predicted : ndarray of shape (n_new, n_responses)
            In the unit of the responses.
        n_draws : int
            Number of draws.
        random_state : int
            Seed.

        Returns
        -------
        ndarray of shape (n_draws, n_new, n_responses)
            In the unit of the responses, cut at zero like the limits.
        """
        drawn = predictive_draws(
            self.residuals,
            self._located(predicted),
            n_draws=n_draws,
            random_state=random_state,
        )
        return self._cut(drawn)

    def _cut(self, values: FloatArray) -> FloatArray:
        return np.where(self.is_non_negative, np.maximum(values, 0.0), values)

    def _located(self, predicted: FloatArray) -> Predictions:
        return Predictions(predicted, difficulty=self.offset + np.abs(predicted))

    def to_json(self) -> dict[str, Any]:
        """
        Model as plain values, to be kept with a saved calibration.

        Returns
        -------
        dict
            Strings, numbers, lists and None only.
        """
        return {
            "offset": self.offset.tolist(),
            "is_non_negative": self.is_non_negative.tolist(),
            "residuals": self.residuals.to_json(),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Self:
        """
        Model from plain values.

        Parameters
        ----------
        plain : mapping
            As written by :meth:`to_json`.

        Returns
        -------
        ErrorModel
            Equal to the one written, bit by bit.

        Raises
        ------
        UnreadableFileError
            If a value is missing.
        """
        try:
            return cls(
                np.array(plain["offset"], dtype=np.float64),
                CalibrationResiduals.from_json(plain["residuals"]),
                np.array(plain["is_non_negative"], dtype=np.bool_),
            )
        except KeyError as error:
            msg = f"no {error} among the errors; expected those of a saved calibration"
            raise UnreadableFileError(msg) from error


def learn_error_model(
    observed: FloatArray,
    predicted: FloatArray,
    *,
    level: float,
    groups: Labels | None = None,
) -> ErrorModel:
    r"""
    Learn how large the errors of a calibration are at each concentration.

    Parameters
    ----------
    observed : ndarray of shape (n_samples, n_responses)
        Measured values, one row a specimen; NaN where not measured.
    predicted : ndarray of shape (n_samples, n_responses)
        Predictions by models that had not seen the sample; NaN where a sample
        was never predicted.
    level : float
        Nominal coverage of the intervals to be made. A response with fewer
        residuals than it needs gets none.
    groups : array_like of shape (n_samples,), optional
        Sites that the models had not seen either. Limits then hold for new
        sites; if there are fewer sites than the level needs, samples count one
        by one instead and :attr:`ErrorModel.has_sites` is False.

    Returns
    -------
    ErrorModel
        Intervals, probabilities and draws around new predictions.

    Notes
    -----
    The constant part is the one of :data:`SHARES` times the median prediction
    under which the residuals are most likely, if they are of Laplace's
    distribution with a scale that grows as :math:`a + |\hat y|`: it minimises
    :math:`\overline{\log(a + |\hat y|)} + \log \overline{|e| / (a + |\hat y|)}`.

    Examples
    --------
    >>> import numpy as np
    >>> predicted = np.geomspace(10, 1000, 40)[:, np.newaxis]
    >>> signs = np.tile([1.0, -1.0], 20)[:, np.newaxis]
    >>> model = learn_error_model(predicted * (1 + 0.2 * signs), predicted, level=0.9)
    >>> lower, upper = model.intervals(np.array([[10.0], [1000.0]]), level=0.9)
    >>> np.round(upper[:, 0] - lower[:, 0], 1)
    array([  5.2, 399.5])
    """
    pairs = zip(observed.T, predicted.T, strict=True)
    offset = np.array([_offset(*pair) for pair in pairs])
    is_known = ~np.isnan(observed + predicted)
    is_enough = is_known.sum(axis=0) >= residuals_needed(level)
    kept = np.where(is_enough, predicted, np.nan)
    residuals = calibration_residuals(
        observed,
        kept,
        difficulty=np.where(is_known, offset + np.abs(predicted), 1.0),
        groups=groups if _has_enough_sites(is_known, groups, level=level) else None,
    )
    is_non_negative = np.asarray(~(observed < 0).any(axis=0))
    return ErrorModel(offset, residuals, is_non_negative)


def _offset(observed: FloatArray, predicted: FloatArray) -> float:
    known = ~np.isnan(observed + predicted)
    size, error = np.abs(predicted[known]), np.abs((observed - predicted)[known])
    typical = float(np.median(size)) if size.size else 0.0
    if typical == 0:
        return 1.0
    return min(
        (share * typical for share in SHARES),
        key=lambda offset: _unlikeliness(error, offset + size),
    )


def _unlikeliness(error: FloatArray, scale: FloatArray) -> float:
    mean = float(np.mean(error / scale))
    return float(np.mean(np.log(scale))) + (math.log(mean) if mean > 0 else -math.inf)


def _has_enough_sites(
    is_known: BoolArray, groups: Labels | None, *, level: float
) -> bool:
    if groups is None:
        return False
    codes = encode(groups, what="groups")
    counts = [np.unique(codes[known]).size for known in is_known.T if known.any()]
    return bool(counts) and min(counts) >= residuals_needed(level)
