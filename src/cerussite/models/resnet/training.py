"""Training of one network: tensors in memory, one cycle, early stopping, resuming."""

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import IntArray
from cerussite.models.resnet.architecture import Dropout, ResNet, stage_parameters
from cerussite.models.resnet.augmentation import Augmentation, Augmenter
from cerussite.models.resnet.checkpoints import (
    check_same_training,
    optimiser_tensors,
    read_state,
    restore_optimiser,
    write_state,
)
from cerussite.models.resnet.devices import Precision, uses_bfloat16
from cerussite.models.resnet.loss import masked_mean_squared_error
from cerussite.models.resnet.schedule import ALL_STAGES, TrainedStage, one_cycle

#: An output that stays dead after this many new starts is an error.
MAX_RESTARTS = 3
#: Learning rate after a new start, as a part of the one before: the step was too long.
RESTART_RATE = 0.25
#: Spectra predicted at once outside training.
PREDICTION_BATCH = 1024


@dataclass(frozen=True)
class TrainingSettings:
    """
    How a network is trained.

    Attributes
    ----------
    epochs : int
        Length of the cycle in passes over the calibration set.
    batch_size : int
        Spectra a step.
    learning_rate : float
        Highest rate of the cycle.
    weight_decay : float
        Decoupled weight decay of AdamW.
    patience : int or None
        Epochs without a better tuning error after which training stops; None
        trains to the end of the cycle. The weights with the lowest tuning
        error are kept in either case.
    augmentation : Augmentation or None
        Random changes of the spectra; None leaves them as they are.
    max_gradient_norm : float
        Longer gradients are shortened to this length.
    precision : {"auto", "float32", "bfloat16"}
        See :func:`~cerussite.models.resnet.devices.uses_bfloat16`.

    Raises
    ------
    InvalidStudyError
        If a number cannot be what it says.
    """

    epochs: int = 100
    batch_size: int = 32
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    patience: int | None = None
    augmentation: Augmentation | None = field(default_factory=Augmentation)
    max_gradient_norm: float = 1.0
    precision: Precision = "auto"

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch_size < 1:
            msg = (
                f"epochs: {self.epochs}, batch_size: {self.batch_size}; expected at "
                "least 1 of each"
            )
            raise InvalidStudyError(msg)
        if not self.learning_rate > 0 or self.weight_decay < 0:
            msg = (
                f"learning_rate: {self.learning_rate:g}, weight_decay: "
                f"{self.weight_decay:g}; expected a positive rate and no negative decay"
            )
            raise InvalidStudyError(msg)


@dataclass(frozen=True, eq=False)
class TrainingData:
    """
    What a network learns from.

    Attributes
    ----------
    X : Tensor of shape (n_samples, n_wavelengths)
        Spectra of calibration and tuning set.
    z : Tensor of shape (n_samples, n_responses)
        Scaled responses; NaN where not measured.
    calibration, tuning : ndarray of int
        Rows that are fitted on, and rows that the stopping is chosen on; an
        empty ``tuning`` trains to the end.
    """

    X: Tensor
    z: Tensor
    calibration: IntArray
    tuning: IntArray


@dataclass
class History:
    """
    What happened while a network was trained.

    Attributes
    ----------
    calibration_loss : list of float
        Mean loss of each epoch, on augmented spectra.
    tuning_rmse : list of float
        Root mean squared error over scaled responses of the tuning set, after
        each epoch and in the precision of the training; empty without a tuning set.
    best_epoch : int
        Epoch, counted from 0, whose weights were kept.
    n_restarts : int
        How often a dead output was given a new start.
    """

    calibration_loss: list[float] = field(default_factory=list)
    tuning_rmse: list[float] = field(default_factory=list)
    best_epoch: int = -1
    n_restarts: int = 0


def predict_scaled(network: ResNet, inputs: Tensor) -> Tensor:
    """
    Scaled responses in single precision, without keeping a graph.

    Parameters
    ----------
    network : ResNet
        The network; left in evaluation mode.
    inputs : Tensor of shape (n_samples, n_channels, 1, n_pooled)
        What the input layer of the network gave.

    Returns
    -------
    Tensor of shape (n_samples, n_responses)
        Predictions.
    """
    network.eval()
    with torch.inference_mode():
        parts = [
            network.predict_pooled(part)
            for part in torch.split(inputs, PREDICTION_BATCH)
        ]
    return torch.cat(parts)


class Trainer:
    """
    One training of one network, from its first epoch or from a checkpoint.

    Parameters
    ----------
    network : ResNet
        Changed in place; its input layer must be scaled already.
    data : TrainingData
        Spectra and responses, on the device of the network.
    settings : TrainingSettings
        How to train.
    generator : torch.Generator
        Source of batches, augmentation and dropout, on the processor.
    stages : tuple of TrainedStage
        Parts that learn; all others stay as they are.
    """

    def __init__(
        self,
        network: ResNet,
        data: TrainingData,
        settings: TrainingSettings,
        *,
        generator: torch.Generator,
        stages: tuple[TrainedStage, ...] = ALL_STAGES,
    ) -> None:
        self.network = network
        self.settings = settings
        self.history = History()
        self._generator = generator
        self._stages = stages
        for module in network.modules():
            if isinstance(module, Dropout):
                module.generator = generator
        self._load_data(data)
        self._optimiser = self._build_optimiser()
        device = self._inputs.device
        self._autocast = torch.autocast(
            device.type, torch.bfloat16, uses_bfloat16(settings.precision, device)
        )
        self._best: dict[str, Tensor] = {}
        self._step = 0

    def _load_data(self, data: TrainingData) -> None:
        """Compute once what no epoch changes."""
        with torch.no_grad():
            inputs = self.network.inputs(data.X)
        inputs = inputs.contiguous(memory_format=torch.channels_last)
        calibration = torch.as_tensor(data.calibration)
        tuning = torch.as_tensor(data.tuning)
        self._inputs, self._z = inputs[calibration], data.z[calibration]
        self._tuning_inputs, self._tuning_z = inputs[tuning], data.z[tuning]
        self._augment: Callable[[Tensor], Tensor] = lambda batch: batch
        if self.settings.augmentation is not None:
            self._augment = Augmenter(
                self.settings.augmentation,
                self.network.inputs,
                data.X[calibration],
                generator=self._generator,
            )

    def _build_optimiser(self) -> torch.optim.AdamW:
        self.network.requires_grad_(False)
        groups = []
        for stage in self._stages:
            parameters = list(stage_parameters(self.network, (stage.name,)).values())
            if parameters:
                groups.append({"params": parameters, "stage": stage})
            for parameter in parameters:
                parameter.requires_grad_(True)
        return torch.optim.AdamW(
            groups,
            lr=self.settings.learning_rate,
            weight_decay=self.settings.weight_decay,
            fused=True,
        )

    @property
    def n_epochs_done(self) -> int:
        """
        Number of epochs trained so far.

        Returns
        -------
        int
            Those before an interruption included.
        """
        return len(self.history.calibration_loss)

    def run(
        self,
        *,
        checkpoint: Path | None = None,
        fingerprint: str = "",
        report: Callable[[History], None] | None = None,
    ) -> History:
        """
        Train to the end, or until the tuning error no longer falls.

        Parameters
        ----------
        checkpoint : Path or None
            File to continue from if it is there, and to write after each epoch.
        fingerprint : str
            Identity of data and settings; a checkpoint of another is refused.
        report : callable or None
            Called after each epoch with the history.

        Returns
        -------
        History
            What happened; the network holds the kept weights.
        """
        if checkpoint is not None and checkpoint.is_file():
            self._restore(checkpoint, fingerprint)
        while not self._is_finished():
            self._train_epoch()
            if checkpoint is not None:
                self._store(checkpoint, fingerprint)
            if report is not None:
                report(self.history)
        self.network.load_state_dict(self._best)
        self.network.eval()
        return self.history

    def _is_finished(self) -> bool:
        done = self.n_epochs_done
        patience = self.settings.patience
        if done >= self.settings.epochs:
            return True
        is_tuned = patience is not None and bool(self.history.tuning_rmse)
        return is_tuned and done - 1 - self.history.best_epoch >= (patience or 0)

    def _train_epoch(self) -> None:
        self._set_modes()
        total = torch.zeros((), device=self._z.device)
        is_alive = torch.zeros(self._z.shape[1], dtype=torch.bool, device=total.device)
        n_batches = 0
        for rows in self._batches():
            prediction, loss = self._take_step(rows)
            total += loss.detach()
            is_alive |= (prediction.detach() != 0).any(dim=0)
            n_batches += 1
        self.history.calibration_loss.append(float(total) / n_batches)
        if not bool(is_alive.all()):
            self._restart_dead_output()
        self._keep_if_better()

    def _set_modes(self) -> None:
        """Frozen stages keep their statistics: only stages that learn are trained."""
        self.network.eval()
        for stage in self._stages:
            self.network.get_submodule(stage.name).train()

    def _batches(self) -> Iterator[Tensor]:
        # Equal parts: a last batch of one sample would have a wild gradient.
        n_samples = self._inputs.shape[0]
        order = torch.randperm(n_samples, generator=self._generator)
        n_batches = math.ceil(n_samples / self.settings.batch_size)
        yield from order.to(self._inputs.device).tensor_split(n_batches)

    def _take_step(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        self._set_rates()
        batch = self._augment(self._inputs[rows])
        with self._autocast:
            prediction = self.network.predict_pooled(batch)
        prediction = prediction.float()
        loss = masked_mean_squared_error(prediction, self._z[rows])
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(
            self.network.parameters(), self.settings.max_gradient_norm
        )
        self._optimiser.step()
        self._step += 1
        return prediction, loss

    def _set_rates(self) -> None:
        n_batches = math.ceil(self._inputs.shape[0] / self.settings.batch_size)
        progress = self._step / max(1, n_batches * self.settings.epochs - 1)
        rate = self.settings.learning_rate * one_cycle(progress)
        rate *= RESTART_RATE**self.history.n_restarts
        for group in self._optimiser.param_groups:
            stage: TrainedStage = group["stage"]
            group["lr"] = rate * stage.rate
            is_learning = progress >= stage.start
            for parameter in group["params"]:
                parameter.requires_grad_(is_learning)

    def _restart_dead_output(self) -> None:
        # An output that is zero for every sample has no gradient of its own.
        self.history.n_restarts += 1
        if self.history.n_restarts > MAX_RESTARTS:
            msg = (
                f"the output of the network was zero for all samples {MAX_RESTARTS + 1} "
                "times; expected positive values: lower the learning rate, or use a "
                "configuration with output='linear'"
            )
            raise InvalidStudyError(msg)
        mean = self._z.nanmean(dim=0)
        self.network.restart_output(mean.clamp_min(0.1).cpu(), self._generator)
        with torch.no_grad():
            # Features that no longer differ could push random weights below zero again.
            self.network.output_layer.weight.zero_()
        for parameter in self.network.output_layer.parameters():
            self._optimiser.state.pop(parameter, None)

    def _keep_if_better(self) -> None:
        history = self.history
        if self._tuning_z.shape[0]:
            with self._autocast:
                prediction = predict_scaled(self.network, self._tuning_inputs).float()
            loss = masked_mean_squared_error(prediction, self._tuning_z)
            error = math.sqrt(float(loss))
            is_best = error < min(history.tuning_rmse, default=math.inf)
            history.tuning_rmse.append(error)
        else:
            is_best = True
        if is_best or not self._best:
            history.best_epoch = self.n_epochs_done - 1
            self._best = copy.deepcopy(self.network.state_dict())

    def _store(self, path: Path, fingerprint: str) -> None:
        tensors = {
            **_prefixed("now", self.network.state_dict()),
            **_prefixed("best", self._best),
            **_prefixed("optimiser", optimiser_tensors(self._optimiser)),
            "generator": self._generator.get_state(),
        }
        facts: dict[str, Any] = {
            "fingerprint": fingerprint,
            "step": self._step,
            "history": vars(self.history),
        }
        write_state(path, tensors, facts)

    def _restore(self, path: Path, fingerprint: str) -> None:
        tensors, facts = read_state(path)
        check_same_training(path, facts["fingerprint"], fingerprint)
        self.network.load_state_dict(_unprefixed("now", tensors))
        self._best = _unprefixed("best", tensors)
        restore_optimiser(self._optimiser, _unprefixed("optimiser", tensors))
        self._generator.set_state(tensors["generator"])
        self._step = facts["step"]
        self.history = History(**facts["history"])


def _prefixed(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"{prefix}/{name}": tensor for name, tensor in tensors.items()}


def _unprefixed(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    start = f"{prefix}/"
    return {
        name.removeprefix(start): tensor
        for name, tensor in tensors.items()
        if name.startswith(start)
    }
