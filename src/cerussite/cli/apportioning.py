"""The command that finds sources behind concentrations."""

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from cerussite.core.errors import CerussiteError, InvalidStudyError

#: Keys of a study file as messages name them, and the options that they are.
_OPTIONS = {
    "factors": "--factors",
    "errors": "--errors",
    "starts": "--starts",
    "total": "--total",
    "extra_uncertainty": "--extra-uncertainty",
    "uncertainties": "--uncertainties",
    "sheets": "--sheets",
    "sheet": "--sheets",
    "error_fraction": "--error-fraction",
    "detection_limits": "--detection-limits",
    "duplicates": "duplicates in --settings",
    "sample_id": "--sample-id",
    "date_format": "--date-format",
    "species": "--species",
    "leave_out": "--leave-out",
    "blocks": "--block-days or --block-km",
}


def apportion(  # noqa: PLR0913, PLR0917 - each is an option of the command
    concentrations: Annotated[
        Path,
        typer.Argument(metavar="CONCENTRATIONS", help="Table with one sample a row."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the results.")],
    factors: Annotated[
        str | None,
        typer.Option("--factors", "-k", help="Number, range such as 3-8, or auto."),
    ] = None,
    uncertainties: Annotated[
        Path | None,
        typer.Option(
            "--uncertainties", "-u", help="Table of one standard deviation a value."
        ),
    ] = None,
    sheets: Annotated[
        str | None,
        typer.Option(
            metavar="CONC,UNC", help="Sheets of one workbook, as EPA PMF takes it."
        ),
    ] = None,
    error_fraction: Annotated[
        float | None,
        typer.Option(help="Relative error of an analysis; needs detection limits."),
    ] = None,
    detection_limits: Annotated[
        Path | None,
        typer.Option(help="Table: species, detection_limit (and error_fraction)."),
    ] = None,
    settings: Annotated[
        Path | None,
        typer.Option(
            help="YAML file with keys of a study; options given here come before it."
        ),
    ] = None,
    sample_id: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN,...", help="Columns that name a sample; else the first."
        ),
    ] = None,
    species: Annotated[
        str | None,
        typer.Option(metavar="COLUMN,...", help="Columns to take; all if left out."),
    ] = None,
    leave_out: Annotated[
        str | None, typer.Option(metavar="COLUMN,...", help="Columns not to take.")
    ] = None,
    total: Annotated[
        str | None, typer.Option(help="Species that is the sum of the others.")
    ] = None,
    weak: Annotated[
        str | None,
        typer.Option(
            metavar="SPECIES,...", help="Count with three times their uncertainty."
        ),
    ] = None,
    by_signal: Annotated[
        bool | None,
        typer.Option(
            "--by-signal", help="Make species weak or bad by signal to noise."
        ),
    ] = None,
    extra_uncertainty: Annotated[
        float | None, typer.Option(help="Of the model, as a share of concentrations.")
    ] = None,
    robust: Annotated[
        bool | None,
        typer.Option("--robust/--plain", help="Weigh outliers less, or not."),
    ] = None,
    errors: Annotated[
        str | None,
        typer.Option(help="none, quick (DISP at dQ 4, bootstrap) or full (BS-DISP)."),
    ] = None,
    starts: Annotated[int | None, typer.Option(help="Random starts.")] = None,
    date: Annotated[str | None, typer.Option(help="Header of the dates.")] = None,
    date_format: Annotated[
        str | None, typer.Option(help="Such as %d/%m/%Y, where it is not clear.")
    ] = None,
    easting: Annotated[
        str | None, typer.Option(help="Header of the easting in m, for maps.")
    ] = None,
    northing: Annotated[
        str | None, typer.Option(help="Header of the northing in m, for maps.")
    ] = None,
    block_days: Annotated[
        float | None, typer.Option(help="Resample stretches of so many days.")
    ] = None,
    block_km: Annotated[
        float | None, typer.Option(help="Resample cells of so many kilometres.")
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="Unit where headers do not say it.")
    ] = None,
    random_state: Annotated[int | None, typer.Option(help="Seed.")] = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", help="Processes; one a core if left out."),
    ] = None,
) -> None:
    """Find the sources behind CONCENTRATIONS, with errors and second opinions."""
    options = {
        "factors": _factors(factors),
        "total": total,
        "categories": _categories(weak, by_signal=bool(by_signal)),
        "extra_uncertainty": extra_uncertainty,
        "robust": robust,
        "errors": errors,
        "starts": starts,
        "blocks": _given(days=block_days, kilometres=block_km),
        "random_state": random_state,
    }
    tables = {
        "concentrations": concentrations,
        "uncertainties": uncertainties,
        "sheets": _names(sheets),
        "error_fraction": error_fraction,
        "detection_limits": detection_limits,
        "sample_id": _names(sample_id),
        "species": _names(species),
        "leave_out": _names(leave_out),
        "date": date,
        "date_format": date_format,
        "easting": easting,
        "northing": northing,
        "unit": unit,
    }
    try:
        run_apportionment(_content(settings, options, tables), out, jobs)
    except CerussiteError as error:
        raise type(error)(as_options(str(error))) from error


def run_apportionment(
    content: dict[str, Any] | Path, out: Path, jobs: int | None
) -> None:
    """Run an apportionment from a study file or its content; print the report."""
    from cerussite.reporting.apportionment_page import (  # noqa: PLC0415 - quick help
        write_apportionment_report,
    )
    from cerussite.studies.apportioning import apportion as run  # noqa: PLC0415
    from cerussite.studies.apportionment_reading import (  # noqa: PLC0415
        checked,
        read_apportionment,
    )

    if isinstance(content, Path):
        plan = read_apportionment(content)
    else:
        plan = checked(content)
    for text in run(plan, out, jobs=jobs, finish=write_apportionment_report):
        typer.echo(text if isinstance(content, Path) else as_options(text), err=True)
    typer.echo(f"{out / 'report.html'}")


def as_options(text: str) -> str:
    """Message with the keys of a study file as options of the command."""
    text = re.sub(r"^data\.|(?<=\s)data\.(?=\w)", "", text)
    text = re.sub(r"^data: ", "", text)
    text = re.sub(
        r"^(\w+): ",
        lambda found: f"{_OPTIONS[found[1]]}: " if found[1] in _OPTIONS else found[0],
        text,
    )
    return re.sub(
        r"\((\w+(?:, \w+)*)\)",
        lambda found: _options_in(found[1]),
        text,
    )


def _options_in(names: str) -> str:
    parts = names.split(", ")
    if not all(part in _OPTIONS for part in parts):
        return f"({names})"
    return f"({', '.join(_OPTIONS[part] for part in parts)})"


def _content(
    settings: Path | None, options: dict[str, Any], tables: dict[str, Any]
) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if settings is not None:
        from cerussite.studies.apportionment_reading import (  # noqa: PLC0415
            read_settings,
        )

        content = read_settings(settings)
    data = content.get("data") or {}
    if not isinstance(data, dict):
        msg = f"{settings}: data: found {data!r}; expected keys with values"
        raise InvalidStudyError(msg)
    content = {**content, **_given(**options), "data": {**data, **_given(**tables)}}
    if "factors" not in content:
        msg = "--factors: not given; expected a number, a range such as 3-8, or auto"
        raise InvalidStudyError(msg)
    return {"kind": "apportionment", **content}


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value not in (None, {})}


def _names(text: str | None) -> list[str] | None:
    if text is None:
        return None
    return [name for part in text.split(",") if (name := part.strip())]


def _factors(text: str | None) -> int | str | list[int] | None:
    if text is None or text == "auto":
        return text
    found = re.fullmatch(r"\s*(\d+)(?:\s*-\s*(\d+))?\s*", text)
    if found is None or (found[2] and int(found[2]) < int(found[1])):
        msg = f"--factors {text!r}; expected a number, a range such as 3-8, or auto"
        raise InvalidStudyError(msg)
    if not found[2]:
        return int(found[1])
    return list(range(int(found[1]), int(found[2]) + 1))


def _categories(weak: str | None, *, by_signal: bool) -> Any:
    if weak and by_signal:
        msg = "--weak and --by-signal given; expected one of them"
        raise InvalidStudyError(msg)
    if by_signal:
        return "suggested"
    return dict.fromkeys(_names(weak) or [], "weak")
