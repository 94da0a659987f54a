"""Calibration and test sets: what a split is, and folds of samples or of groups."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cerussite.core.errors import InvalidStudyError
from cerussite.core.types import FloatArray, IntArray

#: Labels, one a sample: numbers or text.
Labels: TypeAlias = NDArray[Any] | Sequence[Hashable]


@dataclass(frozen=True, eq=False)
class Split:
    """
    A calibration set and the test set that is looked at once.

    Attributes
    ----------
    scheme : str
        Name of the validation scheme.
    repeat, fold : int
        Which repeat, and which fold of it; both start at 0.
    calibration : ndarray of shape (n_calibration,)
        Positions of the rows to fit on, increasing.
    test : ndarray of shape (n_test,)
        Positions of the rows to look at once, increasing.

    Raises
    ------
    InvalidStudyError
        If a set is empty, a row lies in both or twice in one, or a position is
        negative.
    """

    scheme: str
    repeat: int
    fold: int
    calibration: IntArray
    test: IntArray

    def __post_init__(self) -> None:
        if not self.calibration.size or not self.test.size:
            msg = (
                f"{self.scheme}: {self.calibration.size} rows to calibrate on and "
                f"{self.test.size} to test; expected at least one each"
            )
            raise InvalidStudyError(msg)
        rows = np.concatenate([self.calibration, self.test])
        n_repeated = rows.size - np.unique(rows).size
        if n_repeated or rows.min() < 0:
            msg = (
                f"{self.scheme}: {n_repeated} rows lie in both sets or twice in one, "
                f"the lowest position is {rows.min()}; expected each position once, "
                "counted from 0"
            )
            raise InvalidStudyError(msg)


def check_split(split: Split, specimens: Labels) -> None:
    """
    Refuse a split that leaks or leaves rows out; every scheme here passes it.

    Parameters
    ----------
    split : Split
        The split.
    specimens : array_like of shape (n_samples,)
        Labels of physical samples; rows that share one must not be split.

    Raises
    ------
    InvalidStudyError
        If a row is in neither set, or a specimen in both.

    Examples
    --------
    >>> import numpy as np
    >>> check_split(Split("mine", 0, 0, np.array([0, 1]), np.array([2])), [7, 7, 8])
    """
    codes = encode(specimens, what="specimens")
    n_rows = split.calibration.size + split.test.size
    last = max(split.calibration.max(), split.test.max())
    if n_rows != codes.size or last >= n_rows:
        msg = (
            f"{split.scheme}: {n_rows} positions up to {last} in a split of "
            f"{codes.size} rows; expected every row in one of the two sets"
        )
        raise InvalidStudyError(msg)
    torn = np.intersect1d(codes[split.calibration], codes[split.test])
    if torn.size:
        label = np.asarray(specimens)[np.flatnonzero(codes == torn[0])[0]]
        msg = (
            f"{split.scheme}: {torn.size} specimens lie on both sides (first: "
            f"{str(label)!r}); expected all rows of a specimen on one"
        )
        raise InvalidStudyError(msg)


def encode(labels: Labels, *, what: str) -> IntArray:
    """
    Number labels in the order in which they first occur.

    Parameters
    ----------
    labels : array_like of shape (n_samples,)
        Numbers or text.
    what : str
        What they label, for the message.

    Returns
    -------
    ndarray of shape (n_samples,)
        Number of the label of each row, from 0.

    Raises
    ------
    InvalidStudyError
        If there are no labels, some are missing, or they are not in one row.

    Examples
    --------
    >>> encode(["pit", "dam", "pit"], what="groups")
    array([0, 1, 0])
    """
    # As objects, or NumPy would turn a missing label among text into "nan".
    values = labels if isinstance(labels, np.ndarray) else np.array(labels, object)
    if values.ndim != 1 or not values.size:
        msg = (
            f"{what} of shape {values.shape}; expected one label a sample, for at "
            "least one sample"
        )
        raise InvalidStudyError(msg)
    codes = pd.factorize(values)[0].astype(np.intp)
    if (codes < 0).any():
        rows = np.flatnonzero(codes < 0)
        msg = (
            f"{rows.size} of {codes.size} {what} have no label (first: row {rows[0]}); "
            "give every sample one"
        )
        raise InvalidStudyError(msg)
    return codes


def repeated_k_fold(
    specimens: Labels,
    *,
    n_folds: int,
    n_repeats: int,
    random_state: int | np.random.Generator,
) -> list[Split]:
    """
    Random folds of specimens, dealt anew in each repeat.

    Answers: how well are more samples *of the same places* predicted? Where
    neighbours resemble each other that is easier than a new site.

    Parameters
    ----------
    specimens : array_like of shape (n_samples,)
        Labels of physical samples; replicate scans share one and stay together.
    n_folds : int
        Folds a repeat; each is the test set once.
    n_repeats : int
        How often the folds are dealt.
    random_state : int or Generator
        An integer gives the same folds each time; more repeats begin with
        those of fewer.

    Returns
    -------
    list of Split
        ``n_repeats * n_folds`` splits, repeat by repeat.

    Raises
    ------
    InvalidStudyError
        If there are fewer specimens than folds, fewer than two folds or no
        repeat.

    Examples
    --------
    >>> splits = repeated_k_fold(range(6), n_folds=3, n_repeats=2, random_state=0)
    >>> [split.test.size for split in splits]
    [2, 2, 2, 2, 2, 2]
    """
    codes = encode(specimens, what="specimens")
    if msg := _impossible(codes, n_folds, n_repeats, what="specimens"):
        raise InvalidStudyError(msg)
    rng = np.random.default_rng(random_state)
    dealt = [_deal(codes, n_folds, rng) for _ in range(n_repeats)]
    return _splits("random", dealt, codes)


def repeated_group_k_fold(
    groups: Labels,
    specimens: Labels,
    *,
    n_folds: int,
    n_repeats: int,
    random_state: int | np.random.Generator,
) -> list[Split]:
    """
    Random folds of whole groups, balanced by size and dealt anew in each repeat.

    Answers: how well is a *new* site, profile or block predicted? With few
    groups the repeats resemble each other; with as many folds as groups they
    are all the same, and :func:`leave_one_group_out` says so.

    Parameters
    ----------
    groups : array_like of shape (n_samples,)
        Labels that must not be split: sites, profiles, :func:`spatial_blocks`.
    specimens : array_like of shape (n_samples,)
        Labels of physical samples; each must lie in one group.
    n_folds : int
        Folds a repeat; each is the test set once.
    n_repeats : int
        How often the folds are dealt.
    random_state : int or Generator
        An integer gives the same folds each time.

    Returns
    -------
    list of Split
        ``n_repeats * n_folds`` splits, repeat by repeat. Sizes of two folds of
        a repeat differ by at most the size of the largest group.

    Raises
    ------
    InvalidStudyError
        If there are fewer groups than folds, fewer than two folds, no
        repeat, or a specimen lies in two groups.

    Examples
    --------
    >>> splits = repeated_group_k_fold(
    ...     ["pit", "pit", "dam", "dam"],
    ...     range(4),
    ...     n_folds=2,
    ...     n_repeats=1,
    ...     random_state=0,
    ... )
    >>> sorted(split.test.tolist() for split in splits)
    [[0, 1], [2, 3]]
    """
    specimen_codes = encode(specimens, what="specimens")
    codes = encode(groups, what="groups")
    if msg := (
        _impossible(codes, n_folds, n_repeats, what="groups")
        or straddling(specimen_codes, codes, what="groups")
    ):
        raise InvalidStudyError(msg)
    rng = np.random.default_rng(random_state)
    dealt = [_deal(codes, n_folds, rng) for _ in range(n_repeats)]
    return _splits("grouped", dealt, specimen_codes)


def leave_one_group_out(groups: Labels, specimens: Labels) -> list[Split]:
    """
    Each group is the test set once.

    Answers: how well is a new site predicted from all the others?

    Parameters
    ----------
    groups : array_like of shape (n_samples,)
        Labels that must not be split.
    specimens : array_like of shape (n_samples,)
        Labels of physical samples; each must lie in one group.

    Returns
    -------
    list of Split
        One split a group, in the order in which the groups first occur.

    Raises
    ------
    InvalidStudyError
        If there are fewer than two groups, or a specimen lies in two.

    Examples
    --------
    >>> splits = leave_one_group_out(["pit", "dam", "pit"], [0, 1, 2])
    >>> [split.test.tolist() for split in splits]
    [[0, 2], [1]]
    """
    specimen_codes = encode(specimens, what="specimens")
    codes = encode(groups, what="groups")
    if msg := straddling(specimen_codes, codes, what="groups"):
        raise InvalidStudyError(msg)
    if codes.max() == 0:
        msg = "1 group; expected at least 2: one to test on, others to calibrate"
        raise InvalidStudyError(msg)
    return _splits("leave_one_group_out", [codes], specimen_codes)


def spatial_blocks(
    easting: FloatArray, northing: FloatArray, *, spacing: float
) -> IntArray:
    """
    Label samples by the square block they fall in.

    Pass the labels as ``groups`` to :func:`repeated_group_k_fold`.

    Parameters
    ----------
    easting, northing : ndarray of shape (n_samples,)
        Projected coordinates in m.
    spacing : float
        Side of a block in m; at least the range of the variogram. Samples on
        either side of an edge stay close together all the same.

    Returns
    -------
    ndarray of shape (n_samples,)
        Block label of each sample.

    Raises
    ------
    InvalidStudyError
        If the spacing is not positive, or a coordinate is missing.

    References
    ----------
    .. [1] Roberts, D. R. et al. (2017). Cross-validation strategies for data
       with temporal, spatial, hierarchical, or phylogenetic structure.
       Ecography 40(8), 913-929.

    Examples
    --------
    >>> import numpy as np
    >>> east, north = np.array([0.0, 40.0, 120.0]), np.array([0.0, 10.0, 10.0])
    >>> spatial_blocks(east, north, spacing=100.0)
    array([0, 0, 1])
    """
    if not (np.isfinite(spacing) and spacing > 0):
        msg = f"spacing of blocks is {spacing:g} m; expected a length > 0"
        raise InvalidStudyError(msg)
    coordinates = np.column_stack([easting, northing])
    n_missing = int(np.count_nonzero(~np.isfinite(coordinates).all(axis=1)))
    if n_missing:
        msg = (
            f"{n_missing} of {len(coordinates)} samples have no coordinates; give "
            "every sample an easting and a northing in m"
        )
        raise InvalidStudyError(msg)
    cells = np.floor(coordinates / spacing)
    return np.unique(cells, axis=0, return_inverse=True)[1].ravel()


def inner_folds(
    groups: Labels, *, n_folds: int, random_state: int | np.random.Generator
) -> list[tuple[IntArray, IntArray]]:
    """
    Folds for choosing inside ``fit``, on calibration rows only.

    Parameters
    ----------
    groups : array_like of shape (n_samples,)
        Labels that must not be split, one a row given to ``fit``; all different
        where rows are independent.
    n_folds : int
        Number of folds.
    random_state : int or Generator
        An integer gives the same folds each time.

    Returns
    -------
    list of (ndarray, ndarray)
        Positions to fit on and positions to choose on, fold by fold.

    Raises
    ------
    InvalidStudyError
        If there are fewer groups than folds, or fewer than two folds.

    Examples
    --------
    >>> folds = inner_folds([5, 5, 6], n_folds=2, random_state=0)
    >>> sorted(tuning.tolist() for calibration, tuning in folds)
    [[0, 1], [2]]
    """
    codes = encode(groups, what="groups")
    if msg := _impossible(codes, n_folds, 1, what="groups"):
        raise InvalidStudyError(msg)
    folds = _deal(codes, n_folds, np.random.default_rng(random_state))
    return [
        (np.flatnonzero(folds != fold), np.flatnonzero(folds == fold))
        for fold in range(n_folds)
    ]


def straddling(specimen_codes: IntArray, codes: IntArray, *, what: str) -> str | None:
    """
    Complaint about labels that split a specimen, or do not fit the samples.

    Parameters
    ----------
    specimen_codes, codes : ndarray of shape (n_samples,)
        Numbered specimens and labels, from :func:`encode`.
    what : str
        What the labels are, for the message.

    Returns
    -------
    str or None
        Message of an error; None where each specimen has one label.

    Examples
    --------
    >>> import numpy as np
    >>> straddling(np.array([0, 0]), np.array([0, 1]), what="groups")
    '1 specimens lie in more than one of the groups; expected each in one'
    """
    if codes.size != specimen_codes.size:
        return (
            f"{codes.size} {what} for {specimen_codes.size} samples; expected one each"
        )
    pairs = np.unique(np.column_stack([specimen_codes, codes]), axis=0)
    n_torn = int(np.count_nonzero(np.bincount(pairs[:, 0]) > 1))
    if not n_torn:
        return None
    return (
        f"{n_torn} specimens lie in more than one of the {what}; expected each in one"
    )


def _impossible(
    codes: IntArray, n_folds: int, n_repeats: int, *, what: str
) -> str | None:
    n_labels = int(codes.max()) + 1
    if not 2 <= n_folds <= n_labels:
        return (
            f"{n_folds} folds of {n_labels} {what}; expected at least 2 folds and at "
            f"most as many as there are {what}"
        )
    if n_repeats < 1:
        return f"{n_repeats} repeats; expected at least 1"
    return None


def _deal(codes: IntArray, n_folds: int, rng: np.random.Generator) -> IntArray:
    sizes = np.bincount(codes)
    # Large ones first keeps folds even; sizes are blurred, or few groups of
    # unequal size would meet the same way in every repeat.
    order = np.argsort(-sizes * rng.uniform(0.25, 1.0, sizes.size))
    fold_of_label = np.empty(sizes.size, dtype=np.intp)
    filled = np.zeros(n_folds, dtype=np.intp)
    for label in order:
        fold_of_label[label] = np.argmin(filled)
        filled[fold_of_label[label]] += sizes[label]
    return fold_of_label[codes]


def _splits(
    scheme: str, dealt: list[IntArray], specimen_codes: IntArray
) -> list[Split]:
    splits = [
        Split(
            scheme,
            repeat,
            fold,
            np.flatnonzero(folds != fold),
            np.flatnonzero(folds == fold),
        )
        for repeat, folds in enumerate(dealt)
        for fold in range(int(folds.max()) + 1)
    ]
    for split in splits:
        check_split(split, specimen_codes)
    return splits
