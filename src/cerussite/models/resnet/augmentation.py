"""Small changes of spectra that do not change the sample."""

from dataclasses import dataclass

import torch
from torch import Tensor

from cerussite.core.errors import InvalidStudyError
from cerussite.models.resnet.architecture import InputLayer

#: Step of the numerical derivative, in units of the changes.
STEP = 1e-3


@dataclass(frozen=True)
class Augmentation:
    """
    Sizes of the random changes made to every spectrum of a training batch.

    Offset, slope and gain are what particle size and the geometry of the
    measurement do to a spectrum [1]_; noise is the instrument's.

    Attributes
    ----------
    offset, slope : float
        Standard deviation of an added constant, and of an added straight line
        from -1 to 1 over the bands, in typical standard deviations of a band
        over the calibration set.
    gain : float
        Standard deviation of the relative change of the whole spectrum.
    noise : float
        Standard deviation of white noise added to the averaged, scaled bands.

    References
    ----------
    .. [1] Bjerrum, E. J., Glahder, M. and Skov, T. (2017). Data augmentation of
       spectral data for convolutional neural network (CNN) based deep
       chemometrics. arXiv 1710.01927.
    """

    offset: float = 0.1
    slope: float = 0.1
    gain: float = 0.02
    noise: float = 0.05


def resolve_augmentation(
    augmentation: Augmentation | str | None,
) -> Augmentation | None:
    """
    Augmentation meant by a name, or the augmentation itself.

    Parameters
    ----------
    augmentation : "light", Augmentation or None
        What a caller asked for.

    Returns
    -------
    Augmentation or None
        Sizes of the changes; None leaves spectra as they are.

    Raises
    ------
    InvalidStudyError
        If there is no augmentation of that name.
    """
    if augmentation == "light":
        return Augmentation()
    if isinstance(augmentation, str):
        msg = f"augmentation: {augmentation!r} is unknown; expected 'light' or None"
        raise InvalidStudyError(msg)
    return augmentation


class Augmenter:
    """
    Augmentation of inputs that were already scaled and averaged.

    What an offset, a slope or a gain of the raw spectrum does behind the input
    layer is its derivative there: exact for the raw channel, which is linear,
    and of first order for the others.

    Parameters
    ----------
    augmentation : Augmentation
        Sizes of the changes.
    inputs : InputLayer
        Scaled on the calibration set.
    X : Tensor of shape (n_samples, n_wavelengths)
        Spectra of the calibration set.
    generator : torch.Generator
        Source of the changes, on the processor.
    """

    def __init__(
        self,
        augmentation: Augmentation,
        inputs: InputLayer,
        X: Tensor,
        *,
        generator: torch.Generator,
    ) -> None:
        X = X.double()
        unit = X.std(dim=0, correction=0).square().mean().sqrt()
        mean = X.mean(dim=0, keepdim=True)
        line = torch.linspace(-1, 1, X.shape[1], dtype=X.dtype, device=X.device)
        changes = (
            augmentation.offset * unit * torch.ones_like(mean),
            augmentation.slope * unit * line.unsqueeze(0),
            augmentation.gain * mean,
        )
        directions = [_derivative(inputs, mean, change) for change in changes]
        self._directions = torch.cat(directions).float()
        self._noise = augmentation.noise
        self._generator = generator

    def __call__(self, inputs: Tensor) -> Tensor:
        """
        Changed inputs, different at every call.

        Parameters
        ----------
        inputs : Tensor of shape (n_samples, n_channels, 1, n_pooled)
            What the input layer gave.

        Returns
        -------
        Tensor of shape (n_samples, n_channels, 1, n_pooled)
            The same samples, measured slightly differently.
        """
        n_samples = inputs.shape[0]
        sizes = self._normal(n_samples, 3).to(inputs.device)
        changed = inputs + torch.tensordot(sizes, self._directions, dims=1)
        if self._noise:
            noise = self._normal(*inputs.shape).to(inputs.device)
            changed = changed + self._noise * noise
        return changed

    def _normal(self, *shape: int) -> Tensor:
        return torch.randn(*shape, generator=self._generator)


def _derivative(inputs: InputLayer, mean: Tensor, change: Tensor) -> Tensor:
    # Differences, for forward derivatives of torch compile on first use and warn.
    with torch.no_grad():
        above, below = inputs(mean + STEP * change), inputs(mean - STEP * change)
    return (above - below) / (2 * STEP)
