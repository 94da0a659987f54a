import numpy as np
from numpy.testing import assert_array_equal
from sklearn.base import clone

from cerussite.studies.floor import CalibrationMean


def test_each_response_has_the_mean_of_its_measured_values():
    y = np.array([[1.0, 10.0], [3.0, np.nan], [5.0, 30.0]])
    X = np.zeros((3, 4))
    predicted = CalibrationMean().fit(X, y, groups=[1, 1, 2]).predict(X[:2])
    assert_array_equal(predicted, [[3.0, 20.0], [3.0, 20.0]])


def test_one_dimension_in_gives_one_dimension_out():
    X = np.zeros((3, 4))
    estimator = clone(CalibrationMean()).fit(X, np.array([1.0, 2.0, 6.0]))
    assert_array_equal(estimator.predict(X), [3.0, 3.0, 3.0])
