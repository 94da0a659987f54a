"""Is a sample like anything the calibration has seen, and what if not."""

from cerussite.evaluation.applicability.dissimilarity import (
    Dissimilarity,
    ThresholdRule,
    applicability_threshold,
    fit_dissimilarity,
    left_out_index,
)
from cerussite.evaluation.applicability.latent import (
    LatentSpace,
    components_needed,
    fit_latent_space,
)
from cerussite.evaluation.applicability.left_out import LeftOut, leave_out
from cerussite.evaluation.applicability.limits import (
    ResidualMoments,
    box_limit,
    hotelling_limit,
    jackson_mudholkar_limit,
    matched_limit,
    ranked_limit,
    samples_ranked,
)
from cerussite.evaluation.applicability.neighbours import Neighbours, find_neighbours
from cerussite.evaluation.applicability.ranges import CalibrationRange, range_of
from cerussite.evaluation.applicability.rejection import (
    RejectionCurve,
    rejection_curve,
)
from cerussite.evaluation.applicability.storage import from_arrays, to_arrays
from cerussite.evaluation.applicability.verdicts import (
    LEAST_SAMPLES,
    MARGIN,
    VERDICTS,
    Applicability,
    Limits,
    fit_applicability,
)

__all__ = [
    "LEAST_SAMPLES",
    "MARGIN",
    "VERDICTS",
    "Applicability",
    "CalibrationRange",
    "Dissimilarity",
    "LatentSpace",
    "LeftOut",
    "Limits",
    "Neighbours",
    "RejectionCurve",
    "ResidualMoments",
    "ThresholdRule",
    "applicability_threshold",
    "box_limit",
    "components_needed",
    "find_neighbours",
    "fit_applicability",
    "fit_dissimilarity",
    "fit_latent_space",
    "from_arrays",
    "hotelling_limit",
    "jackson_mudholkar_limit",
    "leave_out",
    "left_out_index",
    "matched_limit",
    "range_of",
    "ranked_limit",
    "rejection_curve",
    "samples_ranked",
    "to_arrays",
]
