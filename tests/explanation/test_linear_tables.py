import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from cerussite.core.errors import InvalidStudyError
from cerussite.core.spectra import Spectra
from cerussite.explanation import (
    Contrast,
    LinearMap,
    LinearTerm,
    linear_shapley,
)


def spectra(n, n_bands=20, seed=0):
    rng = np.random.default_rng(seed)
    steps = rng.normal(size=(n, n_bands)).cumsum(axis=1)
    wavelengths = 400.0 + 10.0 * np.arange(n_bands)
    return Spectra(0.5 + 0.02 * steps, wavelengths, "absorbance")


def test_logarithms_have_the_integrated_gradients_of_their_exponential():
    slopes = np.array([0.3, -0.2])
    term = LinearTerm(0, slopes, 0.1, weight=2.0, link="exp")
    table = pd.DataFrame({"a": [1.0, 3.0], "b": [2.0, -1.0]})
    background = pd.DataFrame({"a": [0.5], "b": [0.25]})
    found = linear_shapley(LinearMap((term,), 1), Contrast(table, background, ["Pb"]))
    along = (np.arange(20_000) + 0.5) / 20_000
    moved = table.to_numpy() - background.to_numpy()
    for row in range(2):
        path = background.to_numpy() + along[:, np.newaxis] * moved[row]
        gradient = 2.0 * np.exp(path @ slopes + 0.1).mean() * slopes
        assert_allclose(
            found.contributions[0, row, :, 0], gradient * moved[row], rtol=1e-8
        )


@given(shift=st.floats(-5, 5), factor=st.floats(0.1, 10))
def test_scaling_a_model_scales_its_contributions_and_a_shift_changes_none(
    shift, factor
):
    table = pd.DataFrame({"a": [1.0, 2.0, 4.0], "b": [0.0, 1.0, 0.5]})
    first = LinearMap((LinearTerm(0, np.array([1.0, -2.0]), 0.0),), 1)
    other = LinearMap(
        (LinearTerm(0, np.array([1.0, -2.0]), shift / factor, weight=factor),), 1
    )
    contrast = Contrast(table, table, ["Pb"])
    assert_allclose(
        linear_shapley(other, contrast).contributions,
        factor * linear_shapley(first, contrast).contributions,
        atol=1e-12,
    )


def test_a_pipeline_of_a_scaler_and_a_ridge_is_read_from_its_predictions():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(30, 3)), columns=["a", "b", "c"])
    model = make_pipeline(StandardScaler(), Ridge()).fit(table, table["a"] - table["c"])
    scaler, ridge = model[0], model[1]
    found = linear_shapley(_Bare(model), Contrast(table, table, ["Pb"]))
    expected = (table - table.mean()).to_numpy() * ridge.coef_ / scaler.scale_
    assert_allclose(found.contributions[0, :, :, 0], expected, atol=1e-9)


class _Bare:
    """A pipeline that is given arrays without names."""

    def __init__(self, model):
        self.model = model

    def predict(self, X):
        return self.model.predict(pd.DataFrame(X, columns=["a", "b", "c"]))


def test_tables_with_other_columns_or_next_to_spectra_are_refused():
    table = pd.DataFrame({"a": [1.0], "b": [2.0]})
    with pytest.raises(InvalidStudyError, match=r"expected \['a', 'b'\]"):
        Contrast(table, table[["b", "a"]], ["Pb"])
    with pytest.raises(InvalidStudyError, match="both Spectra or both DataFrame"):
        Contrast(table, spectra(3), ["Pb"])


def test_missing_covariates_are_refused():
    table = pd.DataFrame({"a": [1.0, np.nan]})
    with pytest.raises(InvalidStudyError, match="'a' holds missing"):
        linear_shapley(LinearMap((), 1), Contrast(table, table, ["Pb"]))
