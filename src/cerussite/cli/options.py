"""Options that commands share, and how messages of readers name them."""

import re
from typing import Annotated

import typer

#: Keys of a study file that are options of commands.
_KEYS = re.compile(r"\b(quantity|axis_unit|sample_id|replicates): ")

Quantity = Annotated[
    str | None, typer.Option(help="reflectance, reflectance_percent or absorbance.")
]
AxisUnit = Annotated[
    str | None, typer.Option(help="Unit of the band headers: nm or cm-1.")
]
SampleId = Annotated[
    str | None, typer.Option(help="Header of the column of sample ids.")
]
Replicates = Annotated[
    str, typer.Option(help="Rows that share one id: refuse, keep or average.")
]


def as_options(text: str) -> str:
    """Message of a reader with the keys of a study file as options of a command."""
    return _KEYS.sub(lambda found: f"--{found[1].replace('_', '-')} ", text)
