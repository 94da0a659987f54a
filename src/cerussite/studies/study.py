"""What a study file may say: one model a block, no key that is not listed here."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from cerussite.core.types import Quantity
from cerussite.preprocessing import sensor
from cerussite.studies.data_blocks import Block, DataSet, Grid

Censored = Literal["refuse", "limit", "half_limit", "drop"]
Selection = Literal["random", "stratified", "kennard_stone"]


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
    sensor : str or None
        Sensor whose bands target and sources are brought to before anything
        else, in place of a grid; one of :data:`cerussite.preprocessing.SENSORS`.
    leave_out : list of (float, float)
        First and last wavelength (nm) of ranges; bands of the sensor with centres
        there are not used, for example where water vapour takes the light.
    min_overlap : float
        Least part of the range of the target that each source must cover.
    """

    quantity: Quantity = "absorbance"
    grid: Literal["target"] | Grid = "target"
    sensor: str | None = None
    leave_out: list[tuple[float, float]] = Field(default_factory=list)
    min_overlap: Annotated[float, Field(gt=0, le=1)] = 0.5

    @field_validator("sensor")
    @classmethod
    def _is_the_sensor_known(cls, name: str | None) -> str | None:
        return None if name is None else sensor(name).name

    @model_validator(mode="after")
    def _bands_come_from_one_place(self) -> Self:
        if self.sensor and "grid" in self.model_fields_set:
            msg = (
                f"grid and sensor {self.sensor}; expected one of them, for the sensor "
                "has bands of its own; leave out grid"
            )
            raise ValueError(msg)
        if self.leave_out and not self.sensor:
            msg = "leave_out without a sensor; expected sensor: NAME beside it"
            raise ValueError(msg)
        for low, high in self.leave_out:
            if not low < high:
                msg = f"leave_out {low:g} to {high:g} nm; expected [low, high]"
                raise ValueError(msg)
        return self


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
    learning_curve: list[Annotated[int, Field(ge=5)]] = Field(default_factory=list)
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
    options: dict[str, Any] = Field(default_factory=dict)


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
    target : Table, InstrumentFolder or NamedData
        The data that are predicted and judged.
    methods : list of Method
        Methods to compare; controls of transfer are added by themselves.
    validation : Validation
        Splits, seeds and the nominal level of intervals.
    source : list of Table, InstrumentFolder or NamedData
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
    source: list[DataSet] = Field(default_factory=list)
    spectra: SpectraOptions = SpectraOptions()
    censored: Censored = "refuse"
    calibrations: Calibrations = Calibrations()
    networks: Networks = Networks()
    save_models: list[str] | None = None


#: Directory of the studies that come with the package.
SHIPPED = Path(__file__).parent / "shipped"
