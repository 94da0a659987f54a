"""Simulated spectra and metals whose truth is known."""

from cerussite.simulation.instrument import LABORATORY, PORTABLE, Instrument
from cerussite.simulation.library import simulate_library
from cerussite.simulation.mine_site import simulate_mine_site
from cerussite.simulation.truth import SimulatedSurvey, Truth

__all__ = [
    "LABORATORY",
    "PORTABLE",
    "Instrument",
    "SimulatedSurvey",
    "Truth",
    "simulate_library",
    "simulate_mine_site",
]
