"""A study file in, a results folder out."""

from cerussite.studies.cubes import CubeMap, predict_cube
from cerussite.studies.inputs import Reading
from cerussite.studies.methods import METHODS, MethodEntry
from cerussite.studies.prediction import predict, predict_table
from cerussite.studies.reading import find_study, read_study, shipped_studies
from cerussite.studies.run import run_study
from cerussite.studies.study import Study

__all__ = [
    "METHODS",
    "CubeMap",
    "MethodEntry",
    "Reading",
    "Study",
    "find_study",
    "predict",
    "predict_cube",
    "predict_table",
    "read_study",
    "run_study",
    "shipped_studies",
]
