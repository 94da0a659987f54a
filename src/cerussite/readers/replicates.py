"""Rows that share a sample id: refused, kept apart, or averaged."""

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from cerussite.core.errors import InvalidSurveyError
from cerussite.core.types import BoolArray, FloatArray

Replicates: TypeAlias = Literal["refuse", "keep", "average"]


@dataclass(frozen=True)
class Scans:
    """
    Rows of a table before it is settled whether some are replicates.

    Attributes
    ----------
    samples : DataFrame of n_rows rows
        Indexed by sample id, which may repeat.
    places : list of str
        File and line of each row, for messages.
    y : ndarray of shape (n_rows, n_responses)
        Values in the unit inside; NaN where not measured.
    is_censored : ndarray of bool, shape (n_rows, n_responses)
        True where ``y`` holds a detection limit.
    values : ndarray of shape (n_rows, n_wavelengths) or None
        Spectra.
    notes : tuple of str
        What was decided.
    """

    samples: pd.DataFrame
    places: list[str]
    y: FloatArray
    is_censored: BoolArray
    values: FloatArray | None
    notes: tuple[str, ...] = ()


def settle_replicates(
    scans: Scans, replicates: Replicates, responses: list[str], fixed: tuple[str, ...]
) -> Scans:
    """
    Make sample ids unique in the way the caller asks for.

    Parameters
    ----------
    scans : Scans
        Rows whose ids may repeat.
    replicates : {"refuse", "keep", "average"}
        Refuse repeated ids; keep the rows as ``ID#1``, ``ID#2`` of one specimen;
        or average their spectra.
    responses : list of str
        Names of the responses, for messages.
    fixed : tuple of str
        Columns of ``samples`` in which replicates must agree.

    Returns
    -------
    Scans
        Rows with unique ids.

    Raises
    ------
    InvalidSurveyError
        If ids repeat and that is not allowed, or rows to be averaged disagree.
    """
    if replicates not in {"refuse", "keep", "average"}:
        msg = f"replicates={replicates!r}; expected 'refuse', 'keep' or 'average'"
        raise InvalidSurveyError(msg)
    repeated = scans.samples.index.duplicated(keep=False)
    if replicates == "refuse":
        _refuse(scans, repeated)
        return scans
    if replicates == "keep":
        return _keep(scans, repeated)
    if not repeated.any():
        return scans
    return _average(scans, responses, fixed)


def _refuse(scans: Scans, repeated: BoolArray) -> None:
    if not repeated.any():
        return
    ids = scans.samples.index
    first = ids[repeated][0]
    where = [scans.places[row] for row in np.flatnonzero(ids == first)]
    msg = (
        f"{where[0]}: sample id {first!r} occurs {len(where)} times (again in "
        f"{where[1]}), {ids[repeated].nunique()} ids repeat; expected one row a "
        "sample; if they are replicate scans say replicates: keep or average"
    )
    raise InvalidSurveyError(msg)


def _keep(scans: Scans, repeated: BoolArray) -> Scans:
    ids = scans.samples.index.astype(str)
    count = pd.Series(ids).groupby(ids).cumcount().to_numpy() + 1
    names = [
        f"{name}#{number}" if again else name
        for name, number, again in zip(ids, count, repeated, strict=True)
    ]
    samples = scans.samples.copy()
    if "specimen" not in samples:
        samples["specimen"] = ids.to_numpy(dtype=object)
    samples.index = pd.Index(names, name="sample_id", dtype=object)
    notes = scans.notes
    if repeated.any():
        n_rows, n_ids = int(repeated.sum()), ids[repeated].nunique()
        notes += (f"{n_rows} rows of {n_ids} specimens kept as ID#1, ID#2 ...",)
    return replace(scans, samples=samples, notes=notes)


def _average(scans: Scans, responses: list[str], fixed: tuple[str, ...]) -> Scans:
    ids = scans.samples.index
    codes, names = pd.factorize(ids)
    members = np.split(
        np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1]
    )
    agreed = [_agreed(scans, rows, responses) for rows in members]
    differing = _differing(scans, codes, fixed)
    firsts = [int(rows[0]) for rows in members]
    notes = (
        *scans.notes,
        f"{len(ids)} rows averaged to {len(names)} samples, spectra as in the file",
    )
    if differing:
        dropped = ", ".join(differing)
        notes += (f"columns left out because replicates differ in them: {dropped}",)
    return Scans(
        scans.samples.iloc[firsts].drop(columns=differing),
        [scans.places[first] for first in firsts],
        np.array([value for value, _ in agreed]),
        np.array([mark for _, mark in agreed]),
        _mean_spectra(scans.values, members),
        notes,
    )


def _mean_spectra(
    values: FloatArray | None, members: list[np.ndarray]
) -> FloatArray | None:
    if values is None:
        return None
    means = np.empty((len(members), values.shape[1]))
    for at, rows in enumerate(members):
        means[at] = values[rows].mean(axis=0)
    return means


def _agreed(
    scans: Scans, rows: np.ndarray, responses: list[str]
) -> tuple[FloatArray, BoolArray]:
    y, censored = scans.y[rows], scans.is_censored[rows]
    measured = ~np.isnan(y)
    first = np.argmax(measured, axis=0)
    columns = np.arange(y.shape[1])
    value, mark = y[first, columns], censored[first, columns]
    same = np.isclose(y, value, rtol=1e-9, atol=0) & (censored == mark)
    wrong = np.argwhere(measured & ~same)
    if wrong.size:
        row, column = wrong[0]
        msg = (
            f"{scans.places[rows[row]]}: {responses[column]} = {y[row, column]:g}, but "
            f"{value[column]:g} in another row of sample "
            f"{scans.samples.index[rows[0]]!r}; expected the same analysis in all rows "
            "that are averaged; correct it, or say replicates: keep"
        )
        raise InvalidSurveyError(msg)
    return value, mark


def _differing(scans: Scans, codes: np.ndarray, fixed: tuple[str, ...]) -> list[str]:
    differing = []
    for name, column in scans.samples.items():
        n_values = column.groupby(codes).nunique(dropna=False).to_numpy()
        if n_values.max() == 1:
            continue
        differing.append(str(name))
        if name in fixed:
            at = int(np.argmax(codes == np.argmax(n_values > 1)))
            msg = (
                f"{scans.places[at]}: rows of sample {scans.samples.index[at]!r} "
                f"differ in {name!r}; expected one specimen in one place; correct it, "
                "or give the samples different ids"
            )
            raise InvalidSurveyError(msg)
    return differing
