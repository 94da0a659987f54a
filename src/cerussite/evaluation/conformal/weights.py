"""Weights of calibration residuals, and the quantiles that conformal limits are."""

import numpy as np

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray, IntArray
from cerussite.evaluation.intervals import residuals_needed

#: Rounding that cumulated weights are allowed.
_SLACK = 1e-9


def row_weights(n_rows: int, groups: IntArray | None = None) -> FloatArray:
    r"""
    Weight of each calibration residual; what is missing to 1 belongs to infinity.

    Residuals of single samples weigh :math:`1/(n + 1)` each [1]_: the new sample
    is one of :math:`n + 1` that could have come in any order. Where samples come
    in :math:`K` sites a new *site* is one of :math:`K + 1`, so a site with
    :math:`n_k` residuals shares :math:`1/(K + 1)` among them (hierarchical
    conformal prediction [2]_).

    Parameters
    ----------
    n_rows : int
        Number of residuals.
    groups : ndarray of shape (n_rows,), optional
        Number of the site of each residual; without it samples are alone.

    Returns
    -------
    ndarray of shape (n_rows,)
        Positive, with a sum below 1.

    Notes
    -----
    Dunn, Wasserman and Ramdas (2023) [3]_ pool distribution functions of sites in
    the same way without the mass at infinity, which holds for many sites only, or
    draw one sample a site, which discards the others. The weights of [2]_ keep all
    samples and hold for any number of sites that exceeds the level.

    References
    ----------
    .. [1] Vovk, V., Gammerman, A. and Shafer, G. (2005). Algorithmic Learning in
       a Random World. Springer.
    .. [2] Lee, Y., Barber, R. F. and Willett, R. (2023). Distribution-free
       inference with hierarchical data. arXiv:2306.06342.
    .. [3] Dunn, R., Wasserman, L. and Ramdas, A. (2023). Distribution-free
       prediction sets for two-layer hierarchical models. Journal of the American
       Statistical Association 118(544), 2491-2502.

    Examples
    --------
    >>> import numpy as np
    >>> row_weights(3)
    array([0.25, 0.25, 0.25])
    >>> row_weights(4, np.array([0, 0, 1, 2]))
    array([0.125, 0.125, 0.25 , 0.25 ])
    """
    if groups is None:
        return np.full(n_rows, 1.0 / (n_rows + 1))
    _, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    return 1.0 / ((sizes.size + 1) * sizes[codes])


def weighted_quantile(
    values: FloatArray, weights: FloatArray, *, level: float
) -> FloatArray:
    """
    Smallest value at or below which the weights reach a level, column by column.

    Parameters
    ----------
    values : ndarray of shape (n_rows, ...)
        One value a residual and column.
    weights : ndarray of shape (n_rows,)
        From :func:`row_weights`.
    level : float
        Between 0 and 1.

    Returns
    -------
    ndarray of shape (...)
        Infinity where all weights together stay below the level.

    Examples
    --------
    >>> import numpy as np
    >>> scores = np.array([[4.0], [1.0], [2.0]])
    >>> weighted_quantile(scores, row_weights(3), level=0.5)
    array([2.])
    >>> weighted_quantile(scores, row_weights(3), level=0.9)
    array([inf])
    """
    if weights.sum() + _SLACK < level:
        return np.full(values.shape[1:], np.inf)
    if np.ptp(weights) == 0:
        rank = int(np.clip(np.ceil(round(level / weights[0], 9)), 1, weights.size))
        return np.partition(values, rank - 1, axis=0)[rank - 1]
    order = np.argsort(values, axis=0, kind="stable")
    reached = np.cumsum(weights[order], axis=0) + _SLACK >= level
    first = np.argmax(reached, axis=0)[np.newaxis]
    return np.take_along_axis(np.take_along_axis(values, order, axis=0), first, axis=0)[
        0
    ]


def check_enough(
    n_rows: int, groups: IntArray | None, *, level: float, what: str
) -> None:
    """
    Refuse fewer residuals, or sites, than finite limits at a level need.

    Parameters
    ----------
    n_rows : int
        Number of residuals.
    groups : ndarray of shape (n_rows,) or None
        Sites of the residuals, where samples come in sites.
    level : float
        Nominal coverage.
    what : str
        What the residuals are of, for the message.

    Raises
    ------
    InvalidStudyError
        If there are too few, or the level is not between 0 and 1.
    """
    needed = residuals_needed(level)
    if groups is None and n_rows < needed:
        msg = (
            f"{n_rows} residuals of {what}; expected at least {needed} for level "
            f"{level:g}: lower the level or measure more"
        )
        raise InvalidStudyError(msg)
    n_groups = 0 if groups is None else np.unique(groups).size
    if groups is not None and n_groups < needed:
        msg = (
            f"{n_groups} groups with residuals of {what}; expected at least {needed} "
            f"for a new group at level {level:g}: lower the level or sample more sites"
        )
        raise InvalidStudyError(msg)
