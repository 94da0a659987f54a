"""A study file in, a results folder out."""

from cerussite.studies.methods import METHODS, MethodEntry
from cerussite.studies.prediction import predict_table
from cerussite.studies.reading import find_study, read_study, shipped_studies
from cerussite.studies.run import run_study
from cerussite.studies.study import Study

__all__ = [
    "METHODS",
    "MethodEntry",
    "Study",
    "find_study",
    "predict_table",
    "read_study",
    "run_study",
    "shipped_studies",
]
