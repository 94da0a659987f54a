"""The residual network, layer by layer."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray
from cerussite.models.resnet.configuration import Channel, ResNetConfiguration

#: Half the window of the derivative channel, in bands.
DERIVATIVE_HALF_WINDOW = 5

#: Parts of the network from the input to the output; freezing goes by them.
STAGES = ("stem", "blocks", "last", "dense", "output")


class InputLayer(nn.Module):
    """
    Channels, scaling and average pool: all that comes before anything is learnt.

    Nothing in here has a gradient, so the training computes it once for each
    spectrum instead of once an epoch.

    Parameters
    ----------
    configuration : ResNetConfiguration
        Says which channels, whether to scale and how much to pool.
    n_wavelengths : int
        Number of bands.
    """

    centre: Tensor
    scale: Tensor

    def __init__(self, configuration: ResNetConfiguration, n_wavelengths: int) -> None:
        super().__init__()
        self.channels = configuration.channels
        self.input_scaling = configuration.input_scaling
        shape = (len(self.channels), n_wavelengths)
        self.register_buffer("centre", torch.zeros(shape, device="cpu"))
        self.register_buffer("scale", torch.ones(shape, device="cpu"))
        pooling = configuration.pooling_of(n_wavelengths)
        self.pool = nn.AvgPool2d((1, pooling))

    def standardise_on(self, X: FloatArray) -> None:
        """
        Learn the mean and standard deviation of each band and channel.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_wavelengths)
            Spectra of the calibration set. Bands that never vary are centred
            and left unscaled.
        """
        if self.input_scaling == "none":
            return
        channels = self._stack(torch.from_numpy(np.array(X, dtype=np.float64)))
        centre, spread = channels.mean(dim=0), channels.std(dim=0, correction=0)
        varies = spread > 1e-9 * (1e-12 + centre.abs().amax(dim=1, keepdim=True))
        self.centre.copy_(centre)
        self.scale.copy_(torch.where(varies, spread, 1.0))

    def forward(self, X: Tensor) -> Tensor:
        """
        Averaged, scaled bands of every channel.

        Parameters
        ----------
        X : Tensor of shape (n_samples, n_wavelengths)
            Spectra as read.

        Returns
        -------
        Tensor of shape (n_samples, n_channels, 1, n_pooled)
            What the first convolution sees.
        """
        scaled = (self._stack(X) - self.centre) / self.scale
        return self.pool(scaled.unsqueeze(2))

    def _stack(self, X: Tensor) -> Tensor:
        return torch.stack([_channel(X, name) for name in self.channels], dim=1)


def _channel(X: Tensor, name: Channel) -> Tensor:
    if name == "raw":
        return X
    if name == "snv":
        return _standard_normal_variate(X)
    return _derivative(_standard_normal_variate(X))


def _standard_normal_variate(X: Tensor) -> Tensor:
    # A flat spectrum becomes zero: a network must not stop at one bad scan.
    centred = X - X.mean(dim=1, keepdim=True)
    spread = centred.square().sum(dim=1, keepdim=True) / (X.shape[1] - 1)
    return centred / spread.sqrt().clamp_min(1e-12)


def _derivative(X: Tensor) -> Tensor:
    # The slope of a least-squares line is Savitzky-Golay of degree 1 or 2.
    half = min(DERIVATIVE_HALF_WINDOW, (X.shape[1] - 1) // 2)
    offsets = torch.arange(-half, half + 1, dtype=X.dtype, device=X.device)
    kernel = (offsets / offsets.square().sum()).view(1, 1, -1)
    padded = functional.pad(X.unsqueeze(1), (half, half), mode="replicate")
    return functional.conv1d(padded, kernel).squeeze(1)


class Dropout(nn.Module):
    """
    Dropout that draws from its own generator instead of the global one.

    Parameters
    ----------
    fraction : float
        Part of the inputs that is set to zero while training.
    """

    def __init__(self, fraction: float) -> None:
        super().__init__()
        self.fraction = fraction
        self.generator: torch.Generator | None = None

    def forward(self, features: Tensor) -> Tensor:
        """
        Features of which some are zero and the others larger, while training.

        Parameters
        ----------
        features : Tensor of any shape
            Features of the layer before.

        Returns
        -------
        Tensor of the same shape
            Unchanged in evaluation mode.
        """
        if not self.training:
            return features
        # On the processor, where the generator lives, whatever the device.
        draws = torch.rand(features.shape, generator=self.generator)
        kept = (draws >= self.fraction).to(features.device)
        return features * kept / (1 - self.fraction)


class Separation(nn.Module):
    """
    The same numbers as another node of the graph.

    DeepLIFT in captum hooks tensors, and where a pool hands the very tensor it
    made to a rectifier, the hooks of the two meet and attributions do not add up.
    """

    def forward(self, features: Tensor) -> Tensor:
        """
        Features as they are.

        Parameters
        ----------
        features : Tensor of any shape
            Features of the layer before.

        Returns
        -------
        Tensor of the same shape
            A view.
        """
        return features.view_as(features)


class ChannelsLast(nn.Module):
    """
    The same numbers, laid out with the filters of a band side by side.

    A convolution of one channel gives the other layout, in which the maximum pool
    behind it is six times as slow as in this one.
    """

    def forward(self, features: Tensor) -> Tensor:
        """
        Features as they are.

        Parameters
        ----------
        features : Tensor of shape (n_samples, n_filters, 1, n_bands)
            Features of the layer before.

        Returns
        -------
        Tensor of the same shape
            A copy, or the features themselves where they lie that way.
        """
        return features.contiguous(memory_format=torch.channels_last)


class FlattenBands(nn.Module):
    """Features of a sample in one row, band by band: the order they lie in."""

    def forward(self, features: Tensor) -> Tensor:
        """
        Features without shape.

        Parameters
        ----------
        features : Tensor of shape (n_samples, n_filters, 1, n_bands)
            Features of the last convolution.

        Returns
        -------
        Tensor of shape (n_samples, n_bands * n_filters)
            The filters of the first band first.
        """
        return features.permute(0, 2, 3, 1).flatten(start_dim=1)


class ResidualBlock(nn.Module):
    """
    Convolution, rectifier, convolution, added to the input.

    Parameters
    ----------
    configuration : ResNetConfiguration
        Says the number of filters, the kernel and the normalisation.
    """

    def __init__(self, configuration: ResNetConfiguration) -> None:
        super().__init__()
        width = configuration.width
        self.first = _convolution(width, width, configuration)
        self.activation = nn.ReLU()
        self.second = _convolution(width, width, configuration)

    def forward(self, features: Tensor) -> Tensor:
        """
        Input plus what the two convolutions add to it.

        Parameters
        ----------
        features : Tensor of shape (n_samples, width, 1, n_bands)
            Features of the layer before.

        Returns
        -------
        Tensor of shape (n_samples, width, 1, n_bands)
            Changed features.
        """
        # Out of place: explainers walk the graph and cannot follow an in-place sum.
        return features + self.second(self.activation(self.first(features)))


class ResNet(nn.Module):
    """
    A residual network from spectra to scaled responses.

    Convolutions run along the bands as two-dimensional ones of height 1, whose
    channels-last kernels are about twice as fast on processors as the
    one-dimensional ones and compute the same. Maximum pools stand before the
    leaky rectifiers instead of behind them: an increasing function commutes with
    the maximum, so the network is the same at half the work.

    Parameters
    ----------
    configuration : ResNetConfiguration
        The layers.
    n_wavelengths : int
        Number of bands; at least ``configuration.minimum_width``.
    n_responses : int
        Number of outputs.
    generator : torch.Generator
        Source of the initial weights; no global seed is read or changed.

    Raises
    ------
    InvalidStudyError
        If the spectra are too narrow for the layers.
    """

    def __init__(
        self,
        configuration: ResNetConfiguration,
        n_wavelengths: int,
        n_responses: int,
        *,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        n_flat = flat_width(configuration, n_wavelengths)
        self.configuration = configuration
        self.n_wavelengths = n_wavelengths
        self.n_responses = n_responses
        self.inputs = InputLayer(configuration, n_wavelengths)
        with torch.device("meta"):  # built empty: torch would draw global numbers
            n_channels, width = len(configuration.channels), configuration.width
            self.stem = nn.Sequential(
                _convolution(n_channels, width, configuration),
                ChannelsLast(),
                nn.MaxPool2d((1, configuration.max_pooling)),
                Separation(),
                nn.LeakyReLU(configuration.negative_slope),
            )
            self.blocks = nn.Sequential(
                *(ResidualBlock(configuration) for _ in range(configuration.n_blocks))
            )
            self.last = nn.Sequential(
                _convolution(width, configuration.last_width, configuration),
                nn.MaxPool2d((1, configuration.max_pooling)),
                Separation(),
                nn.LeakyReLU(configuration.negative_slope),
                FlattenBands(),
            )
            self.dense = _dense_layers(n_flat, configuration)
            n_last = (n_flat, *configuration.dense)[-1]
            self.output = nn.Sequential(nn.Linear(n_last, n_responses))
            if configuration.output == "relu":
                self.output.append(nn.ReLU())
        for stage in STAGES:
            self.get_submodule(stage).to_empty(device="cpu")
            initialise(self.get_submodule(stage), generator)
        self._soften(generator)
        for weight in _weights(self):
            weight.data = weight.data.contiguous(memory_format=torch.channels_last)

    def _soften(self, generator: torch.Generator) -> None:
        """Let every block start close to the identity and the output near its bias."""
        with torch.no_grad():
            for block in self.blocks:
                for weight in _weights(block.get_submodule("second")):
                    weight.mul_(self.configuration.n_blocks**-0.5)
        self.restart_output(torch.full((self.n_responses,), 0.1), generator)

    def restart_output(self, bias: Tensor, generator: torch.Generator) -> None:
        """
        Give the output layer new small weights and a bias.

        Parameters
        ----------
        bias : Tensor of shape (n_responses,)
            Scaled responses predicted before anything is learnt.
        generator : torch.Generator
            Source of the weights, on the processor.
        """
        layer = self.output_layer
        with torch.no_grad():
            weight = torch.empty(layer.weight.shape)
            nn.init.normal_(
                weight, std=0.1 * layer.in_features**-0.5, generator=generator
            )
            layer.weight.copy_(weight)
            layer.bias.copy_(bias)

    @property
    def output_layer(self) -> nn.Linear:
        """
        The last layer that learns.

        Returns
        -------
        torch.nn.Linear
            From the last dense layer to the responses.
        """
        layer = self.output[0]
        assert isinstance(layer, nn.Linear)
        return layer

    def forward(self, X: Tensor) -> Tensor:
        """
        Scaled responses of spectra.

        Parameters
        ----------
        X : Tensor of shape (n_samples, n_wavelengths)
            Spectra as read.

        Returns
        -------
        Tensor of shape (n_samples, n_responses)
            Responses on the scale of the training.
        """
        return self.predict_pooled(self.inputs(X))

    def predict_pooled(self, inputs: Tensor) -> Tensor:
        """
        Scaled responses from what :class:`InputLayer` gave.

        Parameters
        ----------
        inputs : Tensor of shape (n_samples, n_channels, 1, n_pooled)
            Averaged, scaled bands.

        Returns
        -------
        Tensor of shape (n_samples, n_responses)
            Responses on the scale of the training.
        """
        features = self.last(self.blocks(self.stem(inputs)))
        return self.output(self.dense(features))


def flat_width(configuration: ResNetConfiguration, n_wavelengths: int) -> int:
    """
    Number of features between the convolutional and the dense part.

    Parameters
    ----------
    configuration : ResNetConfiguration
        The layers.
    n_wavelengths : int
        Number of bands.

    Returns
    -------
    int
        Bands left after all pools, times the filters of the last convolution.

    Raises
    ------
    InvalidStudyError
        If no band is left.

    Examples
    --------
    >>> flat_width(ResNetConfiguration(), 2100)
    1664
    """
    if n_wavelengths < configuration.minimum_width:
        msg = (
            f"spectra of {n_wavelengths} bands; the network needs at least "
            f"{configuration.minimum_width}: choose a smaller pooling "
            f"({configuration.pooling}) or max_pooling ({configuration.max_pooling})"
        )
        raise InvalidStudyError(msg)
    pooled = n_wavelengths // configuration.pooling_of(n_wavelengths)
    left = pooled // configuration.max_pooling // configuration.max_pooling
    return left * configuration.last_width


def initialise(module: nn.Module, generator: torch.Generator) -> None:
    """
    Draw new weights for every layer of a module.

    Parameters
    ----------
    module : torch.nn.Module
        Part of a network; changed in place.
    generator : torch.Generator
        Source of the weights.

    Notes
    -----
    Weights are normal with variance ``2 / fan_in`` [1]_, biases zero.

    References
    ----------
    .. [1] He, K., Zhang, X., Ren, S. and Sun, J. (2015). Delving deep into
       rectifiers. IEEE International Conference on Computer Vision, 1026-1034.
    """
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, generator=generator)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, nn.BatchNorm2d | nn.GroupNorm):
            layer.reset_parameters()


def stage_parameters(network: ResNet, stages: tuple[str, ...]) -> dict[str, Tensor]:
    """
    Parameters of some stages by their full name.

    Parameters
    ----------
    network : ResNet
        The network.
    stages : tuple of str
        Some of :data:`STAGES`.

    Returns
    -------
    dict of str to Parameter
        In the order of the layers.
    """
    return {
        name: parameter
        for name, parameter in network.named_parameters()
        if name.split(".")[0] in stages
    }


def as_tensor(X: FloatArray) -> Tensor:
    """
    Spectra as the 32-bit tensor that networks take.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_wavelengths)
        Spectra.

    Returns
    -------
    Tensor of shape (n_samples, n_wavelengths)
        A copy in single precision.
    """
    return torch.from_numpy(np.array(X, dtype=np.float32, order="C"))


def _convolution(
    n_in: int, n_out: int, configuration: ResNetConfiguration
) -> nn.Module:
    kernel = configuration.kernel
    convolution = nn.Conv2d(n_in, n_out, (1, kernel), padding=(0, kernel // 2))
    if configuration.normalisation == "batch":
        return nn.Sequential(convolution, nn.BatchNorm2d(n_out))
    if configuration.normalisation == "group":
        return nn.Sequential(convolution, nn.GroupNorm(_n_groups(n_out), n_out))
    return convolution


def _n_groups(width: int) -> int:
    return max(n for n in range(1, 9) if width % n == 0)


def _dense_layers(n_flat: int, configuration: ResNetConfiguration) -> nn.Sequential:
    layers: list[nn.Module] = []
    for n_in, n_out in zip(
        (n_flat, *configuration.dense), configuration.dense, strict=False
    ):
        if configuration.dropout:
            layers.append(Dropout(configuration.dropout))
        layers += [nn.Linear(n_in, n_out), nn.LeakyReLU(configuration.negative_slope)]
    return nn.Sequential(*layers)


def _weights(module: nn.Module) -> Iterator[Tensor]:
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d):
            yield layer.weight
