"""LUCAS topsoil surveys of the European Union as ESDAC hands them out."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from cerussite.core.errors import (
    InvalidConcentrationError,
    InvalidSpectraError,
    UnreadableFileError,
)
from cerussite.core.survey import Survey
from cerussite.core.types import FloatArray, Quantity
from cerussite.readers.assembly import Request, read_survey
from cerussite.readers.joining import join_surveys, stack_surveys
from cerussite.readers.quantities import BRIGHTEST, contradiction, shape_says
from cerussite.readers.replicates import Replicates
from cerussite.readers.rows import Row
from cerussite.readers.sources import Table, open_table

LICENCE = "JRC licence agreement of ESDAC: on request, no redistribution"
CITATION_2009 = (
    "Toth, G., Jones, A. and Montanarella, L. (2013). The LUCAS topsoil database and "
    "derived information on the regional variability of cropland topsoil properties "
    "in the European Union. Environmental Monitoring and Assessment 185, 7409-7425"
)
CITATION_2015 = (
    "Jones, A., Fernandez-Ugalde, O. and Scarpa, S. (2020). LUCAS 2015 Topsoil Survey. "
    "EUR 30332 EN, Publications Office of the European Union"
)

#: Response, its names in the tables (letters and digits only), unit, procedure.
PROPERTIES: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    ("clay", ("clay",), "%", "sieving_sedimentation"),
    ("silt", ("silt",), "%", "sieving_sedimentation"),
    ("sand", ("sand",), "%", "sieving_sedimentation"),
    ("pH", ("phinh2o", "phh2o"), "1", "h2o"),
    ("pH_CaCl2", ("phincacl2", "phcacl2"), "1", "cacl2"),
    ("SOC", ("oc",), "g/kg", "dry_combustion"),
    ("CaCO3", ("caco3",), "g/kg", "calcimeter"),
    ("N", ("n",), "g/kg", "kjeldahl"),
    ("P", ("p",), "mg/kg", "olsen"),
    ("K", ("k",), "mg/kg", "ammonium_acetate"),
    ("CEC", ("cec",), "cmol/kg", "barium_chloride"),
    ("EC", ("ec",), "mS/m", "water_extract"),
)
#: Carbon to nitrogen by mass, as the median of a survey of soils.
CARBON_TO_NITROGEN = (4.0, 60.0)
_POINT = ("pointid", "sampleid", "id")
_SAMPLE = ("sampleid", "id", "pointid")
#: Sum of clay, silt and sand in g/kg, as the median of a survey.
WHOLE_TEXTURE = (950.0, 1050.0)
_COUNTRY = re.compile(r"spectra_\s*(?P<country>\w{2})\s*\.csv", re.IGNORECASE)
_REPLICATE = re.compile(r"(?P<point>\d+)(?:UK)?(?:-\d+)?", re.IGNORECASE)


def read_lucas_2009(
    path: str | Path,
    *,
    spectra: str | Path | None = None,
    nitrogen_unit: str = "g/kg",
    limits: Mapping[str, float] | None = None,
    replicates: Replicates = "refuse",
) -> Survey:
    """
    Read LUCAS 2009 (and 2012): topsoil properties with vis-NIR absorbance.

    Parameters
    ----------
    path : str or Path
        ``LUCAS.SOIL_corr.csv``, which holds the spectra (``spc.400`` ...), or the
        older ``LUCAS_TOPSOIL_v1.csv`` or ``.xlsx`` without them.
    spectra : str or Path, optional
        ``LUCAS_TOPSOIL_v1_spectral.csv`` to the older table; its ids ``123``,
        ``123-1``, ``123UK`` are scans of one sample.
    nitrogen_unit : str, default "g/kg"
        Unit of N in this table; copies in % and mg/kg are about. A median carbon
        to nitrogen ratio that no soils have is refused.
    limits : mapping of str to float, optional
        What ``<LOD`` stands for, by response, in the unit of the table.
    replicates : {"refuse", "keep", "average"}, default "refuse"
        As in :func:`cerussite.readers.tables.read_table`; with ``spectra``,
        scans are averaged unless kept.

    Returns
    -------
    Survey
        Absorbance log10(1/R) from 400 to 2499.5 nm. ``pH`` is in water,
        ``pH_CaCl2`` in calcium chloride. Longitude and latitude stay columns of
        ``samples``. Negative values mark what was not measured.

    References
    ----------
    .. [1] Toth, G., Jones, A. and Montanarella, L. (2013). Environmental
       Monitoring and Assessment 185, 7409-7425.
    """
    table = open_table(path)
    keys = _POINT if spectra is None else _SAMPLE
    request = _request(table, keys, limits or {}, nitrogen_unit)
    request = replace(request, name="LUCAS 2009", citation=CITATION_2009)
    if spectra is None:
        request = replace(
            request,
            quantity="absorbance",
            axis_unit="nm",
            replicates=replicates,
        )
        return _checked(read_survey(table, request))
    analyses = read_survey(table, replace(request, spectra=False))
    scans = open_table(spectra)
    key = find_key(scans, _SAMPLE)
    spectral = read_survey(
        _with_points(scans, key),
        Request(
            quantity="absorbance",
            axis_unit="nm",
            sample_id=key + 1,
            replicates="keep" if replicates == "keep" else "average",
            name="LUCAS 2009",
            notes=("scans 123, 123-1, 123UK taken as replicates of sample 123",),
        ),
    )
    return join_surveys(spectral, _checked(analyses))


def read_lucas_2015(  # noqa: PLR0913 - the layout leaves this much to the caller
    path: str | Path,
    *,
    spectra: str | Path,
    countries: Iterable[str] | None = None,
    quantity: Quantity | None = None,
    nitrogen_unit: str = "g/kg",
    limits: Mapping[str, float] | None = None,
    replicates: Replicates = "average",
) -> Survey:
    """
    Read LUCAS 2015: one table of properties, one table of spectra a country.

    Parameters
    ----------
    path : str or Path
        ``LUCAS_Topsoil_2015_20200323.csv``.
    spectra : str or Path
        Folder of the files ``spectra_ MT .csv`` (with spaces), or one of them.
    countries : iterable of str, optional
        Two-letter codes to read; all where not given.
    quantity : {"absorbance", "reflectance"}, optional
        What the spectra hold; where not given it is decided from the values, since
        sources disagree, and said in a note.
    nitrogen_unit : str, default "g/kg"
        As in :func:`read_lucas_2009`.
    limits : mapping of str to float, optional
        What ``<LOD`` stands for, by response, in the unit of the table.
    replicates : {"average", "keep", "refuse"}, default "average"
        There are two scans a point.

    Returns
    -------
    Survey
        Points with spectra and properties.

    References
    ----------
    .. [1] Jones, A., Fernandez-Ugalde, O. and Scarpa, S. (2020). LUCAS 2015
       Topsoil Survey. EUR 30332 EN.
    """
    table = open_table(path)
    request = _request(table, _POINT, limits or {}, nitrogen_unit)
    request = replace(request, spectra=False, name="LUCAS 2015", citation=CITATION_2015)
    analyses = read_survey(table, request)
    parts = [
        _scans_2015(file, quantity, replicates)
        for file in _country_files(Path(spectra), countries)
    ]
    spectral = stack_surveys(parts, "LUCAS 2015")
    return join_surveys(spectral, _checked(analyses))


def plain_name(name: str) -> str:
    """
    Name of a column without case, spaces and punctuation.

    Parameters
    ----------
    name : str
        As in the file.

    Returns
    -------
    str
        Letters and digits, in lower case.

    Examples
    --------
    >>> plain_name("POINT_ID"), plain_name("pH.in.H2O")
    ('pointid', 'phinh2o')
    """
    return re.sub(r"[^a-z0-9µ]", "", name.lower())


def find_key(table: Table, keys: tuple[str, ...] = _POINT) -> int:
    """
    Position of the ids, which every LUCAS table spells in its own way.

    Parameters
    ----------
    table : Table
        The table.
    keys : tuple of str
        Plain names of the column, the best first.

    Returns
    -------
    int
        Position counted from 0.

    Raises
    ------
    UnreadableFileError
        If there is none.
    """
    plain = [plain_name(name) for name in table.header]
    for key in keys:
        if plain.count(key) == 1:
            return plain.index(key)
    msg = (
        f"{table.path}: no column of point ids; expected one called Point_ID, PointID, "
        "POINT_ID, POINTID or sample_ID; name it so"
    )
    raise UnreadableFileError(msg)


def _request(
    table: Table,
    keys: tuple[str, ...],
    limits: Mapping[str, float],
    nitrogen_unit: str,
) -> Request:
    plain = [plain_name(name) for name in table.header]
    responses = {}
    for name, names, unit, procedure in PROPERTIES:
        columns = [at for at, other in enumerate(plain) if other in names]
        if len(columns) > 1:
            which = " and ".join(repr(table.header[at]) for at in columns)
            msg = f"{table.path}: {name} may be {which}; expected one; rename the other"
            raise UnreadableFileError(msg)
        if columns:
            responses[name] = {
                "column": columns[0] + 1,
                "unit": nitrogen_unit if name == "N" else unit,
                "procedure": procedure,
                "limit": limits.get(name),
            }
    if not responses:
        msg = (
            f"{table.path}: none of the properties of LUCAS; expected columns such as "
            "clay, pH.in.H2O, OC and N; check that this is the topsoil table"
        )
        raise UnreadableFileError(msg)
    return Request(
        responses=responses,
        sample_id=find_key(table, keys) + 1,
        negative_is_missing=True,
        licence=LICENCE,
    )


def _checked(survey: Survey) -> Survey:
    notes = []
    if {"clay", "silt", "sand"} <= set(survey.response_names):
        texture = survey.with_responses(["clay", "silt", "sand"]).y.sum(axis=1)
        whole = _median(texture)
        if not WHOLE_TEXTURE[0] <= whole <= WHOLE_TEXTURE[1]:
            msg = (
                f"{survey.name}: clay, silt and sand read as % sum up to {whole / 10:g} "
                "% (median); expected 100; check the unit of the columns"
            )
            raise InvalidConcentrationError(msg)
    if {"N", "SOC"} <= set(survey.response_names):
        carbon, nitrogen = survey.with_responses(["SOC", "N"]).y.T
        measured = (carbon > 0) & (nitrogen > 0)
        ratio = _median(1000 * carbon[measured] / nitrogen[measured])
        low, high = CARBON_TO_NITROGEN
        if not low <= ratio <= high:
            msg = (
                f"{survey.name}: median carbon to nitrogen ratio {ratio:.3g} with the "
                f"unit of N given; expected {low:g} to {high:g} as in soils; the column "
                "may be in g/kg, % or mg/kg: say which with nitrogen_unit"
            )
            raise InvalidConcentrationError(msg)
        notes.append(f"unit of N agrees with a median C:N ratio of {ratio:.3g}")
    return replace(survey, notes=survey.notes + tuple(notes))


def _median(values: FloatArray) -> float:
    measured = values[~np.isnan(values)]
    return float(np.median(measured)) if measured.size else math.nan


def _with_points(table: Table, key: int) -> Table:
    def _rows() -> Iterator[Row]:
        for row in table.rows():
            match = _REPLICATE.fullmatch(row.cells[key].strip())
            if match is None:
                msg = (
                    f"{table.place(row.number, key)}: found {row.cells[key]!r}; expected "
                    "an id such as 123, 123-1, 123UK or 123UK-1"
                )
                raise UnreadableFileError(msg)
            cells = [*row.cells[:key], match["point"], *row.cells[key + 1 :]]
            yield Row(row.number, cells)

    return replace(table, rows=_rows)


def _country_files(path: Path, countries: Iterable[str] | None) -> list[Path]:
    files = [path] if path.is_file() else sorted(path.glob("*.csv"))
    found = {match["country"].upper(): file for file in files
             if (match := _COUNTRY.fullmatch(file.name))}  # fmt: skip
    if not found:
        msg = (
            f"{path}: no spectra of LUCAS 2015; expected files such as "
            "'spectra_ MT .csv'; check the folder"
        )
        raise UnreadableFileError(msg)
    wanted = sorted(found) if countries is None else [c.upper() for c in countries]
    missing = [country for country in wanted if country not in found]
    if missing:
        msg = (
            f"{path}: no spectra of {missing[0]!r}; expected some of "
            f"{', '.join(sorted(found))}"
        )
        raise UnreadableFileError(msg)
    return [found[country] for country in wanted]


def _scans_2015(
    file: Path, quantity: Quantity | None, replicates: Replicates
) -> Survey:
    table = open_table(file)
    # The limits of absorbance hold reflectance as well: both are told apart below.
    request = Request(
        quantity="absorbance",
        axis_unit="nm",
        sample_id=find_key(table) + 1,
        replicates=replicates,
        judge_shape=False,
        name=f"LUCAS 2015 {file.stem}",
    )
    survey = read_survey(table, request)
    spectra = survey.spectra
    if spectra is None:
        msg = f"{file}: no spectra"
        raise InvalidSpectraError(msg)
    values, wavelengths = spectra.values, spectra.wavelengths
    if quantity is None:
        quantity = _decided(file, values, wavelengths)
        note = f"spectra of {file.name} taken as {quantity}: decided from their values"
        survey = replace(survey, notes=(*survey.notes, note))
    else:
        _refuse_quantity(file, values, wavelengths, quantity)
    return survey.with_spectra(replace(spectra, quantity=quantity))


def _decided(file: Path, values: FloatArray, wavelengths: FloatArray) -> Quantity:
    if values.max() > BRIGHTEST:
        return "absorbance"
    seen = shape_says(values, wavelengths)
    if seen is None:
        msg = (
            f"{file}: the values do not show whether they are reflectance or absorbance "
            "(they neither all rise nor all fall from blue to red); expected soils; say "
            "it with quantity"
        )
        raise InvalidSpectraError(msg)
    return seen


def _refuse_quantity(
    file: Path, values: FloatArray, wavelengths: FloatArray, quantity: Quantity
) -> None:
    found = contradiction(values, wavelengths, quantity)
    if found is not None:
        msg = f"{file}: the spectra {found[1]}"
        raise InvalidSpectraError(msg)
