"""Options that commands share, and how messages of readers name them."""

import re
from typing import Annotated

import typer

_NAMES = "quantity|axis_unit|sample_id|replicates|id_pattern|block|overlap|divisor|sheet|threshold"
#: Keys of a study file, and arguments of readers, that are options of commands.
_KEYS = re.compile(rf"\b({_NAMES}): ")
_ARGUMENTS = re.compile(rf"\(({_NAMES})(?:='(\w+)')?\)")

Quantity = Annotated[
    str | None,
    typer.Option(
        help="reflectance, reflectance_percent or absorbance, where INPUT does not say."
    ),
]
AxisUnit = Annotated[
    str | None,
    typer.Option(help="nm, um or cm-1, where INPUT does not say; no um for tables."),
]
SampleId = Annotated[
    str | None, typer.Option(help="Header of the column of sample ids in a table.")
]
Replicates = Annotated[
    str,
    typer.Option(help="Rows or scans that share one id: refuse, keep or average."),
]
IdPattern = Annotated[
    str | None,
    typer.Option(
        help="How names of files hold sample ids, as in '(?P<id>[^_]+)_\\d+'."
    ),
]
BlockName = Annotated[
    str | None, typer.Option(help="Block of an instrument's file, if several.")
]
Overlap = Annotated[
    str, typer.Option(help="Where ranges of two detectors overlap: refuse or cut.")
]
Divisor = Annotated[
    float | None,
    typer.Option(help="What stored values are divided by to give fractions."),
]
Sheet = Annotated[
    str | None, typer.Option(help="Sheet of a workbook with more than one.")
]


def as_options(text: str) -> str:
    """Message of a reader with its arguments as options of a command."""
    text = _KEYS.sub(lambda found: f"{_option(found[1])} ", text)
    return _ARGUMENTS.sub(
        lambda found: f"({_option(found[1])}{f' {found[2]}' if found[2] else ''})", text
    )


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
