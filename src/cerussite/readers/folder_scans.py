"""Scans of a folder's files, brought to one axis and one quantity."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cerussite.core.errors import CerussiteError, InvalidSurveyError
from cerussite.core.spectra import Spectra
from cerussite.core.types import FloatArray, Quantity
from cerussite.readers.instruments import (
    Overlap,
    SpectralUnit,
    SpectrumFile,
    read_spectra,
)
from cerussite.readers.quantities import FileQuantity


@dataclass(frozen=True)
class FileOptions:
    """
    What a caller says about the files of a folder.

    Attributes
    ----------
    block : str or None
        Name of the block to take.
    quantity : {"reflectance", "reflectance_percent", "absorbance"} or None
        What files hold that do not say it.
    axis_unit : {"nm", "um", "cm-1"} or None
        Unit of the axis in files that do not say it.
    overlap : {"refuse", "cut"}
        What to do where the ranges of two detectors overlap.
    """

    block: str | None = None
    quantity: FileQuantity | None = None
    axis_unit: SpectralUnit | None = None
    overlap: Overlap = "refuse"


@dataclass(frozen=True, eq=False)
class Scan:
    """
    One spectrum of a file.

    Attributes
    ----------
    path : Path
        The file.
    place : str
        The file, relative to the folder, and the label.
    label : str
        Name of the spectrum inside the file; empty where there is one only.
    spectra : Spectra
        A single spectrum.
    details : mapping of str to object
        What the file says about the measurement.
    warnings : tuple of str
        What a reader of the values must know.
    sample_id : str
        Sample that was scanned; empty as long as it is not known.
    """

    path: Path
    place: str
    label: str
    spectra: Spectra
    details: Mapping[str, object] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    sample_id: str = ""


def read_scans(
    folder: Path, paths: list[Path], options: FileOptions
) -> tuple[list[Scan], dict[Path, str]]:
    """
    Read the scans of some files.

    Parameters
    ----------
    folder : Path
        The folder that places are told in.
    paths : list of Path
        The files.
    options : FileOptions
        What the caller says about them.

    Returns
    -------
    tuple of (list of Scan, dict of Path to str)
        The scans, and the reason for each file that could not be read.
    """
    scans: list[Scan] = []
    reasons: dict[Path, str] = {}
    for path in paths:
        try:
            scans.extend(_scans(folder, path, options))
        except (CerussiteError, OSError) as error:
            reasons[path] = str(error).removeprefix(f"{path}: ")
    return scans, reasons


def one_axis(
    scans: list[Scan],
    wavelengths: FloatArray | None = None,
    quantity: Quantity | None = None,
) -> Spectra:
    """
    Spectra of all scans on one axis and in one quantity.

    Parameters
    ----------
    scans : list of Scan
        At least one.
    wavelengths : ndarray of shape (n_wavelengths,), optional
        Band centres in nm to interpolate to; the files' own where not given.
    quantity : {"reflectance", "absorbance"}, optional
        What to convert to; the files' own where not given.

    Returns
    -------
    Spectra
        One spectrum a scan, in their order.

    Notes
    -----
    Refused (:class:`~cerussite.core.errors.InvalidSurveyError`) are axes or
    quantities that differ where nothing is said about it, and bands outside the
    range of a file.
    """
    first = scans[0]
    if quantity is None:
        _refuse_other_quantities(scans)
    brought = [scan.spectra.to_quantity(quantity or first.spectra.quantity)
               for scan in scans]  # fmt: skip
    if wavelengths is None:
        _refuse_other_axes(scans)
        rows, axis = [each.values[0] for each in brought], first.spectra.wavelengths
    else:
        axis = np.asarray(wavelengths, dtype=np.float64)
        rows = [
            _interpolated(each, axis, scan.path)
            for each, scan in zip(brought, scans, strict=True)
        ]
    units = {each.original_unit for each in brought}
    unit = units.pop() if len(units) == 1 else "nm"
    return Spectra(np.array(rows), axis, brought[0].quantity, unit)


def _scans(folder: Path, path: Path, options: FileOptions) -> list[Scan]:
    file = _opened(path, options)
    if file.chosen is not None and file.chosen.is_image:
        msg = "an image; expected scans of samples; read it by itself"
        raise InvalidSurveyError(msg)
    spectra = file.to_spectra(overlap=options.overlap)
    labels = () if file.chosen is None else file.chosen.labels
    if spectra.n_samples == 1:
        labels = ("",)
    elif len(labels) != spectra.n_samples:
        labels = tuple(f"#{number + 1}" for number in range(spectra.n_samples))
    place, details = str(path.relative_to(folder)), _details(file)
    return [
        Scan(
            path,
            f"{place}, {label}" if label else place,
            label,
            spectra.take([row]),
            details,
            file.warnings,
        )
        for row, label in enumerate(labels)
    ]


def _opened(path: Path, options: FileOptions) -> SpectrumFile:
    file = read_spectra(path, block=options.block)
    chosen = file.chosen
    if chosen is None:
        return file
    # What the file says itself stands, so that formats may be mixed.
    quantity = options.quantity if chosen.quantity == "unknown" else None
    axis_unit = options.axis_unit if not chosen.axis_unit else None
    if quantity is None and axis_unit is None:
        return file
    return read_spectra(
        path, block=options.block, quantity=quantity, axis_unit=axis_unit
    )


def _details(file: SpectrumFile) -> dict[str, object]:
    latitude, longitude = file.position or (np.nan, np.nan)
    return {
        "format": file.format,
        "instrument": file.instrument or None,
        "date": file.date or None,
        "n_scans": np.nan if file.n_scans is None else float(file.n_scans),
        "latitude": latitude,
        "longitude": longitude,
    }


def _refuse_other_quantities(scans: list[Scan]) -> None:
    first = scans[0]
    for scan in scans:
        if scan.spectra.quantity != first.spectra.quantity:
            msg = (
                f"{first.path} holds {first.spectra.quantity}, {scan.path} "
                f"{scan.spectra.quantity}; expected one quantity; say what to convert "
                "all to (to_quantity), or read these files apart"
            )
            raise InvalidSurveyError(msg)


def _refuse_other_axes(scans: list[Scan]) -> None:
    first = scans[0]
    for scan in scans:
        if not np.array_equal(scan.spectra.wavelengths, first.spectra.wavelengths):
            msg = (
                f"{first.path} has {_axis(first.spectra)}, {scan.path} "
                f"{_axis(scan.spectra)}; expected the same bands; say which to "
                "interpolate to (wavelengths), or read these files apart"
            )
            raise InvalidSurveyError(msg)


def _axis(spectra: Spectra) -> str:
    low, high = spectra.wavelengths[[0, -1]]
    return f"{spectra.wavelengths.size} bands from {low:g} to {high:g} nm"


def _interpolated(spectra: Spectra, axis: FloatArray, path: Path) -> FloatArray:
    low, high = spectra.wavelengths[[0, -1]]
    if axis.min() < low or axis.max() > high:
        msg = (
            f"{path}: {_axis(spectra)}; expected a range that holds {axis.min():g} to "
            f"{axis.max():g} nm; ask for fewer bands, or take the file out"
        )
        raise InvalidSurveyError(msg)
    return np.interp(axis, spectra.wavelengths, spectra.values[0])
