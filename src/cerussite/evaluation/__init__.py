"""Was it any good: metrics, splits and comparisons."""

from cerussite.evaluation.comparisons import (
    Difference,
    corrected_difference,
    log_rmse_contributions,
    percent_change,
    r2_contributions,
)
from cerussite.evaluation.hold_outs import (
    calibration_subset,
    hold_out,
    hold_out_by_order,
    quantile_strata,
)
from cerussite.evaluation.intervals import (
    conformal_half_width,
    coverage,
    residuals_needed,
)
from cerussite.evaluation.metrics import (
    METRICS,
    Metric,
    bias,
    ccc,
    mae,
    r2,
    r2_log,
    rmse,
    rmse_log,
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
    "Difference",
    "Metric",
    "Split",
    "bias",
    "calibration_subset",
    "ccc",
    "check_split",
    "conformal_half_width",
    "corrected_difference",
    "coverage",
    "hold_out",
    "hold_out_by_order",
    "inner_folds",
    "leave_one_group_out",
    "log_rmse_contributions",
    "mae",
    "percent_change",
    "quantile_strata",
    "r2",
    "r2_contributions",
    "r2_log",
    "repeated_group_k_fold",
    "repeated_k_fold",
    "residuals_needed",
    "rmse",
    "rmse_log",
    "rpd",
    "rpiq",
    "spatial_blocks",
]
