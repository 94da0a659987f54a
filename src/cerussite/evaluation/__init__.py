"""Was it any good: metrics, splits and comparisons."""

from cerussite.evaluation.hold_outs import (
    calibration_subset,
    hold_out,
    hold_out_by_order,
    quantile_strata,
)
from cerussite.evaluation.metrics import (
    METRICS,
    Metric,
    bias,
    ccc,
    mae,
    r2,
    rmse,
    rpd,
    rpiq,
)
from cerussite.evaluation.splits import (
    Split,
    check_split,
    inner_folds,
    leave_one_group_out,
    repeated_group_k_fold,
    repeated_k_fold,
    spatial_blocks,
)

__all__ = [
    "METRICS",
    "Metric",
    "Split",
    "bias",
    "calibration_subset",
    "ccc",
    "check_split",
    "hold_out",
    "hold_out_by_order",
    "inner_folds",
    "leave_one_group_out",
    "mae",
    "quantile_strata",
    "r2",
    "repeated_group_k_fold",
    "repeated_k_fold",
    "rmse",
    "rpd",
    "rpiq",
    "spatial_blocks",
]
