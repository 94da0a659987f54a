"""What a residual network looks like, written down before it is built."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, Self, TypeAlias

from cerussite.core.errors import InvalidStudyError

Channel: TypeAlias = Literal["raw", "snv", "derivative"]
InputScaling: TypeAlias = Literal["none", "band"]
Normalisation: TypeAlias = Literal["none", "batch", "group"]
Output: TypeAlias = Literal["relu", "linear"]

#: Words allowed for each choice.
CHOICES: dict[str, tuple[str, ...]] = {
    "channels": ("raw", "snv", "derivative"),
    "input_scaling": ("none", "band"),
    "normalisation": ("none", "batch", "group"),
    "output": ("relu", "linear"),
}

#: ``pooling="auto"`` leaves at least this many averaged bands.
N_POOLED_BANDS = 200


@dataclass(frozen=True)
class ResNetConfiguration:
    """
    Layers of a one-dimensional residual network for spectra.

    The defaults are the network of He et al. (2025) [1]_: an average pool, a
    convolution, residual blocks, a convolution, and dense layers, with a
    maximum pool of 2 behind each of the two plain convolutions.

    Attributes
    ----------
    channels : tuple of {"raw", "snv", "derivative"}
        What the network sees, one input channel each: the spectrum as read,
        the same after standard normal variate, and the first derivative of
        that, smoothed over 11 bands.
    input_scaling : {"none", "band"}
        Whether each channel is centred and scaled band by band with means and
        standard deviations of the calibration set.
    pooling : int or "auto"
        Neighbouring bands averaged into one before the first convolution;
        ``"auto"`` keeps about 200 averaged bands whatever the instrument.
    width, last_width : int
        Filters of the first convolution and the blocks; of the last
        convolution.
    n_blocks : int
        Number of residual blocks.
    kernel : int
        Odd length of all convolution kernels, in averaged bands.
    max_pooling : int
        Length and stride of both maximum pools; 1 leaves them out.
    dense : tuple of int
        Widths of the hidden dense layers.
    normalisation : {"none", "batch", "group"}
        Normalisation behind each convolution.
    dropout : float
        Part of the inputs of each dense layer dropped in training.
    negative_slope : float
        Slope of the leaky rectifiers below zero.
    output : {"relu", "linear"}
        Activation of the output; with ``"relu"`` no prediction falls below the
        bottom of the response scale, which is 0 for non-negative responses.

    Raises
    ------
    InvalidStudyError
        If a word is unknown or a number cannot be what it says.

    References
    ----------
    .. [1] He, P. et al. (2025). Sensors 25(13), 4209.

    Examples
    --------
    >>> ResNetConfiguration().minimum_width
    40
    >>> ResNetConfiguration(pooling="auto").pooling_of(2100)
    10
    """

    channels: tuple[Channel, ...] = ("raw",)
    input_scaling: InputScaling = "band"
    pooling: int | Literal["auto"] = 10
    width: int = 48
    last_width: int = 32
    n_blocks: int = 2
    kernel: int = 3
    max_pooling: int = 2
    dense: tuple[int, ...] = (16, 10)
    normalisation: Normalisation = "none"
    dropout: float = 0.0
    negative_slope: float = 0.01
    output: Output = "relu"

    def __post_init__(self) -> None:
        self._check_words()
        self._check_numbers()

    def _check_words(self) -> None:
        for name, allowed in CHOICES.items():
            value = getattr(self, name)
            for word in value if isinstance(value, tuple) else (value,):
                if word not in allowed:
                    msg = (
                        f"{name}: {word!r} is unknown; expected "
                        f"{'some' if name == 'channels' else 'one'} of "
                        f"{', '.join(allowed)}"
                    )
                    raise InvalidStudyError(msg)
        if not self.channels or len(set(self.channels)) != len(self.channels):
            msg = f"channels: {self.channels}; expected at least one, each once"
            raise InvalidStudyError(msg)

    def _check_numbers(self) -> None:
        pooling = 1 if self.pooling == "auto" else self.pooling
        counts: dict[str, Any] = {
            "pooling": pooling,
            "width": self.width,
            "last_width": self.last_width,
            "kernel": self.kernel,
            "max_pooling": self.max_pooling,
            **{f"dense[{i}]": width for i, width in enumerate(self.dense)},
        }
        for name, value in counts.items():
            if not isinstance(value, int) or value < 1:
                msg = f"{name}: {value!r}; expected a whole number of at least 1"
                raise InvalidStudyError(msg)
        if self.n_blocks < 0 or self.kernel % 2 == 0:
            msg = (
                f"n_blocks: {self.n_blocks}, kernel: {self.kernel}; expected no "
                "negative number of blocks and an odd kernel"
            )
            raise InvalidStudyError(msg)
        if not 0 <= self.dropout < 1:
            msg = f"dropout: {self.dropout:g}; expected a fraction from 0 to below 1"
            raise InvalidStudyError(msg)

    @property
    def minimum_width(self) -> int:
        """
        Fewest bands that leave one value behind the last maximum pool.

        Returns
        -------
        int
            Number of wavelengths; two at least where a channel needs them.
        """
        pooling = 1 if self.pooling == "auto" else self.pooling
        least = pooling * self.max_pooling**2
        if "derivative" in self.channels:
            return max(least, 3)
        return max(least, 2) if "snv" in self.channels else least

    def pooling_of(self, n_wavelengths: int) -> int:
        """
        Bands averaged into one for spectra of a given width.

        Parameters
        ----------
        n_wavelengths : int
            Number of bands.

        Returns
        -------
        int
            Length and stride of the average pool.
        """
        if self.pooling == "auto":
            return max(1, n_wavelengths // N_POOLED_BANDS)
        return self.pooling

    def to_dict(self) -> dict[str, Any]:
        """
        Plain values for JSON.

        Returns
        -------
        dict
            One entry a field; tuples become lists.
        """
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """
        Configuration from what :meth:`to_dict` gave.

        Parameters
        ----------
        values : mapping
            Values by field name.

        Returns
        -------
        ResNetConfiguration
            Equal to the one written.

        Raises
        ------
        InvalidStudyError
            If a field is unknown.
        """
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            msg = (
                f"configuration: unknown field {unknown[0]!r}; expected some of "
                f"{', '.join(sorted(known))}"
            )
            raise InvalidStudyError(msg)
        plain: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
        }
        return cls(**plain)


#: The network of He et al. (2025): 59,493 parameters for 2100 bands, one response.
PAPER = ResNetConfiguration()

#: The better default for small calibration sets, chosen by measurement.
ACCURATE = ResNetConfiguration(
    channels=("derivative",),
    pooling="auto",
    dense=(32,),
    dropout=0.2,
    output="linear",
)

#: Configurations by name.
CONFIGURATIONS: dict[str, ResNetConfiguration] = {"paper": PAPER, "accurate": ACCURATE}


def resolve_configuration(
    configuration: str | ResNetConfiguration,
) -> ResNetConfiguration:
    """
    Configuration meant by a name, or the configuration itself.

    Parameters
    ----------
    configuration : {"paper", "accurate"} or ResNetConfiguration
        What a caller asked for.

    Returns
    -------
    ResNetConfiguration
        The layers to build.

    Raises
    ------
    InvalidStudyError
        If there is no configuration of that name.
    """
    if isinstance(configuration, ResNetConfiguration):
        return configuration
    if configuration not in CONFIGURATIONS:
        msg = (
            f"configuration: {configuration!r} is unknown; expected one of "
            f"{', '.join(CONFIGURATIONS)}, or a ResNetConfiguration"
        )
        raise InvalidStudyError(msg)
    return CONFIGURATIONS[configuration]
