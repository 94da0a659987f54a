"""A saved calibration and a table of spectra in, a table of reasons out."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cerussite.core.spectra import Spectra
from cerussite.explanation import Attribution, Contrast, explain, profile_table
from cerussite.explanation.absorption import constituents_of
from cerussite.models.card import CalibrationCard
from cerussite.studies.background import load_background
from cerussite.studies.explaining import seen_bands
from cerussite.studies.files import write_csv
from cerussite.studies.inputs import Reading
from cerussite.studies.prediction import DIGITS, check_out, read_for_model


def explain_table(
    model: str | Path,
    table: str | Path,
    out: str | Path,
    *,
    reading: Reading,
    by_sample: bool = False,
) -> list[str]:
    """
    Say which wavelengths the predictions of a table come from, and write it as CSV.

    Contributions are taken against calibration spectra that lie beside the
    model. Refuses a model or table that cannot be read, as predicting does.

    Parameters
    ----------
    model : str or Path
        Folder of a saved calibration.
    table : str or Path
        Spectra, as for predictions: a table, a file of an instrument or a folder.
    out : str or Path
        CSV file to write.
    reading : Reading
        What the input does not say itself.
    by_sample : bool
        Contributions to every prediction instead of their summaries.

    Returns
    -------
    list of str
        What was converted, and what a reader must know; to be shown to the user.
    """
    check_out(Path(out), Path(table))
    found = read_for_model(model, table, reading)
    attribution = _attribution(found.estimator, found.card, found.spectra, Path(model))
    rows = (
        _every_sample(attribution, found.ids)
        if by_sample
        else profile_table(attribution.profile(), attribution.variance_profile())
    )
    write_csv(Path(out), rows, significant=DIGITS)
    return [*found.notes, attribution.note] if attribution.note else found.notes


def _attribution(
    estimator: Any, card: CalibrationCard, spectra: Spectra, model: Path
) -> Attribution:
    against = Spectra(
        load_background(model),
        np.asarray(card.wavelengths, dtype=np.float64),
        card.quantity,
        card.original_unit,
    )
    contrast = Contrast(
        seen_bands(estimator, spectra),
        seen_bands(estimator, against),
        [each.name for each in card.responses],
    )
    return explain(estimator, contrast)


def _every_sample(attribution: Attribution, ids: list[str]) -> pd.DataFrame:
    # One row a sample, response and bin.
    features, values = attribution.features, attribution.mean()
    n_samples, n_features, n_responses = values.shape
    bins = pd.DataFrame(
        {
            "feature": features.names,
            "low": features.low,
            "high": features.high,
            "constituent": constituents_of(features),
        }
    )
    repeated = pd.concat([bins] * (n_samples * n_responses), ignore_index=True)
    responses = np.repeat(np.array(attribution.responses, dtype=object), n_features)
    labels = {
        "sample_id": np.repeat(np.array(ids, dtype=object), n_features * n_responses),
        "response": np.tile(responses, n_samples),
    }
    contribution = values.transpose(0, 2, 1).ravel()
    return pd.DataFrame(labels).join(
        repeated.assign(contribution=contribution, scale=attribution.scale)
    )
