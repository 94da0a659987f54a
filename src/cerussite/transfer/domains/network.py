"""Adapters and heads of domains on one trunk."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from cerussite.core.types import FloatArray
from cerussite.transfer.domains.configuration import (
    AdapterConfiguration,
    TrunkConfiguration,
)
from cerussite.transfer.domains.embeddings import (
    EmbeddedNumbers,
    PeriodicFeatures,
    PiecewiseFeatures,
)
from cerussite.transfer.domains.encoding import CovariateEncoding
from cerussite.transfer.domains.layers import (
    MemberDropout,
    MemberLinear,
    MemberNorm,
    MemberTable,
)


class Adapter(nn.Module):
    """
    From the covariates of one domain to the features of the trunk.

    Parameters
    ----------
    encoding : CovariateEncoding
        Numbers and categories of the domain.
    edges : ndarray of shape (n_numeric, n_bins + 1)
        Bins of a piecewise embedding; unused by others.
    configuration : AdapterConfiguration
        The embedding.
    width : int
        Features of the trunk.
    generators : sequence of Generator
        One a member.
    """

    def __init__(
        self,
        encoding: CovariateEncoding,
        edges: FloatArray,
        configuration: AdapterConfiguration,
        width: int,
        generators: Sequence[torch.Generator],
    ) -> None:
        super().__init__()
        n_numeric = encoding.n_numeric
        self._sees_missing = configuration.is_missing_visible
        self.embedding: EmbeddedNumbers | None = None
        n_features = n_numeric * (2 if self._sees_missing else 1)
        if configuration.embedding != "none" and n_numeric:
            features = (
                PeriodicFeatures(n_numeric, configuration, generators)
                if configuration.embedding == "periodic"
                else PiecewiseFeatures(edges)
            )
            self.embedding = EmbeddedNumbers(
                features, n_numeric, configuration, generators
            )
            n_features = n_numeric * configuration.embedding_width
        self.tables = nn.ModuleList(
            MemberTable(len(known), configuration.embedding_width, generators)
            for known in encoding.categories
        )
        n_features += len(self.tables) * configuration.embedding_width
        self.dense = MemberLinear(n_features, width, generators)

    def forward(self, numbers: Tensor, is_missing: Tensor, codes: Tensor) -> Tensor:
        """
        Features of samples of the domain.

        Parameters
        ----------
        numbers, is_missing : Tensor of shape (n_members, n_samples, n_numeric)
            Scaled covariates, and 1 where they are missing.
        codes : Tensor of int, shape (n_members, n_samples, n_categorical)
            Numbers of categories.

        Returns
        -------
        Tensor of shape (n_members, n_samples, width)
            Input of the trunk.
        """
        if self.embedding is not None:
            parts = [self.embedding(numbers, is_missing)]
        else:
            parts = [numbers, is_missing] if self._sees_missing else [numbers]
        parts += [table(codes[..., k]) for k, table in enumerate(self.tables)]
        return self.dense(torch.cat(parts, dim=-1))


class Block(nn.Module):
    """
    Normalisation, dense layer, rectifier, dropout and dense layer, added to the input.

    Parameters
    ----------
    configuration : TrunkConfiguration
        Width and dropout.
    generators : sequence of Generator
        One a member.
    """

    def __init__(
        self, configuration: TrunkConfiguration, generators: Sequence[torch.Generator]
    ) -> None:
        super().__init__()
        width = configuration.width
        self.norm = MemberNorm(width, len(generators))
        self.first = MemberLinear(width, width, generators)
        self.dropout = MemberDropout(configuration.dropout)
        self.second = MemberLinear(width, width, generators)

    def forward(self, x: Tensor) -> Tensor:
        """
        Apply the block.

        Parameters
        ----------
        x : Tensor of shape (n_members, n_samples, width)
            Features.

        Returns
        -------
        Tensor of shape (n_members, n_samples, width)
            Features.
        """
        return x + self.second(self.dropout(self.first(self.norm(x)).relu()))


class Head(nn.Module):
    """
    From the features of the trunk to the responses of one domain.

    Parameters
    ----------
    width : int
        Features of the trunk.
    n_responses : int
        Responses of the domain.
    generators : sequence of Generator
        One a member.
    """

    def __init__(
        self, width: int, n_responses: int, generators: Sequence[torch.Generator]
    ) -> None:
        super().__init__()
        self.norm = MemberNorm(width, len(generators))
        self.dense = MemberLinear(width, n_responses, generators)

    def forward(self, x: Tensor) -> Tensor:
        """
        Scaled responses.

        Parameters
        ----------
        x : Tensor of shape (n_members, n_samples, width)
            Features.

        Returns
        -------
        Tensor of shape (n_members, n_samples, n_responses)
            On the scale of the training.
        """
        return self.dense(self.norm(x).relu())


class Trunk(nn.Sequential):
    """
    Residual blocks that all domains share.

    Parameters
    ----------
    configuration : TrunkConfiguration
        Sizes.
    generators : sequence of Generator
        One a member.
    """

    def __init__(
        self, configuration: TrunkConfiguration, generators: Sequence[torch.Generator]
    ) -> None:
        super().__init__(
            *(Block(configuration, generators) for _ in range(configuration.n_blocks))
        )


class DomainNetwork(nn.Module):
    """
    Adapters, trunk and heads of one or more domains.

    Parameters
    ----------
    adapters : sequence of Adapter
        One a domain.
    trunk : Trunk
        Shared.
    heads : sequence of Head
        One a domain.
    """

    def __init__(
        self, adapters: Sequence[Adapter], trunk: Trunk, heads: Sequence[Head]
    ) -> None:
        super().__init__()
        self.adapters = nn.ModuleList(adapters)
        self.trunk = trunk
        self.heads = nn.ModuleList(heads)

    def forward(
        self, domain: int, numbers: Tensor, is_missing: Tensor, codes: Tensor
    ) -> Tensor:
        """
        Scaled responses of samples of a domain.

        Parameters
        ----------
        domain : int
            Which adapter and head.
        numbers, is_missing : Tensor of shape (n_members, n_samples, n_numeric)
            Scaled covariates, and 1 where they are missing.
        codes : Tensor of int, shape (n_members, n_samples, n_categorical)
            Numbers of categories.

        Returns
        -------
        Tensor of shape (n_members, n_samples, n_responses)
            On the scale of the training.
        """
        features = self.adapters[domain](numbers, is_missing, codes)
        return self.heads[domain](self.trunk(features))


def member_states(network: nn.Module) -> tuple[dict[str, Tensor], ...]:
    """
    Parameters of each member.

    Parameters
    ----------
    network : Module
        Every parameter has the member as its first axis.

    Returns
    -------
    tuple of dict of str to Tensor
        Copies on the processor.
    """
    named = {
        name: parameter.detach().to("cpu", copy=True)
        for name, parameter in network.named_parameters()
    }
    n_members = len(next(iter(named.values())))
    return tuple(
        {name: tensor[member].clone() for name, tensor in named.items()}
        for member in range(n_members)
    )


def load_members(network: nn.Module, states: Sequence[dict[str, Tensor]]) -> None:
    """
    Put the parameters of members into a network.

    Parameters
    ----------
    network : Module
        Changed in place.
    states : sequence of dict of str to Tensor
        One a member, counted round where the network has more.
    """
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            for member in range(len(parameter)):
                parameter[member] = states[member % len(states)][name]
