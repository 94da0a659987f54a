"""Mean slopes of rectifiers and pools over a step, instead of slopes at a point."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

_RECTIFIERS = {functional.relu, torch.relu, Tensor.relu}
_LEAKY = {functional.leaky_relu}
_POOLS: dict[Any, int] = {
    functional.max_pool1d: 1,
    functional.max_pool2d: 2,
    torch.max_pool1d: 1,
    torch.max_pool2d: 2,
}


class _Slope(torch.autograd.Function):
    """A value that came from elsewhere, differentiated by a slope that did, too."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, value: Tensor, slope: Tensor) -> Tensor:  # noqa: ARG004
        ctx.save_for_backward(slope)
        return value.clone()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        (slope,) = ctx.saved_tensors
        return grads[0] * slope, None, None


class Rectifiers(TorchFunctionMode):
    """
    Sees every rectifier and maximum pool of a network; subclasses decide.

    A maximum of two is a sum with a rectifier, ``max(u, v) = v + relu(u - v)``,
    so that a pool is a chain of rectifiers.
    """

    def rectify(self, x: Tensor, value: Tensor, negative: float) -> Tensor:
        """
        What becomes of one rectifier.

        Parameters
        ----------
        x : Tensor
            Its input.
        value : Tensor
            Its output.
        negative : float
            Its slope below zero.

        Returns
        -------
        Tensor
            What the network goes on with.
        """
        raise NotImplementedError

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        del types
        kwargs = dict(kwargs or {})
        if func in _RECTIFIERS:
            return self.rectify(args[0], torch.relu(args[0]), 0.0)
        if func in _LEAKY:
            slope = _argument(args, kwargs, 1, "negative_slope", 0.01)
            value = functional.leaky_relu(args[0], slope)
            return self.rectify(args[0], value, slope)
        if func in _POOLS:
            window = _plain_window(args, kwargs, _POOLS[func])
            if window is not None:
                return self._maximum(_slices(args[0], window))
        return func(*args, **kwargs)

    def _maximum(self, parts: list[Tensor]) -> Tensor:
        highest = parts[0]
        for part in parts[1:]:
            difference = part - highest
            positive = torch.relu(difference)
            highest = highest + self.rectify(difference, positive, 0.0)
        return highest


class Recording(Rectifiers):
    """
    Notes the mean slope of each rectifier between the ends of steps.

    Parameters
    ----------
    n_rows : int
        Rows of one point of the paths; the batch holds the points one after
        another.
    """

    def __init__(self, n_rows: int) -> None:
        super().__init__()
        self.n_rows = n_rows
        self.slopes: list[Tensor] = []

    def rectify(self, x: Tensor, value: Tensor, negative: float) -> Tensor:
        """
        Note the slopes and pass the value on.

        Parameters
        ----------
        x, value : Tensor of shape (n_points * n_rows, ...)
            Input and output of the rectifier.
        negative : float
            Its slope below zero.

        Returns
        -------
        Tensor
            The value.
        """
        start, end = x[: -self.n_rows], x[self.n_rows :]
        # Of equal sign the quotient is exactly 0 or 1; of unlike sign nothing cancels.
        step = end - start
        rise = torch.relu(end) - torch.relu(start)
        active = torch.where(step == 0, (start > 0).to(x.dtype), rise / step)
        self.slopes.append(negative + (1 - negative) * active)
        return value


class Replaying(Rectifiers):
    """
    Differentiates each rectifier by the slope that was noted for it.

    Parameters
    ----------
    slopes : list of Tensor
        In the order of the calls.
    """

    def __init__(self, slopes: list[Tensor]) -> None:
        super().__init__()
        self._next: Callable[[], Tensor] = iter(slopes).__next__

    def rectify(self, x: Tensor, value: Tensor, negative: float) -> Tensor:
        """
        Pass the value on with the noted slope.

        Parameters
        ----------
        x, value : Tensor of shape (n_steps * n_rows, ...)
            Input and output of the rectifier in the middle of the steps.
        negative : float
            Its slope below zero, which the noted slope holds already.

        Returns
        -------
        Tensor
            The value, differentiated by the noted slope.
        """
        del negative
        return _Slope.apply(x, value.detach(), self._next())  # type: ignore[no-untyped-call]


def _argument(args: Any, kwargs: Any, position: int, name: str, default: Any) -> Any:
    if len(args) > position:
        return args[position]
    found = kwargs.get(name, default)
    return default if found is None else found


def _plain_window(args: Any, kwargs: Any, n_axes: int) -> tuple[int, ...] | None:
    """Window of a pool without overlap, padding or dilation; None for any other."""
    window = _pair(_argument(args, kwargs, 1, "kernel_size", 1), n_axes)
    stride = _pair(_argument(args, kwargs, 2, "stride", window) or window, n_axes)
    padding = _pair(_argument(args, kwargs, 3, "padding", 0), n_axes)
    dilation = _pair(_argument(args, kwargs, 4, "dilation", 1), n_axes)
    is_odd = bool(kwargs.get("ceil_mode")) or bool(kwargs.get("return_indices"))
    is_plain = window == stride and set(padding) == {0} and set(dilation) == {1}
    return window if is_plain and not is_odd else None


def _pair(value: Any, n_axes: int) -> tuple[int, ...]:
    return (value,) * n_axes if isinstance(value, int) else tuple(value)


def _slices(x: Tensor, window: tuple[int, ...]) -> list[Tensor]:
    """Members of each window, one tensor a position; what fills no window is cut."""
    n_axes = len(window)
    parts = [x]
    for axis, length in enumerate(window):
        dim = x.dim() - n_axes + axis
        kept = x.shape[dim] // length * length
        parts = [
            part.narrow(dim, 0, kept)[
                (slice(None),) * dim + (slice(offset, None, length),)
            ]
            for part in parts
            for offset in range(length)
        ]
    return parts
