"""Concentrations of a survey with all that must be known to judge them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from cerussite.assessment.checks import check_concentrations
from cerussite.assessment.draws import interval_of_draws
from cerussite.core.elements import is_element
from cerussite.core.errors import InvalidConcentrationError
from cerussite.core.survey import Survey
from cerussite.core.types import FloatArray

#: Numbers in one block of draws: 16 MiB of them, however many draws there are.
BLOCK_SIZE = 2_097_152
#: What may have been done to concentrations for grain size.
NORMALISATIONS = ("none", "aluminium", "soil_type")


@dataclass(frozen=True, eq=False)
class Concentrations:
    """
    Concentrations of elements in samples of soil or sediment.

    Attributes
    ----------
    sample_ids : tuple of str
        Names of the samples.
    elements : tuple of str
        Columns: symbols, or species such as ``"Cr(VI)"``. ``"Cr"`` is total
        chromium.
    values : ndarray of shape (n_samples, n_elements)
        Measured or predicted, in mg/kg dry mass, above zero; NaN where not
        measured.
    draws : ndarray of shape (n_draws, n_samples, n_elements), optional
        Posterior, conformal or imputed draws of the same, in mg/kg dry mass;
        where they are given, intervals and probabilities come from them and the
        value of an index is their median.
    units : tuple of str, optional
        Unit of each column as handed over; anything but mg/kg is refused.
    procedures : tuple of str, optional
        Procedure of each column, ``""`` where unknown.
    medium : str
        ``"soil"``, ``"freshwater sediment"``, ``"marine sediment"`` ...; empty
        where unknown.
    normalisation : {"none", "aluminium", "soil_type"}
        What has been done to the concentrations for grain size.
    ph, clay, organic_matter : ndarray of shape (n_samples,), optional
        pH; fraction below 2 µm and organic matter in % of dry mass.

    Raises
    ------
    InvalidConcentrationError
        If shapes disagree, units are mixed or not mg/kg, the normalisation is
        unknown, a concentration is zero, negative or infinite, or draws miss
        where values do not.
    """

    sample_ids: tuple[str, ...]
    elements: tuple[str, ...]
    values: FloatArray
    draws: FloatArray | None = None
    units: tuple[str, ...] = ()
    procedures: tuple[str, ...] = ()
    medium: str = ""
    normalisation: str = "none"
    ph: FloatArray | None = None
    clay: FloatArray | None = None
    organic_matter: FloatArray | None = None

    def __post_init__(self) -> None:
        self._check_units()
        self._check_normalisation()
        self._check_shapes()
        check_concentrations(self.values, elements=self.elements)
        if self.draws is not None:
            check_concentrations(self.draws, elements=self.elements)
            self._check_draws(self.draws)

    def _check_units(self) -> None:
        if self.units and set(self.units) != {"mg/kg"}:
            wrong = [
                f"{element} in {unit}"
                for element, unit in zip(self.elements, self.units, strict=True)
                if unit != "mg/kg"
            ]
            mixed = "mixed units: " if len(set(self.units)) > 1 else ""
            msg = (
                f"{mixed}{', '.join(wrong)}; expected mg/kg dry mass for every element: "
                "convert first"
            )
            raise InvalidConcentrationError(msg)

    def _check_normalisation(self) -> None:
        if self.normalisation not in NORMALISATIONS:
            msg = (
                f"normalisation {self.normalisation!r}; expected one of "
                f"{', '.join(NORMALISATIONS)}"
            )
            raise InvalidConcentrationError(msg)

    def _check_shapes(self) -> None:
        n_samples, n_elements = len(self.sample_ids), len(self.elements)
        expected: dict[str, tuple[object, object]] = {
            "values": (self.values.shape, (n_samples, n_elements)),
            "procedures": (len(self.procedures) or n_elements, n_elements),
            "draws": (
                (n_samples, n_elements) if self.draws is None else self.draws.shape[1:],
                (n_samples, n_elements),
            ),
        }
        for name in ("ph", "clay", "organic_matter"):
            column = getattr(self, name)
            if column is not None:
                expected[name] = column.shape, (n_samples,)
        for name, (found, wanted) in expected.items():
            if found != wanted:
                msg = f"{name} of size {found}; expected {wanted}"
                raise InvalidConcentrationError(msg)
        for name, names in (("sample", self.sample_ids), ("element", self.elements)):
            if len(set(names)) != len(names):
                msg = f"a {name} occurs twice; expected each {name} once"
                raise InvalidConcentrationError(msg)

    def _check_draws(self, draws: FloatArray) -> None:
        if not len(draws):
            msg = "no draws; expected at least one, or None"
            raise InvalidConcentrationError(msg)
        missing = np.isnan(self.values)
        for rows in self.blocks():
            n_missing = np.count_nonzero(np.isnan(draws[:, rows]), axis=0)
            bad = n_missing != np.where(missing[rows], len(draws), 0)
            if bad.any():
                row, column = np.argwhere(bad)[0]
                msg = (
                    f"{n_missing[row, column]} of {len(draws)} draws are missing "
                    f"for {self.elements[column]} of sample "
                    f"{self.sample_ids[rows.start + row]!r}; expected all where the "
                    "value is missing and none elsewhere"
                )
                raise InvalidConcentrationError(msg)

    @classmethod
    def from_draws(
        cls, draws: FloatArray, *, sample_ids: Sequence[str], elements: Sequence[str]
    ) -> Self:
        """
        Concentrations known by draws alone; values are their medians.

        Parameters
        ----------
        draws : ndarray of shape (n_draws, n_samples, n_elements)
            In mg/kg dry mass.
        sample_ids, elements : sequence of str
            Names of samples and columns.

        Returns
        -------
        Concentrations
            Use :func:`dataclasses.replace` to add procedures and the rest.

        Examples
        --------
        >>> draws = np.array([[[1.0]], [[2.0]], [[4.0]]])
        >>> Concentrations.from_draws(draws, sample_ids=["a"], elements=["Pb"]).values
        array([[2.]])
        """
        values = np.empty(draws.shape[1:])
        step = max(1, BLOCK_SIZE // max(1, draws[:, :1].size))
        for start in range(0, draws.shape[1], step):
            rows = slice(start, start + step)
            values[rows] = interval_of_draws(draws[:, rows])[1]
        return cls(tuple(sample_ids), tuple(elements), values, draws)

    @classmethod
    def from_survey(cls, survey: Survey, *, draws: FloatArray | None = None) -> Self:
        """
        The elements of a survey.

        Parameters
        ----------
        survey : Survey
            Responses that are elements become columns; responses ``pH`` and
            ``clay`` are taken along.
        draws : ndarray of shape (n_draws, n_samples, n_elements), optional
            Imputed or posterior draws of these elements in mg/kg dry mass;
            needed where values lie below the detection limit.

        Returns
        -------
        Concentrations
            With the procedures of the survey.

        Raises
        ------
        InvalidConcentrationError
            If there is no element, or values lie below the detection limit and no
            draws are given.
        """
        columns = [
            i for i, name in enumerate(survey.response_names) if is_element(name)
        ]
        if not columns:
            msg = (
                f"{survey.name}: no element among {', '.join(survey.response_names)}; "
                "expected responses named by symbol"
            )
            raise InvalidConcentrationError(msg)
        names = tuple(survey.response_names[column] for column in columns)
        ids = tuple(str(name) for name in survey.samples.index)
        if draws is not None:
            found = cls.from_draws(draws, sample_ids=ids, elements=names)
        else:
            _check_detected(survey, columns)
            found = cls(ids, names, survey.y[:, columns].astype(np.float64))
        clay = _property(survey, "clay")
        return replace(
            found,
            procedures=tuple(survey.responses[column].procedure for column in columns),
            ph=_property(survey, "pH"),
            clay=None if clay is None else clay / 10,
        )

    def blocks(self, n_draws: int | None = None) -> Iterator[slice]:
        """
        Slices of samples whose draws fit into one block of memory.

        Parameters
        ----------
        n_draws : int, optional
            Draws of something else, such as exposure factors, where there are
            none of concentrations.

        Yields
        ------
        slice
            Of rows, in order; one slice of all rows where there are no draws.
        """
        n_drawn = n_draws if self.draws is None else len(self.draws)
        if n_drawn is None:
            yield slice(0, len(self.sample_ids))
            return
        step = max(1, BLOCK_SIZE // max(1, n_drawn * len(self.elements)))
        for start in range(0, len(self.sample_ids), step):
            yield slice(start, min(start + step, len(self.sample_ids)))

    def columns(self, elements: Sequence[str]) -> list[int]:
        """
        Positions of elements.

        Parameters
        ----------
        elements : sequence of str
            Names of columns.

        Returns
        -------
        list of int
            In the order asked for.

        Raises
        ------
        InvalidConcentrationError
            If an element was not measured.
        """
        missing = [element for element in elements if element not in self.elements]
        if missing:
            msg = (
                f"{', '.join(missing)} not measured; measured are "
                f"{', '.join(self.elements)}"
            )
            raise InvalidConcentrationError(msg)
        return [self.elements.index(element) for element in elements]

    def procedure_of(self, element: str) -> str:
        """
        Procedure by which an element was measured.

        Parameters
        ----------
        element : str
            Name of a column.

        Returns
        -------
        str
            Empty where it is not known.
        """
        if not self.procedures:
            return ""
        return self.procedures[self.elements.index(element)]


def _check_detected(survey: Survey, columns: list[int]) -> None:
    if survey.is_censored is None:
        return
    n_below = np.count_nonzero(survey.is_censored[:, columns], axis=0)
    if n_below.any():
        where = ", ".join(
            f"{survey.response_names[column]} {n}"
            for column, n in zip(columns, n_below, strict=True)
            if n
        )
        msg = (
            f"{survey.name}: values below the detection limit ({where}); impute them "
            "and hand over the draws, for the limit itself is no concentration"
        )
        raise InvalidConcentrationError(msg)


def _property(survey: Survey, name: str) -> FloatArray | None:
    """A response in every sample, or None."""
    if name not in survey.response_names:
        return None
    return np.asarray(survey.y[:, survey.response_names.index(name)])
