"""One quantity and one set of bands for all spectra of a study."""

from collections.abc import Sequence

import numpy as np

from cerussite.core.errors import InvalidSpectraError, InvalidStudyError
from cerussite.core.spectra import Spectra
from cerussite.core.survey import Survey
from cerussite.core.types import FloatArray, Quantity
from cerussite.preprocessing import reconcile
from cerussite.studies.study import Grid, SpectraOptions


def spectra_in(survey: Survey) -> Spectra:
    """
    Spectra of a survey that must have some.

    Parameters
    ----------
    survey : Survey
        Samples.

    Returns
    -------
    Spectra
        One spectrum a sample.

    Raises
    ------
    InvalidStudyError
        If the survey has none.
    """
    if survey.spectra is None:
        msg = f"{survey.name}: holds no spectra; expected one for each sample"
        raise InvalidStudyError(msg)
    return survey.spectra


def to_common_grid(
    options: SpectraOptions, target: Survey, sources: Sequence[Survey]
) -> tuple[Survey, list[Survey]]:
    """
    Bring all surveys to the quantity and the bands of a study.

    Parameters
    ----------
    options : SpectraOptions
        Quantity and grid.
    target : Survey
        Samples that are predicted.
    sources : sequence of Survey
        Data that networks are pre-trained on; may be empty.

    Returns
    -------
    tuple of (Survey, list of Survey)
        The same samples on one grid.

    Raises
    ------
    InvalidStudyError
        If a survey does not reach over the grid, or a source shares too little
        of the range of the target.
    """
    bands = (
        _shared_bands(target, sources, min_overlap=options.min_overlap)
        if options.grid == "common"
        else grid_wavelengths(options.grid)
    )
    brought = []
    for survey in (target, *sources):
        try:
            spectra = on_bands(spectra_in(survey), bands, quantity=options.quantity)
        except InvalidSpectraError as error:
            msg = f"spectra: {survey.name}: {error}"
            raise InvalidStudyError(msg) from error
        brought.append(survey.with_spectra(spectra))
    return brought[0], brought[1:]


def grid_wavelengths(grid: Grid) -> FloatArray:
    """
    Band centres of a grid.

    Parameters
    ----------
    grid : Grid
        Limits, step and their unit.

    Returns
    -------
    ndarray of shape (n_wavelengths,)
        In nm, increasing.

    Examples
    --------
    >>> grid_wavelengths(Grid(low=1000, high=2000, step=600, unit="cm-1"))
    array([ 6250., 10000.])
    """
    n_bands = int(np.floor((grid.high - grid.low) / grid.step + 1e-9)) + 1
    axis = grid.low + grid.step * np.arange(n_bands)
    return axis if grid.unit == "nm" else 1e7 / axis[::-1]


def _shared_bands(
    target: Survey, sources: Sequence[Survey], *, min_overlap: float
) -> FloatArray:
    # Bands of the target inside the range of every source.
    spectra = spectra_in(target)
    bands = spectra.wavelengths
    for source in sources:
        own = spectra_in(source)
        try:
            shared = reconcile(
                own.take([0]), spectra.take([0]), min_overlap=min_overlap
            )[1].wavelengths
        except InvalidSpectraError as error:
            msg = f"source {source.name}, target {target.name}: {error}"
            raise InvalidStudyError(msg) from error
        bands = bands[(bands >= shared[0]) & (bands <= shared[-1])]
    if bands.size < 2:
        names = ", ".join(source.name for source in sources)
        msg = f"source: {names} share no range with {target.name}; leave one out"
        raise InvalidStudyError(msg)
    return bands


def on_bands(
    spectra: Spectra, wavelengths: FloatArray, *, quantity: Quantity
) -> Spectra:
    """
    Spectra of one quantity on bands inside their range.

    Parameters
    ----------
    spectra : Spectra
        Spectra as read.
    wavelengths : ndarray of shape (n_wavelengths,)
        Band centres in nm, increasing.
    quantity : {"reflectance", "absorbance"}
        What the result holds.

    Returns
    -------
    Spectra
        The same samples; values are taken over where the bands are among
        those of the spectra, else made by
        :func:`cerussite.preprocessing.reconcile`.

    Raises
    ------
    InvalidSpectraError
        If the bands lie outside the range of the spectra.
    """
    low, high = spectra.wavelengths[[0, -1]]
    # Converting cm-1 to nm and back may leave the last digits different.
    slack = 1e-6 * high
    if wavelengths[0] < low - slack or wavelengths[-1] > high + slack:
        msg = (
            f"spectra from {low:g} to {high:g} nm; expected a range that holds "
            f"{wavelengths[0]:g} to {wavelengths[-1]:g} nm"
        )
        raise InvalidSpectraError(msg)
    converted = spectra.to_quantity(quantity)
    is_kept = np.isin(spectra.wavelengths, wavelengths)
    if np.count_nonzero(is_kept) == wavelengths.size:
        values = np.ascontiguousarray(converted.values[:, is_kept])
    else:
        values = _resampled(converted, np.clip(wavelengths, low, high))
    return Spectra(values, wavelengths, quantity, spectra.original_unit)


def _resampled(spectra: Spectra, wavelengths: FloatArray) -> FloatArray:
    return reconcile(
        spectra, spectra, wavelengths=wavelengths, quantity=spectra.quantity
    )[0].values
