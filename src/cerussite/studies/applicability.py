"""Where a calibration may be used: what it has seen, and what leaves that."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from cerussite.core.errors import InvalidStudyError, UnreadableFileError
from cerussite.core.types import FloatArray
from cerussite.evaluation.applicability import (
    MARGIN,
    Applicability,
    CalibrationRange,
    components_needed,
    fit_applicability,
    from_arrays,
    to_arrays,
)
from cerussite.models.card import CalibrationCard

#: Names under which a card holds the range of the calibration values.
LOWEST, HIGHEST = "lowest_observed", "highest_observed"
#: Lower limit of the interval of R2.
R2_LOW = "r2_low"
#: Schemes that leave out whole sites.
SITES_LEFT_OUT = ("grouped", "leave_one_group_out", "spatial")
#: File inside the folder of a calibration.
APPLICABILITY_FILE = "applicability.safetensors"
#: Version of its layout.
APPLICABILITY_SCHEMA = "1"
#: Share of the variance of the spectra that the components hold. With less a spectrum of
#: another instrument passes; on four surveys it costs no more false alarms.
SHARE = 0.999
#: Said where a calibration comes without the file.
ONLY_RANGES = (
    "similarity to the calibration spectra not checked: the calibration has too few "
    "samples for it, or was saved by an earlier release"
)


class Verdict(NamedTuple):
    """
    Verdict on a spectrum.

    Attributes
    ----------
    verdict : {"inside", "borderline", "outside"}
        Whether it is like the calibration spectra.
    reason : str
        Why not; empty inside.
    """

    verdict: str
    reason: str


def learn_applicability(
    X: FloatArray, wavelengths: FloatArray, groups: np.ndarray
) -> Applicability | None:
    """
    What calibration spectra say about new ones.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_wavelengths)
        Calibration spectra.
    wavelengths : ndarray of shape (n_wavelengths,)
        Band centres in nm.
    groups : ndarray of shape (n_samples,)
        Labels that the deciding validation scheme kept together: its error is
        the one to expect of samples inside.

    Returns
    -------
    Applicability or None
        None where there are too few samples, or too few outside the largest
        group, to tell the usual from the unusual.
    """
    largest = int(np.unique(groups, return_counts=True)[1].max())
    try:
        n_components = min(
            components_needed(X, share=SHARE), max(1, (len(X) - largest) // 2)
        )
        return fit_applicability(
            X, wavelengths, n_components=n_components, groups=groups
        )
    except InvalidStudyError:
        # A small survey must not cost its calibration; predictions say ONLY_RANGES.
        return None


def save_applicability(
    folder: Path, known: Applicability, card: CalibrationCard
) -> None:
    """
    Write an applicability into the folder of its calibration.

    Parameters
    ----------
    folder : Path
        Folder of a saved calibration.
    known : Applicability
        What the calibration has seen.
    card : CalibrationCard
        Card of the calibration, whose hash ties the two together.
    """
    metadata = {
        "schema_version": APPLICABILITY_SCHEMA,
        "calibration_hash": card.calibration_hash,
    }
    save_file(to_arrays(known), folder / APPLICABILITY_FILE, metadata)


def load_applicability(folder: Path, card: CalibrationCard) -> Applicability | None:
    """
    Read the applicability of a calibration back.

    Parameters
    ----------
    folder : Path
        Folder of a saved calibration.
    card : CalibrationCard
        Its card.

    Returns
    -------
    Applicability or None
        None where the folder has none.

    Raises
    ------
    UnreadableFileError
        If the file is damaged, of a later release or of another calibration.
    """
    path = folder / APPLICABILITY_FILE
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="np") as file:
            metadata = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError) as error:
        msg = f"{path}: damaged ({error}); expected safetensors; copy the folder again"
        raise UnreadableFileError(msg) from error
    if flaw := _wrong_metadata(metadata, card):
        msg = f"{path}: {flaw}"
        raise UnreadableFileError(msg)
    try:
        return from_arrays(arrays)
    except UnreadableFileError as error:
        msg = f"{path}: {error}"
        raise UnreadableFileError(msg) from error


def _wrong_metadata(metadata: dict[str, str], card: CalibrationCard) -> str | None:
    schema = metadata.get("schema_version")
    if schema != APPLICABILITY_SCHEMA:
        return (
            f"schema version {schema}; this release reads {APPLICABILITY_SCHEMA}; "
            "update cerussite, or run the study again"
        )
    if metadata.get("calibration_hash") != card.calibration_hash:
        return "made from other samples than the calibration; copy the folder again"
    return None


def spectrum_verdicts(
    card: CalibrationCard, known: Applicability | None, X: FloatArray
) -> list[Verdict]:
    """
    Whether spectra are like those of the calibration.

    Parameters
    ----------
    card : CalibrationCard
        Bands and their ranges.
    known : Applicability or None
        What the calibration has seen; None leaves the ranges of the bands, and
        each reason says so.
    X : ndarray of shape (n_samples, n_wavelengths)
        Spectra on the bands of the calibration, in its quantity.

    Returns
    -------
    list of Verdict
        One a sample.
    """
    if known is None:
        return _by_range(card, X)
    table = known.judge(X, np.array(card.wavelengths))
    return [
        Verdict(*row) for row in zip(table["verdict"], table["reason"], strict=True)
    ]


def _by_range(card: CalibrationCard, X: FloatArray) -> list[Verdict]:
    ranges = CalibrationRange(np.array(card.lowest), np.array(card.highest))
    excess = ranges.excess(X)
    verdicts = []
    for row in excess:
        count, band = np.count_nonzero(row > MARGIN), card.wavelengths[row.argmax()]
        reason = (
            f"spectrum leaves the calibration range in {count} of {row.size} bands, "
            f"most at {band:g} nm; "
        )
        verdicts.append(
            Verdict("outside", reason + ONLY_RANGES)
            if count
            else Verdict("inside", ONLY_RANGES)
        )
    return verdicts


def prediction_reason(card: CalibrationCard, response: str, predicted: float) -> str:
    """
    Why a prediction lies outside the range of the calibration values.

    Parameters
    ----------
    card : CalibrationCard
        Ranges of the responses.
    response : str
        Name of the response.
    predicted : float
        In the unit of the response.

    Returns
    -------
    str
        Empty for a prediction inside.
    """
    known = card.metrics.get(response, {})
    low, high = known.get(LOWEST, -np.inf), known.get(HIGHEST, np.inf)
    if low <= predicted <= high:
        return ""
    return f"prediction leaves the calibration range of {low:g} to {high:g}"


def response_reasons(card: CalibrationCard, response: str) -> list[str]:
    """
    What the study that made a calibration found wanting in a response.

    Parameters
    ----------
    card : CalibrationCard
        Metrics and errors.
    response : str
        Name of the response.

    Returns
    -------
    list of str
        Empty where it is predicted better than by a constant, with intervals.
    """
    known = card.metrics.get(response, {})
    reasons = []
    if not known.get(R2_LOW, np.inf) > 0:
        reasons.append(
            f"not shown to be better than a constant ({card.scheme}: R2 "
            f"{known['r2']:.2f}, from {known[R2_LOW]:.2f})"
        )
    names = [each.name for each in card.responses]
    errors = card.errors
    if errors is None or not errors.has_interval[names.index(response)]:
        reasons.append("no interval: too few samples were left out for its level")
    elif card.scheme in SITES_LEFT_OUT and not errors.has_sites:
        reasons.append(
            "interval not assured at a new site: too few sites were left out for its "
            "level"
        )
    return reasons
