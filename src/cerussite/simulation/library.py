"""A library of many regions with constituents and no metals."""

import numpy as np
import pandas as pd

from cerussite.core.survey import Response, Survey
from cerussite.core.types import FloatArray
from cerussite.simulation.instrument import LABORATORY, Instrument
from cerussite.simulation.soils import Soils, draw_soils, random_settings
from cerussite.simulation.spectra import default_wavelengths, simulate_spectra
from cerussite.simulation.truth import (
    SimulatedSurvey,
    Truth,
    absorption_table,
    carrying_wavelengths,
    constituent_table,
    explained_share,
)

_CLAYS = ("kaolinite", "smectite", "illite")
_IRON = ("goethite", "hematite")
#: Constituents that each property depends on by construction.
PROPERTIES: dict[str, tuple[str, ...]] = {
    "pH": ("calcite", "organic_matter", *_IRON, *_CLAYS),
    "clay": (*_CLAYS, *_IRON),
    "SOC": ("organic_matter",),
    "CaCO3": ("calcite",),
    "CEC": ("organic_matter", *_CLAYS),
}
#: Standard deviation of an analysis: absolute, and relative to the value.
_ERRORS = {
    "pH": (0.10, 0.0),
    "clay": (10.0, 0.04),
    "SOC": (0.5, 0.04),
    "CaCO3": (1.0, 0.03),
    "CEC": (0.5, 0.05),
}


def simulate_library(
    n_samples: int,
    *,
    wavelengths: FloatArray | None = None,
    n_regions: int = 12,
    instrument: Instrument = LABORATORY,
    random_state: int | np.random.Generator,
) -> SimulatedSurvey:
    """
    Library of soils of several regions, with constituents and no metals.

    Parameters
    ----------
    n_samples : int
        How many soils.
    wavelengths : ndarray of shape (n_wavelengths,), optional
        Grid in nm between 350 and 2500; 400 to 2499 nm at 1 nm where not given.
    n_regions : int
        How many regions; they are the groups.
    instrument : Instrument
        What records the spectra.
    random_state : int or Generator
        Source of chance.

    Returns
    -------
    SimulatedSurvey
        Responses pH (in water), clay, SOC, CaCO3 (g/kg) and CEC (cmol/kg), and
        the truth behind them.

    Examples
    --------
    >>> library = simulate_library(20, random_state=0)
    >>> library.survey.spectra.values.shape
    (20, 2100)
    """
    generator = np.random.default_rng(random_state)
    grid = (
        default_wavelengths()
        if wavelengths is None
        else np.asarray(wavelengths, dtype=np.float64)
    )
    members = generator.integers(0, n_regions, size=n_samples)
    soils = draw_soils(random_settings(n_regions, generator), members, generator)
    index = pd.Index([f"library-{row + 1:05d}" for row in range(n_samples)])
    responses, true, measured = measure_properties(soils, generator)
    survey = Survey(
        samples=pd.DataFrame(
            {"group": [f"region-{member + 1}" for member in members]},
            index=index.rename("sample_id"),
        ),
        responses=responses,
        y=measured,
        spectra=simulate_spectra(
            soils, grid, instrument=instrument, generator=generator
        ),
        name="simulated-library",
        licence="none needed: simulated",
        notes=("Simulated: no soil was sampled; see docs/simulation.md.",),
    )
    names = list(PROPERTIES)
    pure = absorption_table(grid, instrument.resolution)
    truth = Truth(
        constituents=constituent_table(soils, index),
        responses=pd.DataFrame(true, index=index, columns=names),
        absorption=pure,
        tied_to=PROPERTIES,
        carrying={
            name: carrying_wavelengths(grid, PROPERTIES[name], soils) for name in names
        },
        reachable_r2={
            name: explained_share(measured[:, column], true[:, column])
            for column, name in enumerate(names)
        },
    )
    return SimulatedSurvey(survey, truth)


def measure_properties(
    soils: Soils, generator: np.random.Generator
) -> tuple[tuple[Response, ...], FloatArray, FloatArray]:
    """
    Properties of soils as they are and as a laboratory finds them.

    Parameters
    ----------
    soils : Soils
        Simulated soils.
    generator : Generator
        Source of the errors of analysis.

    Returns
    -------
    tuple of (tuple of Response, ndarray, ndarray)
        The responses, and their true and measured values of shape
        (n_samples, 5) in g/kg, cmol/kg or as pH.
    """
    true = np.column_stack(
        [
            soils.ph,
            1e3 * soils.clay,
            1e3 * soils.organic_carbon,
            1e3 * soils.fraction("calcite"),
            _cation_exchange_capacity(soils),
        ]
    )
    absolute, relative = np.array([_ERRORS[name] for name in PROPERTIES]).T
    spread = np.hypot(absolute, relative * true)
    measured = true + spread * generator.normal(size=true.shape)
    units = {"pH": "1", "CEC": "cmol/kg"}
    responses = tuple(
        Response(name, units.get(name, "g/kg"), "simulated") for name in PROPERTIES
    )
    return responses, true, np.maximum(measured, 0.0)


def _cation_exchange_capacity(soils: Soils) -> FloatArray:
    # cmol/kg of the pure constituents; organic matter gains charge with pH.
    organic = 60.0 + 35.0 * (soils.ph - 4.0)
    return (
        8.0 * soils.fraction("kaolinite")
        + 90.0 * soils.fraction("smectite")
        + 25.0 * soils.fraction("illite")
        + organic * soils.fraction("organic_matter")
    )
