"""What a study file may say: one model a block, no key that is not listed here."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from cerussite.core.types import AxisUnit, Quantity

FileQuantity = Literal["reflectance", "reflectance_percent", "absorbance"]
Censored = Literal["refuse", "limit", "half_limit", "drop"]
Selection = Literal["random", "stratified", "kennard_stone"]


class Block(BaseModel):
    """
    Base of every block: frozen, and any key that is not a field is refused.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


class ResponseColumn(Block):
    """
    Where a response stands in a table, and how it was measured.

    Attributes
    ----------
    column : str or int or None
        Header of the column, or its number counted from 1; the name of the
        response if left out.
    unit : str or None
        Unit of the values in the file, ``"1"`` for pH; may be left out where the
        file itself states it.
    procedure : str
        For example ``"total_hf"``, ``"aqua_regia"``, ``"xrf"``, ``"dtpa"``.
    limit : float or None
        What ``<LOD`` stands for, in the unit of the column.
    """

    column: str | int | None = None
    unit: str | None = None
    procedure: str = ""
    limit: Annotated[float, Field(ge=0)] | None = None


class Table(Block):
    """
    A data set in a file: CSV, TSV, XLSX or Parquet, one row a sample.

    Attributes
    ----------
    file : str
        Path relative to the study file; ``${NAME}`` stands for an environment
        variable.
    quantity : {"reflectance", "reflectance_percent", "absorbance"}
        What the spectral columns hold; never guessed.
    responses : dict of str to ResponseColumn
        Responses by name (``Pb``, ``clay``, ``pH``).
    constituents : dict of str to ResponseColumn
        What metals may be bound to, measured on the same samples: not
        predicted, but used to tell indirect prediction; only for the target.
    axis_unit : {"nm", "cm-1"} or None
        Unit of the numbers in the headers of the spectral columns; may be left
        out where the headers say it.
    spectra : str or None
        Beginning of the headers of the spectral columns, where a table has two
        kinds.
    sample_id, specimen, group, easting, northing : str or int or None
        Headers of the columns that hold them, or their numbers counted from 1.
    crs : str or None
        Coordinate reference system of the coordinates.
    replicates : {"refuse", "keep", "average"}
        What to do with rows that share one id.
    sheet, delimiter, decimal : str or None
        For the reader, where it does not find them rightly by itself.
    name : str
        Short name for messages and the report; the name of the file if empty.
    licence, citation : str
        As the provider states them.
    """

    file: str
    quantity: FileQuantity
    responses: Annotated[dict[str, ResponseColumn], Field(min_length=1)]
    constituents: dict[str, ResponseColumn] = {}
    axis_unit: AxisUnit | None = None
    spectra: str | None = None
    sample_id: str | int | None = None
    specimen: str | int | None = None
    group: str | int | None = None
    easting: str | int | None = None
    northing: str | int | None = None
    crs: str | None = None
    replicates: Literal["refuse", "keep", "average"] = "refuse"
    sheet: str | None = None
    delimiter: str | None = None
    decimal: Literal[".", ","] | None = None
    name: str = ""
    licence: str = ""
    citation: str = ""

    @property
    def response_names(self) -> list[str]:
        """
        Names of the responses.

        Returns
        -------
        list of str
            In the order of the study file.
        """
        return list(self.responses)

    @property
    def columns(self) -> dict[str, ResponseColumn]:
        """
        Responses and constituents.

        Returns
        -------
        dict of str to ResponseColumn
            A response stands for a constituent of the same name.
        """
        return {**self.constituents, **self.responses}


class NamedData(Block):
    """
    A named public data set, or one of the simulated ones.

    Attributes
    ----------
    dataset : str
        A name that ``cerussite data list`` prints, ``simulated-library`` or
        ``simulated-mine-site``.
    responses : list of str
        Which of its responses to use.
    constituents : list of str
        Which of them metals may be bound to: not predicted, but used to tell
        indirect prediction; only for the target.
    n_samples : int or None
        Number of samples to simulate; only for simulated data.
    random_state : int or None
        Seed of the simulation; only for simulated data.
    options : dict
        What the reader of a public data set offers, for example ``sites`` of
        ``limesoda-visnir``.
    """

    dataset: str
    responses: Annotated[list[str], Field(min_length=1)]
    constituents: list[str] = []
    n_samples: Annotated[int, Field(ge=10)] | None = None
    random_state: Annotated[int, Field(ge=0)] | None = None
    options: dict[str, Any] = {}

    @property
    def is_simulated(self) -> bool:
        """
        Tell whether the data set is simulated.

        Returns
        -------
        bool
            True for the two names that start with ``simulated-``.
        """
        return self.dataset.startswith("simulated-")

    @property
    def response_names(self) -> list[str]:
        """
        Names of the responses.

        Returns
        -------
        list of str
            In the order of the study file.
        """
        return self.responses

    @model_validator(mode="after")
    def _simulation_options_need_a_simulation(self) -> Self:
        options = {"n_samples": self.n_samples, "random_state": self.random_state}
        given = [name for name, value in options.items() if value is not None]
        if given and not self.is_simulated:
            msg = f"{given[0]} is only for simulated data; leave it out"
            raise ValueError(msg)
        return self


def _kind_of_data(value: Any) -> str:
    # Tag of the block: a mapping with the key ``file`` is a table.
    if isinstance(value, Table):
        return "table"
    return "table" if isinstance(value, dict) and "file" in value else "named"


DataSet = Annotated[
    Annotated[Table, Tag("table")] | Annotated[NamedData, Tag("named")],
    Discriminator(_kind_of_data),
]


class Grid(Block):
    """
    A regular grid of bands that all spectra are brought to.

    Attributes
    ----------
    low, high : float
        First and last band centre, both included where the step allows.
    step : float
        Distance of two bands.
    unit : {"nm", "cm-1"}
        Unit of the three numbers.
    """

    low: Annotated[float, Field(gt=0)]
    high: Annotated[float, Field(gt=0)]
    step: Annotated[float, Field(gt=0)]
    unit: AxisUnit = "nm"

    @model_validator(mode="after")
    def _low_is_below_high(self) -> Self:
        if not self.low + self.step <= self.high:
            msg = (
                f"low {self.low:g}, high {self.high:g}, step {self.step:g} hold fewer "
                "than two bands; expected low + step <= high"
            )
            raise ValueError(msg)
        return self


class SpectraOptions(Block):
    """
    What models see of the spectra.

    Attributes
    ----------
    quantity : {"reflectance", "absorbance"}
        Quantity that models work on.
    grid : "target" or Grid
        Bands of the target: its own, or those of a grid inside its range.
        Networks see those among them that every source covers.
    min_overlap : float
        Least part of the range of the target that each source must cover.
    """

    quantity: Quantity = "absorbance"
    grid: Literal["target"] | Grid = "target"
    min_overlap: Annotated[float, Field(gt=0, le=1)] = 0.5


class Folds(Block):
    """
    Repeated k-fold cross-validation.

    Attributes
    ----------
    folds : int
        Number of folds.
    repeats : int
        How often the samples are dealt anew.
    """

    folds: Annotated[int, Field(ge=2)] = 5
    repeats: Annotated[int, Field(ge=1)] = 10


class SpatialFolds(Folds):
    """
    Cross-validation over square blocks of the ground.

    Attributes
    ----------
    spacing : float
        Side of a block in m; at least the range of the variogram.
    """

    spacing: Annotated[float, Field(gt=0)]


class HoldOut(Block):
    """
    Single splits into a calibration and a test set.

    Attributes
    ----------
    calibration : int
        Number of calibration samples.
    repeats : int
        Number of splits; Kennard-Stone knows only one.
    selection : {"random", "stratified", "kennard_stone"}
        How calibration samples are chosen; strata are quartiles of the first
        response.
    """

    calibration: Annotated[int, Field(ge=5)]
    repeats: Annotated[int, Field(ge=1)] = 10
    selection: Selection = "random"

    @model_validator(mode="after")
    def _kennard_stone_is_one_split(self) -> Self:
        if self.selection == "kennard_stone" and self.repeats != 1:
            msg = f"kennard_stone is one split, found {self.repeats} repeats; say 1"
            raise ValueError(msg)
        return self


class Validation(Block):
    """
    Which splits are made; at least one scheme.

    Attributes
    ----------
    random : Folds or None
        Samples dealt at random.
    grouped : Folds or None
        Groups of the target dealt at random, never split.
    leave_one_group_out : bool
        Each group is the test set once.
    spatial : SpatialFolds or None
        Blocks of the ground dealt at random, never split.
    hold_out : HoldOut or None
        Single splits.
    learning_curve : list of int
        Numbers of calibration samples that random and grouped folds are also
        run with.
    random_state : int
        Seed of every split and of every method.
    level : float
        Nominal coverage of prediction intervals.
    """

    random: Folds | None = None
    grouped: Folds | None = None
    leave_one_group_out: bool = False
    spatial: SpatialFolds | None = None
    hold_out: HoldOut | None = None
    learning_curve: list[Annotated[int, Field(ge=5)]] = []
    random_state: Annotated[int, Field(ge=0)] = 0
    level: Annotated[float, Field(gt=0, lt=1)] = 0.9

    @model_validator(mode="after")
    def _is_there_a_scheme(self) -> Self:
        schemes = (self.random, self.grouped, self.spatial, self.hold_out)
        if not any(schemes) and not self.leave_one_group_out:
            msg = (
                "no scheme; expected at least one of random, grouped, "
                "leave_one_group_out, spatial, hold_out"
            )
            raise ValueError(msg)
        return self


class Method(Block):
    """
    A method by its name in the registry, with options of its estimator.

    Attributes
    ----------
    name : str
        Name in :data:`cerussite.studies.METHODS`.
    options : dict
        Keyword arguments of the estimator, over those of the study.
    """

    name: str
    options: dict[str, Any] = {}


def _method_by_name(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class Calibrations(Block):
    """
    Options of all methods that are no networks.

    Attributes
    ----------
    preprocessing : list of str or None
        Recipes that each method considers; its own if left out.
    response_transform : {"none", "log", "auto"}
        Scale that responses are learnt on; ``auto`` is decided inside each
        calibration set.
    """

    preprocessing: Annotated[list[str], Field(min_length=1)] | None = None
    response_transform: Literal["none", "log", "auto"] = "none"


class Networks(Block):
    """
    Options of all networks of a study.

    Attributes
    ----------
    configuration : {"paper", "accurate"}
        Architecture and training.
    source_epochs : int or None
        Epochs of pre-training; the configuration decides if left out.
    source_members : int
        Networks with different seeds that are pre-trained; two or more tell
        bands that transfer kept from new ones.
    epochs : int or None
        Epochs on the target; the configuration decides if left out.
    n_members : int
        Networks with different seeds that are averaged on the target.
    response_transform : {"none", "log"}
        Scale that networks learn the responses of the target on.
    """

    configuration: Literal["paper", "accurate"] = "accurate"
    source_epochs: Annotated[int, Field(ge=1)] | None = None
    source_members: Annotated[int, Field(ge=1)] = 1
    epochs: Annotated[int, Field(ge=1)] | None = None
    n_members: Annotated[int, Field(ge=1)] = 1
    response_transform: Literal["none", "log"] = "none"


class Study(Block):
    """
    A study: the question, the data, the methods and how they are judged.

    Attributes
    ----------
    name : str
        Short name: letters, digits, ``-`` and ``_``.
    title : str
        Title of the report.
    question : str
        What the study asks, in one or two sentences.
    target : Table or NamedData
        The data that are predicted and judged.
    methods : list of Method
        Methods to compare; controls of transfer are added by themselves.
    validation : Validation
        Splits, seeds and the nominal level of intervals.
    source : list of Table or NamedData
        Data that networks are pre-trained on.
    spectra : SpectraOptions
        Quantity and bands.
    censored : {"refuse", "limit", "half_limit", "drop"}
        Value used where the target lies below the detection limit.
    calibrations : Calibrations
        Options of all methods that are no networks.
    networks : Networks
        Options of all networks.
    save_models : list of str or None
        Methods that are refitted on all samples and saved; the consensus and
        the best transfer method if left out.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]
    title: str
    question: str = ""
    target: DataSet
    methods: Annotated[
        list[Annotated[Method, BeforeValidator(_method_by_name)]], Field(min_length=1)
    ]
    validation: Validation
    source: list[DataSet] = []
    spectra: SpectraOptions = SpectraOptions()
    censored: Censored = "refuse"
    calibrations: Calibrations = Calibrations()
    networks: Networks = Networks()
    save_models: list[str] | None = None


#: Directory of the studies that come with the package.
SHIPPED = Path(__file__).parent / "shipped"
