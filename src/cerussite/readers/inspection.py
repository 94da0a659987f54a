"""What a file of an instrument is and holds, before anyone relies on it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cerussite.core.errors import UnreadableFileError
from cerussite.core.spectra import Spectra
from cerussite.core.types import FloatArray
from cerussite.readers.instruments import Block, SpectrumFile, read_spectra

#: Spectra, or lines of an image, that ranges are taken from: files may be large.
MOST_READ = 64
#: Spectra that are kept for a plot.
MOST_SHOWN = 8
#: Characters of a value of the metadata that are printed.
_LONGEST = 100
#: Lists of names are cut after so many.
_MOST_NAMES = 8


@dataclass(frozen=True)
class BlockSummary:
    """
    A block of a file in numbers.

    Attributes
    ----------
    name, quantity : str
        As in :class:`cerussite.readers.instruments.Block`.
    shape : tuple of int
        Spectra and points, or lines, columns and points of an image.
    first, last : float
        Ends of the axis in the order of the file.
    axis_unit : str
        Unit of the axis; empty where the file does not say.
    steps : tuple of (float, float)
        Smallest and largest distance of neighbouring points; negative on the way
        back.
    low, high : float
        Range of the values in their quantity; NaN where none is finite.
    n_missing : int
        Values that are not finite among those read.
    n_read : int
        Spectra, or lines of an image, that the range was taken from.
    labels : tuple of str
        Names of the spectra.
    is_chosen : bool
        Whether a study would use this block.
    """

    name: str
    quantity: str
    shape: tuple[int, ...]
    first: float
    last: float
    axis_unit: str
    steps: tuple[float, float]
    low: float
    high: float
    n_missing: int
    n_read: int
    labels: tuple[str, ...] = ()
    is_chosen: bool = False

    def text(self) -> str:
        """
        The block in one or two lines.

        Returns
        -------
        str
            An asterisk marks the block that a study would use.
        """
        *counts, n_points = self.shape
        noun = "lines x columns" if len(counts) == 2 else "spectra"
        unit = f" {self.axis_unit}" if self.axis_unit else " (unit not stated)"
        low, high = (f"{step:.6g}" for step in self.steps)
        steps = low if low == high else f"{low} to {high}"
        head = (
            f"{'*' if self.is_chosen else ' '} {self.name}: {self.quantity}, "
            f"{' x '.join(map(str, counts))} {noun}, {n_points} points from "
            f"{self.first:g} to {self.last:g}{unit} in steps of {steps}"
        )
        lines = [
            head,
            f"    values {self.low:.6g} to {self.high:.6g}{self._remarks()}",
        ]
        if self.labels:
            more = " ..." if len(self.labels) > _MOST_NAMES else ""
            lines.append(f"    named {', '.join(self.labels[:_MOST_NAMES])}{more}")
        return "\n".join(lines)

    def _remarks(self) -> str:
        remarks = ""
        if self.n_read < self.shape[0]:
            remarks += f" (in {self.n_read} of {self.shape[0]})"
        if self.n_missing:
            remarks += f", {self.n_missing} missing"
        return remarks


@dataclass(frozen=True, eq=False)
class Inspection:
    """
    What a file is and holds.

    Attributes
    ----------
    path : Path
        The file.
    format : str
        Name of the format.
    n_bytes : int
        Size of the file.
    blocks : tuple of BlockSummary
        Everything spectral in it.
    facts : mapping of str to str
        Instrument, date, reference, position, splices and scans, as far as it says,
        then the metadata in its own words.
    warnings : tuple of str
        What a reader of the values must know, and why a study cannot use the file
        as it is.
    spectra : Spectra or None
        The first few spectra as a study would take them; None where it cannot.
    """

    path: Path
    format: str
    n_bytes: int
    blocks: tuple[BlockSummary, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    spectra: Spectra | None = None

    def text(self) -> str:
        """
        Everything but the spectra, for people.

        Returns
        -------
        str
            Lines of text without control characters.
        """
        lines = [f"{self.path}: {self.format}, {self.n_bytes} bytes", "blocks:"]
        lines.extend(f"  {block.text()}" for block in self.blocks)
        if self.facts:
            lines.append("the file says:")
            lines.extend(
                f"    {name}: {_short(text)}" for name, text in self.facts.items()
            )
        lines.extend(f"warning: {text}" for text in self.warnings)
        return "\n".join(printable(line) for line in "\n".join(lines).split("\n"))


def inspect_file(path: str | Path, **options: Any) -> Inspection:
    """
    Look at a file of an instrument without deciding anything.

    Parameters
    ----------
    path : str or Path
        The file.
    **options
        ``block``, ``quantity``, ``axis_unit`` and ``divisor`` of
        :func:`cerussite.readers.instruments.read_spectra`.

    Returns
    -------
    Inspection
        What it is and holds. A file that a study cannot use as it is, for it does
        not say its quantity or its unit, is described all the same, with the
        reason among the warnings; one that is no spectral file is refused.
    """
    path = Path(path)
    file = read_spectra(path, **options)
    spectra, reason = _first_spectra(file)
    return Inspection(
        path=path,
        format=file.format,
        n_bytes=path.stat().st_size,
        blocks=tuple(_summary(block, file.chosen) for block in file.blocks),
        facts=_facts(file),
        warnings=(*file.warnings, *([reason] if reason else [])),
        spectra=spectra,
    )


def _first_spectra(file: SpectrumFile) -> tuple[Spectra | None, str]:
    is_image = file.chosen is not None and file.chosen.is_image
    try:
        # A line of an image is a row here, with all its pixels.
        spectra = file.to_spectra(rows=slice(1 if is_image else MOST_SHOWN))
    except UnreadableFileError as error:
        return None, str(error).removeprefix(f"{file.path}: ")
    return spectra.take(np.arange(min(spectra.n_samples, MOST_SHOWN))), ""


def _summary(block: Block, chosen: Block | None) -> BlockSummary:
    values = _sampled(block)
    finite = values[np.isfinite(values)]
    steps = np.diff(block.axis) if block.axis.size > 1 else np.array([math.nan])
    return BlockSummary(
        name=block.name,
        quantity=block.quantity,
        shape=tuple(map(int, block.values.shape)),
        first=float(block.axis[0]),
        last=float(block.axis[-1]),
        axis_unit=block.axis_unit,
        steps=(float(steps.min()), float(steps.max())),
        low=float(finite.min()) if finite.size else math.nan,
        high=float(finite.max()) if finite.size else math.nan,
        n_missing=int(values.size - finite.size),
        n_read=int(values.shape[0]),
        labels=block.labels,
        is_chosen=block is chosen,
    )


def _sampled(block: Block) -> FloatArray:
    """Values of evenly spaced spectra or lines, at most so many."""
    n_rows = block.values.shape[0]
    if n_rows <= MOST_READ:
        return block.read()
    rows = np.linspace(0, n_rows - 1, MOST_READ).astype(int)
    return np.concatenate([block.read(slice(row, row + 1)) for row in rows])


def _facts(file: SpectrumFile) -> dict[str, str]:
    facts = {
        "instrument": file.instrument,
        "date": file.date,
        "reference": file.reference,
        "position": "" if file.position is None else _degrees(*file.position),
        "detectors end at": ", ".join(f"{nm:g} nm" for nm in file.splices),
        "scans averaged": "" if file.n_scans is None else str(file.n_scans),
        **file.metadata,
    }
    return {name: text for name, text in facts.items() if text}


def _degrees(latitude: float, longitude: float) -> str:
    return f"latitude {latitude:g}, longitude {longitude:g}"


def _short(text: str) -> str:
    joined = " ".join(text.split())
    return joined if len(joined) <= _LONGEST else f"{joined[:_LONGEST]} ..."


def printable(line: str) -> str:
    r"""
    A line of a file's text that cannot command a terminal.

    Parameters
    ----------
    line : str
        What a file says.

    Returns
    -------
    str
        The line, with a question mark for each sign that is not printed.

    Examples
    --------
    >>> printable("soil\x1b[2J")
    'soil?[2J'
    """
    return "".join(sign if sign.isprintable() else "?" for sign in line)
