"""What `manifest.json` of a results folder says about a study."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cerussite.core.errors import UnreadableFileError

#: Roles of methods, in the order of tables: the plain ones first, controls last.
ROLES: tuple[str, ...] = (
    "baseline",
    "consensus",
    "network",
    "transfer",
    "control",
    "unlisted",
)


@dataclass(frozen=True)
class Method:
    """
    A method of the study as the manifest describes it.

    Attributes
    ----------
    name : str
        Name in the CSV files.
    title : str
        Name for people.
    role : str
        One of :data:`ROLES`; ``"unlisted"`` where the manifest is silent.
    """

    name: str
    title: str
    role: str


@dataclass(frozen=True)
class DataSet:
    """
    A data set of the study.

    Attributes
    ----------
    role : str
        ``"target"`` or ``"source"``.
    name : str
        Short name.
    size : str
        Number of samples, with those of specimens and groups where known.
    responses : tuple of (str, str, str, str)
        Name, unit, procedure and number of measured values of each response.
    licence, citation, sha256 : str
        As the manifest states them; empty where unknown.
    notes : tuple of str
        What was converted or decided on the way in.
    """

    role: str
    name: str
    size: str
    responses: tuple[tuple[str, str, str, str], ...]
    licence: str
    citation: str
    sha256: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class StudyVerdict:
    """
    A verdict that the study wrote down.

    Attributes
    ----------
    response, scheme : str
        What it is about; ``scheme`` names the validation.
    n_calibration : int or None
        Size of the calibration set.
    topic : str
        ``"skill"`` for what can be predicted at all, ``"transfer"`` for what
        transfer adds.
    text : str
        The sentence.
    supported : bool
        Whether the study claims skill or a gain.
    """

    response: str
    scheme: str
    n_calibration: int | None
    topic: str
    text: str
    supported: bool


@dataclass(frozen=True)
class Manifest:
    """
    What `manifest.json` says, with empty values where it is silent.

    Attributes
    ----------
    name, title, question, started : str
        Of the study.
    study : mapping
        The study file as it was run.
    data : tuple of DataSet
        Targets and sources.
    methods : tuple of Method
        In the order of the study.
    verdicts : tuple of StudyVerdict
        As the study wrote them.
    warnings : tuple of str
        What the study warned about.
    versions, seeds, seconds : mapping
        Package versions, random states, and seconds by method.
    published : tuple of mapping
        Published numbers, never mixed with those measured.
    raw : mapping
        The whole file.
    """

    name: str
    title: str
    question: str
    started: str
    study: Mapping[str, Any] = field(default_factory=dict)
    data: tuple[DataSet, ...] = ()
    methods: tuple[Method, ...] = ()
    verdicts: tuple[StudyVerdict, ...] = ()
    warnings: tuple[str, ...] = ()
    versions: Mapping[str, Any] = field(default_factory=dict)
    seeds: Mapping[str, Any] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    published: tuple[Mapping[str, Any], ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)

    def units(self) -> dict[str, str]:
        """
        Units of the responses of the target data.

        Returns
        -------
        dict of str to str
            Unit by response; sources fill in what targets do not name.
        """
        ordered = sorted(self.data, key=lambda data: data.role == "target")
        return {name: unit for data in ordered for name, unit, *_ in data.responses}


def read_kind(folder: Path) -> str:
    """
    What made a results folder.

    Parameters
    ----------
    folder : Path
        Results folder.

    Returns
    -------
    str
        ``"study"`` where the manifest does not say, or cannot be read: who reads
        it next says why.
    """
    try:
        raw = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "study"
    return str(_mapping(raw).get("kind") or "study")


def read_manifest(path: Path) -> Manifest:
    """
    Read what a manifest says.

    Parameters
    ----------
    path : Path
        The file `manifest.json`.

    Returns
    -------
    Manifest
        Its content; what is missing stays empty.

    Raises
    ------
    UnreadableFileError
        If the file is no JSON object, or a part of it has another shape.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(raw, dict):
            msg = f"{path}: holds a {type(raw).__name__}; expected a JSON object"
            raise UnreadableFileError(msg)
        return _manifest(raw)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        msg = f"{path}: is no JSON ({error}); run the study again to write it"
        raise UnreadableFileError(msg) from error
    except (AttributeError, KeyError, TypeError) as error:
        msg = (
            f"{path}: a part of the manifest has an unexpected shape "
            f"({type(error).__name__}: {error}); run the study again to write it"
        )
        raise UnreadableFileError(msg) from error


def _manifest(raw: Mapping[str, Any]) -> Manifest:
    name = str(raw.get("name") or "study")
    return Manifest(
        name=name,
        title=str(raw.get("title") or name),
        question=str(raw.get("question") or ""),
        started=str(raw.get("started") or ""),
        study=_mapping(raw.get("study")),
        data=tuple(_data_set(entry) for entry in raw.get("data") or ()),
        methods=tuple(_method(entry) for entry in raw.get("methods") or ()),
        verdicts=tuple(_verdict(entry) for entry in raw.get("verdicts") or ()),
        warnings=tuple(str(text) for text in raw.get("warnings") or ()),
        versions=_mapping(raw.get("versions")),
        seeds=_mapping(raw.get("seeds")),
        seconds=_mapping(raw.get("seconds")),
        published=tuple(raw.get("published") or ()),
        raw=raw,
    )


def _mapping(entry: object) -> Mapping[str, Any]:
    if isinstance(entry, Mapping):
        return entry
    return {} if entry is None else {"value": entry}


def _method(entry: Mapping[str, Any]) -> Method:
    name, role = str(entry["name"]), str(entry.get("role"))
    title = str(entry.get("title") or name)
    return Method(name, title, role if role in ROLES else "unlisted")


def _data_set(entry: Mapping[str, Any]) -> DataSet:
    return DataSet(
        role=str(entry.get("role") or "target"),
        name=str(entry.get("name") or ""),
        size=_size(entry),
        responses=tuple(_response(item) for item in entry.get("responses") or ()),
        licence=str(entry.get("licence") or ""),
        citation=str(entry.get("citation") or ""),
        sha256=str(entry.get("sha256") or ""),
        notes=tuple(str(note) for note in entry.get("notes") or ()),
    )


def _size(entry: Mapping[str, Any]) -> str:
    n_samples = entry.get("n_samples")
    if n_samples is None:
        return ""
    parts = [f"{n_samples} samples"]
    for name in ("specimens", "groups"):
        number = entry.get(f"n_{name}")
        if number is not None and number != n_samples:
            parts.append(f"{number} {name}")
    return ", ".join(parts)


def _response(entry: Mapping[str, Any] | str) -> tuple[str, str, str, str]:
    if isinstance(entry, str):
        return entry, "", "", ""
    known = (entry.get(key) for key in ("unit", "procedure", "n_measured"))
    unit, procedure, n_measured = ("" if part is None else str(part) for part in known)
    return str(entry["name"]), unit, procedure, n_measured


def _verdict(entry: Mapping[str, Any]) -> StudyVerdict:
    n_calibration = entry.get("n_calibration")
    return StudyVerdict(
        response=str(entry.get("response") or ""),
        scheme=str(entry.get("scheme") or ""),
        n_calibration=None if n_calibration is None else int(n_calibration),
        topic=str(entry.get("topic") or "transfer"),
        text=str(entry["text"]),
        supported=entry.get("supported") is True,
    )
