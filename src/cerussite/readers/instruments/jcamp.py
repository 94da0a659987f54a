"""JCAMP-DX: labelled text with plain or compressed ordinates, one or many blocks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from cerussite.core.types import FloatArray
from cerussite.readers.instruments.blocks import Block, BlockQuantity
from cerussite.readers.instruments.content import Content
from cerussite.readers.instruments.jcamp_ordinates import (
    OrdinateError,
    decode_ordinates,
    plain_numbers,
)
from cerussite.readers.instruments.spectrum_file import SpectrumFile
from cerussite.readers.instruments.text import decode, lines_of
from cerussite.readers.instruments.words import (
    choose_block,
    quantity_in_words,
    unique_names,
    unit_in_words,
)

#: Points of one spectrum, and of all in a file: a few signs may stand for millions.
_MAX_POINTS, _MAX_ALL_POINTS = 1 << 20, 1 << 21
_LABEL = re.compile(r"\s*##([^=]*)=(.*)", re.DOTALL)
_FORM = re.compile(
    r"\(\s*X\s*(?P<even>\+\+\s*\(\s*)?(?P<symbol>\w)\s*\.\.", re.IGNORECASE
)
_DATA = frozenset({"XYDATA", "XYPOINTS", "DATATABLE"})
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")
_KEPT = ("TITLE", "ORIGIN", "OWNER", "DATATYPE", "SAMPLEDESCRIPTION", "RESOLUTION")


@dataclass
class _Record:
    """One label with all its lines, comments removed."""

    label: str
    lines: list[str]


@dataclass
class _Draft:
    """What was read so far."""

    names: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    is_complex: bool = False


@dataclass(frozen=True)
class _Fields:
    """Labels that describe one spectrum, and how their numbers are written."""

    content: Content
    labels: Mapping[str, str]
    comma: bool


def recognise(head: bytes) -> bool:
    """
    Tell whether a file begins as JCAMP-DX files do.

    Parameters
    ----------
    head : bytes
        The first bytes.

    Returns
    -------
    bool
        True where the first label is a title.
    """
    lines = (line.strip() for line in lines_of(decode(head[:4096])))
    said = (line for line in lines if line and not line.startswith("$$"))
    return re.match(r"##\s*TITLE\s*=", next(said, ""), re.IGNORECASE) is not None


def read(content: Content) -> SpectrumFile:
    """
    Read all spectra of a file, of compound files and tuples too.

    Abscissas run evenly from ``FIRSTX`` to ``LASTX``; those written in front of the
    lines are only compared. As many ordinates as ``NPOINTS`` must be there.

    Parameters
    ----------
    content : Content
        The file.

    Returns
    -------
    SpectrumFile
        One block a spectrum; tables of peaks are left out.
    """
    records = _records(decode(content.data))
    draft = _Draft()
    headers: list[dict[str, str]] = [{}]
    first: dict[str, str] = {}
    for record in records:
        if record.label == "TITLE":
            headers.append({})
        elif record.label == "END" and len(headers) > 1:
            headers.pop()
        if record.label in _DATA:
            _read_data(content, record, headers[-1], draft)
        else:
            headers[-1].setdefault(record.label, " ".join(record.lines).strip())
            if record.label == "PAGE":
                headers[-1]["PAGE"] = record.lines[0].strip()
        if record.label.startswith("PEAK"):
            draft.skipped.append(record.label)
        first = first or (headers[1] if len(headers) > 1 else {})
    return _file(content, draft, first)


def _records(text: str) -> list[_Record]:
    records: list[_Record] = []
    for raw in lines_of(text):
        line = raw.split("$$", 1)[0]
        match = _LABEL.match(line)
        if match is not None:
            label = re.sub(r"[\s\-/_]", "", match[1]).upper()
            records.append(_Record(label, [match[2]]))
        elif records and line.strip():
            records[-1].lines.append(line)
    return records


def _read_data(
    content: Content, record: _Record, headers: Mapping[str, str], draft: _Draft
) -> None:
    form = _FORM.search(record.lines[0])
    if form is None:
        draft.skipped.append(f"{record.label} {record.lines[0].strip()}"[:40])
        return
    labels = headers
    symbol = form["symbol"].upper()
    if record.label == "DATATABLE":
        labels = _tuple_fields(content, headers, symbol)
        draft.is_complex = draft.is_complex or symbol in {"R", "I"}
    fields = _Fields(content, labels, _has_decimal_comma(labels))
    lines = record.lines[1:]
    if fields.comma:
        lines = [_DECIMAL_COMMA.sub(".", line) for line in lines]
        draft.warnings.append("numbers with a decimal comma, as its header has them")
    try:
        # Damaged numbers may overflow; what comes of them is not finite.
        with np.errstate(all="ignore"):
            read = _even if form["even"] else _pairs
            axis, y = read(fields, lines, draft)
    except OrdinateError as error:
        content.refuse(f"{record.label}: {str(error).replace(';', ',')}", "sound data")
    if sum(block.axis.size for block in draft.blocks) + axis.size > _MAX_ALL_POINTS:
        content.refuse(f"more than {_MAX_ALL_POINTS} points", "fewer", "split the file")
    name, quantity, divisor = _meaning(labels)
    unit = unit_in_words(labels.get("XUNITS", ""))
    draft.names.append(name)
    draft.blocks.append(
        Block(name, quantity, axis, unit, y[np.newaxis], divisor=divisor)
    )


def _tuple_fields(
    content: Content, headers: Mapping[str, str], symbol: str
) -> dict[str, str]:
    """Fields of one variable of tuples, named as those of a simple spectrum."""
    symbols = [each.strip().upper() for each in headers.get("SYMBOL", "").split(",")]
    if "X" not in symbols or symbol not in symbols:
        content.refuse(
            f"tuples of {headers.get('SYMBOL', '')!r}"[:80], f"X and {symbol} in SYMBOL"
        )
    fields = dict(headers)
    for name, label in (("X", "X"), (symbol, "Y")):
        at = symbols.index(name)
        for key in ("FIRST", "LAST", "FACTOR", "UNITS"):
            parts = headers.get(key, "").split(",")
            if at < len(parts) and parts[at].strip():
                fields[f"{key}{label}" if key in {"FIRST", "LAST"} else label + key] = (
                    parts[at].strip()
                )
        sizes = headers.get("VARDIM", "").split(",")
        names = headers.get("VARNAME", "").split(",")
        if label == "Y" and at < len(sizes):
            fields["NPOINTS"] = sizes[at].strip()
        if label == "Y" and at < len(names):
            fields["BLOCKNAME"] = names[at].strip()
    return fields


def _has_decimal_comma(fields: Mapping[str, str]) -> bool:
    stated = [fields.get(label, "") for label in ("FIRSTX", "LASTX", "FIRSTY")]
    return any(re.fullmatch(r"\s*[+-]?\d+,\d+\s*", each) for each in stated)


def _number(fields: _Fields, label: str) -> float:
    written = fields.labels.get(label, "")
    try:
        value = float(written.replace(",", ".") if fields.comma else written)
    except ValueError:
        value = np.nan
    if not abs(value) < 1e100:
        fields.content.refuse(f"##{label}={written[:30]}", "a number")
    return value


def _n_points(fields: _Fields) -> int:
    n_points = _number(fields, "NPOINTS")
    if not 2 <= n_points <= _MAX_POINTS or n_points != int(n_points):
        fields.content.refuse(f"##NPOINTS={n_points:g}", f"2 to {_MAX_POINTS}")
    return int(n_points)


def _factor(fields: _Fields, label: str) -> float:
    """A factor; the standard asks for it, but plain data often go without."""
    return _number(fields, label) if fields.labels.get(label, "").strip() else 1.0


def _even(
    fields: _Fields, lines: list[str], draft: _Draft
) -> tuple[FloatArray, FloatArray]:
    n_points = _n_points(fields)
    first, last = _number(fields, "FIRSTX"), _number(fields, "LASTX")
    ordinates = decode_ordinates(lines, n_points)
    if len(ordinates.values) != n_points:
        fields.content.refuse(
            f"{len(ordinates.values)} ordinates", f"{n_points} as ##NPOINTS says"
        )
    axis = np.linspace(first, last, n_points)
    x_factor = _factor(fields, "XFACTOR")
    step = abs(last - first) / (n_points - 1)
    n_far = sum(
        abs(x * x_factor - axis[min(at, n_points - 1)]) > 1.5 * step
        for at, x in ordinates.abscissas
    )
    if ordinates.n_wrong_checks:
        draft.warnings.append(
            f"{ordinates.n_wrong_checks} check values of lines differ from their ordinate"
        )
    if n_far:
        draft.warnings.append(f"{n_far} lines begin elsewhere than an even axis would")
    return axis, np.array(ordinates.values) * _factor(fields, "YFACTOR")


def _pairs(
    fields: _Fields, lines: list[str], draft: _Draft
) -> tuple[FloatArray, FloatArray]:
    del draft  # pairs have no check values
    n_points = _n_points(fields)
    numbers = [number for line in lines for number in plain_numbers(line)]
    if len(numbers) != 2 * n_points:
        fields.content.refuse(
            f"{len(numbers)} numbers in pairs", f"{2 * n_points} as ##NPOINTS says"
        )
    x, y = np.array(numbers).reshape(-1, 2).T
    return x * _factor(fields, "XFACTOR"), y * _factor(fields, "YFACTOR")


def _meaning(fields: Mapping[str, str]) -> tuple[str, BlockQuantity, float]:
    described = fields.get("SAMPLEDESCRIPTION", "").strip()
    name = fields.get("BLOCKNAME") or described or fields.get("TITLE", "").strip()
    quantity, divisor = quantity_in_words(fields.get("YUNITS", ""))
    # SpectraSuite writes the unit of the processed spectrum over its parts too.
    if described.upper() in {"DARK SPECTRUM", "REFERENCE SPECTRUM"}:
        return name, "raw", 1.0
    return name, quantity, divisor


def _file(content: Content, draft: _Draft, first: Mapping[str, str]) -> SpectrumFile:
    if not draft.blocks:
        held = f" but {', '.join(draft.skipped[:3])}" if draft.skipped else ""
        content.refuse(f"JCAMP-DX without a spectrum{held}", "##XYDATA or ##XYPOINTS")
    names = unique_names(draft.names)
    blocks = tuple(
        Block(name, b.quantity, b.axis, b.axis_unit, b.values, divisor=b.divisor)
        for name, b in zip(names, draft.blocks, strict=True)
    )
    # The real part of a complex spectrum stands first, the imaginary after it.
    chosen = blocks[0] if draft.is_complex else choose_block(blocks)
    date = first.get("LONGDATE") or first.get("DATE", "")
    return SpectrumFile(
        content.path,
        f"JCAMP-DX {first.get('JCAMPDX', '')}".strip(),
        blocks,
        chosen,
        instrument=first.get("SPECTROMETERDATASYSTEM", ""),
        date=f"{date} {first.get('TIME', '')}".strip(),
        metadata={key.lower(): first[key] for key in _KEPT if first.get(key)},
        warnings=tuple(dict.fromkeys(draft.warnings)),
    )
