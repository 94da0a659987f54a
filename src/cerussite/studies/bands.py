"""One quantity and one set of bands for all spectra of a study."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cerussite.core.errors import InvalidSpectraError, InvalidStudyError
from cerussite.core.spectra import Spectra
from cerussite.core.survey import Survey
from cerussite.core.types import FloatArray, Quantity
from cerussite.preprocessing import Sensor, reconcile, resample_to_sensor, sensor
from cerussite.studies.data_blocks import Grid
from cerussite.studies.study import SpectraOptions


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

    The target keeps all the bands that the study asks for; the sources are
    brought to those among them that every source covers. Where the study asks
    for the bands of a sensor, all are brought to them first, as light is averaged.

    Parameters
    ----------
    options : SpectraOptions
        Quantity, and grid or sensor.
    target : Survey
        Samples that are predicted.
    sources : sequence of Survey
        Data that networks are pre-trained on; may be empty.

    Returns
    -------
    tuple of (Survey, list of Survey)
        The same samples; the bands of the sources are a run of those of the
        target. A target that does not reach over the grid and a source that
        shares too little of its range are refused.
    """
    if options.sensor is not None:
        target, *sources = (_seen(each, options) for each in (target, *sources))
    bands = (
        spectra_in(target).wavelengths
        if options.grid == "target"
        else grid_wavelengths(options.grid)
    )
    target = _brought(target, bands, options.quantity)
    shared = _shared_bands(target, sources, min_overlap=options.min_overlap)
    return target, [_brought(each, shared, options.quantity) for each in sources]


def _seen(survey: Survey, options: SpectraOptions) -> Survey:
    # A survey as a sensor would see it; what it cannot see is named.
    spectra = spectra_in(survey)
    low, high = spectra.wavelengths[[0, -1]].tolist()
    try:
        whole = sensor(options.sensor or "")
        wanted = whole.take([name for name, _ in _bands_outside(whole, options)])
        covered = wanted.within(low, high)
        seen = resample_to_sensor(spectra, covered)
    except InvalidSpectraError as error:
        msg = f"spectra.sensor: {survey.name}: {error}"
        raise InvalidStudyError(msg) from error
    notes = [f"resampled to {len(covered.bands)} bands of {whole.name}"]
    n_out = len(whole.bands) - len(wanted.bands)
    if n_out:
        notes.append(
            f"{n_out} bands of {whole.name} left out, as spectra.leave_out says"
        )
    beyond = [each for each in zip(wanted.bands, wanted.centres, strict=True)
              if each[0] not in covered.bands]  # fmt: skip
    if beyond:
        names = ", ".join(f"{name} ({centre:g} nm)" for name, centre in beyond)
        notes.append(
            f"{len(beyond)} bands of {whole.name} left out, for they reach beyond the "
            f"spectra of {low:g} to {high:g} nm: {names}"
        )
    return replace(survey.with_spectra(seen), notes=(*survey.notes, *notes))


def _bands_outside(whole: Sensor, options: SpectraOptions) -> list[tuple[str, float]]:
    # Name and centre of the bands in none of the ranges that are left out.
    bands = zip(whole.bands, whole.centres.tolist(), strict=True)
    return [
        (name, centre)
        for name, centre in bands
        if not any(low <= centre <= high for low, high in options.leave_out)
    ]


def _brought(survey: Survey, bands: FloatArray, quantity: Quantity) -> Survey:
    try:
        spectra = on_bands(spectra_in(survey), bands, quantity=quantity)
    except InvalidSpectraError as error:
        msg = f"spectra: {survey.name}: {error}"
        raise InvalidStudyError(msg) from error
    return survey.with_spectra(spectra)


def shared_run(target: FloatArray, source: FloatArray) -> tuple[int, int]:
    """
    Where the bands of the sources lie among those of the target.

    Parameters
    ----------
    target : ndarray of shape (n_wavelengths,)
        Band centres of the target, increasing.
    source : ndarray of shape (n_shared,)
        A run of them.

    Returns
    -------
    tuple of (int, int)
        Position of the first band and the position behind the last.

    Examples
    --------
    >>> shared_run(np.array([400.0, 410.0, 420.0, 430.0]), np.array([410.0, 420.0]))
    (1, 3)
    """
    first = int(np.searchsorted(target, source[0]))
    return first, first + source.size


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
    # Bands of the target inside the range of every source, none left out between.
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
    spectra = _around(spectra, wavelengths)
    converted = spectra.to_quantity(quantity)
    is_kept = np.isin(spectra.wavelengths, wavelengths)
    if np.count_nonzero(is_kept) == wavelengths.size:
        values = np.ascontiguousarray(converted.values[:, is_kept])
    else:
        values = _resampled(converted, np.clip(wavelengths, low, high))
    return Spectra(values, wavelengths, quantity, spectra.original_unit)


def _around(spectra: Spectra, wavelengths: FloatArray) -> Spectra:
    # What lies beyond the bands asked for has no say, dark ends of a scan least of all.
    axis = spectra.wavelengths
    # A band that is a mean reaches half a step beyond its centre.
    low = 1.5 * wavelengths[0] - 0.5 * wavelengths[1]
    high = 1.5 * wavelengths[-1] - 0.5 * wavelengths[-2]
    first = max(int(np.searchsorted(axis, low)) - 1, 0)
    stop = min(int(np.searchsorted(axis, high, "right")) + 1, axis.size)
    is_whole = (first, stop) == (0, axis.size)
    return spectra if is_whole else spectra.take_bands(first, stop)


def _resampled(spectra: Spectra, wavelengths: FloatArray) -> FloatArray:
    return reconcile(
        spectra, spectra, wavelengths=wavelengths, quantity=spectra.quantity
    )[0].values
