"""The command that shows what a file of an instrument is."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cerussite.core.errors import CerussiteError, UnreadableFileError

if TYPE_CHECKING:
    from cerussite.core.spectra import Spectra

#: Arguments of readers as their messages name them.
_ARGUMENTS = re.compile(r"\((block|quantity|axis_unit|divisor)\)")


def inspect(  # noqa: PLR0913, PLR0917 - each is an option of the command
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="File of an instrument.")
    ],
    block: Annotated[
        str | None, typer.Option(help="Block to plot, where there are several.")
    ] = None,
    quantity: Annotated[
        str | None,
        typer.Option(
            help="reflectance, reflectance_percent or absorbance, where the file "
            "does not say."
        ),
    ] = None,
    axis_unit: Annotated[
        str | None,
        typer.Option(help="nm, um or cm-1, where the file does not say."),
    ] = None,
    divisor: Annotated[
        float | None,
        typer.Option(help="What stored values are divided by to give fractions."),
    ] = None,
    png: Annotated[
        Path | None, typer.Option(help="Write a picture instead of a small plot.")
    ] = None,
) -> None:
    """Show what a file is: format, blocks, axis, ranges, metadata, warnings, a plot."""
    from cerussite.readers.inspection import inspect_file  # noqa: PLC0415 - quick help

    if png is not None:
        _refuse_target(png, path)
    try:
        found = inspect_file(
            path, block=block, quantity=quantity, axis_unit=axis_unit, divisor=divisor
        )
    except CerussiteError as error:
        raise CerussiteError(_as_options(str(error))) from error
    _print(_as_options(found.text()))
    if found.spectra is not None and png is not None:
        _print(_picture(found.spectra, png, path.name))
    elif found.spectra is not None:
        _print(_plot(found.spectra))
    elif png is not None:
        msg = f"{path}: nothing to draw; {_as_options(found.warnings[-1])}"
        raise UnreadableFileError(msg)


def _print(text: str) -> None:
    # Files say what they like; a terminal may not have the letters.
    encoding = sys.stdout.encoding or "ascii"
    typer.echo(text.encode(encoding, "replace").decode(encoding))


def _as_options(text: str) -> str:
    # Readers name their arguments; here they are options of the command.
    return _ARGUMENTS.sub(lambda found: f"(--{found[1].replace('_', '-')})", text)


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
