"""Where it comes from: receptor models and their errors."""

from cerussite.apportionment.factorisation import (
    Factorisation,
    positive_matrix_factorisation,
)
from cerussite.apportionment.quality import q_expected, q_robust, q_true
from cerussite.apportionment.receptor_data import Category, ReceptorData
from cerussite.apportionment.settings import FitSettings
from cerussite.apportionment.uncertainties import (
    duplicate_error_fractions,
    halved_where_censored,
    limit_uncertainties,
    signal_categories,
    signal_to_noise,
)

__all__ = [
    "Category",
    "Factorisation",
    "FitSettings",
    "ReceptorData",
    "duplicate_error_fractions",
    "halved_where_censored",
    "limit_uncertainties",
    "positive_matrix_factorisation",
    "q_expected",
    "q_robust",
    "q_true",
    "signal_categories",
    "signal_to_noise",
]
