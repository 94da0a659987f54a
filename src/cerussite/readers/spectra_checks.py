"""Spectra of a table that are incomplete, flat, or not what they are said to be."""

import numpy as np

from cerussite.core.errors import InvalidSpectraError
from cerussite.readers.headers import SpectralColumns
from cerussite.readers.quantities import FileQuantity, contradiction
from cerussite.readers.replicates import Scans


def check_complete(scans: Scans, bands: SpectralColumns) -> None:
    """
    Refuse empty bands, and spectra with gaps or without any contrast.

    Parameters
    ----------
    scans : Scans
        Rows with their spectra.
    bands : SpectralColumns
        The axis.

    Raises
    ------
    InvalidSpectraError
        With the sample and its line.
    """
    values = scans.values
    if values is None:
        return
    missing = ~np.isfinite(values)
    if missing.all(axis=0).any():
        at = int(np.argmax(missing.all(axis=0)))
        msg = (
            f"the band {bands.wavelengths[at]:g} nm is "
            "empty in every sample; expected values; delete the column"
        )
        raise InvalidSpectraError(msg)
    incomplete = missing.any(axis=1)
    if incomplete.any():
        row = int(np.argmax(incomplete))
        what = "no spectrum" if missing[row].all() else "a spectrum with gaps"
        at = int(np.argmax(missing[row]))
        msg = (
            f"{scans.places[row]}: {what} ({int(missing[row].sum())} of {len(missing[row])} "
            f"bands empty, first {bands.wavelengths[at]:g} nm; {int(incomplete.sum())} "
            "samples so); expected a value in every band; leave these samples out"
        )
        raise InvalidSpectraError(msg)
    constant = values.max(axis=1) == values.min(axis=1)
    if constant.any():
        row = int(np.argmax(constant))
        msg = (
            f"{scans.places[row]}: a constant spectrum, {values[row, 0]:g} in every band "
            f"({int(constant.sum())} samples so); expected a measured one; leave these "
            "samples out"
        )
        raise InvalidSpectraError(msg)


def check_quantity(
    scans: Scans, bands: SpectralColumns, quantity: FileQuantity, *, by_shape: bool
) -> None:
    """
    Refuse spectra that cannot be what they are said to be.

    Parameters
    ----------
    scans : Scans
        Rows with their spectra.
    bands : SpectralColumns
        The axis.
    quantity : {"reflectance", "reflectance_percent", "absorbance"}
        What they are said to be.
    by_shape : bool
        Whether the shape may speak against it as well as the range.

    Raises
    ------
    InvalidSpectraError
        With the first sample concerned, its line and the reason.
    """
    if scans.values is None:
        return
    found = contradiction(scans.values, bands.wavelengths, quantity, by_shape=by_shape)
    if found is not None:
        row, reason = found
        msg = f"{scans.places[row]}: the spectra {reason}"
        raise InvalidSpectraError(msg)
