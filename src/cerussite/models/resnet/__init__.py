"""Residual networks for spectra: layers, training and the estimator around them."""

from cerussite.models.resnet.architecture import ResNet
from cerussite.models.resnet.augmentation import Augmentation
from cerussite.models.resnet.configuration import (
    ACCURATE,
    CONFIGURATIONS,
    PAPER,
    ResNetConfiguration,
)
from cerussite.models.resnet.estimator import ResNetRegressor
from cerussite.models.resnet.loss import masked_mean_squared_error
from cerussite.models.resnet.pretrained import PretrainedNetwork
from cerussite.models.resnet.training import History, TrainingSettings

__all__ = [
    "ACCURATE",
    "CONFIGURATIONS",
    "PAPER",
    "Augmentation",
    "History",
    "PretrainedNetwork",
    "ResNet",
    "ResNetConfiguration",
    "ResNetRegressor",
    "TrainingSettings",
    "masked_mean_squared_error",
]
