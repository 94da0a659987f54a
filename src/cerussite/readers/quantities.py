"""What spectra can be: reflectance, percent or absorbance, as far as it shows."""

from typing import Literal, TypeAlias

import numpy as np

from cerussite.core.types import BoolArray, FloatArray, Quantity

#: What a file holds, as the caller says it.
FileQuantity: TypeAlias = Literal["reflectance", "reflectance_percent", "absorbance"]

#: No white reference is exceeded by more than this (fraction).
BRIGHTEST = 1.5
#: Fewer samples or bands than these are too few to judge a caller by their shape.
ENOUGH = (5, 50)
#: Share of samples that must agree before the shape speaks against the caller.
CONSENT = 0.9


def shape_says(values: FloatArray, wavelengths: FloatArray) -> Quantity | None:
    """
    Reflectance or absorbance, judged by the shape of soil spectra.

    Soils reflect more red (700 nm) than blue light (450 nm), and water dims
    them at 1915 nm against the line from 1860 to 2100 nm; absorbance does the
    reverse. Of the soils of the public collection LimeSoDa, all 1,229 that were
    scanned there keep the first rule and all 1,172 the second. Outside these bands, in the mid-infrared
    above all, the shape proves nothing.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_wavelengths)
        Spectra in any scale.
    wavelengths : ndarray of shape (n_wavelengths,)
        Band centres in nm, strictly increasing.

    Returns
    -------
    {"reflectance", "absorbance"} or None
        What at least nine samples in ten look like; None where they disagree,
        the two rules contradict each other, or the bands do not reach.

    Examples
    --------
    >>> import numpy as np
    >>> shape_says(np.array([[0.1, 0.2, 0.3]]), np.array([400.0, 600.0, 800.0]))
    'reflectance'
    """
    votes = []
    if _reaches(wavelengths, 450, 700):
        blue, red = _bands(values, wavelengths, 450, 700)
        votes.append(_vote(red > blue, red < blue))
    if _reaches(wavelengths, 1860, 2100):
        left, water, right = _bands(values, wavelengths, 1860, 1915, 2100)
        line = left + (right - left) * (1915 - 1860) / (2100 - 1860)
        votes.append(_vote(water < line, water > line))
    if not votes or any(vote != votes[0] for vote in votes):
        return None
    return votes[0]


def _reaches(wavelengths: FloatArray, low: float, high: float) -> bool:
    inside = (wavelengths >= low) & (wavelengths <= high)
    spans = wavelengths[0] <= low and wavelengths[-1] >= high
    return bool(spans and (low < 1000 or inside.sum() >= 6))


def _bands(
    values: FloatArray, wavelengths: FloatArray, *centres: float
) -> list[FloatArray]:
    read = []
    for centre in centres:
        after = max(int(np.searchsorted(wavelengths, centre)), 1)
        low, high = wavelengths[after - 1], wavelengths[after]
        share = (centre - low) / (high - low)
        read.append(values[:, after - 1] * (1 - share) + values[:, after] * share)
    return read


def _vote(reflectance: BoolArray, absorbance: BoolArray) -> Quantity | None:
    if reflectance.mean() >= CONSENT:
        return "reflectance"
    return "absorbance" if absorbance.mean() >= CONSENT else None


def contradiction(
    values: FloatArray,
    wavelengths: FloatArray,
    quantity: FileQuantity,
    *,
    by_shape: bool = True,
) -> tuple[int, str] | None:
    """
    What in the values speaks against the quantity they are said to be.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_wavelengths)
        Finite values as in the file.
    wavelengths : ndarray of shape (n_wavelengths,)
        Band centres in nm, strictly increasing.
    quantity : {"reflectance", "reflectance_percent", "absorbance"}
        What they are said to be.
    by_shape : bool, default True
        Whether the shape counts too, as :func:`shape_says` judges it; the range
        of the values always does.

    Returns
    -------
    tuple of (int, str) or None
        Position of the first sample concerned and the reason; None where
        nothing can be held against the quantity, which does not prove it.
    """
    found = _range_says(values, quantity)
    if found is not None or not by_shape:
        return found
    said: Quantity = "absorbance" if quantity == "absorbance" else "reflectance"
    too_few = any(np.less(values.shape, ENOUGH))
    seen = None if too_few else shape_says(values, wavelengths)
    if seen is None or seen == said:
        return None
    return 0, (
        f"are said to be {quantity}, but {_SHAPES[seen]}, as {seen} does; expected the "
        f"reverse; read them as {seen}, or, if the samples are no soils, end the names "
        f"of the bands in {'_ref' if said == 'reflectance' else '_abs'}"
    )


_SHAPES = {
    "reflectance": "they rise from blue to red, or dip at the water band of 1915 nm",
    "absorbance": "they fall from blue to red, or peak at the water band of 1915 nm",
}


def _range_says(values: FloatArray, quantity: FileQuantity) -> tuple[int, str] | None:
    lowest, highest = values.min(axis=1), values.max(axis=1)
    if quantity == "reflectance":
        rules = [
            (highest > 5, "look like percent or raw counts; say reflectance_percent"),
            (highest > BRIGHTEST, "look like absorbance; say absorbance, or leave out"),
            (lowest < -0.1, "look like absorbance or a derivative"),
        ]
        limits = f"fractions of a white reference, between 0 and {BRIGHTEST:g} at most"
    elif quantity == "reflectance_percent":
        rules = [
            (highest > 100 * BRIGHTEST, "look like raw counts or scaled integers"),
            (highest <= BRIGHTEST, "look like fractions; say reflectance, not percent"),
            (lowest < -10, "look like absorbance or a derivative"),
        ]
        limits = f"percent of a white reference, up to about {100 * BRIGHTEST:g}"
    else:
        rules = [
            (highest > 10, "look like percent or raw counts; say reflectance_percent"),
            (lowest < -1, "look like a derivative or a preprocessed spectrum"),
        ]
        limits = "log10(1/R), between -1 and 10"
    for wrong, hint in rules:
        if wrong.any():
            at = int(np.argmax(wrong))
            return at, (
                f"run from {lowest[at]:g} to {highest[at]:g} in {int(wrong.sum())} of "
                f"{len(values)} samples, the first being this; expected {limits}; "
                f"they {hint}"
            )
    return None
