"""Names of spectral columns: which they are, where they lie, in which unit."""

import re
from dataclasses import dataclass

import numpy as np

from cerussite.core.errors import UnreadableFileError
from cerussite.core.types import AxisUnit, FloatArray, IntArray, Quantity

#: What stands before the number, and the unit it states (None: it states none).
PREFIXES: dict[str, AxisUnit | None] = {
    "": None,
    "x": None,
    "spc": None,
    "wl": "nm",
    "wavelength": "nm",
    "scan_visnir": "nm",
    "wn": "cm-1",
    "wavenumber": "cm-1",
    "scan_mir": "cm-1",
    "m": "cm-1",  # AfSIS and Bruker tables of wavenumbers: m7497.964
}
_UNITS = r"(?P<nm>nm)|(?P<cm>cm\s?(?:\^?-1|⁻¹|\.1)|1/cm)"
_TAIL = (
    rf"(?P<number>\d{{2,5}}(?:[.,]\d+)?)(?:[\s_.]?(?:{_UNITS}))?"
    r"(?:_(?:(?P<ref>ref|reflectance)|(?P<abs>abs|absorbance)))?"
)
_KNOWN = re.compile(
    rf"(?P<prefix>{'|'.join(sorted(filter(None, PREFIXES), key=len, reverse=True))}|)"
    rf"[._\s]?{_TAIL}",
    re.IGNORECASE,
)
#: Axes stated by the caller alone must lie here: outside, it is the other unit.
PLAUSIBLE: dict[AxisUnit, tuple[float, float]] = {
    "nm": (150.0, 30_000.0),
    "cm-1": (370.0, 50_000.0),
}


@dataclass(frozen=True)
class SpectralColumns:
    """
    Columns of a table that hold spectra, in increasing wavelength.

    Attributes
    ----------
    positions : ndarray of int, shape (n_wavelengths,)
        Positions of the columns in the file, counted from 0.
    wavelengths : ndarray of shape (n_wavelengths,)
        Band centres in nm, strictly increasing.
    unit : {"nm", "cm-1"}
        Unit of the axis in the file.
    quantity : {"reflectance", "absorbance"} or None
        What the names say (``_ref``, ``_abs``); None where they do not.
    notes : tuple of str
        What was converted or turned around.
    """

    positions: IntArray
    wavelengths: FloatArray
    unit: AxisUnit
    quantity: Quantity | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Band:
    """One column whose name is a band, in the unit of the file."""

    position: int
    name: str
    number: float
    prefix: str
    unit: AxisUnit | None
    quantity: Quantity | None


@dataclass(frozen=True)
class StatedBands:
    """
    Bands as the names of columns state them, and what they leave open.

    Attributes
    ----------
    positions : tuple of int
        Positions of the columns in the file, counted from 0.
    numbers : ndarray of shape (n_wavelengths,)
        Rising or falling, in the unit of the file.
    unit : {"nm", "cm-1"} or None
        None where the names do not say it.
    quantity : {"reflectance", "absorbance"} or None
        None where the names do not say it.
    """

    positions: tuple[int, ...]
    numbers: FloatArray
    unit: AxisUnit | None
    quantity: Quantity | None


def stated_bands(header: list[str], *, source: str) -> StatedBands:
    """
    Bands that the names of columns state, whether or not they say in which unit.

    Parameters
    ----------
    header : list of str
        Names of all columns.
    source : str
        Name of the file, for messages.

    Returns
    -------
    StatedBands
        Refused are no bands, two kinds of them, and an axis that goes back.

    Examples
    --------
    >>> stated_bands(["id", "400", "410"], source="t").unit is None
    True
    """
    bands, _ = _one_family(_bands(header, None), source, header)
    numbers = np.array([band.number for band in bands])
    _check_monotone(bands, numbers, source)
    positions = tuple(band.position for band in bands)
    return StatedBands(positions, numbers, bands[0].unit, bands[0].quantity)


def find_spectral_columns(
    header: list[str],
    *,
    source: str,
    axis_unit: AxisUnit | None = None,
    prefix: str | None = None,
) -> SpectralColumns:
    """
    Columns of a header that are bands, such as ``400nm``, ``X400`` or ``wn_600.5``.

    Parameters
    ----------
    header : list of str
        Names of all columns.
    source : str
        Name of the file, for messages.
    axis_unit : {"nm", "cm-1"}, optional
        Unit of the numbers; needed where the names do not say it.
    prefix : str, optional
        Take only the columns whose name begins so; needed where a table holds
        two kinds of spectra, or where the names begin in an unusual way.

    Returns
    -------
    SpectralColumns
        Positions and wavelengths, turned to increasing wavelength.

    Notes
    -----
    Refused are: no such columns or two kinds of them, an axis that goes back and
    forth, a unit that is missing or contradicts the names or the range.

    Examples
    --------
    >>> columns = find_spectral_columns(["id", "4000cm-1", "2000cm-1"], source="t")
    >>> columns.wavelengths
    array([2500., 5000.])
    >>> columns.positions, columns.unit
    (array([1, 2]), 'cm-1')
    """
    bands, notes = _one_family(_bands(header, prefix), source, header)
    axis = np.array([band.number for band in bands])
    _check_monotone(bands, axis, source)
    unit = _axis_unit(bands, axis_unit, source)
    wavelengths = axis if unit == "nm" else 1e7 / axis
    positions = np.array([band.position for band in bands])
    if unit == "cm-1":
        notes += (f"axis of {axis.size} bands converted from cm-1 to nm",)
    if wavelengths[0] > wavelengths[-1]:
        wavelengths, positions = wavelengths[::-1], positions[::-1]
        ends = f"{axis[0]:g} to {axis[-1]:g} {unit}"
        notes += (f"bands turned around to increasing wavelength (file: {ends})",)
    return SpectralColumns(positions, wavelengths, unit, bands[0].quantity, notes)


def has_bands(header: list[str]) -> bool:
    """
    Tell whether names of columns look like those of a table of spectra.

    Parameters
    ----------
    header : list of str
        Names of all columns.

    Returns
    -------
    bool
        True where two or more are bands and not all are plain numbers: a first line of
        numbers alone is data.

    Examples
    --------
    >>> has_bands(["id", "400nm", "410nm"]), has_bands(["400", "12.5", "13.1"])
    (True, False)
    """
    is_number = all(name.replace(".", "", 1).strip().isdigit() for name in header)
    return len(_bands(header, None)) >= 2 and not is_number


def _bands(header: list[str], prefix: str | None) -> list[_Band]:
    if prefix is None:
        pattern = _KNOWN
    else:
        pattern = re.compile(rf"(?P<prefix>{re.escape(prefix)}){_TAIL}", re.IGNORECASE)
    matches = [(at, pattern.fullmatch(name.strip())) for at, name in enumerate(header)]
    return [_band(at, match) for at, match in matches if match is not None]


def _band(position: int, match: re.Match[str]) -> _Band:
    prefix = match["prefix"].lower().rstrip("._ ")
    unit: AxisUnit | None = PREFIXES.get(prefix)
    if match["nm"] or match["cm"]:
        unit = "nm" if match["nm"] else "cm-1"
    quantity: Quantity | None = None
    if match["ref"] or match["abs"]:
        quantity = "reflectance" if match["ref"] else "absorbance"
    number = float(match["number"].replace(",", "."))
    return _Band(position, match[0], number, prefix, unit, quantity)


def _one_family(
    bands: list[_Band], source: str, header: list[str]
) -> tuple[list[_Band], tuple[str, ...]]:
    families: dict[tuple[object, ...], list[_Band]] = {}
    for band in bands:
        families.setdefault((band.prefix, band.unit, band.quantity), []).append(band)
    ordered = sorted(families.values(), key=len, reverse=True)
    if not ordered or len(ordered[0]) < 2:
        shown = ", ".join(repr(name) for name in header[:6])
        msg = (
            f"{source}: no wavelength columns among {len(header)} columns ({shown} "
            "...); expected names such as 400, 400nm, X400, wl_400, wn_600.5 or "
            "4000cm-1; name them so, or read the table without spectra"
        )
        raise UnreadableFileError(msg)
    main, others = ordered[0], ordered[1:]
    if others and (len(others[0]) >= 10 or 2 * len(others[0]) >= len(main)):
        msg = (
            f"{source}: two kinds of spectral columns, {len(main)} like "
            f"{main[0].name!r} and {len(others[0])} like {others[0][0].name!r}; "
            "expected one; say which by what the names begin with (spectra=...)"
        )
        raise UnreadableFileError(msg)
    left = [band.name for family in others for band in family]
    if not left:
        return main, ()
    note = f"{', '.join(left)} not read as bands: named unlike {main[0].name}"
    return main, (note,)


def _check_monotone(bands: list[_Band], axis: FloatArray, source: str) -> None:
    steps = np.diff(axis)
    wrong = steps <= 0 if np.sum(steps > 0) >= np.sum(steps < 0) else steps >= 0
    if wrong.any():
        at = int(np.argmax(wrong))
        first, second = bands[at], bands[at + 1]
        msg = (
            f"{source}: spectral columns go back: {second.name!r} (column "
            f"{second.position + 1}) follows {first.name!r} (column "
            f"{first.position + 1}); expected an axis that only rises or only "
            "falls; sort the columns, or cut the overlap of two detectors"
        )
        raise UnreadableFileError(msg)


def _axis_unit(bands: list[_Band], given: AxisUnit | None, source: str) -> AxisUnit:
    stated, first, last = bands[0].unit, bands[0], bands[-1]
    if given is not None and given not in PLAUSIBLE:
        msg = f"axis unit {given!r}; expected 'nm' or 'cm-1'"
        raise UnreadableFileError(msg)
    if stated is not None and given not in {None, stated}:
        msg = (
            f"{source}: axis in {given} asked for, but the name {first.name!r} says "
            f"{stated}; leave out axis_unit or correct the names"
        )
        raise UnreadableFileError(msg)
    if stated is not None:
        return stated
    if given is None:
        msg = (
            f"{source}: the names {first.name!r} to {last.name!r} do not say whether "
            "they are nm or cm-1, and nothing in the numbers proves it; say it with "
            "axis_unit: nm or cm-1"
        )
        raise UnreadableFileError(msg)
    _check_range(bands, given, source)
    return given


def _check_range(bands: list[_Band], unit: AxisUnit, source: str) -> None:
    low, high = sorted([bands[0].number, bands[-1].number])
    least, most = PLAUSIBLE[unit]
    # Visible light and the mid-infrared never lie on one axis in nm.
    across = unit == "nm" and low < 1000 and high > 3500
    if low >= least and high <= most and not across:
        return
    other = "cm-1" if unit == "nm" else "nm"
    msg = (
        f"{source}: axis_unit is {unit}, but the columns run from {low:g} to {high:g}, "
        f"which soil spectrometers do not cover in {unit}; give axis_unit: {other}, "
        f"or write the unit into the names ({bands[0].number:g}{unit})"
    )
    raise UnreadableFileError(msg)
