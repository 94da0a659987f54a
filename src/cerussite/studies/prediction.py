"""A saved calibration and a table of spectra in, a table of predictions out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cerussite.core.errors import InvalidSpectraError, InvalidStudyError
from cerussite.core.spectra import Spectra
from cerussite.core.survey import Survey
from cerussite.core.types import FloatArray
from cerussite.models.card import CalibrationCard
from cerussite.models.saved import load_calibration
from cerussite.readers import read_table
from cerussite.studies.applicability import (
    Verdict,
    load_applicability,
    prediction_reason,
    response_reasons,
    spectrum_verdicts,
)
from cerussite.studies.bands import on_bands, spectra_in
from cerussite.studies.files import write_csv

#: Significant digits of predictions: more than any calibration is worth.
DIGITS = 6


@dataclass(frozen=True)
class Reading:
    """
    What a table of spectra does not say itself.

    Attributes
    ----------
    quantity : {"reflectance", "reflectance_percent", "absorbance"} or None
        What the table holds; may be left out where its headers say it.
    axis_unit : {"nm", "cm-1"} or None
        Unit of the band headers; may be left out where they say it.
    sample_id : str or None
        Column of sample ids.
    replicates : {"refuse", "keep", "average"}
        What to do with rows that share one id: ``keep`` treats each scan.
    """

    quantity: Any = None
    axis_unit: Any = None
    sample_id: str | None = None
    replicates: Any = "refuse"


class ForModel(NamedTuple):
    """
    A calibration and spectra as it expects them.

    Attributes
    ----------
    estimator : object
        The fitted estimator.
    card : CalibrationCard
        What must be known about it.
    survey : Survey
        Samples as read.
    spectra : Spectra
        In the quantity and on the bands of the calibration.
    notes : list of str
        What was converted on the way.
    """

    estimator: Any
    card: CalibrationCard
    survey: Survey
    spectra: Spectra
    notes: list[str]


def read_for_model(model: str | Path, table: str | Path, reading: Reading) -> ForModel:
    """
    Load a calibration, and spectra in the way it expects them.

    Parameters
    ----------
    model : str or Path
        Folder of a saved calibration.
    table : str or Path
        CSV, TSV, XLSX or Parquet table with one spectrum a row.
    reading : Reading
        What the table does not say itself.

    Returns
    -------
    ForModel
        Both, with notes on what was converted; what cannot be read and spectra
        that do not reach over the bands of the model are refused.
    """
    estimator, card = load_calibration(Path(model))
    survey = read_table(table, **asdict(reading))
    spectra, notes = _for_model(survey, card, Path(table))
    return ForModel(estimator, card, survey, spectra, notes)


def predict_table(
    model: str | Path,
    table: str | Path,
    out: str | Path,
    *,
    reading: Reading,
    thresholds: Mapping[str, float] | None = None,
) -> list[str]:
    """
    Predict every sample of a table and write the results as CSV.

    Refuses a model or table that cannot be read, and spectra that do not reach
    over the bands of the model.

    Parameters
    ----------
    model : str or Path
        Folder of a saved calibration.
    table : str or Path
        CSV, TSV, XLSX or Parquet table with one spectrum a row.
    out : str or Path
        CSV file to write.
    reading : Reading
        What the table does not say itself.
    thresholds : mapping of str to float, optional
        Response to a concentration in its unit; the table then says how
        probable it is that a sample lies above it.

    Returns
    -------
    list of str
        What was converted on the way; to be shown to the user.
    """
    check_out(Path(out), Path(table))
    estimator, card, survey, spectra, notes = read_for_model(model, table, reading)
    _check_thresholds(thresholds or {}, card)
    predicted = np.asarray(estimator.predict(spectra.values))
    predicted = predicted.reshape(len(spectra.values), -1)
    known = load_applicability(Path(model), card)
    verdicts = spectrum_verdicts(card, known, spectra.values)
    ids = [str(label) for label in survey.samples.index]
    rows = _table(ids, card, predicted)
    if thresholds:
        rows = rows.assign(**_exceedance(card, predicted, thresholds))
    rows = rows.assign(**_verdicts(card, predicted, verdicts, notes))
    write_csv(Path(out), rows, significant=DIGITS)
    return notes


def check_out(out: Path, table: Path) -> None:
    """
    Refuse to write where a slip in one word would cost results or measurements.

    Parameters
    ----------
    out : Path
        File to write.
    table : Path
        Table that is read.

    Raises
    ------
    InvalidStudyError
        If ``out`` is a folder, no CSV file, or the table itself.
    """
    if out.is_dir():
        msg = f"{out}: is a folder; expected a CSV file to write"
        raise InvalidStudyError(msg)
    if out.suffix.lower() != ".csv":
        msg = (
            f"{out}: predictions are written as CSV; expected a name that ends in .csv"
        )
        raise InvalidStudyError(msg)
    if out.exists() and table.exists() and out.samefile(table):
        msg = f"{out}: is the table that is read; name another file to write"
        raise InvalidStudyError(msg)


def _check_thresholds(thresholds: Mapping[str, float], card: CalibrationCard) -> None:
    names = [response.name for response in card.responses]
    for name in thresholds:
        if name not in names:
            msg = (
                f"threshold of {name!r}: the model does not predict it; expected one "
                f"of {', '.join(names)}"
            )
            raise InvalidStudyError(msg)


def _check_gaps(spectra: Spectra, bands: FloatArray, path: Path) -> None:
    # Bands of the model that would have to be invented between two of the table.
    axis = spectra.wavelengths
    inside = np.searchsorted(bands, axis[1:], "left") - np.searchsorted(
        bands, axis[:-1], "right"
    )
    at = int(np.argmax(inside))
    if inside[at] > 1:
        msg = (
            f"{path}: no bands between {axis[at]:g} and {axis[at + 1]:g} nm, where the "
            f"model has {inside[at]}; measure the whole range, or use a model made "
            "for this instrument"
        )
        raise InvalidSpectraError(msg)


def _for_model(
    survey: Survey, card: CalibrationCard, path: Path
) -> tuple[Spectra, list[str]]:
    # Spectra in the quantity and on the bands of a model.
    spectra, notes = spectra_in(survey), []
    bands = np.asarray(card.wavelengths, dtype=np.float64)
    low, high = spectra.wavelengths[[0, -1]]
    if spectra.quantity != card.quantity:
        notes.append(f"{spectra.quantity} converted to {card.quantity}")
    if not np.array_equal(spectra.wavelengths, bands):
        notes.append(
            f"resampled from {spectra.wavelengths.size} bands to the {bands.size} "
            "bands of the model"
        )
    _check_gaps(spectra, bands, path)
    try:
        return on_bands(spectra, bands, quantity=card.quantity), notes
    except InvalidSpectraError as error:
        msg = (
            f"{path}: spectra from {low:g} to {high:g} nm; the model needs "
            f"{bands[0]:g} to {bands[-1]:g} nm; measure the whole range, or use a "
            "model made for this instrument"
        )
        raise InvalidSpectraError(msg) from error


def _table(
    ids: list[str], card: CalibrationCard, predicted: FloatArray
) -> pd.DataFrame:
    # One row a sample and response, samples first.
    lower, upper = _limits(card, predicted)
    n_samples, n_responses = predicted.shape
    return pd.DataFrame(
        {
            "sample_id": np.repeat(np.array(ids, dtype=object), n_responses),
            "response": [each.name for each in card.responses] * n_samples,
            "predicted": predicted.ravel(),
            "lower": lower.ravel(),
            "upper": upper.ravel(),
            "unit": [each.unit for each in card.responses] * n_samples,
        }
    )


def _limits(card: CalibrationCard, predicted: FloatArray) -> tuple[FloatArray, ...]:
    if card.errors is None:
        return np.full_like(predicted, np.nan), np.full_like(predicted, np.nan)
    return card.errors.intervals(predicted, level=card.level)


def _exceedance(
    card: CalibrationCard, predicted: FloatArray, thresholds: Mapping[str, float]
) -> dict[str, FloatArray]:
    # Columns of the table.
    limits = np.array([thresholds.get(each.name, np.nan) for each in card.responses])
    above = np.full_like(predicted, np.nan)
    if card.errors is not None:
        above = card.errors.exceedance(predicted, limits)
    return {
        "threshold": np.tile(limits, len(predicted)),
        "probability_above": above.ravel(),
    }


def _verdicts(
    card: CalibrationCard,
    predicted: FloatArray,
    spectra: list[Verdict],
    notes: list[str],
) -> dict[str, list[str]]:
    # Columns of the table: verdict on spectrum and value, and all reasons.
    by_response = {r.name: response_reasons(card, r.name) for r in card.responses}
    verdicts, reasons = [], []
    for spectrum, values in zip(spectra, predicted.tolist(), strict=True):
        for response, value in zip(card.responses, values, strict=True):
            by_value = prediction_reason(card, response.name, value)
            verdicts.append("outside" if by_value else spectrum.verdict)
            found = [text for text in (spectrum.reason, by_value) if text]
            reasons.append("; ".join([*found, *by_response[response.name], *notes]))
    return {"verdict": verdicts, "reason": reasons}
