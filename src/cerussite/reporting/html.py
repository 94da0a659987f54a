"""From a template to one HTML file that is there whole or not at all."""

import itertools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2

_TEMPLATES = Path(__file__).parent / "templates"


def fill_template(name: str, context: Mapping[str, Any]) -> str:
    """
    Fill a template; figures and tables are counted from 1.

    Parameters
    ----------
    name : str
        File among the templates.
    context : mapping of str to object
        What the template names; a name that is missing is an error.

    Returns
    -------
    str
        HTML.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for kind in ("figure", "table"):
        environment.globals[f"next_{kind}"] = itertools.count(1).__next__
    return environment.get_template(name).render(context)


def replace_page(folder: Path, html: str) -> Path:
    """
    Write a page; one that is already there is replaced in one step.

    Parameters
    ----------
    folder : Path
        Results folder.
    html : str
        The page.

    Returns
    -------
    Path
        The file `report.html` in the folder.
    """
    path = folder / "report.html"
    partial = path.with_name(f".report.{os.getpid()}.partial")
    try:
        partial.write_text(html, encoding="utf-8")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path
