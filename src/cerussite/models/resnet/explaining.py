"""Networks as modules that explanations differentiate, in the unit of the response."""

import numpy as np
import torch
from torch import Tensor, nn

from cerussite.core.types import FloatArray
from cerussite.explanation import Features
from cerussite.models.resnet.architecture import DERIVATIVE_HALF_WINDOW, ResNet
from cerussite.models.resnet.configuration import ResNetConfiguration
from cerussite.models.resnet.scaling import ResponseScaling


class ResponseModule(nn.Module):
    """
    A network and the way from its outputs to responses.

    Parameters
    ----------
    network : ResNet
        In evaluation mode.
    scaling : ResponseScaling
        From outputs to responses. A logarithm stays one: outputs are then
        natural logarithms of responses, and ``scale`` is ``"log"``.
    note : str
        What a reader must know about the input of the network.
    """

    factor: Tensor
    shift: Tensor

    def __init__(
        self, network: ResNet, scaling: ResponseScaling, *, note: str = ""
    ) -> None:
        super().__init__()
        self.network = network
        self.scale = scaling.transform
        self.note = note
        shift = scaling.shift + np.log(scaling.smearing)
        self.register_buffer("factor", torch.as_tensor(scaling.scale).float())
        self.register_buffer("shift", torch.as_tensor(shift).float())
        self.requires_grad_(requires_grad=False).eval()

    def forward(self, X: Tensor) -> Tensor:
        """
        Responses of spectra.

        Parameters
        ----------
        X : Tensor of shape (n_samples, n_wavelengths)
            Spectra as read.

        Returns
        -------
        Tensor of shape (n_samples, n_responses)
            In the unit of the response, or its natural logarithm.
        """
        return self.network(X) * self.factor + self.shift


def resolved_bins(
    configuration: ResNetConfiguration, wavelengths: FloatArray
) -> Features:
    """
    Bins that a network can tell apart.

    Inside an average pool all bands enter through their mean alone, and the
    derivative channel sees five more bands on either side.

    Parameters
    ----------
    configuration : ResNetConfiguration
        The layers.
    wavelengths : ndarray of shape (n_wavelengths,)
        Band centres in nm.

    Returns
    -------
    Features
        Bins of the pool, widened for the derivative; bands behind the last full
        pool are never seen and get nothing.
    """
    n_bands = configuration.pooling_of(wavelengths.size)
    if "derivative" in configuration.channels:
        n_bands += 2 * DERIVATIVE_HALF_WINDOW
    return Features.bins(wavelengths, n_bands=n_bands)


def note_of(configuration: ResNetConfiguration) -> str:
    """
    What a reader must know about the input of a network.

    Parameters
    ----------
    configuration : ResNetConfiguration
        The layers.

    Returns
    -------
    str
        Empty where bands enter one by one.
    """
    if set(configuration.channels) == {"raw"}:
        return ""
    return "the network scales each spectrum by its own mean and spread first"
