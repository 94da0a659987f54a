"""Sizes of adapter and trunk."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, Self, TypeAlias, get_args

from cerussite.core.errors import InvalidStudyError

NumericScaling: TypeAlias = Literal["quantile", "standard"]
NumericEmbedding: TypeAlias = Literal["none", "periodic", "piecewise"]


@dataclass(frozen=True)
class TrunkConfiguration:
    """
    The part of the network that all domains share.

    Attributes
    ----------
    width : int
        Features between the layers.
    n_blocks : int
        Residual blocks: normalisation, dense layer, rectifier, dropout, dense
        layer, added to the input.
    dropout : float
        Part of the features of each block that is left out in training.

    Raises
    ------
    InvalidStudyError
        If a size is impossible.
    """

    width: int = 64
    n_blocks: int = 2
    dropout: float = 0.1

    def __post_init__(self) -> None:
        if self.width < 1 or self.n_blocks < 1 or not 0 <= self.dropout < 1:
            msg = (
                f"width: {self.width}, n_blocks: {self.n_blocks}, dropout: "
                f"{self.dropout:g}; expected at least 1 of each and a part below 1"
            )
            raise InvalidStudyError(msg)

    def to_dict(self) -> dict[str, Any]:
        """
        Plain values for JSON.

        Returns
        -------
        dict
            One entry a field.
        """
        return asdict(self)


@dataclass(frozen=True)
class AdapterConfiguration:
    """
    How the covariates of one domain enter the trunk.

    Attributes
    ----------
    scaling : {"quantile", "standard"}
        Numeric covariates to normal scores of their ranks, which skewed ones need,
        or to mean 0 and standard deviation 1.
    embedding : {"none", "periodic", "piecewise"}
        What the network sees of a scaled number: itself; sines and cosines of it
        with frequencies that are learnt; or how far it fills each of the bins
        between its quantiles [1]_. The last two pass a dense layer of their own.
    embedding_width : int
        Features of an embedded number, and of a category.
    n_frequencies : int
        Frequencies of a periodic embedding.
    frequency_scale : float
        Standard deviation of the frequencies before training.
    n_bins : int
        Bins of a piecewise linear embedding.
    is_missing_visible : bool
        Whether the network is told which numbers are missing; otherwise they count
        as the median (``"quantile"``) or mean. Where missingness gives away the
        survey, False keeps the network from learning the survey instead.

    Raises
    ------
    InvalidStudyError
        If an option is unknown or a size impossible.

    References
    ----------
    .. [1] Gorishniy, Y., Rubachev, I. and Babenko, A. (2022). On embeddings for
       numerical features in tabular deep learning. Advances in Neural Information
       Processing Systems 35.
    """

    scaling: NumericScaling = "quantile"
    embedding: NumericEmbedding = "none"
    embedding_width: int = 8
    n_frequencies: int = 8
    frequency_scale: float = 0.1
    n_bins: int = 8
    is_missing_visible: bool = True

    def __post_init__(self) -> None:
        for name, expected in (
            ("scaling", get_args(NumericScaling)),
            ("embedding", get_args(NumericEmbedding)),
        ):
            if getattr(self, name) not in expected:
                found = getattr(self, name)
                msg = f"{name}: {found!r}; expected one of {', '.join(expected)}"
                raise InvalidStudyError(msg)
        sizes = (self.embedding_width, self.n_frequencies, self.n_bins)
        if min(sizes) < 1 or not self.frequency_scale > 0:
            msg = (
                f"embedding_width, n_frequencies, n_bins: {sizes}, frequency_scale: "
                f"{self.frequency_scale:g}; expected positive numbers"
            )
            raise InvalidStudyError(msg)

    def to_dict(self) -> dict[str, Any]:
        """
        Plain values for JSON.

        Returns
        -------
        dict
            One entry a field.
        """
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """
        Configuration from what :meth:`to_dict` gave.

        Parameters
        ----------
        values : dict
            Values by field name.

        Returns
        -------
        AdapterConfiguration
            Equal to the one written.
        """
        return cls(**values)
