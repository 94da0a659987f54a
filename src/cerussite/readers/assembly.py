"""From an open table and what the caller says about it to a checked survey."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cerussite.core.errors import UnreadableFileError
from cerussite.core.spectra import Spectra
from cerussite.core.survey import Survey
from cerussite.core.types import AxisUnit, FloatArray, Quantity
from cerussite.readers.columns import (
    ResponseColumn,
    ResponseOptions,
    find_column,
    response_columns,
)
from cerussite.readers.headers import SpectralColumns, find_spectral_columns
from cerussite.readers.quantities import FileQuantity
from cerussite.readers.replicates import Replicates, Scans, settle_replicates
from cerussite.readers.responses import read_responses
from cerussite.readers.sample_columns import ROLES, read_samples
from cerussite.readers.sources import Table
from cerussite.readers.spectra_checks import check_complete, check_quantity
from cerussite.readers.spectral_rows import Gathered, Wanted, find_decimal, gather
from cerussite.readers.text_columns import TextColumns
from cerussite.readers.units_row import find_units_row


@dataclass(frozen=True)
class Request:
    """
    What a caller says about a table.

    Attributes
    ----------
    responses : mapping of str to mapping
        Column, unit, procedure and limit of each response.
    quantity : {"reflectance", "reflectance_percent", "absorbance"} or None
        What the bands hold; None where their names say it.
    spectra : bool or str
        Whether there are spectra, or what the names of their columns begin with.
    axis_unit : {"nm", "cm-1"} or None
        Unit of the axis; None where the names say it.
    sample_id : str, int or None
        Column of the sample ids.
    roles : mapping of str to str or int
        Columns of ``specimen``, ``group``, ``easting`` and ``northing``.
    crs : str or None
        Coordinate reference system.
    replicates : {"refuse", "keep", "average"}
        What to do with ids that occur more than once.
    decimal : {".", ","} or None
        Decimal mark; None to find it.
    negative_is_missing : bool
        Whether the source marks what was not measured by negative numbers.
    drop_empty : bool
        Whether to leave out rows without any band.
    judge_shape : bool
        Whether the shape of the spectra may speak against the quantity.
    name, licence, citation : str
        As in :class:`cerussite.core.survey.Survey`.
    notes : tuple of str
        What was decided before.
    """

    responses: Mapping[str, ResponseOptions | None] = field(default_factory=dict)
    quantity: FileQuantity | None = None
    spectra: bool | str = True
    axis_unit: AxisUnit | None = None
    sample_id: str | int | None = None
    roles: Mapping[str, str | int] = field(default_factory=dict)
    crs: str | None = None
    replicates: Replicates = "refuse"
    decimal: str | None = None
    negative_is_missing: bool = False
    drop_empty: bool = False
    judge_shape: bool = True
    name: str = ""
    licence: str = ""
    citation: str = ""
    notes: tuple[str, ...] = ()


def read_survey(table: Table, request: Request) -> Survey:
    """
    Read a table as the caller describes it.

    Parameters
    ----------
    table : Table
        An open table.
    request : Request
        What the caller says about it.

    Returns
    -------
    Survey
        Samples, responses in their units inside, spectra in nm.
    """
    bands = _bands(table, request)
    quantity = None if bands is None else _quantity(table, bands, request.quantity)
    spectral = [] if bands is None else bands.positions.tolist()
    responses, skip = _responses(table, request, bands)
    measured = spectral + [column.position for column in responses]
    decimal = request.decimal or find_decimal(table, measured)
    text = sorted(set(range(len(table.header))) - set(spectral))
    wanted = Wanted(text, spectral, decimal, skip, request.drop_empty)
    gathered = gather(table, wanted)
    scans = _scans(table, request, responses, wanted, gathered)
    if bands is not None and quantity is not None and scans.values is not None:
        check_complete(scans, bands)
        judge = request.judge_shape and bands.quantity is None
        check_quantity(scans, bands, quantity, by_shape=judge)
    scans = settle_replicates(
        scans,
        request.replicates,
        [column.response.name for column in responses],
        ROLES,
    )
    percent = quantity == "reflectance_percent"
    converted = ("reflectance divided by 100: percent to fraction",) if percent else ()
    notes = _notes(table, bands, responses, wanted, gathered)
    return Survey(
        samples=scans.samples,
        responses=tuple(column.response for column in responses),
        y=scans.y,
        is_censored=scans.is_censored if scans.is_censored.any() else None,
        spectra=_spectra(scans.values, bands, quantity),
        crs=request.crs,
        name=request.name or table.path.stem,
        licence=request.licence,
        citation=request.citation,
        notes=request.notes + table.notes + notes + converted + scans.notes,
    )


def _bands(table: Table, request: Request) -> SpectralColumns | None:
    if request.spectra is False:
        if request.quantity is not None:
            msg = (
                f"{table.path}: quantity {request.quantity!r} for a table read without "
                "spectra; expected none; leave it out, or read the spectra"
            )
            raise UnreadableFileError(msg)
        return None
    prefix = request.spectra if isinstance(request.spectra, str) else None
    return find_spectral_columns(
        table.header,
        source=str(table.path),
        axis_unit=request.axis_unit,
        prefix=prefix,
    )


def _quantity(
    table: Table, bands: SpectralColumns, given: FileQuantity | None
) -> FileQuantity:
    known = ("reflectance", "reflectance_percent", "absorbance")
    if given is not None and given not in known:
        msg = f"quantity {given!r}; expected one of {', '.join(known)}"
        raise UnreadableFileError(msg)
    stated = bands.quantity
    if given is None and stated is None:
        name = table.header[int(bands.positions[0])]
        msg = (
            f"{table.path}: the names of the bands ({name!r} ...) do not say what they "
            f"hold; say it with quantity: {' or '.join(known)}"
        )
        raise UnreadableFileError(msg)
    if given is None:
        return stated or "reflectance"
    if stated is not None and not given.startswith(stated):
        name = table.header[int(bands.positions[0])]
        msg = (
            f"{table.path}: {given} asked for, but the name {name!r} says {stated}; "
            "correct one of them"
        )
        raise UnreadableFileError(msg)
    return given


def _refuse_other_axis(
    table: Table, bands: SpectralColumns | None, units: Mapping[int, str]
) -> None:
    if bands is None:
        return
    stated = {units.get(int(at), "").strip() for at in bands.positions}
    other = stated & ({"nm", "cm-1"} - {bands.unit})
    if other:
        msg = (
            f"{table.path}: bands in {bands.unit}, but the row of units says "
            f"{other.pop()}; correct one of them"
        )
        raise UnreadableFileError(msg)


def _responses(
    table: Table, request: Request, bands: SpectralColumns | None
) -> tuple[list[ResponseColumn], int | None]:
    spectral = [] if bands is None else bands.positions.tolist()
    positions = [
        find_column(table, (options or {}).get("column", name))
        for name, options in request.responses.items()
    ]
    shared = sorted(set(positions) & set(spectral))
    if shared:
        msg = (
            f"{table.path}: column {table.header[shared[0]]!r} is a band; expected a "
            "response in a column of its own; name another column"
        )
        raise UnreadableFileError(msg)
    units = find_units_row(table, spectral + positions)
    stated = {} if units is None else dict(enumerate(units.cells))
    _refuse_other_axis(table, bands, stated)
    columns = response_columns(table, request.responses, stated)
    return columns, None if units is None else units.number


def _scans(
    table: Table,
    request: Request,
    responses: list[ResponseColumn],
    wanted: Wanted,
    gathered: Gathered,
) -> Scans:
    cells = dict(zip(wanted.text, zip(*gathered.text, strict=True), strict=True))
    numbers = gathered.numbers
    text = TextColumns(table, cells, numbers, wanted.decimal)
    taken = {column.position for column in responses}
    others = {at: column for at, column in cells.items() if at not in taken}
    samples, notes = read_samples(
        replace(text, cells=others), sample_id=request.sample_id, roles=request.roles
    )
    measured = read_responses(
        text,
        responses,
        ids=samples.index.tolist(),
        negative_is_missing=request.negative_is_missing,
    )
    places = [
        f"{table.place(int(number))} (sample {name!r})"
        for number, name in zip(numbers, samples.index, strict=True)
    ]
    return Scans(
        samples,
        places,
        measured.y,
        measured.is_censored,
        gathered.values,
        notes + measured.notes,
    )


def _spectra(
    values: FloatArray | None,
    bands: SpectralColumns | None,
    quantity: FileQuantity | None,
) -> Spectra | None:
    if values is None or bands is None or quantity is None:
        return None
    inside: Quantity = "absorbance" if quantity == "absorbance" else "reflectance"
    if quantity == "reflectance_percent":
        values /= 100.0
    return Spectra(values, bands.wavelengths, inside, bands.unit)


def _notes(
    table: Table,
    bands: SpectralColumns | None,
    responses: list[ResponseColumn],
    wanted: Wanted,
    gathered: Gathered,
) -> tuple[str, ...]:
    notes = [] if bands is None else list(bands.notes)
    if wanted.skip is not None:
        notes.append(f"{table.noun} {wanted.skip} read as the row of units")
    if wanted.decimal == ",":
        notes.append("numbers read with a decimal comma")
    for column in responses:
        notes.extend(column.notes)
    if gathered.n_left_out:
        notes.append(f"{gathered.n_left_out} rows without a spectrum left out")
    return tuple(notes)
