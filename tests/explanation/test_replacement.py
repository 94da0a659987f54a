import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression

from cerussite.core.errors import InvalidStudyError
from cerussite.core.spectra import Spectra
from cerussite.explanation import (
    Contrast,
    Features,
    explain,
    linear_shapley,
    occlusion,
    permutation_importance,
)


def table(n=80):
    rng = np.random.default_rng(0)
    return pd.DataFrame(rng.normal(size=(n, 4)), columns=list("abcd"))


def linear(X, slopes):
    return LinearRegression().fit(X.to_numpy(), X.to_numpy() @ np.array(slopes))


class Product:
    """Two columns that count together alone."""

    def predict(self, X):
        return X[:, 0] * X[:, 1]


def test_occlusion_of_a_linear_model_is_its_shapley_value():
    X = table()
    model = linear(X, [1.0, 2.0, 0.0, -1.0])
    contrast = Contrast(X, X.iloc[:20], ["Pb"])
    found = occlusion(model, contrast)
    assert_allclose(
        found.contributions, linear_shapley(model, contrast).contributions, atol=1e-12
    )
    assert found.relative_residual.max() < 1e-12


def test_occlusion_says_by_how_much_it_does_not_add_up():
    # f = ab at (2, 3) against (1, 1): 6 - 3 and 6 - 2 make 7, the difference is 5.
    X = pd.DataFrame({"a": [2.0], "b": [3.0]})
    background = pd.DataFrame({"a": [1.0], "b": [1.0]})
    found = occlusion(Product(), Contrast(X, background, ["Pb"]))
    assert found.contributions.ravel().tolist() == [3.0, 4.0]
    assert found.residual.ravel().tolist() == [2.0]


def test_any_model_is_explained_by_blocks_of_ten_bands():
    rng = np.random.default_rng(0)
    X = Spectra(rng.random((6, 25)), 400.0 + np.arange(25), "absorbance")
    found = explain(Product(), Contrast(X, X, ["Pb"]))
    assert found.method == "occlusion"
    assert found.contributions.shape == (1, 6, 3, 1)
    assert np.abs(found.contributions[:, :, 1:]).max() == 0.0


def test_permuting_a_column_that_counts_twice_costs_twice_as_much():
    X = table(2000)
    model = linear(X, [1.0, 2.0, 0.0, 0.0])
    y = X.to_numpy() @ np.array([1.0, 2.0, 0.0, 0.0])
    found = permutation_importance(model, Contrast(X, X, ["Pb"]), y, n_repeats=4)
    # Of independent columns with slope b, the error becomes b times the root of 2.
    expected = np.sqrt(2) * np.array([1.0, 2.0, 0.0, 0.0])
    assert_allclose(found.mean[:, 0], expected, atol=0.08)
    assert found.importances.shape == (4, 4, 1)


def test_columns_of_a_group_move_together_and_missing_analyses_are_left_out():
    X = table(400)
    model = linear(X, [1.0, -1.0, 0.0, 0.0])
    X["b"] = X["a"]
    y = np.zeros((400, 1))
    y[::3] = np.nan
    groups = Features.covariates(list(X.columns), groups={"both": ["a", "b"]})
    together = permutation_importance(model, Contrast(X, X, ["Pb"], groups), y)
    apart = permutation_importance(model, Contrast(X, X, ["Pb"]), y)
    assert abs(together.mean[0, 0]) < 1e-9
    assert (apart.mean[:2, 0] > 1.0).all()


def test_unfitted_models_and_things_that_do_not_predict_are_refused():
    X = table()
    with pytest.raises(NotFittedError, match="not fitted"):
        occlusion(LinearRegression(), Contrast(X, X, ["Pb"]))
    with pytest.raises(InvalidStudyError, match="dict has no predict"):
        occlusion({}, Contrast(X, X, ["Pb"]))


def test_no_repeats_or_other_rows_are_refused():
    X = table()
    model = linear(X, [1.0, 0.0, 0.0, 0.0])
    with pytest.raises(InvalidStudyError, match="0 repeats"):
        permutation_importance(model, Contrast(X, X, ["Pb"]), np.zeros(80), n_repeats=0)
    with pytest.raises(InvalidStudyError, match="3 rows of y for 80"):
        permutation_importance(model, Contrast(X, X, ["Pb"]), np.zeros(3))
