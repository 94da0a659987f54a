"""Fixed hold-outs, and smaller calibration sets for learning curves."""

from dataclasses import replace

import numpy as np

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray, IntArray
from cerussite.evaluation.splits import Labels, Split, check_split, encode, straddling

_TEST = "at least one must remain to test on"


def hold_out(
    specimens: Labels,
    *,
    n_calibration: int,
    n_repeats: int,
    random_state: int | np.random.Generator,
    strata: Labels | None = None,
) -> list[Split]:
    """
    Random calibration sets of a given size; the rest is the test set.

    One such split says little (32 test samples leave R2 uncertain by tenths):
    repeat it.

    Parameters
    ----------
    specimens : array_like of shape (n_samples,)
        Labels of physical samples; replicate scans share one and stay together.
    n_calibration : int
        Specimens to calibrate on: exactly so many in every repeat.
    n_repeats : int
        How often the samples are dealt.
    random_state : int or Generator
        An integer gives the same splits each time.
    strata : array_like of shape (n_samples,), optional
        Labels, such as :func:`quantile_strata`, each of which is shared out
        between the sets in proportion.

    Returns
    -------
    list of Split
        One split a repeat, with fold 0.

    Raises
    ------
    InvalidStudyError
        If the size leaves no test specimen, or a specimen lies in two strata.

    Examples
    --------
    >>> split = hold_out(range(130), n_calibration=98, n_repeats=1, random_state=0)[0]
    >>> split.calibration.size, split.test.size
    (98, 32)
    """
    codes = encode(specimens, what="specimens")
    n_specimens = int(codes.max()) + 1
    labels = np.zeros_like(codes) if strata is None else encode(strata, what="strata")
    if msg := (
        _wrong_size(n_calibration, n_specimens - 1, why=_TEST)
        or straddling(codes, labels, what="strata")
    ):
        raise InvalidStudyError(msg)
    if n_repeats < 1:
        msg = f"{n_repeats} repeats; expected at least 1"
        raise InvalidStudyError(msg)
    stratum_of = np.empty(n_specimens, dtype=np.intp)
    stratum_of[codes] = labels
    rng = np.random.default_rng(random_state)
    return [
        _split_by_specimen(
            "hold_out", repeat, codes, _draw(stratum_of, n_calibration, rng)
        )
        for repeat in range(n_repeats)
    ]


def hold_out_by_order(
    specimens: Labels, order: IntArray, *, n_calibration: int
) -> list[Split]:
    """
    The first specimens of an order calibrate, the rest is the test set.

    For an order that covers the spectra evenly, such as Kennard and Stone's
    [1]_. It sends the extremes to calibration, so the test set is easier than
    new samples are: figures flatter, and there is no second repeat.

    Parameters
    ----------
    specimens : array_like of shape (n_samples,)
        Labels of physical samples; the rows of one follow its first row.
    order : array_like of int
        Positions of rows, the first to calibrate first; may end early.
    n_calibration : int
        Specimens to calibrate on.

    Returns
    -------
    list of Split
        One split.

    Raises
    ------
    InvalidStudyError
        If the size leaves no test specimen, or the order names too few
        specimens, repeats a row or names one that is not there.

    References
    ----------
    .. [1] Kennard, R. W. and Stone, L. A. (1969). Computer aided design of
       experiments. Technometrics 11(1), 137-148.

    Examples
    --------
    >>> import numpy as np
    >>> split = hold_out_by_order(range(4), np.array([3, 0, 1, 2]), n_calibration=2)[0]
    >>> split.calibration, split.test
    (array([0, 3]), array([1, 2]))
    """
    codes = encode(specimens, what="specimens")
    rows = np.asarray(order)
    if msg := _wrong_size(n_calibration, int(codes.max()), why=_TEST):
        raise InvalidStudyError(msg)
    is_there = (rows >= 0) & (rows < codes.size)
    if not is_there.all() or np.unique(rows).size != rows.size:
        msg = (
            f"order of {rows.size} rows repeats some or names some that are not "
            f"there; expected different positions from 0 to {codes.size - 1}"
        )
        raise InvalidStudyError(msg)
    first = np.sort(np.unique(codes[rows], return_index=True)[1])
    if first.size < n_calibration:
        msg = (
            f"order names {first.size} specimens; expected at least the "
            f"{n_calibration} to calibrate on"
        )
        raise InvalidStudyError(msg)
    chosen = codes[rows][first[:n_calibration]]
    return [_split_by_specimen("hold_out_by_order", 0, codes, chosen)]


def quantile_strata(values: FloatArray, *, n_strata: int) -> IntArray:
    """
    Label samples by the quantiles of a response, for :func:`hold_out`.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        One response; NaN where not measured, which is a stratum of its own.
    n_strata : int
        Strata of about equal size; equal values share one.

    Returns
    -------
    ndarray of shape (n_samples,)
        Stratum of each sample, from 0 (lowest) on; -1 where not measured.

    Raises
    ------
    InvalidStudyError
        If there are fewer than two strata or fewer measured samples than strata.

    Examples
    --------
    >>> import numpy as np
    >>> quantile_strata(np.array([8.0, 1.0, 4.0, 2.0, np.nan]), n_strata=2)
    array([ 1,  0,  1,  0, -1])
    """
    is_measured = ~np.isnan(values)
    n_measured = int(np.count_nonzero(is_measured))
    if n_strata < 2 or n_strata > n_measured:
        msg = (
            f"{n_strata} strata of {n_measured} measured samples; expected at least 2 "
            "strata and at most as many as there are measured samples"
        )
        raise InvalidStudyError(msg)
    limits = np.nanquantile(values, np.arange(1, n_strata) / n_strata)
    strata = np.searchsorted(limits, values, side="right")
    return np.where(is_measured, strata, -1)


def calibration_subset(
    split: Split, specimens: Labels, *, n_calibration: int, random_state: int
) -> Split:
    """
    A random part of the calibration set, with the test set left as it is.

    For learning curves: with one ``random_state`` the smaller subsets of a
    split lie inside the larger ones, so that a curve shows what more analyses
    add and not another draw.

    Parameters
    ----------
    split : Split
        Split to thin out; its repeat and fold also decide the draw.
    specimens : array_like of shape (n_samples,)
        Labels of physical samples, for all rows of the survey.
    n_calibration : int
        Specimens to keep: exactly so many, each with all its rows.
    random_state : int
        Seed. No Generator: it would move on between two sizes.

    Returns
    -------
    Split
        Same scheme, repeat, fold and test set.

    Raises
    ------
    InvalidStudyError
        If the calibration set has fewer specimens than asked for.

    Examples
    --------
    >>> split = hold_out(range(9), n_calibration=6, n_repeats=1, random_state=0)[0]
    >>> small = calibration_subset(split, range(9), n_calibration=2, random_state=0)
    >>> large = calibration_subset(split, range(9), n_calibration=4, random_state=0)
    >>> small.calibration.size, set(small.calibration) <= set(large.calibration)
    (2, True)
    """
    codes = encode(specimens, what="specimens")[split.calibration]
    available = np.unique(codes)
    if msg := _wrong_size(n_calibration, available.size, why="all the split has"):
        raise InvalidStudyError(msg)
    rng = np.random.default_rng([random_state, split.repeat, split.fold])
    kept = rng.permutation(available)[:n_calibration]
    return replace(split, calibration=split.calibration[np.isin(codes, kept)])


def _wrong_size(n_calibration: int, most: int, *, why: str) -> str | None:
    if 1 <= n_calibration <= most:
        return None
    return f"{n_calibration} specimens to calibrate on; expected 1 to {most} ({why})"


def _draw(stratum_of: IntArray, n_drawn: int, rng: np.random.Generator) -> IntArray:
    sizes = np.bincount(stratum_of)
    shares = n_drawn * sizes / sizes.sum()
    counts = np.floor(shares).astype(np.intp)
    # Largest remainders first; ties are decided by lot.
    lots = rng.permutation(sizes.size)
    order = np.lexsort([lots, -np.round(shares - counts, 9)])
    counts[order[: n_drawn - counts.sum()]] += 1
    return np.concatenate(
        [
            rng.permutation(np.flatnonzero(stratum_of == stratum))[:count]
            for stratum, count in enumerate(counts)
        ]
    )


def _split_by_specimen(
    scheme: str, repeat: int, codes: IntArray, chosen: IntArray
) -> Split:
    is_calibration = np.isin(codes, chosen)
    sets = np.flatnonzero(is_calibration), np.flatnonzero(~is_calibration)
    split = Split(scheme, repeat, 0, *sets)
    check_split(split, codes)
    return split
