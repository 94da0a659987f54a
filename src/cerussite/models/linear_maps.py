"""Coefficients of linear calibrations on spectra as read, for explanations."""

from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from cerussite.explanation import LinearMap, LinearTerm
from cerussite.models.machines import LinearMachine
from cerussite.models.terms import Term
from cerussite.preprocessing import LogResponse

#: Parts of recipes that change each spectrum by a factor of its own.
_NOT_LINEAR = frozenset({"snv", "msc"})


def linear_map_of(calibration: Any) -> LinearMap:
    """
    Coefficients of a calibration on spectra as read.

    Centring, scaling and linear preprocessing are folded in. Standard normal
    variate and multiplicative scatter correction cannot be: coefficients then
    belong to the bands of the corrected spectra.

    Parameters
    ----------
    calibration : Calibration
        Fitted, with linear machines.

    Returns
    -------
    LinearMap
        Predicts what the calibration does.
    """
    check_is_fitted(calibration)
    parts = {
        name: _Preparation(name, step, calibration.n_features_in_)
        for name, step in calibration.recipes_.items()
    }
    terms = [
        _linear_term(response, term, parts[term.view.recipe])
        for response, of_response in enumerate(calibration.terms_)
        for term in of_response
    ]
    return LinearMap(tuple(terms), len(calibration.terms_))


class _Preparation:
    """A recipe in two parts: what is not linear, and a matrix."""

    def __init__(self, name: str, step: Any, n_wavelengths: int) -> None:
        names = name.split("_")
        steps = [one for _, one in step.steps] if isinstance(step, Pipeline) else [step]
        n_first = sum(part in _NOT_LINEAR for part in names)
        self.name = "_".join(names[:n_first])
        self.prepare = steps[0].transform if n_first else None
        matrix = np.eye(n_wavelengths)
        for one in steps[n_first:]:
            matrix = one.transform(matrix)
        self.matrix = matrix


def _linear_term(response: int, term: Term, part: _Preparation) -> LinearTerm:
    machine, scaling = term.machine, term.view.scaling
    assert isinstance(machine, LinearMachine)
    slopes = machine.coefficients / scaling.scale
    constant = machine.intercept - float(scaling.centre @ slopes)
    is_log = isinstance(term.transform, LogResponse)
    # Smearing: a factor behind the exponential, a constant without one.
    constant += smearing_of(term)
    return LinearTerm(
        response,
        part.matrix @ slopes,
        constant,
        weight=term.weight,
        link="exp" if is_log else "identity",
        prepare=part.prepare,
        preparation=part.name,
    )


def smearing_of(term: Term) -> float:
    """
    What smearing adds on the scale that was learnt.

    Parameters
    ----------
    term : Term
        One summand of a prediction.

    Returns
    -------
    float
        Logarithm of the factor where a logarithm was learnt, else the mean residual.
    """
    if isinstance(term.transform, LogResponse):
        return float(np.log(np.exp(term.residuals).mean()))
    return float(term.residuals.mean())
