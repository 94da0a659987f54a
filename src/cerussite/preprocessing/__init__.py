"""
Transforms of spectra and responses, and the choice of samples to analyse.

Functions take and return arrays and learn nothing; what learns is a
scikit-learn estimator and sees calibration rows only. Single precision is
kept, integers become floats, and missing values are refused upstream by
:class:`cerussite.core.spectra.Spectra`.
"""

from cerussite.preprocessing.bands import band_response, sensor_response
from cerussite.preprocessing.continuum import continuum_removal
from cerussite.preprocessing.derivatives import (
    fractional_derivative,
    gap_derivative,
    savitzky_golay,
)
from cerussite.preprocessing.grids import resample, splice_correction, trim
from cerussite.preprocessing.latin_hypercube import (
    conditioned_latin_hypercube,
    latin_hypercube_objective,
)
from cerussite.preprocessing.orthogonalisation import (
    ExternalParameterOrthogonalisation,
)
from cerussite.preprocessing.recipes import RECIPES, recipe
from cerussite.preprocessing.reconciliation import reconcile
from cerussite.preprocessing.responses import (
    RESPONSE_TRANSFORMS,
    LogResponse,
    ResponseTransform,
    YeoJohnsonResponse,
    response_transform,
)
from cerussite.preprocessing.scatter import (
    MultiplicativeScatterCorrection,
    detrend,
    standard_normal_variate,
)
from cerussite.preprocessing.selection import duplex, kennard_stone
from cerussite.preprocessing.sensors import (
    SENSORS,
    Sensor,
    resample_to_sensor,
    sensor,
    sensor_bands,
)

__all__ = [
    "RECIPES",
    "RESPONSE_TRANSFORMS",
    "SENSORS",
    "ExternalParameterOrthogonalisation",
    "LogResponse",
    "MultiplicativeScatterCorrection",
    "ResponseTransform",
    "Sensor",
    "YeoJohnsonResponse",
    "band_response",
    "conditioned_latin_hypercube",
    "continuum_removal",
    "detrend",
    "duplex",
    "fractional_derivative",
    "gap_derivative",
    "kennard_stone",
    "latin_hypercube_objective",
    "recipe",
    "reconcile",
    "resample",
    "resample_to_sensor",
    "response_transform",
    "savitzky_golay",
    "sensor",
    "sensor_bands",
    "sensor_response",
    "splice_correction",
    "standard_normal_variate",
    "trim",
]
