"""Where a calibration may be used: what it has seen, and what leaves that."""

import numpy as np

from cerussite.core.types import FloatArray
from cerussite.models.card import CalibrationCard
from cerussite.studies.final import HIGHEST, LOWEST, R2_LOW

#: Part of the calibration range of a band by which a spectrum may leave it.
MARGIN = 0.05


def spectrum_reasons(card: CalibrationCard, X: FloatArray) -> list[str]:
    """
    Why spectra lie outside the range of the calibration spectra.

    Parameters
    ----------
    card : CalibrationCard
        Ranges of the bands.
    X : ndarray of shape (n_samples, n_wavelengths)
        Spectra on the bands of the calibration, in its quantity.

    Returns
    -------
    list of str
        One a sample; empty for a spectrum inside.
    """
    low, high = np.array(card.lowest), np.array(card.highest)
    excess = np.maximum(low - X, X - high) - MARGIN * (high - low)
    worst = np.argmax(excess, axis=1)
    return [
        f"spectrum leaves the calibration range in {count} of {X.shape[1]} bands, most "
        f"at {card.wavelengths[band]:g} nm"
        if count
        else ""
        for count, band in zip(
            np.count_nonzero(excess > 0, axis=1).tolist(), worst.tolist(), strict=True
        )
    ]


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
        Metrics and half-widths.
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
    if not np.isfinite(card.half_widths.get(response, np.nan)):
        reasons.append("no interval: too few samples were left out for its level")
    return reasons
