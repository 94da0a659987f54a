"""Wide tables as laboratories send them: one row a sample, one column a band."""

from collections.abc import Mapping
from pathlib import Path

from cerussite.core.survey import Survey
from cerussite.core.types import AxisUnit
from cerussite.readers.assembly import Request, read_survey
from cerussite.readers.columns import ResponseOptions
from cerussite.readers.quantities import FileQuantity
from cerussite.readers.replicates import Replicates
from cerussite.readers.sources import open_table


def read_table(  # noqa: PLR0913 - each argument is a fact that no file states itself
    path: str | Path,
    *,
    responses: Mapping[str, ResponseOptions | None] | None = None,
    quantity: FileQuantity | None = None,
    axis_unit: AxisUnit | None = None,
    spectra: bool | str = True,
    sample_id: str | int | None = None,
    specimen: str | int | None = None,
    group: str | int | None = None,
    easting: str | int | None = None,
    northing: str | int | None = None,
    crs: str | None = None,
    replicates: Replicates = "refuse",
    sheet: str | None = None,
    delimiter: str | None = None,
    decimal: str | None = None,
    name: str = "",
    licence: str = "",
    citation: str = "",
) -> Survey:
    r"""
    Read a CSV, TSV, XLSX or Parquet table with one row a sample.

    What the file does not say is asked for and never guessed; what contradicts
    it is refused with file, line, column and value. Separator, decimal mark,
    encoding and a row of units under the header are found.

    Parameters
    ----------
    path : str or Path
        The table.
    responses : mapping of str to mapping, optional
        For each response, by the symbol of the element or the name of the
        property: ``column`` (default: the same name), ``unit`` (default: the row
        of units, or brackets in the header), ``procedure`` and ``limit`` (what
        ``<LOD`` stands for, in the unit of the column).
    quantity : {"reflectance", "reflectance_percent", "absorbance"}, optional
        What the bands hold; may be left out where their names end in ``_ref`` or
        ``_abs``. Absorbance is log10(1/R).
    axis_unit : {"nm", "cm-1"}, optional
        Unit of the numbers in the names of the bands; may be left out where the
        names say it (``400nm``, ``wn_600.5``).
    spectra : bool or str, default True
        False for a table without spectra; text to take the bands whose names
        begin with it, where a table has two kinds.
    sample_id : str or int, optional
        Column of sample ids, by name or by number counted from 1.
    specimen, group, easting, northing : str or int, optional
        Columns of physical samples, of groups that validation must not split,
        and of projected coordinates in m. Columns of these very names are taken
        where nothing else is said.
    crs : str, optional
        Coordinate reference system of the coordinates, such as ``"EPSG:25832"``.
    replicates : {"refuse", "keep", "average"}, default "refuse"
        Rows that share a sample id: refuse them, keep them as ``ID#1``, ``ID#2``
        of one specimen, or average their spectra where their analyses agree.
    sheet : str, optional
        Sheet of a workbook with more than one.
    delimiter : str, optional
        Separator of the columns, where it is not found rightly.
    decimal : {".", ","}, optional
        Decimal mark, where it is not found rightly.
    name, licence, citation : str, optional
        As the survey is called in messages and reports; the name of the file
        where no name is given.

    Returns
    -------
    Survey
        Responses in mg/kg, g/kg or their own unit; spectra in nm and increasing;
        all other columns in ``samples``; decisions in ``notes``.

    Notes
    -----
    Whatever is missing, contradictory or impossible raises a subclass of
    :class:`cerussite.core.errors.CerussiteError`, which says whether it is the
    file, the spectra, a concentration or the samples.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> table = folder / "site.csv"
    >>> _ = table.write_text("id;Pb;400nm;410nm\nA1;120,5;0,21;0,23\nA2;<5;0,30;0,33")
    >>> survey = read_table(table, quantity="reflectance", sample_id="id",
    ...                     responses={"Pb": {"unit": "mg/kg", "procedure": "xrf"}})
    >>> survey.y[:, 0], survey.is_censored[:, 0]
    (array([120.5,   5. ]), array([False,  True]))
    >>> survey.spectra.wavelengths
    array([400., 410.])
    """
    table = open_table(path, sheet=sheet, delimiter=delimiter)
    roles = {
        "specimen": specimen,
        "group": group,
        "easting": easting,
        "northing": northing,
    }
    request = Request(
        responses=responses or {},
        quantity=quantity,
        spectra=spectra,
        axis_unit=axis_unit,
        sample_id=sample_id,
        roles={role: column for role, column in roles.items() if column is not None},
        crs=crs,
        replicates=replicates,
        decimal=decimal,
        name=name,
        licence=licence,
        citation=citation,
    )
    return read_survey(table, request)
