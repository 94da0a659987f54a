"""Blocks of a study file that say where data are and how to read them."""

from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from cerussite.core.types import AxisUnit, Quantity

FileQuantity = Literal["reflectance", "reflectance_percent", "absorbance"]
Overlap = Literal["refuse", "cut"]
Replicates = Literal["refuse", "keep", "average"]
SpectralUnit = Literal["nm", "um", "cm-1"]


class Block(BaseModel):
    """
    Base of every block: frozen, and any key that is not a field is refused.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


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


class LaboratoryTable(Block):
    """
    Analyses in a file: CSV, TSV, XLSX or Parquet, one row a sample.

    Attributes
    ----------
    file : str
        Path relative to the study file; ``${NAME}`` stands for an environment
        variable.
    responses : dict of str to ResponseColumn
        Responses by name (``Pb``, ``clay``, ``pH``).
    constituents : dict of str to ResponseColumn
        What metals may be bound to, measured on the same samples: not
        predicted, but used to tell indirect prediction; only for the target.
    sample_id, specimen, group, easting, northing : str or int or None
        Headers of the columns that hold them, or their numbers counted from 1.
    crs : str or None
        Coordinate reference system of the coordinates.
    sheet, delimiter, decimal : str or None
        For the reader, where it does not find them rightly by itself.
    """

    file: str
    responses: Annotated[dict[str, ResponseColumn], Field(min_length=1)]
    constituents: dict[str, ResponseColumn] = {}
    sample_id: str | int | None = None
    specimen: str | int | None = None
    group: str | int | None = None
    easting: str | int | None = None
    northing: str | int | None = None
    crs: str | None = None
    sheet: str | None = None
    delimiter: str | None = None
    decimal: Literal[".", ","] | None = None

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


class Table(LaboratoryTable):
    """
    A table that holds spectra beside the analyses, one row a sample.

    Attributes
    ----------
    quantity : {"reflectance", "reflectance_percent", "absorbance"}
        What the spectral columns hold; never guessed.
    axis_unit : {"nm", "cm-1"} or None
        Unit of the numbers in the headers of the spectral columns; may be left
        out where the headers say it.
    spectra : str or None
        Beginning of the headers of the spectral columns, where a table has two
        kinds.
    replicates : {"refuse", "keep", "average"}
        What to do with rows that share one id.
    name : str
        Short name for messages and the report; the name of the file if empty.
    licence, citation : str
        As the provider states them.
    """

    quantity: FileQuantity
    axis_unit: AxisUnit | None = None
    spectra: str | None = None
    replicates: Replicates = "refuse"
    name: str = ""
    licence: str = ""
    citation: str = ""


class InstrumentFolder(Block):
    """
    A folder of instruments' files and the table of what a laboratory found.

    Attributes
    ----------
    folder : str
        Path relative to the study file; ``${NAME}`` stands for an environment
        variable.
    analyses : LaboratoryTable
        The table; its sample ids are compared with those of the files.
    file_column : str or None
        Column of the table that names each sample's file, relative to the
        folder; sample ids come from the names of the files if left out.
    id_pattern : str or None
        Regular expression with a group ``id`` for the whole name of a file
        without its ending.
    replicates : {"refuse", "keep", "average"}
        What to do with scans that share one id.
    wavelengths : Grid or None
        Bands to bring all files to, where their axes differ.
    to_quantity : {"reflectance", "absorbance"} or None
        What to convert all files to, where they hold different ones.
    block : str or None
        Name of the block to take from each file, where there are several.
    quantity : {"reflectance", "reflectance_percent", "absorbance"} or None
        What files hold that do not say it.
    axis_unit : {"nm", "um", "cm-1"} or None
        Unit of the axis in files that do not say it.
    overlap : {"refuse", "cut"}
        What to do where the ranges of two detectors overlap.
    name : str
        Short name for messages and the report; the name of the folder if empty.
    licence, citation : str
        As the provider states them.
    """

    folder: str
    analyses: LaboratoryTable
    file_column: str | None = None
    id_pattern: str | None = None
    replicates: Replicates = "refuse"
    wavelengths: Grid | None = None
    to_quantity: Quantity | None = None
    block: str | None = None
    quantity: FileQuantity | None = None
    axis_unit: SpectralUnit | None = None
    overlap: Overlap = "refuse"
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
        return self.analyses.response_names

    @property
    def constituents(self) -> dict[str, ResponseColumn]:
        """
        What metals may be bound to, measured on the same samples.

        Returns
        -------
        dict of str to ResponseColumn
            As the table of analyses has them.
        """
        return self.analyses.constituents

    @model_validator(mode="before")
    @classmethod
    def _the_table_is_a_block_of_its_own(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        stray = [str(key) for key in given if key in LaboratoryTable.model_fields]
        if stray:
            msg = (
                f"{', '.join(stray)} beside folder; expected what concerns the "
                "laboratory's table under analyses: {file: ..., sample_id: ..., "
                "responses: ...}"
            )
            raise ValueError(msg)
        return given


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
    # A mapping with the key ``folder`` is a folder, one with ``file`` a table.
    for model, tag, key in (
        (InstrumentFolder, "instrument_folder", "folder"),
        (Table, "table", "file"),
    ):
        if isinstance(value, model) or (isinstance(value, dict) and key in value):
            return tag
    return "named"


DataBlock: TypeAlias = Table | InstrumentFolder | NamedData
#: Blocks of data by the tags that pydantic puts into the places of its complaints.
DATA_BLOCKS: dict[str, type[Block]] = {
    "table": Table,
    "instrument_folder": InstrumentFolder,
    "named": NamedData,
}

DataSet: TypeAlias = Annotated[
    Annotated[Table, Tag("table")]
    | Annotated[InstrumentFolder, Tag("instrument_folder")]
    | Annotated[NamedData, Tag("named")],
    Discriminator(_kind_of_data),
]
