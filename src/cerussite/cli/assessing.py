"""The command that holds stations against a background and guidelines."""

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cerussite.core.errors import CerussiteError, InvalidStudyError

if TYPE_CHECKING:
    from cerussite.studies.assessing import AssessmentRequest
    from cerussite.studies.stations import StationTable

#: Arguments as messages of the rooms name them, and the options that they are.
_ARGUMENTS = {
    r"\b(elements|unit|procedure|only|draws|replicates|sample_id|ph|clay"
    r"|organic_matter|reference_stations): ": r"--\1: ",
    r"^fraction: ": "--substitute: ",
    r"; say it with unit\b": "; say it with --unit, as in --unit mg/kg",
    r"\bor ask for substitution\b": "or ask for substitution (--substitute 0.5)",
    r"\bgive the pH of every sample\b": "name its column with --ph",
    r"\bgive clay and organic matter of every sample\b": (
        "name the columns with --clay and --organic-matter"
    ),
    r"\bbackground and reference stations given\b": (
        "--background and --reference-stations given"
    ),
    r"\bout or choose another background\b": (
        "out (--elements) or choose another background"
    ),
    r"^receptors and dates of toxicity values\b": "--receptor and --toxicity-date",
    r"\bsay what it is to be read as\b": "say with --read-as what it is read as",
}


def _list_standards(asked: bool) -> None:
    if not asked:
        return
    from cerussite.assessment import constants  # noqa: PLC0415 - keeps --help quick

    for row in constants("standards").to_dict("records"):
        typer.echo(
            f"{row['kind']:11}{row['standard']:31}{row['year']}  {row['medium']}; "
            f"{row['title']}"
        )
    raise typer.Exit


def assess(  # noqa: PLR0913, PLR0917 - each is an option of the command
    table: Annotated[
        Path, typer.Argument(metavar="INPUT", help="Table with one station a row.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the results.")],
    background: Annotated[
        str | None,
        typer.Option(
            "--background", "-b", help="Name of a background, or a table of your own."
        ),
    ] = None,
    reference_stations: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN=VALUE",
            help="Rows of INPUT whose medians are the background; repeatable.",
        ),
    ] = None,
    standard: Annotated[
        list[str] | None,
        typer.Option(
            "--standard",
            "-s",
            help="Name of a guideline, or a table of your own; repeatable.",
        ),
    ] = None,
    elements: Annotated[
        str | None,
        typer.Option(
            metavar="Cd,Pb=COLUMN,...",
            help="Elements to read; all that the header names if left out.",
        ),
    ] = None,
    unit: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[ELEMENT=]UNIT",
            help="Unit where the header does not say it: mg/kg, or Al=%; repeatable.",
        ),
    ] = None,
    procedure: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[ELEMENT=]NAME",
            help="How it was measured: aqua_regia, total_hf, xrf ...; repeatable.",
        ),
    ] = None,
    medium: Annotated[
        str, typer.Option(help="What was sampled: soil, marine sediment ...")
    ] = "",
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN=VALUE", help="Assess these rows of INPUT only; repeatable."
        ),
    ] = None,
    reference_element: Annotated[
        str | None,
        typer.Option(help="Al, Fe, Ti, Sc, Li or Zr, for enrichment factors."),
    ] = None,
    substitute: Annotated[
        float | None,
        typer.Option(
            metavar="FRACTION",
            help="Put this fraction of the limit where '<' stands, instead of draws.",
        ),
    ] = None,
    draws: Annotated[
        int, typer.Option(help="Draws of the values below their limit.")
    ] = 1000,
    random_state: Annotated[int, typer.Option(help="Seed of all draws.")] = 0,
    level: Annotated[
        float, typer.Option(help="Probability inside the intervals.")
    ] = 0.9,
    receptor: Annotated[
        list[str] | None,
        typer.Option(help="Health risk of resident_child, resident_adult; repeatable."),
    ] = None,
    toxicity_date: Annotated[
        list[str] | None,
        typer.Option(
            metavar="YYYY-MM-DD",
            help="Day whose toxicity values are used; repeatable.",
        ),
    ] = None,
    read_as: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ELEMENT=SUBSTANCE",
            help="What a total is taken for: 'Cr=Cr(VI)'; repeatable.",
        ),
    ] = None,
    sample_id: Annotated[
        str | None, typer.Option(help="Header of the column of sample ids.")
    ] = None,
    easting: Annotated[
        str | None, typer.Option(help="Header of the easting in m, for maps.")
    ] = None,
    northing: Annotated[
        str | None, typer.Option(help="Header of the northing in m, for maps.")
    ] = None,
    ph: Annotated[str | None, typer.Option(help="Header of the pH.")] = None,
    clay: Annotated[
        str | None, typer.Option(help="Header of the clay in % of dry mass.")
    ] = None,
    organic_matter: Annotated[
        str | None, typer.Option(help="Header of the organic matter in %.")
    ] = None,
    replicates: Annotated[
        str, typer.Option(help="Rows that share one id: refuse or keep.")
    ] = "refuse",
    list_standards: Annotated[  # noqa: ARG001 - acts before all others
        bool,
        typer.Option(
            "--list-standards",
            callback=_list_standards,
            is_eager=True,
            help="List backgrounds and guidelines, and stop.",
        ),
    ] = False,
) -> None:
    """Hold the stations of INPUT against a background and guidelines."""
    from cerussite.assessment import AssessmentPlan, HealthPlan  # noqa: PLC0415
    from cerussite.studies.assessing import AssessmentRequest  # noqa: PLC0415
    from cerussite.studies.below_limits import BelowLimits  # noqa: PLC0415
    from cerussite.studies.stations import StationTable  # noqa: PLC0415

    receptors, dates = receptor or [], toxicity_date or []
    try:
        stations = StationTable(
            table,
            elements=_elements(elements),
            units=_by_element(unit, "unit"),
            procedures=_by_element(procedure, "procedure"),
            medium=medium,
            only=_choice(only, "only"),
            sample_id=sample_id,
            easting=easting,
            northing=northing,
            ph=ph,
            clay=clay,
            organic_matter=organic_matter,
            replicates=_replicates(replicates),
        )
        request = AssessmentRequest(
            background=background,
            reference_stations=_choice(reference_stations, "reference-stations"),
            standards=tuple(standard or ()),
            plan=AssessmentPlan(reference_element=reference_element, level=level),
            below_limits=BelowLimits(substitute, draws, random_state),
            receptors=tuple(receptors),
            health=HealthPlan(
                tuple(_day(text) for text in dates),
                read_as=dict(_pair(text, "read-as") for text in read_as or []),
                level=level,
            )
            if dates
            else None,
        )
        _write(stations, request, out)
    except CerussiteError as error:
        raise type(error)(_as_options(str(error))) from error


def _write(stations: "StationTable", request: "AssessmentRequest", out: Path) -> None:
    from cerussite.reporting.assessment_page import (  # noqa: PLC0415 - quick help
        write_assessment_report,
    )
    from cerussite.studies.assessing import assess_table  # noqa: PLC0415

    warnings = assess_table(stations, request, out, finish=write_assessment_report)
    for text in warnings:
        typer.echo(_as_options(text), err=True)
    typer.echo(f"{out / 'report.html'}")


def _as_options(text: str) -> str:
    for pattern, option in _ARGUMENTS.items():
        text = re.sub(pattern, option, text)
    return re.sub(r"--\w+(?=:)", lambda found: found[0].replace("_", "-"), text)


def _elements(text: str | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in (text or "").split(","):
        element, _, column = (piece.strip() for piece in part.partition("="))
        if element in found:
            msg = f"--elements: {element} stands twice; expected each element once"
            raise InvalidStudyError(msg)
        if element:
            found[element] = column
    return found


def _by_element(given: list[str] | None, option: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in given or []:
        element, is_pair, value = (piece.strip() for piece in text.partition("="))
        name, said = (element, value) if is_pair else ("", element)
        if not said or name in found:
            msg = f"--{option} {text!r}; expected VALUE once, or ELEMENT=VALUE"
            raise InvalidStudyError(msg)
        found[name] = said
    return found


def _choice(given: list[str] | None, option: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for text in given or []:
        column, value = _pair(text, option)
        found[column] = (*found.get(column, ()), value)
    return found


def _pair(text: str, option: str) -> tuple[str, str]:
    name, _, value = (piece.strip() for piece in text.partition("="))
    if not name or not value:
        msg = f"--{option} {text!r}; expected two texts with = between them"
        raise InvalidStudyError(msg)
    return name, value


def _replicates(text: str) -> Literal["refuse", "keep"]:
    if text == "refuse":
        return "refuse"
    if text == "keep":
        return "keep"
    msg = f"--replicates {text!r}; expected refuse or keep"
    raise InvalidStudyError(msg)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        msg = f"--toxicity-date {text!r}; expected a day such as 2025-01-13"
        raise InvalidStudyError(msg) from error
