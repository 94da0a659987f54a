"""
Why a prediction is what it is: attribution by wavelength or covariate.

Gradients of networks live in :mod:`cerussite.explanation.gradients`, which needs
PyTorch and is therefore not imported here.
"""

from cerussite.explanation.attribution import Attribution, Profile, joined
from cerussite.explanation.contrast import Contrast
from cerussite.explanation.explain import explain
from cerussite.explanation.features import Features
from cerussite.explanation.linear import LinearMap, LinearTerm, linear_shapley
from cerussite.explanation.replacement import occlusion, permutation_importance
from cerussite.explanation.trees import TreeMap, Trees, TreeTerm, tree_shapley

__all__ = [
    "Attribution",
    "Contrast",
    "Features",
    "LinearMap",
    "LinearTerm",
    "Profile",
    "TreeMap",
    "TreeTerm",
    "Trees",
    "explain",
    "joined",
    "linear_shapley",
    "occlusion",
    "permutation_importance",
    "tree_shapley",
]
