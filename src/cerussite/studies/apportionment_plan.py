"""What an apportionment may be told: one model a block, no key not listed here."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from cerussite.apportionment import (
    Category,
    KnownProfile,
    KnownRatio,
    Zero,
)
from cerussite.studies.data_blocks import Block

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]


class Duplicates(Block):
    """
    Samples determined twice, side by side in one table.

    Attributes
    ----------
    file : Path
        One row a pair.
    first, second : str
        What stands before the name of a species in the two columns of a pair,
        such as ``F1_`` and ``F2_``.
    detection_limits : Path or dict of str to float or None
        Limits of these analyses; pairs with a value at or below tell nothing.
    """

    file: Path
    first: str
    second: str
    detection_limits: Path | dict[str, float] | None = None


class ReceptorTables(Block):
    """
    Where concentrations and uncertainties are, and how they are read.

    Attributes
    ----------
    concentrations : Path
        CSV, TSV, XLSX or Parquet table, one row a sample.
    uncertainties : Path or None
        The same samples and species: one standard deviation of each value.
    sheets : tuple of two str or None
        Sheets of one workbook that hold concentrations and uncertainties, as EPA
        PMF takes them.
    error_fraction : float or dict of str to float or None
        Relative standard deviation of an analysis, of all or by species; needs
        detection limits.
    duplicates : Duplicates or None
        Where error fractions come from instead.
    detection_limits : Path or dict of str to float or None
        Limits by species, or a table with columns ``species``,
        ``detection_limit`` and perhaps ``error_fraction``, or the table of EPA
        PMF: a column a species, limits in the first row, errors in percent in
        the second.
    sample_id : list of str
        Columns that name a sample; the first column if empty.
    date, easting, northing, longitude, latitude : str or None
        Columns; found by these names where nothing is said.
    date_format : str or None
        Such as ``%d/%m/%Y``, where day and month cannot be told apart.
    crs : str
        Coordinate reference system of easting and northing.
    species : list of str
        Columns to take; all that are no id, date or coordinate if empty.
    leave_out : list of str
        Columns not to take.
    unit : str or dict of str to str
        Unit where the header does not say it.
    """

    concentrations: Path
    uncertainties: Path | None = None
    sheets: tuple[str, str] | None = None
    error_fraction: float | dict[str, float] | None = None
    duplicates: Duplicates | None = None
    detection_limits: Path | dict[str, float] | None = None
    sample_id: list[str] = Field(default_factory=list)
    date: str | None = None
    date_format: str | None = None
    easting: str | None = None
    northing: str | None = None
    longitude: str | None = None
    latitude: str | None = None
    crs: str = ""
    species: list[str] = Field(default_factory=list)
    leave_out: list[str] = Field(default_factory=list)
    unit: str | dict[str, str] = ""

    @field_validator("sample_id", mode="before")
    @classmethod
    def _one_id_is_a_list(cls, given: Any) -> Any:
        return [given] if isinstance(given, str) else given

    @model_validator(mode="after")
    def _uncertainties_have_one_source(self) -> Self:
        places = {
            "uncertainties": self.uncertainties,
            "sheets": self.sheets,
            "error_fraction": self.error_fraction,
            "duplicates": self.duplicates,
        }
        given = [name for name, place in places.items() if place is not None]
        if len(given) > 1:
            msg = f"uncertainties from {' and '.join(given)}; expected one of them"
            raise ValueError(msg)
        if not given and self.detection_limits is None:
            msg = (
                "uncertainties: not found; expected a table of them, or error_fraction "
                "with detection_limits: half of the answer is in them"
            )
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _coordinates_come_in_pairs(self) -> Self:
        for pair in (("easting", "northing"), ("longitude", "latitude")):
            given = [name for name in pair if getattr(self, name)]
            if len(given) == 1:
                msg = f"{given[0]} alone; expected {' and '.join(pair)}"
                raise ValueError(msg)
        return self


class Ratio(Block):
    """
    A known ratio of two species within a profile.

    Attributes
    ----------
    of, to : str
        Numerator and denominator.
    value : float
        Their ratio, in the units of the table.
    """

    of: str
    to: str
    value: Positive


class Constraint(Block):
    """
    What is known of one factor: one of ``zero``, ``profile`` and ``ratio``.

    Attributes
    ----------
    factor : int
        Number of the factor in the free solution.
    zero : list of str
        Species that it has none of.
    profile : dict of str to float
        Known proportions of two or more species.
    ratio : Ratio or None
        Known ratio of two.
    relative_error : float or None
        Standard deviation of profile or ratio, relative; smaller pulls harder.
    """

    factor: Annotated[int, Field(ge=1)]
    zero: list[str] = Field(default_factory=list)
    profile: dict[str, float] = Field(default_factory=dict)
    ratio: Ratio | None = None
    relative_error: Positive | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if sum(map(bool, (self.zero, self.profile, self.ratio))) != 1:
            msg = "expected one of zero, profile and ratio"
            raise ValueError(msg)
        if bool(self.zero) == (self.relative_error is not None):
            msg = "expected relative_error beside profile or ratio, and nowhere else"
            raise ValueError(msg)
        return self

    def as_wish(self) -> Zero | KnownProfile | KnownRatio:
        """
        The same as the room of apportionment takes it.

        Returns
        -------
        Zero, KnownProfile or KnownRatio
            About ``factor N``.
        """
        factor, error = f"factor {self.factor}", self.relative_error or 0.0
        if self.zero:
            return Zero(factor, tuple(self.zero))
        if self.ratio is not None:
            ratio = self.ratio
            return KnownRatio(factor, ratio.of, ratio.to, ratio.value, error)
        return KnownProfile(factor, self.profile, error)

    def in_words(self) -> str:
        """
        The same for tables.

        Returns
        -------
        str
            Such as ``"factor 1 has no Ni"``.
        """
        if self.zero:
            return f"factor {self.factor} has no {', '.join(self.zero)}"
        error = f"± {100 * (self.relative_error or 0.0):g} %"
        if self.ratio is not None:
            ratio = self.ratio
            return f"factor {self.factor} has {ratio.of}/{ratio.to} = {ratio.value:g} {error}"
        listed = " : ".join(f"{name} {value:g}" for name, value in self.profile.items())
        return f"factor {self.factor} has {listed} {error}"


class Blocks(Block):
    """
    Samples that the bootstrap draws together: one of the three.

    Attributes
    ----------
    column : str or None
        Column of labels.
    days : float or None
        Length of a stretch of time.
    kilometres : float or None
        Side of a cell of the map.
    """

    column: str | None = None
    days: Positive | None = None
    kilometres: Positive | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        given = (self.column, self.days, self.kilometres)
        if sum(each is not None for each in given) != 1:
            msg = "expected one of column, days and kilometres"
            raise ValueError(msg)
        return self


class Background(Block):
    """
    What concentrations are held against for enrichment.

    Attributes
    ----------
    file : Path
        Table of the same sites (a deeper horizon), or of one row.
    sample_id : str or None
        Column of the ids of the sites; None for a table of one row.
    reference : str
        Conservative element: Al, Sc, Ti ...
    columns : dict of str to str
        Columns of the table by species, where they are named otherwise.
    """

    file: Path
    sample_id: str | None = None
    reference: str
    columns: dict[str, str] = Field(default_factory=dict)


class Origin(Block):
    """
    What is needed to call a metal geogenic or anthropogenic.

    Attributes
    ----------
    markers : dict of str to list of str
        Species that mark a class of sources, by class.
    anthropogenic : list of str
        Classes of human origin.
    metals : list of str
        Species to judge; all if empty.
    background : Background or None
        Where there is none, receptor models alone cannot decide.
    """

    markers: dict[str, list[str]]
    anthropogenic: list[str]
    metals: list[str] = Field(default_factory=list)
    background: Background | None = None

    @model_validator(mode="after")
    def _classes_are_marked(self) -> Self:
        unknown = [name for name in self.anthropogenic if name not in self.markers]
        if unknown or not self.anthropogenic:
            msg = (
                f"anthropogenic classes {self.anthropogenic}; expected some of "
                f"{', '.join(self.markers)}"
            )
            raise ValueError(msg)
        return self


class Apportionment(Block):
    """
    An apportionment: data, number of factors, and what is asked beside.

    Attributes
    ----------
    kind : {"apportionment"}
        Tells such a file from other studies.
    name : str
        Letters, digits, '-' and '_'.
    title, question : str
        For the report.
    data : ReceptorTables
        Where the data are.
    factors : int, "auto" or list of int
        Number of factors; chosen by held-out cells among the list, or among all
        up to ten.
    starts : int
        Random starts of the factorisation.
    robust : bool
        Whether residuals beyond four uncertainties weigh less.
    categories : dict of str to {"strong", "weak", "bad"} or "suggested"
        Of species; ``suggested`` takes what signal to noise suggests.
    total : str or None
        Species that is the sum of the others; made weak.
    extra_uncertainty : float
        Of the model, as a share of each concentration.
    errors : {"none", "quick", "full"}
        ``quick``: displacement at dQ 4 and fifty resamples. ``full``: four
        levels, a hundred resamples, errors of analysis alone, and displacement
        within resamples.
    resamples : int or None
        Resamples in place of these numbers.
    displaced_species : list of str
        Species displaced within resamples; that of which each factor has most if
        empty.
    displaced_resamples : int
        Resamples for this.
    blocks : Blocks or None
        Samples drawn together.
    constraints : list of Constraint
        Prior knowledge, about the factors of the free solution.
    f_peak : list of float
        Rotations to try.
    origin : Origin or None
        For verdicts.
    random_state : int
        Seed of all that is random.
    """

    kind: Literal["apportionment"]
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")] = "apportionment"
    title: str = ""
    question: str = ""
    data: ReceptorTables
    factors: int | str | list[int]
    starts: Annotated[int, Field(ge=1)] = 20
    robust: bool = False
    categories: dict[str, Category] | Literal["suggested"] = Field(default_factory=dict)
    total: str | None = None
    extra_uncertainty: Share = 0.0
    errors: Literal["none", "quick", "full"] = "quick"
    resamples: Annotated[int, Field(ge=2)] | None = None
    displaced_species: list[str] = Field(default_factory=list)
    displaced_resamples: Annotated[int, Field(ge=2)] = 40
    blocks: Blocks | None = None
    constraints: list[Constraint] = Field(default_factory=list)
    f_peak: list[float] = Field(default_factory=list)
    origin: Origin | None = None
    random_state: Annotated[int, Field(ge=0)] = 0

    @field_validator("factors")
    @classmethod
    def _factors_are_a_number_or_auto(
        cls, given: int | str | list[int]
    ) -> int | str | list[int]:
        numbers = given if isinstance(given, list) else [given]
        is_auto = given == "auto"
        is_counts = numbers and all(isinstance(n, int) and n >= 1 for n in numbers)
        if not is_auto and not is_counts:
            msg = f"found {given!r}; expected a number from 1, several, or auto"
            raise ValueError(msg)
        return given

    @field_validator("f_peak")
    @classmethod
    def _strengths_differ_from_zero(cls, given: list[float]) -> list[float]:
        if 0.0 in given or any(count > 1 for count in Counter(given).values()):
            msg = f"found {given}; expected different strengths, none of them zero"
            raise ValueError(msg)
        return given

    @property
    def n_resamples(self) -> int:
        """
        Resamples of the bootstrap.

        Returns
        -------
        int
            None were asked for where it is zero.
        """
        if self.errors == "none":
            return 0
        return self.resamples or (50 if self.errors == "quick" else 100)
