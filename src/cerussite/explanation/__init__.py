"""
Why a prediction is what it is: attribution by wavelength or covariate.

Gradients of networks live in :mod:`cerussite.explanation.gradients`, which needs
PyTorch and is therefore not imported here.
"""

from cerussite.explanation.absorption import absorption_features, constituents_of
from cerussite.explanation.attribution import Attribution, Profile, joined
from cerussite.explanation.contrast import Contrast
from cerussite.explanation.explain import explain
from cerussite.explanation.features import Features
from cerussite.explanation.linear import LinearMap, LinearTerm, linear_shapley
from cerussite.explanation.replacement import occlusion, permutation_importance
from cerussite.explanation.surrogates import SurrogateTest, surrogate_test
from cerussite.explanation.tables import dependence, profile_table
from cerussite.explanation.transferred import BandComparison, compare_bands
from cerussite.explanation.tree_shapley import TreeMap, TreeTerm, tree_shapley
from cerussite.explanation.trees import Trees

__all__ = [
    "Attribution",
    "BandComparison",
    "Contrast",
    "Features",
    "LinearMap",
    "LinearTerm",
    "Profile",
    "SurrogateTest",
    "TreeMap",
    "TreeTerm",
    "Trees",
    "absorption_features",
    "compare_bands",
    "constituents_of",
    "dependence",
    "explain",
    "joined",
    "linear_shapley",
    "occlusion",
    "permutation_importance",
    "profile_table",
    "surrogate_test",
    "tree_shapley",
]
