"""Heavy metals in soils and sediments from few laboratory analyses."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cerussite.core.errors import CerussiteError
    from cerussite.core.spectra import Spectra
    from cerussite.core.survey import Response, Survey

__all__ = ["CerussiteError", "Response", "Spectra", "Survey"]

__version__ = "0.1.0"

_HOMES = {
    "CerussiteError": "cerussite.core.errors",
    "Spectra": "cerussite.core.spectra",
    "Response": "cerussite.core.survey",
    "Survey": "cerussite.core.survey",
}


def __getattr__(name: str) -> Any:
    # The command line answers in half a second only without pandas.
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module  # noqa: PLC0415 - only when asked for

    return getattr(import_module(_HOMES[name]), name)
