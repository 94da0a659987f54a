"""Interrupted training: states on disk that are either whole or not there."""

import json
import os
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from cerussite.core.errors import InvalidStudyError, UnreadableFileError


def write_state(path: Path, tensors: dict[str, Tensor], facts: dict[str, Any]) -> None:
    """
    Write tensors and facts as one file, never half of it.

    Parameters
    ----------
    path : Path
        File to write or replace.
    tensors : dict of str to Tensor
        Numbers.
    facts : dict
        Anything that JSON holds.
    """
    dense = {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
    whole = save(dense, metadata={"facts": json.dumps(facts)})
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with part.open("wb") as stream:
        stream.write(whole)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


def read_state(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """
    Read what :func:`write_state` wrote.

    Parameters
    ----------
    path : Path
        File to read.

    Returns
    -------
    tuple of (dict of str to Tensor, dict)
        Tensors and facts.

    Raises
    ------
    UnreadableFileError
        If the file is not there or is something else.
    """
    if not path.is_file():
        msg = f"{path}: no such file; expected the weights saved beside it"
        raise UnreadableFileError(msg)
    try:
        with safe_open(path, framework="pt") as stream:
            facts = json.loads(stream.metadata()["facts"])
            tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118 -- not a dict
    except (SafetensorError, KeyError, TypeError, json.JSONDecodeError) as error:
        msg = f"{path}: not a whole safetensors file of this package ({error})"
        raise UnreadableFileError(msg) from error
    return tensors, facts


def check_same_training(path: Path, found: str, expected: str) -> None:
    """
    Refuse to continue one training from the state of another.

    Parameters
    ----------
    path : Path
        The checkpoint, for the message.
    found, expected : str
        Fingerprints of the training that wrote it and of the present one.

    Raises
    ------
    InvalidStudyError
        If they differ.
    """
    if found != expected:
        msg = (
            f"{path}: written by another training (fingerprint {found}; expected "
            f"{expected}): data, settings or random_state changed; use another "
            "checkpoint_folder, or delete this file to start again"
        )
        raise InvalidStudyError(msg)


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """
    State of an optimiser as named tensors.

    Parameters
    ----------
    optimiser : torch.optim.Optimizer
        For instance AdamW after some steps.

    Returns
    -------
    dict of str to Tensor
        Keys are ``"{number of the parameter}.{name of the state}"``.
    """
    return {
        f"{number}.{name}": torch.as_tensor(value)
        for number, state in optimiser.state_dict()["state"].items()
        for name, value in state.items()
    }


def restore_optimiser(
    optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor]
) -> None:
    """
    Put back what :func:`optimiser_tensors` gave.

    Parameters
    ----------
    optimiser : torch.optim.Optimizer
        Built on the same parameters; changed in place.
    tensors : dict of str to Tensor
        Named tensors.
    """
    groups = optimiser.state_dict()["param_groups"]
    parameters = [p for group in optimiser.param_groups for p in group["params"]]
    state: dict[int, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        number, name = key.split(".", maxsplit=1)
        parameter = parameters[int(number)]
        if tensor.shape == parameter.shape:
            # Fused steps read the memory as it lies: same layout as the weights.
            laid_out = torch.empty_like(parameter, requires_grad=False).copy_(tensor)
        else:
            laid_out = tensor
        state.setdefault(int(number), {})[name] = laid_out
    optimiser.load_state_dict({"state": state, "param_groups": groups})
