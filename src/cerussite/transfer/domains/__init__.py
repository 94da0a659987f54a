"""Networks that carry over between domains with different covariates."""

from cerussite.transfer.domains.configuration import (
    AdapterConfiguration,
    TrunkConfiguration,
)
from cerussite.transfer.domains.estimator import DomainRegressor
from cerussite.transfer.domains.sources import SourceTask, pretrain_trunk
from cerussite.transfer.domains.trunk import PretrainedTrunk

__all__ = [
    "AdapterConfiguration",
    "DomainRegressor",
    "PretrainedTrunk",
    "SourceTask",
    "TrunkConfiguration",
    "pretrain_trunk",
]
