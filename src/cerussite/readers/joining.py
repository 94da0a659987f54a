"""Spectra and analyses that come in separate tables."""

from dataclasses import replace

import numpy as np
import pandas as pd

from cerussite.core.errors import InvalidSurveyError
from cerussite.core.survey import Survey


def join_surveys(spectral: Survey, analyses: Survey) -> Survey:
    """
    Samples that have both a spectrum and analyses, matched by sample id.

    Parameters
    ----------
    spectral : Survey
        Samples with spectra; replicate scans are matched by their ``specimen``.
    analyses : Survey
        The same samples with responses; its order does not matter.

    Returns
    -------
    Survey
        In the order of ``spectral``, with the responses of both; a note says how
        many samples of either have no partner and were left out.

    Notes
    -----
    Licence and citation of both are joined. Surveys without a common sample, or
    with a common response, are refused; of a column in both, that of
    ``spectral`` is kept.
    """
    labels = spectral.samples.index
    if "specimen" in spectral.samples:
        labels = pd.Index(spectral.samples["specimen"])
    partner = analyses.samples.index.get_indexer(labels)
    found = partner >= 0
    _refuse_what_clashes(spectral, analyses, found)
    first, rows = spectral if found.all() else spectral.take(found), partner[found]
    new = [name for name in analyses.samples if name not in first.samples]
    columns = analyses.samples[new].iloc[rows].set_axis(first.samples.index)
    n_without = len(analyses.samples) - len(np.unique(partner[found]))
    note = (
        f"{int(found.sum())} rows with spectra joined to analyses by sample id; left "
        f"out: {int(np.sum(~found))} spectra without analyses, {n_without} analyses "
        "without a spectrum"
    )
    censored = [_censored(first), _censored(analyses)[rows]]
    is_censored = np.hstack(censored) if any(map(np.any, censored)) else None
    return replace(
        first,
        samples=pd.concat([first.samples, columns], axis=1),
        responses=first.responses + analyses.responses,
        y=np.hstack([first.y, analyses.y[rows]]),
        is_censored=is_censored,
        licence=_both(first.licence, analyses.licence),
        citation=_both(first.citation, analyses.citation),
        notes=(*first.notes, *analyses.notes, note),
    )


def _refuse_what_clashes(spectral: Survey, analyses: Survey, found: np.ndarray) -> None:
    twice = set(spectral.response_names) & set(analyses.response_names)
    if twice:
        msg = (
            f"{spectral.name} and {analyses.name} both hold {', '.join(sorted(twice))}; "
            "expected each response once; choose with with_responses before joining"
        )
        raise InvalidSurveyError(msg)
    if not found.any():
        msg = (
            f"no sample of {spectral.name} ({spectral.samples.index[0]!r} ...) is in "
            f"{analyses.name} ({analyses.samples.index[0]!r} ...); expected the same "
            "ids; check which columns hold them"
        )
        raise InvalidSurveyError(msg)


def _censored(survey: Survey) -> np.ndarray:
    if survey.is_censored is None:
        return np.zeros(survey.y.shape, bool)
    return survey.is_censored


def _both(first: str, second: str) -> str:
    return "; ".join(dict.fromkeys(text for text in (first, second) if text))


def stack_surveys(surveys: list[Survey], name: str) -> Survey:
    """
    Samples of several tables of one layout below each other.

    Parameters
    ----------
    surveys : list of Survey
        Same responses, wavelengths and quantity; ids that do not repeat.
    name : str
        Name of the result.

    Returns
    -------
    Survey
        All samples, the notes of all.

    Raises
    ------
    InvalidSurveyError
        If the axes or what the spectra hold differ.
    """
    first = surveys[0]
    spectra = [survey.spectra for survey in surveys if survey.spectra is not None]
    parts = []
    for survey, other in zip(surveys, spectra, strict=False):
        same = other.quantity == spectra[0].quantity and np.array_equal(
            other.wavelengths, spectra[0].wavelengths
        )
        if not same:
            msg = (
                f"{survey.name}: {other.quantity} in {other.wavelengths.size} bands; "
                f"expected {spectra[0].quantity} in the {spectra[0].wavelengths.size} "
                f"of {first.name}; read these files apart"
            )
            raise InvalidSurveyError(msg)
        parts.append(other.values)
    censored = np.vstack([_censored(survey) for survey in surveys])
    return replace(
        first,
        name=name,
        samples=pd.concat([survey.samples for survey in surveys]),
        y=np.vstack([survey.y for survey in surveys]),
        is_censored=censored if censored.any() else None,
        spectra=replace(spectra[0], values=np.vstack(parts)) if spectra else None,
        notes=tuple(dict.fromkeys(n for survey in surveys for n in survey.notes)),
    )
