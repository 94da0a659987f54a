"""Where a network is trained, and in which precision."""

from typing import Literal, TypeAlias

import torch

from cerussite.core.errors import InvalidStudyError

Precision: TypeAlias = Literal["auto", "float32", "bfloat16"]


def resolve_device(device: str) -> torch.device:
    """
    Device meant by a name.

    Parameters
    ----------
    device : str
        ``"auto"`` (a GPU where there is one), or a name that torch knows.

    Returns
    -------
    torch.device
        The device.

    Raises
    ------
    InvalidStudyError
        If the device is unknown or not there.

    Examples
    --------
    >>> resolve_device("cpu")
    device(type='cpu')
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
    except RuntimeError as error:
        msg = f"device: {device!r} is unknown; expected 'auto', 'cpu' or 'cuda'"
        raise InvalidStudyError(msg) from error
    if chosen.type == "cuda" and not torch.cuda.is_available():
        msg = f"device: {device!r}, but torch sees no GPU; use 'auto' or 'cpu'"
        raise InvalidStudyError(msg)
    return chosen


def uses_bfloat16(precision: Precision, device: torch.device) -> bool:
    """
    Whether layers are computed in bfloat16 while training.

    Parameters
    ----------
    precision : {"auto", "float32", "bfloat16"}
        ``"auto"`` means bfloat16 where the hardware multiplies it natively;
        elsewhere it is emulated and slower than single precision.
    device : torch.device
        Where the network is trained.

    Returns
    -------
    bool
        True for mixed precision; weights and losses stay in single precision.

    Raises
    ------
    InvalidStudyError
        If the precision is unknown.
    """
    if precision not in {"auto", "float32", "bfloat16"}:
        msg = f"precision: {precision!r}; expected 'auto', 'float32' or 'bfloat16'"
        raise InvalidStudyError(msg)
    if precision != "auto":
        return precision == "bfloat16"
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device.type == "cpu" and _processor_multiplies_bfloat16()


def _processor_multiplies_bfloat16() -> bool:
    # Not public in torch: a version without it counts as no.
    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    return bool(supported())
