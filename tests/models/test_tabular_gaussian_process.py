import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import approx_fprime
from scipy.stats import multivariate_normal
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import Matern

from cerussite.models.tabular import TabularGaussianProcess
from cerussite.models.tabular.base import Rows
from cerussite.models.tabular.gaussian_process import projected_weights
from cerussite.models.tabular.kernels import (
    SharedKernel,
    log_likelihood,
    most_likely_kernel,
)

KERNEL = SharedKernel(
    lengths=np.array([0.8, 2.5]),
    sources=np.array([0, 1, 1]),
    place_length=0.6,
    weights=np.array([0.7, 0.4, 0.2]),
    noise=0.3,
)


def rows(n_samples=15, n_responses=2, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_samples, 5))
    Z = rng.normal(size=(n_samples, n_responses)) + X[:, [0]]
    return Rows(X, Z, np.arange(n_responses))


def test_the_kernel_is_the_sum_of_those_of_scikit_learn():
    X = rows().X
    covariates = Matern(length_scale=[0.8, 2.5, 2.5], nu=2.5)(X[:, :3])
    place = Matern(length_scale=0.6, nu=0.5)(X[:, 3:])
    linear = X[:, :3] @ X[:, :3].T / 3.0
    expected = 1.0 + 0.7 * covariates + 0.4 * place + 0.2 * linear
    assert_allclose(KERNEL(X, X), expected)


def test_the_likelihood_is_that_of_the_normal_density():
    given = rows()
    expected = sum(
        multivariate_normal(np.zeros(15), KERNEL.noisy(given.X)).logpdf(z)
        for z in given.Z.T
    )
    assert log_likelihood(KERNEL, given)[0] == pytest.approx(expected)


def test_the_slope_of_the_likelihood_is_that_of_finite_differences():
    given, vector = rows(), KERNEL.to_vector()
    slow = approx_fprime(vector, lambda v: log_likelihood(KERNEL.at(v), given)[0], 1e-6)
    assert_allclose(log_likelihood(KERNEL, given)[1], slow, rtol=1e-3, atol=1e-4)


def test_the_search_finds_which_covariate_matters():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 2))
    Z = np.sin(2.0 * X[:, [0]]) + 0.1 * rng.normal(size=(120, 1))
    start = SharedKernel(
        np.full(2, 2.8), np.arange(2), 0.2, np.array([0.5, 0.25, 0.1]), 0.25
    )
    parts = [Rows(X, Z / Z.std(), np.array([0]))]
    best = most_likely_kernel(start, parts, n_steps=50)
    assert best.lengths[1] > 5.0 * best.lengths[0]
    assert best.noise == pytest.approx(0.01 / Z.var(), rel=0.5)


def data(n_samples=80):
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(n_samples, 3)), columns=["a", "b", "c"])
    table["easting"], table["northing"] = rng.uniform(0.0, 1e4, (2, n_samples))
    y = np.column_stack([np.sin(table["a"]), table["b"] + 2.0])
    return table, y + 0.1 * rng.normal(size=y.shape)


def process(**options):
    return TabularGaussianProcess(
        **{"n_steps": 15, "response_transform": "none", "estimate": "median"} | options
    )


def test_predictions_are_those_of_scikit_learn_with_the_same_kernel():
    table, y = data()
    fitted = process(logs="none").fit(table[:60], y[:60])
    one = fitted.kernel_

    class Same(Matern):
        def __call__(self, X, Y=None, eval_gradient=False):  # noqa: ARG002
            return one(X, X if Y is None else Y)

        def diag(self, X):
            return np.diag(one(X, X))

    other = GaussianProcessRegressor(Same(), alpha=one.noise, optimizer=None)
    encoded = fitted.encoder_.transform(table)
    mean, scale = y[:60].mean(axis=0), y[:60].std(axis=0)
    other.fit(encoded[:60], (y[:60] - mean) / scale)
    expected = other.predict(encoded[60:]) * scale + mean
    assert_allclose(fitted.predict(table[60:]), expected, atol=1e-4)


def test_responses_measured_on_the_same_rows_share_rows_and_kernel():
    table, y = data()
    y = np.column_stack([y, 3.0 * y[:, 0], y[:, 1]])
    y[:20, 3] = np.nan
    fitted = process().fit(table, y)
    assert sorted(map(len, fitted.rows_)) == [60, 80]
    assert sorted(r.tolist() for r in fitted.responses_) == [[0, 1, 2], [3]]
    predictions = fitted.predict(table)
    assert_allclose(predictions[:, 2], 3.0 * predictions[:, 0])


def test_a_process_projected_on_all_rows_is_the_process():
    given = rows(30)
    exact = np.linalg.solve(KERNEL.noisy(given.X), given.Z)
    found = projected_weights(KERNEL, given.X, given.X, given.Z)
    new = rows(8, seed=1).X
    likeness = KERNEL(new, given.X)
    assert_allclose(likeness @ found, likeness @ exact, rtol=1e-4, atol=1e-4)


def test_above_the_limit_few_rows_stand_for_all():
    table, y = data(300)
    exact = process(likelihood_rows=100).fit(table, y)
    few = process(likelihood_rows=100, exact_rows=100).fit(table, y)
    assert few.rows_[0].shape[0] == 100
    apart = few.predict(table) - exact.predict(table)
    assert np.sqrt(np.square(apart).mean()) < 0.1
    assert_array_equal(few.kernel_.lengths, exact.kernel_.lengths)


def test_a_map_may_be_all_there_is():
    table, _ = data()
    y = np.sin(table["easting"] / 2000.0).to_numpy()
    places = table[["easting", "northing"]]
    fitted = process(coordinates=["easting", "northing"]).fit(places[:60], y[:60])
    errors = fitted.predict(places[60:]) - y[60:]
    assert fitted.encoder_ is None
    assert np.square(errors).mean() < 0.3 * y.var()


def test_degrees_and_metres_of_one_place_give_one_prediction():
    table, y = data()
    degrees = table[["a", "b", "c"]].assign(
        longitude=table["easting"] / 1e5, latitude=table["northing"] / 1e5
    )
    # Near the equator a degree is 111195 m in both directions.
    metres = degrees.assign(
        longitude=111_195.08 * degrees["longitude"],
        latitude=111_195.08 * degrees["latitude"],
    )
    place = ["longitude", "latitude"]
    globe = process(coordinates=place, reference="geographic").fit(degrees, y)
    plane = process(coordinates=place).fit(metres, y)
    assert_allclose(globe.predict(degrees), plane.predict(metres), atol=1e-3)
