"""Ordinates of JCAMP-DX in every form: plain, packed, squeezed, differences."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|\?")
_PACKED = re.compile(
    r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+))|(?P<sqz>[@A-Ia-i])(?P<sqz_tail>\d*)"
    r"|(?P<dif>[%J-Rj-r])(?P<dif_tail>\d*)|(?P<dup>[S-Zs])(?P<dup_tail>\d*)"
    r"|(?P<missing>\?)|(?P<space>[\s,;]+)"
)
#: First digit, with its sign, that a letter stands for (JCAMP-DX 4.24, section 5).
_DIGITS = (
    {"@": "0", "%": "0"}
    | {letter: str(at) for at, letter in enumerate("ABCDEFGHI", start=1)}
    | {letter: f"-{at}" for at, letter in enumerate("abcdefghi", start=1)}
    | {letter: str(at) for at, letter in enumerate("JKLMNOPQR", start=1)}
    | {letter: f"-{at}" for at, letter in enumerate("jklmnopqr", start=1)}
    | {letter: str(at) for at, letter in enumerate("STUVWXYZs", start=1)}
)


class OrdinateError(ValueError):
    """Ordinates that follow no form; the caller knows the file."""


@dataclass
class Ordinates:
    """
    Decoded ordinates of ``(X++(Y..Y))`` data.

    Attributes
    ----------
    values : list of float
        Ordinates before they are multiplied with their factor.
    abscissas : list of tuple of (int, float)
        Position of the first ordinate of each line, and the abscissa written there.
    n_wrong_checks : int
        Lines whose check value is not the last ordinate of the line before.
    """

    values: list[float] = field(default_factory=list)
    abscissas: list[tuple[int, float]] = field(default_factory=list)
    n_wrong_checks: int = 0


def plain_numbers(line: str) -> list[float]:
    """
    Numbers of a line that is not compressed.

    Parameters
    ----------
    line : str
        Numbers between spaces, commas or semicolons; signs may stand for spaces.

    Returns
    -------
    list of float
        The numbers; NaN for ``?``.

    Raises
    ------
    OrdinateError
        If the line holds anything else.

    Examples
    --------
    >>> plain_numbers("4000 +1016-1015;1.5E2")
    [4000.0, 1016.0, -1015.0, 150.0]
    """
    # One pattern for the whole line could take for ever on a damaged one.
    if _PLAIN.sub("", line).strip(" \t\v\f,;"):
        msg = f"{line[:40]!r}; expected numbers"
        raise OrdinateError(msg)
    return [
        float("nan") if number == "?" else float(number)
        for number in _PLAIN.findall(line)
    ]


def decode_ordinates(lines: Sequence[str], n_points: int) -> Ordinates:
    """
    Decode ``(X++(Y..Y))`` data in any form, compressed or not.

    Parameters
    ----------
    lines : sequence of str
        Lines of data without comments.
    n_points : int
        How many ordinates there should be; more are refused at once, so that no
        duplicate count can fill the memory.

    Returns
    -------
    Ordinates
        What the lines hold.

    References
    ----------
    .. [1] McDonald, R. S. and Wilks, P. A. (1988). JCAMP-DX: A standard form for
       exchange of infrared spectra in computer readable form. Applied
       Spectroscopy 42(1), 151-162.

    Examples
    --------
    >>> decode_ordinates(["1 A2j1KS", "3C7"], 3).values  # 12, 12-11, 1+2; a check
    [12.0, 1.0, 3.0]
    """
    is_packed = any(re.search(r"[@%A-DF-Za-df-s]", line) for line in lines)
    ordinates = Ordinates()
    decoder = _Decoder(ordinates, n_points)
    for line in lines:
        if not line.strip():
            continue
        if is_packed:
            decoder.packed(line)
        else:
            decoder.plain(line)
    return ordinates


@dataclass
class _Decoder:
    """What must be remembered from line to line."""

    out: Ordinates
    n_points: int
    last: float | None = None
    difference: float | None = None
    is_check: bool = False

    def plain(self, line: str) -> None:
        numbers = plain_numbers(line)
        if not numbers:
            return
        self.out.abscissas.append((len(self.out.values), numbers[0]))
        self._add(numbers[1:])

    def packed(self, line: str) -> None:
        # A line that ends in a difference is checked by the first of the next.
        self.is_check = self.difference is not None
        place, is_first = 0, True
        while place < len(line):
            match = _PACKED.match(line, place)
            if match is None:
                msg = f"{line[place : place + 20]!r}; expected packed numbers"
                raise OrdinateError(msg)
            place = match.end()
            if match["space"]:
                continue
            if is_first:
                self._start(match, line)
            else:
                self._take(match)
            is_first = False

    def _start(self, match: re.Match[str], line: str) -> None:
        if match["number"] is None:
            msg = f"line {line[:20]!r}; expected an abscissa first"
            raise OrdinateError(msg)
        at = len(self.out.values) - self.is_check
        self.out.abscissas.append((at, float(match["number"])))

    def _take(self, match: re.Match[str]) -> None:
        if match["dup"]:
            self._repeat(float(_DIGITS[match["dup"]] + match["dup_tail"]))
        elif match["dif"]:
            self._differ(float(_DIGITS[match["dif"]] + match["dif_tail"]))
        elif match["missing"]:
            self._set(float("nan"))
        elif match["sqz"]:
            self._set(float(_DIGITS[match["sqz"]] + match["sqz_tail"]))
        else:
            self._set(float(match["number"]))

    def _set(self, value: float) -> None:
        if self.is_check:
            self.out.n_wrong_checks += value != self.last
            self.last, self.is_check, self.difference = value, False, None
            return
        self.last, self.difference = value, None
        self._add([value])

    def _differ(self, difference: float) -> None:
        if self.last is None or self.is_check:
            msg = "a difference with nothing before it; expected a value first"
            raise OrdinateError(msg)
        self.last, self.difference = self.last + difference, difference
        self._add([self.last])

    def _repeat(self, count: float) -> None:
        if self.last is None or not 1 <= count <= self.n_points + 1:
            msg = f"a value repeated {count:g} times; expected at most {self.n_points}"
            raise OrdinateError(msg)
        for _ in range(int(count) - 1):
            if self.difference is not None:
                self.last += self.difference
            self._add([self.last])

    def _add(self, values: Sequence[float]) -> None:
        self.out.values.extend(values)
        if len(self.out.values) > self.n_points:
            msg = f"more than {self.n_points} ordinates; expected as many as NPOINTS"
            raise OrdinateError(msg)
