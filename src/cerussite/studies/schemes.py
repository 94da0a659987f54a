"""From the validation block of a study to numbered splits of its target."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cerussite.core.errors import InvalidStudyError
from cerussite.core.survey import Survey
from cerussite.core.types import IntArray
from cerussite.evaluation import (
    Split,
    calibration_subset,
    hold_out,
    hold_out_by_order,
    leave_one_group_out,
    quantile_strata,
    repeated_group_k_fold,
    repeated_k_fold,
    spatial_blocks,
)
from cerussite.preprocessing import kennard_stone
from cerussite.studies.bands import spectra_in
from cerussite.studies.files import seed_of
from cerussite.studies.study import Folds, HoldOut, Validation

#: Schemes that the learning curve is run with.
CURVED = frozenset({"random", "grouped"})
#: Schemes that keep nothing but specimens together.
UNGROUPED = frozenset({"random", "hold_out"})


@dataclass(frozen=True, eq=False)
class StudySplit:
    """
    One split of a study.

    Attributes
    ----------
    scheme : str
        Key in the validation block.
    repeat, fold : int
        Numbers within the scheme.
    n_calibration : int
        Label in tables, in specimens: the size asked for, or the mean over the
        folds of the scheme, rounded.
    calibration, test : ndarray of int
        Positions in the target.
    """

    scheme: str
    repeat: int
    fold: int
    n_calibration: int
    calibration: IntArray
    test: IntArray


def study_splits(validation: Validation, target: Survey) -> list[StudySplit]:
    """
    All splits of a study, with those of its learning curve.

    Refuses schemes that need groups, coordinates or more samples than there
    are.

    Parameters
    ----------
    validation : Validation
        What the study asks for.
    target : Survey
        Data to split, with spectra.

    Returns
    -------
    list of StudySplit
        Scheme by scheme; the curve follows its scheme.
    """
    found: list[StudySplit] = []
    for scheme, splits in _whole_splits(validation, target):
        sizes = [_n_specimens(split, target) for split in splits]
        size = round(float(np.mean(sizes)))
        found += [_labelled(split, scheme, size) for split in splits]
        if scheme in CURVED:
            found += _curve(validation, target, scheme, splits)
    return found


def _n_specimens(split: Split, target: Survey) -> int:
    return len(np.unique(target.specimens[split.calibration]))


def _labelled(split: Split, scheme: str, n_calibration: int) -> StudySplit:
    return StudySplit(
        scheme,
        split.repeat,
        split.fold,
        n_calibration,
        split.calibration,
        split.test,
    )


def _curve(
    validation: Validation, target: Survey, scheme: str, splits: list[Split]
) -> Iterator[StudySplit]:
    smallest = min(_n_specimens(split, target) for split in splits)
    for size in sorted(set(validation.learning_curve)):
        if size >= smallest:
            msg = (
                f"validation.learning_curve: {size} samples; expected fewer than the "
                f"{smallest} that the smallest calibration set of {scheme} folds holds"
            )
            raise InvalidStudyError(msg)
        for split in splits:
            subset = calibration_subset(
                split,
                target.specimens,
                n_calibration=size,
                random_state=seed_of(
                    validation.random_state, "curve", scheme, split.repeat, split.fold
                ),
            )
            yield _labelled(subset, scheme, size)


def _whole_splits(
    validation: Validation, target: Survey
) -> Iterator[tuple[str, list[Split]]]:
    seed, specimens = validation.random_state, target.specimens
    if validation.random:
        yield (
            "random",
            repeated_k_fold(
                specimens,
                n_folds=validation.random.folds,
                n_repeats=validation.random.repeats,
                random_state=seed_of(seed, "random"),
            ),
        )
    if validation.grouped:
        groups = groups_of(target, "grouped")
        _refuse_equal_repeats("grouped", validation.grouped, groups)
        yield (
            "grouped",
            repeated_group_k_fold(
                groups,
                specimens,
                n_folds=validation.grouped.folds,
                n_repeats=validation.grouped.repeats,
                random_state=seed_of(seed, "grouped"),
            ),
        )
    if validation.leave_one_group_out:
        groups = groups_of(target, "leave_one_group_out")
        yield "leave_one_group_out", leave_one_group_out(groups, specimens)
    if validation.spatial:
        blocks = spatial_groups(target, spacing=validation.spatial.spacing)
        _refuse_equal_repeats("spatial", validation.spatial, blocks)
        yield (
            "spatial",
            repeated_group_k_fold(
                blocks,
                specimens,
                n_folds=validation.spatial.folds,
                n_repeats=validation.spatial.repeats,
                random_state=seed_of(seed, "spatial"),
            ),
        )
    if validation.hold_out:
        yield "hold_out", _hold_outs(validation.hold_out, seed, target)


def _refuse_equal_repeats(scheme: str, folds: Folds, groups: np.ndarray) -> None:
    n_groups = len(np.unique(groups.astype(str)))
    if folds.folds == n_groups and folds.repeats > 1:
        msg = (
            f"validation.{scheme}: {folds.repeats} repeats of {n_groups} folds of "
            f"{n_groups} groups; expected one, for all repeats would be the same; say "
            "'repeats: 1' or fewer folds"
        )
        raise InvalidStudyError(msg)


def _hold_outs(options: HoldOut, seed: int, target: Survey) -> list[Split]:
    if options.selection == "kennard_stone":
        X = spectra_in(target).values
        return hold_out_by_order(
            target.specimens,
            kennard_stone(X, len(X)),
            n_calibration=options.calibration,
        )
    return hold_out(
        target.specimens,
        n_calibration=options.calibration,
        n_repeats=options.repeats,
        random_state=seed_of(seed, "hold_out"),
        strata=(
            quantile_strata(target.y[:, 0], n_strata=4)
            if options.selection == "stratified"
            else None
        ),
    )


def groups_of(target: Survey, scheme: str) -> np.ndarray:
    """
    Group labels that a scheme needs.

    Parameters
    ----------
    target : Survey
        Samples.
    scheme : str
        Name of the scheme, for the message.

    Returns
    -------
    ndarray of shape (n_samples,)
        Labels.

    Raises
    ------
    InvalidStudyError
        If the survey has none.
    """
    if target.groups is None:
        msg = (
            f"validation.{scheme}: {target.name} has no groups; name the column that "
            "holds them ('group:' of the table), or leave the scheme out"
        )
        raise InvalidStudyError(msg)
    return target.groups


def spatial_groups(target: Survey, *, spacing: float) -> IntArray:
    """
    Blocks of the ground that samples lie in.

    Parameters
    ----------
    target : Survey
        Samples with ``easting`` and ``northing``.
    spacing : float
        Side of a block in m.

    Returns
    -------
    ndarray of shape (n_samples,)
        Labels.

    Raises
    ------
    InvalidStudyError
        If there are no coordinates, or some are missing.
    """
    columns = ["easting", "northing"]
    if not set(columns) <= set(target.samples.columns):
        msg = (
            f"validation.spatial: {target.name} has no coordinates; name the columns "
            "('easting:' and 'northing:' of the table), or leave the scheme out"
        )
        raise InvalidStudyError(msg)
    easting, northing = target.samples[columns].to_numpy(dtype=np.float64).T
    n_missing = int(np.count_nonzero(np.isnan(easting + northing)))
    if n_missing:
        msg = (
            f"validation.spatial: {n_missing} samples of {target.name} have no "
            "coordinates; expected them for every sample"
        )
        raise InvalidStudyError(msg)
    return spatial_blocks(easting, northing, spacing=spacing)


def inner_groups(
    validation: Validation, target: Survey, scheme: str
) -> np.ndarray | IntArray:
    """
    Labels that folds inside an estimator keep together under a scheme.

    Parameters
    ----------
    validation : Validation
        What the study asks for.
    target : Survey
        Samples.
    scheme : str
        Name of the scheme.

    Returns
    -------
    ndarray of shape (n_samples,)
        Groups or blocks where the scheme keeps them together, else specimens.
    """
    if scheme in {"grouped", "leave_one_group_out"}:
        return groups_of(target, scheme)
    if scheme == "spatial" and validation.spatial:
        return spatial_groups(target, spacing=validation.spatial.spacing)
    return target.specimens
