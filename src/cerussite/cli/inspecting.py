"""The command that shows what a file of an instrument, or a table, is."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cerussite.cli.options import (
    AxisUnit,
    BlockName,
    Divisor,
    Quantity,
    Sheet,
    as_options,
)
from cerussite.core.errors import CerussiteError, UnreadableFileError

if TYPE_CHECKING:
    from cerussite.core.spectra import Spectra
    from cerussite.readers.inspection import Inspection
    from cerussite.readers.table_inspection import TableInspection


def inspect(  # noqa: PLR0913, PLR0917 - each is an option of the command
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="File of an instrument, or a table.")
    ],
    block: BlockName = None,
    quantity: Quantity = None,
    axis_unit: AxisUnit = None,
    divisor: Divisor = None,
    sheet: Sheet = None,
    png: Annotated[
        Path | None, typer.Option(help="Write a picture instead of a small plot.")
    ] = None,
) -> None:
    """Show what a file is: format, blocks or columns, axis, ranges, warnings, a plot."""
    if png is not None:
        _refuse_target(png, path)
    options = {
        "block": block,
        "quantity": quantity,
        "axis_unit": axis_unit,
        "divisor": divisor,
        "sheet": sheet,
    }
    try:
        found = _inspected(path, {k: v for k, v in options.items() if v is not None})
    except CerussiteError as error:
        raise CerussiteError(as_options(str(error))) from error
    found = replace(found, warnings=tuple(map(as_options, found.warnings)))
    _print(found.text())
    if found.spectra is not None and png is not None:
        _print(_picture(found.spectra, png, path.name))
    elif found.spectra is not None:
        _print(_plot(found.spectra))
    elif png is not None:
        msg = f"{path}: nothing to draw; {found.warnings[-1]}"
        raise UnreadableFileError(msg)


def _inspected(path: Path, options: dict[str, Any]) -> "Inspection | TableInspection":
    from cerussite.readers.inspection import inspect_file  # noqa: PLC0415 - quick help
    from cerussite.readers.kinds import kind_of  # noqa: PLC0415
    from cerussite.readers.table_inspection import inspect_table  # noqa: PLC0415

    is_table = kind_of(path) == "table"
    needless = {"block", "divisor"} if is_table else {"sheet"}
    for name in needless & set(options):
        what = "a table" if is_table else "no workbook"
        msg = f"{path}: {what}, which needs no ({name}); leave it out"
        raise UnreadableFileError(msg)
    return inspect_table(path, **options) if is_table else inspect_file(path, **options)


def _print(text: str) -> None:
    # Files say what they like; a terminal may not have the letters.
    encoding = sys.stdout.encoding or "ascii"
    typer.echo(text.encode(encoding, "replace").decode(encoding))


def _plot(spectra: "Spectra") -> str:
    from cerussite.cli.terminal_plot import terminal_plot  # noqa: PLC0415

    axis, values = spectra.wavelengths, spectra.values
    if spectra.original_unit == "cm-1":
        axis, values = 1e7 / axis[::-1], values[:, ::-1]
    plot = terminal_plot(axis, values, is_plain=not _has_braille())
    return f"{spectra.quantity} by {spectra.original_unit}\n{plot}"


def _picture(spectra: "Spectra", png: Path, title: str) -> str:
    from cerussite.reporting.figures.spectra import write_spectra_png  # noqa: PLC0415

    return str(write_spectra_png(png, spectra, title=title))


def _refuse_target(png: Path, path: Path) -> None:
    if png.suffix.lower() != ".png" or png.is_dir():
        msg = f"{png}: expected a name of a picture that ends in .png; name another"
        raise UnreadableFileError(msg)
    if png.exists() and path.exists() and png.samefile(path):
        msg = f"{png}: is the file to inspect; name another file to write"
        raise UnreadableFileError(msg)


def _has_braille() -> bool:
    try:
        "\u2800".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
