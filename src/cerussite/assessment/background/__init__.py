"""What would be there anyway: local background from data."""

from cerussite.assessment.background.concentration_area import ConcentrationArea
from cerussite.assessment.background.cumulative_frequency import CumulativeFrequency
from cerussite.assessment.background.iterative import IterativeTwoSigma
from cerussite.assessment.background.local import (
    BackgroundMethod,
    LocalBackground,
    local_background,
)
from cerussite.assessment.background.median_deviation import MedianDeviation
from cerussite.assessment.background.reference_stations import ReferenceStations

__all__ = [
    "BackgroundMethod",
    "ConcentrationArea",
    "CumulativeFrequency",
    "IterativeTwoSigma",
    "LocalBackground",
    "MedianDeviation",
    "ReferenceStations",
    "local_background",
]
