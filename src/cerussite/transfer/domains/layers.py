"""Layers of several networks at once: the first axis of everything is the member."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn


def uniform(
    shape: Sequence[int], bound: float, generators: Sequence[torch.Generator]
) -> nn.Parameter:
    """
    Random parameters, those of a member from its own generator.

    Parameters
    ----------
    shape : sequence of int
        Shape of one member.
    bound : float
        Largest absolute value.
    generators : sequence of Generator
        One a member; a member is the same in an ensemble of any size.

    Returns
    -------
    Parameter of shape (n_members, *shape)
        Uniform between minus and plus the bound.
    """
    drawn = [bound * (2 * torch.rand(*shape, generator=one) - 1) for one in generators]
    return nn.Parameter(torch.stack(drawn))


class MemberLinear(nn.Module):
    """
    A dense layer for each member.

    Parameters
    ----------
    n_in, n_out : int
        Features before and after.
    generators : sequence of Generator
        One a member.
    """

    def __init__(
        self, n_in: int, n_out: int, generators: Sequence[torch.Generator]
    ) -> None:
        super().__init__()
        bound = 1 / math.sqrt(max(n_in, 1))
        self.weight = uniform((n_in, n_out), bound, generators)
        self.bias = uniform((1, n_out), bound, generators)

    def forward(self, x: Tensor) -> Tensor:
        """
        Apply the layer.

        Parameters
        ----------
        x : Tensor of shape (n_members, n_samples, n_in)
            Features.

        Returns
        -------
        Tensor of shape (n_members, n_samples, n_out)
            Features.
        """
        return torch.baddbmm(self.bias, x, self.weight)


class MemberNorm(nn.Module):
    """
    Layer normalisation with a gain and a shift for each member.

    Parameters
    ----------
    n_features : int
        Features of a sample.
    n_members : int
        Networks.
    """

    def __init__(self, n_features: int, n_members: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(n_members, 1, n_features))
        self.shift = nn.Parameter(torch.zeros(n_members, 1, n_features))

    def forward(self, x: Tensor) -> Tensor:
        """
        Normalise each sample over its features.

        Parameters
        ----------
        x : Tensor of shape (n_members, n_samples, n_features)
            Features.

        Returns
        -------
        Tensor of shape (n_members, n_samples, n_features)
            Features.
        """
        normal = nn.functional.layer_norm(x, x.shape[-1:])
        return torch.addcmul(self.shift, normal, self.gain)


class MemberDropout(nn.Module):
    """
    Dropout from a generator that belongs to the training.

    Parameters
    ----------
    share : float
        Part of the features that is left out.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share
        self.generator: torch.Generator | None = None

    def forward(self, x: Tensor) -> Tensor:
        """
        Leave features out in training.

        Parameters
        ----------
        x : Tensor
            Features.

        Returns
        -------
        Tensor
            Of the same expectation; the input itself outside training.
        """
        if not self.training or self.share == 0:
            return x
        kept = torch.rand(x.shape, generator=self.generator) >= self.share
        return x * kept.to(x.device) / (1 - self.share)


class MemberTable(nn.Module):
    """
    Features of categories for each member; code 0 stands for unknown.

    Parameters
    ----------
    n_categories : int
        Categories that are known.
    n_features : int
        Features of a category.
    generators : sequence of Generator
        One a member.
    """

    def __init__(
        self,
        n_categories: int,
        n_features: int,
        generators: Sequence[torch.Generator],
    ) -> None:
        super().__init__()
        table = uniform((n_categories + 1, n_features), 1.0, generators)
        with torch.no_grad():
            # The unknown is nothing in particular until it has been seen.
            table[:, 0] = 0
        self.table = table

    def forward(self, codes: Tensor) -> Tensor:
        """
        Look up.

        Parameters
        ----------
        codes : Tensor of shape (n_members, n_samples)
            Numbers of categories.

        Returns
        -------
        Tensor of shape (n_members, n_samples, n_features)
            Their features.
        """
        members = torch.arange(len(self.table), device=codes.device)[:, None]
        return self.table[members, codes]
