"""Transects around a mine: metals that spectra can tell in part."""

import numpy as np
import pandas as pd

from cerussite.core.errors import InvalidStudyError
from cerussite.core.survey import Response, Survey
from cerussite.core.types import FloatArray, IntArray
from cerussite.simulation.instrument import PORTABLE, Instrument
from cerussite.simulation.library import PROPERTIES, measure_properties
from cerussite.simulation.metals import (
    METALS,
    Metal,
    concentrations,
    linear_fit,
    standardised,
)
from cerussite.simulation.soils import Setting, Soils, draw_soils
from cerussite.simulation.spectra import default_wavelengths, simulate_spectra
from cerussite.simulation.truth import (
    SimulatedSurvey,
    Truth,
    absorption_table,
    carrying_wavelengths,
    constituent_table,
    explained_share,
)

#: The mine; the coordinates lie in UTM zone 30 N and mean no real place.
MINE = (500000.0, 4200000.0)
CRS = "EPSG:32630"
#: Share of the variance of the metals that the mine does not emit.
_GEOGENIC_SHARE = 0.9
#: Relative standard deviation of an analysis of a metal.
_ERROR = 0.05
_SORBENTS: dict[str, tuple[str, ...]] = {
    "iron_oxides": ("goethite", "hematite"),
    "organic_matter": ("organic_matter",),
    "clay": ("kaolinite", "smectite", "illite"),
    "ph": PROPERTIES["pH"],
}


def simulate_mine_site(  # noqa: PLR0913 - keyword-only, each a knob of a study
    n_samples: int = 130,
    *,
    wavelengths: FloatArray | None = None,
    n_transects: int = 5,
    constituent_share: float = 0.75,
    instrument: Instrument = PORTABLE,
    random_state: int | np.random.Generator,
) -> SimulatedSurvey:
    """
    Survey of transects around a mine, with metals, properties and spectra.

    Metals have no bands: spectra tell them as far as they are bound to
    constituents that do. What only the plume brought, no spectrum tells.

    Parameters
    ----------
    n_samples : int
        How many samples.
    wavelengths : ndarray of shape (n_wavelengths,), optional
        Grid in nm between 350 and 2500; 400 to 2499 nm at 1 nm where not given.
    n_transects : int
        How many transects; they are the groups.
    constituent_share : float
        Share of the variance of Pb, Zn, Cu, Cd and As, on a logarithmic scale,
        that is tied to constituents. Zero is the control without any signal.
    instrument : Instrument
        What records the spectra; not the instrument of the library.
    random_state : int or Generator
        Source of chance.

    Returns
    -------
    SimulatedSurvey
        Responses Pb, Zn, Cu, Cd, As, Fe and Mn in mg/kg, then the properties of
        the library; coordinates; and the truth behind them.

    Raises
    ------
    InvalidStudyError
        If the share is none, or there are too few samples.

    Examples
    --------
    >>> site = simulate_mine_site(random_state=0)
    >>> lead = site.survey.y[:, 0]
    >>> float(lead.max() / lead.min()) > 200
    True
    """
    if not 0.0 <= constituent_share <= 1.0 or n_samples < 10:
        msg = (
            f"constituent_share {constituent_share:g} and {n_samples} samples; "
            "expected a share from 0 to 1 and at least 10 samples"
        )
        raise InvalidStudyError(msg)
    generator = np.random.default_rng(random_state)
    grid = (
        default_wavelengths()
        if wavelengths is None
        else np.asarray(wavelengths, dtype=np.float64)
    )
    transects = np.arange(n_samples) * n_transects // n_samples
    soils = draw_soils(_settings(n_transects, generator), transects, generator)
    samples, plume = _positions(transects, generator)
    sorbents = _sorbents(soils)
    metals = _metals(sorbents, plume, constituent_share, generator)
    error = np.exp(_ERROR * generator.normal(size=metals.shape))
    properties, true, measured = measure_properties(soils, generator)
    survey = Survey(
        samples=samples,
        responses=(
            *(Response(metal.symbol, "mg/kg", "simulated") for metal in METALS),
            *properties,
        ),
        y=np.hstack([metals * error, measured]),
        spectra=simulate_spectra(
            soils, grid, instrument=instrument, generator=generator
        ),
        crs=CRS,
        name="simulated-mine-site",
        licence="none needed: simulated",
        notes=_notes(constituent_share),
    )
    truth = Truth(
        constituents=constituent_table(soils, samples.index),
        responses=pd.DataFrame(
            np.hstack([metals, true]), samples.index, survey.response_names
        ),
        absorption=absorption_table(grid, instrument.resolution),
        tied_to=_ties(constituent_share),
        carrying={
            name: carrying_wavelengths(grid, tied, soils)
            for name, tied in _ties(constituent_share).items()
        },
        reachable_r2=_reachable(survey, true, sorbents, constituent_share),
    )
    return SimulatedSurvey(survey, truth)


def _notes(constituent_share: float) -> tuple[str, str]:
    return (
        (
            "Simulated: no soil was sampled and the mine is no real place; see "
            "docs/simulation.md."
        ),
        (
            f"{constituent_share:.0%} of the variance of Pb, Zn, Cu, Cd and As "
            "(logarithms) was tied to constituents that spectra show."
        ),
    )


def _settings(n_transects: int, generator: np.random.Generator) -> list[Setting]:
    # One landscape whose transects differ a little.
    return [
        Setting(
            weathering=generator.normal(-0.1, 0.4),
            clay=generator.normal(-1.2, 0.3),
            carbon=generator.normal(np.log(0.02), 0.25),
            lime=generator.normal(-0.1, 0.2),
            smectite=generator.normal(-0.2, 0.3),
        )
        for _ in range(n_transects)
    ]


def _positions(
    transects: IntArray, generator: np.random.Generator
) -> tuple[pd.DataFrame, FloatArray]:
    n = len(transects)
    bearing = 2 * np.pi * (transects + 0.1) / (transects.max() + 1)
    bearing = bearing + 0.06 * generator.normal(size=n)
    distance = np.clip(np.exp(generator.normal(np.log(700.0), 0.8, size=n)), 40, 6000)
    reach = 600.0 * np.exp(0.6 * np.cos(bearing - 0.8))
    plume = -distance / reach + 0.3 * generator.normal(size=n)
    samples = pd.DataFrame(
        {
            "group": [f"transect-{transect + 1}" for transect in transects],
            "easting": MINE[0] + distance * np.sin(bearing),
            "northing": MINE[1] + distance * np.cos(bearing),
        },
        index=pd.Index([f"site-{row + 1:04d}" for row in range(n)], name="sample_id"),
    )
    return samples, plume


def _sorbents(soils: Soils) -> dict[str, FloatArray]:
    clay = soils.clay
    return {
        "iron_oxides": standardised(np.log(soils.iron_oxides)),
        "organic_matter": standardised(np.log(soils.organic_carbon)),
        "clay": standardised(np.log(clay / (1.0 - clay))),
        "ph": standardised(soils.ph),
    }


def _share(metal: Metal, constituent_share: float) -> float:
    return constituent_share if metal.is_polluting else _GEOGENIC_SHARE


def _metals(
    sorbents: dict[str, FloatArray],
    plume: FloatArray,
    constituent_share: float,
    generator: np.random.Generator,
) -> FloatArray:
    columns = [
        concentrations(
            metal,
            sorbents,
            plume=plume,
            constituent_share=_share(metal, constituent_share),
            generator=generator,
        )
        for metal in METALS
    ]
    return np.column_stack(columns)


def _ties(constituent_share: float) -> dict[str, tuple[str, ...]]:
    ties = dict(PROPERTIES)
    for metal in METALS:
        found = [name for sorbent in metal.binding for name in _SORBENTS[sorbent]]
        is_tied = _share(metal, constituent_share) > 0
        ties[metal.symbol] = tuple(dict.fromkeys(found)) if is_tied else ()
    return ties


def _reachable(
    survey: Survey,
    true: FloatArray,
    sorbents: dict[str, FloatArray],
    constituent_share: float,
) -> dict[str, float]:
    n_metals = len(METALS)
    shares = {}
    for column, metal in enumerate(METALS):
        is_tied = _share(metal, constituent_share) > 0
        binding = {name: sorbents[name] for name in metal.binding if is_tied}
        logarithm = np.log(survey.y[:, column])
        shares[metal.symbol] = explained_share(
            logarithm, linear_fit(logarithm, binding)
        )
    for column, name in enumerate(PROPERTIES):
        measured = survey.y[:, n_metals + column]
        shares[name] = explained_share(measured, true[:, column])
    return shares
