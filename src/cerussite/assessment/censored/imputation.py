"""Several plausible data sets in place of one with values below the limits."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_ndtr, ndtri_exp

from cerussite.assessment.censored.checks import checked_cells, unsupported
from cerussite.core.errors import InvalidConcentrationError, InvalidStudyError
from cerussite.core.types import BoolArray, FloatArray

#: Sweeps before the first imputation, and between two.
BURN_IN, BETWEEN = 200, 5


def impute_below_limits(
    values: ArrayLike,
    is_censored: ArrayLike,
    *,
    n_imputations: int,
    is_correlated: bool = False,
    random_state: int | np.random.Generator | None = None,
) -> FloatArray:
    """
    Draw concentrations below the limits, as often as asked for.

    Logarithms are taken as normal. Parameters and values are drawn in turn, from
    what each says of the other (data augmentation [1]_), so that imputations differ
    by all that is not known. With ``is_correlated`` a value also leans on the
    other elements of its sample [2]_.

    Parameters
    ----------
    values : array_like of shape (n_samples, n_elements)
        Concentrations; where censored, the detection limit; NaN where not
        measured.
    is_censored : array_like of bool, shape (n_samples, n_elements)
        True where the concentration lies below the limit in ``values``.
    n_imputations : int
        Number of data sets; 20 for a mean, 1000 for the tails of an index.
    is_correlated : bool
        Whether elements are drawn together; it needs more samples than elements.
    random_state : int, Generator or None
        Who decides.

    Returns
    -------
    ndarray of shape (n_imputations, n_samples, n_elements)
        Detected values as they are, draws below the limit where censored, NaN
        where not measured.

    Raises
    ------
    InvalidConcentrationError
        If an element was detected too rarely to be drawn.
    InvalidStudyError
        If there are too few samples for drawing elements together, or fewer than
        one imputation is asked for.

    Notes
    -----
    Prior: Jeffreys' for the normal distribution. A sample where nothing but
    censored values was measured is drawn from the distribution of all others.

    References
    ----------
    .. [1] Tanner, M. A. and Wong, W. H. (1987). The calculation of posterior
       distributions by data augmentation. Journal of the American Statistical
       Association 82(398), 528-540.
    .. [2] Hopke, P. K., Liu, C. and Rubin, D. B. (2001). Multiple imputation for
       multivariate data with missing and below-threshold measurements: time-series
       concentrations of pollutants in the Arctic. Biometrics 57(1), 22-33.

    Examples
    --------
    >>> values = np.array([[1.0], [2.0], [4.0], [8.0]])
    >>> mask = np.array([[True], [False], [False], [False]])
    >>> draws = impute_below_limits(values, mask, n_imputations=5, random_state=0)
    >>> draws.shape, bool((draws[:, 0] < 1).all())
    ((5, 4, 1), True)
    >>> bool((draws[:, 1:] == values[1:]).all())
    True
    """
    checked, mask = checked_cells(values, is_censored)
    if msg := _impossible(checked, n_imputations, is_correlated):
        raise InvalidStudyError(msg)
    if msg := _too_rare(checked, mask):
        raise InvalidConcentrationError(msg)
    rng = np.random.default_rng(random_state)
    chain = _chain(checked, mask, is_correlated=is_correlated, rng=rng)
    draws = np.empty((n_imputations, *checked.shape))
    for imputation in range(n_imputations):
        for _ in range(BETWEEN):
            logs = next(chain)
        draws[imputation] = np.where(mask, np.exp(logs), checked)
    return draws


def _impossible(values: FloatArray, n_imputations: int, is_correlated: bool) -> str:
    if values.ndim != 2 or n_imputations < 1:
        return (
            f"values of shape {values.shape}, n_imputations: {n_imputations}; expected "
            "(n_samples, n_elements) and at least 1"
        )
    n_samples, n_elements = values.shape
    if is_correlated and n_samples < n_elements + 2:
        return (
            f"{n_samples} samples of {n_elements} elements; drawing them together "
            f"needs at least {n_elements + 2}: set is_correlated=False"
        )
    return ""


def _too_rare(values: FloatArray, is_censored: BoolArray) -> str:
    for element in range(values.shape[1]):
        measured = ~np.isnan(values[:, element])
        if reason := unsupported(
            values[measured, element], is_censored[measured, element]
        ):
            return f"element {element}: {reason}; leave it out of the index"
    return ""


def _chain(
    values: FloatArray,
    is_censored: BoolArray,
    *,
    is_correlated: bool,
    rng: np.random.Generator,
) -> Iterator[FloatArray]:
    """Endless sweeps over parameters and values, from the burn-in on; logarithms."""
    limits = np.log(values)
    missing = np.isnan(limits)
    start = np.nanmean(limits, axis=0)
    logs = np.where(missing, start, limits)
    unknown = [np.flatnonzero(column) for column in (is_censored | missing).T]
    tops = [
        np.where(missing[rows, column], np.inf, limits[rows, column])
        for column, rows in enumerate(unknown)
    ]
    draw = _draw_covariance if is_correlated else _draw_variances
    sweep = 0
    while True:
        mean, precision = draw(logs, rng)
        for column, rows in enumerate(unknown):
            if rows.size:
                centre, spread = _conditional(logs[rows], mean, precision, column)
                logs[rows, column] = _below(centre, spread, tops[column], rng)
        sweep += 1
        if sweep > BURN_IN:
            yield logs


def _conditional(
    logs: FloatArray, mean: FloatArray, precision: FloatArray, column: int
) -> tuple[FloatArray, float]:
    """Mean and standard deviation of one element, given the others of the sample."""
    row = precision[column].copy()
    own, row[column] = row[column], 0.0
    return mean[column] - (logs - mean) @ row / own, float(own**-0.5)


def _below(
    centre: FloatArray, spread: float, top: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Normal draws below a top, by the inverse of the distribution function."""
    room = log_ndtr((top - centre) / spread)
    return centre + spread * ndtri_exp(np.log1p(-rng.random(centre.size)) + room)


def _draw_variances(
    logs: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    n = len(logs)
    squares = ((logs - logs.mean(axis=0)) ** 2).sum(axis=0)
    precision = rng.chisquare(n - 1, size=squares.size) / squares
    mean = rng.normal(logs.mean(axis=0), (n * precision) ** -0.5)
    return mean, np.diag(precision)


def _draw_covariance(
    logs: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Wishart draw of the precision by Bartlett's decomposition."""
    n, p = logs.shape
    centred = logs - logs.mean(axis=0)
    root = np.linalg.cholesky(np.linalg.inv(centred.T @ centred))
    bartlett = np.tril(rng.normal(size=(p, p)), -1)
    np.fill_diagonal(bartlett, np.sqrt(rng.chisquare(n - 1 - np.arange(p))))
    factor = root @ bartlett
    # cov(mean) = inverse of n times the precision, factor @ factor.T
    offset = np.linalg.solve(factor.T, rng.normal(size=p)) / np.sqrt(n)
    return logs.mean(axis=0) + offset, factor @ factor.T
