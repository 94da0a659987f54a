"""From a library to a site: networks trained further on few samples."""

from cerussite.transfer.estimator import TransferRegressor
from cerussite.transfer.policies import POLICIES

__all__ = ["POLICIES", "TransferRegressor"]
