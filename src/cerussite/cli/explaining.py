"""The command that says which wavelengths predictions come from."""

from pathlib import Path
from typing import Annotated

import typer

from cerussite.cli.options import AxisUnit, Quantity, Replicates, SampleId, as_options
from cerussite.core.errors import CerussiteError


def explain(  # noqa: PLR0913, PLR0917 - each is an option of the command
    model: Annotated[Path, typer.Argument(help="Folder of a saved calibration.")],
    spectra: Annotated[
        Path, typer.Argument(metavar="INPUT", help="Spectra, as for predict.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="CSV file to write.")],
    by_sample: Annotated[
        bool,
        typer.Option(
            "--by-sample", help="A row for each sample and bin instead of summaries."
        ),
    ] = False,
    quantity: Quantity = None,
    axis_unit: AxisUnit = None,
    sample_id: SampleId = None,
    replicates: Replicates = "refuse",
) -> None:
    """Say which wavelengths the predictions of INPUT come from."""
    from cerussite.studies.explanation import explain_table  # noqa: PLC0415
    from cerussite.studies.inputs import Reading  # noqa: PLC0415

    reading = Reading(quantity, axis_unit, sample_id, replicates)
    try:
        notes = explain_table(model, spectra, out, reading=reading, by_sample=by_sample)
    except CerussiteError as error:
        raise CerussiteError(as_options(str(error))) from error
    for note in notes:
        typer.echo(note, err=True)
    typer.echo(f"{out}")
