"""Where it comes from: receptor models and their errors."""

from cerussite.apportionment.displacing import Displacement, displacement
from cerussite.apportionment.displacing_resamples import (
    DisplacedBootstrap,
    displaced_bootstrap,
)
from cerussite.apportionment.factorisation import (
    Factorisation,
    positive_matrix_factorisation,
)
from cerussite.apportionment.matching import Match, matched_factors
from cerussite.apportionment.number_of_factors import (
    NumberOfFactors,
    suggest_number_of_factors,
)
from cerussite.apportionment.quality import q_expected, q_robust, q_true
from cerussite.apportionment.receptor_data import Category, ReceptorData
from cerussite.apportionment.resampling import (
    Bootstrap,
    bootstrap,
    bootstrap_intervals,
    noise_bootstrap,
)
from cerussite.apportionment.settings import Draws, FitSettings
from cerussite.apportionment.uncertainties import (
    duplicate_error_fractions,
    halved_where_censored,
    limit_uncertainties,
    signal_categories,
    signal_to_noise,
)

__all__ = [
    "Bootstrap",
    "Category",
    "DisplacedBootstrap",
    "Displacement",
    "Draws",
    "Factorisation",
    "FitSettings",
    "Match",
    "NumberOfFactors",
    "ReceptorData",
    "bootstrap",
    "bootstrap_intervals",
    "displaced_bootstrap",
    "displacement",
    "duplicate_error_fractions",
    "halved_where_censored",
    "limit_uncertainties",
    "matched_factors",
    "noise_bootstrap",
    "positive_matrix_factorisation",
    "q_expected",
    "q_robust",
    "q_true",
    "signal_categories",
    "signal_to_noise",
    "suggest_number_of_factors",
]
