"""Conformal prediction: intervals, probabilities and draws from honest residuals."""

from cerussite.evaluation.conformal.difficulty import NeighbourDifficulty
from cerussite.evaluation.conformal.distributions import (
    exceedance_probability,
    predictive_draws,
    predictive_quantile,
)
from cerussite.evaluation.conformal.error_model import ErrorModel, learn_error_model
from cerussite.evaluation.conformal.limits import prediction_intervals
from cerussite.evaluation.conformal.predictions import Predictions
from cerussite.evaluation.conformal.regressor import ConformalRegressor
from cerussite.evaluation.conformal.residuals import (
    CalibrationResiduals,
    calibration_residuals,
)

__all__ = [
    "CalibrationResiduals",
    "ConformalRegressor",
    "ErrorModel",
    "NeighbourDifficulty",
    "Predictions",
    "calibration_residuals",
    "exceedance_probability",
    "learn_error_model",
    "prediction_intervals",
    "predictive_draws",
    "predictive_quantile",
]
