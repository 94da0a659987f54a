"""ENVI: spectral libraries and image cubes, a header of text beside the values."""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cerussite.core.errors import UnreadableFileError
from cerussite.core.types import FloatArray
from cerussite.readers.instruments.blocks import Block, BlockQuantity
from cerussite.readers.instruments.content import Content
from cerussite.readers.instruments.spectrum_file import SpectrumFile
from cerussite.readers.instruments.text import decode, lines_of
from cerussite.readers.instruments.words import quantity_in_words, unit_in_words

#: No header of text is as large as this.
_MAX_HEADER = 1 << 26
#: Marks a missing channel in the libraries of the US Geological Survey, whose
#: headers do not say so (Clark et al. 2007, USGS Data Series 231).
_USGS_MISSING = -1.23e34
_KINDS = {1: "u1", 2: "i2", 3: "i4", 4: "f4", 5: "f8", 12: "u2", 13: "u4", 14: "i8"}
_KINDS[15] = "u8"


def header_of(path: Path, head: bytes) -> Path | None:
    """
    Header of an image or library, given either of its two files.

    Parameters
    ----------
    path : Path
        The file.
    head : bytes
        Its first bytes.

    Returns
    -------
    Path or None
        The header; None where there is none in ENVI's format.
    """
    if _is_header(head):
        return path
    for candidate in (
        path.with_name(path.name + ".hdr"),
        path.with_suffix(".hdr"),
        path.with_suffix(".HDR"),
    ):
        if candidate != path and candidate.is_file():
            with candidate.open("rb") as opened:
                if _is_header(opened.read(16)):
                    return candidate
    return None


def read(path: Path, header: Path) -> SpectrumFile:
    """
    Read a spectral library, or map an image without reading it.

    Parameters
    ----------
    path : Path
        The file the caller named.
    header : Path
        The header.

    Returns
    -------
    SpectrumFile
        One block: the spectra of the library by their names, or the image as
        lines of columns of bands.
    """
    fields = _fields(header)
    content = Content(header, b"")
    kind = fields.get("file type", "ENVI Standard").strip()
    if kind not in {"ENVI Spectral Library", "ENVI Standard", "ENVI"}:
        content.refuse(f"a file of type {kind!r}", "spectra", "choose another file")
    stored = _data_file(content, path)
    is_library = kind == "ENVI Spectral Library"
    values = _values(content, fields, stored, is_library=is_library)
    axis, unit, notes = _axis(content, fields, values.shape[-1])
    quantity, divisor, more = _quantity(fields, values)
    missing, again = _missing(content, fields, values, is_library=is_library)
    block = Block(
        "library" if is_library else "image",
        quantity,
        axis,
        unit,
        values,
        labels=_labels(fields, len(values)) if is_library else (),
        divisor=divisor,
        missing_value=missing,
        is_bad=_bad(content, fields, axis.size),
    )
    bad = 0 if block.is_bad is None else int(block.is_bad.sum())
    if bad:
        again += (
            f"{bad} bands declared bad by the header: conversion leaves them out",
        )
    return SpectrumFile(
        path,
        kind,
        (block,),
        block,
        instrument=fields.get("sensor type", "").replace("Unknown", ""),
        date=fields.get("acquisition time", ""),
        metadata={key: text[:2000] for key, text in fields.items()},
        warnings=notes + more + again,
    )


def _is_header(head: bytes) -> bool:
    return re.match(rb"ENVI[ \t]*[\r\n]", head) is not None


def _fields(header: Path) -> dict[str, str]:
    """Fields of the header in its own words, braces removed."""
    size = header.stat().st_size
    if size > _MAX_HEADER:
        msg = f"{header}: a header of {size} bytes; expected text; correct the path"
        raise UnreadableFileError(msg)
    fields: dict[str, str] = {}
    lines = iter(lines_of(decode(header.read_bytes()))[1:])
    for line in lines:
        name, equals, value = line.partition("=")
        if not equals or line.lstrip().startswith(";"):
            continue
        if value.strip().startswith("{"):
            parts = [value]
            while "}" not in parts[-1]:
                following = next(lines, None)
                if following is None:
                    msg = (
                        f"{header}: the list {name.strip()!r} does not end; expected a "
                        "closing brace; the header is cut or damaged"
                    )
                    raise UnreadableFileError(msg)
                parts.append(following)
            value = "\n".join(parts).strip().strip("{}")
        fields.setdefault(name.strip().lower(), value.strip())
    return fields


def _data_file(content: Content, path: Path) -> Path:
    header = content.path
    if path != header:
        return path
    base = header.with_suffix("")
    suffixes = ("", ".img", ".dat", ".sli", ".slb", ".bsq", ".bil", ".bip", ".raw")
    spelt = [each for suffix in suffixes for each in (suffix, suffix.upper())]
    candidates = (base.with_name(base.name + suffix) for suffix in spelt)
    found = next((each for each in candidates if each.is_file()), None)
    if found is None:
        content.refuse("a header without its file of values", "it beside the header")
    return found


def _whole(content: Content, fields: Mapping[str, str], key: str) -> int:
    written = str(fields.get(key, "")).strip()
    if not re.fullmatch(r"\d{1,12}", written):
        content.refuse(f"{key} = {written[:30]!r}", "a whole number")
    return int(written)


def _values(
    content: Content, fields: Mapping[str, str], stored: Path, *, is_library: bool
) -> np.ndarray[Any, Any]:
    """Lines, columns, bands of an image, or spectra, channels of a library."""
    n_lines, n_columns, n_bands = (
        _whole(content, fields, key) for key in ("lines", "samples", "bands")
    )
    offset = (
        _whole(content, fields, "header offset") if "header offset" in fields else 0
    )
    code = _whole(content, fields, "data type")
    if code not in _KINDS:
        content.refuse(f"data type {code}", "real numbers")
    big_endian = str(fields.get("byte order", "0")).strip() == "1"
    kind = np.dtype((">" if big_endian else "<") + _KINDS[code])
    n_values = n_lines * n_columns * n_bands
    size = stored.stat().st_size
    if n_values == 0 or offset + n_values * kind.itemsize > size:
        found = (
            f"{n_lines} lines, {n_columns} columns, {n_bands} bands of {kind.itemsize} "
            f"bytes, but a file of {size} bytes ({stored.name})"
        )
        content.refuse(found, "values for all of them", "the file is cut or damaged")
    interleave = str(fields.get("interleave", "bsq")).strip().lower()
    orders = {
        "bsq": ((n_bands, n_lines, n_columns), (1, 2, 0)),
        "bil": ((n_lines, n_bands, n_columns), (0, 2, 1)),
        "bip": ((n_lines, n_columns, n_bands), (0, 1, 2)),
    }
    if interleave not in orders:
        content.refuse(f"interleave {interleave!r}", "bsq, bil or bip")
    shape, order = orders[interleave]
    if is_library:
        # A library is one band of lines (spectra) and columns (channels).
        shape, order = (n_bands, n_lines, n_columns), (0, 1, 2)
    mapped = np.memmap(stored, kind, "r", offset, shape).transpose(order)
    return mapped[0] if is_library else mapped


def _numbers(content: Content, fields: Mapping[str, str], key: str) -> FloatArray:
    try:
        return np.array([float(each) for each in fields[key].split(",")])
    except ValueError:
        content.refuse(f"{key} = {fields[key][:30]}...", "numbers")


def _axis(
    content: Content, fields: Mapping[str, str], n_bands: int
) -> tuple[FloatArray, str, tuple[str, ...]]:
    if "wavelength" not in fields:
        note = "the header has no wavelengths: bands are counted"
        return np.arange(1.0, n_bands + 1), "band number", (note,)
    axis = _numbers(content, fields, "wavelength")
    if axis.size != n_bands or not np.isfinite(axis).all():
        content.refuse(f"{axis.size} wavelengths", f"{n_bands} as there are bands")
    unit = unit_in_words(fields.get("wavelength units", ""))
    if unit:
        return axis, unit, ()
    hint = "um" if axis.max() < 100 else "nm"
    note = (
        f"the header gives no unit for its wavelengths, {axis.min():g} to "
        f"{axis.max():g}, which look like {hint}: say it (axis_unit)"
    )
    return axis, "", (note,)


def _quantity(
    fields: Mapping[str, str], values: np.ndarray[Any, Any]
) -> tuple[BlockQuantity, float, tuple[str, ...]]:
    titles = fields.get("z plot titles", "").split(",")
    quantity, divisor = quantity_in_words(titles[1] if len(titles) > 1 else "")
    written = fields.get("reflectance scale factor", "")
    try:
        factor = float(written)
    except ValueError:
        factor = math.nan
    if factor > 0:
        return "reflectance", factor, ()
    if values.dtype.kind in "iu":
        note = "whole numbers without a scale in the header: say it (quantity, divisor)"
        return quantity, divisor, (note,)
    return quantity, divisor, ()


def _missing(
    content: Content,
    fields: Mapping[str, str],
    values: np.ndarray[Any, Any],
    *,
    is_library: bool,
) -> tuple[float | None, tuple[str, ...]]:
    if "data ignore value" in fields:
        return float(_numbers(content, fields, "data ignore value")[0]), ()
    if is_library and values.dtype.kind == "f":
        n_missing = int(np.count_nonzero(np.isclose(values, _USGS_MISSING, rtol=1e-3)))
        if n_missing:
            note = f"{n_missing} values of -1.23e34 read as not measured"
            return _USGS_MISSING, (note,)
    return None, ()


def _bad(
    content: Content, fields: Mapping[str, str], n_bands: int
) -> np.ndarray[Any, np.dtype[np.bool_]] | None:
    if "bbl" not in fields:
        return None
    good = _numbers(content, fields, "bbl")
    if good.size != n_bands:
        content.refuse(f"{good.size} marks of bad bands", f"{n_bands}")
    return good == 0


def _labels(fields: Mapping[str, str], n_spectra: int) -> tuple[str, ...]:
    names = [name.strip() for name in fields.get("spectra names", "").split(",")]
    return tuple(names) if len(names) == n_spectra else ()
