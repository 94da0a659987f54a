"""How large a step the optimiser takes, and when each part of a network takes part."""

import math
from dataclasses import dataclass

#: Share of the training in which the learning rate rises.
RISE = 0.25
#: The learning rate begins at the maximum divided by this.
FIRST_DIVISOR = 25.0
#: It ends at the maximum divided by this.
LAST_DIVISOR = 1e4


def one_cycle(progress: float) -> float:
    """
    Learning rate as a part of its maximum: up, then down, along cosines.

    Parameters
    ----------
    progress : float
        Part of the training that is done, from 0 to 1.

    Returns
    -------
    float
        Factor between ``1 / LAST_DIVISOR`` and 1.

    References
    ----------
    .. [1] Smith, L. N. and Topin, N. (2019). Super-convergence: very fast
       training of neural networks using large learning rates. Proceedings of
       SPIE 11006, 369-386.

    Examples
    --------
    >>> one_cycle(0.0), one_cycle(0.25), one_cycle(1.0)
    (0.04, 1.0, 0.0001)
    """
    if progress < RISE:
        return _cosine(1 / FIRST_DIVISOR, 1.0, progress / RISE)
    return _cosine(1.0, 1 / LAST_DIVISOR, (progress - RISE) / (1 - RISE))


def _cosine(first: float, last: float, progress: float) -> float:
    return last + (first - last) * (1 + math.cos(math.pi * progress)) / 2


@dataclass(frozen=True)
class TrainedStage:
    """
    A part of the network that learns; parts that are not named stay frozen.

    Attributes
    ----------
    name : str
        One of the stages of the network.
    rate : float
        Its learning rate as a part of the general one.
    start : float
        Part of the training after which it begins to learn.
    """

    name: str
    rate: float = 1.0
    start: float = 0.0


#: Everything learns from the beginning.
ALL_STAGES: tuple[TrainedStage, ...] = tuple(
    TrainedStage(name) for name in ("stem", "blocks", "last", "dense", "output")
)
