"""Residual networks trained from random weights, as a scikit-learn estimator."""

from pathlib import Path
from typing import Literal

import numpy as np
import torch

from cerussite.core.types import FloatArray
from cerussite.models.resnet.architecture import ResNet
from cerussite.models.resnet.augmentation import Augmentation
from cerussite.models.resnet.configuration import (
    ResNetConfiguration,
    resolve_configuration,
)
from cerussite.models.resnet.devices import Precision
from cerussite.models.resnet.regressor import NetworkRegressor
from cerussite.models.resnet.scaling import ResponseScaling, ResponseTransform
from cerussite.models.resnet.schedule import ALL_STAGES, TrainedStage


class ResNetRegressor(NetworkRegressor):
    """
    An ensemble of residual networks from spectra to one or more responses.

    The same network, budget and settings as
    :class:`~cerussite.transfer.TransferRegressor`, without a source: use it on
    a library to make one, and on a site as the control that transfer must beat.

    Parameters
    ----------
    configuration : {"paper", "accurate"} or ResNetConfiguration
        The layers.
    bands : tuple of (int, int) or None
        Bands of ``X`` that the networks see: position of the first and the
        position behind the last; None for all.
    n_members : int
        Networks that differ in their random numbers and tuning sets; their
        predictions are averaged.
    epochs : int
        Length of the learning-rate cycle in passes over the calibration set.
    batch_size : int
        Spectra a step.
    learning_rate : float
        Highest learning rate of the cycle.
    weight_decay : float
        Decoupled weight decay.
    augmentation : "light", Augmentation or None
        Random changes of the calibration spectra; ``"light"`` stands for the
        default sizes of :class:`Augmentation`.
    tuning_fraction : float
        Part of the groups, at most one half, that the stopping is chosen on.
        0 trains to the end of the cycle on everything, which is better for
        small calibration sets; so do fewer groups than parts.
    patience : int or None
        Epochs without a better tuning error until training stops; None goes to
        the end. Either way the best weights are kept.
    response_transform : {"none", "log"}
        Learn the responses or their logarithms, with Duan's smearing on the
        way back.
    precision : {"auto", "float32", "bfloat16"}
        Arithmetic of the layers in training.
    device : str
        ``"auto"``, ``"cpu"``, ``"cuda"`` ...
    random_state : int, Generator or None
        Source of all random numbers; no global seed is touched.
    checkpoint_folder : Path, str or None
        Where to keep the state after each epoch; an interrupted :meth:`fit` on
        the same data continues there and ends with the same weights.

    Attributes
    ----------
    network_ : PretrainedNetwork
        The trained networks.
    history_ : tuple of History
        What happened in the training of each member.
    n_features_in_ : int
        Number of bands seen in :meth:`fit`.

    See Also
    --------
    cerussite.transfer.TransferRegressor : The same, starting from a source.
    """

    def __init__(  # noqa: PLR0913 -- scikit-learn reads its parameters here
        self,
        configuration: str | ResNetConfiguration = "paper",
        *,
        bands: tuple[int, int] | None = None,
        n_members: int = 1,
        epochs: int = 100,
        batch_size: int = 32,
        learning_rate: float = 2e-3,
        weight_decay: float = 1e-2,
        augmentation: Augmentation | Literal["light"] | None = "light",
        tuning_fraction: float = 0.0,
        patience: int | None = None,
        response_transform: ResponseTransform = "none",
        precision: Precision = "auto",
        device: str = "auto",
        random_state: int | np.random.Generator | None = None,
        checkpoint_folder: Path | str | None = None,
    ) -> None:
        self.configuration = configuration
        self.bands = bands
        self.n_members = n_members
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.augmentation = augmentation
        self.tuning_fraction = tuning_fraction
        self.patience = patience
        self.response_transform = response_transform
        self.precision = precision
        self.device = device
        self.random_state = random_state
        self.checkpoint_folder = checkpoint_folder

    def _layers(self) -> ResNetConfiguration:
        return resolve_configuration(self.configuration)

    def _start(
        self,
        member: int,  # noqa: ARG002 -- every member starts from random weights
        X: FloatArray,
        scaling: ResponseScaling,
        seed: int,
    ) -> ResNet:
        generator = torch.Generator().manual_seed(seed)
        network = ResNet(
            self._layers(), X.shape[1], scaling.n_responses, generator=generator
        )
        network.inputs.standardise_on(X)
        bias = torch.as_tensor(scaling.mean, dtype=torch.float32)
        network.restart_output(bias, generator)
        return network

    def _stages(self) -> tuple[TrainedStage, ...]:
        return ALL_STAGES
