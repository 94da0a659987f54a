"""What is explained, against which background, and in which parts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from cerussite.core.types import FloatArray
from cerussite.explanation.features import Features
from cerussite.explanation.inputs import (
    Samples,
    check_background,
    features_of,
    values_of,
)


@dataclass(frozen=True, eq=False)
class Contrast:
    """
    Samples to explain, contrasted with a background; checked once, here.

    An explanation answers: why is this prediction not the one of the background?
    The calibration set, or a random part of it, is the usual background.

    Attributes
    ----------
    samples : Spectra or DataFrame
        What is explained: spectra, or covariates with one column each.
    background : Spectra or DataFrame
        On the same wavelengths in the same quantity, or with the same columns.
    responses : sequence of str
        Names of the responses of the model.
    features : Features or None
        What shares one contribution; None leaves it to the model, or gives every
        column its own.

    Raises
    ------
    InvalidSpectraError
        If the background has other wavelengths or another quantity.
    InvalidStudyError
        If a table has other columns, or there is no sample.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"clay": [100.0, 300.0], "pH": [5.0, 7.0]})
    >>> Contrast(table, table, ["Pb"]).parts.names
    ('clay', 'pH')
    """

    samples: Samples
    background: Samples
    responses: Sequence[str]
    features: Features | None = field(default=None)

    def __post_init__(self) -> None:
        check_background(self.samples, self.background)
        features_of(self.samples, self.features)

    @cached_property
    def X(self) -> FloatArray:  # noqa: N802 - the field's name for spectra
        """
        Numbers of the samples.

        Returns
        -------
        ndarray of shape (n_samples, n_columns)
            As 64-bit floats.
        """
        return values_of(self.samples)

    @cached_property
    def reference(self) -> FloatArray:
        """
        Numbers of the background.

        Returns
        -------
        ndarray of shape (n_background, n_columns)
            As 64-bit floats.
        """
        return values_of(self.background)

    @cached_property
    def parts(self) -> Features:
        """
        Features asked for, or one for each column.

        Returns
        -------
        Features
            On the columns of the samples.
        """
        return features_of(self.samples, self.features)
