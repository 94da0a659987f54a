"""From a library to a site, and from one instrument to another."""

from typing import TYPE_CHECKING, Any

from cerussite.transfer.piecewise import PiecewiseDirectStandardisation
from cerussite.transfer.slope_bias import SlopeBiasCorrection
from cerussite.transfer.standardisation import (
    DirectStandardisation,
    SpectralSpaceTransformation,
)

if TYPE_CHECKING:
    from cerussite.transfer.domains import (
        AdapterConfiguration,
        DomainRegressor,
        PretrainedTrunk,
        SourceTask,
        TrunkConfiguration,
        pretrain_trunk,
    )
    from cerussite.transfer.estimator import TransferRegressor
    from cerussite.transfer.policies import POLICIES

__all__ = [
    "POLICIES",
    "AdapterConfiguration",
    "DirectStandardisation",
    "DomainRegressor",
    "PiecewiseDirectStandardisation",
    "PretrainedTrunk",
    "SlopeBiasCorrection",
    "SourceTask",
    "SpectralSpaceTransformation",
    "TransferRegressor",
    "TrunkConfiguration",
    "pretrain_trunk",
]

_HOMES = {
    "AdapterConfiguration": "cerussite.transfer.domains",
    "DomainRegressor": "cerussite.transfer.domains",
    "PretrainedTrunk": "cerussite.transfer.domains",
    "SourceTask": "cerussite.transfer.domains",
    "TrunkConfiguration": "cerussite.transfer.domains",
    "pretrain_trunk": "cerussite.transfer.domains",
    "POLICIES": "cerussite.transfer.policies",
    "TransferRegressor": "cerussite.transfer.estimator",
}


def __getattr__(name: str) -> Any:
    # Networks load PyTorch; standardising spectra needs none.
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module  # noqa: PLC0415 - only when asked for

    return getattr(import_module(_HOMES[name]), name)
