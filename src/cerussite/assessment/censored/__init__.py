"""Values below the detection limit: statistics, imputation, pooling."""

from cerussite.assessment.censored.estimate import CensoredSummary, Estimate
from cerussite.assessment.censored.imputation import impute_below_limits
from cerussite.assessment.censored.kaplan_meier import (
    CensoredDistribution,
    kaplan_meier,
)
from cerussite.assessment.censored.likelihood import (
    LikelihoodFit,
    maximum_likelihood,
)
from cerussite.assessment.censored.order_statistics import (
    plotting_positions,
    regression_on_order_statistics,
)
from cerussite.assessment.censored.pooling import PooledEstimate, pool_imputations
from cerussite.assessment.censored.substitution import substitute_limits
from cerussite.assessment.censored.summaries import summarise_censored

__all__ = [
    "CensoredDistribution",
    "CensoredSummary",
    "Estimate",
    "LikelihoodFit",
    "PooledEstimate",
    "impute_below_limits",
    "kaplan_meier",
    "maximum_likelihood",
    "plotting_positions",
    "pool_imputations",
    "regression_on_order_statistics",
    "substitute_limits",
    "summarise_censored",
]
