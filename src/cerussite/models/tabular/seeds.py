"""Seeds for growers of trees, which take no generators."""

from typing import Any

import numpy as np


def seed_of(random_state: Any) -> int:
    """
    A number that stands for a source of randomness.

    Parameters
    ----------
    random_state : int or Generator
        An integer stays what it is; a generator is asked for one.

    Returns
    -------
    int
        At least 0, below 2**31.

    Examples
    --------
    >>> seed_of(7)
    7
    """
    if isinstance(random_state, int | np.integer):
        return int(random_state)
    return int(np.random.default_rng(random_state).integers(2**31 - 1))
