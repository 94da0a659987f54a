"""Calibrations: scikit-learn estimators from spectra to concentrations."""

from cerussite.models.card import CalibrationCard, describe_calibration
from cerussite.models.consensus import Consensus
from cerussite.models.gaussian_process import GaussianProcess
from cerussite.models.kernel_ridge import KernelRidge
from cerussite.models.partial_least_squares import PartialLeastSquares
from cerussite.models.ridge import SpectralRidge
from cerussite.models.saved import load_calibration, save_calibration
from cerussite.models.support_vectors import SupportVectorRegression
from cerussite.models.trees import BoostedTrees, RandomForest

__all__ = [
    "BoostedTrees",
    "CalibrationCard",
    "Consensus",
    "GaussianProcess",
    "KernelRidge",
    "PartialLeastSquares",
    "RandomForest",
    "SpectralRidge",
    "SupportVectorRegression",
    "describe_calibration",
    "load_calibration",
    "save_calibration",
]
