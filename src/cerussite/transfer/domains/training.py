"""Training of several networks at once, on one domain or on several."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray, IntArray
from cerussite.evaluation.splits import inner_folds
from cerussite.models.resnet.schedule import one_cycle
from cerussite.transfer.domains.encoding import Encoded
from cerussite.transfer.domains.layers import MemberDropout
from cerussite.transfer.domains.network import DomainNetwork

#: Samples predicted at once.
_CHUNK = 4096


@dataclass(frozen=True)
class DomainTraining:
    """
    How networks are trained.

    Attributes
    ----------
    epochs : int
        Length of the learning-rate cycle in passes over the largest domain.
    batch_size : int
        Samples a step and domain, at most.
    learning_rate : float
        Highest rate of the cycle.
    weight_decay : float
        Decoupled weight decay of AdamW.
    patience : int or None
        Epochs without a better tuning error after which a network counts as
        finished; None trains to the end of the cycle. The best weights are kept
        either way.
    tuning_fraction : float
        Part of the groups, at most one half, that the stopping is chosen on.
    frozen_share : float
        Part of the cycle in which the trunk does not learn.
    trunk_rate : float
        Learning rate of the trunk after that, as a part of the general one; 0
        keeps it frozen to the end.

    Raises
    ------
    InvalidStudyError
        If a number cannot be what it says.
    """

    epochs: int = 100
    batch_size: int = 64
    learning_rate: float = 3e-3
    weight_decay: float = 1e-2
    patience: int | None = 25
    tuning_fraction: float = 0.2
    frozen_share: float = 0.0
    trunk_rate: float = 1.0

    def __post_init__(self) -> None:
        shares = (self.tuning_fraction, self.frozen_share)
        if self.epochs < 1 or self.batch_size < 1 or not self.learning_rate > 0:
            msg = (
                f"epochs: {self.epochs}, batch_size: {self.batch_size}, learning_rate: "
                f"{self.learning_rate:g}; expected positive numbers"
            )
            raise InvalidStudyError(msg)
        if not (0 <= shares[0] <= 0.5 and 0 <= shares[1] <= 1 and self.trunk_rate >= 0):
            msg = (
                f"tuning_fraction: {shares[0]:g}, frozen_share: {shares[1]:g}, "
                f"trunk_rate: {self.trunk_rate:g}; expected 0 to 0.5, 0 to 1 and no "
                "negative rate"
            )
            raise InvalidStudyError(msg)


@dataclass(frozen=True, eq=False)
class DomainData:
    """
    What networks learn from in one domain.

    Attributes
    ----------
    numbers, is_missing : Tensor of shape (n_samples, n_numeric)
        Scaled covariates, and 1 where they are missing.
    codes : Tensor of int, shape (n_samples, n_categorical)
        Numbers of categories.
    z : Tensor of shape (n_samples, n_responses)
        Scaled responses; NaN where not measured.
    calibration, tuning : tuple of ndarray of int
        For each member the rows it is fitted on and those its stopping is chosen
        on.
    """

    numbers: Tensor
    is_missing: Tensor
    codes: Tensor
    z: Tensor
    calibration: tuple[IntArray, ...]
    tuning: tuple[IntArray, ...]


@dataclass
class DomainHistory:
    """
    What happened in a training.

    Attributes
    ----------
    calibration_loss : list of float
        Mean over members, domains and steps, after each epoch.
    tuning_error : list of list of float
        Root mean squared error of the scaled responses of the tuning sets, for
        each epoch and member; empty without tuning sets.
    best_epoch : list of int
        Epoch, counted from 0, whose weights each member kept.
    """

    calibration_loss: list[float] = field(default_factory=list)
    tuning_error: list[list[float]] = field(default_factory=list)
    best_epoch: list[int] = field(default_factory=list)


def draw_folds(
    labels: NDArray[Any],
    n_members: int,
    tuning_fraction: float,
    rng: np.random.Generator,
) -> tuple[tuple[IntArray, ...], tuple[IntArray, ...]]:
    """
    Rows that each member is fitted on, and rows its stopping is chosen on.

    Parameters
    ----------
    labels : ndarray of shape (n_samples,)
        Groups that are never split.
    n_members : int
        Networks; each takes the next fold.
    tuning_fraction : float
        Part of the groups in a tuning set. 0, or fewer groups than parts, leaves
        the tuning sets empty.
    rng : Generator
        Who deals the groups.

    Returns
    -------
    tuple of (tuple of ndarray, tuple of ndarray)
        Calibration and tuning rows by member.
    """
    n_folds = round(1 / tuning_fraction) if tuning_fraction else 0
    if not n_folds or np.unique(labels).size < n_folds:
        everything, nothing = np.arange(labels.size), np.arange(0)
        return (everything,) * n_members, (nothing,) * n_members
    folds = inner_folds(labels, n_folds=n_folds, random_state=rng)
    chosen = [folds[member % n_folds] for member in range(n_members)]
    return tuple(one[0] for one in chosen), tuple(one[1] for one in chosen)


def domain_data(
    encoded: Encoded,
    z: FloatArray,
    folds: tuple[tuple[IntArray, ...], tuple[IntArray, ...]],
    device: torch.device,
) -> DomainData:
    """
    Encoded covariates and responses as tensors.

    Parameters
    ----------
    encoded : Encoded
        Covariates.
    z : ndarray of shape (n_samples, n_responses)
        Scaled responses; NaN where not measured.
    folds : tuple of (tuple of ndarray, tuple of ndarray)
        From :func:`draw_folds`.
    device : torch.device
        Where to train.

    Returns
    -------
    DomainData
        In single precision.
    """
    numbers, is_missing, responses = (
        torch.as_tensor(values, dtype=torch.float32, device=device)
        for values in (encoded.numbers, encoded.is_missing, z)
    )
    codes = torch.as_tensor(encoded.codes, device=device)
    return DomainData(numbers, is_missing, codes, responses, *folds)


def member_losses(prediction: Tensor, z: Tensor) -> Tensor:
    """
    Mean squared error of each member, each measured response weighing the same.

    Parameters
    ----------
    prediction, z : Tensor of shape (n_members, n_samples, n_responses)
        Predicted and scaled responses; ``z`` is NaN where not measured.

    Returns
    -------
    Tensor of shape (n_members,)
        0 for a member without a measured response.
    """
    measured = ~torch.isnan(z)
    # Mask before squaring: `where` would let the NaN gradient of a square through.
    residual = torch.where(measured, prediction - z, 0.0)
    n_measured = measured.sum(dim=1)
    by_response = residual.square().sum(dim=1) / n_measured.clamp_min(1)
    return by_response.sum(dim=1) / (n_measured > 0).sum(dim=1).clamp_min(1)


def predict_members(
    network: DomainNetwork, domain: int, encoded: Encoded
) -> FloatArray:
    """
    Scaled responses of each member, in double precision.

    Parameters
    ----------
    network : DomainNetwork
        In double precision, on the processor; left in evaluation mode.
    domain : int
        Which adapter and head.
    encoded : Encoded
        Covariates.

    Returns
    -------
    ndarray of shape (n_members, n_samples, n_responses)
        On the scale of the training.
    """
    network.eval()
    n_members = len(next(network.parameters()))
    tensors = [
        torch.as_tensor(values)
        for values in (encoded.numbers, encoded.is_missing, encoded.codes)
    ]
    parts = []
    with torch.inference_mode():
        for start in range(0, len(encoded.numbers), _CHUNK):
            batch = [
                one[start : start + _CHUNK].expand(n_members, -1, -1) for one in tensors
            ]
            parts.append(network(domain, *batch).numpy())
    return np.concatenate(parts, axis=1)


def train_members(
    network: DomainNetwork,
    domains: Sequence[DomainData],
    settings: DomainTraining,
    *,
    rng: np.random.Generator,
) -> DomainHistory:
    """
    Train all members; each ends with the weights of its lowest tuning error.

    Members share the steps, not the data: batches, tuning sets and gradients are
    their own.

    Parameters
    ----------
    network : DomainNetwork
        Changed in place; left in evaluation mode.
    domains : sequence of DomainData
        One a pair of adapter and head; their losses are added.
    settings : DomainTraining
        How.
    rng : Generator
        Who shuffles and drops out.

    Returns
    -------
    DomainHistory
        What happened.
    """
    training = _Training(network, domains, settings, rng)
    while not training.is_finished():
        training.train_epoch()
        training.keep_best()
    training.restore_best()
    return training.history


class _Training:
    """State of one training."""

    def __init__(
        self,
        network: DomainNetwork,
        domains: Sequence[DomainData],
        settings: DomainTraining,
        rng: np.random.Generator,
    ) -> None:
        self.history = DomainHistory()
        self._network, self._domains, self._settings = network, domains, settings
        self._rng = rng
        generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
        for module in network.modules():
            if isinstance(module, MemberDropout):
                module.generator = generator
        sizes = [max(map(len, one.calibration)) for one in domains]
        self._n_steps = max(math.ceil(n / settings.batch_size) for n in sizes)
        # Equal parts: a last batch of one sample would have a wild gradient.
        self._batch_sizes = [
            min(settings.batch_size, math.ceil(n / math.ceil(n / settings.batch_size)))
            for n in sizes
        ]
        self._n_members = len(domains[0].calibration)
        self._step = 0
        self._is_learning: bool | None = None
        self._trunk = list(network.trunk.parameters())
        trunk = set(map(id, self._trunk))
        others = [p for p in network.parameters() if id(p) not in trunk]
        self._optimiser = torch.optim.AdamW(
            [{"params": others}, {"params": self._trunk}],
            lr=settings.learning_rate,
            weight_decay=settings.weight_decay,
            fused=True,
        )
        self._best = [p.detach().clone() for p in network.parameters()]
        self._lowest = np.full(self._n_members, np.inf)
        self.history.best_epoch = [-1] * self._n_members
        self._is_tuned = all(len(rows) for one in domains for rows in one.tuning)

    def is_finished(self) -> bool:
        """At the end of the cycle, or where no member has improved for long."""
        done, patience = len(self.history.calibration_loss), self._settings.patience
        if done >= self._settings.epochs:
            return True
        if patience is None or not self._is_tuned or not done:
            return False
        return done - 1 - max(self.history.best_epoch) >= patience

    def train_epoch(self) -> None:
        """One pass over the largest domain."""
        orders = [
            self._order(one, size * self._n_steps)
            for one, size in zip(self._domains, self._batch_sizes, strict=True)
        ]
        self._network.train()
        self._network.trunk.train(bool(self._is_learning))
        total = torch.zeros(())
        for step in range(self._n_steps):
            self._set_rates()
            losses = []
            for number, (one, order, size) in enumerate(
                zip(self._domains, orders, self._batch_sizes, strict=True)
            ):
                rows = order[:, step * size : (step + 1) * size]
                prediction = self._network(
                    number, one.numbers[rows], one.is_missing[rows], one.codes[rows]
                )
                losses.append(member_losses(prediction, one.z[rows]).sum())
            loss = torch.stack(losses).sum()
            self._optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            self._optimiser.step()
            self._step += 1
            total = total + loss.detach().cpu()
        n_terms = self._n_steps * self._n_members * len(self._domains)
        self.history.calibration_loss.append(float(total) / n_terms)

    def _order(self, domain: DomainData, length: int) -> Tensor:
        """Rows of each member in random order, again and again up to a length."""
        order = np.empty((self._n_members, length), dtype=np.int64)
        for member, rows in enumerate(domain.calibration):
            n_rounds = math.ceil(length / len(rows))
            shuffled = [self._rng.permutation(rows) for _ in range(n_rounds)]
            order[member] = np.concatenate(shuffled)[:length]
        return torch.as_tensor(order, device=domain.z.device)

    def _set_rates(self) -> None:
        settings = self._settings
        n_all = self._n_steps * settings.epochs
        rate = settings.learning_rate * one_cycle(self._step / max(1, n_all - 1))
        is_due = self._step >= settings.frozen_share * n_all
        is_learning = is_due and settings.trunk_rate > 0
        if is_learning != self._is_learning:
            self._is_learning = is_learning
            self._network.trunk.train(is_learning)
            for parameter in self._trunk:
                parameter.requires_grad_(is_learning)
        everything, trunk = self._optimiser.param_groups
        everything["lr"], trunk["lr"] = rate, rate * settings.trunk_rate

    def keep_best(self) -> None:
        """Keep the weights of the members whose tuning error fell."""
        epoch = len(self.history.calibration_loss) - 1
        better = np.ones(self._n_members, dtype=bool)
        if self._is_tuned:
            error = self._tuning_error()
            self.history.tuning_error.append(error.tolist())
            better = error < self._lowest
            self._lowest = np.minimum(error, self._lowest)
        for member in np.flatnonzero(better):
            self.history.best_epoch[member] = epoch
        mask = torch.as_tensor(better)
        for kept, parameter in zip(self._best, self._network.parameters(), strict=True):
            kept[mask] = parameter.detach()[mask]

    def _tuning_error(self) -> FloatArray:
        self._network.eval()
        squares = torch.zeros(self._n_members)
        with torch.inference_mode():
            for number, one in enumerate(self._domains):
                length = max(map(len, one.tuning))
                rows = np.zeros((self._n_members, length), dtype=np.int64)
                z = torch.full((*rows.shape, one.z.shape[1]), torch.nan)
                for member, tuning in enumerate(one.tuning):
                    rows[member, : len(tuning)] = tuning
                    z[member, : len(tuning)] = one.z[tuning]
                prediction = self._network(
                    number, one.numbers[rows], one.is_missing[rows], one.codes[rows]
                )
                squares += member_losses(prediction.cpu(), z)
        return np.sqrt(squares.numpy() / len(self._domains))

    def restore_best(self) -> None:
        """Put the kept weights back."""
        with torch.no_grad():
            for kept, parameter in zip(
                self._best, self._network.parameters(), strict=True
            ):
                parameter.copy_(kept)
        self._network.requires_grad_(True)
        self._network.eval()
