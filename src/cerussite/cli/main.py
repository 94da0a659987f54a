"""Commands: parse, call one function, print one line; the rest stays in the rooms."""

import errno
import sys
from pathlib import Path
from typing import Annotated

import typer

from cerussite.cli.apportioning import apportion, run_apportionment
from cerussite.cli.assessing import assess
from cerussite.cli.explaining import explain
from cerussite.cli.inspecting import inspect
from cerussite.cli.options import (
    AxisUnit,
    BlockName,
    Divisor,
    IdPattern,
    Overlap,
    Quantity,
    Replicates,
    SampleId,
    Sheet,
    as_options,
)
from cerussite.core.errors import CerussiteError

#: Parent of all errors of usage; typer may carry its own copy of click.
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]

#: Exit status after Ctrl-C, as shells have it.
INTERRUPTED = 130

app = typer.Typer(
    name="cerussite",
    help="Heavy metals in soils and sediments from few laboratory analyses.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
data = typer.Typer(no_args_is_help=True)
app.add_typer(data, name="data", help="Named public data sets.")

_Out = Annotated[Path, typer.Option("--out", "-o", help="Folder for the results.")]
_Jobs = Annotated[
    int | None, typer.Option("--jobs", "-j", help="Processes; one a core if left out.")
]


def _show_version(asked: bool) -> None:
    if asked:
        from cerussite import __version__  # noqa: PLC0415

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version."
        ),
    ] = False,
) -> None:
    """Heavy metals in soils and sediments from few laboratory analyses."""


@app.command()
def demo(out: _Out = Path("demo-results"), jobs: _Jobs = None) -> None:
    """Run the demonstration study: a real library, a simulated mine site."""
    _run("demo", out, jobs)


@app.command()
def run(
    study: Annotated[
        str, typer.Argument(help="A study file, or the name of a shipped study.")
    ],
    out: _Out,
    jobs: _Jobs = None,
) -> None:
    """Run a study file; go on where an interrupted run stopped."""
    _run(study, out, jobs)


def _run(study: str, out: Path, jobs: int | None) -> None:
    from cerussite.reporting import write_report  # noqa: PLC0415 - keeps --help quick
    from cerussite.studies import run_study  # noqa: PLC0415
    from cerussite.studies.apportionment_reading import (  # noqa: PLC0415
        find_apportionment,
    )

    if (found := find_apportionment(study)) is not None:
        run_apportionment(found, out, jobs)
        return
    folder = run_study(study, out, jobs=jobs)
    typer.echo(f"{write_report(folder)}")


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(help="Results folder of a study.")],
) -> None:
    """Write the report of a results folder anew."""
    from cerussite.reporting import write_report  # noqa: PLC0415

    typer.echo(f"{write_report(folder)}")


@app.command()
def predict(  # noqa: PLR0913, PLR0917 - each is an option of the command
    model: Annotated[Path, typer.Argument(help="Folder of a saved calibration.")],
    spectra: Annotated[
        Path,
        typer.Argument(
            metavar="INPUT",
            help="Table with one spectrum a row, file of an instrument, folder of such "
            "files, or ENVI image.",
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="CSV file to write; of an image a map.")
    ],
    quantity: Quantity = None,
    axis_unit: AxisUnit = None,
    sample_id: SampleId = None,
    replicates: Replicates = "refuse",
    id_pattern: IdPattern = None,
    block: BlockName = None,
    overlap: Overlap = "refuse",
    divisor: Divisor = None,
    sheet: Sheet = None,
    threshold: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RESPONSE=VALUE",
            help="Add the probability of a value above it, as in Pb=300; repeatable.",
        ),
    ] = None,
) -> None:
    """Predict the samples or pixels of INPUT with a saved calibration."""
    from cerussite.studies.inputs import Reading  # noqa: PLC0415
    from cerussite.studies.prediction import predict as predict_input  # noqa: PLC0415

    reading = Reading(
        quantity,
        axis_unit,
        sample_id,
        replicates,
        id_pattern=id_pattern,
        block=block,
        overlap=overlap,
        divisor=divisor,
        sheet=sheet,
    )
    limits = _thresholds(threshold or [])
    try:
        notes = predict_input(model, spectra, out, reading=reading, thresholds=limits)
    except CerussiteError as error:
        raise CerussiteError(as_options(str(error))) from error
    for note in notes:
        typer.echo(note, err=True)
    typer.echo(f"{out}")


def _thresholds(given: list[str]) -> dict[str, float]:
    found = {}
    for text in given:
        name, _, value = text.partition("=")
        try:
            found[name.strip()] = float(value)
        except ValueError as error:
            msg = f"--threshold {text!r}; expected RESPONSE=VALUE such as Pb=300"
            raise CerussiteError(msg) from error
    return found


app.command()(explain)
app.command()(inspect)
app.command()(assess)
app.command()(apportion)


@data.command("list")
def list_data() -> None:
    """List the named data sets with samples, responses and licence."""
    from cerussite.readers import DATASETS  # noqa: PLC0415

    for record in DATASETS.values():
        responses = " ".join(record.responses)
        typer.echo(
            f"{record.name:27}{record.role:8}{record.n_samples:6}  {record.axis}; "
            f"{responses}; {record.licence}"
        )


@data.command()
def fetch(name: Annotated[str, typer.Argument(help="Name of a data set.")]) -> None:
    """Download a data set if it is not here, check it, and print where it lies."""
    from cerussite.readers import fetch_dataset  # noqa: PLC0415

    typer.echo(f"{fetch_dataset(name)}")


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; every mistake is one line and exit status 2."""
    raise SystemExit(_status(arguments))


def _status(arguments: list[str] | None) -> int:
    try:
        status = int(app(args=arguments, standalone_mode=False) or 0)
    except (CerussiteError, OSError) as error:
        return _refuse(_describe(error))
    except _UsageError as error:
        text = error.format_message().rstrip(".")  # type: ignore[attr-defined]
        # Without a command the help has been printed and there is nothing to add.
        return _refuse(f"{text}; see 'cerussite --help'") if text else 2
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    # Some releases of typer turn Ctrl-C into this status by themselves.
    if status == INTERRUPTED:
        _refuse("interrupted; run the same command again to go on from here")
    return status


def _describe(error: Exception) -> str:
    if not isinstance(error, OSError):
        return str(error)
    name = f"{error.filename}: " if error.filename else ""
    reason = error.strerror or str(error)
    if error.errno == errno.ENOSPC:
        return (
            f"{name}the disk is full ({reason}); free some space and run the same "
            "command again: finished parts are kept"
        )
    return f"{name}{reason[0].lower()}{reason[1:]}"


def _refuse(text: str) -> int:
    sys.stderr.write(f"cerussite: {' '.join(text.split())}\n")
    return 2
