"""A folder of instruments' files and a table of analyses become one survey."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from cerussite.core.errors import InvalidSurveyError, UnreadableFileError
from cerussite.core.spectra import Spectra
from cerussite.core.survey import Survey
from cerussite.core.types import FloatArray, Quantity
from cerussite.readers.folder_files import folder_files
from cerussite.readers.folder_report import FolderReading, FolderSpectra
from cerussite.readers.folder_samples import (
    ids_from_names,
    ids_from_table,
    scan_table,
)
from cerussite.readers.folder_scans import FileOptions, Scan, one_axis, read_scans
from cerussite.readers.instruments import Overlap, SpectralUnit
from cerussite.readers.joining import join_surveys
from cerussite.readers.outlying import outlying_scans
from cerussite.readers.quantities import FileQuantity
from cerussite.readers.replicates import Replicates, Scans, settle_replicates


def read_folder(  # noqa: PLR0913 - each argument is a fact that no file states itself
    folder: str | Path,
    analyses: Survey,
    *,
    file_column: str | None = None,
    id_pattern: str | None = None,
    replicates: Replicates = "refuse",
    wavelengths: FloatArray | None = None,
    to_quantity: Quantity | None = None,
    block: str | None = None,
    quantity: FileQuantity | None = None,
    axis_unit: SpectralUnit | None = None,
    overlap: Overlap = "refuse",
) -> FolderReading:
    r"""
    Read a folder of instruments' files and join them to analyses by sample id.

    Files of any format, mixed, in the folder and the folders below it; what does
    not match, cannot be read or stands out is listed beside the survey.

    Parameters
    ----------
    folder : str or Path
        The folder. Links that lead out of it are refused.
    analyses : Survey
        The laboratory's table, as :func:`cerussite.readers.read_table` reads it
        with ``spectra=False``.
    file_column : str, optional
        Column of the table that names each sample's file, relative to the folder.
        Where not given, sample ids come from the names of the files.
    id_pattern : str, optional
        Regular expression with a group ``id`` that the whole name of a file,
        without its ending, must match: ``r"(?P<id>[^_]+)_\d+"`` reads
        ``A7_001.asd`` as a scan of ``A7``. The name without its ending where not
        given. A file of many spectra, such as a library, gives their names
        instead.
    replicates : {"refuse", "keep", "average"}, default "refuse"
        Scans that share a sample id: refuse them, keep them as ``ID#1``, ``ID#2``
        of one specimen, or average them.
    wavelengths : ndarray of shape (n_wavelengths,), optional
        Band centres in nm to interpolate all files to, by straight lines inside
        their range; needed where their axes differ.
    to_quantity : {"reflectance", "absorbance"}, optional
        What to convert all spectra to; needed where files hold different ones.
    block, quantity, axis_unit, overlap : str, optional
        Which block to take and what the files leave open, as in
        :func:`cerussite.readers.instruments.read_spectra` and
        :meth:`~cerussite.readers.instruments.SpectrumFile.to_spectra`.

    Returns
    -------
    FolderReading
        The survey, and what did not match either way, could not be read, or is an
        outlying replicate.

    Notes
    -----
    Refused are ids of which none matches, ids that repeat where that is not
    allowed, files that differ in axis or quantity where nothing is said about it,
    a folder without a readable file, and names and links that lead out of it.
    """
    folder = Path(folder)
    paths = folder_files(folder)
    options = FileOptions(block, quantity, axis_unit, overlap)
    sample_of = (
        ids_from_names(id_pattern)
        if file_column is None
        else ids_from_table(folder, analyses, file_column)
    )
    scans, reasons = read_scans(folder, paths, options)
    _refuse_none_read(folder, paths, reasons)
    joined, others = _matched(folder, scans, sample_of, analyses)
    spectra = one_axis(joined, wavelengths, to_quantity)
    survey = join_surveys(_survey(folder, joined, spectra, replicates), analyses)
    ids = np.array([scan.sample_id for scan in joined], dtype=object)
    places = [scan.place for scan in joined]
    reading = FolderReading(
        survey=survey,
        n_files=len(paths),
        without_analyses=tuple((scan.sample_id, scan.place) for scan in others),
        without_spectrum=_without_spectrum(analyses, ids),
        unreadable=tuple(
            (str(path.relative_to(folder)), reason) for path, reason in reasons.items()
        ),
        outlying=outlying_scans(spectra.values, ids, places),
    )
    # The last note counts what was joined after the others had been left out.
    notes = (*survey.notes[:-1], *_warnings(joined), *reading.notes())
    return replace(reading, survey=replace(survey, notes=notes))


def read_folder_spectra(  # noqa: PLR0913 - each argument is a fact that no file states itself
    folder: str | Path,
    *,
    id_pattern: str | None = None,
    replicates: Replicates = "refuse",
    block: str | None = None,
    quantity: FileQuantity | None = None,
    axis_unit: SpectralUnit | None = None,
    overlap: Overlap = "refuse",
) -> FolderSpectra:
    """
    Read a folder of instruments' files of samples without analyses.

    Parameters
    ----------
    folder : str or Path
        The folder. Links that lead out of it are refused.
    id_pattern, replicates : str, optional
        As in :func:`read_folder`.
    block, quantity, axis_unit, overlap : str, optional
        As in :func:`read_folder`.

    Returns
    -------
    FolderSpectra
        One survey for each axis and quantity, and what was left out.

    Raises
    ------
    InvalidSurveyError
        If no name of a file holds a sample id; also where ids repeat and that is not
        allowed, and where scans of one sample differ in axis or quantity.
    """
    folder = Path(folder)
    paths = folder_files(folder)
    options = FileOptions(block, quantity, axis_unit, overlap)
    sample_of = ids_from_names(id_pattern)
    scans, reasons = read_scans(folder, paths, options)
    _refuse_none_read(folder, paths, reasons)
    named = [replace(scan, sample_id=sample_of(scan)) for scan in scans]
    kinds = _by_kind([scan for scan in named if scan.sample_id])
    if not kinds:
        msg = (
            f"{folder}: no name of a file ({named[0].place!r} ...) holds a sample id; "
            "expected names that match wholly; correct it (id_pattern)"
        )
        raise InvalidSurveyError(msg)
    surveys = tuple(_survey(folder, each, one_axis(each), replicates) for each in kinds)
    return FolderSpectra(
        surveys,
        unnamed=tuple(scan.place for scan in named if not scan.sample_id),
        unreadable=tuple(
            (str(path.relative_to(folder)), reason) for path, reason in reasons.items()
        ),
    )


def _by_kind(scans: list[Scan]) -> list[list[Scan]]:
    """Scans of one axis and quantity together; those of one sample must be so."""
    kinds: dict[tuple[bytes, str], list[Scan]] = {}
    first: dict[str, tuple[tuple[bytes, str], Scan]] = {}
    for scan in scans:
        kind = (scan.spectra.wavelengths.tobytes(), scan.spectra.quantity)
        known, other = first.setdefault(scan.sample_id, (kind, scan))
        if known != kind:
            msg = (
                f"{scan.path} and {other.path} are scans of sample "
                f"{scan.sample_id!r} that differ in bands or quantity; expected them "
                "alike; keep these files in folders of their own"
            )
            raise InvalidSurveyError(msg)
        kinds.setdefault(kind, []).append(scan)
    return list(kinds.values())


def _refuse_none_read(
    folder: Path, paths: list[Path], reasons: Mapping[Path, str]
) -> None:
    if len(reasons) < len(paths):
        return
    if not paths:
        msg = f"{folder}: no files; expected some of an instrument; name another folder"
        raise UnreadableFileError(msg)
    first, reason = next(iter(reasons.items()))
    msg = f"{folder}: none of {len(paths)} files could be read; first {first}: {reason}"
    raise UnreadableFileError(msg)


def _matched(
    folder: Path,
    scans: list[Scan],
    sample_of: Callable[[Scan], str],
    analyses: Survey,
) -> tuple[list[Scan], list[Scan]]:
    """Scans of samples that the table knows, and the others."""
    named = [replace(scan, sample_id=sample_of(scan)) for scan in scans]
    known = set(analyses.samples.index)
    joined = [scan for scan in named if scan.sample_id in known]
    if not joined:
        ids = analyses.samples.index[:1].tolist()
        msg = (
            f"{folder}: no scan ({named[0].place!r} read as sample "
            f"{named[0].sample_id!r} ...) is in {analyses.name} ({ids} ...); expected "
            "the same ids; say how names of files hold them (id_pattern), or which "
            "column names the files (file_column)"
        )
        raise InvalidSurveyError(msg)
    return joined, [scan for scan in named if scan.sample_id not in known]


def _without_spectrum(analyses: Survey, ids: np.ndarray) -> tuple[str, ...]:
    scanned = set(ids)
    return tuple(str(name) for name in analyses.samples.index if name not in scanned)


def _survey(
    folder: Path, scans: list[Scan], spectra: Spectra, replicates: Replicates
) -> Survey:
    samples, nothing = scan_table(scans), np.empty((len(scans), 0))
    places = [scan.place for scan in scans]
    unsettled = Scans(samples, places, nothing, nothing.astype(bool), spectra.values)
    settled = settle_replicates(unsettled, replicates, [], ())
    values = spectra.values if settled.values is None else settled.values
    return Survey(
        samples=settled.samples,
        responses=(),
        y=settled.y,
        spectra=replace(spectra, values=values),
        name=folder.resolve().name,
        notes=settled.notes,
    )


def _warnings(scans: list[Scan]) -> list[str]:
    counted = Counter(text for scan in scans for text in set(scan.warnings))
    return [f"{number} scans: {text}" for text, number in counted.items()]
