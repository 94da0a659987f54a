"""Heavy metals in soils and sediments from few laboratory analyses."""

from cerussite.core.errors import CerussiteError
from cerussite.core.spectra import Spectra
from cerussite.core.survey import Response, Survey

__all__ = ["CerussiteError", "Response", "Spectra", "Survey"]

__version__ = "0.1.0"
