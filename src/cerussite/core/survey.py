"""A survey: samples, what was measured on them, and how."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd

from cerussite.core.errors import InvalidConcentrationError, InvalidSurveyError
from cerussite.core.spectra import Spectra
from cerussite.core.types import BoolArray, FloatArray
from cerussite.core.units import canonical_unit


@dataclass(frozen=True)
class Response:
    """
    A measured property and how it was measured.

    Attributes
    ----------
    name : str
        An element by symbol (``"Pb"``), or a property (``"clay"``, ``"pH"``).
    unit : str
        Unit inside: mg/kg dry mass for elements, g/kg for constituents.
    procedure : str
        What was measured how: ``"total_hf"``, ``"aqua_regia"``, ``"xrf"``,
        ``"dtpa"`` ...; empty where the source does not say.

    Raises
    ------
    InvalidConcentrationError
        If the unit is not the one used inside for this response.
    """

    name: str
    unit: str
    procedure: str = ""

    def __post_init__(self) -> None:
        inside, factor = canonical_unit(self.name, self.unit)
        if inside != self.unit:
            msg = (
                f"{self.name} in {self.unit}; expected {inside}: multiply the values "
                f"by {factor:g} first"
            )
            raise InvalidConcentrationError(msg)


@dataclass(frozen=True, eq=False)
class Survey:
    """
    Samples with spectra, covariates and responses, checked once where it is born.

    Attributes
    ----------
    samples : DataFrame of n_samples rows
        Indexed by ``sample_id`` (text, unique). Columns with a meaning:
        ``specimen`` (rows of one physical sample, such as replicate scans,
        share it), ``group`` (rows that must not be split in grouped
        validation: site, profile, port), ``easting`` and ``northing`` in m.
        Others are kept as they are.
    responses : tuple of Response
        What the columns of ``y`` are.
    y : ndarray of shape (n_samples, n_responses)
        Measured values in the unit of each response; NaN means not measured
        and nothing else. Where ``is_censored``, the detection limit.
    is_censored : ndarray of bool, shape (n_samples, n_responses), or None
        True where the value lies somewhere below the limit in ``y``; None when
        nothing is censored.
    spectra : Spectra or None
        One spectrum a sample, in the same order.
    covariates : DataFrame or None
        One row a sample, same index as ``samples``.
    crs : str or None
        Coordinate reference system of ``easting`` and ``northing``.
    name : str
        Short name of the data, for messages and the report.
    licence, citation : str
        As the provider states them; empty where unknown.
    notes : tuple of str
        What was decided or converted on the way in; the report prints it.

    Raises
    ------
    InvalidSurveyError
        If shapes disagree, ids repeat, or a specimen lies in two groups.
    InvalidConcentrationError
        If a value is negative or infinite, or a censored value has no limit.
    """

    samples: pd.DataFrame
    responses: tuple[Response, ...]
    y: FloatArray
    is_censored: BoolArray | None = None
    spectra: Spectra | None = None
    covariates: pd.DataFrame | None = None
    crs: str | None = None
    name: str = "survey"
    licence: str = ""
    citation: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._check_ids()
        self._check_shapes()
        self._check_values()
        self._check_groups()

    def _check_ids(self) -> None:
        index = self.samples.index
        repeated = index[index.duplicated()].unique().tolist()
        if repeated:
            msg = (
                f"{self.name}: {len(repeated)} sample ids occur more than once (first: "
                f"{repeated[0]!r}); make them unique, or say that they are replicates"
            )
            raise InvalidSurveyError(msg)
        if index.isna().any() or (index == "").any():
            msg = f"{self.name}: empty sample ids; give every sample an id"
            raise InvalidSurveyError(msg)

    def _check_shapes(self) -> None:
        expected = (len(self.samples), len(self.responses))
        if self.y.shape != expected:
            msg = f"{self.name}: y of shape {self.y.shape}; expected {expected}"
            raise InvalidSurveyError(msg)
        names = self.response_names
        if len(set(names)) != len(names):
            msg = f"{self.name}: responses occur twice in {names}; expected each once"
            raise InvalidSurveyError(msg)
        if self.is_censored is not None and self.is_censored.shape != expected:
            msg = (
                f"{self.name}: is_censored of shape {self.is_censored.shape}; "
                f"expected {expected}"
            )
            raise InvalidSurveyError(msg)
        if self.spectra is not None and self.spectra.n_samples != expected[0]:
            msg = (
                f"{self.name}: {self.spectra.n_samples} spectra for {expected[0]} "
                "samples; expected one each"
            )
            raise InvalidSurveyError(msg)
        if self.covariates is not None and not self.covariates.index.equals(
            self.samples.index
        ):
            msg = f"{self.name}: covariates are not indexed by the same sample ids"
            raise InvalidSurveyError(msg)

    def _check_values(self) -> None:
        is_mass = np.array([r.unit in {"mg/kg", "g/kg"} for r in self.responses], bool)
        bad = np.isinf(self.y) | ((self.y < 0) & is_mass[np.newaxis, :])
        if bad.any():
            row, column = np.argwhere(bad)[0]
            response = self.responses[column]
            msg = (
                f"{self.name}: {int(bad.sum())} impossible concentrations (first: "
                f"sample {self.samples.index[row]!r}, {response.name} = "
                f"{self.y[row, column]:g} {response.unit}); expected values >= 0, an "
                "empty cell where not measured, '<limit' below the detection limit"
            )
            raise InvalidConcentrationError(msg)
        if self.is_censored is not None and np.isnan(self.y[self.is_censored]).any():
            msg = f"{self.name}: a censored value has no detection limit in y"
            raise InvalidConcentrationError(msg)

    def _check_groups(self) -> None:
        if "group" not in self.samples or "specimen" not in self.samples:
            return
        n_groups = self.samples.groupby("specimen")["group"].nunique()
        split = n_groups.index[n_groups > 1].tolist()
        if split:
            msg = (
                f"{self.name}: specimen {split[0]!r} lies in {n_groups[split[0]]} "
                "groups; expected all its rows in one"
            )
            raise InvalidSurveyError(msg)

    @property
    def n_samples(self) -> int:
        """
        Number of rows.

        Returns
        -------
        int
            Rows of ``samples``.
        """
        return len(self.samples)

    @property
    def response_names(self) -> list[str]:
        """
        Names of the responses.

        Returns
        -------
        list of str
            In the order of the columns of ``y``.
        """
        return [response.name for response in self.responses]

    @cached_property
    def specimens(self) -> np.ndarray:
        """
        Labels of physical samples: rows that share one must never be split.

        Returns
        -------
        ndarray of shape (n_samples,)
            Integer labels; all different where there are no replicates.

        Raises
        ------
        InvalidSurveyError
            If some rows have a specimen and others none.
        """
        if "specimen" not in self.samples:
            return np.arange(self.n_samples)
        specimens = self.samples["specimen"]
        if specimens.isna().any():
            first = specimens.index[specimens.isna()][0]
            msg = (
                f"{self.name}: {int(specimens.isna().sum())} samples have no specimen "
                f"(first: {first!r}); give every sample one"
            )
            raise InvalidSurveyError(msg)
        return pd.factorize(specimens)[0]

    @cached_property
    def groups(self) -> np.ndarray | None:
        """
        Labels for grouped validation.

        Returns
        -------
        ndarray of shape (n_samples,) or None
            Labels as given in ``samples["group"]``; None where there are none.

        Raises
        ------
        InvalidSurveyError
            If some samples have a group and others none.
        """
        if "group" not in self.samples:
            return None
        groups = self.samples["group"]
        if groups.isna().any():
            first = groups.index[groups.isna()][0]
            msg = (
                f"{self.name}: {int(groups.isna().sum())} samples have no group "
                f"(first: {first!r}); give every sample one"
            )
            raise InvalidSurveyError(msg)
        return groups.to_numpy(dtype=object)

    def take(self, rows: object) -> Self:
        """
        Some samples, in the order asked for.

        Parameters
        ----------
        rows : array_like of int or bool
            Positions or mask of the samples to keep.

        Returns
        -------
        Survey
            The chosen samples with all that belongs to them.
        """
        chosen = np.asarray(rows)
        return replace(
            self,
            samples=self.samples.iloc[_positions(chosen)],
            y=self.y[chosen],
            is_censored=None if self.is_censored is None else self.is_censored[chosen],
            spectra=None if self.spectra is None else self.spectra.take(chosen),
            covariates=(
                None
                if self.covariates is None
                else self.covariates.iloc[_positions(chosen)]
            ),
        )

    def with_responses(self, names: list[str]) -> Self:
        """
        The same samples with some of the responses, in the order asked for.

        Parameters
        ----------
        names : list of str
            Names of the responses to keep.

        Returns
        -------
        Survey
            All samples; columns of ``y`` follow ``names``.

        Raises
        ------
        InvalidSurveyError
            If a response is not there; the message lists those that are.
        """
        missing = [name for name in names if name not in self.response_names]
        if missing:
            msg = (
                f"{self.name}: no response {missing[0]!r}; expected one of "
                f"{', '.join(self.response_names)}"
            )
            raise InvalidSurveyError(msg)
        columns = [self.response_names.index(name) for name in names]
        return replace(
            self,
            responses=tuple(self.responses[column] for column in columns),
            y=self.y[:, columns],
            is_censored=(
                None if self.is_censored is None else self.is_censored[:, columns]
            ),
        )

    def with_spectra(self, spectra: Spectra) -> Self:
        """
        The same samples with other spectra, such as resampled ones.

        Parameters
        ----------
        spectra : Spectra
            One spectrum a sample, in the order of ``samples``.

        Returns
        -------
        Survey
            All else unchanged.
        """
        return replace(self, spectra=spectra)


def _positions(rows: np.ndarray) -> np.ndarray:
    return np.flatnonzero(rows) if rows.dtype == bool else rows
