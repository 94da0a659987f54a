"""The data a study names, checked and brought to one quantity and one grid."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cerussite.core.errors import InvalidSpectraError, InvalidStudyError
from cerussite.core.survey import Response, Survey
from cerussite.core.types import FloatArray
from cerussite.studies.bands import shared_run, spectra_in, to_common_grid
from cerussite.studies.data_blocks import DataBlock
from cerussite.studies.loading import load_survey
from cerussite.studies.study import Censored, Study

#: Fewer measured values than this leave every figure uncertain by tenths.
FEW_SAMPLES = 30


@dataclass(frozen=True, eq=False)
class StudyData:
    """
    Data of a study, ready for arrays to be taken from them.

    Attributes
    ----------
    target : Survey
        Samples that are predicted and judged, on the bands of the study.
    sources : tuple of Survey
        Data that networks are pre-trained on, on the bands among them that all
        data sets share.
    warnings : tuple of str
        What the reader of the report should know.
    constituents : DataFrame or None
        What metals may be bound to, one row a sample of the target.
    sensor : str
        Sensor whose bands the spectra are on; empty for those of a laboratory.
    """

    target: Survey
    sources: tuple[Survey, ...] = ()
    warnings: tuple[str, ...] = ()
    constituents: pd.DataFrame | None = None
    sensor: str = ""

    @property
    def network_bands(self) -> tuple[int, int]:
        """
        Bands of the target that networks see: those shared with the sources.

        Returns
        -------
        tuple of (int, int)
            Position of the first band and the position behind the last.
        """
        bands = spectra_in(self.target).wavelengths
        source = self.sources[0] if self.sources else self.target
        return shared_run(bands, spectra_in(source).wavelengths)


def load_data(study: Study, *, with_source: bool = True) -> StudyData:
    """
    Load the target of a study and, for transfer, its sources.

    Refuses a data set or response that is not there, values below a detection
    limit that the study does not say how to use, constant spectra, a response
    that does not vary, and spectra that share no range.

    Parameters
    ----------
    study : Study
        The study.
    with_source : bool
        Whether any method needs the sources.

    Returns
    -------
    StudyData
        Surveys in one quantity, their bands among those of the target.
    """
    _refuse_constituents_of(study.source)
    whole = load_survey(study.target, "target")
    names = study.target.response_names
    target = _checked(whole.with_responses(names), study.censored)
    sources = [
        _checked(_source(block, f"source[{at}]"), study.censored)
        for at, block in enumerate(study.source if with_source else [])
    ]
    target, sources = to_common_grid(study.spectra, target, sources)
    names = list(study.target.constituents)
    constituents = _constituents(whole, names, study.censored) if names else None
    return StudyData(
        target,
        tuple(sources),
        tuple(_warnings(target)),
        constituents,
        study.spectra.sensor or "",
    )


def _source(block: DataBlock, key: str) -> Survey:
    return load_survey(block, key).with_responses(block.response_names)


def _refuse_constituents_of(sources: Sequence[DataBlock]) -> None:
    for at, block in enumerate(sources):
        if block.constituents:
            msg = (
                f"source[{at}].constituents: only the target has constituents; name "
                "what the source shall teach under responses"
            )
            raise InvalidStudyError(msg)


def _constituents(whole: Survey, names: list[str], rule: Censored) -> pd.DataFrame:
    known = use_censored(whole.with_responses(names), rule)
    return pd.DataFrame(known.y, columns=names)


def _checked(survey: Survey, censored: Censored) -> Survey:
    _refuse_constant_spectra(survey)
    survey = use_censored(survey, censored)
    _refuse_constant_responses(survey)
    return survey


def _refuse_constant_spectra(survey: Survey) -> None:
    constant = np.flatnonzero(np.ptp(spectra_in(survey).values, axis=1) == 0)
    if constant.size:
        msg = (
            f"{survey.name}: {constant.size} spectra are constant (first: sample "
            f"{survey.samples.index[constant[0]]!r}); expected values that vary with "
            "the wavelength; drop these samples"
        )
        raise InvalidSpectraError(msg)


def _refuse_constant_responses(survey: Survey) -> None:
    for response, column in zip(survey.responses, survey.y.T, strict=True):
        measured = column[~np.isnan(column)]
        if np.unique(measured).size < 2:
            msg = (
                f"{survey.name}: {response.name} has {measured.size} measured values "
                f"and {np.unique(measured).size} different ones; expected at least "
                "two different; leave the response out"
            )
            raise InvalidStudyError(msg)


def use_censored(survey: Survey, rule: Censored) -> Survey:
    """
    Replace values below detection limits as a study says.

    Parameters
    ----------
    survey : Survey
        Samples; ``y`` holds the limit where ``is_censored``.
    rule : {"refuse", "limit", "half_limit", "drop"}
        ``limit`` and ``half_limit`` put in a number, ``drop`` counts the value
        as not measured.

    Returns
    -------
    Survey
        Nothing censored, with a note of what was done.

    Raises
    ------
    InvalidStudyError
        If there are such values and the rule is ``refuse``.
    """
    if survey.is_censored is None or not survey.is_censored.any():
        return replace(survey, is_censored=None)
    counts = survey.is_censored.sum(axis=0)
    found = ", ".join(
        f"{count} of {name}"
        for name, count in zip(survey.response_names, counts, strict=True)
        if count
    )
    if rule == "refuse":
        msg = (
            f"{survey.name}: values below the detection limit ({found}); say how to "
            "use them with 'censored:' limit, half_limit or drop"
        )
        raise InvalidStudyError(msg)
    factor = {"limit": 1.0, "half_limit": 0.5, "drop": np.nan}[rule]
    note = {
        "limit": "taken at the limit",
        "half_limit": "taken at half the limit",
        "drop": "counted as not measured",
    }[rule]
    return replace(
        survey,
        y=np.where(survey.is_censored, survey.y * factor, survey.y),
        is_censored=None,
        notes=(*survey.notes, f"values below the detection limit ({found}) {note}"),
    )


def _warnings(target: Survey) -> list[str]:
    counts = np.count_nonzero(~np.isnan(target.y), axis=0)
    return [
        f"{name}: only {count} measured values; expect figures to be uncertain"
        for name, count in zip(target.response_names, counts, strict=True)
        if count < FEW_SAMPLES
    ]


def source_arrays(
    sources: Sequence[Survey],
) -> tuple[FloatArray, FloatArray, list[Response]]:
    """
    Spectra and responses of all sources in one table.

    Parameters
    ----------
    sources : sequence of Survey
        On one grid.

    Returns
    -------
    tuple of (ndarray, ndarray, list of Response)
        ``X``, ``y`` with NaN where a source has not measured a response, and
        the responses of the columns.

    Raises
    ------
    InvalidStudyError
        If two sources give one response in different units.
    """
    responses: dict[str, Response] = {}
    for response in (each for survey in sources for each in survey.responses):
        known = responses.setdefault(response.name, response)
        if known.unit != response.unit:
            msg = (
                f"source: {response.name} in {known.unit} and in {response.unit}; "
                "expected one unit; leave one of the data sets out"
            )
            raise InvalidStudyError(msg)
    y = np.vstack([_columns(survey, list(responses)) for survey in sources])
    X = np.vstack([spectra_in(survey).values for survey in sources])  # noqa: PD011 - no data frame
    return X, y, list(responses.values())


def _columns(survey: Survey, names: list[str]) -> FloatArray:
    columns = np.full((survey.n_samples, len(names)), np.nan)
    for name, values in zip(survey.response_names, survey.y.T, strict=True):
        columns[:, names.index(name)] = values
    return columns
