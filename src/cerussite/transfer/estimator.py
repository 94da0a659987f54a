"""Networks trained on a library, trained further on a site."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import torch
from torch import Tensor

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray
from cerussite.models.resnet import (
    Augmentation,
    PretrainedNetwork,
    ResNet,
    ResNetConfiguration,
)
from cerussite.models.resnet.devices import Precision
from cerussite.models.resnet.regressor import NetworkRegressor
from cerussite.models.resnet.scaling import ResponseScaling, ResponseTransform
from cerussite.models.resnet.schedule import TrainedStage
from cerussite.transfer.policies import trained_stages

Policy: TypeAlias = Literal["paper", "all", "gradual", "discriminative"]
Head: TypeAlias = Literal["source", "new"]


class TransferRegressor(NetworkRegressor):
    """
    Train a source network further on the calibration set of a site.

    Controls are made by composition: an untrained trunk is
    ``TransferRegressor(PretrainedNetwork.untrained(...))``; a source with
    shuffled labels is a :class:`~cerussite.models.resnet.ResNetRegressor`
    fitted on shuffled responses; the network from scratch is a
    ``ResNetRegressor`` with the same configuration and budget.

    Parameters
    ----------
    source : PretrainedNetwork
        Networks trained on the library, on ``bands`` of ``X``. Member
        ``i`` starts from member ``i`` of the source, counted round.
    policy : {"paper", "all", "gradual", "discriminative"}
        What learns: the dense layers alone as in He et al. (2025) [1]_,
        everything, everything but later stages first, or everything with
        smaller steps in earlier stages.
    head : {"source", "new"}
        Whether the dense layers start from the source or from random weights.
        The output layer is the source's only if ``head="source"`` and source
        and target have equally many responses; otherwise it is new.
    is_restandardised : bool
        Whether the band-wise input scaling is learnt anew on the target.
        False keeps that of the source. Without input scaling in the
        configuration it changes nothing.
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
        default sizes of :class:`~cerussite.models.resnet.Augmentation`.
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

    References
    ----------
    .. [1] He, P. et al. (2025). Sensors 25(13), 4209.
    """

    def __init__(  # noqa: PLR0913 -- scikit-learn reads its parameters here
        self,
        source: PretrainedNetwork,
        *,
        policy: Policy = "paper",
        head: Head = "source",
        is_restandardised: bool = True,
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
        self.source = source
        self.policy = policy
        self.head = head
        self.is_restandardised = is_restandardised
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
        return self.source.configuration

    def _start(
        self, member: int, X: FloatArray, scaling: ResponseScaling, seed: int
    ) -> ResNet:
        self._check_source(X)
        generator = torch.Generator().manual_seed(seed)
        network = ResNet(
            self._layers(), X.shape[1], scaling.n_responses, generator=generator
        )
        bias = torch.as_tensor(scaling.mean, dtype=torch.float32)
        network.restart_output(bias, generator)
        weights = self.source.members[member % self.source.n_members]
        kept = self._kept(weights, n_responses=scaling.n_responses)
        network.load_state_dict({**network.state_dict(), **kept})
        if self.is_restandardised:
            network.inputs.standardise_on(X)
        return network

    def _kept(
        self, weights: Mapping[str, Tensor], *, n_responses: int
    ) -> dict[str, Tensor]:
        replaced = {"dense", "output"} if self.head == "new" else set()
        if n_responses != self.source.n_responses or not self.source.is_trained:
            replaced.add("output")
        return {
            name: tensor
            for name, tensor in weights.items()
            if name.split(".")[0] not in replaced
        }

    def _check_source(self, X: FloatArray) -> None:
        if self.head not in {"source", "new"}:
            msg = f"head: {self.head!r}; expected 'source' or 'new'"
            raise InvalidStudyError(msg)
        if X.shape[1] != self.source.n_wavelengths:
            msg = (
                f"target spectra of {X.shape[1]} bands; the source network takes "
                f"{self.source.n_wavelengths}: bring both to one grid before "
                "training the source (cerussite.preprocessing.reconcile)"
            )
            raise InvalidStudyError(msg)

    def _stages(self) -> tuple[TrainedStage, ...]:
        return trained_stages(self.policy)
