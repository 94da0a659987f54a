"""Numbers as a reader wants them: significant digits, intervals, minus signs."""

import math

#: Metrics in the unit of the response; the others are ratios without a unit.
IN_UNITS: frozenset[str] = frozenset({"rmse", "mae", "bias"})
#: What a larger value means: better, worse, or neither (bias).
DIRECTIONS: dict[str, int] = {
    "r2": 1,
    "ccc": 1,
    "rpd": 1,
    "rpiq": 1,
    "r2_log": 1,
    "rmse_log": -1,
    "rmse": -1,
    "mae": -1,
    "bias": 0,
}
#: Heads of tables and axes.
LABELS: dict[str, str] = {
    "r2": "R²",
    "rmse": "RMSE",
    "mae": "MAE",
    "bias": "Bias",
    "ccc": "CCC",
    "rpd": "RPD",
    "rpiq": "RPIQ",
    "r2_log": "R² of ln",
    "rmse_log": "RMSE of ln",
}
_MINUS = "\u2212"
_NARROW_SPACE = "\u202f"


def significant(value: float, digits: int = 3) -> str:
    """
    Write a number with some significant digits.

    Parameters
    ----------
    value : float
        The number, such as a concentration; NaN is written as a dash.
    digits : int
        Significant digits.

    Returns
    -------
    str
        With a true minus sign, and thin spaces from 10 000 on.

    Examples
    --------
    >>> significant(0.012345), significant(9723.4), significant(86.04)
    ('0.0123', '9720', '86.0')
    """
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    places = digits - 1 - _exponent(value, digits)
    return fixed(value, places)


def fixed(value: float, decimals: int) -> str:
    """
    Write a number with some decimals.

    Parameters
    ----------
    value : float
        The number; NaN is written as a dash.
    decimals : int
        Decimals; -1 rounds to tens.

    Returns
    -------
    str
        With a true minus sign, never ``−0.00``, thin spaces from 10 000 on.

    Examples
    --------
    >>> fixed(0.5, 2), fixed(-0.001, 2)
    ('0.50', '0.00')
    """
    if not math.isfinite(value):
        return "–"
    text = f"{abs(round(value, decimals)):,.{max(decimals, 0)}f}"
    text = text.replace(",", _NARROW_SPACE if abs(value) >= 1e4 else "")
    is_zero = not any(digit in text for digit in "123456789")
    return text if is_zero or value > 0 else _MINUS + text


def metric_decimals(metric: str, value: float) -> int:
    """
    Decimals that show the metric to a sensible precision.

    Ratios get two decimals, concentrations three significant digits of the
    first value.

    Parameters
    ----------
    metric : str
        Name of the metric.
    value : float
        The number to write.

    Returns
    -------
    int
        Number of decimals; negative where the last digits are zeros.

    Examples
    --------
    >>> metric_decimals("r2", 0.5), metric_decimals("rmse", 86.04)
    (2, 1)
    >>> metric_decimals("rmse", 1645.0)
    -1
    """
    if metric in IN_UNITS and math.isfinite(value) and value != 0:
        return 2 - _exponent(value, 3)
    return 2


def with_interval(
    metric: str, value: float, low: float, high: float
) -> tuple[str, str]:
    """
    Write a value and its interval with the same decimals.

    Parameters
    ----------
    metric : str
        Name of the metric; decides the decimals.
    value, low, high : float
        The value and the ends of its interval; NaN where unknown.

    Returns
    -------
    tuple of (str, str)
        The value, and the interval in brackets (empty where unknown).

    Examples
    --------
    >>> with_interval("r2", 0.54, 0.411, 0.667)
    ('0.54', '[0.41, 0.67]')
    """
    decimals = metric_decimals(metric, value)
    if not (math.isfinite(low) and math.isfinite(high)):
        return fixed(value, decimals), ""
    return (
        fixed(value, decimals),
        f"[{fixed(low, decimals)}, {fixed(high, decimals)}]",
    )


def difference_with_interval(
    metric: str, value: float, low: float, high: float
) -> tuple[str, str]:
    """
    Write a difference so that no end of its interval looks like zero without being it.

    Parameters
    ----------
    metric : str
        Name of the metric; decides the decimals.
    value, low, high : float
        The difference and the ends of its interval; NaN where unknown.

    Returns
    -------
    tuple of (str, str)
        The difference, and the interval in brackets (empty where unknown).

    Examples
    --------
    >>> difference_with_interval("r2", 0.012, 0.003, 0.021)
    ('0.012', '[0.003, 0.021]')
    """
    decimals = metric_decimals(metric, value)
    if not (math.isfinite(low) and math.isfinite(high)):
        return fixed(value, decimals), ""
    ends = [end for end in (low, high) if end != 0]
    while decimals < 5 and any(round(end, decimals) == 0 for end in ends):
        decimals += 1
    return (
        fixed(value, decimals),
        f"[{fixed(low, decimals)}, {fixed(high, decimals)}]",
    )


def probability(value: float) -> str:
    """
    Write a p-value.

    Parameters
    ----------
    value : float
        Between 0 and 1, or NaN.

    Returns
    -------
    str
        Two decimals, three below 0.1, and ``< 0.001`` below that.

    Examples
    --------
    >>> probability(0.0421), probability(0.0002), probability(0.5)
    ('0.042', '< 0.001', '0.50')
    """
    if math.isfinite(value) and value < 0.001:
        return "< 0.001"
    return fixed(value, 3 if value < 0.1 else 2)


def percent(share: float) -> str:
    """
    Write a share in percent.

    Parameters
    ----------
    share : float
        Between 0 and 1, or NaN.

    Returns
    -------
    str
        Whole percent with a sign.

    Examples
    --------
    >>> percent(0.9)
    '90\u202f%'
    """
    return f"{fixed(100 * share, 0)}{_NARROW_SPACE}%" if math.isfinite(share) else "–"


def duration(seconds: float) -> str:
    """
    Write a time for people.

    Parameters
    ----------
    seconds : float
        A time in s.

    Returns
    -------
    str
        In seconds, minutes or hours.

    Examples
    --------
    >>> duration(4.21), duration(600.0), duration(9000.0)
    ('4.2 s', '10.0 min', '2.5 h')
    """
    for unit, length in (("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * length:
            return f"{fixed(seconds / length, 1)} {unit}"
    return f"{fixed(seconds, 1)} s"


def _exponent(value: float, digits: int) -> int:
    return int(f"{value:.{digits - 1}e}".split("e")[1])
