"""Calibrations: scikit-learn estimators from tables of covariates to responses."""

from cerussite.models.tabular.base import TabularRegressor
from cerussite.models.tabular.boosted import TabularBoostedTrees
from cerussite.models.tabular.consensus import TabularConsensus
from cerussite.models.tabular.encoder import TableEncoder
from cerussite.models.tabular.forest import TabularForest
from cerussite.models.tabular.gaussian_process import TabularGaussianProcess
from cerussite.models.tabular.kriging import SpatialKriging
from cerussite.models.tabular.ridge import LogLinearRidge
from cerussite.models.tabular.support_vectors import TabularSupportVectors
from cerussite.models.tabular.variograms import Variogram

__all__ = [
    "LogLinearRidge",
    "SpatialKriging",
    "TableEncoder",
    "TabularBoostedTrees",
    "TabularConsensus",
    "TabularForest",
    "TabularGaussianProcess",
    "TabularRegressor",
    "TabularSupportVectors",
    "Variogram",
]
