"""Source and target spectra brought to one grid, or a clear refusal."""

import numpy as np
from scipy.interpolate import make_interp_spline

from cerussite.core.errors import InvalidSpectraError
from cerussite.core.spectra import Spectra
from cerussite.core.types import AxisUnit, FloatArray, Quantity

#: Bands this many times as wide as those of the other spectra are cell means.
COARSER = 1.5


def reconcile(
    source: Spectra,
    target: Spectra,
    *,
    wavelengths: FloatArray | None = None,
    quantity: Quantity = "absorbance",
    min_overlap: float = 0.5,
) -> tuple[Spectra, Spectra]:
    """
    Source and target spectra of one quantity on one grid.

    Without ``wavelengths`` the grid is made of the bands of the target that
    the source covers: a target measured in cm⁻¹ stays evenly spaced in cm⁻¹.

    Parameters
    ----------
    source, target : Spectra
        Spectra of the library and of the site.
    wavelengths : ndarray of shape (n_wavelengths,) or None
        Grid asked for in nm, inside both ranges.
    quantity : {"reflectance", "absorbance"}
        What both shall hold.
    min_overlap : float
        Least part of the range of the target, measured in its original unit,
        that the source must cover.

    Returns
    -------
    tuple of (Spectra, Spectra)
        Source and target with the same wavelengths.

    Raises
    ------
    InvalidSpectraError
        If the overlap is too small, or a wavelength asked for lies outside.

    Notes
    -----
    Values between bands lie on straight lines along the axis in the original
    unit of the target. Where the new bands are more than 1.5 times as wide as
    the old ones, the value is the mean over the new band, from midpoint to
    midpoint, so that no measured band is skipped.

    Examples
    --------
    >>> source = Spectra(np.ones((1, 5)), np.arange(400.0, 450.0, 10.0), "absorbance")
    >>> target = Spectra(np.ones((2, 4)), np.arange(420.0, 460.0, 10.0), "absorbance")
    >>> reconcile(source, target)[1].wavelengths.tolist()
    [420.0, 430.0, 440.0]
    """
    if wavelengths is None:
        msg = _too_little_shared(source, target, min_overlap=min_overlap)
    else:
        msg = _outside(source, target, wavelengths)
    if msg:
        raise InvalidSpectraError(msg)
    if wavelengths is None:
        low, high = _overlap(source, target)
        inside = (target.wavelengths >= low) & (target.wavelengths <= high)
        wavelengths = target.wavelengths[inside]
    unit = target.original_unit
    return (
        _on_grid(source.to_quantity(quantity), wavelengths, unit=unit),
        _on_grid(target.to_quantity(quantity), wavelengths, unit=unit),
    )


def _overlap(source: Spectra, target: Spectra) -> tuple[float, float]:
    low = max(source.wavelengths[0], target.wavelengths[0])
    high = min(source.wavelengths[-1], target.wavelengths[-1])
    return float(low), float(high)


def _too_little_shared(source: Spectra, target: Spectra, *, min_overlap: float) -> str:
    unit = target.original_unit
    low, high = _overlap(source, target)
    shared = abs(_place(high, unit) - _place(low, unit)) if high > low else 0.0
    first, last = target.wavelengths[[0, -1]].tolist()
    part = shared / abs(_place(last, unit) - _place(first, unit))
    is_shared = (target.wavelengths >= low) & (target.wavelengths <= high)
    n_bands = np.count_nonzero(is_shared)
    if part >= min_overlap and n_bands >= 2:
        return ""
    return (
        f"the source covers {_range(source, unit)}, the target "
        f"{_range(target, unit)}: they share {100 * part:.0f} % of the target's "
        f"range ({n_bands} bands); expected at least {100 * min_overlap:.0f} % and "
        "2 bands: use a source of the same spectral region, or lower min_overlap"
    )


def _outside(source: Spectra, target: Spectra, wavelengths: FloatArray) -> str:
    unit = target.original_unit
    low, high = _overlap(source, target)
    outside = (wavelengths < low) | (wavelengths > high)
    if not outside.any():
        return ""
    return (
        f"{int(outside.sum())} of {wavelengths.size} wavelengths lie outside the "
        f"source ({_range(source, unit)}) or the target ({_range(target, unit)}); "
        f"first: {_place(float(wavelengths[outside][0]), unit):g} {unit}; leave them "
        "out, for nothing is extrapolated"
    )


def _range(spectra: Spectra, unit: AxisUnit) -> str:
    ends = sorted(_place(float(end), unit) for end in spectra.wavelengths[[0, -1]])
    return f"{ends[0]:g} to {ends[1]:g} {unit}"


def _axis(wavelengths: FloatArray, unit: AxisUnit) -> FloatArray:
    return 1e7 / wavelengths if unit == "cm-1" else wavelengths


def _place(wavelength: float, unit: AxisUnit) -> float:
    return 1e7 / wavelength if unit == "cm-1" else wavelength


def _on_grid(spectra: Spectra, wavelengths: FloatArray, *, unit: AxisUnit) -> Spectra:
    if np.array_equal(spectra.wavelengths, wavelengths):
        return Spectra(spectra.values, wavelengths, spectra.quantity, unit)
    old, new = _axis(spectra.wavelengths, unit), _axis(wavelengths, unit)
    values = spectra.values
    if unit == "cm-1":  # falls where wavelengths rise
        old, new, values = old[::-1], new[::-1], values[:, ::-1]
    changed = _interpolated(values, old, new)
    changed = changed[:, ::-1] if unit == "cm-1" else changed
    return Spectra(np.ascontiguousarray(changed), wavelengths, spectra.quantity, unit)


def _interpolated(values: FloatArray, old: FloatArray, new: FloatArray) -> FloatArray:
    lines = make_interp_spline(old, values, k=1, axis=1)
    middles = (new[1:] + new[:-1]) / 2
    edges = np.clip(
        np.concatenate(
            [[2 * new[0] - middles[0]], middles, [2 * new[-1] - middles[-1]]]
        ),
        old[0],
        old[-1],
    )
    widths = np.diff(edges)
    integral = lines.antiderivative()(edges)
    # The width of old bands around each new one decides, for grids may be uneven.
    spacing = np.gradient(old)[np.searchsorted(old, new).clip(0, old.size - 1)]
    is_coarser = widths > COARSER * spacing
    with np.errstate(divide="ignore", invalid="ignore"):
        means = np.diff(integral, axis=1) / widths
    return np.where(is_coarser, means, lines(new.clip(old[0], old[-1])))
