"""Curves in a terminal, drawn with characters."""

import numpy as np

from cerussite.core.types import FloatArray

#: Bits of a braille character by row and column of its dots.
_DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
_BRAILLE = 0x2800


def terminal_plot(
    x: FloatArray,
    curves: FloatArray,
    *,
    width: int = 72,
    height: int = 12,
    is_plain: bool = False,
) -> str:
    """
    Curves over one axis as lines of text.

    Parameters
    ----------
    x : ndarray of shape (n_points,)
        Positions, strictly increasing.
    curves : ndarray of shape (n_curves, n_points)
        Finite values.
    width, height : int
        Characters of the drawing itself; labels come on top.
    is_plain : bool
        Draw with asterisks, for terminals without braille characters.

    Returns
    -------
    str
        The highest and the lowest value stand at the left, the ends of the axis
        below.

    Examples
    --------
    >>> x = np.array([400.0, 500.0, 600.0])
    >>> plot = terminal_plot(x, np.array([[0.0, 1.0, 0.0]]), width=5, height=3,
    ...                      is_plain=True)
    >>> print(plot)
    1 |  *
      | * *
    0 |*   *
       400 600
    """
    rows, columns = (height, width) if is_plain else (4 * height, 2 * width)
    low, high = float(curves.min()), float(curves.max())
    drawn = np.zeros((rows, columns), bool)
    at = np.linspace(x[0], x[-1], columns)
    for curve in curves:
        levels = (np.interp(at, x, curve) - low) / ((high - low) or 1.0)
        _draw(drawn, np.rint((1.0 - levels) * (rows - 1)).astype(int))
    lines = _asterisks(drawn) if is_plain else _braille(drawn)
    marks = [f"{high:.4g}", *[""] * (height - 2), f"{low:.4g}"]
    margin = max(map(len, marks))
    body = [
        f"{mark:>{margin}} |{line}".rstrip()
        for mark, line in zip(marks, lines, strict=True)
    ]
    ends = f"{x[0]:g}", f"{x[-1]:g}"
    gap = max(width - len(ends[0]) - len(ends[1]), 1)
    return "\n".join([*body, f"{'':{margin}}  {ends[0]}{'':{gap}}{ends[1]}"])


def _draw(drawn: np.ndarray, rows: np.ndarray) -> None:
    """Mark one dot a column, and those that lead there from the column before."""
    before = rows[0]
    for column, row in enumerate(rows):
        start, end = (row, before - 1) if row < before else (before + 1, row)
        drawn[min(start, row) : max(end, row) + 1, column] = True
        before = row


def _asterisks(drawn: np.ndarray) -> list[str]:
    return ["".join("*" if dot else " " for dot in row) for row in drawn]


def _braille(drawn: np.ndarray) -> list[str]:
    rows, columns = drawn.shape
    cells = drawn.reshape(rows // 4, 4, columns // 2, 2)
    codes = _BRAILLE + np.einsum("rycx,yx->rc", cells, _DOTS)
    return ["".join(map(chr, row)) for row in codes]
