"""Source tasks, their controls, and training a trunk on them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import pandas as pd
import torch

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray
from cerussite.models.resnet.devices import resolve_device
from cerussite.models.resnet.scaling import ResponseScaling, ResponseTransform
from cerussite.transfer.domains.configuration import (
    AdapterConfiguration,
    TrunkConfiguration,
)
from cerussite.transfer.domains.covariates import split_covariates
from cerussite.transfer.domains.embeddings import bin_edges
from cerussite.transfer.domains.encoding import CovariateEncoding
from cerussite.transfer.domains.network import (
    Adapter,
    DomainNetwork,
    Head,
    Trunk,
    member_states,
)
from cerussite.transfer.domains.training import (
    DomainData,
    DomainTraining,
    domain_data,
    draw_folds,
    train_members,
)
from cerussite.transfer.domains.trunk import PretrainedTrunk, generators_of


@dataclass(frozen=True, eq=False)
class SourceTask:
    """
    Covariates and responses of another domain.

    Attributes
    ----------
    name : str
        For the record.
    X : DataFrame or ndarray of shape (n_samples, n_features)
        Covariates; NaN or None where missing.
    y : ndarray of shape (n_samples,) or (n_samples, n_responses)
        Responses; NaN where not measured.
    categorical : tuple of str or int
        Columns of ``X`` that hold categories.
    groups : ndarray of shape (n_samples,) or None
        Labels that tuning sets never split.
    response_transform : {"none", "log"}
        Learn the responses or their logarithms.
    adapter : AdapterConfiguration
        How the covariates enter the trunk.
    """

    name: str
    X: pd.DataFrame | FloatArray
    y: FloatArray
    categorical: tuple[str | int, ...] = ()
    groups: Any = None
    response_transform: ResponseTransform = "none"
    adapter: AdapterConfiguration = field(default_factory=AdapterConfiguration)

    def shuffled(self, *, random_state: int) -> Self:
        """
        The same task with responses dealt out anew: the control of label shuffling.

        Parameters
        ----------
        random_state : int
            Who deals.

        Returns
        -------
        SourceTask
            Covariates and responses keep their distributions and lose what ties
            them together.
        """
        order = np.random.default_rng(random_state).permutation(len(self.y))
        return replace(self, name=f"{self.name}, shuffled", y=np.asarray(self.y)[order])

    @classmethod
    def unrelated(
        cls, *, n_samples: int, n_features: int = 10, random_state: int
    ) -> Self:
        r"""
        A simulated task that has nothing to do with any metal: another control.

        Parameters
        ----------
        n_samples : int
            As many as the source it stands beside.
        n_features : int
            Covariates; five of them matter.
        random_state : int
            Who draws them.

        Returns
        -------
        SourceTask
            :math:`y = 10 \sin(\pi x_1 x_2) + 20 (x_3 - 1/2)^2 + 10 x_4 + 5 x_5 +
            \varepsilon` on uniform covariates, with noise of variance 1 [1]_.

        Raises
        ------
        InvalidStudyError
            If there are fewer than five covariates.

        References
        ----------
        .. [1] Friedman, J. H. (1991). Multivariate adaptive regression splines. Annals
           of Statistics 19(1), 1-67.
        """
        if n_features < 5:
            msg = f"n_features: {n_features}; expected the five that matter, or more"
            raise InvalidStudyError(msg)
        rng = np.random.default_rng(random_state)
        X = rng.random((n_samples, n_features))
        y = (
            10 * np.sin(np.pi * X[:, 0] * X[:, 1])
            + 20 * (X[:, 2] - 0.5) ** 2
            + 10 * X[:, 3]
            + 5 * X[:, 4]
            + rng.normal(size=n_samples)
        )
        return cls("unrelated", X, y)


def pretrain_trunk(  # noqa: PLR0913 - tasks, network, training and chance
    tasks: Sequence[SourceTask],
    *,
    configuration: TrunkConfiguration | None = None,
    training: DomainTraining | None = None,
    n_members: int = 5,
    device: str = "auto",
    random_state: int | np.random.Generator | None = None,
) -> PretrainedTrunk:
    """
    Train adapters, trunk and heads on source tasks together; keep the trunk.

    Parameters
    ----------
    tasks : sequence of SourceTask
        Each gets its own adapter and head; every step takes a batch of each.
    configuration : TrunkConfiguration, optional
        Sizes of the trunk.
    training : DomainTraining, optional
        How to train.
    n_members : int
        Networks that differ in their random numbers and tuning sets.
    device : str
        ``"auto"``, ``"cpu"``, ``"cuda"`` ...
    random_state : int, Generator or None
        Source of all random numbers.

    Returns
    -------
    PretrainedTrunk
        With the tuning R² of each task: whether the source was learnable at all.

    Raises
    ------
    InvalidStudyError
        If there are no tasks or members, or lengths of a task differ.
    """
    if msg := _impossible(tasks, n_members):
        raise InvalidStudyError(msg)
    sizes, settings = (
        configuration or TrunkConfiguration(),
        training or DomainTraining(),
    )
    rng, place = np.random.default_rng(random_state), resolve_device(device)
    generators = generators_of(rng, n_members)
    # The trunk first: the same random weights as those of the untrained control.
    trunk = Trunk(sizes, generators)
    adapters, heads, domains = [], [], []
    for task in tasks:
        adapter, head, domain = _prepared(task, sizes.width, settings, generators, rng)
        adapters.append(adapter)
        heads.append(head)
        domains.append(domain)
    network = DomainNetwork(adapters, trunk, heads).to(place)
    domains = [_moved(domain, place) for domain in domains]
    train_members(network, domains, settings, rng=rng)
    scores = {
        task.name: _tuning_r2(network, number, domain)
        for number, (task, domain) in enumerate(zip(tasks, domains, strict=True))
    }
    return PretrainedTrunk(sizes, member_states(network.trunk), scores)


def _impossible(tasks: Sequence[SourceTask], n_members: int) -> str:
    if not tasks or n_members < 1:
        return (
            f"{len(tasks)} tasks, n_members: {n_members}; expected at least 1 of each"
        )
    for task in tasks:
        if len(task.X) != len(task.y):
            return (
                f"{task.name}: {len(task.y)} responses for {len(task.X)} samples; "
                "expected one each"
            )
    return ""


def _prepared(
    task: SourceTask,
    width: int,
    settings: DomainTraining,
    generators: tuple[torch.Generator, ...],
    rng: np.random.Generator,
) -> tuple[Adapter, Head, DomainData]:
    covariates = split_covariates(task.X, task.categorical)
    encoding = CovariateEncoding.learn(covariates, scaling=task.adapter.scaling)
    encoded = encoding.apply(covariates)
    y = np.asarray(task.y, dtype=np.float64).reshape(len(task.y), -1)
    scaling = ResponseScaling.learn(
        y, transform=task.response_transform, is_positive=False
    )
    labels = np.arange(len(y)) if task.groups is None else np.asarray(task.groups)
    folds = draw_folds(labels, len(generators), settings.tuning_fraction, rng)
    data = domain_data(encoded, scaling.scaled(y), folds, torch.device("cpu"))
    edges = bin_edges(encoded.numbers, task.adapter.n_bins)
    adapter = Adapter(encoding, edges, task.adapter, width, generators)
    return adapter, Head(width, y.shape[1], generators), data


def _moved(data: DomainData, device: torch.device) -> DomainData:
    return replace(
        data,
        numbers=data.numbers.to(device),
        is_missing=data.is_missing.to(device),
        codes=data.codes.to(device),
        z=data.z.to(device),
    )


def _tuning_r2(network: DomainNetwork, number: int, domain: DomainData) -> float:
    """Mean over members and responses; NaN without tuning sets."""
    scores = []
    for member, rows in enumerate(domain.tuning):
        if not rows.size:
            return float("nan")
        with torch.inference_mode():
            parts = (domain.numbers[rows], domain.is_missing[rows], domain.codes[rows])
            batch = [one.expand(len(domain.tuning), -1, -1) for one in parts]
            predicted = network(number, *batch)[member].cpu().numpy()
        z = domain.z[rows].cpu().numpy()
        residual = np.nansum((z - predicted) ** 2, axis=0)
        around = np.nansum((z - np.nanmean(z, axis=0)) ** 2, axis=0)
        scores.append(np.mean(1 - residual / around))
    return float(np.mean(scores))
