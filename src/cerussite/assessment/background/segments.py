"""Straight lines through consecutive parts of a curve."""

from dataclasses import dataclass

import numpy as np

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray, IntArray

#: Points without which a line has no slope worth having.
MIN_POINTS = 5
#: Parts that a curve is cut into at most.
MAX_SEGMENTS = 4


def check_segments(n_segments: int) -> None:
    """
    Refuse an impossible number of parts.

    Parameters
    ----------
    n_segments : int
        Parts of the curve.

    Raises
    ------
    InvalidStudyError
        If there are fewer than 2 or more than 4.
    """
    if not 2 <= n_segments <= MAX_SEGMENTS:
        msg = (
            f"n_segments: {n_segments}; expected 2 to {MAX_SEGMENTS} parts of the curve"
        )
        raise InvalidStudyError(msg)


@dataclass(frozen=True, eq=False)
class _Sums:
    """Sums over the first points, from which the error of any line follows."""

    x: FloatArray
    y: FloatArray
    xx: FloatArray
    xy: FloatArray
    yy: FloatArray

    def errors(self, start: IntArray | int, end: IntArray | int) -> FloatArray:
        """Sum of squared errors of the lines through the points from start to end."""
        n = np.asarray(end - start, dtype=np.float64)
        x, y = self.x[end] - self.x[start], self.y[end] - self.y[start]
        sxx = self.xx[end] - self.xx[start] - x * x / n
        sxy = self.xy[end] - self.xy[start] - x * y / n
        syy = self.yy[end] - self.yy[start] - y * y / n
        return np.maximum(syy - sxy * sxy / sxx, 0.0)


def _sums(x: FloatArray, y: FloatArray) -> _Sums:
    # Centred, for sums of squares lose digits far from zero.
    x, y = x - x.mean(), y - y.mean()
    return _Sums(
        *(np.append(0.0, np.cumsum(part)) for part in (x, y, x * x, x * y, y * y))
    )


def break_points(x: FloatArray, y: FloatArray, *, n_segments: int) -> list[int]:
    """
    Where to cut a curve so that straight lines through its parts fit best.

    Every possibility counts; none is missed. Lines need not meet.

    Parameters
    ----------
    x, y : ndarray of shape (n_points,)
        The curve, ``x`` increasing; at least 5 points a part.
    n_segments : int
        Number of parts.

    Returns
    -------
    list of int
        First points of the second and later parts; least sum of squared errors.

    Examples
    --------
    >>> x = np.arange(12.0)
    >>> break_points(x, np.where(x < 6, 0.0, x), n_segments=2)
    [6]
    """
    sums, n = _sums(x, y), x.size
    # best[end]: least error of the points before `end` in as many parts as so far
    best = np.full(n + 1, np.inf)
    ends = np.arange(MIN_POINTS, n + 1)
    best[ends] = sums.errors(0, ends)
    choices = []
    for part in range(2, n_segments + 1):
        last = [n] if part == n_segments else range(part * MIN_POINTS, n + 1)
        new, choice = np.full(n + 1, np.inf), np.zeros(n + 1, dtype=int)
        for end in last:
            starts = np.arange((part - 1) * MIN_POINTS, end - MIN_POINTS + 1)
            total = best[starts] + sums.errors(starts, end)
            at = int(total.argmin())
            new[end], choice[end] = total[at], starts[at]
        best = new
        choices.append(choice)
    cuts, end = [], n
    for choice in reversed(choices):
        end = int(choice[end])
        cuts.append(end)
    return cuts[::-1]
