"""Numbers as features: periodic and piecewise linear."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from cerussite.core.types import FloatArray
from cerussite.transfer.domains.configuration import AdapterConfiguration
from cerussite.transfer.domains.layers import uniform


def bin_edges(numbers: FloatArray, n_bins: int) -> FloatArray:
    """
    Quantiles of each covariate, between which it is piecewise linear.

    Parameters
    ----------
    numbers : ndarray of shape (n_samples, n_numeric)
        Scaled calibration covariates.
    n_bins : int
        Number of bins.

    Returns
    -------
    ndarray of shape (n_numeric, n_bins + 1)
        Increasing; equal edges make a step of what lies between them.
    """
    return np.quantile(numbers, np.linspace(0, 1, n_bins + 1), axis=0).T


class PeriodicFeatures(nn.Module):
    r"""
    :math:`\sin 2\pi c_k x` and :math:`\cos 2\pi c_k x` with learnt frequencies.

    Parameters
    ----------
    n_numeric : int
        Covariates.
    configuration : AdapterConfiguration
        Number and scale of the frequencies.
    generators : sequence of Generator
        One a member.
    """

    def __init__(
        self,
        n_numeric: int,
        configuration: AdapterConfiguration,
        generators: Sequence[torch.Generator],
    ) -> None:
        super().__init__()
        k = configuration.n_frequencies
        drawn = [
            configuration.frequency_scale * torch.randn(1, n_numeric, k, generator=one)
            for one in generators
        ]
        self.frequencies = nn.Parameter(torch.stack(drawn))
        self.n_features = 2 * k

    def forward(self, numbers: Tensor) -> Tensor:
        """
        Features of numbers.

        Parameters
        ----------
        numbers : Tensor of shape (n_members, n_samples, n_numeric)
            Scaled covariates.

        Returns
        -------
        Tensor of shape (n_members, n_samples, n_numeric, n_features)
            Sines, then cosines.
        """
        angles = 2 * math.pi * self.frequencies * numbers[..., None]
        return torch.cat([angles.sin(), angles.cos()], dim=-1)


class PiecewiseFeatures(nn.Module):
    """
    How far a number fills each bin: 0 below the bin, a part inside, 1 above.

    Parameters
    ----------
    edges : ndarray of shape (n_numeric, n_bins + 1)
        From :func:`bin_edges`.
    """

    edges: Tensor

    def __init__(self, edges: FloatArray) -> None:
        super().__init__()
        self.register_buffer("edges", torch.as_tensor(edges, dtype=torch.float32))
        self.n_features = edges.shape[1] - 1

    def forward(self, numbers: Tensor) -> Tensor:
        """
        Features of numbers.

        Parameters
        ----------
        numbers : Tensor of shape (n_members, n_samples, n_numeric)
            Scaled covariates.

        Returns
        -------
        Tensor of shape (n_members, n_samples, n_numeric, n_bins)
            From 0 to 1.
        """
        low, high = self.edges[:, :-1], self.edges[:, 1:]
        width = (high - low).clamp_min(1e-6)
        return ((numbers[..., None] - low) / width).clamp(0, 1)


class EmbeddedNumbers(nn.Module):
    """
    Features of each number through a dense layer and a rectifier of its own.

    Parameters
    ----------
    features : PeriodicFeatures or PiecewiseFeatures
        What the dense layers see.
    n_numeric : int
        Covariates.
    configuration : AdapterConfiguration
        Width of the embedding, and whether missing numbers have one of their own.
    generators : sequence of Generator
        One a member.
    """

    def __init__(
        self,
        features: PeriodicFeatures | PiecewiseFeatures,
        n_numeric: int,
        configuration: AdapterConfiguration,
        generators: Sequence[torch.Generator],
    ) -> None:
        super().__init__()
        self.features = features
        width, n_in = configuration.embedding_width, features.n_features
        bound = 1 / math.sqrt(n_in)
        self.weight = uniform((n_numeric, n_in, width), bound, generators)
        self.bias = uniform((1, n_numeric, width), bound, generators)
        self.missing: nn.Parameter | None = None
        if configuration.is_missing_visible:
            self.missing = uniform((1, n_numeric, width), bound, generators)

    def forward(self, numbers: Tensor, is_missing: Tensor) -> Tensor:
        """
        Embed numbers.

        Parameters
        ----------
        numbers, is_missing : Tensor of shape (n_members, n_samples, n_numeric)
            Scaled covariates, 0 where missing, and 1 where they are.

        Returns
        -------
        Tensor of shape (n_members, n_samples, n_numeric * embedding_width)
            Features.
        """
        features = self.features(numbers)
        x = torch.einsum("mbdi,mdio->mbdo", features, self.weight) + self.bias
        x = x.relu()
        if self.missing is not None:
            x = torch.where(is_missing[..., None] > 0, self.missing, x)
        return x.flatten(start_dim=2)
