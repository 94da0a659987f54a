"""Human health: doses, dated toxicity values, receptors and risk (US EPA RAGS)."""

from cerussite.assessment.health.doses import (
    dermal_dose,
    ingestion_dose,
    inhalation_dose,
    inhalation_exposure,
)
from cerussite.assessment.health.exposure import Distribution, draw_receptor
from cerussite.assessment.health.plan import HealthPlan
from cerussite.assessment.health.receptors import Receptor, receptor, receptor_names
from cerussite.assessment.health.result import HealthRisk
from cerussite.assessment.health.risk import health_risk
from cerussite.assessment.health.toxicity import ToxicityValue, toxicity_value

__all__ = [
    "Distribution",
    "HealthPlan",
    "HealthRisk",
    "Receptor",
    "ToxicityValue",
    "dermal_dose",
    "draw_receptor",
    "health_risk",
    "ingestion_dose",
    "inhalation_dose",
    "inhalation_exposure",
    "receptor",
    "receptor_names",
    "toxicity_value",
]
