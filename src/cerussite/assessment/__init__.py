"""How bad, by which standard: indices, guidelines, censored values, health risk."""

from cerussite.assessment.assessing import assess
from cerussite.assessment.background import (
    BackgroundMethod,
    ConcentrationArea,
    CumulativeFrequency,
    IterativeTwoSigma,
    LocalBackground,
    MedianDeviation,
    ReferenceStations,
    local_background,
)
from cerussite.assessment.censored import (
    CensoredDistribution,
    CensoredSummary,
    Estimate,
    LikelihoodFit,
    PooledEstimate,
    impute_below_limits,
    kaplan_meier,
    maximum_likelihood,
    plotting_positions,
    pool_imputations,
    regression_on_order_statistics,
    substitute_limits,
    summarise_censored,
)
from cerussite.assessment.checks import check_background, check_concentrations
from cerussite.assessment.classes import Classes, all_classes, classes_of
from cerussite.assessment.comparing import (
    PROCEDURES,
    Finding,
    comparability,
    element_of,
    refuse_incomparable,
    species_conflicts,
)
from cerussite.assessment.concentrations import Concentrations
from cerussite.assessment.draws import interval_of_draws, probability_above
from cerussite.assessment.ecological import (
    contamination_degree_classes,
    ecological_risk_classes,
    ecological_risk_factor,
    ecological_risk_index,
    toxic_response_factors,
)
from cerussite.assessment.enrichment import (
    ReferencePrediction,
    enrichment_factor,
    modified_pollution_index,
    reference_prediction,
)
from cerussite.assessment.health import (
    Distribution,
    HealthPlan,
    HealthRisk,
    Receptor,
    ToxicityValue,
    dermal_dose,
    draw_receptor,
    health_risk,
    ingestion_dose,
    inhalation_dose,
    inhalation_exposure,
    receptor,
    receptor_names,
    toxicity_value,
)
from cerussite.assessment.indices import (
    contamination_degree,
    contamination_factor,
    geoaccumulation_index,
    modified_contamination_degree,
    pollution_load_index,
)
from cerussite.assessment.own import own_standard, standard_from_table
from cerussite.assessment.packaged import TABLES, constants
from cerussite.assessment.plan import AssessmentPlan
from cerussite.assessment.quotients import (
    guideline_quotient,
    mean_guideline_quotient,
    nemerow_index,
    toxic_risk_index,
)
from cerussite.assessment.result import Assessment
from cerussite.assessment.sets import SetIndex
from cerussite.assessment.shipped import (
    shipped_background,
    shipped_guideline,
    standard_names,
)
from cerussite.assessment.soil_type import soil_type_correction, soil_type_elements
from cerussite.assessment.standards import Limit, Standard

__all__ = [
    "PROCEDURES",
    "TABLES",
    "Assessment",
    "AssessmentPlan",
    "BackgroundMethod",
    "CensoredDistribution",
    "CensoredSummary",
    "Classes",
    "ConcentrationArea",
    "Concentrations",
    "CumulativeFrequency",
    "Distribution",
    "Estimate",
    "Finding",
    "HealthPlan",
    "HealthRisk",
    "IterativeTwoSigma",
    "LikelihoodFit",
    "Limit",
    "LocalBackground",
    "MedianDeviation",
    "PooledEstimate",
    "Receptor",
    "ReferencePrediction",
    "ReferenceStations",
    "SetIndex",
    "Standard",
    "ToxicityValue",
    "all_classes",
    "assess",
    "check_background",
    "check_concentrations",
    "classes_of",
    "comparability",
    "constants",
    "contamination_degree",
    "contamination_degree_classes",
    "contamination_factor",
    "dermal_dose",
    "draw_receptor",
    "ecological_risk_classes",
    "ecological_risk_factor",
    "ecological_risk_index",
    "element_of",
    "enrichment_factor",
    "geoaccumulation_index",
    "guideline_quotient",
    "health_risk",
    "impute_below_limits",
    "ingestion_dose",
    "inhalation_dose",
    "inhalation_exposure",
    "interval_of_draws",
    "kaplan_meier",
    "local_background",
    "maximum_likelihood",
    "mean_guideline_quotient",
    "modified_contamination_degree",
    "modified_pollution_index",
    "nemerow_index",
    "own_standard",
    "plotting_positions",
    "pollution_load_index",
    "pool_imputations",
    "probability_above",
    "receptor",
    "receptor_names",
    "reference_prediction",
    "refuse_incomparable",
    "regression_on_order_statistics",
    "shipped_background",
    "shipped_guideline",
    "soil_type_correction",
    "soil_type_elements",
    "species_conflicts",
    "standard_from_table",
    "standard_names",
    "substitute_limits",
    "summarise_censored",
    "toxic_response_factors",
    "toxic_risk_index",
    "toxicity_value",
]
