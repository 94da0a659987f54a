import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.exceptions import NotFittedError

from cerussite.core.errors import InvalidStudyError
from cerussite.core.spectra import Spectra
from cerussite.explanation import Contrast, Features, explain
from cerussite.models import BoostedTrees, RandomForest


def spectra(n=50, n_bands=60):
    rng = np.random.default_rng(0)
    steps = rng.normal(size=(n, n_bands)).cumsum(axis=1)
    return Spectra(0.5 + 0.01 * steps, 400.0 + 5.0 * np.arange(n_bands), "absorbance")


@pytest.mark.parametrize("transform", ["none", "log"])
@pytest.mark.parametrize("kind", [RandomForest, BoostedTrees])
def test_calibrations_of_trees_add_up_in_their_own_bins(kind, transform):
    X = spectra()
    y = np.exp(X.values[:, [10, 40]])
    size = {"n_trees": 10} if kind is RandomForest else {"rounds": (20,)}
    model = kind(n_bands=12, response_transform=transform, **size).fit(X.values, y)
    found = explain(model, Contrast(X, X.take(range(20)), ["Pb", "Zn"]))
    predicted = model.predict(X.values)
    expected = np.log(predicted) if transform == "log" else predicted
    assert found.scale == transform
    assert found.contributions.shape == (1, 50, 12, 2)
    assert_allclose(found.prediction[0], expected, atol=1e-9)
    assert np.abs(found.residual).max() < 1e-9
    assert "snv_savgol1" in found.note


def test_averaged_logarithms_and_foreign_bins_of_trees_are_refused():
    X = spectra()
    model = RandomForest(n_trees=3, standardise=(False, True), response_transform="log")
    model.fit(X.values, np.exp(X.values[:, 10]))
    with pytest.raises(InvalidStudyError, match="no sum of trees"):
        explain(model, Contrast(X, X, ["Pb"]))
    single = RandomForest(n_trees=3).fit(X.values, X.values[:, 10])
    bins = Features.bins(X.wavelengths, n_bands=5)
    with pytest.raises(InvalidStudyError, match="bins of their own"):
        explain(single, Contrast(X, X, ["Pb"], bins))


def test_a_preprocessing_that_loses_bands_is_refused():
    X = spectra()
    model = RandomForest(n_trees=3, preprocessing="gap1").fit(X.values, X.values[:, 10])
    with pytest.raises(InvalidStudyError, match="leaves 46 of 60 bands"):
        explain(model, Contrast(X, X, ["Pb"]))


def test_unfitted_trees_are_refused():
    X = spectra()
    with pytest.raises(NotFittedError, match="not fitted"):
        explain(BoostedTrees(), Contrast(X, X, ["Pb"]))
