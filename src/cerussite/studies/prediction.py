"""A saved calibration and spectra in, a table of predictions or a map out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cerussite.core.errors import InvalidStudyError
from cerussite.core.spectra import Spectra
from cerussite.core.types import FloatArray
from cerussite.models.card import CalibrationCard
from cerussite.models.saved import load_calibration
from cerussite.studies.applicability import (
    Verdict,
    load_applicability,
    prediction_reason,
    response_reasons,
    spectrum_verdicts,
)
from cerussite.studies.cubes import predict_cube
from cerussite.studies.files import write_csv
from cerussite.studies.inputs import Reading, check_reading, read_input
from cerussite.studies.model_bands import ModelBands

#: Significant digits of predictions: more than any calibration is worth.
DIGITS = 6


class ForModel(NamedTuple):
    """
    A calibration and spectra as it expects them.

    Attributes
    ----------
    estimator : object
        The fitted estimator.
    card : CalibrationCard
        What must be known about it.
    ids : list of str
        Sample ids.
    spectra : Spectra
        In the quantity and on the bands of the calibration.
    conversions : list of list of str
        What was done to the spectrum of each sample.
    notes : list of str
        What was left out, and all conversions once; for the user.
    """

    estimator: Any
    card: CalibrationCard
    ids: list[str]
    spectra: Spectra
    conversions: list[list[str]]
    notes: list[str]


def read_for_model(model: str | Path, source: str | Path, reading: Reading) -> ForModel:
    """
    Load a calibration, and spectra in the way it expects them.

    Parameters
    ----------
    model : str or Path
        Folder of a saved calibration.
    source : str or Path
        CSV, TSV, XLSX or Parquet table with one spectrum a row; a file of an
        instrument; or a folder of such files. Recognised from the content.
    reading : Reading
        What the input does not say itself.

    Returns
    -------
    ForModel
        Both, with notes on what was converted; what cannot be read and spectra
        that do not reach over the bands of the model are refused.
    """
    estimator, card = load_calibration(Path(model))
    found = read_input(source, reading)
    ids: list[str] = []
    rows: list[FloatArray] = []
    conversions: list[list[str]] = []
    for batch in found.batches:
        way = ModelBands(card, batch.spectra.wavelengths, source=str(source))
        ids += batch.ids
        rows.append(way.bring(batch.spectra, batch.ids).values)
        conversions += [way.notes_on(batch.spectra.quantity)] * len(batch.ids)
    spectra = Spectra(
        np.vstack(rows), way.bands, card.quantity, batch.spectra.original_unit
    )
    once = dict.fromkeys(note for notes in conversions for note in notes)
    return ForModel(estimator, card, ids, spectra, conversions, [*found.notes, *once])


def predict(
    model: str | Path,
    source: str | Path,
    out: str | Path,
    *,
    reading: Reading,
    thresholds: Mapping[str, float] | None = None,
) -> list[str]:
    """
    Predict samples into a table, or the pixels of an image into a map.

    Parameters
    ----------
    model : str or Path
        Folder of a saved calibration.
    source : str or Path
        A table, a file of an instrument, a folder of such files, or an ENVI image;
        recognised from the content.
    out : str or Path
        CSV file to write; for an image the map, such as ``lead.img``.
    reading : Reading
        What the input does not say itself.
    thresholds : mapping of str to float, optional
        As in :func:`predict_table`; not for images.

    Returns
    -------
    list of str
        What the user must know.

    Raises
    ------
    InvalidStudyError
        If thresholds are given for an image.
    """
    if check_reading(source, reading) != "image":
        return predict_table(model, source, out, reading=reading, thresholds=thresholds)
    if thresholds:
        msg = (
            f"{source}: an image, and maps hold no probabilities; leave out (threshold)"
        )
        raise InvalidStudyError(msg)
    made = predict_cube(model, source, out, **reading.said())
    return [made.text(), *made.notes]


def predict_table(
    model: str | Path,
    source: str | Path,
    out: str | Path,
    *,
    reading: Reading,
    thresholds: Mapping[str, float] | None = None,
) -> list[str]:
    """
    Predict every sample of an input and write the results as a CSV table.

    Refuses a model or an input that cannot be read, and spectra that do not reach
    over the bands of the model.

    Parameters
    ----------
    model : str or Path
        Folder of a saved calibration.
    source : str or Path
        CSV, TSV, XLSX or Parquet table with one spectrum a row; a file of an
        instrument; or a folder of such files. Recognised from the content.
    out : str or Path
        CSV file to write.
    reading : Reading
        What the input does not say itself.
    thresholds : mapping of str to float, optional
        Response to a concentration in its unit; the table then says how
        probable it is that a sample lies above it.

    Returns
    -------
    list of str
        What was left out and converted on the way; to be shown to the user.
    """
    check_out(Path(out), Path(source))
    found = read_for_model(model, source, reading)
    card, X = found.card, found.spectra.values  # noqa: PD011 - no data frame
    _check_thresholds(thresholds or {}, card)
    predicted = np.asarray(found.estimator.predict(X)).reshape(len(X), -1)
    rows = _table(found.ids, card, predicted)
    if thresholds:
        rows = rows.assign(**_exceedance(card, predicted, thresholds))
    verdicts = spectrum_verdicts(card, load_applicability(Path(model), card), X)
    rows = rows.assign(**_verdicts(card, predicted, verdicts, found.conversions))
    write_csv(Path(out), rows, significant=DIGITS)
    return found.notes


def check_out(out: Path, source: Path) -> None:
    """
    Refuse to write where a slip in one word would cost results or measurements.

    Parameters
    ----------
    out : Path
        File to write.
    source : Path
        What is read.

    Raises
    ------
    InvalidStudyError
        If ``out`` is a folder, no CSV file, or what is read.
    """
    if out.is_dir():
        msg = f"{out}: is a folder; expected a CSV file to write"
        raise InvalidStudyError(msg)
    if out.suffix.lower() != ".csv":
        msg = (
            f"{out}: predictions are written as CSV; expected a name that ends in .csv"
        )
        raise InvalidStudyError(msg)
    if out.exists() and source.exists() and out.samefile(source):
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
    conversions: list[list[str]],
) -> dict[str, list[str]]:
    # Columns of the table: verdict on spectrum and value, and all reasons.
    by_response = {r.name: response_reasons(card, r.name) for r in card.responses}
    verdicts, reasons = [], []
    for spectrum, values, notes in zip(
        spectra, predicted.tolist(), conversions, strict=True
    ):
        for response, value in zip(card.responses, values, strict=True):
            by_value = prediction_reason(card, response.name, value)
            verdicts.append("outside" if by_value else spectrum.verdict)
            found = [text for text in (spectrum.reason, by_value) if text]
            reasons.append("; ".join([*found, *by_response[response.name], *notes]))
    return {"verdict": verdicts, "reason": reasons}
