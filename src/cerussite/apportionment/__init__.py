"""Where it comes from: receptor models and their errors."""

from cerussite.apportionment.constraints import (
    Constrained,
    KnownProfile,
    KnownRatio,
    Zero,
    constrain,
    f_peak,
)
from cerussite.apportionment.displacing import (
    Displacement,
    displacement,
)
from cerussite.apportionment.displacing_resamples import (
    DisplacedBootstrap,
    displaced_bootstrap,
)
from cerussite.apportionment.factorisation import (
    Factorisation,
    positive_matrix_factorisation,
)
from cerussite.apportionment.log_ratios import (
    LogRatioComponents,
    centred_log_ratios,
    log_ratio_components,
)
from cerussite.apportionment.matching import (
    Match,
    matched_factors,
)
from cerussite.apportionment.number_of_factors import (
    NumberOfFactors,
    suggest_number_of_factors,
)
from cerussite.apportionment.origin import (
    Evidence,
    classes_by_markers,
    driver_evidence,
    enrichment_evidence,
    receptor_evidence,
    verdicts,
)
from cerussite.apportionment.principal_components import (
    ScoreRegression,
    score_regression,
    varimax,
)
from cerussite.apportionment.quality import (
    q_expected,
    q_robust,
    q_true,
)
from cerussite.apportionment.receptor_data import (
    Category,
    ReceptorData,
)
from cerussite.apportionment.resampling import (
    Bootstrap,
    bootstrap,
    bootstrap_intervals,
    noise_bootstrap,
)
from cerussite.apportionment.second_opinions import (
    Agreement,
    agreement,
)
from cerussite.apportionment.settings import (
    Draws,
    FitSettings,
)
from cerussite.apportionment.tables import (
    combined_intervals,
    contributions_table,
    diagnostics,
    errors_table,
    explained_variation_table,
    profiles_table,
    shares_of_species,
)
from cerussite.apportionment.uncertainties import (
    duplicate_error_fractions,
    halved_where_censored,
    limit_uncertainties,
    signal_categories,
    signal_to_noise,
)
from cerussite.apportionment.unsampled import (
    SiteContributions,
    site_contributions,
)

__all__ = [
    "Agreement",
    "Bootstrap",
    "Category",
    "Constrained",
    "DisplacedBootstrap",
    "Displacement",
    "Draws",
    "Evidence",
    "Factorisation",
    "FitSettings",
    "KnownProfile",
    "KnownRatio",
    "LogRatioComponents",
    "Match",
    "NumberOfFactors",
    "ReceptorData",
    "ScoreRegression",
    "SiteContributions",
    "Zero",
    "agreement",
    "bootstrap",
    "bootstrap_intervals",
    "centred_log_ratios",
    "classes_by_markers",
    "combined_intervals",
    "constrain",
    "contributions_table",
    "diagnostics",
    "displaced_bootstrap",
    "displacement",
    "driver_evidence",
    "duplicate_error_fractions",
    "enrichment_evidence",
    "errors_table",
    "explained_variation_table",
    "f_peak",
    "halved_where_censored",
    "limit_uncertainties",
    "log_ratio_components",
    "matched_factors",
    "noise_bootstrap",
    "positive_matrix_factorisation",
    "profiles_table",
    "q_expected",
    "q_robust",
    "q_true",
    "receptor_evidence",
    "score_regression",
    "shares_of_species",
    "signal_categories",
    "signal_to_noise",
    "site_contributions",
    "suggest_number_of_factors",
    "varimax",
    "verdicts",
]
