"""Concentrations of a survey, with what stands for values below their limits."""

from dataclasses import dataclass, replace

import numpy as np

from cerussite.assessment import (
    Concentrations,
    impute_below_limits,
    substitute_limits,
)
from cerussite.assessment.censored.checks import unsupported
from cerussite.core.errors import InvalidConcentrationError, InvalidStudyError
from cerussite.core.survey import Survey
from cerussite.core.types import BoolArray, FloatArray

#: Draws that memory should hold, in bytes.
LARGEST = 1 << 30
#: Samples an element, from which elements are drawn together.
ENOUGH = 3
#: Condition of the logarithms beyond which elements copy each other.
STEEPEST = 1e4


@dataclass(frozen=True)
class BelowLimits:
    """
    What is done with values below the detection limit.

    Attributes
    ----------
    substitute : float or None
        Fraction of the limit that is put in their place; None to draw them.
    n_draws : int
        Draws of the imputation.
    random_state : int
        Draws them.

    Raises
    ------
    InvalidStudyError
        If there are fewer than ten draws.
    """

    substitute: float | None = None
    n_draws: int = 1000
    random_state: int = 0

    def __post_init__(self) -> None:
        if self.n_draws < 10:
            msg = f"draws: {self.n_draws}; expected 10 or more"
            raise InvalidStudyError(msg)


def concentrations_of(
    survey: Survey, choice: BelowLimits
) -> tuple[Concentrations, list[str]]:
    """
    Concentrations for an assessment, and what was done below the limits.

    Parameters
    ----------
    survey : Survey
        The stations that are assessed.
    choice : BelowLimits
        How values below the limit enter.

    Returns
    -------
    tuple of (Concentrations, list of str)
        With draws where some were imputed; the sentences are for the report.

    Raises
    ------
    InvalidConcentrationError
        If a value is exactly zero, or an element was detected too rarely to be
        drawn.
    InvalidStudyError
        If the draws would not fit into memory.
    """  # noqa: DOC502 -- raised by the checks
    check_usable(survey)
    mask = survey.is_censored
    if mask is None or not mask.any():
        return Concentrations.from_survey(replace(survey, is_censored=None)), []
    if choice.substitute is not None:
        filled, note = substitute_limits(survey.y, mask, fraction=choice.substitute)
        return Concentrations.from_survey(
            replace(survey, y=filled, is_censored=None)
        ), [f"substitution, as asked for: {note}"]
    _check_drawable(survey, mask)
    size = 8 * choice.n_draws * survey.y.size
    if size > LARGEST:
        msg = (
            f"draws: {choice.n_draws} of {survey.y.shape[0]} stations and "
            f"{survey.y.shape[1]} elements need {size / LARGEST:.1f} GiB; expected 1 at "
            "most; ask for fewer"
        )
        raise InvalidStudyError(msg)
    together = _is_enough(survey.y)
    draws = np.repeat(survey.y[np.newaxis], choice.n_draws, axis=0)
    # Elements that were always detected help only where all are drawn together.
    columns = mask.any(axis=0) | together
    draws[:, :, columns] = impute_below_limits(
        survey.y[:, columns],
        mask[:, columns],
        n_imputations=choice.n_draws,
        is_correlated=together,
        random_state=choice.random_state,
    )
    return Concentrations.from_survey(survey, draws=draws), [
        _sentence(survey, mask, choice, together=together)
    ]


def check_usable(survey: Survey) -> None:
    """
    Refuse elements that were never measured, and exact zeros, which nobody can measure.

    Parameters
    ----------
    survey : Survey
        Stations that enter the assessment.

    Raises
    ------
    InvalidConcentrationError
        If there is one; the message counts zeros by element.
    """
    names = survey.response_names
    counts = np.count_nonzero(~np.isnan(survey.y), axis=0)
    never = [name for name, n in zip(names, counts, strict=True) if n == 0]
    if never:
        rest = [name for name in names if name not in never]
        msg = (
            f"{survey.name}: {', '.join(never)} measured in none of "
            f"{survey.n_samples} rows; expected at least one; leave it out (elements: "
            f"{','.join(rest)})"
        )
        raise InvalidConcentrationError(msg)
    is_zero = survey.y == 0
    if not is_zero.any():
        return
    counts = is_zero.sum(axis=0)
    by_element = [f"{name} {n}" for name, n in zip(names, counts, strict=True) if n]
    row, column = np.argwhere(is_zero)[0]
    msg = (
        f"{survey.name}: {is_zero.sum()} concentrations are exactly 0 "
        f"({', '.join(by_element)}; first: {names[column]} of sample "
        f"{survey.samples.index[row]!r}); expected values > 0; write '<limit' where "
        "nothing was detected, leave empty what was not measured, or choose other elements"
    )
    raise InvalidConcentrationError(msg)


def _is_enough(y: FloatArray) -> bool:
    """Whether covariances can be drawn: enough samples, no element that copies others."""
    n_samples, n_elements = y.shape
    if n_elements == 1 or n_samples < ENOUGH * n_elements:
        return False
    logs = np.log(y)
    centred = np.nan_to_num(logs - np.nanmean(logs, axis=0))
    spread = np.sqrt((centred**2).mean(axis=0))
    if (spread < 1e-9).any():
        return False
    return bool(np.linalg.cond(centred / spread) < STEEPEST)


def _check_drawable(survey: Survey, mask: BoolArray) -> None:
    names, reasons = [], []
    for column, name in enumerate(survey.response_names):
        measured = ~np.isnan(survey.y[:, column])
        censored = mask[measured, column]
        reason = unsupported(survey.y[measured, column], censored)
        if censored.any() and reason:
            names.append(name)
            reasons.append(f"{name}: {reason}")
    if names:
        rest = [name for name in survey.response_names if name not in names]
        msg = (
            f"{survey.name}: values below the detection limit cannot be drawn "
            f"({'; '.join(reasons)}); leave {', '.join(names)} out (elements: "
            f"{','.join(rest)}), or ask for substitution"
        )
        raise InvalidConcentrationError(msg)


def _sentence(
    survey: Survey, mask: BoolArray, choice: BelowLimits, *, together: bool
) -> str:
    counts = zip(
        survey.response_names,
        mask.sum(axis=0),
        (~np.isnan(survey.y)).sum(axis=0),
        strict=True,
    )
    parts = [f"{name} {below} of {n}" for name, below, n in counts if below]
    how = "all elements together" if together else "each element by itself"
    return (
        f"values below the detection limit ({', '.join(parts)}) were drawn "
        f"{choice.n_draws} times from lognormal distributions, {how}; intervals and "
        "probabilities cover only this: measured values count as exact"
    )
