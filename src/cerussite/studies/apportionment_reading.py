"""Settings of an apportionment from YAML and from a command line, checked."""

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cerussite.core.errors import InvalidStudyError
from cerussite.studies.apportionment_plan import Apportionment

#: Folder of the apportionments that come with the package.
SHIPPED = Path(__file__).parent / "shipped" / "apportionment"
_VARIABLE = re.compile(r"\$\{(\w+)\}")
#: Keys whose value is the path of a file, by the block that holds them.
_FILES = {
    ("data",): ("concentrations", "uncertainties", "detection_limits"),
    ("data", "duplicates"): ("file", "detection_limits"),
    ("origin", "background"): ("file",),
}
#: Parts of a location that pydantic adds for alternatives.
_TAGS = re.compile(r"int|str|float|path|list\[.*|dict\[.*|literal\[.*|constrained-.*")


class _StrictLoader(yaml.SafeLoader):
    """Refuses a key that occurs twice, which YAML itself would overwrite."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                line = node.start_mark.line + 1
                msg = f"key {key!r} occurs twice in the block at line {line}"
                raise yaml.YAMLError(msg)
        return super().construct_mapping(node, deep)


def find_apportionment(study: str | Path) -> Path | None:
    """
    Path of an apportionment, given by its path or the name of a shipped one.

    Parameters
    ----------
    study : str or Path
        Path of a YAML file, or a name.

    Returns
    -------
    Path or None
        None where it is another study, or not there.
    """
    path = Path(study)
    if not path.is_file():
        shipped = SHIPPED / f"{study}.yaml"
        return shipped if shipped.parent == SHIPPED and shipped.is_file() else None
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None
    is_one = isinstance(content, dict) and content.get("kind") == "apportionment"
    return path if is_one else None


def read_apportionment(path: str | Path) -> Apportionment:
    """
    Read and check the study file of an apportionment.

    Parameters
    ----------
    path : str or Path
        YAML file with ``kind: apportionment``. Paths in it are relative to it;
        ``${NAME}`` stands for an environment variable.

    Returns
    -------
    Apportionment
        Checked.
    """
    return checked(read_settings(path), where=f"{path}: ")


def read_settings(path: str | Path) -> dict[str, Any]:
    """
    Content of a YAML file, its paths made absolute, not yet checked.

    Parameters
    ----------
    path : str or Path
        YAML file in UTF-8.

    Returns
    -------
    dict
        As the file says it.

    Raises
    ------
    InvalidStudyError
        If it cannot be read, is no YAML, or holds no keys.
    """
    path = Path(path)
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path}: cannot be read as text ({getattr(error, 'strerror', error)})"
        raise InvalidStudyError(msg) from error
    except yaml.YAMLError as error:
        msg = f"{path}: no valid YAML: {' '.join(str(error).split())}"
        raise InvalidStudyError(msg) from error
    if not isinstance(content, dict):
        msg = f"{path}: found {type(content).__name__}; expected keys such as 'errors:'"
        raise InvalidStudyError(msg)
    for place, keys in _FILES.items():
        block: Any = content
        for part in place:
            block = block.get(part) if isinstance(block, dict) else None
        for key in keys:
            if isinstance(block, dict) and isinstance(block.get(key), str):
                block[key] = _resolved(block[key], path)
    return content


def checked(content: Mapping[str, Any], *, where: str = "") -> Apportionment:
    """
    Settings, checked; the first complaint becomes one line.

    Parameters
    ----------
    content : mapping
        Keys of :class:`Apportionment`.
    where : str
        What the message begins with.

    Returns
    -------
    Apportionment
        Checked.

    Raises
    ------
    InvalidStudyError
        If a key is unknown or missing, or its value cannot be meant.
    """
    try:
        return Apportionment.model_validate(dict(content))
    except ValidationError as error:
        # A misspelt key before what is missing because of it; else the deepest.
        worst = max(
            error.errors(),
            key=lambda each: (each["type"] == "extra_forbidden", len(each["loc"])),
        )
        msg = f"{where}{_described(worst)}"
        raise InvalidStudyError(msg) from error


def _resolved(name: str, study: Path) -> str:
    def _value(found: re.Match[str]) -> str:
        value = os.environ.get(found[1], "")
        if not value:
            msg = (
                f"{study}: {name!r}: the environment variable {found[1]} is not set; set "
                "it to the folder that holds the data, or write the path into the study"
            )
            raise InvalidStudyError(msg)
        return value

    return str((study.resolve().parent / _VARIABLE.sub(_value, name)).resolve())


def _described(error: ErrorDetails) -> str:
    location = [part for part in error["loc"] if not _is_tag(part)]
    key = "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in location
    ).removeprefix(".")
    if error["type"] == "extra_forbidden":
        return _unknown(key, location)
    if error["type"] == "missing":
        return f"{key}: not found; this key is required"
    if error["type"] == "value_error":
        detail = str(error["ctx"]["error"])
        return f"{key}: {detail}" if key else detail
    found = repr(error["input"])
    found = found if len(found) <= 60 else f"{found[:57]}..."
    wanted = error["msg"].removeprefix("Input should be ").replace("Input ", "")
    return f"{key}: found {found}; expected {wanted}"


def _is_tag(part: int | str) -> bool:
    return isinstance(part, str) and _TAGS.fullmatch(part) is not None


def _unknown(key: str, location: list[int | str]) -> str:
    model: type[BaseModel] = Apportionment
    for part in location[:-1]:
        if isinstance(part, str):
            model = _model_in(model.model_fields[part].annotation) or model
    known = list(model.model_fields)
    near = get_close_matches(str(location[-1]), known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"expected {', '.join(known)}"
    return f"{key}: unknown key {location[-1]!r}; {hint}"


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(part) for part in get_args(annotation))
    return next((each for each in found if each is not None), None)
