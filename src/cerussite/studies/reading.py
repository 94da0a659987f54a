"""A study file in, a checked :class:`Study` out; every error is one line."""

import os
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cerussite.core.errors import InvalidStudyError
from cerussite.studies.data_blocks import DATA_BLOCKS
from cerussite.studies.study import SHIPPED, Study

_VARIABLE = re.compile(r"\$\{(\w+)\}")
#: Parts of a location that pydantic adds and no study file holds.
_TAGS = re.compile(rf"{'|'.join(DATA_BLOCKS)}|Grid|function-.*|literal\[.*")
#: What was expected, in the words of YAML, by kind of complaint.
_EXPECTED = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dict_type": "keys with values",
    "float_parsing": "a number",
    "float_type": "a number",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "less_than": "less than {lt:g}",
    "less_than_equal": "at most {le:g}",
    "list_type": "a list such as [a, b]",
    "model_attributes_type": "keys with values",
    "model_type": "keys with values",
    "string_pattern_mismatch": "letters, digits, '-' and '_' only",
    "string_type": "text",
    "too_short": "at least {min_length}",
}


def shipped_studies() -> dict[str, Path]:
    """
    Studies that come with the package.

    Returns
    -------
    dict of str to Path
        Path of each study file by its name.
    """
    return {path.stem: path for path in sorted(SHIPPED.glob("*.yaml"))}


def find_study(study: str | Path) -> Path:
    """
    Path of a study given by its path or by the name of a shipped one.

    Parameters
    ----------
    study : str or Path
        Path of a study file, or a name such as ``"demo"``.

    Returns
    -------
    Path
        An existing file.

    Raises
    ------
    InvalidStudyError
        If there is neither such a file nor such a shipped study.
    """
    path = Path(study)
    if path.is_file():
        return path
    shipped = shipped_studies()
    if str(study) in shipped:
        return shipped[str(study)]
    msg = (
        f"{study}: no such file; expected the path of a study file, or one of "
        f"{', '.join(shipped)}"
    )
    raise InvalidStudyError(msg)


def read_study(path: str | Path) -> Study:
    """
    Read and check a study file.

    Paths of tables and folders are made absolute, relative to the study file, after
    ``${NAME}`` has been replaced by the environment variable ``NAME``.

    Parameters
    ----------
    path : str or Path
        YAML file in UTF-8.

    Returns
    -------
    Study
        The study, checked.

    Raises
    ------
    InvalidStudyError
        If the file cannot be read, is no YAML, or says what a study cannot
        mean; the message names the file, the key, what was found and expected.
    """
    path = Path(path)
    content = _read_yaml(path)
    for block, key in _paths(content):
        block[key] = _resolve(str(block[key]), path)
    try:
        return Study.model_validate(content)
    except ValidationError as error:
        msg = f"{path}: {describe_error(_most_telling(error.errors()))}"
        raise InvalidStudyError(msg) from error


def _most_telling(errors: list[ErrorDetails]) -> ErrorDetails:
    # A misspelt key before what is missing because of it; else the deepest.
    return max(errors, key=lambda e: (e["type"] == "extra_forbidden", len(e["loc"])))


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


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path}: cannot be read as text ({_first_line(error)})"
        raise InvalidStudyError(msg) from error
    except yaml.YAMLError as error:
        msg = f"{path}: no valid YAML: {' '.join(str(error).split())}"
        raise InvalidStudyError(msg) from error
    if not isinstance(content, dict):
        msg = f"{path}: found {type(content).__name__}; expected keys such as 'name:'"
        raise InvalidStudyError(msg)
    return content


def _first_line(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) else str(error)
    return (text or type(error).__name__).splitlines()[0]


def _paths(content: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    # Blocks of the raw content that name a file or a folder, and under which key.
    source = content.get("source")
    blocks = [content.get("target"), *(source if isinstance(source, list) else [])]
    blocks += [each.get("analyses") for each in blocks if isinstance(each, dict)]
    for block in filter(lambda each: isinstance(each, dict), blocks):
        for key in ("file", "folder"):
            if isinstance(block.get(key), str):
                yield block, key


def _resolve(name: str, study: Path) -> str:
    expanded = _VARIABLE.sub(lambda found: _variable(found[1], name, study), name)
    return str((study.resolve().parent / expanded).resolve())


def _variable(name: str, path: str, study: Path) -> str:
    value = os.environ.get(name, "")
    if not value:
        msg = (
            f"{study}: {path!r}: the environment variable {name} is not set; set "
            "it to the folder that holds the data, or write the path into the study"
        )
        raise InvalidStudyError(msg)
    return value


def describe_error(error: ErrorDetails) -> str:
    """
    One line for one complaint of pydantic.

    Parameters
    ----------
    error : dict
        An entry of :meth:`pydantic.ValidationError.errors`.

    Returns
    -------
    str
        Key path, what was found, what was expected, and for an unknown key the
        nearest one that exists.
    """
    location = [part for part in error["loc"] if not _is_tag(part)]
    key = _key_path(location)
    kind = error["type"]
    if kind == "extra_forbidden":
        return _unknown_key(location, _models_at(Study, error["loc"][:-1]))
    if kind == "missing":
        return f"{key}: not found; this key is required"
    if kind == "value_error":
        detail = str(error["ctx"]["error"])
        return f"{key}: {detail}" if key else detail
    expected = _expected(error)
    return f"{key}: found {_shorten(error['input'])}; expected {expected}"


def _expected(error: ErrorDetails) -> str:
    limits = error.get("ctx", {})
    if error["type"] in _EXPECTED:
        return _EXPECTED[error["type"]].format(**limits)
    return error["msg"].removeprefix("Input should be ").replace("Input ", "")


def _is_tag(part: int | str) -> bool:
    return isinstance(part, str) and _TAGS.fullmatch(part) is not None


def _unknown_key(location: list[int | str], models: list[type[BaseModel]]) -> str:
    known = list(dict.fromkeys(key for each in models for key in each.model_fields))
    key = str(location[-1])
    near = get_close_matches(key, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"expected {', '.join(known)}"
    return f"{_key_path(location)}: unknown key {key!r}; {hint}"


def _models_at(
    model: type[BaseModel], parents: tuple[int | str, ...]
) -> list[type[BaseModel]]:
    # Blocks that a location may lead to; a kind of data is told by its own key.
    models = [model]
    for part in parents:
        kind = DATA_BLOCKS.get(str(part))
        # What names neither a file nor a folder may be a misspelt one of them.
        if kind in models and part != "named":
            models = [kind]
        inner = [
            found
            for each in models
            for found in (
                _models_in(each.model_fields[part].annotation)
                if part in each.model_fields
                else [each]
            )
        ]
        models = inner or models
    return models


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in _models_in(part)]


def _key_path(location: list[int | str]) -> str:
    # Path in the words of YAML: ``validation.random.folds``, ``methods[2].name``.
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.removeprefix(".")


def _shorten(value: Any) -> str:
    if isinstance(value, Mapping):
        return "keys " + ", ".join(map(str, value))
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
