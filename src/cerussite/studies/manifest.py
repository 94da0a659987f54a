"""What a results folder says about itself."""

import platform
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

import cerussite
from cerussite.core.survey import Survey
from cerussite.studies.data import StudyData
from cerussite.studies.files import fingerprint
from cerussite.studies.methods import METHODS

_PACKAGES = (
    "numpy",
    "scipy",
    "pandas",
    "scikit-learn",
    "ikpls",
    "lightgbm",
    "torch",
    "LimeSoDa",
)
#: Rooms whose code decides what a method predicts from given arrays.
_DECIDING_ROOMS = (
    "core",
    "preprocessing",
    "evaluation",
    "models",
    "transfer",
    "studies",
)


def package_versions() -> dict[str, str]:
    """
    Versions of what results depend on.

    Returns
    -------
    dict of str to str
        By package; packages that are not installed are left out.
    """
    versions = {"cerussite": cerussite.__version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions


@cache
def code_hash() -> str:
    """
    Hash of the code and the packages that decide what a method predicts.

    Results of another release, or of code that was edited since, are never
    mixed with new ones.

    Returns
    -------
    str
        20 hexadecimal digits.
    """
    package = Path(cerussite.__file__).parent
    texts = {
        path.relative_to(package).as_posix(): path.read_text(encoding="utf-8")
        for room in _DECIDING_ROOMS
        for path in sorted((package / room).rglob("*.py"))
    }
    return fingerprint(package_versions(), texts)


def data_records(data: StudyData) -> list[dict[str, Any]]:
    """
    Where the data come from and what they are.

    Parameters
    ----------
    data : StudyData
        Target and sources.

    Returns
    -------
    list of dict
        The target first.
    """
    surveys = [("target", data.target), *(("source", each) for each in data.sources)]
    return [_record(role, survey) for role, survey in surveys]


def _record(role: str, survey: Survey) -> dict[str, Any]:
    measured = np.count_nonzero(~np.isnan(survey.y), axis=0).tolist()
    return {
        "role": role,
        "name": survey.name,
        "n_samples": survey.n_samples,
        "n_specimens": len(np.unique(survey.specimens)),
        "n_groups": None if survey.groups is None else len(set(survey.groups)),
        "responses": [
            {
                "name": response.name,
                "unit": response.unit,
                "procedure": response.procedure,
                "n_measured": count,
            }
            for response, count in zip(survey.responses, measured, strict=True)
        ],
        "licence": survey.licence,
        "citation": survey.citation,
        "sha256": survey_hash(survey),
        "notes": list(survey.notes),
    }


def survey_hash(survey: Survey) -> str:
    """
    Hash of the spectra and analyses that a study used.

    Parameters
    ----------
    survey : Survey
        On the grid of the study.

    Returns
    -------
    str
        First 20 hexadecimal digits of a SHA-256.
    """
    spectra = survey.spectra
    arrays = [] if spectra is None else [spectra.wavelengths, spectra.values]
    return fingerprint(list(map(str, survey.samples.index)), *arrays, survey.y)


def method_records(names: Sequence[str]) -> list[dict[str, str]]:
    """
    Titles and roles of methods.

    Parameters
    ----------
    names : sequence of str
        Names in the registry.

    Returns
    -------
    list of dict
        In the order given.
    """
    return [
        {"name": name, "title": METHODS[name].title, "role": METHODS[name].role}
        for name in names
    ]
