"""Metrics of agreement: one value a response, missing analyses allowed."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cerussite.core.errors import InvalidConcentrationError
from cerussite.core.types import FloatArray, IntArray


def rmse(y_true: FloatArray, y_pred: FloatArray) -> FloatArray:
    """
    Root mean squared error; smaller is better.

    Parameters
    ----------
    y_true : ndarray of shape (n_samples, n_responses)
        Reference analyses; NaN where a response was not measured.
    y_pred : ndarray of shape (n_samples, n_responses)
        Predictions in the unit of ``y_true``.

    Returns
    -------
    ndarray of shape (n_responses,)
        In the unit of each response; NaN where it was never measured.

    Raises
    ------
    InvalidConcentrationError
        If shapes differ, or a prediction for a measured value is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> rmse(np.array([[1.0], [2.0]]), np.array([[2.0], [9.0]]))
    array([5.])
    """
    if msg := _flaw(y_true, y_pred):
        raise InvalidConcentrationError(msg)
    return np.sqrt(_mean((y_pred - y_true) ** 2))


def mae(y_true: FloatArray, y_pred: FloatArray) -> FloatArray:
    """
    Mean absolute error; smaller is better.

    Parameters
    ----------
    y_true : ndarray of shape (n_samples, n_responses)
        Reference analyses; NaN where a response was not measured.
    y_pred : ndarray of shape (n_samples, n_responses)
        Predictions in the unit of ``y_true``.

    Returns
    -------
    ndarray of shape (n_responses,)
        In the unit of each response; NaN where it was never measured.

    Raises
    ------
    InvalidConcentrationError
        If shapes differ, or a prediction for a measured value is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> mae(np.array([[1.0], [2.0]]), np.array([[2.0], [9.0]]))
    array([4.])
    """
    if msg := _flaw(y_true, y_pred):
        raise InvalidConcentrationError(msg)
    return _mean(np.abs(y_pred - y_true))


def bias(y_true: FloatArray, y_pred: FloatArray) -> FloatArray:
    """
    Mean of predicted minus observed; nearer to zero is better.

    Parameters
    ----------
    y_true : ndarray of shape (n_samples, n_responses)
        Reference analyses; NaN where a response was not measured.
    y_pred : ndarray of shape (n_samples, n_responses)
        Predictions in the unit of ``y_true``.

    Returns
    -------
    ndarray of shape (n_responses,)
        In the unit of each response, positive where predictions are too high;
        NaN where it was never measured.

    Raises
    ------
    InvalidConcentrationError
        If shapes differ, or a prediction for a measured value is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> bias(np.array([[1.0], [2.0]]), np.array([[2.0], [9.0]]))
    array([4.])
    """
    if msg := _flaw(y_true, y_pred):
        raise InvalidConcentrationError(msg)
    return _mean(y_pred - y_true)


def r2(y_true: FloatArray, y_pred: FloatArray) -> FloatArray:
    """
    Coefficient of determination, 1 - SSE / SST; larger is better.

    SST is taken about the mean of the *test* values at hand: 0 is as good as
    that mean, which a calibration does not know, and worse is negative. It is
    not the squared correlation, which forgives bias and slope.

    Parameters
    ----------
    y_true : ndarray of shape (n_samples, n_responses)
        Reference analyses; NaN where a response was not measured.
    y_pred : ndarray of shape (n_samples, n_responses)
        Predictions in the unit of ``y_true``.

    Returns
    -------
    ndarray of shape (n_responses,)
        At most 1; NaN where a response was never measured or all its values
        are equal.

    Raises
    ------
    InvalidConcentrationError
        If shapes differ, a prediction for a measured value is not finite, or a
        response has one measured value.

    Examples
    --------
    >>> import numpy as np
    >>> r2(np.array([[1.0], [3.0]]), np.array([[2.0], [3.0]]))
    array([0.5])
    """
    if msg := _flaw(y_true, y_pred) or _shortage(y_true):
        raise InvalidConcentrationError(msg)
    errors = y_pred - y_true
    total = _variance(y_true, ddof=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(total > 0, 1 - _mean(errors**2) / total, np.nan)


def ccc(y_true: FloatArray, y_pred: FloatArray) -> FloatArray:
    r"""
    Lin's concordance correlation coefficient; larger is better.

    .. math:: \rho_c = 2 s_{xy} / (s_x^2 + s_y^2 + (\bar x - \bar y)^2)

    It falls below the correlation where predictions are biased or shrunk.

    Parameters
    ----------
    y_true : ndarray of shape (n_samples, n_responses)
        Reference analyses; NaN where a response was not measured.
    y_pred : ndarray of shape (n_samples, n_responses)
        Predictions in the unit of ``y_true``.

    Returns
    -------
    ndarray of shape (n_responses,)
        Between -1 and 1; NaN where a response was never measured, or observed
        and predicted are one constant.

    Raises
    ------
    InvalidConcentrationError
        If shapes differ, a prediction for a measured value is not finite, or a
        response has one measured value.

    Notes
    -----
    Variances and covariance have ``n`` in the denominator (ddof 0), as in [1]_;
    programs that divide by ``n - 1`` differ a little where there is bias.

    References
    ----------
    .. [1] Lin, L. I.-K. (1989). A concordance correlation coefficient to
       evaluate reproducibility. Biometrics 45(1), 255-268.

    Examples
    --------
    >>> import numpy as np
    >>> ccc(np.array([[1.0], [3.0]]), np.array([[3.0], [5.0]]))
    array([0.3333])
    """
    if msg := _flaw(y_true, y_pred) or _shortage(y_true):
        raise InvalidConcentrationError(msg)
    errors = y_pred - y_true
    predicted = np.where(np.isnan(y_true), np.nan, y_pred)
    centred = (y_true - _mean(y_true)) * (predicted - _mean(predicted))
    spread = _variance(y_true, ddof=0) + _variance(predicted, ddof=0)
    with np.errstate(invalid="ignore"):
        return 2 * _mean(centred) / (spread + _mean(errors) ** 2)


def rpd(y_true: FloatArray, y_pred: FloatArray) -> FloatArray:
    """
    Ratio of the standard deviation of the observed to the RMSE; larger is better.

    Parameters
    ----------
    y_true : ndarray of shape (n_samples, n_responses)
        Reference analyses; NaN where a response was not measured.
    y_pred : ndarray of shape (n_samples, n_responses)
        Predictions in the unit of ``y_true``.

    Returns
    -------
    ndarray of shape (n_responses,)
        Dimensionless; NaN where a response was never measured.

    Raises
    ------
    InvalidConcentrationError
        If shapes differ, a prediction for a measured value is not finite, or a
        response has one measured value.

    Notes
    -----
    The standard deviation has ``n - 1`` in the denominator (ddof 1) and the
    error is not corrected for bias. So RPD adds nothing to R2, of which it is
    a function: ``rpd**2 * (1 - r2) == n / (n - 1)``.

    References
    ----------
    .. [1] Williams, P. C. (1987). Variables affecting near-infrared reflectance
       spectroscopic analysis. In: Near-Infrared Technology in the Agricultural
       and Food Industries, 143-167. AACC.

    Examples
    --------
    >>> import numpy as np
    >>> rpd(np.array([[1.0], [2.0], [3.0]]), np.array([[1.5], [2.5], [3.5]]))
    array([2.])
    """
    if msg := _flaw(y_true, y_pred) or _shortage(y_true):
        raise InvalidConcentrationError(msg)
    errors = y_pred - y_true
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt(_variance(y_true, ddof=1) / _mean(errors**2))


def rpiq(y_true: FloatArray, y_pred: FloatArray) -> FloatArray:
    """
    Ratio of the interquartile distance of the observed to the RMSE; larger is better.

    For skewed responses, such as metals, whose standard deviation a few high
    values decide.

    Parameters
    ----------
    y_true : ndarray of shape (n_samples, n_responses)
        Reference analyses; NaN where a response was not measured.
    y_pred : ndarray of shape (n_samples, n_responses)
        Predictions in the unit of ``y_true``.

    Returns
    -------
    ndarray of shape (n_responses,)
        Dimensionless; NaN where a response was never measured.

    Raises
    ------
    InvalidConcentrationError
        If shapes differ, a prediction for a measured value is not finite, or a
        response has one measured value.

    Notes
    -----
    Quartiles interpolate linearly (type 7 of R).

    References
    ----------
    .. [1] Bellon-Maurel, V. et al. (2010). Critical review of chemometric
       indicators commonly used for assessing the quality of the prediction of
       soil attributes by NIR spectroscopy. TrAC Trends in Analytical Chemistry
       29(9), 1073-1081.

    Examples
    --------
    >>> import numpy as np
    >>> y_true = np.array([[1.0], [2.0], [3.0], [4.0], [5.0]])
    >>> rpiq(y_true, y_true + 0.5)
    array([4.])
    """
    if msg := _flaw(y_true, y_pred) or _shortage(y_true):
        raise InvalidConcentrationError(msg)
    errors = y_pred - y_true
    distance = np.full(errors.shape[1], np.nan)
    for response in np.flatnonzero(~np.isnan(errors).all(axis=0)):
        first, third = np.nanpercentile(y_true[:, response], [25, 75])
        distance[response] = third - first
    with np.errstate(divide="ignore", invalid="ignore"):
        return distance / np.sqrt(_mean(errors**2))


def rmse_log(y_true: FloatArray, y_pred: FloatArray) -> FloatArray:
    """
    Root mean squared error of natural logarithms; smaller is better.

    For responses over orders of magnitude, whose error in mg/kg hangs on the few
    highest samples: 0.1 is about a tenth of the value, whatever its size.

    Parameters
    ----------
    y_true : ndarray of shape (n_samples, n_responses)
        Reference analyses; NaN where a response was not measured.
    y_pred : ndarray of shape (n_samples, n_responses)
        Predictions in the unit of ``y_true``.

    Returns
    -------
    ndarray of shape (n_responses,)
        Dimensionless; NaN where a measured value or its prediction is not above
        zero, for then the scale does not exist and nothing is clipped.

    Raises
    ------
    InvalidConcentrationError
        If shapes differ, or a prediction for a measured value is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> rmse_log(np.array([[1.0], [4.0]]), np.array([[2.0], [8.0]])).round(3)
    array([0.693])
    """
    if msg := _flaw(y_true, y_pred):
        raise InvalidConcentrationError(msg)
    return rmse(*_logarithms(y_true, y_pred))


def r2_log(y_true: FloatArray, y_pred: FloatArray) -> FloatArray:
    """
    Coefficient of determination of natural logarithms; larger is better.

    Parameters
    ----------
    y_true : ndarray of shape (n_samples, n_responses)
        Reference analyses; NaN where a response was not measured.
    y_pred : ndarray of shape (n_samples, n_responses)
        Predictions in the unit of ``y_true``.

    Returns
    -------
    ndarray of shape (n_responses,)
        At most 1; NaN where a measured value or its prediction is not above
        zero.

    Raises
    ------
    InvalidConcentrationError
        If shapes differ, a prediction for a measured value is not finite, or a
        response has one measured value.

    Notes
    -----
    Predictions that are means in mg/kg (by smearing) lie above the medians that
    would serve this metric best.

    Examples
    --------
    >>> import numpy as np
    >>> r2_log(np.array([[1.0], [4.0]]), np.array([[2.0], [2.0]]))
    array([0.])
    """
    if msg := _flaw(y_true, y_pred) or _shortage(y_true):
        raise InvalidConcentrationError(msg)
    return r2(*_logarithms(y_true, y_pred))


@dataclass(frozen=True)
class Metric:
    """
    A metric and how to read it; calling it calls the function.

    Attributes
    ----------
    name : str
        Name in tables.
    title : str
        Name in words.
    function : callable
        ``function(y_true, y_pred)`` gives one value a response.
    larger_is_better : bool or None
        None where nearer to zero is better.
    has_unit : bool
        Whether values have the unit of the response; otherwise dimensionless.
    """

    name: str
    title: str
    function: Callable[[FloatArray, FloatArray], FloatArray]
    larger_is_better: bool | None
    has_unit: bool

    def __call__(self, y_true: FloatArray, y_pred: FloatArray) -> FloatArray:
        """
        Value of the metric for each response.

        Parameters
        ----------
        y_true : ndarray of shape (n_samples, n_responses)
            Reference analyses; NaN where a response was not measured.
        y_pred : ndarray of shape (n_samples, n_responses)
            Predictions in the unit of ``y_true``.

        Returns
        -------
        ndarray of shape (n_responses,)
            What ``function`` gives.
        """
        return self.function(y_true, y_pred)


#: Metrics by name, in the order of tables.
METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("rmse", "root mean squared error", rmse, False, True),
        Metric("mae", "mean absolute error", mae, False, True),
        Metric("bias", "mean of predicted minus observed", bias, None, True),
        Metric("r2", "coefficient of determination", r2, True, False),
        Metric("ccc", "concordance correlation coefficient", ccc, True, False),
        Metric("rpd", "standard deviation over RMSE", rpd, True, False),
        Metric("rpiq", "interquartile distance over RMSE", rpiq, True, False),
        Metric("rmse_log", "RMSE of natural logarithms", rmse_log, False, False),
        Metric("r2_log", "R2 of natural logarithms", r2_log, True, False),
    )
}


def _logarithms(
    y_true: FloatArray, y_pred: FloatArray
) -> tuple[FloatArray, FloatArray]:
    # A response with a value that has no logarithm counts as never measured.
    measured = ~np.isnan(y_true)
    positive = (y_true > 0) & (y_pred > 0)
    usable = measured & np.all(positive | ~measured, axis=0)
    observed = np.log(y_true, where=usable, out=np.full(y_true.shape, np.nan))
    predicted = np.log(y_pred, where=usable, out=np.full(y_true.shape, np.nan))
    return observed, predicted


def _flaw(y_true: FloatArray, y_pred: FloatArray) -> str | None:
    if y_true.ndim != 2 or y_true.shape != y_pred.shape:
        return (
            f"observed of shape {y_true.shape} and predicted of shape {y_pred.shape}; "
            "expected (n_samples, n_responses) twice: give one response as a column"
        )
    bad = ~np.isnan(y_true) & ~(np.isfinite(y_true) & np.isfinite(y_pred))
    if not bad.any():
        return None
    row, column = np.argwhere(bad)[0]
    return (
        f"{int(bad.sum())} measured values are infinite or have no finite prediction "
        f"(first: sample {row}, response {column}: observed {y_true[row, column]:g}, "
        f"predicted {y_pred[row, column]:g}); predict every measured value"
    )


def _shortage(y_true: FloatArray) -> str | None:
    alone = np.flatnonzero(_count(y_true) == 1)
    if not alone.size:
        return None
    return (
        f"{alone.size} responses have 1 measured value (first: response {alone[0]}); "
        "expected at least 2 to compare errors with the spread: pool the folds"
    )


def _count(values: FloatArray) -> IntArray:
    return np.count_nonzero(~np.isnan(values), axis=0)


def _mean(values: FloatArray) -> FloatArray:
    # Unlike nanmean this is silent where a response was never measured.
    with np.errstate(invalid="ignore"):
        return np.nansum(values, axis=0) / _count(values)


def _variance(values: FloatArray, *, ddof: int) -> FloatArray:
    squares = np.nansum((values - _mean(values)) ** 2, axis=0)
    # Rounding of the mean must not give a constant a spread.
    highest = np.fmax.reduce(values, axis=0, initial=-np.inf)
    lowest = np.fmin.reduce(values, axis=0, initial=np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(highest == lowest, 0.0, squares / (_count(values) - ddof))
